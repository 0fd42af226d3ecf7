"""What of a day differs: by department, and by the source's own numbers."""

from datetime import date
from decimal import Decimal

import msgspec

from minkang.exchange.reconciliation.compare import COLUMNS, Comparison
from minkang.fhir import TYPE_CODES
from minkang.store import Connection

_ENCOUNTER = TYPE_CODES["Encounter"]
_MOST = 200


class Department(msgspec.Struct, frozen=True):
    """A department of a kind of a day; `reported` None: the source says nothing of it."""

    name: str
    reported: int | None
    held: int
    reported_sum: Decimal | None
    held_sum: Decimal | None


class Difference(msgspec.Struct, frozen=True):
    """A kind of a day in full; of numbers at most the first two hundred.

    Attributes:
        listed: whether the source has listed its numbers.
        missing: numbers it lists and that are not held.
        elsewhere: numbers it lists which are held of another day, with that day.
        surplus: numbers held which it does not list.
    """

    total: Comparison
    departments: tuple[Department, ...]
    listed: bool
    missing: tuple[str, ...]
    elsewhere: tuple[tuple[str, date], ...]
    surplus: tuple[str, ...]


async def calendar(connection: Connection, since: date, until: date) -> list[Comparison]:
    """All comparisons of some days, both included."""
    rows = await connection.fetch(
        f"""select {COLUMNS} from exchange.reconciled where day between $1 and $2
            order by source, day, kind""",  # noqa: S608 - names of columns
        since,
        until,
    )
    return [Comparison(**row) for row in rows]


async def differences(connection: Connection, source: str, day: date) -> list[Difference]:
    """Every kind of a day of a source, of which something is told or held."""
    rows = await connection.fetch(
        f"""select {COLUMNS} from exchange.reconciled where source = $1 and day = $2
            order by kind""",  # noqa: S608 - names of columns
        source,
        day,
    )
    return [await _difference(connection, Comparison(**row)) for row in rows]


async def _difference(connection: Connection, total: Comparison) -> Difference:
    key = (total.source, total.day, total.kind)
    listed = await connection.fetchval(
        """select exists (select from exchange.reported_item
                          where source = $1 and day = $2 and kind = $3)""",
        *key,
    )
    items = await connection.fetch(
        """select i.number, (
               select h.day from exchange.held h where h.source = i.source and h.kind = i.kind
               and h.number = i.number and h.day between i.day - 183 and i.day + 183
               order by abs(h.day - i.day) limit 1) as held
           from exchange.reported_item i
           where i.source = $1 and i.day = $2 and i.kind = $3 and (
               select true from exchange.held h where h.source = i.source and h.kind = i.kind
               and h.number = i.number and h.day = i.day limit 1) is null
           order by i.number limit $4""",
        *key,
        2 * _MOST,
    )
    surplus = await connection.fetch(
        """select distinct h.number from exchange.held h
           where h.source = $1 and h.day = $2 and h.kind = $3 and (
               select true from exchange.reported_item i where i.source = h.source
               and i.day = h.day and i.kind = h.kind and i.number = h.number) is null
           order by h.number limit $4""",
        *key,
        _MOST if listed else 0,
    )
    return Difference(
        total,
        await _departments(connection, key),
        listed,
        tuple(row["number"] for row in items if row["held"] is None)[:_MOST],
        tuple((row["number"], row["held"]) for row in items if row["held"] is not None)[:_MOST],
        tuple(row["number"] for row in surplus),
    )


async def _departments(
    connection: Connection, key: tuple[str, date, str]
) -> tuple[Department, ...]:
    """By department; what says none is that of its visit."""
    rows = await connection.fetch(
        """with held as (
               select coalesce(h.department, (
                          select v.department from exchange.held v where v.type = $4
                          and v.id = h.visit and v.kind in ('visits', 'admissions') limit 1), '')
                          as name,
                      count(distinct h.number) as held, sum(h.amount) as held_sum
               from exchange.held h where h.source = $1 and h.day = $2 and h.kind = $3 group by 1),
           told as (
               select department as name, count as reported, sum as reported_sum
               from exchange.reported
               where source = $1 and day = $2 and kind = $3 and department <> '')
           select name, reported, coalesce(held, 0) as held, reported_sum, held_sum
           from held full join told using (name) order by held desc nulls last, name""",
        *key,
        _ENCOUNTER,
    )
    return tuple(Department(**row) for row in rows)
