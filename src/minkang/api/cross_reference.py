"""Which numbers are one resident's: the master index asked by one number, at any door.

A caller finds only whom it knows: of a system, a Patient of its own institution is linked to the
resident; of a person, one that the person may see (`own`). Of whom it knows it learns the numbers
at other institutions as far as `refer` reaches, which leaves out what is itself sensitive.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from minkang.api.person_links import reached
from minkang.fhir import Resource
from minkang.fhir.search_syntax import parse_search
from minkang.identity import CODE_SYSTEM, Resident, resident, resident_of_patient
from minkang.identity.named import current_person
from minkang.store import Connection, Scope, Store, Stored, find, read_several

_MOST: Final = 50
_CHUNK: Final = 500
_ESCAPED: Final = str.maketrans({one: f"\\{one}" for one in "\\,$|"})
_OF_SOURCE: Final = re.compile(r"urn:minkang:source:(.+):[^:]+")

Number = tuple[str, str]
"""System and value of an identifier."""


class Scopes(msgspec.Struct, frozen=True):
    """What a caller may read, and how far it may cross-reference whom it knows."""

    own: Scope
    refer: Scope


class Known(msgspec.Struct, frozen=True):
    """A resident whom a caller knows.

    Attributes:
        person: id of the Person; empty if the Patient is not linked yet.
        code: the electronic health code, 16 digits; empty as above.
        own: the Patients that the caller may read.
        patients: those and the others that it may cross-reference, in order of their ids.
    """

    person: str
    code: str
    own: tuple[Stored, ...]
    patients: tuple[Stored, ...]

    @property
    def numbers(self) -> Iterator[dict[str, Any]]:
        """The identifiers that have a system, each once, the health code first."""
        seen: set[Number] = set()
        if self.code:
            seen.add((CODE_SYSTEM, self.code))
            yield {"system": CODE_SYSTEM, "value": self.code}
        for one in self.patients:
            resource = one.resource
            if resource.get("active") is False:
                continue
            for identifier in identifiers(resource):
                number = number_of(identifier)
                if all(number) and number not in seen:
                    seen.add(number)
                    yield identifier


async def known_by(store: Store, scopes: Scopes, system: str, value: str) -> list[Known]:
    """The residents whom a caller knows and who have a number; more than one if it is shared."""
    if system == CODE_SYSTEM:
        residents = await _by_code(store, value)
    else:
        given = [("identifier", f"{system}|{value.translate(_ESCAPED)}"), ("_count", str(_MOST))]
        page = await find(store, scopes.own, parse_search(("Patient",), given))
        return await known_of(store, scopes, (one.id for one in page.matches))
    found = [await _known(store, scopes, one.person, one.code, one.patients) for one in residents]
    return [one for one in found if one.own]


async def known_of(store: Store, scopes: Scopes, patients: Iterable[str]) -> list[Known]:
    """The residents to whom some Patients belong, as far as the caller knows them."""
    found: dict[str, Known] = {}
    done: set[str] = set()
    for patient in patients:
        if patient in done:
            continue
        one = await resident_of_patient(store, Scope.whole(), patient)
        linked = one.patients if one else frozenset({patient})
        done |= linked
        person, code = (one.person, one.code) if one else ("", "")
        known = await _known(store, scopes, person, code, linked)
        if known.own:
            found[person or patient] = known
    return list(found.values())


def in_use(patients: Sequence[Stored]) -> Sequence[Stored]:
    """Those of some Patients that were not retired; all, if all were."""
    return [one for one in patients if one.resource.get("active") is not False] or patients


async def is_domain(store: Store, system: str) -> bool:
    """Whether anybody has a number of a system, or a registered source gives such numbers out."""
    if system == CODE_SYSTEM:
        return True
    if source := _OF_SOURCE.fullmatch(system):
        async with store.readers.lent() as connection:
            if await _is_source(connection, source[1]):
                return True
    asked = parse_search(
        ("Patient",), [("identifier", f"{system.translate(_ESCAPED)}|"), ("_count", "1")]
    )
    return bool((await find(store, Scope.whole(), asked)).matches)


def identifiers(resource: Resource) -> list[dict[str, Any]]:
    """The identifiers of a Patient or Person."""
    given = resource.get("identifier", [])
    return [one for one in given if isinstance(one, dict)]


def number_of(identifier: dict[str, Any]) -> Number:
    """System and value of an identifier, empty where it has none."""
    return str(identifier.get("system", "")), str(identifier.get("value", ""))


async def _by_code(store: Store, code: str) -> Sequence[Resident]:
    """Whose a health code is now: that of a Person who lost all Patients leads where they went."""
    async with store.readers.lent() as connection:
        person = await connection.fetchval("select id from identity.person where code = $1", code)
        current = None if person is None else await current_person(connection, person)
    found = None if current is None else await resident(store, Scope.whole(), current)
    return [] if found is None else [found]


async def _known(
    store: Store, scopes: Scopes, person: str, code: str, patients: frozenset[str]
) -> Known:
    seen = await reached(store, scopes.own, patients)
    if not seen:
        return Known(person, "", (), ())
    own = await _rows(store, scopes.own, seen)
    others = await _rows(store, scopes.refer, patients - seen)
    return Known(person, code, own, tuple(sorted((*own, *others), key=lambda one: one.id)))


async def _rows(store: Store, scope: Scope, patients: Iterable[str]) -> tuple[Stored, ...]:
    wanted, found = sorted(patients), list[Stored]()
    for begin in range(0, len(wanted), _CHUNK):
        chunk = wanted[begin : begin + _CHUNK]
        async with store.readers.lent() as connection:
            found += await read_several(store, connection, scope, "Patient", chunk)
    return tuple(sorted(found, key=lambda one: one.id))


async def _is_source(connection: Connection, name: str) -> bool:
    return bool(
        await connection.fetchval("select exists (select from exchange.source where id = $1)", name)
    )
