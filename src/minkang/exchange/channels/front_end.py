"""Front-end tables (前置库): rows of a source's own database, read by change time, resumable."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from minkang.exchange.channels.door import look_at
from minkang.exchange.inbox import Inbox
from minkang.exchange.mappings.tables import encode_row, row_kind, shipped_mapping
from minkang.exchange.sources import Source
from minkang.store import Connection, Store

_BATCH = 500
_REACHED = "minkang_reached"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")


async def take_rows(
    inbox: Inbox, source: Source, id_key: bytes, rows: Iterable[Mapping[str, Any]]
) -> list[bool]:
    """Keep rows in the inbox; for each whether it passed at the door."""
    mapping = shipped_mapping(source.table_mapping or "")
    seen = []
    for row in rows:
        raw = encode_row(row)
        kind, key = row_kind(mapping, raw)
        seen.append(look_at(source, id_key, "table", (kind, key), raw))
    await asyncio.gather(*(inbox.keep(one.arrival) for one in seen))
    return [not one.arrival.problems for one in seen]


async def poll_table(store: Store, inbox: Inbox, source: Source, id_key: bytes) -> int:
    """Read what has changed in a source's table since the last time; how many rows there were.

    Rows are asked for by (change time, key) and the place reached is kept only after they are
    durable in the inbox: a crash in between reads them again, which changes nothing.

    Raises:
        OSError, asyncpg.PostgresError: the source's database is not there or refuses.
        ValueError: the table's name is no name.
    """
    if not source.table_name:
        return 0
    if not _NAME.fullmatch(source.table_name):
        raise ValueError(f"source {source.id}: {source.table_name!r} is not a table name")
    mapping = shipped_mapping(source.table_mapping or "")
    async with _connection(store, source) as connection:
        count = 0
        while rows := await _next(store, connection, source):
            reached = [row.pop(_REACHED) for row in rows]
            await take_rows(inbox, source, id_key, rows)
            await _remember(store, source, reached[-1], rows[-1][mapping.row])
            count += len(rows)
            if len(rows) < _BATCH:
                break
        return count


@asynccontextmanager
async def _connection(store: Store, source: Source) -> AsyncIterator[Connection]:
    """A connection to the source's database; without a URL the table lies in our own."""
    if source.database_url is None:
        async with store.pool.acquire() as own:
            yield own
        return
    connection = await asyncpg.connect(source.database_url, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


async def _next(store: Store, connection: Connection, source: Source) -> list[dict[str, Any]]:
    """The next rows by (change time, key).

    Times without a zone are the region's.
    """
    mapping = shipped_mapping(source.table_mapping or "")
    reached = await store.pool.fetchrow(
        "select changed, key from exchange.cursor where source = $1", source.id
    )
    # Names come from the registered source and its mapping, checked above; never from messages.
    changed, key = f'"{mapping.changed}"::text', f'"{mapping.row}"::text'
    # A row whose change time is none comes first, once, and is refused by its mapping.
    moment = f"""case when pg_input_is_valid({changed}, 'timestamptz')
                      then {changed}::timestamptz else '-infinity' end"""
    async with connection.transaction(readonly=True):
        await connection.execute("set local timezone to 'Asia/Shanghai'")
        rows = await connection.fetch(
            f"""select *, ({moment})::text as {_REACHED} from {source.table_name}
                where $1::text is null
                   or ({moment}, {key}) > ($1::text::timestamptz, $2::text)
                order by {moment}, {key} limit {_BATCH}""",  # noqa: S608
            reached["changed"] if reached else None,
            reached["key"] if reached else None,
        )
    return [dict(row.items()) for row in rows]


async def _remember(store: Store, source: Source, reached: str, key: Any) -> None:
    await store.pool.execute(
        """insert into exchange.cursor (source, changed, key) values ($1, $2, $3)
           on conflict (source) do update
           set changed = excluded.changed, key = excluded.key, read = now()""",
        source.id,
        reached,
        str(key),
    )
