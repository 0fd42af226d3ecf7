"""What is done in the background: verifications asked for, indexes, archiving by the calendar."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from minkang.app.keep_audit import months_before
from minkang.audit import AuditLog, Entry
from minkang.audit.entry import begun_link, first_link, link, rows_of
from minkang.audit.indexes import build_search_indexes
from minkang.audit.runs import NIGHTLY, ask_for_run, ask_nightly, latest_runs, run_next
from minkang.crypto import Keys
from minkang.store import Pool

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


async def test_a_verification_is_made_once_for_all_who_ask_for_the_same(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, database_url: str
) -> None:
    await log.record(Entry(action="read", allowed=True))
    async with pool.acquire() as connection:
        first = await ask_for_run(connection, "王", None)
        assert await ask_for_run(connection, "李", None) == first
        other = await ask_for_run(connection, "李", NOW)
    assert other != first
    assert [one.ended for one in await latest_runs(pool)] == [None, None]
    await run_next(pool, keys, tmp_path, database_url)
    done = (await latest_runs(pool))[-1]
    assert (done.id, done.passed, done.failed) == (first, 1, "")
    assert done.found is not None
    assert done.found.intact
    await run_next(pool, keys, tmp_path, database_url)
    assert await run_next(pool, keys, tmp_path, database_url) is None


async def test_one_that_a_dead_process_left_is_begun_again(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, database_url: str
) -> None:
    async with pool.acquire() as connection:
        await ask_for_run(connection, "王", None)
    await pool.execute("update audit.run set begun = now(), passed = 7")
    run = await run_next(pool, keys, tmp_path, database_url)
    assert run is not None
    assert run.found is not None


async def test_every_night_the_new_entries_and_every_week_all(empty_log: Pool) -> None:
    async with empty_log.acquire() as connection:
        for day in range(9):
            now = datetime.now(UTC) - timedelta(days=9 - day)
            await ask_nightly(connection, now)
            await ask_nightly(connection, now + timedelta(hours=1))
            await connection.execute(
                "update audit.run set begun = $1, ended = $1, asked = $1 where begun is null", now
            )
    runs = list(reversed(await latest_runs(empty_log, 20)))
    assert {one.asked_by for one in runs} == {NIGHTLY}
    assert [one.since is None for one in runs] == [True] + [False] * 6 + [True, False]


async def test_indexes_are_made_beside_writers_and_once(
    log: AuditLog, pool: Pool, database_url: str
) -> None:
    await pool.execute("drop index if exists audit.entry_action")
    assert "entry_action" in await build_search_indexes(database_url)
    assert await build_search_indexes(database_url) == []


@pytest.mark.parametrize(
    ("months", "expected"),
    [(6, "2026-05-01"), (10, "2026-01-01"), (11, "2025-12-01"), (24, "2024-11-01")],
)
def test_months_are_counted_by_the_calendar(months: int, expected: str) -> None:
    assert months_before(NOW, months).isoformat()[:10] == expected


def test_a_row_without_residents_has_the_link_that_earlier_releases_gave_it() -> None:
    key, writer = b"k" * 32, UUID(int=7)
    entry = Entry(
        action="read",
        allowed=True,
        account="a1",
        account_name="王医生",
        role="doctor",
        person="p1",
        object_id="x",
        detail={"b": 1},
        at=datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC),
    )
    [row] = rows_of(entry)
    made = link(begun_link(key), first_link(key, writer), writer, 1, row)
    assert made.hex() == "5e7801637c7e7c5fd1abcdca8c631d58ee382e7a8d9ad2bc1349a85359d10326"
