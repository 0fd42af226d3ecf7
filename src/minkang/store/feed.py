"""The change feed: every committed version once, in commit order, without gaps.

The rows are the feed. A position is (epoch, shard, transaction, sequence); reading stops before
the oldest transaction still running, so nothing can later appear behind a position handed out.
"""

from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.store.connection import Connection
from minkang.store.criteria import shown
from minkang.store.scope import Scope, compile_scope
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows

# Every follower asks this at every idle turn, so it has to be the last entry of the index. The
# columns are named with their table: a bare "transaction" would be the number of the answer, which
# no index has, and all rows would be read and sorted.
NEWEST = """
    select r.transaction::text::bigint as transaction, r.sequence from store.resource r
    where r.transaction <= $1::text::xid8 order by r.transaction desc, r.sequence desc limit 1"""


class Position(msgspec.Struct, frozen=True, order=True):
    """How far a consumer has read."""

    epoch: int
    shard: int
    transaction: int
    sequence: int


class StalePosition(Exception):  # noqa: N818 - reads as what happened
    """The position is from before a restore: the consumer must start over."""


class Changes(msgspec.Struct, frozen=True):
    """Versions in commit order and the position after the last of them."""

    versions: tuple[Stored, ...]
    position: Position


async def start(connection: Connection) -> Position:
    """The position before the first change of the current epoch."""
    return Position(await connection.fetchval("select epoch from store.epoch"), 0, 0, 0)


async def head(connection: Connection) -> Position:
    """The position at which everything that a reader could have seen so far lies behind."""
    row = await connection.fetchrow(
        """select epoch, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as t
           from store.epoch"""
    )
    assert row is not None  # noqa: S101 - the migration inserts the row
    return Position(row["epoch"], 0, row["t"] - 1, 2**62)


async def changes(
    store: Store,
    connection: Connection,
    scope: Scope,
    after: Position,
    *,
    types: frozenset[str] | None = None,
    limit: int = 500,
) -> Changes:
    """The next versions after a position; an empty answer means there is nothing new yet.

    The position given back lies behind what was passed over, too (other types, out of scope):
    who keeps it does not look through the same again, and is not taken for late.

    Raises:
        StalePosition: the database was restored since.
    """
    before = await head(connection)
    epoch = before.epoch
    if epoch != after.epoch:
        raise StalePosition(f"position of epoch {after.epoch}, the database is at {epoch}")
    parameters: list[Any] = [str(after.transaction), after.sequence, limit]
    condition = compile_scope(scope, "v", parameters, current=False)
    if types is not None:
        parameters.append([TYPE_CODES[name] for name in types])
        condition += f" and v.type = any(${len(parameters)}::smallint[])"
    rows = await connection.fetch(
        f"""
        select {COLUMNS}, transaction::text::bigint as transaction, sequence from (
            select {COLUMNS}, patients, dated, transaction, sequence from store.resource
            union all
            select {COLUMNS}, patients, dated, transaction, sequence from store.history) v
        where (v.transaction, v.sequence) > ($1::text::xid8, $2::bigint)
        and v.transaction < pg_snapshot_xmin(pg_current_snapshot()) and {condition}
        order by v.transaction, v.sequence
        limit $3""",
        *parameters,
    )
    position = after
    if rows:
        position = Position(epoch, after.shard, rows[-1]["transaction"], rows[-1]["sequence"])
    if len(rows) < limit:
        position = max(position, await _passed(connection, before, after))
    if not rows:
        return Changes((), position)
    found = await stored_rows(connection, store.codec, rows)
    return Changes(tuple(shown(scope, found)), position)


async def _passed(connection: Connection, before: Position, after: Position) -> Position:
    """The newest change that was committed when `before` was the head, whatever it was.

    A version in history is older than the one that took its place.
    """
    row = await connection.fetchrow(NEWEST, str(before.transaction))
    if row is None:
        return after
    return Position(before.epoch, after.shard, row["transaction"], row["sequence"])


async def load_position(connection: Connection, consumer: str) -> Position:
    """Where a consumer had come to; the beginning if it is new."""
    row = await connection.fetchrow(
        """select epoch, shard, transaction::text::bigint as transaction, sequence
           from store.consumer where name = $1""",
        consumer,
    )
    return await start(connection) if row is None else Position(*row.values())


async def save_position(connection: Connection, consumer: str, position: Position) -> None:
    """Keep the position, in the transaction of the consumer's own effects."""
    await connection.execute(
        """insert into store.consumer (name, epoch, shard, transaction, sequence)
           values ($1, $2, $3, $4::text::xid8, $5)
           on conflict (name) do update set epoch = excluded.epoch, shard = excluded.shard,
               transaction = excluded.transaction, sequence = excluded.sequence""",
        consumer,
        position.epoch,
        position.shard,
        str(position.transaction),
        position.sequence,
    )


async def lags(connection: Connection) -> dict[str, float]:
    """How far each consumer is behind, in seconds: the age of the first change it has not read."""
    rows = await connection.fetch(
        """
        select c.name, extract(epoch from clock_timestamp() - least(
            (select r.updated from store.resource r
             where (r.transaction, r.sequence) > (c.transaction, c.sequence)
             order by r.transaction, r.sequence limit 1),
            (select h.updated from store.history h
             where (h.transaction, h.sequence) > (c.transaction, c.sequence)
             order by h.transaction, h.sequence limit 1))) as seconds
        from store.consumer c"""
    )
    return {row["name"]: float(row["seconds"] or 0.0) for row in rows}
