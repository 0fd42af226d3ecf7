"""How fast one caller may scan: so many a minute in each process, a quarter of them in a burst."""

import time
from collections.abc import Callable
from typing import Final

_BURST: Final = 4
_MOST: Final = 10_000


class CallerPace:
    """The buckets of a process; `clock` gives seconds, as `time.monotonic`."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._size = max(1.0, per_minute / _BURST)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def refuse(self, caller: str) -> float:
        """Count one scan; else the seconds until there may be one, and nothing is counted."""
        now = self._clock()
        if len(self._buckets) >= _MOST:
            self._buckets.clear()
        left, at = self._buckets.get(caller, (self._size, now))
        left = min(self._size, left + (now - at) * self._rate)
        if left < 1:
            return (1 - left) / self._rate
        self._buckets[caller] = (left - 1, now)
        return 0.0
