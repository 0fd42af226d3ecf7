"""What was judged and counted of purged resources goes with them, and their numbers too."""

from collections.abc import Sequence

from minkang.exchange.quality.follow import LOCK
from minkang.exchange.quality.gather import Key, key_columns
from minkang.exchange.quality.ledger import enter
from minkang.store import Connection


async def forget(connection: Connection, keys: Sequence[Key]) -> None:
    """Take away everything that stands of some resources, in the caller's transaction.

    Their sources' numbers leave the lists of reported and of requested items as well; the counts
    that a source has reported stay its own.
    """
    # The follower would do the same at the tombstones; both at once would wait for each other.
    await connection.execute("select pg_advisory_xact_lock($1, $2)", *LOCK)
    rows = await connection.fetch(
        """select distinct h.source, h.kind, h.number from exchange.held h
           join unnest($1::smallint[], $2::text[]) as k(type, id)
           on h.type = k.type and h.id = k.id""",
        *key_columns(keys),
    )
    numbers = [[row[name] for row in rows] for name in ("source", "kind", "number")]
    await connection.execute(
        """delete from exchange.reported_item i
           using unnest($1::text[], $2::text[], $3::text[]) as k(source, kind, number)
           where i.source = k.source and i.kind = k.kind and i.number = k.number""",
        *numbers,
    )
    await connection.execute(
        """update exchange.resend_request q set numbers = array(
               select n from unnest(q.numbers) as n where not exists (
                   select from unnest($1::text[], $2::text[], $3::text[]) as k(s, k, number)
                   where k.s = q.source and k.k = q.kind and k.number = n))
           where q.source = any($1::text[]) and q.numbers && $3::text[]""",
        *numbers,
    )
    await enter(connection, {}, keys)
    await connection.execute(
        """delete from exchange.mention m using unnest($1::smallint[], $2::text[]) as k(a, b)
           where m.type = k.a and m.id = k.b""",
        *key_columns(keys),
    )


async def forget_all(connection: Connection, source: str) -> None:
    """Take away everything of a source, what it reported too, in the caller's transaction."""
    await connection.execute("select pg_advisory_xact_lock($1, $2)", *LOCK)
    await connection.execute(
        """delete from exchange.mention m using exchange.judged j
           where j.source = $1 and m.type = j.type and m.id = j.id""",
        source,
    )
    for table in (
        "judgement",
        "judged",
        "quality_day",
        "held",
        "reported",
        "reported_item",
        "reconciled",
        "reconcile_due",
        "resend_request",
    ):
        await connection.execute(f"delete from exchange.{table} where source = $1", source)  # noqa: S608 - our names
