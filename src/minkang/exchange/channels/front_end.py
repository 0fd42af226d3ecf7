"""Front-end tables (前置库): rows of a source's own database, polled, resumable at any point.

Three ways of reading: forward from the place reached, every time; the stretch just before it again,
for rows that were committed late; and once a day all keys, for rows that were altered in the past
and for those that have vanished (`front_end_compare`).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
from pymysql import MySQLError

from minkang.exchange.channels.front_end_compare import compare_rows
from minkang.exchange.channels.front_end_mariadb import maria_table
from minkang.exchange.channels.front_end_postgres import postgres_table
from minkang.exchange.channels.front_end_rows import Sender
from minkang.exchange.channels.front_end_table import (
    NAME,
    PAGE,
    FrontTable,
    FrontTableError,
    Place,
)
from minkang.exchange.inbox import Inbox
from minkang.exchange.mappings.tables import MappingError, TableMapping, mapping_of, moment_of
from minkang.exchange.sources import Source
from minkang.fhir.dates import LOCAL
from minkang.store import Connection, Store

_OVERLAP_EVERY = timedelta(minutes=1)
_COMPARE_EVERY = timedelta(days=1)
_LONGEST_PAUSE = 600
_LONGEST_TEXT = 500

_REASONS: dict[str | int, str] = {
    "InvalidPasswordError": "账号或密码不对",
    "InvalidAuthorizationSpecificationError": "账号或密码不对",
    "InvalidCatalogNameError": "没有这个库",
    "UndefinedTableError": "没有这张表，或该账号看不到它",
    "UndefinedColumnError": "表中没有要用的列",
    "InsufficientPrivilegeError": "该账号没有读取权限",
    1045: "账号或密码不对",
    1044: "该账号没有读取权限",
    1049: "没有这个库",
    1054: "表中没有要用的列",
    1142: "该账号没有读取权限",
    1146: "没有这张表，或该账号看不到它",
}


class _Poll(msgspec.Struct, frozen=True):
    """How polling a source stands (exchange.poll)."""

    at: datetime
    failures: int
    overlapped: datetime
    compared: datetime
    mark: str | None
    marked: datetime | None
    settled: str | None


async def poll_table(store: Store, inbox: Inbox, source: Source, id_key: bytes) -> int:
    """Read what has changed in a source's table since the last time; how many rows were sent on.

    The place reached is kept only after the rows are durable in the inbox: a crash in between reads
    them again, which changes nothing. One process at a time polls a source. After a failure the
    next calls do nothing for a while, longer each time, so that no account is locked out.

    Raises:
        OSError, asyncpg.PostgresError, pymysql.MySQLError: the source's database is not there or
            refuses.
        FrontTableError: the table can't be read with this mapping.
        ValueError: the table's name is no name.
    """
    if not source.table_name:
        return 0
    if not NAME.fullmatch(source.table_name):
        raise ValueError(f"source {source.id}: {source.table_name!r} is not a table name")
    async with store.pool.acquire() as own:
        if not await own.fetchval("select pg_try_advisory_lock(hashtext($1))", _lock(source)):
            return 0
        try:
            state = await _state(own, source)
            pause = min(_LONGEST_PAUSE, 2**state.failures) if state.failures else 0
            if datetime.now(UTC) < state.at + timedelta(seconds=pause):
                return 0
            try:
                count, warning = await _poll(store, own, inbox, source, state, id_key)
            except Exception as error:
                await _note_failure(own, source, explained(error))
                raise
            await own.execute(
                """update exchange.poll set at = clock_timestamp(), failures = 0,
                       error = case when $2 then $3 else warning end,
                       warning = case when $2 then $3 else warning end where source = $1""",
                source.id,
                warning is not None,
                warning or None,
            )
            return count
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await own.fetchval("select pg_advisory_unlock(hashtext($1))", _lock(source))


async def read_rows(
    store: Store, inbox: Inbox, source: Source, keys: Sequence[str], id_key: bytes
) -> int:
    """Read these rows of a source's table, wherever they lie in its order; how many were sent on.

    For whoever has added rows that lie in the past, and need not wait for the comparison of all
    keys. Waits while the source is being polled.

    Raises:
        as `poll_table`; MappingError, too.
    """
    mapping = mapping_of(source)
    async with store.pool.acquire() as own:
        await own.execute("select pg_advisory_lock(hashtext($1))", _lock(source))
        try:
            async with _table(store, source, mapping) as table:
                sender = Sender(store, inbox, source, mapping, id_key)
                count = 0
                for begin in range(0, len(keys), PAGE):
                    count += await sender.send(await table.rows(keys[begin : begin + PAGE]))
                return count
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await own.fetchval("select pg_advisory_unlock(hashtext($1))", _lock(source))


def explained(error: Exception) -> str:
    """What is wrong with a source's database, for the person who must see to it."""
    if isinstance(error, FrontTableError | MappingError):
        return str(error)[:_LONGEST_TEXT]
    number = error.args[0] if isinstance(error, MySQLError) and error.args else None
    reason = _REASONS.get(type(error).__name__) or _REASONS.get(number or 0)
    if reason is None and isinstance(error, OSError | MySQLError | asyncpg.PostgresError):
        reason = "连不上来源的数据库，或读取中断"
    if reason is None:
        return f"轮询出错（{type(error).__name__}），请检查来源的设置"
    return f"{reason}：{error}"[:_LONGEST_TEXT]


