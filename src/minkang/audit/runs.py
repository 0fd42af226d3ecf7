"""Verifications in the background: asked for by somebody, made by the worker, kept with results."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec

from minkang.audit.verification import Verification
from minkang.audit.verify import verify
from minkang.crypto import Keys
from minkang.store import Connection, Pool

NIGHTLY = "nightly"
_LOCK = 0x6D6B_6175_6469_7404
_TELL_SECONDS = 1.0


class Run(msgspec.Struct, frozen=True):
    """A verification: asked for, under way, or done.

    Attributes:
        passed, entries: how many entries it has looked at, of about how many.
        found: the outcome; None while there is none, or if `failed` says what kept it from one.
    """

    id: int
    asked: datetime
    asked_by: str
    since: datetime | None
    begun: datetime | None
    passed: int
    entries: int
    ended: datetime | None
    found: Verification | None = None
    failed: str = ""


class _Result(msgspec.Struct, frozen=True):
    found: Verification | None = None
    failed: str = ""


async def ask_for_run(connection: Connection, asked_by: str, since: datetime | None) -> int:
    """Ask for a verification; one that waits already for the same serves both. Its id."""
    return int(
        await connection.fetchval(
            """with waiting as (
                   select id from audit.run
                   where begun is null and since is not distinct from $2 limit 1),
               made as (
                   insert into audit.run (asked, asked_by, since)
                   select now(), $1, $2 where not exists (select from waiting) returning id)
               select id from waiting union all select id from made""",
            asked_by,
            since,
        )
    )


async def latest_runs(source: "Pool | Connection", limit: int = 10) -> list[Run]:
    """The latest ones, newest first."""
    rows = await source.fetch(
        """select id, asked, asked_by, since, begun, passed, entries, ended, result
           from audit.run order by id desc limit $1""",
        limit,
    )
    runs = []
    for row in rows:
        result = row["result"]
        told = msgspec.json.decode(result, type=_Result) if result else _Result()
        values = {name: value for name, value in row.items() if name != "result"}
        runs.append(Run(**values, found=told.found, failed=told.failed))
    return runs


async def ask_nightly(connection: Connection, now: datetime) -> None:
    """Once in 24 hours, from a day before the last one on; of everything once a week."""
    last = await connection.fetchval(
        "select max(asked) from audit.run where asked_by = $1", NIGHTLY
    )
    if last is not None and now - last < timedelta(hours=24):
        return
    whole = await connection.fetchval(
        "select max(asked) from audit.run where asked_by = $1 and since is null", NIGHTLY
    )
    weekly = whole is None or now - whole >= timedelta(days=7)
    await ask_for_run(connection, NIGHTLY, None if weekly else last - timedelta(days=1))


async def run_next(pool: Pool, keys: Keys, folder: Path, url: str) -> Run | None:
    """Carry out what is asked for, the oldest first; None if nothing is, or another process does.

    One that a process left behind when it ended is begun again.

    Raises:
        asyncpg.PostgresError, OSError: begin again later.
    """
    async with pool.acquire() as connection:
        if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            return None
        try:
            row = await connection.fetchrow(
                """update audit.run set begun = now(), passed = 0, entries = (
                       select greatest(reltuples, 0)::bigint from pg_class
                       where oid = 'audit.entry'::regclass)
                   where id = (select id from audit.run where ended is null order by id limit 1)
                   returning id, since"""
            )
            if row is None:
                return None
            await _carry_out(connection, pool, keys, folder, url, row["id"], row["since"])
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)
    return (await latest_runs(pool, 1))[0]


async def _carry_out(
    connection: Connection,
    pool: Pool,
    keys: Keys,
    folder: Path,
    url: str,
    run: int,
    since: datetime | None,
) -> None:
    count = 0

    def passed(entries: int) -> None:
        nonlocal count
        count += entries

    async def tell() -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            await connection.execute("update audit.run set passed = $2 where id = $1", run, count)

    telling = asyncio.create_task(tell())
    try:
        found = await verify(pool, keys, folder, since=since, url=url, passed=passed)
        result = _Result(found)
    except (OSError, asyncpg.PostgresError) as error:
        result = _Result(failed=f"{type(error).__name__}: {error}")
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
    await connection.execute(
        """update audit.run set ended = $2, passed = $3, entries = $3, result = $4
           where id = $1""",
        run,
        datetime.now(UTC),
        count,
        msgspec.json.encode(result).decode(),
    )
