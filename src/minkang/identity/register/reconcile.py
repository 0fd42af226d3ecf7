"""The differences between register and care: found, listed, decided on; decisions are kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

import msgspec

from minkang.fhir.dates import LOCAL
from minkang.identity.patients import patients_by_id
from minkang.identity.register.differ import (
    DIFFERENCE_KINDS,
    Difference,
    DifferenceKind,
    differences_of,
    ended_on,
    side_of,
)
from minkang.identity.register.row import row_of
from minkang.store import Connection, Query, Scope, Store, Stored, search

Verdict = Literal["register-wrong", "care-wrong", "both-right", "reopened"]
VERDICTS: Final[tuple[Verdict, ...]] = ("register-wrong", "care-wrong", "both-right", "reopened")
_LONGEST_REASON: Final = 500


class DecisionRefused(Exception):  # noqa: N818 - reads as what happened
    """A decision without a reason, of a kind there is not, or on what is no difference."""


class Decided(msgspec.Struct, frozen=True):
    """A decision as it was made."""

    verdict: Verdict
    reason: str
    author: str
    author_name: str
    at: datetime


class DifferenceLine(msgspec.Struct, frozen=True):
    """A difference as it stands; `decided` is the latest decision, if there is one."""

    id: str
    kind: DifferenceKind
    person: str
    row: str
    other: str
    place: str
    since: datetime
    gone: datetime | None
    decided: Decided | None = None

    @property
    def open(self) -> bool:
        """Whether somebody still has to decide."""
        waits = self.decided is None or self.decided.verdict == "reopened"
        return self.gone is None and waits


async def reconcile(store: Store, connection: Connection, persons: Collection[str]) -> None:
    """Find the differences of some Persons anew, in the caller's transaction."""
    rows = await connection.fetch(
        "select patient, person from identity.link where person = any($1::text[])", list(persons)
    )
    patients = await patients_by_id(store, [row["patient"] for row in rows])
    of_person: dict[str, list[Stored]] = {one: [] for one in persons}
    for row in rows:
        if row["patient"] in patients:
            of_person[row["person"]].append(patients[row["patient"]])
    found: list[Difference] = []
    for person, several in of_person.items():
        found += await _of_person(store, person, several)
    await _keep(connection, persons, found)
    await connection.execute(
        """update identity.register_row set checked = clock_timestamp()
           where status <> 'living' and patient = any($1::text[])""",
        list(patients),
    )


