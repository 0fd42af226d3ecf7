"""`Patient/$ihe-pix`: what a caller learns of the other numbers of a resident whom it knows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.accounts import issue_token
from minkang.api import Door
from minkang.audit import looks_at
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import CODE_SYSTEM, follow, resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Change, Scope, Store, write
from tests.api.asked import refused
from tests.api.conftest import BASE, FHIR

ONE, TWO = "urn:example:mk1", "urn:example:mk2"
NUMBER, LONELY, SHARED = "11010519491231002X", "110105196003070019", "440303200001010014"
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
WHOLE = Scope.whole()

Given = list[tuple[str, str | int | float | bool | None]]


def person(resource_id: str, system: str, number: str, **more: Any) -> Resource:
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return {
        "resourceType": "Patient",
        "id": resource_id,
        "identifier": [
            {"system": system, "value": resource_id},
            {"system": ID_CARD_SYSTEM, "value": number},
        ],
        "name": [{"text": "欧阳慧"}],
        "gender": "male" if int(number[16]) % 2 else "female",
        "birthDate": born,
        **more,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def residents(store: Store, keys: Keys) -> AsyncIterator[None]:
    """Ouyang Hui known to both institutions, to one of them in secret too; somebody to MK2 alone;
    a number on two people, whose sexes differ."""
    hidden = person("hui9", "urn:example:closed", NUMBER, meta={"security": [LABEL]})
    other = person("odd2", TWO, SHARED, gender="female")
    async with store.pool.acquire() as connection, connection.transaction():
        await write(
            store,
            connection,
            [
                Change(person("hui1", ONE, NUMBER), "MK1"),
                Change(person("hui2", TWO, NUMBER), "MK2"),
                Change(person("hui3", TWO, NUMBER, active=False), "MK2"),
                Change(hidden, "MK2"),
                Change(person("only2", TWO, LONELY), "MK2"),
                Change(person("odd1", ONE, SHARED), "MK1"),
                Change({**other, "name": [{"text": "赵小妹"}]}, "MK1"),
            ],
        )
    while await follow(store, keys):
        pass
    yield


def told(answer: Response) -> tuple[set[tuple[str, str]], set[str]]:
    """The numbers and the Patients in an answer."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["resourceType"] == "Parameters"
    numbers, ids = set(), set()
    for one in body.get("parameter", []):
        if one["name"] == "targetIdentifier":
            number = one["valueIdentifier"]
            numbers.add((number["system"], number["value"]))
        else:
            assert one["name"] == "targetId"
            ids.add(one["valueReference"]["reference"])
    return numbers, ids


async def pix(client: AsyncClient, source: str, *targets: str, **more: Any) -> Response:
    given: Given = [("sourceIdentifier", source), *(("targetSystem", one) for one in targets)]
    return await client.get("Patient/$ihe-pix", params=given, **more)


async def code_of(store: Store, patient: str) -> str:
    found = await resident_of_patient(store, WHOLE, patient)
    assert found is not None
    return found.code


async def test_an_own_number_leads_to_the_others_but_not_to_itself(
    system: AsyncClient, store: Store
) -> None:
    numbers, ids = told(await pix(system, f"{ONE}|hui1"))
    code = (CODE_SYSTEM, await code_of(store, "hui1"))
    assert numbers == {code, (ID_CARD_SYSTEM, NUMBER), (TWO, "hui2")}
    assert ids == {"Patient/hui1", "Patient/hui2"}


async def test_what_was_merged_away_and_what_is_sensitive_is_not_told(system: AsyncClient) -> None:
    numbers, ids = told(await pix(system, f"{ID_CARD_SYSTEM}|{NUMBER}"))
    assert not {value for _, value in numbers} & {"hui3", "hui9"}
    assert not ids & {"Patient/hui3", "Patient/hui9"}


async def test_target_systems_choose(system: AsyncClient) -> None:
    numbers, ids = told(await pix(system, f"{ONE}|hui1", TWO))
    assert (numbers, ids) == ({(TWO, "hui2")}, {"Patient/hui2"})
    numbers, _ = told(await pix(system, f"{ONE}|hui1", TWO, ID_CARD_SYSTEM))
    assert numbers == {(TWO, "hui2"), (ID_CARD_SYSTEM, NUMBER)}
    numbers, ids = told(await pix(system, f"{ONE}|hui1", BASE))
    assert (numbers, ids) == (set(), {"Patient/hui1", "Patient/hui2"})


