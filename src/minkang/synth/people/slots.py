"""Gives each birth in a block of households a day and a serial that nobody else has."""

import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.numbers import WINDOW, cells, serials, twin_rank

Ints = NDArray[np.int64]


class Slots:
    """The cells of one block, handed out in the order of asking.

    A birth moves by at most nine days to the block's own day of its window, or by a few windows
    where that is taken.
    """

    def __init__(self, block: int, first_day: int, last_day: int) -> None:
        self._from = first_day // WINDOW
        windows = np.arange(self._from, last_day // WINDOW + 1)
        days, ranks = cells(block, windows)
        self._days: list[int] = days.tolist()
        self._ranks: list[int] = ranks.tolist()
        self._used: set[int] = set()

    def _free(self, window: int, male: bool) -> bool:
        return 0 <= window < len(self._days) and 2 * window + male not in self._used

    def born_before(self, births: Ints, male: NDArray[np.bool_], latest: int) -> tuple[Ints, Ints]:
        """Days and serials near the wanted days, all before the day `latest`.

        Where a window is taken, an earlier one is used.
        """
        days, used, free = self._days, self._used, self._free
        chosen = []
        last = latest // WINDOW - 1 - self._from
        for day, man in zip((births // WINDOW - self._from).tolist(), male.tolist(), strict=True):
            window = min(day, last)
            while not free(window, man):
                window -= 1
                if window < 0:
                    raise ValueError("a block has more births than cells: no ID numbers are left")
            used.add(2 * window + man)
            chosen.append(window)
        at = [days[window] for window in chosen]
        rank = np.array([self._ranks[window] for window in chosen], dtype=np.int64)
        return np.array(at, dtype=np.int64), serials(rank, male)

    def twins(
        self, birth: int, males: tuple[bool, bool], reach: int, latest: int
    ) -> tuple[int, int, int] | None:
        """Day and both serials for twins near that day, before `latest`.

        None if no window within `reach` windows allows it.
        """
        wanted = birth // WINDOW - self._from
        for step in range(2 * reach + 1):
            window = wanted + (step + 1) // 2 * (1 if step % 2 else -1)
            if not self._free(window, males[0]) or self._days[window] >= latest:
                continue
            rank = self._ranks[window]
            if males[0] == males[1]:
                second = twin_rank(window + self._from, rank)
                if second is None:
                    continue
            elif self._free(window, males[1]):
                second = rank
                self._used.add(2 * window + males[1])
            else:
                continue
            self._used.add(2 * window + males[0])
            both = serials(np.array([rank, second]), np.array(males))
            return self._days[window], int(both[0]), int(both[1])
        return None

    def single(self, birth: int, male: bool, earliest: int) -> tuple[int, int]:
        """Day and serial in the nearest free window whose day is not before `earliest`."""
        wanted = birth // WINDOW - self._from
        for step in range(400):
            window = wanted + (step + 1) // 2 * (1 if step % 2 else -1)
            if self._free(window, male) and self._days[window] >= earliest:
                self._used.add(2 * window + male)
                rank = np.array([self._ranks[window]])
                return self._days[window], int(serials(rank, np.array([male]))[0])
        raise ValueError("a block has more births than cells: no ID numbers are left")
