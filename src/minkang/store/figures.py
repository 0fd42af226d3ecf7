"""What the store holds, in figures that are cheap to ask for however much that is.

Small stores are counted. In a large one the planner's estimates stand for counts: they come from
its statistics and from the present size of the files, and cost nothing.
"""

from datetime import datetime

import msgspec

from minkang.fhir import TYPE_NAMES
from minkang.store.connection import Connection
from minkang.store.feed import lags
from minkang.store.reindex import STALE, Progress, is_stale, progress

_EXACT_BELOW = 2_000_000
_MOST_RARE = 50_000


class Held(msgspec.Struct, frozen=True):
    """How many resources of a type there are."""

    type: str
    count: int


class Table(msgspec.Struct, frozen=True):
    """The size of a table, its partitions together, in bytes; TOAST counts as the table's."""

    name: str
    rows: int
    indexes: int

    @property
    def total(self) -> int:
        """With its indexes."""
        return self.rows + self.indexes


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the store.

    Attributes:
        held: current resources by type, deleted ones left out, most first.
        held_estimated: `held` is an estimate.
        former: versions that were replaced or deleted.
        former_estimated: `former` is an estimate.
        tables: tables of the store, largest first.
        database: bytes of the whole database, with messages and audit log.
        reindexing: versions still to be indexed anew; of a large store estimated.
        lags: seconds by which each consumer of the change feed is behind.
        newest: when something was last changed; None while there is nothing.
    """

    held: tuple[Held, ...]
    held_estimated: bool
    former: int
    former_estimated: bool
    tables: tuple[Table, ...]
    database: int
    reindexing: Progress
    lags: dict[str, float]
    newest: datetime | None

    @property
    def current(self) -> int:
        """Current resources of all types."""
        return sum(one.count for one in self.held)

    @property
    def bytes(self) -> int:
        """Bytes of all tables of the store with their indexes."""
        return sum(table.total for table in self.tables)


async def figures(connection: Connection, *, exact_below: int = _EXACT_BELOW) -> Figures:
    """The figures of now; what has fewer rows than `exact_below` by the estimate is counted."""
    total = await _estimated(connection, "store.resource where not deleted")
    former = await _estimated(connection, "store.history")
    small, little = total < exact_below, former < exact_below
    if little:
        former = await connection.fetchval("select count(*) from store.history")
    held = await _counted(connection) if small else await _by_statistics(connection, total)
    return Figures(
        held=tuple(sorted(held, key=lambda one: (-one.count, one.type))),
        held_estimated=not small,
        former=former,
        former_estimated=not little,
        tables=await _tables(connection),
        database=await connection.fetchval("select pg_database_size(current_database())"),
        reindexing=await _reindexing(connection, total, counted=small),
        lags=await lags(connection),
        newest=await connection.fetchval(
            "select updated from store.resource order by transaction desc, sequence desc limit 1"
        ),
    )


async def _estimated(connection: Connection, rows: str) -> int:
    """How many rows the planner expects of a from clause."""
    plan = msgspec.json.decode(
        await connection.fetchval(f"explain (format json) select from {rows}")
    )
    return int(plan[0]["Plan"]["Plan Rows"])


async def _counted(connection: Connection) -> list[Held]:
    rows = await connection.fetch(
        "select type, count(*) as count from store.resource where not deleted group by type"
    )
    return [Held(TYPE_NAMES[row["type"]], row["count"]) for row in rows]


async def _by_statistics(connection: Connection, total: int) -> list[Held]:
    """The shares that the statistics give to types; a type too rare for them is counted.

    The statistics know what is often met in a sample of 30,000 rows. Which types there are at
    all is had by going from one to the next in the index.
    """
    shares = await connection.fetch(
        """select m.type, m.share from pg_stats s cross join lateral
               unnest(s.most_common_vals::text::smallint[], s.most_common_freqs) as m(type, share)
           where s.schemaname = 'store' and s.tablename = 'resource' and s.attname = 'type'"""
    )
    common = {row["type"]: round(row["share"] * total) for row in shares}
    rare = await connection.fetch(
        """with recursive kind (type) as (
               (select type from store.resource where not deleted order by type limit 1)
               union all
               select (select r.type from store.resource r
                       where not r.deleted and r.type > kind.type order by r.type limit 1)
               from kind where kind.type is not null)
           select kind.type, few.count from kind cross join lateral (
               select count(*) as count from (
                   select from store.resource r where not r.deleted and r.type = kind.type
                   limit $2) as found) as few
           where kind.type is not null and kind.type <> all($1::smallint[])""",
        list(common),
        _MOST_RARE,
    )
    return [
        Held(TYPE_NAMES[code], count)
        for code, count in [*common.items(), *((row["type"], row["count"]) for row in rare)]
    ]


async def _tables(connection: Connection) -> tuple[Table, ...]:
    rows = await connection.fetch(
        """select coalesce(whole.relname, part.relname) as name,
               sum(coalesce(pg_table_size(part.oid), 0))::bigint as rows,
               sum(coalesce(pg_indexes_size(part.oid), 0))::bigint as indexes
           from pg_class part
           left join pg_inherits i on i.inhrelid = part.oid
           left join pg_class whole on whole.oid = i.inhparent
           where part.relnamespace = 'store'::regnamespace and part.relkind = 'r'
           group by 1"""
    )
    tables = [Table(row["name"], row["rows"], row["indexes"]) for row in rows]
    return tuple(sorted(tables, key=lambda table: (-table.total, table.name)))


async def _reindexing(connection: Connection, total: int, *, counted: bool) -> Progress:
    if counted:
        return await progress(connection)
    if not await is_stale(connection):
        return Progress(0, 0)
    left = await _estimated(connection, f"store.resource where {STALE}")
    return Progress(min(max(1, left), total), total)
