"""Migrations go forward, once, and notice when they do not fit."""

import asyncio

import asyncpg
import pytest

from minkang.app import PACKAGES
from minkang.store import MigrationError, migrate


async def test_two_processes_at_once_migrate_once(empty_database: str) -> None:
    both = await asyncio.gather(*(migrate(empty_database, PACKAGES) for _ in range(2)))
    assert sorted(map(bool, both)) == [False, True]
    assert await migrate(empty_database, PACKAGES) == []


async def test_a_changed_or_unknown_migration_is_refused(empty_database: str) -> None:
    await migrate(empty_database, PACKAGES)
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute(
            "insert into migration values ('minkang.store', '9999_new.sql', '')"
        )
        with pytest.raises(MigrationError, match=r"9999_new\.sql, this program does not"):
            await migrate(empty_database, PACKAGES)
        await connection.execute("delete from migration where name = '9999_new.sql'")
        await connection.execute(
            "update migration set checksum = 'x' where package = 'minkang.audit'"
        )
        with pytest.raises(MigrationError, match="was changed after"):
            await migrate(empty_database, PACKAGES)
    finally:
        await connection.close()


async def test_the_database_keeps_what_it_acknowledges(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert await connection.fetchval(f"show {setting}") == "on"
    finally:
        await connection.close()
