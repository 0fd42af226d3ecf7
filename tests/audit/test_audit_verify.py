"""Verification finds every way of tampering, and the place of it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.audit import AuditLog, Entry, Verification, verify
from minkang.crypto import Keys
from minkang.store import Pool
from tests.audit.tampering import places, tamper

COUNT = 12
TEXTS = ("account", "account_name", "role", "organisation", "purpose", "action", "object_type")
MORE_TEXTS = ("object_id", "person", "reason", "address", "detail")
COLUMNS = (*TEXTS, *MORE_TEXTS, "at", "allowed", "mac")
NOT_NULL = {*TEXTS, "object_id", "reason", "address"} - {"account", "organisation"}


def read(number: int) -> Entry:
    return Entry(
        action="read",
        allowed=True,
        account="a1",
        organisation="o1",
        person=f"p{number}",
        object_id=str(number),
        detail={"n": number},
    )


@pytest.fixture
async def filled(log: AuditLog) -> AuditLog:
    """A log with COUNT entries, still open, no checkpoint yet."""
    await log.record_many([read(n) for n in range(1, COUNT + 1)])
    return log


async def test_an_empty_and_an_untouched_log_are_intact(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    assert await verify(pool, keys, tmp_path) == Verification(COUNT, 1, 0, ())
    await filled.checkpoint()
    found = await verify(pool, keys, tmp_path)
    assert found == Verification(COUNT, 1, 1, ())
    assert found.intact


@given(
    seq=st.integers(1, COUNT),
    column=st.sampled_from(COLUMNS),
    text=st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    seconds=st.integers(1, 10**9),
    null=st.booleans(),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_change_of_any_row_is_found_at_its_place(
    filled: AuditLog,
    pool: Pool,
    keys: Keys,
    tmp_path: Path,
    seq: int,
    column: str,
    text: str,
    seconds: int,
    null: bool,
) -> None:
    row = await pool.fetchrow("select *, detail::text from audit.entry where seq = $1", seq)
    assert row is not None
    old = row["detail"] if column == "detail" else row[column]
    new: Any
    if column == "at":
        new = old + timedelta(microseconds=seconds)
    elif column == "allowed":
        new = not old
    elif column == "mac":
        new = text.encode()
    elif null and column not in NOT_NULL:
        new = None
    elif column == "detail":
        new = old.replace(":", ": " * (seconds % 2) or ":1")
    else:
        new = old[:1] + text if old[:1] + text != old else old + "x"
    cast = "::text::json" if column == "detail" else ""
    change = f"update audit.entry set {column} = $1{cast} where writer = $2 and seq = $3"
    await tamper(pool, change, new, filled.writer, seq)
    found = await verify(pool, keys, tmp_path)
    await tamper(pool, change, old, filled.writer, seq)
    assert places(found) == [(filled.writer, seq, "changed")]


async def test_a_time_beyond_all_calendars_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    for seq, at in ((2, "infinity"), (5, "4000-01-01 BC"), (7, "290000-01-01")):
        await tamper(pool, f"update audit.entry set at = '{at}' where seq = {seq}")
    found = await verify(pool, keys, tmp_path)
    assert places(found) == [(filled.writer, seq, "changed") for seq in (2, 5, 7)]


@pytest.mark.parametrize("removed", [[1], [5], [4, 5, 6], [3, 8]])
async def test_removed_rows_are_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, removed: Sequence[int]
) -> None:
    await tamper(pool, "delete from audit.entry where seq = any($1)", removed)
    firsts = [seq for seq in removed if seq - 1 not in removed]
    expected = [(filled.writer, seq, "removed") for seq in firsts]
    assert places(await verify(pool, keys, tmp_path)) == expected


async def test_swapped_rows_are_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    for old, new in ((4, -1), (5, 4), (-1, 5)):
        await tamper(pool, "update audit.entry set seq = $2 where seq = $1", old, new)
    found = await verify(pool, keys, tmp_path)
    assert places(found) == [(filled.writer, 4, "changed"), (filled.writer, 5, "changed")]


@pytest.mark.parametrize("seq", [-3, 0, COUNT + 1])
async def test_an_inserted_copy_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, seq: int
) -> None:
    await _copy_row(pool, 3, filled.writer, seq)
    assert places(await verify(pool, keys, tmp_path)) == [(filled.writer, seq, "changed")]


async def test_a_row_pushed_in_between_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await tamper(pool, "update audit.entry set seq = -seq where seq > 6")
    await tamper(pool, "update audit.entry set seq = 1 - seq where seq < 0")
    await _copy_row(pool, 3, filled.writer, 7)
    found = places(await verify(pool, keys, tmp_path))
    assert found[0] == (filled.writer, 7, "changed")


async def test_a_place_taken_twice_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await pool.execute("alter table audit.entry drop constraint entry_pkey")
    try:
        await _copy_row(pool, 3, filled.writer, 3)
        found = await verify(pool, keys, tmp_path)
    finally:
        await tamper(pool, "delete from audit.entry where ctid in (select max(ctid) from "
                           "audit.entry where seq = 3)")  # fmt: skip
        await pool.execute("alter table audit.entry add primary key (writer, seq)")
    assert places(found) == [(filled.writer, 3, "duplicated")]


async def test_a_chain_copied_to_another_writer_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    other = uuid4()
    await _copy_row(pool, 1, other, 1)
    assert places(await verify(pool, keys, tmp_path)) == [(other, 1, "changed")]


@pytest.mark.parametrize("checkpoint", [True, False])
async def test_a_cut_tail_is_found_with_and_without_a_checkpoint(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, *, checkpoint: bool
) -> None:
    if checkpoint:
        await filled.checkpoint()
        for path in (tmp_path / "heads").iterdir():
            path.unlink()
    await tamper(pool, "delete from audit.entry where seq > $1", COUNT - 1)
    assert places(await verify(pool, keys, tmp_path)) == [(filled.writer, COUNT, "cut")]


async def test_a_tail_cut_together_with_its_checkpoint_is_found_by_the_file(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await filled.checkpoint()
    await filled.record(read(COUNT + 1))
    await filled.checkpoint()
    await tamper(pool, "delete from audit.entry where seq > $1", COUNT)
    await tamper(pool, "delete from audit.checkpoint where seq = 2")
    (tmp_path / "heads" / str(filled.writer)).unlink()
    assert places(await verify(pool, keys, tmp_path)) == [
        (None, 2, "checkpoint"),
        (filled.writer, COUNT + 1, "cut"),
    ]


async def test_a_chain_removed_as_a_whole_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    other = await AuditLog.open(pool, keys, tmp_path)
    await other.record(read(1))
    await other.close()
    await tamper(pool, "delete from audit.entry where writer = $1", other.writer)
    assert places(await verify(pool, keys, tmp_path)) == [(other.writer, 1, "missing")]


@pytest.fixture
async def checkpointed(filled: AuditLog) -> AuditLog:
    """A log with three checkpoints."""
    await filled.checkpoint()
    for number in (1, 2):
        await filled.record(read(COUNT + number))
        await filled.checkpoint()
    return filled


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("update audit.checkpoint set at = at + interval '1 s' where seq = 2", 2),
        ("update audit.checkpoint set heads = '[]' where seq = 1", 1),
        ("update audit.checkpoint set heads = '{' where seq = 3", 3),
        ("update audit.checkpoint set mac = 'x' where seq = 2", 2),
        ("update audit.checkpoint set previous = 'x' where seq = 2", 2),
        ("update audit.checkpoint set seq = 9 where seq = 3", 9),
        ("delete from audit.checkpoint where seq = 1", 1),
        ("delete from audit.checkpoint where seq = 2", 2),
        ("delete from audit.checkpoint where seq = 3", 3),
        ("delete from audit.checkpoint", 1),
    ],
)
async def test_an_altered_or_removed_checkpoint_is_found(
    checkpointed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, change: str, expected: int
) -> None:
    await tamper(pool, change)
    found = places(await verify(pool, keys, tmp_path))
    assert (None, expected, "checkpoint") in found
    assert {kind for _, _, kind in found} == {"checkpoint"}


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        ([0, 2], [(None, 2, "file")]),
        ([1, 2], [(None, 1, "file")]),
        ([0, 2, 1], [(None, 3, "file"), (None, 2, "file")]),
        ([0, 1], []),  # what a crash between table and file leaves; made up for the next time
    ],
)
async def test_lines_taken_out_of_the_file_are_found(
    checkpointed: AuditLog,
    pool: Pool,
    keys: Keys,
    tmp_path: Path,
    keep: Sequence[int],
    expected: list[tuple[None, int, str]],
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[index] for index in keep))
    assert sorted(places(await verify(pool, keys, tmp_path))) == sorted(expected)


async def test_an_altered_line_a_forged_line_and_rubbish_are_found(
    checkpointed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    whole = file.read_bytes()
    for spoilt, line in (
        (whole.replace(b'"seq":2', b'"seq":4'), 2),
        (whole + b'{"seq":4,"at":1,"heads":"[]","previous":"","mac":""}\n', 4),
        (whole + b"\xff\xfe rubbish\n", 4),
    ):
        file.write_bytes(spoilt)
        found = places(await verify(pool, keys, tmp_path))
        assert (None, line, "file") in found
        assert {kind for _, _, kind in found} == {"file"}


async def test_a_missing_file_is_found_once_more_than_a_crash_could_lack(
    checkpointed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkpoints.jsonl").unlink()
    assert (await verify(pool, keys, tmp_path)).intact  # a moment ago: it may still be copied
    monkeypatch.setattr("minkang.audit.verify_checkpoints._LAG", timedelta(0))
    assert places(await verify(pool, keys, tmp_path)) == [(None, 1, "file")]


async def test_a_torn_line_is_made_up_for_by_the_next_checkpoint(
    checkpointed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    assert (await verify(pool, keys, tmp_path)).intact
    await checkpointed.record(read(99))
    await checkpointed.checkpoint()
    assert len(file.read_bytes().splitlines()) == 4
    assert (await verify(pool, keys, tmp_path)).intact


async def test_a_forged_head_is_found(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    path = tmp_path / "heads" / str(filled.writer)
    path.write_text(path.read_text().replace("12 ", "11 "))
    assert places(await verify(pool, keys, tmp_path)) == [(None, 0, "file")]


async def test_another_key_accepts_nothing(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    other = Keys(keys.id_key, keys.index_key, bytes(32), keys.session_key)
    found = await verify(pool, other, tmp_path / "elsewhere")
    assert len(found.faults) == COUNT


async def test_many_faults_are_counted_beyond_those_kept(
    filled: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minkang.audit.verification.FAULT_LIMIT", 3)
    await tamper(pool, "update audit.entry set allowed = not allowed")
    found = await verify(pool, keys, tmp_path)
    assert (len(found.faults), found.further) == (3, COUNT - 3)
    assert not found.intact


async def test_rows_written_during_the_verification_do_not_disturb_it(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    running = True

    async def write() -> None:
        number = 0
        while running:
            await log.record(read(number))
            number += 1
            if number % 7 == 0:
                await log.checkpoint()

    writer = asyncio.create_task(write())
    results = [await verify(pool, keys, tmp_path) for _ in range(25)]
    running = False
    await writer
    assert [result.faults for result in results] == [()] * 25
    assert results[-1].entries > results[0].entries


async def _copy_row(pool: Pool, seq: int, writer: UUID, new: int) -> None:
    await pool.execute(
        "insert into audit.entry select $2, $3, at, account, account_name, role, organisation, "
        "purpose, action, object_type, object_id, person, allowed, reason, address, detail, mac "
        "from audit.entry where seq = $1",
        seq,
        writer,
        new,
    )
