"""Reading the kept figures: of a division, or of an institution, over a period and the one before.

Every function takes a connection and reads rows that are few whatever the store holds. Numbers are
exact; who shows them to whom is not known here.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

import msgspec

from minkang.record.region.days import span
from minkang.store import Connection

TOP: Final = 10


class Pair(msgspec.Struct, frozen=True):
    """A number of the period, and of the one before it."""

    now: int = 0
    before: int = 0

    def __add__(self, other: "Pair") -> "Pair":
        return Pair(self.now + other.now, self.before + other.before)


class People(msgspec.Struct, frozen=True):
    """Residents, and for how many of them there is what."""

    people: int = 0
    recorded: int = 0
    coded: int = 0
    consenting: int = 0

    def __add__(self, other: "People") -> "People":
        return People(
            self.people + other.people,
            self.recorded + other.recorded,
            self.coded + other.coded,
            self.consenting + other.consenting,
        )


class Files(msgspec.Struct, frozen=True):
    """Residents and health files (居民健康档案), as `record.files.Rate` has them."""

    people: int = 0
    with_file: int = 0
    files: int = 0
    used: int = 0
    complete: int = 0


class Labelled(msgspec.Struct, frozen=True):
    """Visits of a department, of a class, or with a diagnosis."""

    label: str
    visits: Pair


class InstitutionLine(msgspec.Struct, frozen=True):
    """An institution with its visits."""

    code: str
    name: str
    kind: str
    grade: str
    division: str
    parent: str | None
    medical: bool
    connected: bool
    beds: int
    staff: int
    visits: Pair


def place_of(division: str = "", institution: str = "") -> str:
    """How the tables call a division, or an institution."""
    return f"@{institution}" if institution else division


async def people_below(
    connection: Connection, division: str = "", digits: int = 12
) -> dict[str, People]:
    """Residents within a division, by the first digits of where they live."""
    rows = await connection.fetch(
        """select left(place, $2) as place, sum(people)::int as people,
                  sum(recorded)::int as recorded, sum(coded)::int as coded,
                  sum(consenting)::int as consenting
           from region.people where starts_with(place, $1) group by 1 order by 1""",
        division,
        digits,
    )
    return {
        row["place"]: People(row["people"], row["recorded"], row["coded"], row["consenting"])
        for row in rows
    }


async def files_below(
    connection: Connection, division: str = "", digits: int = 12
) -> dict[str, Files]:
    """Health files of those who live within a division, by the first digits of where."""
    rows = await connection.fetch(
        """select left(place, $2) as place, sum(people)::int as people,
                  sum(with_file)::int as with_file, sum(files)::int as files,
                  sum(used)::int as used, sum(complete)::int as complete
           from region.files where starts_with(place, $1) group by 1 order by 1""",
        division,
        digits,
    )
    return {row["place"]: Files(*list(row.values())[1:]) for row in rows}


async def visits_at(connection: Connection, places: Collection[str], days: int) -> dict[str, Pair]:
    """Visits of some places; those without are left out."""
    rows = await connection.fetch(
        """select place, coalesce(sum(n) filter (where not before), 0)::int as now,
                  coalesce(sum(n) filter (where before), 0)::int as before
           from region.period_count
           where days = $1 and place = any($2::text[]) and what = 'visit' group by 1""",
        days,
        list(places),
    )
    return {row["place"]: Pair(row["now"], row["before"]) for row in rows}


async def visits_by_class(connection: Connection, place: str, days: int) -> list[Labelled]:
    """Visits of a place by their class (HL7 ActCode), most first."""
    return await _by(connection, place, days, "visit", "kind", 100)


async def departments(
    connection: Connection, place: str, days: int, limit: int = 15
) -> list[Labelled]:
    """Visits of a place by department, most first."""
    return await _by(connection, place, days, "department", "label", limit)


async def diagnoses(
    connection: Connection, place: str, days: int, limit: int = TOP
) -> list[Labelled]:
    """Visits of a place by ICD-10 category of a diagnosis, most first."""
    return await _by(connection, place, days, "diagnosis", "label", limit)


async def _by(
    connection: Connection, place: str, days: int, what: str, column: str, limit: int
) -> list[Labelled]:
    rows = await connection.fetch(
        f"""select {column} as label, coalesce(sum(n) filter (where not before), 0)::int as now,
                   coalesce(sum(n) filter (where before), 0)::int as before
            from region.period_count where days = $1 and place = $2 and what = $3
            group by 1 order by 2 desc, 3 desc, 1 limit $4""",  # noqa: S608 - a column of ours
        days,
        place,
        what,
        limit,
    )
    return [Labelled(row["label"], Pair(row["now"], row["before"])) for row in rows]


async def visits_by_day(
    connection: Connection, place: str, days: int, today: date
) -> list[tuple[date, Pair]]:
    """Visits of each day of the period, with those of the same day of the one before it."""
    first, last = span(days, today)
    earlier, _ = span(days, today, before=True)
    rows = await connection.fetch(
        "select day, n from region.place_day where place = $1 and day between $2 and $3",
        place,
        earlier,
        last,
    )
    known = {row["day"]: row["n"] for row in rows}
    shift = first - earlier
    return [
        (day, Pair(known.get(day, 0), known.get(day - shift, 0)))
        for day in (date.fromordinal(first.toordinal() + at) for at in range(days))
    ]


_INSTITUTIONS: Final = """
    select i.code, i.name, i.kind, i.grade, i.division, i.parent, i.medical, i.connected, i.beds,
           i.staff, coalesce(v.now, 0) as now, coalesce(v.before, 0) as before
    from region.institution i left join lateral (
        select sum(n) filter (where not c.before)::int as now,
               sum(n) filter (where c.before)::int as before
        from region.period_count c
        where c.days = $1 and c.place = '@' || i.code and c.what = 'visit') v on true"""


async def institutions_in(
    connection: Connection, division: str, days: int
) -> list[InstitutionLine]:
    """All institutions within a division, those with most visits first."""
    rows = await connection.fetch(
        f"{_INSTITUTIONS} where starts_with(i.division, $2) order by now desc, i.name, i.code",
        days,
        division,
    )
    return [_line(row) for row in rows]


async def institution(connection: Connection, code: str, days: int) -> InstitutionLine | None:
    """One of them; None if there is none such."""
    row = await connection.fetchrow(f"{_INSTITUTIONS} where i.code = $2", days, code)
    return None if row is None else _line(row)


async def institutions_below(connection: Connection, code: str, days: int) -> list[InstitutionLine]:
    """The institutions that one leads."""
    rows = await connection.fetch(
        f"{_INSTITUTIONS} where i.parent = $2 order by now desc, i.name, i.code", days, code
    )
    return [_line(row) for row in rows]


def _line(row: "object") -> InstitutionLine:
    said = dict(row)  # type: ignore[call-overload]
    visits = Pair(said.pop("now"), said.pop("before"))
    return InstitutionLine(**said, visits=visits)


async def resources_of(
    connection: Connection, senders: Collection[str] | None = None
) -> dict[int, int]:
    """Current resources by the number of their type; of all, or of some sending organisations."""
    rows = await connection.fetch(
        """select type, sum(n)::bigint as n from region.resource
           where $1::text[] is null or institution = any($1::text[])
           group by 1 order by 2 desc, 1""",
        None if senders is None else list(senders),
    )
    return {row["type"]: row["n"] for row in rows}
