"""Who lives under one roof on the first day: kinds of households and the ages of their members.

A household is drawn by its kind and the age of its anchor (the wife, or who is alone). How often
each kind comes at each age is fitted, so that all members together have the pyramid of that day:
a fit by multiplication that starts from plausible shares and changes them as little as it can.
"""

from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.demography import OLDEST, pyramid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Places within a household, which are the founders' member numbers less one.
HEAD, WIFE, CHILD_1, CHILD_2, CHILD_3, ELDER_M, ELDER_F = range(7)
PLACES: Final = 7

UNIFORMS: Final = 12
"""Uniform numbers that one household's ages take."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of household: its share at the start of the fit, of villages and town, and ages."""

    key: str
    rural: float
    urban: float
    ages: tuple[int, int, int]  # of the anchor: youngest, most usual, oldest
    children: int = 0
    couple: bool = True
    elders: bool = False


KINDS: Final = (
    Kind("man-alone", 0.10, 0.12, (20, 38, 94), couple=False),
    Kind("woman-alone", 0.16, 0.12, (20, 68, 96), couple=False),
    Kind("couple", 0.46, 0.30, (21, 58, 92)),
    Kind("couple-child", 0.10, 0.23, (21, 37, 60), 1),
    Kind("couple-children", 0.05, 0.10, (24, 37, 52), 2),
    Kind("parent-child", 0.02, 0.03, (25, 44, 66), 1, couple=False),
    Kind("three-generations", 0.04, 0.035, (23, 35, 56), 1, elders=True),
    Kind("couple-elders", 0.05, 0.03, (26, 52, 66), elders=True),
    Kind("elders-and-single", 0.02, 0.025, (20, 30, 58), couple=False, elders=True),
)

_BIRTH_GRID: Final = np.arange(20.0, 46.5, 0.5)


def _normal_steps(mean: float, deviation: float) -> Floats:
    """Cumulative shares of the ages of _BIRTH_GRID, of a bell cut off at both ends."""
    density = np.exp(-0.5 * ((_BIRTH_GRID - mean) / deviation) ** 2)
    cumulative = np.cumsum(density)
    return np.asarray((cumulative - cumulative[0]) / (cumulative[-1] - cumulative[0]))


_FIRST_BIRTH: Final = _normal_steps(26.5, 3.3)
_LATE_BIRTH: Final = _normal_steps(27.5, 4.5)
_NORMAL_GRID: Final = np.linspace(-3, 3, 121)
_NORMAL: Final = np.cumsum(np.exp(-0.5 * _NORMAL_GRID**2))
_NORMAL_SHARES: Final = (_NORMAL - _NORMAL[0]) / (_NORMAL[-1] - _NORMAL[0])


def normal(uniform: Floats) -> Floats:
    """Standard normal numbers within three deviations, by inversion."""
    return np.interp(uniform, _NORMAL_SHARES, _NORMAL_GRID)


def age_gap(uniform: Floats) -> Floats:
    """Years by which a husband is older than his wife: usually one to three."""
    return np.clip(1.7 + 2.3 * normal(uniform), -5.0, 12.0)


def _age_at_birth(uniform: Floats, mother: Floats, steps: Floats) -> Floats:
    """The mother's age at the birth of a child that is born by now."""
    reached = np.interp(mother, _BIRTH_GRID, steps)
    born_at = np.interp(uniform * reached, steps, _BIRTH_GRID)
    return np.asarray(np.minimum(born_at, mother))


class Founders(msgspec.Struct, frozen=True):
    """Ages on the first day by household and place (NaN: nobody), and who is male."""

    ages: Floats
    male: NDArray[np.bool_]
    twins: NDArray[np.bool_]  # households whose two children are twins


def founders(kind: Ints, anchor: Floats, uniform: Floats) -> Founders:
    """The members of households of these kinds whose anchors have these ages.

    `uniform` has UNIFORMS columns. The anchor is the wife of a couple, who is alone, the parent
    without a partner, or the child who lives with the elders.
    """
    number = len(kind)
    ages = np.full((number, PLACES), np.nan)
    male = np.zeros((number, PLACES), dtype=np.bool_)
    couple = np.array([k.couple for k in KINDS])[kind]
    children = np.array([k.children for k in KINDS])[kind]
    elders = np.array([k.elders for k in KINDS])[kind]
    gap = age_gap(uniform[:, 0])
    lone_mother = uniform[:, 1] < 0.72
    single_man = uniform[:, 1] < 0.62
    alone_male = np.where(children > 0, ~lone_mother, single_man)
    alone_male = np.where(kind == 0, True, np.where(kind == 1, False, alone_male))
    ages[:, HEAD] = np.where(couple, np.maximum(anchor + gap, 20.0), anchor)
    male[:, HEAD] = np.where(couple, True, alone_male)
    ages[:, WIFE] = np.where(couple, anchor, np.nan)

    mother = np.where(couple | (children == 0) | lone_mother, anchor, anchor - gap)
    first = mother - _age_at_birth(uniform[:, 2], mother, _FIRST_BIRTH)
    ages[:, CHILD_1] = np.where(children > 0, first, np.nan)
    husband = np.where(children > 0, np.fmax(ages[:, HEAD], first + 21.5), ages[:, HEAD])
    ages[:, HEAD] = np.where(couple, husband, ages[:, HEAD])
    twins = (children == 2) & (uniform[:, 3] < 0.035)
    latest = np.maximum(mother - 44.5, 0.0)  # the youngest that she can have
    room = first - latest
    spacing = np.minimum(1.3 + 7.5 * uniform[:, 3] ** 0.8, 1.2 + np.maximum(room - 1.2, 0.0) * 0.9)
    second = first - spacing
    two = (children == 2) & (twins | (room > 1.3))
    ages[:, CHILD_2] = np.where(two, np.where(twins, first, second), np.nan)
    three = two & ~twins & (uniform[:, 4] < 0.05) & (second - latest > 2.0)
    third = latest + (second - latest - 1.3) * (0.2 + 0.8 * uniform[:, 5])
    ages[:, CHILD_3] = np.where(three, third, np.nan)
    for place, column in ((CHILD_1, 6), (CHILD_2, 7), (CHILD_3, 8)):
        male[:, place] = uniform[:, column] < 0.519

    son = np.where(couple, ages[:, HEAD], anchor)
    elder = son + np.interp(uniform[:, 9], _LATE_BIRTH, _BIRTH_GRID)
    both = uniform[:, 10] < np.interp(elder, (45, 65, 75, 85, 95), (0.8, 0.62, 0.4, 0.18, 0.05))
    widow = uniform[:, 11] < 0.74
    ages[:, ELDER_F] = np.where(elders & (both | widow) & (elder < 99), elder, np.nan)
    ages[:, ELDER_M] = np.where(elders & (both | ~widow), elder + 1.5 + gap * 0.2, np.nan)
    ages[:, ELDER_M] = np.where(ages[:, ELDER_M] < 99, ages[:, ELDER_M], np.nan)
    male[:, ELDER_M] = True
    return Founders(ages, male, twins & two)


