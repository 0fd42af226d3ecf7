"""The door for messages: kept before they are answered, refused with place and rule."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response

from minkang.api.exchange import exchange_application
from minkang.api.exchange_door import ExchangeDoor
from minkang.api.limits import Limits
from minkang.crypto import Keys
from minkang.exchange import Inbox, Source, process_waiting, save_source
from minkang.exchange.credentials import issue_credential
from minkang.exchange.hl7v2 import frame
from minkang.exchange.known import KnownSources
from minkang.exchange.pace import Pace
from minkang.exchange.reconciliation import ask_again
from minkang.fhir import encode
from minkang.fhir.validate import validate
from minkang.store import Store, open_pool, open_store
from tests.exchange.fhir_mapped import bundle, entry, patient, result
from tests.exchange.messages import adt

NAME = "gangwan"
LIMIT = 200_000
FHIR = {"content-type": "application/fhir+json"}
HL7 = {"content-type": "application/hl7-v2; charset=utf-8"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(store: Store, keys: Keys) -> AsyncIterator[ExchangeDoor]:
    inbox = Inbox(store)
    yield ExchangeDoor(
        store=store,
        keys=keys,
        inbox=inbox,
        known=KnownSources(store.pool),
        pace=Pace(),
        limits=Limits(body=LIMIT, seconds=0.5),
    )
    await inbox.close()


@pytest_asyncio.fixture(loop_scope="session")
async def secret(door: ExchangeDoor) -> str:
    """A credential of the source, which is registered anew."""
    return await registered(door)


async def registered(door: ExchangeDoor, name: str = NAME, **more: Any) -> str:
    source = Source(
        id=name,
        name="港湾医院",
        organisation="MKGANGWAN",
        **{"channels": ("fhir", "document", "mllp"), **more},
    )
    async with door.store.pool.acquire() as connection:
        await save_source(connection, source)
        given, _ = await issue_credential(connection, door.keys, name, "his", datetime.now(UTC))
    await door.known.refresh()
    return given


@pytest_asyncio.fixture(loop_scope="session")
async def client(door: ExchangeDoor, secret: str) -> AsyncIterator[AsyncClient]:
    async with calling(door, {"authorization": f"Bearer {secret}"}) as made:
        yield made


def calling(door: ExchangeDoor, headers: dict[str, str], **more: Any) -> AsyncClient:
    transport = ASGITransport(exchange_application(door), **more)
    return AsyncClient(transport=transport, base_url="http://x/exchange", headers=headers)


def issues(answer: Response) -> list[dict[str, Any]]:
    outcome = answer.json()
    assert validate(outcome) == []
    found: list[dict[str, Any]] = outcome["issue"]
    return found


async def state(door: ExchangeDoor, answer: Response) -> str:
    number = int(answer.headers["location"].rpartition("/")[2])
    return str(
        await door.store.pool.fetchval("select state from exchange.message where id = $1", number)
    )


async def test_a_bundle_is_kept_then_stored_and_its_sender_can_see_what_became_of_it(
    door: ExchangeDoor, client: AsyncClient
) -> None:
    raw = encode(bundle(entry(patient()), entry(result("R1")), identifier={"value": "M1"}))
    answer = await client.post(f"/{NAME}", content=raw, headers=FHIR)
    assert answer.status_code == 202
    (first,) = issues(answer)
    assert first["details"]["coding"][0]["code"] == "waiting"
    assert await state(door, answer) == "waiting"
    again = await client.post(f"/{NAME}", content=raw, headers=FHIR)
    assert (again.status_code, again.headers["location"]) == (200, answer.headers["location"])
    assert [one["code"] for one in issues(again)[0]["details"]["coding"]] == ["waiting", "repeated"]
    while (await process_waiting(door.store, door.keys)).messages:
        pass
    told = (await client.get(answer.headers["location"].removeprefix("/exchange"))).json()
    assert validate(told) == []
    values = {one["name"]: one for one in told["parameter"]}
    assert values["state"]["valueCode"] == "stored"
    assert values["control-id"]["valueString"] == "M1"
    made = [
        one["valueReference"]["reference"] for one in told["parameter"] if one["name"] == "made"
    ]
    assert [one.partition("/")[0] for one in made] == ["Observation", "Patient"]


async def test_what_is_wrong_is_kept_in_quarantine_and_told_with_place_and_rule(
    door: ExchangeDoor, client: AsyncClient
) -> None:
    raw = encode(bundle(entry(patient()), entry(patient("P2", birthDate="2026-02-30"))))
    answer = await client.post(f"/{NAME}", content=raw, headers=FHIR)
    assert answer.status_code == 422
    kept, wrong = issues(answer)
    assert "已隔离" in kept["diagnostics"]
    assert wrong["expression"] == ["Bundle.entry[1].resource.birthDate"]
    assert "[calendar-date]" in wrong["diagnostics"]
    assert await state(door, answer) == "quarantined"


async def test_other_bodies_go_by_their_own_channels(
    door: ExchangeDoor, client: AsyncClient
) -> None:
    answer = await client.post(f"/{NAME}", content=adt(sender="else"), headers=HL7)
    assert (answer.status_code, b"MSA|AA|c1" in answer.content) == (202, True)
    assert answer.headers["content-type"].startswith("application/hl7-v2")
    again = await client.post(f"/{NAME}", content=adt(sender="else"), headers=HL7)
    assert (again.status_code, b"MSA|AA|c1" in again.content) == (200, True)
    framed = frame(adt(control="framed", visit="FRAMED"))
    answer = await client.post(f"/{NAME}", content=framed, headers=HL7)
    assert (answer.status_code, b"MSA|AA|framed" in answer.content) == (202, True)
    answer = await client.post(f"/{NAME}", content=b"hello", headers=HL7)
    assert (answer.status_code, b"MSA|AR" in answer.content) == (422, True)
    assert await state(door, answer) == "quarantined"
    xml = {"content-type": "text/xml; charset=gb2312"}
    answer = await client.post(f"/{NAME}", content=b"<a/>", headers=xml)
    assert (answer.status_code, "[unknown-document]" in answer.text) == (422, True)
    lines = b"\n".join(map(encode, (patient("L1"), patient("L2", gender="m"), patient("L3"))))
    ndjson = {"content-type": "application/x-ndjson"}
    answer = await client.post(f"/{NAME}", content=lines, headers=ndjson)
    assert answer.status_code == 422
    assert "3 条已保存，其中 1 条已隔离" in issues(answer)[0]["diagnostics"]
    assert issues(answer)[1]["diagnostics"].startswith("第 2 行")


async def test_only_with_a_credential_of_the_source(door: ExchangeDoor, secret: str) -> None:
    basic = base64.b64encode(f"{NAME}:{secret}".encode()).decode()
    other = await registered(door, "beigang")
    tries = {
        f"Bearer {secret}": 200,
        f"Basic {basic}": 200,
        "": 401,
        "Bearer": 401,
        f"Bearer {other}": 401,
        f"Bearer {secret}x": 401,
        "Basic !": 401,
        f"Basic {base64.b64encode(f'beigang:{secret}'.encode()).decode()}": 401,
    }
    for given, status in tries.items():
        async with calling(door, {"authorization": given} if given else {}) as client:
            answer = await client.get(f"/{NAME}/status")
            assert answer.status_code == status, given
            assert (await client.get("/nowhere/status")).status_code == 401


async def test_what_a_source_may_not_do_is_told_with_its_rule(door: ExchangeDoor) -> None:
    cases: dict[str, dict[str, Any]] = {
        "source-disabled": {"enabled": False},
        "wrong-address": {"addresses": ("10.1.2.0/24",)},
        "wrong-channel": {"channels": ("document",)},
    }
    for rule, more in cases.items():
        headers = {"authorization": f"Bearer {await registered(door, 'barred', **more)}"}
        # What a header says of the address counts for nothing.
        headers["x-forwarded-for"] = "10.1.2.3"
        async with calling(door, headers, client=("127.0.0.1", 1)) as client:
            answer = await client.post("/barred", content=encode(patient()), headers=FHIR)
        assert (answer.status_code, f"[{rule}]" in answer.text) == (403, True), rule
    await registered(door, "barred", addresses=("10.1.2.0/24",))
    async with calling(door, headers, client=("::ffff:10.1.2.3", 1)) as client:
        assert (await client.get("/barred/status")).status_code == 200


async def test_too_many_messages_are_told_to_come_later(door: ExchangeDoor) -> None:
    given = await registered(door, "quick", messages_per_minute=2)
    async with calling(door, {"authorization": f"Bearer {given}"}) as client:
        answers = [
            await client.post("/quick", content=encode(patient(f"Q{n}")), headers=FHIR)
            for n in range(3)
        ]
        assert [one.status_code for one in answers] == [202, 202, 429]
        assert 1 <= int(answers[2].headers["retry-after"]) <= 30
        assert (await client.get("/quick/status")).status_code == 200


async def test_of_a_source_on_trial_everything_is_judged_and_nothing_stored(
    door: ExchangeDoor,
) -> None:
    given = await registered(door, "newone", stage="trial")
    async with calling(door, {"authorization": f"Bearer {given}"}) as client:
        for gender, status in (("male", 202), ("m", 422)):
            raw = encode(patient(gender=gender))
            answer = await client.post("/newone", content=raw, headers=FHIR)
            assert (answer.status_code, await state(door, answer)) == (status, "trial")


async def test_a_heartbeat_is_noted(client: AsyncClient) -> None:
    before = (await client.get(f"/{NAME}/status")).json()
    assert (before["last_heartbeat"], before["channels"]) == (None, ["fhir", "document", "mllp"])
    after = (await client.post(f"/{NAME}/heartbeat")).json()
    assert after["last_heartbeat"] is not None


async def test_own_figures_are_compared_and_what_is_missing_asked_for(
    door: ExchangeDoor, client: AsyncClient
) -> None:
    line = {"day": "2026-05-01", "type": "visits", "count": 1, "items": ["V77"]}
    json = {"content-type": "application/json"}
    answer = await client.post(f"/{NAME}/counts", content=encode([line]), headers=json)
    assert (answer.status_code, answer.json()["lines"]) == (200, 1)
    (compared,) = answer.json()["compared"]
    assert (compared["day"], compared["kind"]) == ("2026-05-01", "visits")
    wrong = encode([{**line, "day": "2026-02-30"}])
    answer = await client.post(f"/{NAME}/counts", content=wrong, headers=json)
    assert (answer.status_code, "[counts-day]" in answer.text) == (422, True)
    async with door.store.pool.acquire() as connection:
        await ask_again(connection, NAME, date(2026, 5, 1), "visits", by="xinxi")
    (asked,) = (await client.get(f"/{NAME}/resends")).json()["requests"]
    assert (asked["numbers"], asked["state"]) == (["V77"], "answered")


async def test_nobody_sees_the_messages_of_others(door: ExchangeDoor, client: AsyncClient) -> None:
    answer = await client.post(f"/{NAME}", content=encode(patient("S1")), headers=FHIR)
    number = answer.headers["location"].rpartition("/")[2]
    other = await registered(door, "beigang")
    async with calling(door, {"authorization": f"Bearer {other}"}) as stranger:
        assert (await stranger.get(f"/beigang/messages/{number}")).status_code == 404
    for wrong in ("0", "x", "9" * 30, "٣"):
        assert (await client.get(f"/{NAME}/messages/{wrong}")).status_code == 404


HOSTILE: dict[str, tuple[dict[str, str], bytes, int]] = {
    "nothing": (FHIR, b" ", 400),
    "no type": ({}, b"{}", 415),
    "another type": ({"content-type": "image/png"}, b"{}", 415),
    "fhir as xml": ({"content-type": "application/fhir+xml"}, b"<Patient/>", 415),
    "another encoding": ({"content-type": "application/json; charset=gbk"}, b"{}", 415),
    "too long": (FHIR, b" " * (LIMIT + 1), 413),
    "bomb": ({**FHIR, "content-encoding": "gzip"}, gzip.compress(b"[" * 10_000_000), 413),
    "no gzip": ({**FHIR, "content-encoding": "gzip"}, b"{}", 400),
    "unknown packing": ({**FHIR, "content-encoding": "br"}, b"{}", 415),
    "headers": ({**FHIR, "x-a": "a" * 40_000}, b"{}", 431),
    "gb18030": (FHIR, '{"a":"海"}'.encode("gb18030"), 422),
    "deep": (FHIR, b"[" * 100_000, 422),
    "twice": (FHIR, b'{"resourceType":"Patient","id":"a","id":"b"}', 422),
    "nul": (FHIR, b'{"resourceType":"Patient","id":"a\\u0000"}', 422),
    "half": (FHIR, b'{"resourceType":"Patient","id":"\\ud800"}', 422),
    "entities": ({"content-type": "text/xml"}, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 422),
    "zeros": (HL7, b"\0" * 100, 422),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_bodies_are_refused(client: AsyncClient, name: str) -> None:
    headers, body, status = HOSTILE[name]
    answer = await client.post(f"/{NAME}", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert (await client.get(f"/{NAME}/status")).status_code == 200


async def test_addresses_that_are_none(client: AsyncClient) -> None:
    wanted = {
        ("GET", f"/{NAME}"): 405,
        ("DELETE", f"/{NAME}/status"): 405,
        ("GET", f"/{NAME}/elsewhere"): 404,
        ("GET", f"/{NAME}/messages"): 404,
        ("GET", f"/{NAME}/messages/1/2"): 404,
        ("GET", ""): 404,
        ("GET", "/%ff"): 400,
        ("GET", "/" + "a" * 10_000): 414,
    }
    for (method, path), status in wanted.items():
        assert (await client.request(method, path)).status_code == status, (method, path[:50])


Parts = Callable[[], Awaitable[Any]]


async def asked(door: ExchangeDoor, secret: str, receive: Parts) -> list[Any]:
    """What is sent back when the body comes by `receive`."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {secret}".encode()), (b"content-type", b"text/json")]
    scope = {"method": "POST", "path": f"/exchange/{NAME}", "query_string": b"", "headers": headers}
    await exchange_application(door)(scope, receive, send)
    return sent


async def test_who_sends_slowly_or_goes_away_holds_up_nobody(
    door: ExchangeDoor, secret: str
) -> None:
    async def slowly() -> Any:
        await asyncio.sleep(0.1)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    before = await door.store.pool.fetchval("select count(*) from exchange.message")
    assert (await asked(door, secret, slowly))[0]["status"] == 408
    assert (await asked(door, secret, gone))[0]["status"] == 400
    assert await door.store.pool.fetchval("select count(*) from exchange.message") == before


async def test_nothing_is_accepted_that_could_not_be_kept(
    database_url: str, keys: Keys, door: ExchangeDoor, secret: str
) -> None:
    pool = await open_pool(database_url, maximum=2)
    inbox = Inbox(await open_store(pool, keys))
    await pool.close()
    broken = msgspec.structs.replace(door, inbox=inbox)
    async with calling(broken, {"authorization": f"Bearer {secret}"}) as client:
        answer = await client.post(f"/{NAME}", content=encode(patient("N1")), headers=FHIR)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        answer = await client.post(f"/{NAME}", content=adt(control="N2"), headers=HL7)
        assert (answer.status_code, b"unavailable" in answer.content) == (503, True)
    await inbox.close()
