"""A log of its own for each test: verification looks at a whole database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool
from tests.audit.tampering import tampering


@pytest_asyncio.fixture(loop_scope="session")
async def empty_log(pool: Pool) -> Pool:
    """The module's database with nothing in the log."""
    async with tampering(pool) as connection:
        for table in ("archived", "archive", "named", "entry", "checkpoint"):
            await connection.execute(f"delete from audit.{table}")
        await connection.execute("delete from audit.run")
    return pool


@pytest_asyncio.fixture(loop_scope="session")
async def log(empty_log: Pool, keys: Keys, tmp_path: Path) -> AsyncIterator[AuditLog]:
    """An open log; its folder is the test's `tmp_path`."""
    log = await AuditLog.open(empty_log, keys, tmp_path)
    yield log
    await log.close()
