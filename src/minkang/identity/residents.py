"""A resident as the rest of the platform sees one."""

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.identity.health_code import CODE_SYSTEM
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Query, Scope, Store, Stored, read, search


class Resident(msgspec.Struct, frozen=True):
    """One person, across all sources.

    Attributes:
        person: id of the Person.
        sex: FHIR administrative gender, empty if unknown.
        birth_date: ISO date, empty if unknown.
        id_number: in clear; mask it before it is shown.
        code: the electronic health code, 16 digits.
        patients: ids of the linked Patients.
    """

    person: str
    name: str
    sex: str
    birth_date: str
    id_number: str
    code: str
    address: str
    phone: str
    patients: frozenset[str]


async def resident(store: Store, scope: Scope, person: str) -> Resident | None:
    """The resident of a Person id, if there is one that the scope shows."""
    stored = await read(store, scope, "Person", person)
    return resident_of(stored) if stored else None


async def resident_of_patient(store: Store, scope: Scope, patient: str) -> Resident | None:
    """The resident to whom a source's Patient belongs."""
    page = await search(store, scope, Query(types=("Person",), patients=(patient,), limit=1))
    return resident_of(page.matches[0]) if page.matches else None


def resident_of(stored: Stored) -> Resident:
    """The record of a stored Person."""
    person = stored.resource
    targets = [local_reference(link.get("target")) for link in person.get("link", [])]
    return Resident(
        stored.id,
        next((name.get("text", "") for name in person.get("name", [])), ""),
        person.get("gender", ""),
        person.get("birthDate", ""),
        _identifier(person, ID_CARD_SYSTEM),
        _identifier(person, CODE_SYSTEM),
        next((address.get("text", "") for address in person.get("address", [])), ""),
        next((contact.get("value", "") for contact in person.get("telecom", [])), ""),
        frozenset(target[1] for target in targets if target),
    )


def _identifier(person: Resource, system: str) -> str:
    return next(
        (i.get("value", "") for i in person.get("identifier", []) if i.get("system") == system),
        "",
    )
