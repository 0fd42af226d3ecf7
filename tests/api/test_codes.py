"""`/api/codes` over a real database: a scan by a kiosk, a hospital's system, a doctor."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response

from minkang.api import Callers, Door, fhir_application
from minkang.api.codes import CodesDoor, codes_application
from minkang.api.codes_pace import CallerPace
from minkang.app.web import dispatched
from minkang.crypto import Keys
from minkang.fhir import reference
from minkang.identity import Resident
from minkang.identity.codes import change_code, issue_code
from minkang.identity.codes.scan import Scanner
from minkang.policy import Gate
from minkang.store import Change, write
from tests.api.conftest import Bearer
from tests.identity.codes.people import NOW, People

SCAN, SHOW = "/api/codes/scan", "/api/codes/show"


class Scene:
    """A resident with a code and records at MK1 and MK2, and everybody who scans."""

    people: People
    client: AsyncClient
    who: Resident
    resident: dict[str, str]
    doctor: dict[str, str]
    kiosk: dict[str, str]
    far: dict[str, str]

    async def shown(self, **sent: Any) -> str:
        answer = await self.client.post(SHOW, json=sent, headers=self.resident)
        assert answer.status_code == 200, answer.text
        code: str = answer.json()["code"]
        return code

    async def scan(self, by: dict[str, str], code: Any, **more: Any) -> Response:
        return await self.client.post(SCAN, json={"code": code, **more}, headers=by)


def codes_door(gate: Gate, people: People, per_minute: int = 100_000) -> CodesDoor:
    scanner = Scanner(gate, people.keys, people.held, people.validity)
    return CodesDoor(scanner=scanner, callers=Callers(), pace=CallerPace(per_minute))


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("no door of these tests")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(gate: Gate, keys: Keys, door: Door, bearer: Bearer) -> AsyncIterator[Scene]:
    made = Scene()
    made.people = people = People(gate.store, keys, gate.log)
    made.who = who = await people.born("王小禾")
    await issue_code(gate.store, gate.log, who, by=None, now=NOW)
    made.resident = await bearer("resident", person=who.person)
    made.doctor = await bearer("doctor", organisation="MK2")
    made.kiosk = await bearer("system", organisation="MK1")
    made.far = await bearer("system", organisation="MK2")
    (patient,) = who.patients
    fact = {
        "resourceType": "Observation",
        "id": f"{patient}-glucose",
        "status": "final",
        "code": {"text": "葡萄糖"},
        "subject": reference("Patient", patient),
        "effectiveDateTime": "2026-10-05T08:00:00+08:00",
        "valueQuantity": {"value": 5.55, "unit": "mmol/L"},
    }
    async with gate.store.pool.acquire() as connection, connection.transaction():
        await write(gate.store, connection, [Change(fact, "MK1")])
    served = dispatched(
        nothing,
        {"fhir": fhir_application(door), "api": codes_application(codes_door(gate, people))},
        nothing,
    )
    transport = ASGITransport(served)
    async with AsyncClient(transport=transport, base_url="http://minkang.test") as client:
        made.client = client
        yield made


def rule(answer: Response) -> str:
    """The rule that an OperationOutcome names."""
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome"
    text: str = told["issue"][0]["diagnostics"]
    return text.rpartition("[")[2].rstrip("]")


async def test_a_doctors_scan_opens_the_linked_record(scene: Scene) -> None:
    (patient,) = scene.who.patients
    asked = f"/fhir/Observation?patient={patient}"
    before = await scene.client.get(asked, headers=scene.doctor)
    assert before.status_code == 403
    answer = await scene.scan(scene.doctor, await scene.shown())
    assert answer.status_code == 200
    told = answer.json()
    assert (told["person"], told["name"]) == (scene.who.person, "王小禾")
    assert (told["form"], told["present"], told["consent"]) == ("token", True, True)
    assert (told["activated"], told["visit"]) == (True, None)
    assert told["sees"]["allowed"]
    assert told["sees"]["patients"] == [f"Patient/{patient}"]
    after = await scene.client.get(asked, headers=scene.doctor)
    assert [one["resource"]["id"] for one in after.json()["entry"]] == [f"{patient}-glucose"]


async def test_a_kiosk_gets_a_visit_that_its_institutions_doctor_uses_once(
    scene: Scene, bearer: Bearer
) -> None:
    own = await bearer("doctor", organisation="MK1")
    told = (await scene.scan(scene.kiosk, await scene.shown())).json()
    assert (told["activated"], told["consent"]) == (False, True)
    (patient,) = scene.who.patients
    assert told["sees"] == {
        "allowed": True,
        "reason": "own-organisation",
        "patients": [f"Patient/{patient}"],
    }
    visit = told["visit"]["code"]
    assert (await scene.scan(scene.doctor, visit)).status_code == 403
    assert (await scene.scan(own, visit)).json()["activated"]
    assert rule(await scene.scan(own, visit)) == "code-stale"


async def test_another_institution_sees_the_person_and_no_patient_of_others(scene: Scene) -> None:
    told = (await scene.scan(scene.far, await scene.shown())).json()
    assert told["sees"]["patients"] == []
    assert (told["name"], told["masked"]) == ("王小禾", False)
    static = (await scene.scan(scene.far, scene.who.code)).json()
    assert (static["form"], static["present"], static["activated"]) == ("number", False, False)
    assert (static["name"], static["masked"], static["birth_date"]) == (
        "王**",
        True,
        scene.who.birth_date[:4],
    )
    assert static["visit"] is None


async def test_no_answer_holds_the_id_number(scene: Scene) -> None:
    number = scene.who.id_number
    assert len(number) == 18
    for by in (scene.doctor, scene.kiosk, scene.far):
        assert number not in (await scene.scan(by, await scene.shown())).text


async def test_looking_alone_uses_nothing_up(scene: Scene) -> None:
    code = await scene.shown()
    for _ in range(2):
        looked = (await scene.scan(scene.kiosk, code, use=False)).json()
        assert (looked["present"], looked["visit"]) == (True, None)
    assert (await scene.scan(scene.kiosk, code)).json()["visit"]
    assert rule(await scene.scan(scene.kiosk, code)) == "code-stale"


async def test_what_does_not_count_is_told_alike(scene: Scene) -> None:
    people = scene.people
    other = await people.born("停用者")
    await issue_code(people.store, people.log, other, by=None, now=NOW)
    await change_code(people.store, people.log, other, "freeze", by=None, now=NOW)
    code = await scene.shown()
    changed = code[:50] + ("A" if code[50] != "A" else "B") + code[51:]
    answers = [
        await scene.scan(scene.far, text) for text in (other.code, changed, "9" * 16, "X1234567")
    ]
    assert [one.status_code for one in answers] == [403] * 4
    assert len({one.content for one in answers}) == 1
    assert rule(answers[0]) == "code-invalid"


async def test_topics_are_confirmed_with_the_code(scene: Scene) -> None:
    wrong = await scene.scan(scene.doctor, await scene.shown(), topics=["dental"])
    assert (wrong.status_code, rule(wrong)) == (400, "topic-unknown")
    right = await scene.scan(scene.doctor, await scene.shown(), topics=["mental"])
    assert right.json()["activated"]
    kept = await scene.people.store.pool.fetchval(
        "select topics from policy.presented where person = $1 order by at desc limit 1",
        scene.who.person,
    )
    assert kept == ["mental"]


@pytest.mark.parametrize(
    "sent",
    [b"", b"[]", b"{}", b'{"code": 5}', b'{"code": "1", "use": "yes"}', b'{"code": ""}', b"{",
     b'{"code": "1", "topics": "mental"}', b'{"code": "1", "issuer": []}', b'"x"', b"\xff"],
)  # fmt: skip
async def test_a_body_that_is_none_is_refused_by_rule(sent: bytes, scene: Scene) -> None:
    answer = await scene.client.post(SCAN, content=sent, headers=scene.kiosk)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_who_may_not_scan_is_refused(scene: Scene, bearer: Bearer) -> None:
    code = await scene.shown()
    nobody = await scene.scan({}, code)
    assert (nobody.status_code, rule(nobody)) == (401, "no-log-in")
    assert nobody.headers["www-authenticate"] == "Bearer"
    cookie = await scene.scan({"cookie": "session=x"}, code)
    assert cookie.status_code == 401
    for by in (scene.resident, await bearer("researcher", organisation="MK1")):
        answer = await scene.scan(by, code)
        assert (answer.status_code, rule(answer)) == (403, "forbidden")
    assert (await scene.scan(scene.kiosk, code)).status_code == 200


async def test_only_the_owner_and_a_guardian_show_a_code(scene: Scene, bearer: Bearer) -> None:
    stranger = await scene.people.born("江小帆")
    theirs = await bearer("resident", person=stranger.person)
    for by, sent in (
        (theirs, {"person": scene.who.person}),
        (theirs, {"person": "nobody"}),
        (scene.doctor, {"person": scene.who.person}),
    ):
        answer = await scene.client.post(SHOW, json=sent, headers=by)
        assert answer.status_code == 403
        assert rule(answer) == "forbidden"
    none = await scene.client.post(SHOW, json={}, headers=theirs)
    assert (none.status_code, rule(none)) == (409, "no-code")


async def test_addresses_and_methods_that_are_none(scene: Scene) -> None:
    for path in ("/api", "/api/codes", "/api/codes/x", "/api/other"):
        answer = await scene.client.post(path, json={}, headers=scene.kiosk)
        assert (answer.status_code, rule(answer)) == (404, "no-address")
    answer = await scene.client.get(SCAN, headers=scene.kiosk)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    long = await scene.scan(scene.kiosk, "A" * 20_000)
    assert long.status_code == 413


async def test_a_caller_that_scans_too_fast_waits(gate: Gate, scene: Scene) -> None:
    application = codes_application(codes_door(gate, scene.people, per_minute=8))
    transport = ASGITransport(application)
    async with AsyncClient(transport=transport, base_url="http://minkang.test") as client:
        answers = [
            await client.post(SCAN, json={"code": scene.who.code}, headers=scene.kiosk)
            for _ in range(4)
        ]
        other = await client.post(SCAN, json={"code": scene.who.code}, headers=scene.far)
    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert rule(answers[-1]) == "too-fast"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert other.status_code == 200


async def test_every_scan_is_written_down_before_it_is_answered(scene: Scene) -> None:
    people = scene.people
    who = await people.born("留痕")
    await issue_code(people.store, people.log, who, by=None, now=NOW)
    answer = await scene.scan(scene.far, who.code)
    assert answer.status_code == 200
    told = await people.entries(who.person, "scan-code")
    assert told == [(True, "code-resolved", "number:good")]
    assert len(await people.entries(who.person, "read-api")) == 1


async def test_a_withdrawn_consent_activates_nothing(scene: Scene) -> None:
    people = scene.people
    count = "select count(*) from policy.presented where person = $1"
    before = await people.store.pool.fetchval(count, scene.who.person)
    await people.decide(scene.who, "withdraw")
    told = (await scene.scan(scene.doctor, await scene.shown())).json()
    assert (told["consent"], told["activated"]) == (False, False)
    kiosk = (await scene.scan(scene.kiosk, await scene.shown())).json()
    assert (kiosk["consent"], kiosk["visit"]) == (False, None)
    assert await people.store.pool.fetchval(count, scene.who.person) == before
