"""Who is meant where a hospital's system names a practitioner and a patient in its own numbers.

Nothing is decided here about what may be seen. A patient who is called by a number of the system's
own institutions is known to it, so a wrong one is told; of an identity card nothing is told: a
link of nobody opens a page that says the same as of somebody who may not be seen.
"""

from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

import msgspec

from minkang.accounts import Account
from minkang.accounts.practitioners import practitioners_at
from minkang.api.cross_reference import Known, Scopes, known_by, known_of
from minkang.identity import Resident, find_residents, parse_id_number, resident
from minkang.identity.codes.scan import Scan, Scanner, scan
from minkang.policy.launch import Asked, Purpose
from minkang.policy.launch_systems import LaunchSystem
from minkang.store import Grade, Grant, Scope, Store

NOBODY: Final = "none-"
"""How the id of nobody begins; no Person has such a one."""

_LONGEST: Final = 200


class NotKnown(Exception):  # noqa: N818 - reads as what happened
    """What a system said names nobody whom it may launch for.

    Attributes:
        code: `institution`, `practitioner-unknown`, `practitioner-many`, `patient`,
            `patient-unknown`, `patient-many`, or why a shown code does not count.
        where: the field.
    """

    def __init__(self, code: str, where: str) -> None:
        super().__init__(code)
        self.code, self.where = code, where


class Patient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A patient as a system names one, in exactly one way.

    Attributes:
        local: the system's own number. identifier: `system|value` of another of its institutions.
        reference: `Patient/ID` at the platform's FHIR base. id_number: of the identity card.
        code: what the resident showed; a code that counts is used up, and activates the consent.
    """

    local: str = ""
    identifier: str = ""
    reference: str = ""
    id_number: str = ""
    code: str = ""


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a system asks for, in its own words."""

    institution: str
    practitioner: str
    patient: Patient
    visit: str = ""
    purpose: Purpose = "treatment"


class Meant(msgspec.Struct, frozen=True):
    """Who is meant; `resident` is None of nobody known."""

    practitioner: Account
    resident: Resident | None

    @property
    def person(self) -> str:
        """Id of the Person, or of nobody."""
        return self.resident.person if self.resident else f"{NOBODY}{uuid4().hex}"


async def who_is_meant(
    scanner: Scanner, system: LaunchSystem, named: Named, *, now: datetime, address: str
) -> Meant:
    """The practitioner and the resident.

    Raises:
        NotKnown: see its codes.
        AuditUnavailable: a code was shown, and it could not be written down.
    """
    doctor = await practitioner_of(scanner.gate.store, system, named, now=now)
    way, value = _way(named.patient)
    if way == "code":
        scanned = await scan(scanner, doctor, Scan(text=value), now=now, address=address)
        if scanned.resident is None or scanned.refusal:
            raise NotKnown(scanned.refusal or "wrong-code", "patient.code")
        return Meant(doctor, scanned.resident)
    store = scanner.gate.store
    if way == "id_number":
        return Meant(doctor, await _of_id_card(store, value))
    found = await _known(store, system, way, value)
    if len(found) > 1:
        raise NotKnown("patient-many", f"patient.{way}")
    person = found[0].person if found else ""
    known = await resident(store, Scope.whole(), person) if person else None
    if known is None:
        raise NotKnown("patient-unknown", f"patient.{way}")
    return Meant(doctor, known)


async def practitioner_of(
    store: Store, system: LaunchSystem, named: Named, *, now: datetime
) -> Account:
    """The practitioner, in a post at the institution.

    Raises:
        NotKnown: `institution`: not one that the system may ask for; `practitioner-unknown`: nobody
            has a clinical post there under this number, any more; `practitioner-many`.
    """
    if named.institution not in system.institutions:
        raise NotKnown("institution", "institution")
    number = named.practitioner.strip()[:_LONGEST]
    found = await practitioners_at(store.pool, number, [named.institution], now=now)
    if not number or not found:
        raise NotKnown("practitioner-unknown", "practitioner")
    if len(found) > 1:
        raise NotKnown("practitioner-many", "practitioner")
    return msgspec.structs.replace(found[0], client=system.client, level="launch")


def launched(by: Account, system: LaunchSystem, named: Named, meant: Meant) -> Asked:
    """What is kept of it."""
    return Asked(
        by=by,
        system=system,
        practitioner=meant.practitioner,
        person=meant.person,
        institution=named.institution,
        visit=named.visit,
        purpose=named.purpose,
    )


Way = Literal["local", "identifier", "reference", "id_number", "code"]
_WAYS: Final[tuple[Way, ...]] = ("local", "identifier", "reference", "id_number", "code")


def _way(patient: Patient) -> tuple[Way, str]:
    given: list[tuple[Way, str]] = [
        (way, str(getattr(patient, way)).strip())
        for way in _WAYS
        if str(getattr(patient, way)).strip()
    ]
    if len(given) != 1 or len(given[0][1]) > _LONGEST:
        raise NotKnown("patient", "patient")
    return given[0]


async def _of_id_card(store: Store, value: str) -> Resident | None:
    """The one resident of an identity card's number; None of a number that is none, or shared."""
    number = parse_id_number(value)
    if number is None:
        return None
    found = (await find_residents(store, Scope.whole(), number.text)).residents
    return found[0] if len(found) == 1 else None


async def _known(store: Store, system: LaunchSystem, way: Way, value: str) -> list[Known]:
    own = Scopes(_own(system), Scope.whole())
    if way == "reference":
        return await known_of(store, own, [value.removeprefix("Patient/")])
    if way == "local":
        numbering = system.patient_system
    else:
        numbering, _, value = value.rpartition("|")
    if not numbering or not value:
        raise NotKnown("patient", f"patient.{way}")
    return await known_by(store, own, numbering, value)


def _own(system: LaunchSystem) -> Scope:
    """The Patients that the system's institutions sent, whom it knows by their numbers."""
    sources = frozenset(system.institutions)
    grant = Grant(grade=Grade.SENSITIVE, sources=sources, types=frozenset({"Patient"}))
    return Scope((grant,))
