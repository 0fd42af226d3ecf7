"""Whatever is done to any part of the log, verification finds it and names the place.

What to change is chosen by Hypothesis; the log has two chains, an archive, signed checkpoints and
entries that name residents, and is walked in one part and in several.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.audit import AuditLog, Entry, Verification, archive_until, verify
from minkang.audit.parts import extents, parts_of
from minkang.crypto import Keys
from minkang.store import Pool
from tests.audit.tampering import tampering

ARCHIVED, LEFT, OTHER = 6, 30, 12
START = datetime(2026, 1, 1, tzinfo=UTC)
EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Logs(msgspec.Struct):
    """The log under test; `main` is the longer chain, of which the first ARCHIVED are archived."""

    pool: Pool
    keys: Keys
    folder: Path
    main: UUID
    other: UUID

    async def verified(self) -> Verification:
        """Verify the whole."""
        return await verify(self.pool, self.keys, self.folder)

    async def places(self) -> set[tuple[UUID | None, int, str]]:
        """Where faults are."""
        return {(one.writer, one.seq, one.kind) for one in (await self.verified()).faults}


def entry(number: int) -> Entry:
    return Entry(
        action="read",
        allowed=True,
        account="a1",
        person=f"p{number}" if number % 2 else None,
        persons=() if number % 2 else (f"p{number}", "all"),
        object_id=str(number),
        at=START + timedelta(days=number),
    )


@pytest.fixture
async def logs(log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path) -> Logs:
    other = await AuditLog.open(pool, keys, tmp_path)
    await log.record_many([entry(n) for n in range(ARCHIVED + LEFT)])
    await other.record_many([entry(n + 50) for n in range(OTHER)])
    await log.checkpoint()
    await archive_until(log, pool, keys, tmp_path, START + timedelta(days=ARCHIVED))
    await other.close()
    await log.checkpoint()
    return Logs(pool, keys, tmp_path, log.writer, other.writer)


def chains() -> st.SearchStrategy[tuple[bool, int]]:
    """A chain (the main one?) and a row of it that is in the table."""
    return st.one_of(
        st.tuples(st.just(True), st.integers(ARCHIVED + 1, ARCHIVED + LEFT)),
        st.tuples(st.just(False), st.integers(1, OTHER)),
    )


async def test_the_log_is_intact_before(logs: Logs) -> None:
    found = await logs.verified()
    assert (found.faults, found.archives) == ((), 1)
    assert found.entries == ARCHIVED + LEFT + OTHER + 1


@given(where=chains())
@EXAMPLES
async def test_a_dropped_row_is_found(logs: Logs, where: tuple[bool, int]) -> None:
    main, seq = where
    writer = logs.main if main else logs.other
    async with tampering(logs.pool) as connection:
        await connection.execute(
            "create table public.kept as select * from audit.entry where writer = $1 and seq = $2",
            writer,
            seq,
        )
        await connection.execute(
            "delete from audit.entry where writer = $1 and seq = $2", writer, seq
        )
    found = await logs.places()
    async with tampering(logs.pool) as connection:
        await connection.execute("insert into audit.entry select * from public.kept")
        await connection.execute("drop table public.kept")
    last = seq == OTHER and not main
    assert (writer, seq, "cut" if last else "removed") in found
    assert {one for one, _, _ in found} == {writer}


@given(where=chains(), column=st.sampled_from(("persons", "account", "at", "mac", "role")))
@EXAMPLES
async def test_a_changed_row_is_found(logs: Logs, where: tuple[bool, int], column: str) -> None:
    main, seq = where
    writer = logs.main if main else logs.other
    change = {
        "persons": "array_append(persons, 'nobody')",
        "account": "account || 'x'",
        "at": "at + interval '1 microsecond'",
        "mac": "sha256(mac)",
        "role": "'supervisor'",
    }[column]
    row = "where writer = $1 and seq = $2"
    old = await logs.pool.fetchval(f"select {column} from audit.entry {row}", writer, seq)
    async with tampering(logs.pool) as connection:
        await connection.execute(f"update audit.entry set {column} = {change} {row}", writer, seq)
    found = await logs.places()
    async with tampering(logs.pool) as connection:
        await connection.execute(f"update audit.entry set {column} = $3 {row}", writer, seq, old)
    assert (writer, seq, "changed") in found
    assert {(one, number) for one, number, _ in found} == {(writer, seq)}


@given(first=st.integers(ARCHIVED + 1, ARCHIVED + LEFT - 1), step=st.integers(1, 5))
@EXAMPLES
async def test_two_swapped_rows_are_found(logs: Logs, first: int, step: int) -> None:
    second = min(first + step, ARCHIVED + LEFT)

    async def swap() -> None:
        async with tampering(logs.pool) as connection:
            for old, new in ((first, -1), (second, first), (-1, second)):
                await connection.execute(
                    "update audit.entry set seq = $3 where writer = $1 and seq = $2",
                    logs.main,
                    old,
                    new,
                )

    await swap()
    found = await logs.places()
    await swap()
    assert {(logs.main, first, "changed"), (logs.main, second, "changed")} <= found


@given(seq=st.integers(2, OTHER))
@EXAMPLES
async def test_a_cut_tail_is_found(logs: Logs, seq: int) -> None:
    async with logs.pool.acquire() as connection:
        await connection.execute(
            "create table public.kept as select * from audit.entry where writer = $1 and seq >= $2",
            logs.other,
            seq,
        )
    async with tampering(logs.pool) as connection:
        await connection.execute(
            "delete from audit.entry where writer = $1 and seq >= $2", logs.other, seq
        )
    found = await logs.places()
    async with tampering(logs.pool) as connection:
        await connection.execute("insert into audit.entry select * from public.kept")
        await connection.execute("drop table public.kept")
    assert (logs.other, seq, "cut") in found


@given(place=st.integers(0, 20), forged=st.booleans())
@EXAMPLES
async def test_an_index_that_says_other_than_the_entries_is_found(
    logs: Logs, place: int, forged: bool
) -> None:
    rows = await logs.pool.fetch("select * from audit.named order by person, at, writer, seq")
    row = rows[place % len(rows)]
    values = tuple(row.values())
    where = "person = $1 and at = $2 and writer = $3 and seq = $4"
    async with tampering(logs.pool) as connection:
        if forged:
            await connection.execute(
                "insert into audit.named values ('x', $1, $2, $3)", *values[1:]
            )
        else:
            await connection.execute(f"delete from audit.named where {where}", *values)
    found = await logs.places()
    async with tampering(logs.pool) as connection:
        await connection.execute("delete from audit.named where person = 'x'")
        await connection.execute(
            "insert into audit.named values ($1, $2, $3, $4) on conflict do nothing", *values
        )
    assert found == {(UUID(str(row["writer"])), row["seq"], "index")}


@pytest.mark.parametrize("processes", [1, 2, 3, 7, 60])
async def test_the_parts_hold_every_row_once_however_many_there_are(
    logs: Logs, processes: int
) -> None:
    async with logs.pool.acquire() as connection:
        chains_there = await extents(connection)
        parts = await parts_of(connection, logs.keys.audit_key, chains_there, {}, processes)
        counts = [
            await connection.fetchval(
                """select count(*) from audit.entry
                   where (writer, seq) >= ($1, $2) and (writer, seq) <= ($3, $4)""",
                *part.first,
                *part.last,
            )
            for part in parts
        ]
        assert sum(counts) == await connection.fetchval("select count(*) from audit.entry")
    assert len(parts) == min(processes, len(parts))
    assert all(counts)


async def test_several_processes_find_what_one_finds_also_at_the_seams(
    logs: Logs, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["minkang.audit.verify"], "_WORTH_A_PROCESS", 0)

    async def both() -> Verification:
        one = await logs.verified()
        several = await verify(logs.pool, logs.keys, logs.folder, url=database_url, processes=3)
        assert several == one
        return one

    assert (await both()).intact
    async with logs.pool.acquire() as connection:
        chains_there = await extents(connection)
        parts = await parts_of(connection, logs.keys.audit_key, chains_there, {}, 3)
    writer, seq = parts[0].last
    async with tampering(logs.pool) as owner:
        await owner.execute(
            "update audit.entry set mac = sha256(mac) where writer = $1 and seq = $2", writer, seq
        )
    [fault] = (await both()).faults
    assert (fault.writer, fault.seq, fault.kind) == (writer, seq, "changed")
