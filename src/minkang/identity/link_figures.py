"""The master index in figures: registrations, Persons, rules, the queue, what people decided.

Each walks over a whole table once: for a page that is opened now and then, not for every request.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from minkang.store import Connection

_AGES: Final = (1, 7, 30)
"""Days: bounds of the ages of the queue."""


class Figures(msgspec.Struct, frozen=True):
    """What is linked.

    Attributes:
        registrations: Patients that belong to a Person.
        persons: Persons that have a Patient; `several`: more than one.
        rules: how many Patients belong to theirs by each rule, most first.
    """

    registrations: int
    persons: int
    several: int
    rules: tuple[tuple[str, int], ...]

    @property
    def duplicates(self) -> int:
        """Registrations of somebody who was already registered."""
        return self.registrations - self.persons


class Day(msgspec.Struct, frozen=True):
    """What people decided on a day, and how many decisions they took back."""

    day: date
    same: int
    different: int
    revoked: int


class Band(msgspec.Struct, frozen=True):
    """What people decided of pairs whose weight was within bounds (at least, below)."""

    least: float | None
    below: float | None
    same: int
    different: int


async def figures(connection: Connection) -> Figures:
    """What is linked now."""
    rows = await connection.fetch(
        "select rule, count(*) as n from identity.link group by rule order by n desc, rule"
    )
    persons = await connection.fetchrow(
        """select count(*) as persons, count(*) filter (where n > 1) as several
           from (select count(*) as n from identity.link group by person) p"""
    )
    assert persons is not None  # noqa: S101 - an aggregate has one row
    rules = tuple((row["rule"], row["n"]) for row in rows)
    return Figures(sum(n for _, n in rules), persons["persons"], persons["several"], rules)


async def ages(connection: Connection, *, now: datetime) -> list[tuple[int | None, int]]:
    """Pairs in the queue by how long they have waited: for less than so many days; None: longer."""
    row = await connection.fetchrow(
        """select count(*) filter (where since > $1) as d0,
                  count(*) filter (where since <= $1 and since > $2) as d1,
                  count(*) filter (where since <= $2 and since > $3) as d2,
                  count(*) filter (where since <= $3) as d3
           from identity.review""",
        *(now - timedelta(days=days) for days in _AGES),
    )
    assert row is not None  # noqa: S101 - an aggregate has one row
    return [(bound, row[f"d{n}"]) for n, bound in enumerate((*_AGES, None))]


async def days(connection: Connection, *, last: date, count: int, zone: str) -> list[Day]:
    """Decisions of some days up to `last`, the oldest first; days as in a time zone."""
    first = last - timedelta(days=count - 1)
    rows = await connection.fetch(
        """select (select count(*) from identity.decision x where x.verdict = 'same'
                and x.at >= d and x.at < d + interval '1 day') as same,
               (select count(*) from identity.decision x where x.verdict = 'different'
                and x.at >= d and x.at < d + interval '1 day') as different,
               (select count(*) from identity.decision x where x.state = 'revoked'
                and x.revoked >= d and x.revoked < d + interval '1 day') as revoked
           from (select day at time zone $3::text as d
                 from generate_series($1::timestamp, $2::timestamp, interval '1 day') as day) s
           order by d""",
        datetime.combine(first, time()),
        datetime.combine(last, time()),
        zone,
    )
    return [
        Day(first + timedelta(days=n), row["same"], row["different"], row["revoked"])
        for n, row in enumerate(rows)
    ]


async def bands(connection: Connection, bounds: Sequence[float]) -> list[Band]:
    """Standing decisions by the weight that the pair had then; `bounds` ascending.

    Decisions that people made without a weight are left out; so are bands without decisions.
    """
    rows = await connection.fetch(
        """select width_bucket(weight, $1::float8[]) as band,
                  count(*) filter (where verdict = 'same') as same,
                  count(*) filter (where verdict = 'different') as different
           from identity.decision where state = 'standing' and weight is not null
           group by band order by band desc""",
        list(bounds),
    )
    edges: list[float | None] = [None, *bounds, None]
    return [
        Band(edges[row["band"]], edges[row["band"] + 1], row["same"], row["different"])
        for row in rows
    ]


class Made(msgspec.Struct, frozen=True):
    """When the definition in force was made, by whom or what, and why."""

    made: datetime
    made_by: str
    why: str


async def definition_made(connection: Connection) -> Made | None:
    """Where the definition in force comes from; None: from the release."""
    row = await connection.fetchrow(
        "select made, made_by, why from identity.definition order by number desc limit 1"
    )
    return Made(**row) if row else None
