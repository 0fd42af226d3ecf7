"""What is new, as it happens: one follower of the change feed for all open pages of a process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import msgspec

from minkang.fhir import patients_of
from minkang.store import TROUBLE, Grade, Grant, Position, Scope, Store, Stored, changes
from minkang.store.feed import StalePosition, head

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.15
_RETRY_SECONDS = 1.0
_MARK_CHARACTERS = 20
_END = 2**62  # behind everything of a transaction


class Watched(msgspec.Struct, frozen=True):
    """What a page is told of: all about some Patients, or all that some institutions send."""

    patients: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()

    @property
    def scope(self) -> Scope:
        """The same as a scope, to ask whether something of it happened; never shown to anybody."""
        grants = []
        if self.patients:
            grants.append(Grant(grade=Grade.SENSITIVE, patients=self.patients))
        if self.sources:
            grants.append(Grant(grade=Grade.SENSITIVE, sources=self.sources))
        return Scope(tuple(grants))


class Live:
    """Wakes the pages whose patients something happened to.

    Only that something happened is passed on; the page asks again, by right, for what it shows.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: dict[asyncio.Event, Watched] = {}
        self._task: asyncio.Task[None] | None = None
        self._placed = asyncio.Event()  # the follower knows from where on it reports

    async def mark(self) -> str:
        """A mark of now: to be taken before a page reads, and given to `watch` later."""
        async with self._store.pool.acquire() as connection:
            position = await head(connection)
        return f"{position.epoch}.{position.transaction}"

    @asynccontextmanager
    async def watch(
        self, watched: frozenset[str] | Watched, mark: str
    ) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something about these patients was committed, or what else
        is `Watched`.

        It is set at once if that happened since the mark, which may be from before a page lost
        its connection or this process was started; a mark that can't be read counts as old.
        """
        event = asyncio.Event()
        what = watched if isinstance(watched, Watched) else Watched(patients=watched)
        self._pages[event] = what
        if self._task is None or self._task.done():
            self._placed.clear()
            self._task = asyncio.create_task(self._follow())
        try:
            await self._placed.wait()
            if await self._happened_since(mark, what):
                event.set()
            yield event
        finally:
            del self._pages[event]

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _happened_since(self, mark: str, what: Watched) -> bool:
        epoch, _, transaction = mark.partition(".")
        if not (epoch.isdecimal() and transaction.isdecimal() and len(mark) < _MARK_CHARACTERS):
            return True
        after = Position(int(epoch), 0, int(transaction), _END)
        try:
            async with self._store.pool.acquire() as connection:
                found = await changes(self._store, connection, what.scope, after, limit=1)
        except StalePosition:
            return True
        return bool(found.versions)

    async def _follow(self) -> None:
        """Follow as long as a page is open; what was there before it opened is not news."""
        position: Position | None = None
        while self._pages:
            try:
                async with self._store.pool.acquire() as connection:
                    if position is None:
                        position = await head(connection)
                        self._placed.set()
                    batch = await changes(self._store, connection, Scope.whole(), position)
            except TROUBLE as error:
                _log.warning("following: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            position = batch.position
            _tell(self._pages, batch.versions)
            if not batch.versions:
                await asyncio.sleep(_PAUSE_SECONDS)


def _tell(pages: Mapping[asyncio.Event, Watched], versions: Iterable[Stored]) -> None:
    """Wake the pages that one of the versions is about; each body is read once for all of them."""
    several = list(versions)
    touched = {patient for version in several for patient in patients_of(version.resource)}
    sources = {version.source for version in several}
    for event, what in pages.items():
        if what.patients & touched or what.sources & sources:
            event.set()
