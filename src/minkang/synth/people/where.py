"""Which village a household is in, for whole columns of household numbers."""

from bisect import bisect_right
from functools import lru_cache
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.place.entities import Village

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Villages(Protocol):
    """What people need of a place to know where households are."""

    @property
    def villages(self) -> tuple[Village, ...]:
        """In the order of filling; `first` rises."""


class Ground(msgspec.Struct, frozen=True):
    """The villages of a place as columns. `rural_share` is the share of residents in villages."""

    villages: tuple[Village, ...]
    firsts: tuple[int, ...]
    starts: Ints  # the same as a column
    rural: Bools
    rural_share: float
    households: int

    def village_of(self, number: int) -> tuple[Village, int]:
        """The village of a household and the household's number there, from 0.

        Raises:
            IndexError: the region has not so many households.
        """
        if not 0 <= number < self.households:
            raise IndexError(f"household {number} is not within 0-{self.households - 1}")
        at = bisect_right(self.firsts, number) - 1
        return self.villages[at], number - self.firsts[at]

    def rural_of(self, numbers: Ints) -> Bools:
        """Whether each household is in a village; beyond the last one as in the last."""
        return self.rural[np.searchsorted(self.starts, numbers, side="right") - 1]


class _Same:
    """A place as a key of a cache: equal to itself alone."""

    def __init__(self, place: Villages) -> None:
        self.place = place

    def __hash__(self) -> int:
        return id(self.place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.place is self.place


@lru_cache(maxsize=8)
def _ground(same: _Same) -> Ground:
    villages = same.place.villages
    rural = [village for village in villages if not village.urban]
    return Ground(
        villages,
        tuple(village.first for village in villages),
        np.array([village.first for village in villages]),
        np.array([not village.urban for village in villages]),
        round(
            sum(village.population for village in rural)
            / sum(village.population for village in villages),
            4,
        ),
        villages[-1].first + villages[-1].households,
    )


def ground(place: Villages) -> Ground:
    """The columns of a place, made once for each."""
    return _ground(_Same(place))