_TRIALS: Final = 60
_ROUNDS: Final = 300
_SIZE_WEIGHT: Final = 1.0
_SIZES: Final = (0.275, 0.365, 0.215, 0.10, 0.045)
"""Shares of households of one, two, three, four, five and more (mean 2.3)."""


class Mixture(msgspec.Struct, frozen=True):
    """How to draw a household: cumulative shares of the cells, each a kind at an anchor's age."""

    bounds: Floats
    kinds: Ints
    anchors: Floats

    def draw(self, uniform: Floats, within: Floats) -> tuple[Ints, Floats]:
        """Kinds and anchors' ages (`within` spreads an age over its year)."""
        at = np.minimum(np.searchsorted(self.bounds, uniform, side="right"), len(self.kinds) - 1)
        return self.kinds[at], self.anchors[at] + within


def _start(kind: Kind, share: float) -> Floats:
    """The shares at each age of the anchor before the fit: a hill, flat-topped for the adults."""
    low, top, high = kind.ages
    ages = np.arange(low, high + 1)
    return share * np.interp(ages, (low, top, high), (0.25, 1.0, 0.15)) / len(ages)


@lru_cache(maxsize=32)
def mixture(begin: int, rural_share: float, rural: bool) -> Mixture:
    """The fitted mixture for villages or for the town, on a day (since 1970-01-01)."""
    target = pyramid(begin, rural_share)[0 if rural else 1].ravel()
    cells = [
        (at, age, weight)
        for at, kind in enumerate(KINDS)
        for age, weight in zip(
            range(kind.ages[0], kind.ages[2] + 1),
            _start(kind, kind.rural if rural else kind.urban),
            strict=True,
        )
    ]
    kinds = np.array([cell[0] for cell in cells], dtype=np.int64)
    anchors = np.array([float(cell[1]) for cell in cells])
    weights = np.array([cell[2] for cell in cells])
    people, sizes = _expected(kinds, anchors)
    size = float(np.dot(_SIZES, (1, 2, 3, 4, 5.2)))
    goal = np.concatenate([target * size, np.array(_SIZES) * _SIZE_WEIGHT])
    effect = np.concatenate([people, sizes * _SIZE_WEIGHT], axis=1)
    reach = effect.sum(axis=1)
    for _ in range(_ROUNDS):
        got = np.maximum(np.einsum("i,ij->j", weights, effect), 1e-12)
        weights = weights * np.einsum("ij,j->i", effect, goal / got) / reach
    shares = np.round(weights / weights.sum(), 7)  # so that no machine's last digit matters
    bounds = np.cumsum(shares) / shares.sum()
    return Mixture(bounds, kinds, anchors)


def _expected(kinds: Ints, anchors: Floats) -> tuple[Floats, Floats]:
    """Persons by sex and age, and households by size, that one household of each cell brings."""
    random = np.random.Generator(np.random.PCG64(20201101))
    cells = len(kinds)
    uniform = random.random((cells * _TRIALS, UNIFORMS))
    spread = (np.tile(np.arange(_TRIALS), cells) + 0.5) / _TRIALS
    made = founders(np.repeat(kinds, _TRIALS), np.repeat(anchors, _TRIALS) + spread, uniform)
    there = ~np.isnan(made.ages)
    age = np.clip(np.nan_to_num(made.ages), 0, OLDEST - 1).astype(np.int64)
    column = np.where(made.male, age, OLDEST + age)
    row = np.repeat(np.arange(cells), _TRIALS)[:, None]
    flat = (row * (2 * OLDEST) + column)[there]
    people = np.bincount(flat, minlength=cells * 2 * OLDEST).reshape(cells, 2 * OLDEST)
    size = np.minimum(there.sum(axis=1), 5) - 1
    sizes = np.bincount(row[:, 0] * 5 + size, minlength=cells * 5).reshape(cells, 5)
    return people / _TRIALS, sizes / _TRIALS
