"""`POST /api/launch`: whom a hospital's system may name, and what it is told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import Response

from minkang.accounts import account_by_login, issue_token
from minkang.crypto import Keys
from minkang.identity import resident
from minkang.identity.codes import current_code, issue_code, show
from minkang.policy.consent import ConsentChange, change_consent
from minkang.policy.launch_systems import (
    LaunchSystem,
    LaunchSystemRefused,
    end_launch_system,
    keep_launch_system,
    launch_system,
)
from minkang.store import Change, Scope, Store, write
from tests.api.smart_flow import code_for, code_form, registered
from tests.web.launching import DOCTOR, HIS, Hospital, allow, hospital
from tests.web.small_region import Someone

NUMBERS = "urn:minkang:source:mk1:patient"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def his(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Hospital]:
    async with hospital(store, keys, tmp_path_factory.mktemp("launch")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def who(his: Hospital) -> Someone:
    """A resident whom MK1 calls P001, and MK2 P900."""
    one = await his.region.born("何小燕", visit=True)
    await numbered(his, one, 0, "MK1", "P001")
    await numbered(his, one, 1, "MK2", "P900")
    return one


async def numbered(his: Hospital, one: Someone, place: int, source: str, number: str) -> None:
    system = NUMBERS if source == "MK1" else "urn:minkang:source:mk2:patient"
    patient = {
        "resourceType": "Patient",
        "id": one.patients[place],
        "identifier": [{"system": system, "value": number}],
        "name": [{"text": one.name}],
    }
    async with his.web.store.pool.acquire() as connection, connection.transaction():
        await write(his.web.store, connection, [Change(patient, source)])


def rule(answer: Response) -> str:
    """The rule that an OperationOutcome names."""
    text: str = answer.json()["issue"][0]["diagnostics"]
    return text.rpartition("[")[2].rstrip("]")


async def person_of(his: Hospital, answer: Response) -> str:
    """The Person of a launch."""
    found: str = await his.web.store.pool.fetchval(
        "select person from policy.launch where id = $1::text::uuid", answer.json()["launch"]
    )
    return found


async def test_a_patient_is_named_by_the_systems_own_number(his: Hospital, who: Someone) -> None:
    for way in (
        {"local": "P001"},
        {"identifier": f"{NUMBERS}|P001"},
        {"reference": f"Patient/{who.patients[0]}"},
        {"id_number": who.number},
    ):
        answer = await his.asked(who, patient=way)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert set(told) == {"url", "launch", "expires", "session_minutes"}
        assert await person_of(his, answer) == who.person
        for secret in (who.person, who.number, who.name, "P001"):
            assert secret not in answer.text


async def test_a_wrong_number_is_told_and_a_wrong_identity_card_is_not(
    his: Hospital, who: Someone
) -> None:
    for way in (
        {"local": "P404"},
        {"identifier": "urn:minkang:source:mk2:patient|P900"},  # not of its own institutions
        {"reference": "Patient/none"},
    ):
        answer = await his.asked(who, patient=way)
        assert (answer.status_code, rule(answer)) == (422, "patient-unknown"), way
    answer = await his.asked(who, patient={"id_number": "110101199003074258"})
    assert answer.status_code == 201
    nobody = await person_of(his, answer)
    assert nobody.startswith("none-")
    async with his.browser(referer=f"{HIS}/") as client:
        opened = await client.get(answer.json()["url"])
        page = await client.get(opened.headers["location"])
    assert page.status_code == 403
    assert "暂时不能打开这份档案" in page.text


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"institution": "MK2"}, 403, "institution"),
        ({"institution": ""}, 403, "institution"),
        ({"practitioner": "nobody"}, 422, "practitioner-unknown"),
        ({"practitioner": "10087"}, 422, "practitioner-unknown"),  # of MK3
        ({"practitioner": ""}, 422, "practitioner-unknown"),
        ({"patient": {}}, 400, "patient"),
        ({"patient": {"local": "P001", "reference": "Patient/x"}}, 400, "patient"),
        ({"patient": {"identifier": "P001"}}, 400, "patient"),
        ({"patient": {"code": "MK1:nonsense"}}, 403, "code-invalid"),
        ({"patient": {"name": "何小燕"}}, 400, "body"),
        ({"purpose": "curiosity"}, 400, "body"),
        ({"practitioner": 7}, 400, "body"),
        ({"role": "doctor"}, 400, "body"),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_rule(
    his: Hospital, who: Someone, changed: dict[str, Any], status: int, said: str
) -> None:
    answer = await his.asked(who, **changed)
    assert (answer.status_code, rule(answer)) == (status, said)


async def test_a_shown_code_activates_the_consent_for_this_practitioner(his: Hospital) -> None:
    one = await his.region.born("许小静")
    store, log, now = his.web.store, his.web.gate.log, datetime.now(UTC)
    known = await resident(store, Scope.whole(), one.person)
    assert known is not None
    await store.pool.execute(
        "insert into identity.person (id, code) values ($1, $2)", one.person, one.code
    )
    wanted = ConsentChange(person=one.person, patients=known.patients, kind="give")
    await change_consent(store, log, wanted, by=None, now=now)
    await issue_code(store, log, known, by=None, now=now)
    code = await current_code(store.pool, one.person)
    assert code is not None
    scanner = his.web.scanner
    shown = await show(
        store, scanner.keys, scanner.held, code.id, now=now, validity=scanner.validity
    )
    before = await his.asked(one, patient={"id_number": one.number})
    async with his.browser(referer=f"{HIS}/") as client:
        shut = await client.get((await client.get(before.json()["url"])).headers["location"])
        assert shut.status_code == 403
        answer = await his.asked(one, patient={"code": shown.text})
        assert answer.status_code == 201, answer.text
        page = await client.get((await client.get(answer.json()["url"])).headers["location"])
    assert page.status_code == 200
    assert "7.77" in page.text
    again = await his.asked(one, patient={"code": shown.text})
    assert (again.status_code, rule(again)) == (403, "stale-code")


async def test_who_is_no_registered_system_makes_no_link(his: Hospital, who: Someone) -> None:
    pool, keys, log = his.web.store.pool, his.web.keys, his.web.gate.log
    sent = {
        "institution": "MK1",
        "practitioner": DOCTOR,
        "patient": {"reference": f"Patient/{who.patients[0]}"},
    }

    async def asked(headers: dict[str, str]) -> Response:
        async with his.browser() as client:
            return await client.post("/api/launch", json=sent, headers=headers)

    assert rule(await asked({})) == "no-log-in"
    assert rule(await asked({"authorization": "Bearer none"})) == "no-log-in"
    for role, said in (("system", "no-frames"), ("doctor", "forbidden")):
        token = await issue_token(
            pool, keys, log, role=role, now=datetime.now(UTC), organisation="MK1"
        )
        answer = await asked({"authorization": f"Bearer {token.token}"})
        assert (answer.status_code, rule(answer)) == (403, said)
    async with his.browser() as client:
        assert (await client.get("/api/launch", headers=his.bearer)).status_code == 405
        assert (await client.post("/api/launch/x", headers=his.bearer)).status_code == 404


async def test_an_app_that_a_clinician_let_in_launches_for_its_patient(
    his: Hospital, who: Someone
) -> None:
    web = his.web
    app = await registered(
        web.gate, name="门诊工作站", redirects=("https://app.example/back",),
        scopes=("launch", "openid", "patient/*.rs"),
    )  # fmt: skip
    doctor = await account_by_login(web.store.pool, "yisheng")
    assert doctor is not None
    code = await code_for(web.gate, web.keys, app, doctor, "launch patient/*.rs", about=who.person)
    async with his.browser() as client:
        given = (await client.post("/oauth/token", data=code_form(app, code))).json()
        headers = {"authorization": f"Bearer {given['access_token']}"}
        answer = await client.post("/api/launch", json={}, headers=headers)
        assert (answer.status_code, rule(answer)) == (403, "no-frames")
        await allow(his, client=app.id)
        for wrong in ({"patient": {"local": "P001"}}, {"practitioner": "10087"}):
            refused = await client.post("/api/launch", json=wrong, headers=headers)
            assert (refused.status_code, rule(refused)) == (400, "body")
        answer = await client.post("/api/launch", json={"visit": "O-9"}, headers=headers)
        assert answer.status_code == 201, answer.text
        opened = await client.get(answer.json()["url"], headers={"referer": f"{HIS}/"})
        page = await client.get(opened.headers["location"])
    assert page.status_code == 200
    assert who.name in page.text
    assert "门诊工作站" in page.text
    look = (await his.entries("open-record", who.person))[-1]
    assert (look["account"], look["detail"]["app"]) == (doctor.id, app.id)


SYSTEM = LaunchSystem(
    client="none", name="", organisation="MK1", institutions=("MK1",), origins=(HIS,)
)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"origins": ()}, "origins"),
        ({"origins": ("*",)}, "origin"),
        ({"origins": ("https://*.example",)}, "origin"),
        ({"origins": ("https://his.example/",)}, "origin"),
        ({"origins": ("http://his.example",)}, "origin"),
        ({"origins": ("https://his.example; script-src *",)}, "origin"),
        ({"origins": ("https://HIS.example",)}, "origin"),
        ({"institutions": ()}, "institutions"),
        ({"issuer": "x" * 300}, "issuer"),
    ],
)
async def test_only_exact_origins_may_hold_a_frame(
    his: Hospital, changed: dict[str, Any], code: str
) -> None:
    given = msgspec.structs.replace(SYSTEM, **changed)
    with pytest.raises(LaunchSystemRefused) as refused:
        await keep_launch_system(his.web.store.pool, his.web.gate.log, given, now=datetime.now(UTC))
    assert refused.value.code == code


async def test_a_system_without_registered_app_is_none_and_can_be_ended(his: Hospital) -> None:
    pool, log, now = his.web.store.pool, his.web.gate.log, datetime.now(UTC)
    await keep_launch_system(pool, log, SYSTEM, now=now)
    assert await launch_system(pool, "none", now=now) is None
    doctor = await account_by_login(pool, "yisheng")
    assert doctor is not None
    await end_launch_system(pool, log, "none", now=now, by=doctor)
    with pytest.raises(LaunchSystemRefused):
        await end_launch_system(pool, log, "none", now=now, by=doctor)
