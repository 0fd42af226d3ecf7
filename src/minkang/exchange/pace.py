"""How fast a source may send: so many messages a minute, the rest waits or comes later.

A bucket of tokens for each source that has a limit, in each process: it holds a minute's worth, so
that a source may catch up after a pause. Whoever can wait (a connection) takes a token in advance
and waits until it is there; whoever can't (a request) is told when to come again.
"""

import asyncio
import time
from collections.abc import Callable

from minkang.exchange.sources import Source


class Pace:
    """The buckets of a process; `clock` gives seconds, as `time.monotonic`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float, int]] = {}
        """By source: tokens (fewer than none: taken in advance), at which time, of which limit."""

    def take(self, source: Source, count: int = 1) -> float:
        """Take tokens for messages that come in any case; seconds until they are there."""
        tokens = self._filled(source) - count
        if source.messages_per_minute is None:
            return 0.0
        self._keep(source, tokens)
        return max(0.0, -tokens * 60 / source.messages_per_minute)

    def refuse(self, source: Source) -> float:
        """Take a token if there is one; else the seconds until there is, and nothing is taken."""
        tokens = self._filled(source) - 1
        if source.messages_per_minute is None:
            return 0.0
        if tokens < 0:
            return -tokens * 60 / source.messages_per_minute
        self._keep(source, tokens)
        return 0.0

    async def held_back(self, source: Source) -> None:
        """Wait until the source may send one more."""
        if (seconds := self.take(source)) > 0:
            await asyncio.sleep(seconds)

    def _filled(self, source: Source) -> float:
        most = source.messages_per_minute
        if most is None:
            return 0.0
        tokens, at, limit = self._buckets.get(source.id, (0.0, 0.0, 0))
        if limit != most:
            return float(most)
        return min(float(most), tokens + (self._clock() - at) * most / 60)

    def _keep(self, source: Source, tokens: float) -> None:
        self._buckets[source.id] = (tokens, self._clock(), source.messages_per_minute or 0)
