"""Writing: durable, in groups, gap-free, and no answer when it can't be written."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import asyncpg
import pytest

from minkang.audit import AuditLog, AuditUnavailable, Entry, looks_at, recent, verify
from minkang.audit import log as log_module
from minkang.crypto import Keys
from minkang.store import Pool, open_pool


def read(number: int, **fields: Any) -> Entry:
    return Entry(action="read", allowed=True, object_id=str(number), **fields)


async def numbers(pool: Pool) -> list[tuple[Any, int]]:
    rows = await pool.fetch("select writer, seq from audit.entry order by writer, seq")
    return [tuple(row) for row in rows]


async def test_a_recorded_entry_is_in_the_table_as_given(log: AuditLog, pool: Pool) -> None:
    at = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)
    entry = Entry(
        at=at,
        account="a1",
        account_name="王医生",
        role="doctor",
        organisation="o1",
        purpose="treatment",
        action="read",
        object_type="Observation",
        object_id="x",
        person="p1",
        allowed=True,
        reason="visit",
        address="10.0.0.1",
        detail={"b": 1, "a": "二"},
    )
    await log.record(entry)
    row = await pool.fetchrow("select *, detail::text as text from audit.entry")
    assert row is not None
    assert row["at"] == at
    assert row["account_name"] == "王医生"
    assert row["text"] == '{"a":"二","b":1}'
    assert (row["writer"], row["seq"]) == (log.writer, 1)


async def test_many_callers_share_few_transactions_and_leave_no_gap(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    before = await pool.fetchval("select pg_current_xact_id()::text::bigint")
    await asyncio.gather(*(log.record(read(n)) for n in range(500)))
    after = await pool.fetchval("select pg_current_xact_id()::text::bigint")
    assert after - before < 20
    assert await numbers(pool) == [(log.writer, n) for n in range(1, 501)]
    assert (await verify(pool, keys, tmp_path)).intact


async def test_entries_recorded_together_lie_next_to_each_other(log: AuditLog, pool: Pool) -> None:
    await asyncio.gather(
        log.record_many([read(n, role="a") for n in range(5)]),
        log.record(read(9)),
        log.record_many([read(n, role="b") for n in range(1500)]),
    )
    rows = await pool.fetch("select role, min(seq), max(seq) from audit.entry group by role")
    spans = {row["role"]: row["max"] - row["min"] + 1 for row in rows}
    assert spans == {"a": 5, "": 1, "b": 1500}


async def test_two_writers_have_a_chain_each(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    other = await AuditLog.open(pool, keys, tmp_path)
    await asyncio.gather(*(one.record(read(n)) for n in range(50) for one in (log, other)))
    await other.close()
    found = await verify(pool, keys, tmp_path)
    assert (found.entries, found.writers, found.faults) == (100, 2, ())


async def test_what_a_stranger_sends_can_always_be_recorded(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await log.record(
        Entry(
            action="log-in",
            allowed=False,
            account_name="a\0b\ud800",
            reason="x" * 100_000,
            detail={"body": "\0" * 100_000},
        )
    )
    row = await pool.fetchrow("select account_name, length(reason), detail::text from audit.entry")
    assert row is not None
    assert tuple(row) == ("a\ufffdb?", 2000, '{"cut":true,"bytes":600011}')
    assert (await verify(pool, keys, tmp_path)).intact


async def test_a_wrong_entry_fails_its_caller_only(log: AuditLog, pool: Pool) -> None:
    with pytest.raises(ValueError, match="aware"):
        await log.record(read(1, at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point
    with pytest.raises(TypeError):
        await log.record(read(1, person=7))
    await log.record(read(2))
    assert await numbers(pool) == [(log.writer, 1)]


async def test_the_log_refuses_change_removal_and_emptying(log: AuditLog, pool: Pool) -> None:
    await log.record(read(1))
    for statement in (
        "update audit.entry set allowed = false",
        "delete from audit.entry",
        "truncate audit.entry",
        "delete from audit.checkpoint",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only grows"):
            await pool.execute(statement)


async def test_without_the_table_nothing_is_answered_and_afterwards_the_chain_goes_on(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await log.record(read(1))
    await pool.execute("alter table audit.entry rename to hidden")
    try:
        results = await asyncio.gather(
            *(log.record(read(n)) for n in range(20)), return_exceptions=True
        )
    finally:
        await pool.execute("alter table audit.hidden rename to entry")
    assert [type(result) for result in results] == [AuditUnavailable] * 20
    await log.record(read(2))
    assert await numbers(pool) == [(log.writer, 1), (log.writer, 2)]
    assert (await verify(pool, keys, tmp_path)).intact


async def test_a_cut_connection_is_replaced(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await log.record(read(1))
    await _cut_connections(pool)
    await log.record(read(2))
    assert await numbers(pool) == [(log.writer, 1), (log.writer, 2)]
    assert (await verify(pool, keys, tmp_path)).intact


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_commit_without_an_answer_is_settled_by_the_table(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, *, arrived: bool
) -> None:
    await log.record(read(1))
    original = AuditLog._insert
    calls = 0

    async def lost(self: AuditLog, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            await original(self, *arguments)
            return
        if arrived:
            head = self._head
            await original(self, *arguments)
            self._unsure, self._head = self._head, head
        else:
            self._unsure = arguments[1]
        raise ConnectionResetError

    with mock.patch.object(AuditLog, "_insert", lost):
        await log.record_many([read(2), read(3)])
    await log.record(read(4))
    assert calls == (1 if arrived else 2)
    rows = await pool.fetch("select object_id from audit.entry order by seq")
    assert [row["object_id"] for row in rows] == ["1", "2", "3", "4"]
    assert (await verify(pool, keys, tmp_path)).intact


async def test_a_chain_changed_under_an_open_log_is_left_as_evidence(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await log.record_many([read(1), read(2), read(3)])
    first = log.writer
    await _without_trigger(pool, "delete from audit.entry where seq = 3")
    await _cut_connections(pool)
    await log.record(read(4))
    assert log.writer != first
    await log.checkpoint()
    [fault] = (await verify(pool, keys, tmp_path)).faults
    assert (fault.writer, fault.seq, fault.kind) == (first, 3, "cut")


async def test_callers_holding_every_other_connection_are_served(
    database_url: str, keys: Keys, tmp_path: Path, empty_log: Pool
) -> None:
    small = await open_pool(database_url, maximum=3)
    log = await AuditLog.open(small, keys, tmp_path)
    async with small.acquire(), small.acquire():
        await asyncio.wait_for(log.record(read(1)), 2)
    await log.close()
    await small.close()


async def test_too_many_waiting_entries_are_refused(log: AuditLog) -> None:
    with (
        mock.patch.object(log_module, "WAITING_LIMIT", 3),
        pytest.raises(AuditUnavailable, match="too many"),
    ):
        await log.record_many([read(n) for n in range(4)])


async def test_a_closed_log_records_nothing(log: AuditLog) -> None:
    await log.close()
    with pytest.raises(AuditUnavailable, match="closed"):
        await log.record(read(1))


async def test_closing_writes_what_waits(
    pool: Pool, empty_log: Pool, keys: Keys, tmp_path: Path
) -> None:
    log = await AuditLog.open(pool, keys, tmp_path)
    waiting = [asyncio.create_task(log.record(read(n))) for n in range(30)]
    await asyncio.sleep(0)
    await log.close()
    await asyncio.gather(*waiting)
    assert len(await numbers(pool)) == 30
    assert await pool.fetchval("select count(*) from audit.checkpoint") == 1
    assert not list((tmp_path / "heads").iterdir())


async def test_a_thousand_entries_bring_a_checkpoint(log: AuditLog, pool: Pool) -> None:
    await log.record_many([read(n) for n in range(1000)])
    for _ in range(100):
        if await pool.fetchval("select count(*) from audit.checkpoint"):
            break
        await asyncio.sleep(0.02)
    assert await pool.fetchval("select count(*) from audit.checkpoint") == 1
    assert await log.checkpoint() is None


async def test_a_resident_sees_who_looked_newest_first_and_page_by_page(
    log: AuditLog, pool: Pool
) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    await log.record_many(
        [read(n, person="p1", at=start + timedelta(minutes=n // 3)) for n in range(10)]
        + [read(99, person="p2", at=start)]
    )
    first = await looks_at(pool, "p1", limit=4)
    second = await looks_at(pool, "p1", limit=4, before=first[-1].mark)
    third = await looks_at(pool, "p1", limit=4, before=second[-1].mark)
    shown = [look.object_id for look in first + second + third]
    assert shown == [str(n) for n in reversed(range(10))]
    assert len(await recent(pool)) == 11
    assert await looks_at(pool, "p3") == []


@pytest.mark.parametrize("mark", ["", "1.2", "x.y.z", "9" * 40 + "." + "0" * 32 + ".1"])
async def test_a_false_mark_is_refused(pool: Pool, mark: str) -> None:
    with pytest.raises(ValueError, match="no mark"):
        await looks_at(pool, "p1", before=mark)


async def _cut_connections(pool: Pool) -> None:
    await pool.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )


async def _without_trigger(pool: Pool, statement: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("alter table audit.entry disable trigger only_grows")
        await connection.execute(statement)
        await connection.execute("alter table audit.entry enable trigger only_grows")


async def test_what_was_acknowledged_survives_kill_9(
    empty_log: Pool, database_url: str, keys: Keys, tmp_path: Path
) -> None:
    program = """
import asyncio, pathlib, sys
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys
from minkang.store import open_pool

async def main(url, folder, key):
    pool = await open_pool(url)
    keys = Keys(b"", b"", bytes.fromhex(key), b"")
    log = await AuditLog.open(pool, keys, pathlib.Path(folder))
    async def caller(name):
        for number in range(10**9):
            await log.record(Entry(action="read", allowed=True, object_id=f"{name}-{number}"))
            print(f"{name}-{number}", flush=True)
    await asyncio.gather(*(caller(name) for name in range(8)))

asyncio.run(main(*sys.argv[1:]))
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, database_url, str(tmp_path), keys.audit_key.hex()),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    acknowledged = [await process.stdout.readline() for _ in range(300)]
    process.kill()
    acknowledged += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    rows = await empty_log.fetch("select object_id from audit.entry")
    assert {line.decode().strip() for line in acknowledged if line.endswith(b"\n")} <= {
        row["object_id"] for row in rows
    }
    assert (await verify(empty_log, keys, tmp_path)).intact
