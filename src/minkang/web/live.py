"""What is new, as it happens: one follower of the change feed for all open pages of a process."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from minkang.fhir import patients_of
from minkang.store import TROUBLE, Position, Scope, Store, changes
from minkang.store.feed import head

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.15
_RETRY_SECONDS = 1.0


class Live:
    """Wakes the pages whose patients something happened to.

    Only that something happened is passed on; the page asks again, by right, for what it shows.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: dict[asyncio.Event, frozenset[str]] = {}
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watch(self, patients: frozenset[str]) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something about these patients was committed."""
        event = asyncio.Event()
        self._pages[event] = patients
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        try:
            yield event
        finally:
            del self._pages[event]

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        """Follow as long as a page is open; what was there before it opened is not news."""
        position: Position | None = None
        while self._pages:
            try:
                async with self._store.pool.acquire() as connection:
                    if position is None:
                        position = await head(connection)
                    batch = await changes(self._store, connection, Scope.whole(), position)
            except TROUBLE as error:
                _log.warning("following: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            position = batch.position
            touched = {p for version in batch.versions for p in patients_of(version.resource)}
            for event, patients in self._pages.items():
                if patients & touched:
                    event.set()
            if not batch.versions:
                await asyncio.sleep(_PAUSE_SECONDS)
