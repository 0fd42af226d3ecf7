"""A source's own figures are kept, and compared at once."""

from collections.abc import Sequence
from datetime import date

from minkang.exchange.reconciliation.compare import Comparison, compare
from minkang.exchange.reconciliation.counts import Reported
from minkang.store import Connection


async def keep_counts(
    connection: Connection, source: str, reported: Sequence[Reported]
) -> list[Comparison]:
    """Keep what a source reports, and tell how it compares with what is held.

    A report replaces what the source said before of the same day and kind, all departments of it.
    """
    if not reported:
        return []
    days = sorted({(one.day, one.kind) for one in reported})
    keys = [(source, day, kind) for day, kind in days]
    async with connection.transaction():
        await _forget(connection, keys)
        await connection.executemany(
            """insert into exchange.reported (source, day, kind, department, count, sum)
               values ($1, $2, $3, $4, $5, $6)""",
            [(source, o.day, o.kind, o.department, o.count, o.sum) for o in reported],
        )
        rows = sorted(_items(reported))
        await connection.execute(
            """insert into exchange.reported_item (source, day, kind, number)
               select $1, * from unnest($2::date[], $3::text[], $4::text[])""",
            source,
            *([row[n] for row in rows] for n in range(3)),
        )
        return await compare(connection, keys)


async def _forget(connection: Connection, keys: Sequence[tuple[str, date, str]]) -> None:
    for table in ("reported", "reported_item"):
        await connection.execute(
            f"""delete from exchange.{table} r
                using unnest($1::text[], $2::date[], $3::text[]) as k(a, b, c)
                where r.source = k.a and r.day = k.b and r.kind = k.c""",  # noqa: S608 - our names
            *([key[n] for key in keys] for n in range(3)),
        )


def _items(reported: Sequence[Reported]) -> set[tuple[date, str, str]]:
    """The numbers listed; of a day and kind only if no line with a count keeps its own back."""
    kept_back = {(one.day, one.kind) for one in reported if one.items is None and one.count}
    whole = {(one.day, one.kind) for one in reported if not one.department and one.items}
    return {
        (one.day, one.kind, number)
        for one in reported
        if (one.day, one.kind) in whole or (one.day, one.kind) not in kept_back
        for number in one.items or ()
    }