async def differences(
    store: Store,
    *,
    kind: DifferenceKind | None = None,
    division: str = "",
    show: Literal["open", "decided", "gone"] = "open",
    after: str = "",
    limit: int = 50,
) -> list[DifferenceLine]:
    """Differences of a kind (None: of all) in the order of ids; `after` is the last one shown."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            f"""{_LINES}
                where ($1::text is null or d.kind = $1) and starts_with(d.place, $2) and d.id > $3
                and case $4 when 'gone' then d.gone is not null
                    when 'decided' then d.gone is null and {_DECIDED}
                    else d.gone is null and not {_DECIDED} end
                order by d.id limit $5""",
            kind, division, after, show, limit,
        )  # fmt: skip
    return [_line(row) for row in rows]


async def difference(store: Store, number: str) -> DifferenceLine | None:
    """One difference; None if there was never one of that id."""
    async with store.readers.lent() as connection:
        row = await connection.fetchrow(f"{_LINES} where d.id = $1", number)
    return None if row is None else _line(row)


async def difference_counts(store: Store, division: str = "") -> dict[DifferenceKind, int]:
    """How many of each kind wait for a decision."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            f"""select d.kind, count(*)::int as n from ({_LINES}) d
                where d.gone is null and starts_with(d.place, $1) and not {_DECIDED}
                group by 1""",  # noqa: S608 - no value stands in the text
            division,
        )
    counted = {row["kind"]: row["n"] for row in rows}
    return {kind: counted.get(kind, 0) for kind in DIFFERENCE_KINDS}


async def decisions_on(store: Store, number: str) -> list[Decided]:
    """All decisions on a difference, the first first."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select verdict, reason, author, author_name, at from identity.register_decision
               where difference = $1 order by id""",
            number,
        )
    return [Decided(*row) for row in rows]


async def decide_difference(store: Store, number: str, decided: Decided) -> None:
    """Write a decision down; whoever may make it was asked before.

    Raises:
        DecisionRefused: it has no reason, or there is no such difference.
    """
    reason = decided.reason.strip()
    if decided.verdict not in VERDICTS or not 2 <= len(reason) <= _LONGEST_REASON:
        raise DecisionRefused("a decision needs a verdict, and a reason of 2 to 500 characters")
    async with store.pool.acquire() as connection:
        made = await connection.execute(
            """insert into identity.register_decision
                   (difference, verdict, reason, author, author_name, at)
               select id, $2, $3, $4, $5, $6 from identity.register_difference where id = $1""",
            number,
            decided.verdict,
            reason,
            decided.author,
            decided.author_name,
            decided.at,
        )
    if not made.endswith(" 1"):
        raise DecisionRefused("there is no such difference")


async def _of_person(
    store: Store, person: str, patients: Sequence[Stored]
) -> tuple[Difference, ...]:
    resources = {one.id: one.resource for one in patients}
    rows = {key: row for key, one in resources.items() if (row := row_of(one)) is not None}
    ended = [day for row in rows.values() if (day := ended_on(row)) is not None]
    seen: Mapping[str, date] = {}
    if ended and len(rows) < len(resources):
        care = [one for one in resources if one not in rows]
        seen = await _seen_after(store, care, min(ended))
    sides = [side_of(one, seen.get(key)) for key, one in resources.items()]
    return differences_of(person, sides)


async def _seen_after(store: Store, patients: Sequence[str], day: date) -> dict[str, date]:
    """The last day of a visit of each Patient, if there is one after the day after `day`."""
    since = datetime.combine(day + timedelta(days=2), time(), LOCAL)
    found: dict[str, date] = {}
    for patient in patients:
        query = Query(types=("Encounter",), patients=(patient,), since=since, limit=1)
        for visit in (await search(store, Scope.whole(), query)).matches:
            start = str(visit.resource.get("period", {}).get("start", ""))[:10]
            if start:
                found[patient] = date.fromisoformat(start)
    return found


async def _keep(
    connection: Connection, persons: Collection[str], found: Sequence[Difference]
) -> None:
    await connection.executemany(
        """insert into identity.register_difference as d (id, person, kind, entry, other, place)
           values ($1, $2, $3, nullif($4, ''), nullif($5, ''), $6)
           on conflict (id) do update set person = excluded.person, place = excluded.place,
               gone = null, since = case when d.gone is null then d.since else now() end
               where (d.person, d.place) <> (excluded.person, excluded.place)
               or d.gone is not null""",
        sorted((one.id, one.person, one.kind, one.row, one.other, one.place) for one in found),
    )
    await connection.execute(
        """update identity.register_difference set gone = now()
           where person = any($1::text[]) and gone is null and id <> all($2::text[])""",
        list(persons),
        [one.id for one in found],
    )


_LINES: Final = """
    select d.id, d.kind, d.person, d.entry as row, d.other, d.place, d.since, d.gone,
           v.verdict, v.reason, v.author, v.author_name, v.at
    from identity.register_difference d left join lateral (
        select * from identity.register_decision v where v.difference = d.id
        order by v.id desc limit 1) v on true"""

_DECIDED: Final = "coalesce(verdict <> 'reopened', false)"


def _line(row: Any) -> DifferenceLine:
    made = None
    if row["verdict"] is not None:
        kept = {key: row[key] for key in ("verdict", "reason", "author", "author_name", "at")}
        made = msgspec.convert(kept, Decided)
    shown = {key: row[key] or "" for key in ("id", "kind", "person", "row", "other", "place")}
    whole = {**shown, "since": row["since"], "gone": row["gone"], "decided": made}
    return msgspec.convert(whole, DifferenceLine)
