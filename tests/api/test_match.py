"""`Patient/$match`: whom a caller's patient may be, and how much of that it is told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.audit import looks_at
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Change, Scope, Store, write
from tests.api.asked import ids, refused
from tests.api.conftest import FHIR, Bearer

HUI, LAN = "11010519491231002X", "110105199003070113"
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
MASKED = "MASKED"


def registered(resource_id: str, number: str, name: str, **more: Any) -> Resource:
    return {
        "resourceType": "Patient",
        "id": resource_id,
        "identifier": [{"system": ID_CARD_SYSTEM, "value": number}],
        "name": [{"text": name}],
        "gender": "male" if int(number[16]) % 2 else "female",
        "birthDate": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        **more,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def residents(store: Store, keys: Keys) -> AsyncIterator[None]:
    """Ouyang Hui at both institutions; Wei Lan at MK2 alone; two of one name and day at MK1, of
    whom no more is known; somebody whose very record is closed."""
    phone = [{"system": "phone", "value": "13800001234"}]
    bare: Resource = {
        "resourceType": "Patient",
        "name": [{"text": "上官云飞"}],
        "gender": "male",
        "birthDate": "1988-08-08",
        "telecom": phone,
    }
    closed = registered("closed2", "440303200001010014", "司马青衫", meta={"security": [LABEL]})
    changes = [
        Change(registered("hui1", HUI, "欧阳慧"), "MK1"),
        Change(registered("hui2", HUI, "欧阳慧", telecom=phone), "MK2"),
        Change(registered("lan2", LAN, "韦岚"), "MK2"),
        Change(closed, "MK2"),
        Change({**bare, "id": "fei1"}, "MK1"),
        Change({**bare, "id": "fei2", "telecom": []}, "MK2"),
    ]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, changes)
    while await follow(store, keys):
        pass
    yield


def whom(number: str, name: str, **more: Any) -> Resource:
    made = registered("x", number, name, **more)
    del made["id"]
    return made


async def matched(
    client: AsyncClient, patient: Resource, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    kinds = {"onlyCertainMatches": "valueBoolean", "count": "valueInteger"}
    others = [{"name": name, kinds[name]: value} for name, value in more.items()]
    asked = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": patient}, *others],
    }
    return await client.post("Patient/$match", json=asked, headers=headers)


def entries(answer: Response) -> list[tuple[Resource, str, float]]:
    """Patient, grade and score of each match."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["resourceType"], body["type"]) == ("Bundle", "searchset")
    assert body["total"] == len(body.get("entry", []))
    found = []
    for one in body.get("entry", []):
        (grade,) = one["search"]["extension"]
        assert grade["url"] == "http://hl7.org/fhir/StructureDefinition/match-grade"
        assert one["fullUrl"].endswith(f"/Patient/{one['resource']['id']}")
        found.append((one["resource"], grade["valueCode"], one["search"]["score"]))
    return found


def is_masked(patient: Resource) -> bool:
    return MASKED in [one["code"] for one in patient.get("meta", {}).get("security", [])]


async def test_the_own_patient_comes_as_it_is(system: AsyncClient) -> None:
    ((patient, grade, score),) = entries(await matched(system, whom(HUI, "欧阳慧")))
    assert (patient["id"], grade) == ("hui1", "certain")
    assert 0.99 < score <= 1
    assert patient["name"] == [{"text": "欧阳慧"}]
    assert not is_masked(patient)


async def test_whom_another_institution_knows_comes_masked(system: AsyncClient) -> None:
    answer = await matched(system, whom(LAN, "韦岚"))
    ((patient, grade, _),) = entries(answer)
    assert grade == "certain"
    assert is_masked(patient)
    assert patient["name"] == [{"text": "韦*"}]
    assert LAN not in answer.text
    assert "1990-03-07" not in answer.text


async def test_the_patient_alone_is_a_question_too(system: AsyncClient) -> None:
    answer = await system.post("Patient/$match", json=whom(HUI, "欧阳慧"))
    assert ids(answer) == ["hui1"]


