"""An answer that names several residents is one entry, which each of them finds."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from minkang.audit import AuditLog, Entry, Sought, entries, looks_at, verify
from minkang.audit.search import entry_at, neighbours
from minkang.crypto import Keys
from minkang.store import Pool

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def listing(*persons: str, minute: int = 0, **more: Any) -> Entry:
    at = NOON + timedelta(minutes=minute)
    return Entry(action="list-residents", allowed=True, persons=persons, at=at, **more)


async def test_each_resident_that_an_answer_named_finds_its_one_entry(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await log.record(listing("p1", "p2", "p2", object_id="x"))
    for person in ("p1", "p2"):
        [look] = await looks_at(pool, person)
        assert (look.object_id, look.listed) == ("x", True)
    assert await looks_at(pool, "p3") == []
    assert await pool.fetchval("select count(*) from audit.entry") == 1
    assert (await verify(pool, keys, tmp_path)).intact


async def test_who_is_named_as_a_patient_is_found_as_the_person_it_is_linked_to(
    log: AuditLog, pool: Pool
) -> None:
    await log.record(listing("Patient/a", "Patient/b", "p1", object_id="x"))
    await log.record(listing("Patient/b", minute=1, object_id="y"))
    looks = await looks_at(pool, "p1", patients=["a", "b"])
    assert [look.object_id for look in looks] == ["y", "x"]
    assert [look.object_id for look in await looks_at(pool, "p9", patients=["a"])] == ["x"]


async def test_lists_and_single_looks_come_in_one_order_page_by_page(
    log: AuditLog, pool: Pool
) -> None:
    single = [
        Entry(action="open-record", allowed=True, person="p1", at=NOON + timedelta(minutes=n))
        for n in range(0, 10, 2)
    ]
    await log.record_many([*single, *(listing("p1", "p2", minute=n) for n in range(1, 10, 2))])
    shown, mark = [], None
    while page := await looks_at(pool, "p1", limit=3, before=mark):
        shown += [look.at for look in page]
        mark = page[-1].mark
    assert shown == [NOON + timedelta(minutes=n) for n in reversed(range(10))]


async def test_more_residents_than_a_row_takes_make_several_rows(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    await log.record(listing(*(f"p{n}" for n in range(1_201))))
    assert await pool.fetchval("select count(*) from audit.entry") == 3
    assert await pool.fetchval("select count(*) from audit.named") == 1_201
    assert len(await looks_at(pool, "p1200")) == 1
    assert (await verify(pool, keys, tmp_path)).intact


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a,b", "{}", "NULL", "", "é 王", "a\0b", "\ud800"])
async def test_any_name_comes_back_as_it_was_given(log: AuditLog, pool: Pool, name: str) -> None:
    await log.record(listing(name, "other"))
    kept = name.replace("\0", "\ufffd").replace("\ud800", "?")
    [found] = await entries(pool, Sought(persons=(kept,)))
    assert found.persons == (kept, "other")


async def test_entries_are_found_by_whatever_they_hold(log: AuditLog, pool: Pool) -> None:
    await log.record_many(
        [
            Entry(
                action=action,
                allowed=allowed,
                account=account,
                organisation=organisation,
                person="p1",
                at=NOON + timedelta(minutes=number),
                object_id=str(number),
            )
            for number, (action, allowed, account, organisation) in enumerate(
                [
                    ("open-record", True, "a1", "o1"),
                    ("open-record", False, "a1", "o1"),
                    ("export", True, "a2", "o1"),
                    ("open-record", True, "a2", "o2"),
                ]
            )
        ]
    )

    async def found(**sought: object) -> list[str]:
        return [one.object_id for one in await entries(pool, Sought(**sought))]  # type: ignore[arg-type]

    assert await found() == ["3", "2", "1", "0"]
    assert await found(account="a1") == ["1", "0"]
    assert await found(organisation="o1", action="open-record") == ["1", "0"]
    assert await found(allowed=False) == ["1"]
    assert await found(persons=("p1",), action="export") == ["2"]
    assert await found(persons=("p2",)) == []
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    assert await found(since=since, until=until) == ["2", "1"]


async def test_an_entry_is_shown_whole_with_its_neighbours(log: AuditLog, pool: Pool) -> None:
    await log.record_many([listing(f"p{n}", minute=n, reason="visit") for n in range(9)])
    found = await entry_at(pool, log.writer, 5)
    assert found is not None
    assert (found.reason, found.named, len(found.mac)) == ("visit", ("p4",), 64)
    assert [one.seq for one in await neighbours(pool, log.writer, 5)] == [2, 3, 4, 6, 7, 8]
    assert await entry_at(pool, log.writer, 99) is None


async def test_lists_of_many_callers_share_transactions(log: AuditLog, pool: Pool) -> None:
    before = await pool.fetchval("select pg_current_xact_id()::text::bigint")
    await asyncio.gather(*(log.record(listing(f"p{n}", "all")) for n in range(300)))
    after = await pool.fetchval("select pg_current_xact_id()::text::bigint")
    assert after - before < 20
    assert len(await looks_at(pool, "all", limit=1_000)) == 300
