"""What the tests of the identity desk act in: registrations of two hospitals, linked for real."""

from datetime import date
from typing import Any

from httpx import AsyncClient, Response

from minkang.fhir import reference
from minkang.identity import follow, resident_of_patient
from minkang.identity.grouping import Pair, pair_of
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.patients import patients_by_id
from minkang.store import Change, Scope, write
from minkang.web import Web
from tests.web.small_region import Region, id_number

QUEUE = "/centre/identity/review"
LINKS = "/centre/identity/links"
WHY = "电话核实过，本人确认"


class Desk:
    """Registrations, and who works on them."""

    region: Region
    first: AsyncClient
    second: AsyncClient
    doctor: AsyncClient

    def __init__(self, region: Region) -> None:
        self.region = region
        self.web: Web = region.web
        self.serial = 0

    async def register(
        self, name: str, source: str, *, number: str = "", more: dict[str, Any] | None = None
    ) -> str:
        """A Patient of a hospital with one visit, linked; its id."""
        self.serial += 1
        patient = f"desk-{self.serial:03}"
        born = date(1980, 5, 20)
        resource: dict[str, Any] = {
            "resourceType": "Patient",
            "id": patient,
            "name": [{"text": name}],
            "gender": "female",
            "birthDate": born.isoformat(),
            "telecom": [{"system": "phone", "value": "13800001234"}],
            **(more or {}),
        }
        if number:
            resource["identifier"] = [{"system": ID_CARD_SYSTEM, "value": number}]
        visit = {
            "resourceType": "Encounter",
            "id": f"{patient}-visit",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": reference("Patient", patient),
            "period": {"start": "2026-10-05T09:00:00+08:00"},
        }
        await self.write(source, resource, visit)
        return patient

    async def write(self, source: str, *resources: dict[str, Any]) -> None:
        """Write what a hospital sends, and let the links follow."""
        store = self.web.store
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, [Change(one, source) for one in resources])
        while await follow(store, self.web.keys):
            pass

    async def doubtful(self, name: str, other: str, second: str = "MK2") -> Pair:
        """Two registrations on one ID number under names that are not one's: a pair to look at."""
        number = id_number(date(1980, 5, 20), 2 * self.serial)
        return pair_of(
            await self.register(name, "MK1", number=number),
            await self.register(other, second, number=number),
        )

    async def alike(self, name: str) -> Pair:
        """Two registrations of one resident, linked by the ID number."""
        number = id_number(date(1980, 5, 20), 2 * self.serial)
        return pair_of(
            await self.register(name, "MK1", number=number),
            await self.register(name, "MK2", number=number),
        )

    async def mental(self, patient: str) -> None:
        """A diagnosis of a sensitive topic at the registration's hospital."""
        await self.write(
            "MK2",
            {
                "resourceType": "Condition",
                "id": f"{patient}-mental",
                "code": {
                    "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "F32.9"}],
                    "text": "抑郁发作",
                },
                "subject": reference("Patient", patient),
                "recordedDate": "2026-10-05T08:00:00+08:00",
            },
        )

    async def person(self, patient: str) -> str:
        """The Person of a registration."""
        found = await resident_of_patient(self.web.store, Scope.whole(), patient)
        assert found is not None
        return found.person

    async def together(self, pair: Pair) -> bool:
        """Whether two registrations are one resident's, as the Person resources say."""
        one, other = [await self.person(patient) for patient in pair]
        return one == other

    async def numbers(self, pair: Pair) -> set[str]:
        """The ID numbers of two registrations."""
        found = await patients_by_id(self.web.store, pair)
        return {one["value"] for stored in found.values() for one in stored.resource["identifier"]}

    async def entries(self, action: str) -> list[dict[str, Any]]:
        """What the audit log has of an action, the newest first."""
        rows = await self.web.store.pool.fetch(
            "select * from audit.entry where action = $1 order by at desc, seq desc", action
        )
        return [dict(row) for row in rows]


def at(pair: Pair, step: str = "") -> str:
    """The address of a pair."""
    return f"{QUEUE}/{pair[0]}~{pair[1]}{step}"


def seen(page: Response) -> str:
    """What the form of a page says that was seen."""
    _, _, rest = page.text.partition('name="seen" value="')
    return rest.partition('"')[0]


async def decided(client: AsyncClient, pair: Pair, verdict: str, **more: str) -> Response:
    """Open a pair and decide on it."""
    page = await client.get(at(pair))
    assert page.status_code == 200, page.text
    form = {"verdict": verdict, "reason": WHY, "seen": seen(page), "days": "7", **more}
    return await client.post(at(pair, "/decide"), data=form)
