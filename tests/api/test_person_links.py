"""A Person tells a caller of those Patients alone that it may know of; how it is followed."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response

from minkang.accounts import issue_token
from minkang.api import Door, fhir_application
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import CODE_SYSTEM, follow, resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.policy.consent import ConsentChange, change_consent
from minkang.policy.consent_record import Sharing
from minkang.store import Change, Scope, Store, write
from tests.api.asked import ids, links, patient, refused
from tests.api.conftest import BASE, FHIR, Bearer

NUMBER, OTHER = "110105199003070033", "110105199003070113"
WHOLE = Scope.whole()


def known_as(resource_id: str, number: str = NUMBER, **more: Any) -> Resource:
    identified = {"identifier": [{"system": ID_CARD_SYSTEM, "value": number}]}
    gender = "male" if int(number[16]) % 2 else "female"
    said: dict[str, Any] = {"birthDate": "1990-03-07", "gender": gender, "name": [{"text": "孙立"}]}
    return patient(resource_id, **{**said, **identified, **more})


async def put(store: Store, keys: Keys, *changes: Change) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, list(changes))
    while await follow(store, keys):
        pass


async def person_of(store: Store, patient_id: str) -> str:
    found = await resident_of_patient(store, WHOLE, patient_id)
    assert found is not None
    return found.person


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def residents(store: Store, keys: Keys, door: Door) -> AsyncIterator[None]:
    """Sun Li is known to MK1, where he was yesterday, to MK2, which his consent leaves out, and to
    MK9."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    visit = {
        "resourceType": "Encounter",
        "id": "visit",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/sun1"},
        "period": {"start": yesterday},
    }
    await put(
        store,
        keys,
        Change(known_as("sun1"), "MK1"),
        Change(known_as("sun2"), "MK2"),
        Change(known_as("sun9"), "MK9"),
        Change(visit, "MK1"),
    )
    found = await resident_of_patient(store, WHOLE, "sun1")
    assert found is not None
    assert found.patients == {"sun1", "sun2", "sun9"}
    wanted = ConsentChange(
        person=found.person,
        patients=found.patients,
        kind="give",
        sharing=Sharing(without_sources=frozenset({"MK2"})),
    )
    await change_consent(store, door.gate.log, wanted, by=None, now=datetime.now(UTC))
    yield


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(door: Door, bearer: Bearer) -> AsyncIterator[AsyncClient]:
    headers = await bearer("doctor", organisation="MK1")
    transport = ASGITransport(fhir_application(door))
    async with AsyncClient(transport=transport, base_url=BASE, headers=headers) as made:
        yield made


def targets(person: dict[str, Any]) -> set[str]:
    return {one["target"]["reference"] for one in person.get("link", [])}


