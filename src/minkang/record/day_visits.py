"""An institution's visits of one local day, and who is still in it from days before."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from minkang.fhir import patients_of
from minkang.record.fact import Names
from minkang.record.visits import Visit, visits_of
from minkang.store import Grade, Grant, Query, Scope, Store, Stored, search
from minkang.store.terms import code_hash, parameter_hash, system_hash

STAY: Final = timedelta(days=60)
"""Who came longer ago and was never said to have left is not taken to be in a bed today."""

_PAGE: Final = 1_000
_MOST: Final = 5_000
_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_STAYING: Final = ("IMP", "EMER")
_NO_NAMES: Final[Names] = {}


class DayVisit(msgspec.Struct, frozen=True):
    """A visit and the id of the Patient that it is of; `from_before`: it began before the day."""

    visit: Visit
    patient: str
    from_before: bool


async def day_visits(
    store: Store, sources: frozenset[str], begin: datetime, end: datetime
) -> tuple[DayVisit, ...]:
    """Visits of institutions that began from `begin` to before `end`, newest first, then the stays
    and emergencies that began before (up to `STAY`) and have not ended. At most 5,000 of each.

    Nothing of other institutions is looked at.
    """
    own = Grant(grade=Grade.PERSONAL, sources=sources, types=frozenset(["Encounter"]))
    today = Scope((msgspec.structs.replace(own, until=end),))
    begun = await _all(store, today, Query(types=("Encounter",), since=begin, limit=_PAGE))
    before = Scope((msgspec.structs.replace(own, until=begin),))
    still: list[Stored] = []
    for kind in _STAYING:
        marks = (_mark("class", _ACT, kind), _mark("status", "", "in-progress"))
        asked = Query(types=("Encounter",), since=begin - STAY, marks=marks, limit=_PAGE)
        still += await _all(store, before, asked)
    return (
        *_visits(begun, from_before=False),
        *sorted(_visits(still, from_before=True), key=_began, reverse=True),
    )


async def _all(store: Store, scope: Scope, asked: Query) -> list[Stored]:
    page = await search(store, scope, asked)
    found = list(page.matches)
    while page.next is not None and len(found) < _MOST:
        page = await search(store, scope, msgspec.structs.replace(asked, after=page.next))
        found += page.matches
    return found


def _visits(several: list[Stored], *, from_before: bool) -> list[DayVisit]:
    return [
        DayVisit(visit, min(patients), from_before)
        for stored in several
        if (patients := patients_of(stored.resource))
        for visit in visits_of([stored], _NO_NAMES)
    ]


def _began(one: DayVisit) -> tuple[bool, datetime | None]:
    return one.visit.start is not None, one.visit.start


def _mark(parameter: str, system: str, code: str) -> int:
    """The mark of a coarse token (`store.marked`)."""
    return parameter_hash("Encounter", parameter) ^ system_hash(system) ^ code_hash(code)
