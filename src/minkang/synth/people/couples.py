"""Weddings and divorces within the years of the region: who moves in, who moves out.

Of two residents of two households who marry, one goes to the other's. A household knows only its
own side: a wedding brings a partner in from outside or takes the member away.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.demography import NEVER, YEAR, marriage_days
from minkang.synth.people.founding import CHILD_1, ELDER_M, age_gap
from minkang.synth.people.roof import DIVORCED, MARRIED, SINGLE, Roofs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Weddings(msgspec.Struct, frozen=True):
    """Partners who move in, by the founder's row; and the day each founder marries (NEVER: none).

    `leaves` says which founders go to the partner's household instead, on the day `married`.
    """

    married: Ints
    leaves: Bools
    founder: Ints  # of those who move in
    birth: Ints
    moved_in: Ints


_HORIZON: Final = 15
"""Years after the first day beyond which nobody's wedding is planned."""


def weddings(
    random: np.random.Generator, roofs: Roofs, begin: int, since: Ints, until: Ints
) -> Weddings:
    """Weddings of founders without a partner. `since` and `until` bound each one's presence."""
    uniform = random.random((len(roofs.birth), 6))
    alone = (roofs.marital != MARRIED) & (roofs.place < ELDER_M)
    factor = np.where(roofs.marital == SINGLE, 0.88, np.where(roofs.marital == DIVORCED, 0.7, 0.15))
    day = marriage_days(uniform[:, 0], roofs.birth, since, roofs.male, factor)
    day = np.where(
        alone & (day < begin + _HORIZON * YEAR) & (day > since) & (day < until - 40), day, NEVER
    )
    at_home = (roofs.place >= CHILD_1) & (roofs.place < ELDER_M)
    leaves = at_home & (uniform[:, 1] > np.where(roofs.male, 0.55, 0.22)) & (day < NEVER)
    founder = np.flatnonzero((day < NEVER) & ~leaves)
    gap = (age_gap(uniform[founder, 2]) * YEAR).astype(np.int64)
    birth = np.where(roofs.male[founder], roofs.birth[founder] + gap, roofs.birth[founder] - gap)
    legal = np.where(roofs.male[founder], 20.1, 22.1)  # of her, of him who moves in
    birth = np.minimum(birth, day[founder] - (legal * YEAR).astype(np.int64))
    moved_in = day[founder] + (uniform[founder, 3] ** 2 * 25).astype(np.int64)
    return Weddings(day, leaves, founder, birth, moved_in)


_DIVORCE_AGES = (20, 25, 35, 45, 52, 60, 70)
_DIVORCE_RATES = (0.008, 0.010, 0.009, 0.006, 0.003, 0.001, 0.0001)


def divorce_days(uniform: Floats, start: Ints, wife_birth: Ints) -> Ints:
    """The day each couple would divorce, counted from `start` (NEVER: not in life).

    Rates a year by her age; of 1,000 residents about two and a half divorce a year, as in the
    province's yearbooks.
    """
    ages = np.arange(15, 110, 0.25)
    hazard = np.cumsum(np.interp(ages, _DIVORCE_AGES, _DIVORCE_RATES)) * 0.25
    age = (start - wife_birth) / YEAR
    target = np.interp(age, ages, hazard) - np.log1p(-uniform)
    reached = np.interp(target, hazard, ages)
    day = wife_birth + (reached * YEAR).astype(np.int64)
    return np.where(target < hazard[-1], np.maximum(day, start + 60), NEVER)
