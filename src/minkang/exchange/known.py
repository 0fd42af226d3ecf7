"""The registered sources as a process knows them, kept up to date."""

import time

from minkang.exchange.sources import Source, sources
from minkang.store import Pool

_FRESH_SECONDS = 2.0


class KnownSources:
    """All sources by id; `now` is one dictionary that is changed in place."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._read: float | None = None
        self.now: dict[str, Source] = {}

    async def refresh(self) -> None:
        """Read them anew.

        Raises:
            OSError, asyncpg.PostgresError: the database is not there; what was known stays.
        """
        async with self._pool.acquire() as connection:
            fresh = await sources(connection)
        self.now.update(fresh)
        for gone in self.now.keys() - fresh.keys():
            del self.now[gone]
        self._read = time.monotonic()

    async def source(self, name: str) -> Source | None:
        """A source, as it was registered two seconds ago at most."""
        if self._read is None or time.monotonic() - self._read > _FRESH_SECONDS:
            await self.refresh()
        return self.now.get(name)
