"""A village with a register, forms of basic information, visits: what files are made of."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from minkang.accounts import Account
from minkang.crypto import Keys
from minkang.fhir import Resource, reference
from minkang.identity import Resident, resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.record.files import By, fill_files, follow_files
from minkang.store import Change, Scope, Store, write
from tests.identity.register.rows import VILLAGE, put, registered, settle
from tests.web.small_region import id_number

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
STATION, OTHER, COUNTY = "ST1", "ST2", "CO1"
KEEPER = Account("a1", "cunyi", "于海山", "village-doctor", STATION, "云溪站", None,
                 institution=STATION)  # fmt: skip
BY = By(KEEPER, NOW)
NUMBER = "37100200300100001"


async def organisations(store: Store) -> None:
    """A station for the village, another one, the county above both."""
    await store.pool.executemany(
        """insert into accounts.organisation (id, name, kind, level, parent, division, institution)
           values ($1, $2, $3, $4, $5, $6, $1)""",
        [
            (COUNTY, "环翠区卫生健康局", "commission", "county", None, "371002"),
            (STATION, "云溪社区卫生服务站", "community-centre", "institution", COUNTY, VILLAGE),
            (OTHER, "松汀泊村卫生室", "village-room", "institution", COUNTY, "371002100200"),
        ],
    )


def form(patient: str, number: str, day: str = "2026-01-10", **said: str) -> list[Resource]:
    """The Composition of a form of basic information with Observations `item: text`."""
    told = {"建档单位": "云溪社区卫生服务站", "药物过敏史": "1", "既往史": "1", **said}
    parts: list[Resource] = []
    for at, (item, words) in enumerate(told.items()):
        value: dict[str, Any] = (
            {"valueString": words}
            if item == "建档单位"
            else {"component": [{"code": {"text": item}, "valueCodeableConcept": {"text": one}}
                                for one in words.split("、")]}
        )  # fmt: skip
        parts.append(
            {
                "resourceType": "Observation",
                "id": f"{patient}-o{at}",
                "status": "final",
                "code": {"text": item},
                "subject": reference("Patient", patient),
                "effectiveDateTime": day,
                **value,
            }
        )
    composition: Resource = {
        "resourceType": "Composition",
        "id": f"{patient}-form",
        "status": "final",
        "type": {"coding": [{"system": "urn:oid:2.16.156.10011.2.4", "code": "HSDA00.01"}]},
        "identifier": {"system": "urn:x", "value": number},
        "subject": reference("Patient", patient),
        "date": day,
        "author": [{"display": "李鹏龙"}],
        "title": "个人基本信息表",
        "section": [{"entry": [reference("Observation", one["id"]) for one in parts]}],
    }
    return [*parts, composition]


def filed(serial: int, name: str, born: date, number: str, **more: Any) -> Resource:
    """The Patient of a form; its ID number links it with the register's row."""
    return {
        "resourceType": "Patient",
        "id": f"f-{serial}",
        "name": [{"text": name}],
        "gender": "male" if serial % 2 else "female",
        "birthDate": born.isoformat(),
        "identifier": [
            {"system": ID_CARD_SYSTEM, "value": id_number(born, serial)},
            {"system": "urn:oid:2.16.156.10011.1.2", "value": number},
        ],
        "generalPractitioner": [{"display": "李鹏龙"}],
        "telecom": [{"system": "phone", "value": "13800000001"}],
        "address": [{"use": "home", "text": "云溪社区 1 号"}],
        **more,
    }


def row(serial: int, name: str, born: date, **said: Any) -> Resource:
    """The register's row of the same resident."""
    return registered(
        f"{serial}", name=name, sex="male" if serial % 2 else "female", birth=born.isoformat(),
        id_number=id_number(born, serial), household=f"H-{serial}", **said,
    )  # fmt: skip


def visit(patient: str, key: str, day: date, code: str = "AMB", **more: Any) -> Resource:
    """A visit."""
    return {
        "resourceType": "Encounter",
        "id": f"{patient}-{key}",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code},
        "subject": reference("Patient", patient),
        "period": {"start": f"{day.isoformat()}T09:00:00+08:00"},
        **more,
    }


async def send(store: Store, *resources: Resource, source: str = "JICENG") -> None:
    """Store some resources."""
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in resources])


async def caught_up(store: Store, keys: Keys, now: datetime = NOW) -> None:
    """Until links, register and files have taken up everything."""
    await settle(store, keys)
    while await follow_files(store):
        pass
    while (await fill_files(store, now)).forms:
        pass


async def village(store: Store, keys: Keys, count: int = 4) -> None:
    """Residents 1 to `count`, each with a row; all but the last with a form and a file."""
    await organisations(store)
    for serial in range(1, count + 1):
        name, born = f"居民{serial}", date(1950 + serial, 3, 4)
        await put(store, keys, row(serial, name, born))
        if serial < count:
            number = f"371002003001{serial:05}"
            await send(store, filed(serial, name, born, number), *form(f"f-{serial}", number))
    await caught_up(store, keys)


async def person(store: Store, serial: int) -> Resident:
    """The resident of a number."""
    found = await resident_of_patient(store, Scope.whole(), f"row-{serial}")
    assert found is not None
    return found


def days_ago(days: int) -> date:
    """A day before today."""
    return TODAY - timedelta(days=days)