async def _poll(
    store: Store, own: Connection, inbox: Inbox, source: Source, state: _Poll, id_key: bytes
) -> tuple[int, str | None]:
    """Read; how many rows were sent on, and the warning of a comparison ("" if there was none)."""
    mapping = mapping_of(source)
    async with _table(store, source, mapping) as table:
        if lacking := [one for one in mapping.needed if one not in table.columns]:
            raise FrontTableError(f"表中没有映射要用的列：{'、'.join(lacking)}")
        sender = Sender(store, inbox, source, mapping, id_key)
        count = await _forward(own, table, sender)
        now = datetime.now(UTC)
        if mapping.changed is None:
            state = await _move_marks(own, source, state, now)
        if source.overlap_minutes and now >= state.overlapped + _OVERLAP_EVERY:
            count += await _again(own, table, sender, state)
            await _note_time(own, source, "overlapped", now)
        if now < state.compared + _COMPARE_EVERY:
            return count, None
        compared = await compare_rows(own, table, sender)
        await _note_time(own, source, "compared", now)
        return count + compared.sent, compared.warning


@asynccontextmanager
async def _table(store: Store, source: Source, mapping: TableMapping) -> AsyncIterator[FrontTable]:
    """A source's table, open; without a URL it lies in our own database."""
    name, url = source.table_name or "", source.database_url
    if url is None:
        async with store.pool.acquire() as ours:
            yield await postgres_table(ours, name, mapping)
        return
    if url.startswith(("mariadb://", "mysql://")):
        maria, close = await maria_table(url, name, mapping)
        try:
            yield maria
        finally:
            close()
        return
    connection = await asyncpg.connect(url, timeout=10)
    try:
        yield await postgres_table(connection, name, mapping)
    finally:
        await connection.close()


async def _forward(own: Connection, table: FrontTable, sender: Sender) -> int:
    """The rows after the place reached."""
    reached = await _reached(own, sender.source)
    count = 0
    while rows := await table.after(reached):
        count += await sender.send(rows)
        reached = rows[-1].place
        await own.execute(
            """insert into exchange.cursor (source, changed, key) values ($1, $2, $3)
               on conflict (source) do update
               set changed = excluded.changed, key = excluded.key, read = now()""",
            sender.source.id,
            reached.moment or "",
            reached.key or "",
        )
        if len(rows) < PAGE:
            break
    return count


async def _again(own: Connection, table: FrontTable, sender: Sender, state: _Poll) -> int:
    """The rows just before the place reached, for those that were committed late."""
    until = await _reached(own, sender.source)
    if until is None:
        return 0
    place: Place | None = None if state.settled is None else Place(None, state.settled)
    if until.moment is not None:
        try:
            begin = moment_of(until.moment) - timedelta(minutes=sender.source.overlap_minutes)
        except ValueError:
            return 0
        local = begin.astimezone(LOCAL).replace(tzinfo=None)
        place = Place(local.isoformat(" ", "microseconds"), None)
    count = 0
    while rows := await table.after(place, until):
        count += await sender.send(rows)
        place = rows[-1].place
        if len(rows) < PAGE:
            break
    return count


async def _reached(own: Connection, source: Source) -> Place | None:
    row = await own.fetchrow(
        "select changed, key from exchange.cursor where source = $1", source.id
    )
    return Place(row["changed"] or None, row["key"]) if row else None


async def _move_marks(own: Connection, source: Source, state: _Poll, now: datetime) -> _Poll:
    """Of a table that is read by key: remember where it had come to an overlap ago."""
    if state.marked and now < state.marked + timedelta(minutes=source.overlap_minutes):
        return state
    reached = await _reached(own, source)
    mark = reached.key if reached else None
    await own.execute(
        "update exchange.poll set settled = mark, mark = $2, marked = $3 where source = $1",
        source.id,
        mark,
        now,
    )
    return msgspec.structs.replace(state, settled=state.mark, mark=mark, marked=now)


async def _state(own: Connection, source: Source) -> _Poll:
    row = await own.fetchrow(
        """insert into exchange.poll (source) values ($1)
           on conflict (source) do update set source = excluded.source
           returning at, failures, overlapped, compared, mark, marked, settled""",
        source.id,
    )
    return msgspec.convert(dict(row or {}), _Poll)


async def _note_time(own: Connection, source: Source, column: str, now: datetime) -> None:
    await own.execute(f"update exchange.poll set {column} = $2 where source = $1", source.id, now)  # noqa: S608


async def _note_failure(own: Connection, source: Source, text: str) -> None:
    await own.execute(
        """update exchange.poll set at = clock_timestamp(), error = $2, failures = failures + 1
           where source = $1""",
        source.id,
        text.replace("\0", ""),
    )


def _lock(source: Source) -> str:
    return f"poll:{source.id}"