async def test_a_wrong_digit_still_leads_to_a_candidate(system: AsyncClient) -> None:
    typed = whom(HUI, "欧阳慧")
    typed["identifier"] = [{"system": ID_CARD_SYSTEM, "value": "11010519491231003X"}]
    found = entries(await matched(system, typed))
    assert [one["id"] for one, _, _ in found] == ["hui1"]
    assert found[0][1] in ("certain", "probable", "possible")


async def test_without_a_number_two_of_one_name_and_day_are_no_certain_match(
    system: AsyncClient,
) -> None:
    asked: Resource = {
        "resourceType": "Patient",
        "name": [{"text": "上官云飞"}],
        "gender": "male",
        "birthDate": "1988-08-08",
    }
    found = entries(await matched(system, asked))
    assert "certain" not in [grade for _, grade, _ in found]
    assert entries(await matched(system, asked, onlyCertainMatches=True)) == []


async def test_only_certain_and_count_narrow(system: AsyncClient) -> None:
    asked = whom(HUI, "欧阳慧")
    assert [one["id"] for one, _, _ in entries(
        await matched(system, asked, onlyCertainMatches=True, count=1)
    )] == ["hui1"]  # fmt: skip
    refused(await matched(system, asked, count=0), 400, "value")


async def test_nobody_fits_and_closed_records_are_an_empty_answer(system: AsyncClient) -> None:
    nobody = whom("110105199003070172", "诸葛无人")
    assert entries(await matched(system, nobody)) == []
    assert entries(await matched(system, whom("440303200001010014", "司马青衫"))) == []


async def test_too_little_or_malformed_is_refused(system: AsyncClient) -> None:
    refused(await matched(system, {"resourceType": "Patient", "gender": "male"}), 400, "required")
    wrong: Resource = {"resourceType": "Patient", "gender": "man"}
    assert (await matched(system, wrong)).status_code == 422
    for body in ({"resourceType": "Parameters"}, {"resourceType": "Observation"}):
        assert (await system.post("Patient/$match", json=body)).status_code == 400
    assert (await system.get("Patient/$match")).status_code == 405
    text = {"content-type": "text/plain"}
    assert (await system.post("Patient/$match", content="x", headers=text)).status_code == 415


@pytest.mark.parametrize("role", ["doctor", "nurse"])
async def test_a_clinician_finds_as_on_the_page_masked(
    client: AsyncClient, bearer: Bearer, role: str
) -> None:
    headers = {**await bearer(role, organisation="MK1"), **FHIR}
    ((patient, grade, _),) = entries(await matched(client, whom(HUI, "欧阳慧"), headers))
    assert (grade, is_masked(patient)) == ("certain", True)
    assert patient["name"] == [{"text": "欧阳*"}]


@pytest.mark.parametrize("role", ["resident", "researcher", "planner", "cdc"])
async def test_who_may_not_look_for_residents_gets_no_match(
    client: AsyncClient, bearer: Bearer, store: Store, role: str
) -> None:
    known = await resident_of_patient(store, Scope.whole(), "lan2")
    assert known is not None
    more = {"person": known.person} if role == "resident" else {"organisation": "MK1"}
    headers = {**await bearer(role, **more), **FHIR}
    answers = [
        await matched(client, whom(number, name), headers)
        for number, name in ((HUI, "欧阳慧"), ("110105199003070172", "诸葛无人"))
    ]
    refused(answers[0], 403, "forbidden")
    assert answers[0].json() == answers[1].json()


async def test_nobody_without_a_token(client: AsyncClient) -> None:
    refused(await matched(client, whom(HUI, "欧阳慧"), FHIR), 401, "login")


async def test_whom_a_match_named_can_find_it(system: AsyncClient, store: Store) -> None:
    before = datetime.now(UTC)
    await matched(system, whom(LAN, "韦岚"))
    known = await resident_of_patient(store, Scope.whole(), "lan2")
    assert known is not None
    looks = await looks_at(store.pool, known.person, limit=5)
    assert any(one.at >= before and one.organisation == "MK1" for one in looks)
