"""A small region for the tests of its figures: institutions, visits, diagnoses, people, sources."""

from datetime import date, datetime, timedelta
from typing import Any

from minkang.crypto import Keys
from minkang.exchange.sources import Source, register
from minkang.fhir import Resource
from minkang.identity import follow
from minkang.identity.register import follow_register
from minkang.record.region import count_all
from minkang.store import Change, Store, write

ICD10 = "urn:oid:2.16.156.10011.2.3.3.11"
CODE = "urn:oid:2.16.156.10011.1.5"
HOSPITAL, CENTRE, SHARED, ROOM = "MK-HOSPITAL", "MK-CENTRE-1", "MK-SHARED", "MK-ROOM-1"


def visit(
    number: str,
    day: date,
    *,
    department: str = "内科",
    kind: str = "AMB",
    status: str = "finished",
    provider: dict[str, Any] | None = None,
    codes: tuple[str, ...] = (),
) -> Resource:
    """An Encounter that begins in the evening of a day of the region."""
    made: Resource = {
        "resourceType": "Encounter",
        "id": f"visit-{number}",
        "status": status,
        "class": {"code": kind},
        "period": {"start": f"{day.isoformat()}T20:30:00+08:00"},
        "subject": {"reference": "Patient/p1"},
        "reasonCode": [{"coding": [{"system": ICD10, "code": code}]} for code in codes],
    }
    if department:
        made["serviceType"] = {"text": department}
    if provider is not None:
        made["serviceProvider"] = provider
    return {key: value for key, value in made.items() if value != []}


def shared_provider(code: str, name: str) -> dict[str, Any]:
    """How a system that several institutions share names the one that a visit was at."""
    return {"identifier": {"system": CODE, "value": code}, "display": name}


def diagnosis(number: str, of: str, code: str, verification: str = "confirmed") -> Resource:
    """A Condition of a visit, coded by ICD-10."""
    return {
        "resourceType": "Condition",
        "id": f"diagnosis-{number}",
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": f"Encounter/visit-{of}"},
        "verificationStatus": {"coding": [{"code": verification}]},
        "code": {"coding": [{"system": ICD10, "code": code}]},
    }


async def directory(store: Store) -> None:
    """A county's hospital, a centre with a room below it, and a system that centres share."""
    await store.pool.executemany(
        """insert into accounts.organisation (id, name, kind, level, parent, division, institution)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        [
            ("MK-CITY", "海滨市卫健委", "commission", "city", None, "371000", None),
            (HOSPITAL, "海滨医院", "hospital", "institution", "MK-CITY", "371002003001", HOSPITAL),
            (CENTRE, "竹岛中心", "community-centre", "institution", "MK-CITY", "371002003", CENTRE),
            (ROOM, "松汀卫生室", "village-room", "institution", CENTRE, None, ROOM),
            (SHARED, "基层云平台", "institution", "institution", "MK-CITY", "371003", SHARED),
            ("MK-IT", "信息中心", "information-centre", "institution", "MK-CITY", "371000",
             "MK-IT"),
        ],
    )  # fmt: skip
    for name, organisation in (("his", HOSPITAL), ("cloud", SHARED)):
        await register(
            store,
            Source(
                id=name, name=f"{name}系统", organisation=organisation, namespace=name,
                channels=("mllp",),
            ),
        )  # fmt: skip


async def put_as(store: Store, source: str, *resources: Resource) -> None:
    """Write resources that an organisation sent."""
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in resources])


async def take_away(store: Store, source: str, *resources: Resource) -> None:
    """Delete resources."""
    async with store.pool.acquire() as connection, connection.transaction():
        gone = [Change(one, source, deleted=True) for one in resources]
        found = await write(store, connection, gone)
    assert all(one.kind == "deleted" for one in found)


async def count(store: Store, keys: Keys, now: datetime) -> None:
    """Everything that the background does, until nothing is left to do."""
    while await follow(store, keys) or await follow_register(store):
        pass
    await count_all(store, now)


def days_before(day: date, number: int) -> date:
    """So many days earlier."""
    return day - timedelta(days=number)
