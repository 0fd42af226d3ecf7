"""Registrations as sources send them, linked as the platform links them."""

from typing import Any

from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.identity.grouping import pair_of
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.review_list import Line, line_of
from minkang.store import Change, Scope, Store, write

WHOLE = Scope.whole()
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(birth_date: str, sex: str, order: int = 1, area: str = "371098") -> str:
    """A valid identity number (GB 11643-1999) of a made-up person."""
    sequence = 2 * order + (1 if sex == "male" else 0)
    digits = f"{area}{birth_date.replace('-', '')}{sequence:03}"
    total = sum(int(one) * weight for one, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def patient(
    resource_id: str,
    name: str = "欧阳慧",
    birth_date: str = "1949-12-31",
    sex: str = "female",
    id_number: str | None = "own",
    phone: str = "",
    town: str = "371098001",
    **more: Any,
) -> Resource:
    """A registration; `id_number` "own": the first valid one of this birth date and sex."""
    resource: Resource = {
        "resourceType": "Patient",
        "id": resource_id,
        "name": [{"text": name}],
        "gender": sex,
        "birthDate": birth_date,
    }
    if id_number == "own":
        id_number = number(birth_date, sex)
    if id_number:
        resource["identifier"] = [{"system": ID_CARD_SYSTEM, "value": id_number}]
    if phone:
        resource["telecom"] = [{"system": "phone", "value": phone}]
    if town:
        resource["address"] = [
            {
                "text": f"{town}路1号",
                "extension": [{"url": "urn:minkang:address:division", "valueCode": town + "001"}],
            }
        ]
    return {**resource, **more}


def replaced(resource: Resource, survivor: str) -> Resource:
    """The same registration after its source merged it into another (HL7 v2 A40)."""
    link = [{"other": {"reference": f"Patient/{survivor}"}, "type": "replaced-by"}]
    return {**resource, "active": False, "link": link}


async def send(store: Store, *patients: Resource, source: str = "h") -> None:
    """Write what a source sends; nobody links it yet."""
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in patients])


async def linked(store: Store, keys: Keys) -> None:
    """Follow the change feed to its end, as it is when this is called.

    The feed holds back what was committed while any other transaction of the server is under way
    (one that gathers statistics is enough); until that has ended, there is something to wait for.
    """
    own = await store.pool.fetchval("select pg_current_xact_id()::text::bigint")
    while await follow(store, keys) or not await store.pool.fetchval(
        "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint > $1", own
    ):
        pass
    await follow(store, keys)


async def waiting(store: Store, a: str, b: str) -> Line | None:
    """The line of the review queue that two Patients have."""
    async with store.pool.acquire() as connection:
        return await line_of(connection, pair_of(a, b))


async def put(store: Store, keys: Keys, *patients: Resource, source: str = "h") -> None:
    """Send and link."""
    await send(store, *patients, source=source)
    await linked(store, keys)


async def take_away(store: Store, keys: Keys, *patients: str) -> None:
    """Delete registrations as their source does."""
    async with store.pool.acquire() as connection, connection.transaction():
        gone = [{"resourceType": "Patient", "id": one} for one in patients]
        await write(store, connection, [Change(one, "h", deleted=True) for one in gone])
    await linked(store, keys)


async def together(store: Store, patient_id: str) -> set[str]:
    """The Patients of the resident to whom a Patient belongs, as every record sees it."""
    found = await resident_of_patient(store, WHOLE, patient_id)
    assert found is not None
    return set(found.patients)


async def person_of(store: Store, patient_id: str) -> str:
    """The Person of a Patient."""
    found = await resident_of_patient(store, WHOLE, patient_id)
    assert found is not None
    return found.person


async def links(store: Store) -> dict[str, str]:
    """All links: Patient to Person."""
    rows = await store.pool.fetch("select patient, person from identity.link")
    return {row["patient"]: row["person"] for row in rows}
