"""Residents with links, consents and accounts, for the tests of codes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from minkang.accounts import Account, create_organisation
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import reference
from minkang.identity import Resident, resident
from minkang.identity.codes import CodeKeys, Validity
from minkang.identity.codes.scan import Scanner
from minkang.identity.health_code import CODE_SYSTEM, health_code
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.policy import Gate
from minkang.policy.consent import ConsentChange, change_consent
from minkang.policy.consent_record import ConsentKind
from minkang.store import Change, Scope, Store, write
from tests.web.small_region import id_number

NOW = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC)
_SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def later(**more: float) -> datetime:
    """Some time after NOW."""
    return NOW + timedelta(**more)


def somebody(login: str, role: str = "doctor", organisation: str | None = "MK1") -> Account:
    """An account of an institution, the same in every run."""
    own = None if role == "resident" else organisation
    identifier = str(uuid5(_SPACE, login))
    return Account(identifier, login, f"名{login}", role, own, own, None, institution=own)


def own_account(person: str) -> Account:
    """The account of a resident."""
    return Account(str(uuid5(_SPACE, person)), person, "居民", "resident", None, None, person)


class People:
    """What the tests of codes act in."""

    def __init__(self, store: Store, keys: Keys, log: AuditLog) -> None:
        self.store, self.keys, self.log = store, keys, log
        self.gate = Gate(store, log, 180, 24)
        self.held = CodeKeys()
        self.validity = Validity()
        self._serial = 0

    @property
    def scanner(self) -> Scanner:
        return Scanner(self.gate, self.keys, self.held, self.validity)

    async def born(self, name: str, *, consent: bool = True, number: bool = True) -> Resident:
        """A resident with a Patient of MK1 that is linked, and a standing consent."""
        self._serial += 1
        born = date(1960 + self._serial % 60, 5, 6)
        person, patient = f"p{self._serial:024}", f"patient-{self._serial}"
        code = health_code(self.keys.id_key, person, 0)
        identifiers = [{"system": CODE_SYSTEM, "value": code}]
        card = f"YK{self._serial:08}"
        if number:
            value = id_number(born, self._serial)
            identifiers.append({"system": ID_CARD_SYSTEM, "value": value})
        facts: dict[str, Any] = {
            "name": [{"text": name}],
            "gender": "female",
            "birthDate": born.isoformat(),
        }
        one = {
            **facts,
            "resourceType": "Person",
            "id": person,
            "identifier": identifiers,
            "link": [{"target": reference("Patient", patient)}],
        }
        other = {
            **facts,
            "resourceType": "Patient",
            "id": patient,
            "identifier": [{"system": "urn:minkang:source:mk1:patient", "value": card}],
        }
        pool = self.store.pool
        async with pool.acquire() as connection, connection.transaction():
            await write(self.store, connection, [Change(one, ""), Change(other, "MK1")])
            await connection.execute(
                "insert into identity.person (id, code) values ($1, $2)", person, code
            )
            await connection.execute(
                "insert into identity.link (patient, person, rule) values ($1, $2, 'id-number')",
                patient,
                person,
            )
        found = await resident(self.store, Scope.whole(), person)
        assert found is not None
        if consent:
            await self.decide(found, "give")
        return found

    async def decide(self, who: Resident, kind: ConsentKind) -> None:
        wanted = ConsentChange(person=who.person, patients=who.patients, kind=kind)
        await change_consent(self.store, self.log, wanted, by=None, now=NOW)

    async def move(self, patient: str, person: str) -> None:
        """Link a Patient to another Person, as a merge or its undoing does."""
        await self.store.pool.execute(
            "update identity.link set person = $2 where patient = $1", patient, person
        )

    async def entries(self, person: str | None, action: str) -> list[tuple[bool, str, str]]:
        """Allowed, reason and object of the audit entries of an action, in their order."""
        rows = await self.store.pool.fetch(
            """select allowed, reason, object_id from audit.entry
               where person is not distinct from $1 and action = $2 order by at, seq""",
            person,
            action,
        )
        return [(row["allowed"], row["reason"], row["object_id"]) for row in rows]


async def begin(store: Store, keys: Keys, log: AuditLog) -> People:
    """The people, with the institutions they go to."""
    for one in ("MK1", "MK2"):
        await create_organisation(store.pool, organisation_id=one, name=one, kind="hospital")
    return People(store, keys, log)
