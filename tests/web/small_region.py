"""Three institutions, a few residents, and everybody's browser: the pages and the FHIR base in one
process, over a real database."""

import warnings
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning

from minkang.accounts import create_account, create_organisation
from minkang.api import fhir_application
from minkang.api.metrics import metrics_application
from minkang.app.web import application_of, dispatched, door_of
from minkang.fhir import reference
from minkang.identity.health_code import CODE_SYSTEM, health_code
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Change, write
from minkang.web import Web

PASSWORD = "clear water 清水 42"
BASE = "https://minkang.test"
INSTITUTIONS = {
    "MK1": ("海滨人民医院", "hospital"),
    "MK2": ("港城中医医院", "tcm-hospital"),
    "MK3": ("南湾急救医院", "hospital"),
    "MK4": ("银麓镇卫生院", "township-centre"),
    "MK5": ("松汀镇卫生院", "township-centre"),
}


class Someone(msgspec.Struct, frozen=True):
    """A resident; the Patient of MK1 and that of MK2."""

    person: str
    name: str
    number: str
    code: str
    patients: tuple[str, str]
    born: date


def id_number(born: date, serial: int) -> str:
    """An ID number of the region (GB 11643) for a birth date."""
    body = f"371082{born:%Y%m%d}{serial:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


class Region:
    """What the tests of these pages act in; made by `small_region`."""

    def __init__(self, given: Web) -> None:
        # Who reviews and answers needs no second factor here: these tests are of what they do.
        login = msgspec.structs.replace(given.settings.login, second_factor_roles=())
        settings = msgspec.structs.replace(given.settings, login=login)
        self.web = web = msgspec.structs.replace(given, settings=settings)
        self.served = dispatched(
            _pages(web),
            {"fhir": fhir_application(door_of(web, open_base=False))},
            metrics_application(web.store.pool),
        )
        self._stack = AsyncExitStack()
        self._clients: dict[str, AsyncClient] = {}
        self._serial = 0

    async def __aenter__(self) -> "Region":
        for key, (name, kind) in INSTITUTIONS.items():
            await create_organisation(
                self.web.store.pool, organisation_id=key, name=name, kind=kind
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def born(self, name: str, age: int = 50, *, visit: bool = False) -> Someone:
        """A resident of an age (with the birthday today), known at MK1 and MK2; with `visit`,
        lately at MK1. Each institution has a laboratory value (5.55, 7.77) and a diagnosis; that of
        MK2 is one of mental health, 抑郁发作."""
        self._serial += 1
        today = datetime.now(UTC).date()
        born = date(today.year - age, today.month, min(today.day, 28))
        person = f"p{self._serial:04}{abs(hash64_of(name)) % 10**8:08}"
        patients = (f"{person}-a", f"{person}-b")
        someone = Someone(
            person,
            name,
            id_number(born, self._serial),
            health_code(self.web.keys.id_key, person, 0),
            patients,
            born,
        )
        resources = [(self._person(someone), "")]
        for patient, source, value, diagnosis in (
            (patients[0], "MK1", "5.55", ("J06.9", "上呼吸道感染")),
            (patients[1], "MK2", "7.77", ("F32.9", "抑郁发作")),
        ):
            resources += [(one, source) for one in _facts(patient, name, value, diagnosis)]
        if visit:
            resources.append((_visit(patients[0]), "MK1"))
        async with self.web.store.pool.acquire() as connection, connection.transaction():
            changes = [Change(resource, source) for resource, source in resources]
            await write(self.web.store, connection, changes)
        return someone

    async def shared(self, patient: str, institution: str, kind: str) -> None:
        """A contract or a visit of today that a system which several institutions share sent for
        one of them."""
        named = {"identifier": {"system": "urn:minkang:organisation", "value": institution}}
        today = datetime.now(UTC).date()
        resource = {
            "Contract": {
                "status": "executed",
                "subject": [reference("Patient", patient)],
                "authority": [named],
                "applies": {
                    "start": (today - timedelta(days=9)).isoformat(),
                    "end": (today + timedelta(days=90)).isoformat(),
                },
            },
            "Encounter": {**_visit(patient), "serviceProvider": named},
        }[kind]
        made = {**resource, "resourceType": kind, "id": f"{patient}-shared"}
        pool = self.web.store.pool
        await pool.execute(
            """insert into accounts.organisation (id, name, kind, institution)
               values ('SHARED', '基层云平台', 'shared-system', 'SHARED') on conflict do nothing"""
        )
        async with pool.acquire() as connection, connection.transaction():
            await write(self.web.store, connection, [Change(made, "SHARED")])

    def _person(self, one: Someone) -> dict[str, Any]:
        return {
            "resourceType": "Person",
            "id": one.person,
            "name": [{"text": one.name}],
            "gender": "female",
            "birthDate": one.born.isoformat(),
            "identifier": [
                {"system": CODE_SYSTEM, "value": one.code},
                {"system": ID_CARD_SYSTEM, "value": one.number},
            ],
            "link": [{"target": reference("Patient", patient)} for patient in one.patients],
        }

    async def account(
        self,
        login: str,
        role: str,
        organisation: str | None = None,
        person: Someone | None = None,
    ) -> AsyncClient:
        """Somebody's browser, logged in."""
        await create_account(
            self.web.store.pool,
            self.web.gate.log,
            login=login,
            name=f"名{login}",
            role=role,
            password=PASSWORD,
            now=datetime.now(UTC),
            organisation=organisation,
            person=person.person if person else None,
        )
        transport = ASGITransport(self.served, client=("192.0.2.1", 1))
        client = await self._stack.enter_async_context(
            AsyncClient(transport=transport, base_url=BASE)
        )
        await client.get("/login")
        client.headers["x-csrftoken"] = next(
            value for name, value in client.cookies.items() if name.endswith("minkang_csrf")
        )
        answer = await client.post("/login", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        self._clients[login] = client
        return client


def _pages(web: Web) -> Litestar:
    with warnings.catch_warnings():
        # Litestar 2 wants handlers' parameters written in the way of Litestar 3.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        return application_of(web)


def hash64_of(text: str) -> int:
    """A number of a name, the same in every run."""
    return sum((n + 1) * ord(letter) for n, letter in enumerate(text))


def _visit(patient: str) -> dict[str, Any]:
    start = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    return {
        "resourceType": "Encounter",
        "id": f"{patient}-visit",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": reference("Patient", patient),
        "period": {"start": start},
    }


def _facts(patient: str, name: str, value: str, diagnosis: tuple[str, str]) -> list[dict[str, Any]]:
    code, words = diagnosis
    return [
        {"resourceType": "Patient", "id": patient, "name": [{"text": name}]},
        {
            "resourceType": "Observation",
            "id": f"{patient}-glucose",
            "status": "final",
            "category": [
                {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                            "code": "laboratory",
                        }
                    ]
                }
            ],
            "code": {
                "coding": [{"system": "http://loinc.org", "code": "14749-6"}],
                "text": "葡萄糖",
            },
            "subject": reference("Patient", patient),
            "effectiveDateTime": "2026-10-05T08:00:00+08:00",
            "valueQuantity": {"value": float(value), "unit": "mmol/L"},
        },
        {
            "resourceType": "Condition",
            "id": f"{patient}-diagnosis",
            "code": {
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}],
                "text": words,
            },
            "subject": reference("Patient", patient),
            "recordedDate": "2026-10-05T08:00:00+08:00",
        },
    ]
