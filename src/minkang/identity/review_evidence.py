"""What else speaks for or against two registrations being one: their visits, counted, not read.

Numbers, institutions and days only, and whether anything sensitive is there, never what.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from minkang.fhir.dates import LOCAL
from minkang.identity.sensitive import sensitive_among
from minkang.store import Query, Scope, Store, Stored, search

_MOST: Final = 1000
_NEAR: Final = timedelta(days=3)
_NEVER_WAS: Final = ("cancelled", "entered-in-error")


class Holding(msgspec.Struct, frozen=True):
    """What hangs on one registration.

    Attributes:
        visits: how many, at most a thousand are counted.
        institutions: ids of the organisations that sent them, the most visits first.
        first, last: days of the first and last visit.
        days: institution and day of each visit, newest first.
        sensitive: whether anything of a sensitive topic hangs on it.
    """

    visits: int
    institutions: tuple[str, ...]
    first: date | None
    last: date | None
    days: tuple[tuple[str, date], ...]
    sensitive: bool


class Near(msgspec.Struct, frozen=True):
    """Two visits, one of each side, at the same institution within three days."""

    institution: str
    one: date
    other: date


async def holdings(store: Store, patients: Sequence[str]) -> dict[str, Holding]:
    """What hangs on each of some Patients."""
    return {one: await _holding(store, one) for one in patients}


def near_visits(one: Mapping[str, Holding], other: Mapping[str, Holding]) -> tuple[Near, ...]:
    """Visits of two sides near in time at the same institution, the newest first."""
    found = {
        Near(institution, day, there)
        for holding in one.values()
        for institution, day in holding.days
        for second in other.values()
        for where, there in second.days
        if where == institution and abs(day - there) <= _NEAR
    }
    return tuple(sorted(found, key=lambda near: (near.one, near.other), reverse=True))


async def _holding(store: Store, patient: str) -> Holding:
    query = Query(types=("Encounter",), patients=(patient,), limit=_MOST)
    visits = [
        (stored.source, day)
        for stored in (await search(store, Scope.whole(), query)).matches
        if (day := _day(stored)) is not None
    ]
    counts: dict[str, int] = {}
    for institution, _ in visits:
        counts[institution] = counts.get(institution, 0) + 1
    days = sorted(day for _, day in visits)
    async with store.pool.acquire() as connection:
        sensitive = await sensitive_among(connection, [patient])
    return Holding(
        len(visits),
        tuple(sorted(counts, key=lambda one: (-counts[one], one))),
        days[0] if days else None,
        days[-1] if days else None,
        tuple(sorted(visits, key=lambda one: one[1], reverse=True)),
        sensitive,
    )


def _day(stored: Stored) -> date | None:
    """The day on which a visit began; None if it never took place or does not say."""
    resource = stored.resource
    if resource.get("status") in _NEVER_WAS:
        return None
    try:
        start = datetime.fromisoformat(str(resource.get("period", {}).get("start", "")))
    except ValueError:
        return None
    return (start.astimezone(LOCAL) if start.tzinfo else start).date()
