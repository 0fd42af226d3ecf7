"""Connections kept at hand for short reads.

Taking a connection from asyncpg's pool and giving it back (a task, a shield, a proxy) costs a fifth
of a read by id. What only reads, outside of any transaction, leaves nothing behind on a
connection: so those of one moment hand theirs on to each other.
"""

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Any

import asyncpg

from minkang.store.connection import TROUBLE, Connection, Pool

_MOMENT = 0.05
"""Seconds after which a connection that was kept goes back to the pool."""

_LEFT = 2
"""Connections of the pool that readers leave to others."""


class Readers:
    """Lends connections of a pool to readers, in their order; leaves some to those who write."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._most = max(1, pool.get_max_size() - _LEFT)
        self._idle: list[Connection] = []
        self._taken = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeping: asyncio.Task[None] | None = None

    def lent(self) -> "Lent":
        """A connection for `async with`, for queries that each are a transaction of their own."""
        return Lent(self)

    async def take(self) -> Connection:
        """A connection, to be given back.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: there is none to be had.
        """
        while self._idle:
            connection = self._idle.pop()
            if _lives(connection):
                return connection
            await self._release(connection)
        if self._taken >= self._most:
            handed = await self._turn()
            if handed is not None:
                return handed
        self._taken += 1
        try:
            return await self._pool.acquire()
        except BaseException:
            self._freed()
            raise

    async def give_back(self, connection: Connection, *, sound: bool) -> None:
        """Hand it on to the next reader, or keep it for a moment, unless its last query failed."""
        if not (sound and _lives(connection)):
            await self._release(connection)
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._idle.append(connection)
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._swept())

    async def _turn(self) -> "Connection | None":
        """Wait for a connection, or (None) for the right to take one from the pool."""
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                handed = turn.result()
                if handed is None:
                    self._next()
                else:
                    await self.give_back(handed, sound=True)
            raise

    async def _release(self, connection: Any) -> None:
        try:
            with contextlib.suppress(*TROUBLE):  # a pool that was closed meanwhile
                await self._pool.release(connection)
        finally:
            self._freed()

    def _freed(self) -> None:
        self._taken -= 1
        self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def _swept(self) -> None:
        while self._idle:
            await asyncio.sleep(_MOMENT)
            while self._idle:
                await self._release(self._idle.pop())
        self._sweeping = None


def _lives(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # it was lost, and the pool knows it already
        return False


class Lent:
    """A connection as long as it is lent."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._connection: Connection | None = None

    async def __aenter__(self) -> Connection:
        self._connection = await self._readers.take()
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            await self._readers.give_back(self._connection, sound=kind is None)
