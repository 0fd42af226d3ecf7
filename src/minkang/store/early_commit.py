"""A transaction that others need not wait for while the disk writes it down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from minkang.store.connection import Connection

_AT_ONCE: Final = "set local synchronous_commit = off"
_FLUSH: Final = "select pg_logical_emit_message(true, 'minkang', '')"
"""A transaction of its own, committed as the server is set: when it has ended, all that was
committed before it is on the disk (and at a synchronous standby), for the log is one.
"""


@asynccontextmanager
async def early_commit(connection: Connection) -> AsyncIterator[None]:
    """A transaction; its locks end with its commit, and this returns when it is durable.

    Whoever reads in between may see what a crash of the server would still take back; what they
    write on it is taken back with it.
    """
    async with connection.transaction():
        await connection.execute(_AT_ONCE)
        yield
    await connection.execute(_FLUSH)
