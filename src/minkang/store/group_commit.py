"""Many small writes at once, one commit: what waits while a commit is under way goes together.

A durable write costs one flush of the log, however much is in it. So single writes, each of which
would pay for its own, are gathered for as long as the one before them takes, and no longer.
Creations, which have nothing to wait for or to look at, go apart from the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import asyncpg
import msgspec

from minkang.store.changes import Change, Locked, Outcome
from minkang.store.connection import Connection
from minkang.store.early_commit import early_commit
from minkang.store.insert_rows import insert_new
from minkang.store.store import Store
from minkang.store.stored import Stored
from minkang.store.write import lock_current, write

Decide: TypeAlias = Callable[[Stored | None], Change | None]
"""What to write, seeing the locked current version; None for nothing; it may raise."""

Also: TypeAlias = Callable[
    [Connection, Sequence[Change], Sequence[Outcome], Locked], Awaitable[object]
]
"""What else happens in a transaction that has written these changes."""

_OF_ONE = (
    ValueError,
    TypeError,
    OverflowError,
    asyncpg.DataError,
    asyncpg.ProgramLimitExceededError,
)
_MOST = 256
_AT_ONCE = 2


class Written(msgspec.Struct, frozen=True):
    """What became of a write.

    Attributes:
        outcome: None if nothing was to be written.
        current: what was there before, deleted or not.
        locked: the locks and the time of the write.
    """

    outcome: Outcome | None
    current: Stored | None
    locked: Locked


class _Waiting(msgspec.Struct, frozen=True):
    key: tuple[str, str]
    decide: Decide
    answer: "asyncio.Future[Written]"


class GroupCommit:
    """Writes of one process to one store.

    Attributes:
        also: happens in the same transaction, at its end; others need not wait for the disk then.
    """

    def __init__(self, store: Store, also: Also | None = None) -> None:
        self._store = store
        self.also = also
        self._writes = _Gathered(self._write)
        self._creations = _Gathered(self._create)

    async def write(self, key: tuple[str, str], decide: Decide) -> Written:
        """Write one resource; returns when it is durable.

        Raises:
            whatever `decide` raises: nothing was written for this call then.
        """
        return await self._writes.add(key, decide)

    async def create(self, change: Change) -> Written:
        """Write a resource whose id was made just now (UUID 4); returns when it is durable."""
        if self.also is not None:
            return await self.write(change.key, lambda _: change)
        return await self._creations.add(change.key, lambda _: change)

    async def _write(self, batch: list[_Waiting]) -> None:
        decided: list[tuple[_Waiting, Change | None]] = []
        async with self._store.pool.acquire() as connection, self._begun(connection):
            locked = await lock_current(self._store, connection, [one.key for one in batch])
            for one in batch:
                try:
                    decided.append((one, one.decide(locked.current.get(one.key))))
                except Exception as error:  # noqa: BLE001 - the caller's own refusal
                    _fail(one, error)
            changes = [change for _, change in decided if change is not None]
            outcomes = await write(self._store, connection, changes, locked)
            if self.also is not None and changes:
                await self.also(connection, changes, outcomes, locked)
        left = iter(outcomes)
        for one, change in decided:
            outcome = next(left) if change is not None else None
            _succeed(one, Written(outcome, locked.current.get(one.key), locked))

    def _begun(self, connection: Connection) -> AbstractAsyncContextManager[object]:
        return connection.transaction() if self.also is None else early_commit(connection)

    async def _create(self, batch: list[_Waiting]) -> None:
        changes = [change for one in batch if (change := one.decide(None)) is not None]
        async with self._store.pool.acquire() as connection:
            locked, outcomes = await insert_new(self._store, connection, changes)
        for one, outcome in zip(batch, outcomes, strict=True):
            _succeed(one, Written(outcome, None, locked))


class _Gathered:
    """Writes of one kind that wait; `commit` carries out several and answers each of them."""

    def __init__(self, commit: Callable[[list[_Waiting]], Awaitable[None]]) -> None:
        self._commit = commit
        self._waiting: list[_Waiting] = []
        self._running: set[asyncio.Task[None]] = set()

    async def add(self, key: tuple[str, str], decide: Decide) -> Written:
        answer: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(key, decide, answer))
        self._start()
        return await answer

    def _start(self) -> None:
        if self._waiting and len(self._running) < _AT_ONCE:
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._start()

    async def _run(self) -> None:
        await asyncio.sleep(0)  # whoever is ready now comes along
        batch = self._take()
        if not batch:
            return
        try:
            await self._commit(batch)
        except Exception as error:  # noqa: BLE001 - handed to those who wait
            if len(batch) == 1 or not isinstance(error, _OF_ONE):
                # Where the connection broke, nobody knows whether it was written: to do it again
                # could refuse a write that has happened.
                for one in batch:
                    _fail(one, error)
                return
            # The values of one spoil it for all, and surely nothing was written: each alone.
            for one in batch:
                try:
                    await self._commit([one])
                except Exception as own:  # noqa: BLE001 - handed to the one who waits
                    _fail(one, own)

    def _take(self) -> list[_Waiting]:
        """The next batch; a second write of the same resource waits for the one after."""
        batch: list[_Waiting] = []
        left: list[_Waiting] = []
        keys: set[tuple[str, str]] = set()
        for one in self._waiting:
            if one.answer.cancelled():
                continue
            if len(batch) < _MOST and one.key not in keys:
                keys.add(one.key)
                batch.append(one)
            else:
                left.append(one)
        self._waiting = left
        return batch


def _succeed(one: _Waiting, written: Written) -> None:
    if not one.answer.done():
        one.answer.set_result(written)


def _fail(one: _Waiting, error: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(error)
