"""A Patient that the FHIR base has taken is linked when the answer comes: nobody follows here."""

import asyncio
from functools import partial
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient

from minkang.api import Door
from minkang.crypto import Keys
from minkang.identity.online import link_written
from minkang.store import Store
from minkang.store.group_commit import GroupCommit
from tests.identity.linking import linked, links, number, patient

_BIRTH = "1958-09-10"
_NUMBER = number(_BIRTH, "female", 2)


@pytest.fixture(scope="module")
def door(door: Door, store: Store, keys: Keys) -> Door:
    """The base as the platform runs it, with Patients linked as they are written."""
    registrations = GroupCommit(store, partial(link_written, store, keys))
    return msgspec.structs.replace(door, registrations=registrations)


def woman(resource_id: str, **said: Any) -> dict[str, Any]:
    """A registration of one woman."""
    return patient(resource_id, "南宫雪", _BIRTH, id_number=_NUMBER, **said)


async def test_two_institutions_registrations_are_one_person_when_the_second_is_answered(
    system: AsyncClient, other: AsyncClient, store: Store
) -> None:
    made = await system.post("/Patient", json=woman("ignored"))
    assert made.status_code == 201
    first = made.json()["id"]
    assert set(await links(store)) == {first}
    assert (await other.put("/Patient/o-1", json=woman("o-1"))).status_code == 201
    found = await links(store)
    assert found[first] == found["o-1"]
    # Its source takes it back: another number, and then the whole registration.
    somebody = patient("o-1", "宇文泰", "1944-01-02", "male")
    assert (await other.put("/Patient/o-1", json=somebody)).status_code == 200
    found = await links(store)
    assert found[first] != found["o-1"]
    assert (await other.delete("/Patient/o-1")).status_code == 204
    assert set(await links(store)) == {first}


async def test_a_conditional_update_and_a_transaction_link_as_well(
    system: AsyncClient, store: Store
) -> None:
    """The identity feed of IHE PIXm (ITI-104) is a conditional update."""
    identifier = "urn:example:card|A-17"
    one = woman("fed", identifier=[{"system": "urn:example:card", "value": "A-17"}])
    fed = await system.put("/Patient", params={"identifier": identifier}, json=one)
    assert fed.status_code == 201
    entries = [
        (woman("t-1"), "Patient/t-1"),
        (
            {
                "resourceType": "Encounter",
                "id": "t-e",
                "status": "finished",
                "class": {"code": "AMB"},
                "subject": {"reference": "Patient/t-1"},
            },
            "Encounter/t-e",
        ),
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": resource, "request": {"method": "PUT", "url": url}}
            for resource, url in entries
        ],
    }
    assert (await system.post("", json=bundle)).status_code == 200
    found = await links(store)
    assert {"fed", "t-1"} <= set(found)
    numbered = {one for one in found if one != "fed"}
    assert len({found[one] for one in numbered}) == 1


async def test_a_transaction_with_a_person_leaves_its_patients_to_the_change_feed(
    system: AsyncClient, store: Store, keys: Keys
) -> None:
    """Whoever matches may wait for that Person: to wait for its turn as well would be a circle."""
    entries = [
        {"resource": woman("p-1"), "request": {"method": "PUT", "url": "Patient/p-1"}},
        {
            "resource": {"resourceType": "Person", "id": "p-own", "active": True},
            "request": {"method": "PUT", "url": "Person/p-own"},
        },
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert (await system.post("", json=bundle)).status_code == 200
    assert "p-1" not in await links(store)
    await linked(store, keys)
    found = await links(store)
    assert found["p-1"] == found["t-1"]


async def test_a_transaction_that_is_refused_leaves_no_link(
    system: AsyncClient, store: Store
) -> None:
    before = await links(store)
    entries = [
        {"resource": woman("r-1"), "request": {"method": "PUT", "url": "Patient/r-1"}},
        {
            "resource": {"resourceType": "Encounter", "id": "r-e", "status": "no-such"},
            "request": {"method": "PUT", "url": "Encounter/r-e"},
        },
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert (await system.post("", json=bundle)).status_code == 422
    assert await links(store) == before
    kept = await store.pool.fetchval("select count(*) from identity.feature where patient = 'r-1'")
    assert kept == 0


async def test_many_at_once_are_one_person(
    system: AsyncClient, other: AsyncClient, store: Store
) -> None:
    birth = "1966-07-08"
    same = {"name": "东方朔", "birth_date": birth, "id_number": number(birth, "female", 5)}
    answers = await asyncio.gather(
        *(
            (system if at % 2 else other).put(f"/Patient/m-{at}", json=patient(f"m-{at}", **same))
            for at in range(24)
        )
    )
    assert {one.status_code for one in answers} == {201}
    found = await links(store)
    assert len({found[f"m-{at}"] for at in range(24)}) == 1