async def test_the_health_code_and_the_logical_id_are_numbers_too(
    system: AsyncClient, store: Store
) -> None:
    code = await code_of(store, "hui1")
    numbers, _ = told(await pix(system, f"{CODE_SYSTEM}|{code}"))
    assert numbers == {(ID_CARD_SYSTEM, NUMBER), (ONE, "hui1"), (TWO, "hui2")}
    _, ids = told(await pix(system, f"{BASE}|Patient/hui1"))
    assert ids == {"Patient/hui2"}


async def test_by_post_the_number_stays_out_of_the_address(system: AsyncClient) -> None:
    asked = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "sourceIdentifier", "valueString": f"{ONE}|hui1"},
            {"name": "targetSystem", "valueUri": TWO},
        ],
    }
    numbers, _ = told(await system.post("Patient/$ihe-pix", json=asked))
    assert numbers == {(TWO, "hui2")}


async def test_refusals_are_those_of_the_profile(system: AsyncClient) -> None:
    issue = refused(await pix(system, "urn:example:nowhere|1"), 400, "code-invalid")
    assert issue["diagnostics"] == "sourceIdentifier Assigning Authority not found"
    issue = refused(await pix(system, f"{ONE}|nobody"), 404, "not-found")
    assert issue["diagnostics"] == "sourceIdentifier Patient Identifier not found"
    issue = refused(await pix(system, f"{ONE}|hui1", "urn:example:nowhere"), 403, "code-invalid")
    assert issue["diagnostics"] == "targetSystem not found"
    for wrong in ("hui1", f"{ONE}|", "|hui1", ""):
        assert (await pix(system, wrong)).status_code == 400
    assert (await system.get("Patient/$ihe-pix")).status_code == 400
    twice: Given = [("sourceIdentifier", f"{ONE}|hui1"), ("sourceIdentifier", f"{ONE}|hui1")]
    assert (await system.get("Patient/$ihe-pix", params=twice)).status_code == 400


async def test_whom_an_institution_does_not_know_it_learns_nothing_of(
    system: AsyncClient, store: Store
) -> None:
    """The same answer as for a number that nobody has."""
    missing = await pix(system, f"{TWO}|nobody")
    for number in (
        f"{TWO}|only2",
        f"{ID_CARD_SYSTEM}|{LONELY}",
        f"{CODE_SYSTEM}|{await code_of(store, 'only2')}",
        f"{BASE}|Patient/only2",
        f"{TWO}|hui2",
    ):
        answer = await pix(system, number)
        assert (answer.status_code, answer.json()) == (404, missing.json()), number


async def test_a_number_on_two_people_is_refused(system: AsyncClient) -> None:
    refused(await pix(system, f"{ID_CARD_SYSTEM}|{SHARED}"), 409, "multiple-matches")


async def test_whom_the_answer_named_can_find_it_in_the_log(
    system: AsyncClient, store: Store
) -> None:
    found = await resident_of_patient(store, WHOLE, "hui1")
    assert found is not None
    before = datetime.now(UTC)
    await pix(system, f"{ONE}|hui1")
    looks = await looks_at(store.pool, found.person, limit=5)
    assert any(one.at >= before and one.role == "system" for one in looks)


@pytest.mark.parametrize("role", ["doctor", "resident", "researcher", "planner"])
async def test_people_without_a_right_learn_no_more_than_that(
    door: Door, keys: Keys, client: AsyncClient, store: Store, role: str
) -> None:
    other = await resident_of_patient(store, WHOLE, "only2")
    assert other is not None
    more: dict[str, Any] = (
        {"person": other.person} if role == "resident" else {"organisation": "MK1"}
    )
    issued = await issue_token(
        store.pool, keys, door.gate.log, role=role, now=datetime.now(UTC), **more
    )
    headers = {"Authorization": f"Bearer {issued.token}", **FHIR}
    known = await pix(client, f"{TWO}|hui2", headers=headers)
    unknown = await pix(client, f"{TWO}|nobody", headers=headers)
    assert (known.status_code, known.json()) == (403, unknown.json())
    assert "hui" not in known.text


async def test_residents_learn_their_own_numbers(
    door: Door, keys: Keys, client: AsyncClient, store: Store
) -> None:
    own = await resident_of_patient(store, WHOLE, "hui1")
    assert own is not None
    issued = await issue_token(
        store.pool, keys, door.gate.log, role="resident", now=datetime.now(UTC), person=own.person
    )
    headers = {"Authorization": f"Bearer {issued.token}"}
    numbers, ids = told(await pix(client, f"{ID_CARD_SYSTEM}|{NUMBER}", headers=headers))
    assert {(ONE, "hui1"), (TWO, "hui2")} <= numbers
    assert "Patient/hui9" in ids
