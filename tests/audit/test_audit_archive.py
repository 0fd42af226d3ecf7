"""Old entries move to signed files; the log stays whole, and says so."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
import zstandard

from minkang.audit import AuditLog, Entry, NotArchived, archive_until, entries, looks_at, verify
from minkang.audit.archive import prune
from minkang.audit.archive_file import manifest_file, rows_file
from minkang.audit.archive_search import archived_entries
from minkang.audit.search import Sought
from minkang.crypto import Keys
from minkang.store import Pool
from tests.audit.tampering import places, tamper

START = datetime(2026, 1, 1, tzinfo=UTC)


def read(number: int) -> Entry:
    return Entry(
        action="read",
        allowed=True,
        person=f"p{number % 3}",
        persons=("q1", "q2") if number % 2 else (),
        object_id=str(number),
        at=START + timedelta(days=number),
        detail={"n": "值"},
    )


def unpacked(path: Path) -> bytes:
    with zstandard.open(path) as file:
        content: bytes = file.read()
    return content


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
async def filled(log: AuditLog) -> AuditLog:
    """A log with twenty entries, one a day, and a checkpoint."""
    await log.record_many([read(n) for n in range(20)])
    await log.checkpoint()
    return log


async def test_old_entries_move_to_a_file_and_the_log_stays_intact(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    manifest = await archive_until(filled, pool, keys, tmp_path, day(8))
    assert manifest is not None
    assert (manifest.number, manifest.entries, manifest.since[:10]) == (1, 8, "2026-01-01")
    left = await pool.fetch("select object_id, action from audit.entry order by seq")
    assert [row["object_id"] for row in left] == [*(str(n) for n in range(8, 20)), "1"]
    assert left[-1]["action"] == "archive-audit"
    assert await pool.fetchval("select count(*) from audit.named where at < $1", day(8)) == 0
    found = await verify(pool, keys, tmp_path)
    assert (found.entries, found.archives, found.faults) == (21, 1, ())
    assert (await verify(pool, keys, tmp_path, since=day(15))).intact
    lines = unpacked(rows_file(tmp_path, 1)).splitlines()
    assert [msgspec.json.decode(line)[11] for line in lines] == [str(n) for n in range(8)]


async def test_one_archive_goes_on_where_the_one_before_ended(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    for until in (day(5), day(9), day(19)):
        assert await archive_until(filled, pool, keys, tmp_path, until)
    assert await archive_until(filled, pool, keys, tmp_path, day(19)) is None
    await filled.record(read(30))
    found = await verify(pool, keys, tmp_path)
    assert (found.entries, found.archives, found.faults) == (24, 3, ())


async def test_a_chain_goes_on_after_all_of_it_was_archived(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    other = await AuditLog.open(pool, keys, tmp_path)
    assert await archive_until(other, pool, keys, tmp_path, day(100))
    assert await archive_until(other, pool, keys, tmp_path, datetime.now(UTC) + timedelta(days=1))
    await pool.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    await asyncio.gather(filled.record(read(50)), other.record(read(51)))
    await other.close()
    found = await verify(pool, keys, tmp_path)
    assert (found.writers, found.faults) == (2, ())


async def test_an_archived_resident_is_still_found_in_the_file(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    before = [one.object_id for one in await entries(pool, Sought(persons=("q1",)))]
    manifest = await archive_until(filled, pool, keys, tmp_path, day(8))
    assert manifest is not None
    assert [one.object_id for one in await looks_at(pool, "q1")] == before[:6]
    found = archived_entries(tmp_path, manifest, Sought(persons=("q1",)), limit=10)
    assert [one.object_id for one in found] == before[6:]
    assert found[0].detail == {"n": "值"}
    narrow = Sought(persons=("p1",), since=day(2), until=day(7), action="read")
    found = archived_entries(tmp_path, manifest, narrow, limit=10)
    assert [one.object_id for one in found] == ["4"]


async def test_rows_may_only_go_once_an_archive_holds_them(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await archive_until(filled, pool, keys, tmp_path, day(5))
    for statement in (
        "delete from audit.entry where seq = 6",
        "delete from audit.named",
        "update audit.entry set seq = 1 where seq = 6",
        "truncate audit.entry",
        "truncate audit.named",
        "delete from audit.archive",
        "delete from audit.archived",
        "update audit.archived set last = 9",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only grows"):
            await pool.execute(statement)


@pytest.mark.parametrize("moment", ["finish", "record", "note", "prune"])
async def test_a_run_cut_off_at_any_moment_is_done_by_the_next(
    filled: AuditLog,
    pool: Pool,
    keys: Keys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    async def cut(*_: Any) -> None:
        raise ConnectionResetError

    def cut_now(*_: Any) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        module = "minkang.audit.archive"
        if moment == "finish":
            patch.setattr(f"{module}.RowsWriter.finish", cut_now)
        elif moment == "record":
            patch.setattr("minkang.audit.log.AuditLog.record", cut)
        elif moment == "note":
            patch.setattr(f"{module}._note", cut)
        else:
            calls = []

            async def once(connection: Any) -> int:
                calls.append(1)
                if len(calls) > 1:
                    raise ConnectionResetError
                return await prune(connection)

            patch.setattr(f"{module}.prune", once)
        with pytest.raises(ConnectionResetError):
            await archive_until(filled, pool, keys, tmp_path, day(8))
    assert (await verify(pool, keys, tmp_path)).intact or moment == "note"
    await archive_until(filled, pool, keys, tmp_path, day(8))
    found = await verify(pool, keys, tmp_path)
    assert (found.archives, found.faults) == (1, ())
    assert await pool.fetchval("select count(*) from audit.entry where at < $1", day(8)) == 0


async def test_rows_half_gone_are_looked_at_like_the_others(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: Any) -> int:
        return 0

    monkeypatch.setattr("minkang.audit.archive.prune", nothing)
    await archive_until(filled, pool, keys, tmp_path, day(8))
    await pool.execute("delete from audit.entry where seq < 4")
    await pool.execute("delete from audit.named where seq < 4")
    assert (await verify(pool, keys, tmp_path)).intact
    assert (await verify(pool, keys, tmp_path, since=day(6))).intact
    await tamper(pool, "update audit.entry set role = 'x' where seq = 6")
    assert places(await verify(pool, keys, tmp_path)) == [(filled.writer, 6, "changed")]


async def test_what_was_tampered_with_is_not_archived(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await tamper(pool, "update audit.entry set role = 'x' where seq = 3")
    with pytest.raises(NotArchived, match="3"):
        await archive_until(filled, pool, keys, tmp_path, day(8))
    await tamper(pool, "delete from audit.entry where seq between 2 and 4")
    with pytest.raises(NotArchived, match="verify"):
        await archive_until(filled, pool, keys, tmp_path, day(8))
    unsigned = msgspec.structs.replace(keys, signer=None)
    with pytest.raises(NotArchived, match="no key"):
        await archive_until(filled, pool, unsigned, tmp_path, day(8))
    assert not list((tmp_path / "archive").iterdir())


def change_row(folder: Path) -> None:
    path = rows_file(folder, 1)
    text = unpacked(path)
    path.write_bytes(zstandard.ZstdCompressor().compress(text.replace(b'"5"', b'"6"')))


def drop_row(folder: Path) -> None:
    path = rows_file(folder, 1)
    lines = unpacked(path).splitlines(keepends=True)
    path.write_bytes(zstandard.ZstdCompressor().compress(b"".join(lines[:-1])))


def swap_rows(folder: Path) -> None:
    path = rows_file(folder, 1)
    lines = unpacked(path).splitlines(keepends=True)
    lines[3], lines[4] = lines[4], lines[3]
    path.write_bytes(zstandard.ZstdCompressor().compress(b"".join(lines)))


def spoil(folder: Path) -> None:
    path = rows_file(folder, 1)
    path.write_bytes(path.read_bytes()[:-9])


def lose(folder: Path) -> None:
    rows_file(folder, 1).unlink()


def change_manifest(folder: Path) -> None:
    path = manifest_file(folder, 1)
    path.write_bytes(path.read_bytes().replace(b'entries\\":8', b'entries\\":7'))


@pytest.mark.parametrize(
    ("act", "seq"),
    [(change_row, 6), (drop_row, 8), (swap_rows, 4), (spoil, None), (lose, None),
     (change_manifest, None)],
    ids=lambda one: getattr(one, "__name__", str(one)),
)  # fmt: skip
async def test_an_altered_archive_file_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, act: Any, seq: int | None
) -> None:
    await archive_until(filled, pool, keys, tmp_path, day(8))
    act(tmp_path)
    found = places(await verify(pool, keys, tmp_path))
    assert (None, 1, "archive") in found
    if seq is not None:
        assert seq in [number for writer, number, _ in found if writer == filled.writer]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update audit.archive set manifest = manifest || ' ' where number = 1",
         (None, 1, "signature")),
        ("update audit.archive set signature = signature || 'x' where number = 2",
         (None, 2, "signature")),
        ("update audit.archived set last = last - 1 where archive = 2", (None, 2, "archive")),
        ("delete from audit.archived where archive = 2", (None, 2, "archive")),
    ],
    ids=["manifest", "signature", "span", "spans"],
)  # fmt: skip
async def test_an_altered_table_of_archives_is_found(
    filled: AuditLog,
    pool: Pool,
    keys: Keys,
    tmp_path: Path,
    statement: str,
    expected: tuple[None, int, str],
) -> None:
    for until in (day(5), day(9)):
        await archive_until(filled, pool, keys, tmp_path, until)
    await tamper(pool, statement)
    assert expected in places(await verify(pool, keys, tmp_path))


async def test_an_archive_taken_away_with_its_rows_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    for until in (day(5), day(9)):
        await archive_until(filled, pool, keys, tmp_path, until)
    await tamper(pool, "delete from audit.archived where archive = 2")
    await tamper(pool, "delete from audit.archive where number = 2")
    found = places(await verify(pool, keys, tmp_path))
    assert (None, 2, "archive") in found  # the log tells of it
    assert (filled.writer, 6, "removed") in found