def persons(answer: Response) -> list[dict[str, Any]]:
    """The Persons in an answer."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    every: Iterable[dict[str, Any]] = (
        [one.get("resource", {}) for one in body.get("entry", [])]
        if body["resourceType"] == "Bundle"
        else [body]
    )
    return [one for one in every if one.get("resourceType") == "Person"]


@pytest.mark.parametrize(
    "path",
    [
        "Person/{person}",
        "Person/{person}/_history/1",
        "Person/{person}/_history",
        "Person?patient=sun1",
        "Patient?_id=sun1&_revinclude=Person:patient",
        "Patient/sun1/Person",
        "Patient/sun1/*",
        "Patient/sun1/$everything",
    ],
)
async def test_a_link_to_what_the_consent_leaves_out_is_not_told(
    doctor: AsyncClient, store: Store, path: str
) -> None:
    found = persons(await doctor.get(path.format(person=await person_of(store, "sun1"))))
    assert found
    for one in found:
        assert targets(one) == {"Patient/sun1", "Patient/sun9"}


async def test_residents_and_an_open_base_see_every_link(
    door: Door, keys: Keys, client: AsyncClient, store: Store
) -> None:
    person = await person_of(store, "sun1")
    issued = await issue_token(
        store.pool, keys, door.gate.log, role="resident", now=datetime.now(UTC), person=person
    )
    headers = {"Authorization": f"Bearer {issued.token}"}
    (own,) = persons(await client.get(f"Person/{person}", headers=headers))
    assert targets(own) == {"Patient/sun1", "Patient/sun2", "Patient/sun9"}


async def test_the_doctor_does_not_find_the_person_by_the_hidden_patient(
    doctor: AsyncClient,
) -> None:
    refused(await doctor.get("Person?patient=sun2"), 403, "forbidden")
    refused(await doctor.get("Person?patient=sun1&link=Patient/sun2"), 403, "forbidden")
    for patient_id, found in (("sun9", 1), ("sun2", 0)):
        chained = await doctor.get(f"Person?patient=sun1&patient._id={patient_id}")
        assert len(ids(chained)) == found
    asked = "Patient?_id=sun1&_has:Person:patient:link=Patient/sun2"
    refused(await doctor.get(asked), 403, "forbidden")


@pytest_asyncio.fixture(loop_scope="session")
async def region(gate: Any, keys: Keys, door: Door) -> AsyncIterator[AsyncClient]:
    """A system that may read Persons: here by a base that stands open to its own machine."""
    opened = msgspec.structs.replace(door, open=True)
    transport = ASGITransport(fhir_application(opened))
    async with AsyncClient(transport=transport, base_url=BASE, headers=FHIR) as made:
        yield made


async def test_persons_are_found_by_number_code_and_patient(
    region: AsyncClient, store: Store
) -> None:
    found = await resident_of_patient(store, WHOLE, "sun1")
    assert found is not None
    for query in (
        f"identifier={ID_CARD_SYSTEM}|{NUMBER}",
        f"identifier={CODE_SYSTEM}|{found.code}",
        "patient=sun2",
        "patient=Patient/sun9",
        "link=Patient/sun1",
        f"patient.identifier={ID_CARD_SYSTEM}|{NUMBER}",
    ):
        assert ids(await region.get(f"Person?{query}")) == [found.person], query
    by_patient = await region.get("Patient?_id=sun1&_revinclude=Person:patient")
    assert ids(by_patient, "include") == [found.person]


async def test_a_change_of_links_is_found_by_time_and_in_the_history(
    region: AsyncClient, store: Store, keys: Keys
) -> None:
    await put(store, keys, Change(known_as("zhou1", OTHER), "MK1"))
    before = datetime.now(UTC)
    await put(store, keys, Change(known_as("zhou2", OTHER), "MK2"))
    person = await person_of(store, "zhou1")
    since = before.isoformat().replace("+00:00", "Z")
    assert ids(await region.get("Person", params={"_lastUpdated": f"gt{since}"})) == [person]
    (latest,) = persons(await region.get("Person/_history", params={"_since": since}))
    assert targets(latest) == {"Patient/zhou1", "Patient/zhou2"}
    versions = persons(await region.get(f"Person/{person}/_history"))
    assert [len(targets(one)) for one in versions] == [2, 1]


async def test_an_institution_follows_the_links_of_those_it_knows_and_of_nobody_else(
    system: AsyncClient, store: Store, keys: Keys
) -> None:
    """Page by page, from where it stopped: Sun, Zhou; the merged Person's end; nothing of Wu."""
    before = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    wu = "110105199003070172"
    await put(store, keys, Change(known_as("wu2", wu, address=[{"text": "石桥街1号"}]), "MK2"))
    mine = "11010519900307021X"
    await put(store, keys, Change(known_as("zheng1", mine, birthDate="1990-03-08"), "MK1"))
    apart = await person_of(store, "zheng1")
    await put(store, keys, Change(known_as("zheng2", mine), "MK2"))
    phone = [{"system": "phone", "value": "13900000000"}]
    await put(store, keys, Change(known_as("zheng1", mine, telecom=phone), "MK1"))
    together = await person_of(store, "zheng1")
    found, path = [], f"Person/$link-changes?_since={before}&_count=1"
    while path:
        answer = await system.get(path)
        assert answer.status_code == 200, answer.text
        found += answer.json().get("entry", [])
        path = links(answer).get("next", "")
    said = [one["resource"] for one in found if "resource" in one]
    assert "wu2" not in str(found)
    assert "13900000000" not in str(found)
    assert {one["id"] for one in said} == {apart, together}
    latest = next(one for one in said if one["id"] == together)
    assert targets(latest) == {"Patient/zheng1", "Patient/zheng2"}
    assert {one["system"] for one in latest["identifier"]} == {CODE_SYSTEM, ID_CARD_SYSTEM}
    assert set(latest) == {"resourceType", "id", "meta", "identifier", "link"}
    ended = [one["fullUrl"] for one in found if one["request"]["method"] == "DELETE"]
    assert ended == ([f"{BASE}/Person/{apart}"] if apart != together else [])


async def test_following_links_is_for_systems(doctor: AsyncClient, system: AsyncClient) -> None:
    refused(await doctor.get("Person/$link-changes"), 403, "forbidden")
    refused(await system.get("Person/$link-changes?_elements=id"), 400, "not-supported")
    assert (await system.get("Person/$link-changes?_since=then")).status_code == 400
