"""Pregnancies of the couples of a block, year by year, and the children born of them."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.chance import columns
from minkang.synth.people.demography import BOYS, YEAR, delivery_chance
from minkang.synth.people.founding import normal
from minkang.synth.people.slots import Slots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LIVE, STILL, MISCARRIED, ENDED = range(4)
OUTCOMES = ("live", "still", "miscarried", "ended")

_MISCARRIED = (0.085, 0.10, 0.13, 0.24, 0.4)  # of recognised pregnancies, by her age
_MISCARRIED_AGES = (20, 28, 34, 40, 45)
_ENDED = 0.09
_STILL = 0.0045
_TWINS = 0.015
_SAME_SEX_TWINS = 0.66
_PRETERM = 0.065
_WITH_HER = 0.27
"""Share of those who would die while pregnant that are; the others don't conceive. So about eight
maternal deaths in 100,000 births remain (the city's plan has 8.2 as its upper bound).
"""


class Couples(msgspec.Struct, frozen=True):
    """Couples who may have children: rows of wife and husband among the block's persons.

    `start` and `end` bound the days on which a child may be conceived; `here` is the last day of
    her presence, `dies` of her life; `last` the day of her last delivery (far back if none);
    `factor` multiplies her chance.
    """

    household: Ints
    wife: Ints
    husband: Ints
    wife_birth: Ints
    start: Ints
    end: Ints
    here: Ints
    dies: Ints
    parity: Ints
    last: Ints
    factor: Floats


class Pregnancies(msgspec.Struct, frozen=True):
    """By row: the couple, last period and end, outcome, deliveries before, the children's sex."""

    couple: Ints
    last_period: Ints
    ended: Ints
    outcome: Ints
    parity: Ints
    males: Ints  # bits: 1 the first is a boy, 2 the second is, 4 there is a second


def pregnancies(seed: int, block: int, couples: Couples, begin: int, until: int) -> Pregnancies:
    """All that end on or after `begin`, year by year until the day `until` is passed.

    What a year draws depends on the years before alone, so later days change nothing earlier.
    """
    parity = couples.parity.copy()
    last_end = couples.last.copy()
    free_from = last_end + 150
    found: list[tuple[Ints, ...]] = []
    step = 0
    while begin + step * YEAR < until:
        random = columns(seed, "pregnancies", block, step)
        found.append(_year(random, couples, begin, step, parity, free_from))
        step += 1
    columns_ = [np.concatenate(part) for part in zip(*found, strict=True)]
    return Pregnancies(*columns_)


def _year(
    random: np.random.Generator, couples: Couples, begin: int, step: int,
    parity: Ints, free_from: Ints,
) -> tuple[Ints, ...]:  # fmt: skip
    """Pregnancies that end within a year; counts parity and `free_from` on."""
    uniform = random.random((9, len(couples.wife)))
    first = begin + int(step * YEAR)
    day = first + (uniform[0] * YEAR).astype(np.int64)
    age = (day - couples.wife_birth) / YEAR
    chance = delivery_chance(age, parity, 1970 + first / YEAR) * couples.factor
    outcome, delivered = _outcomes(age, uniform[2])
    twin = (uniform[4] < _TWINS) & (outcome == LIVE)
    length = _lengths(outcome, twin, uniform[3], uniform[5])
    period = day - length
    conceived = period + 14
    dies = (couples.dies < day) & (couples.dies > period + 50) & (uniform[6] < _WITH_HER)
    day = np.where(dies, couples.dies, day)
    outcome = np.where(dies, np.where(day - period < 196, MISCARRIED, STILL), outcome)
    happens = (
        (uniform[1] < chance / delivered)
        & (conceived >= couples.start)
        & (conceived <= couples.end)
        & (period >= free_from)
        & (period < couples.here)
        & (age > 18.2)
        & (age < 47)
        & ((day + 15 < couples.dies) | dies)
    )
    at = np.flatnonzero(happens)
    males = (
        (uniform[7] < BOYS) * 1
        + np.where(uniform[8] < _SAME_SEX_TWINS, uniform[7] < BOYS, uniform[7] >= BOYS) * 2
        + twin * 4
    )
    before = parity[at].copy()
    ends = outcome[at]
    parity[at] += (ends <= STILL).astype(np.int64)
    free_from[at] = day[at] + np.where(ends == LIVE, 150, 60)
    order = np.argsort(day[at], kind="stable")
    rows = at[order]
    return rows, period[rows], day[rows], outcome[rows], before[order], males[rows]


def _outcomes(age: Floats, uniform: Floats) -> tuple[Ints, Floats]:
    """How a pregnancy at her age ends, and the share that ends in a delivery."""
    miscarried = np.interp(age, _MISCARRIED_AGES, _MISCARRIED)
    delivered = 1 - miscarried - _ENDED
    lost = np.where(uniform < delivered + miscarried, MISCARRIED, ENDED)
    born = np.where(uniform < delivered * (1 - _STILL), LIVE, STILL)
    return np.where(uniform < delivered, born, lost), delivered


def _lengths(outcome: Ints, twin: Bools, uniform: Floats, early: Floats) -> Ints:
    """Days from the last period to the end: a delivery at 39 weeks, twins at 36, some early."""
    term = 275.0 + 7.5 * normal(uniform)
    term = np.where(early < _PRETERM, 205.0 + 53.0 * uniform**0.4, term)
    term = np.where(twin, 254.0 + 11.0 * normal(uniform), term)
    still = 200.0 + 80.0 * uniform
    lost = 45.0 + 70.0 * uniform**1.6
    ended = 42.0 + 40.0 * uniform**1.3
    return np.select(
        (outcome == LIVE, outcome == STILL, outcome == MISCARRIED), (term, still, lost), ended
    ).astype(np.int64)


class Newborns(msgspec.Struct, frozen=True):
    """Children by row; `couple` and `pregnancy` are rows of those, `second` marks second twins."""

    couple: Ints
    pregnancy: Ints
    birth: Ints
    serial: Ints
    male: Bools
    second: Bools


def newborns(slots: Slots, found: Pregnancies, begin: int) -> tuple[Newborns, Pregnancies]:
    """The live-born with day and serial, and the pregnancies moved to the days of birth.

    Twins for whom no day allows two numbers become a single birth.
    """
    rows: list[tuple[int, int, int, int, bool, bool]] = []
    ended = found.ended.copy()
    males = found.males.copy()
    for at in np.flatnonzero(found.outcome == LIVE).tolist():
        couple, day, bits = int(found.couple[at]), int(ended[at]), int(males[at])
        both = (bool(bits & 1), bool(bits & 2))
        twins = slots.twins(day, both, 8, 2**30) if bits & 4 else None
        if twins is None and bits & 4:
            both = (both[0], not both[0])
            twins = slots.twins(day, both, 4, 2**30)
        if twins is not None and twins[0] >= begin:
            day = twins[0]
            rows.append((couple, at, day, twins[1], both[0], False))
            rows.append((couple, at, day, twins[2], both[1], True))
        else:
            day, serial = slots.single(day, both[0], begin)
            males[at] &= 1
            rows.append((couple, at, day, serial, both[0], False))
        ended[at] = day
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    moved = Pregnancies(
        found.couple, found.last_period + ended - found.ended, ended, found.outcome,
        found.parity, males,
    )  # fmt: skip
    children = Newborns(
        table[:, 0], table[:, 1], table[:, 2], table[:, 3],
        table[:, 4].astype(np.bool_), table[:, 5].astype(np.bool_),
    )  # fmt: skip
    return children, moved
