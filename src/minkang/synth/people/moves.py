"""Households that come and go, and members who leave them: for study, for work elsewhere."""

import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.demography import NEVER, YEAR
from minkang.synth.people.founding import CHILD_1, ELDER_M
from minkang.synth.people.roof import MARRIED, Roofs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OPEN = -NEVER
"""Arrived before the region begins."""

_ARRIVING_YEARS = 9.5
_AGES = (20, 28, 35, 45, 60, 80)
_ARRIVE = (0.55, 0.42, 0.18, 0.08, 0.04, 0.02)  # share of households within _ARRIVING_YEARS
_LEAVE = (0.030, 0.022, 0.010, 0.005, 0.0025, 0.002)  # a year
_RURAL = 0.35
_STUDY = 0.22
_WORK_AGES = (15, 18, 20, 24, 28, 34, 45, 60)
_WORK = (0.0, 0.02, 0.04, 0.05, 0.04, 0.02, 0.004, 0.0)  # of grown children at home, a year


def household_moves(
    random: np.random.Generator, anchor: Floats, rural: Bools, begin: int, today: int
) -> tuple[Ints, Ints]:
    """The day each household arrives (OPEN: it was there) and the day it leaves (NEVER: stays).

    Who would arrive after the last day is taken to have been there from the beginning.
    """
    uniform = random.random((len(anchor), 3))
    less = np.where(rural, _RURAL, 1.0)
    comes = uniform[:, 0] < np.interp(anchor, _AGES, _ARRIVE) * less
    day = begin + 1 + (uniform[:, 1] * _ARRIVING_YEARS * YEAR).astype(np.int64)
    arrived = np.where(comes & (day < today), day, OPEN)
    rate = np.interp(anchor, _AGES, _LEAVE) * less
    stays = -np.log1p(-uniform[:, 2]) / rate * YEAR
    left = np.maximum(arrived, begin) + 200 + np.minimum(stays, 50_000).astype(np.int64)
    return arrived, left


def _september(year: Ints, offset: Ints) -> Ints:
    """The days 1 to 8 September of these years."""
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + 8
    return months.astype("datetime64[D]").astype(np.int64) + offset


def member_moves(random: np.random.Generator, roofs: Roofs, since: Ints) -> Ints:
    """The day a grown child leaves home by itself (NEVER: not); after `since` of that row."""
    uniform = random.random((len(roofs.birth), 3))
    child = (roofs.place >= CHILD_1) & (roofs.place < ELDER_M) & (roofs.marital != MARRIED)
    year = roofs.birth.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    month = roofs.birth.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    study = _september(year + 18 + (month >= 8), (uniform[:, 1] * 8).astype(np.int64))
    study = np.where(child & (uniform[:, 0] < _STUDY) & (study > since), study, NEVER)
    ages = np.arange(0, 110, 0.25)
    hazard = np.cumsum(np.interp(ages, _WORK_AGES, _WORK)) * 0.25
    age = np.maximum(since - roofs.birth, 0) / YEAR
    target = np.interp(age, ages, hazard) - np.log1p(-uniform[:, 2])
    reached = roofs.birth + (np.interp(target, hazard, ages) * YEAR).astype(np.int64)
    work = np.where(child & (target < hazard[-1]) & (reached > since), reached, NEVER)
    return np.minimum(study, work)
