"""What an owner of the database can do: the triggers do not hold him."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from minkang.audit import Verification
from minkang.store import Connection, Pool

TABLES = ("entry", "checkpoint", "named", "archive", "archived")


@asynccontextmanager
async def tampering(pool: Pool) -> AsyncIterator[Connection]:
    """A connection for which the log's tables are like any others."""
    async with pool.acquire() as connection, connection.transaction():
        for table in TABLES:
            await connection.execute(f"alter table audit.{table} disable trigger only_grows")
        yield connection
        for table in TABLES:
            await connection.execute(f"alter table audit.{table} enable trigger only_grows")


async def tamper(pool: Pool, statement: str, *arguments: Any) -> None:
    """Do one thing so."""
    async with tampering(pool) as connection:
        await connection.execute(statement, *arguments)


def places(found: Verification) -> list[tuple[UUID | None, int, str]]:
    """Where faults were found."""
    return [(fault.writer, fault.seq, fault.kind) for fault in found.faults]
