"""An institution's residents, and which of them is due for what."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from minkang.identity import Resident
from minkang.identity.residents import resident_of
from minkang.record.due.rules import Service, due_day, services
from minkang.store import Pool, Query, Scope, Store, search

MOST: int = 5_000
"""As many residents are looked at for one institution."""
_PAGE = 1_000


class Mine(msgspec.Struct, frozen=True):
    """A resident of an institution: by contract, by care that it gives, by the file it keeps."""

    resident: Resident
    contract: bool
    care: bool
    file: bool


class Due(msgspec.Struct, frozen=True):
    """A service that a resident is due for; `last`: when it was done, None never."""

    resident: Resident
    service: Service
    day: date
    last: date | None

    def overdue(self, today: date) -> int:
        """Days past the day; negative before it."""
        return (today - self.day).days


async def residents_of(
    store: Store, institution: str, today: date, among: Collection[str] | None = None
) -> tuple[Mine, ...]:
    """Residents under contract with an institution, under its care, or with a file there.

    `among`: only those who have one of these Patients.
    """
    rows = await store.pool.fetch(
        """select patient, bool_or(what = 'contract') as contract,
               bool_or(what like 'care:%') as care, bool_or(what = 'file') as file
           from (
               select patient, what from due.fact
               where institution = $1 and (what like 'care:%' or
                   what = 'contract' and (day is null or day <= $2) and until >= $2)
                   and ($4::text[] is null or patient = any($4))
               union all
               select patient, 'file' from files.file where institution = $1 and state = 'open'
                   and ($4::text[] is null or patient = any($4))
           ) mine
           group by patient order by patient limit $3""",
        institution,
        today,
        MOST,
        None if among is None else sorted(among),
    )
    said = {row["patient"]: (row["contract"], row["care"], row["file"]) for row in rows}
    found = []
    for resident in await _persons(store, list(said)):
        how = [said[one] for one in resident.patients if one in said]
        found.append(Mine(resident, *(any(one) for one in zip(*how, strict=True))))
    return tuple(found)


async def _persons(store: Store, patients: Sequence[str]) -> list[Resident]:
    found: dict[str, Resident] = {}
    for at in range(0, len(patients), _PAGE):
        some = tuple(patients[at : at + _PAGE])
        query = Query(types=("Person",), patients=some, limit=_PAGE)
        page = await search(store, Scope.whole(), query)
        found |= {one.id: resident_of(one) for one in page.matches}
    return list(found.values())


async def due_of(pool: Pool, residents: Iterable[Resident], today: date, ahead: int) -> list[Due]:
    """What these residents are due for up to `ahead` days from today, the longest overdue first."""
    several = list(residents)
    rows = await pool.fetch(
        "select patient, what, day from due.fact where patient = any($1::text[])",
        sorted({patient for one in several for patient in one.patients}),
    )
    facts: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        facts[row["patient"]][row["what"]].append(row["day"] or date.min)
    found: list[Due] = []
    for resident in several:
        known: dict[str, list[date]] = defaultdict(list)
        for patient in resident.patients:
            for what, days in facts.get(patient, {}).items():
                known[what] += days
        found += [one for s in services() if (one := _due(resident, s, known, today, ahead))]
    return sorted(found, key=lambda one: (one.day, one.resident.person))


def _due(
    resident: Resident, service: Service, known: Mapping[str, list[date]], today: date, ahead: int
) -> Due | None:
    begun = begun_of(resident, service, known, today)
    if begun is None:
        return None
    done = [day for day in known.get(f"done:{service.key}", ()) if day <= today]
    planned = max(known.get(f"next:{service.key}", ()), default=None)
    day = due_day(service, begun, done, planned, today)
    if day is None or day > today + timedelta(days=ahead):
        return None
    return Due(resident, service, day, max(done, default=None))


def begun_of(
    resident: Resident, service: Service, known: Mapping[str, list[date]], today: date
) -> date | None:
    """Since when the service applies; None if it does not. `known`: the days of each fact."""
    if service.care:
        since = known.get(f"care:{service.key}")
        return max(min(since), today - timedelta(days=service.every)) if since else None
    if service.delivered:
        return max(known.get("delivery", ()), default=None)
    try:
        born = date.fromisoformat(resident.birth_date)
    except ValueError:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if service.born:
        return born if years < service.born else None
    # Once a calendar year: who was never seen is late only when the year is over.
    return date(today.year, 12, 31) if years >= service.age else None
