"""How many of each age, how long they live, when they marry and give birth: rates of a coast city.

The shape of 2020 follows the census of that year for Weihai (0-14 11.5 %, 15-59 58.8 %, 60 and
over 29.7 %, 65 and over 21.6 %); groups of five years within these are our own estimate. Ages are
in years, days count from 1970-01-01.
"""

from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EPOCH: Final = date(1970, 1, 1).toordinal()
YEAR: Final = 365.25
_CENSUS: Final = date(2020, 11, 1).toordinal() - EPOCH
OLDEST: Final = 106

_SHARES: Final = (
    3.3, 4.6, 3.6, 3.2, 3.7, 5.2, 7.9, 7.0, 6.7, 8.3, 9.0, 7.8,
    8.1, 8.4, 5.6, 3.3, 2.4, 1.4, 0.42, 0.07, 0.01,
)  # fmt: skip
"""Per cent of the residents of 2020 by five years of age."""

_WOMEN: Final = ((15, 0.475), (60, 0.493), (70, 0.507), (80, 0.525), (85, 0.57), (200, 0.65))
"""Share of women up to an age."""

_RURAL: Final = ((15, 0.78), (40, 0.66), (60, 0.95), (75, 1.42), (200, 1.55))
"""How much more of each age there is in villages than in the whole city: the young have left."""

_STAYING: Final = (
    1.0, 1.18, 1.0, 1.07, 1.27, 1.15, 1.22, 1.02, 0.97, 1.0, 0.97, 0.94,
    0.94, 0.97, 0.92, 0.90, 0.88, 0.88, 0.88, 0.88, 0.88,
)  # fmt: skip
"""More founders of these ages (of 2020) are made: the young among them come later or go sooner."""

# Hazard of death a year by age, men and women; between the ages log-linear. Set to a life
# expectancy of 78.9 and 84.1 years (81.5 together), infant mortality 2.5 and under five 3.3 per
# 1,000, as the maternal and child plan of the city reports for 2020 (2.41 and 3.28).
_AGES: Final = (1, 4, 10, 15, 25, 35, 45, 55, 65, 75, 85, 95, 106)
_MALE: Final = (
    .0003, .00015, .00015, .0003, .00048, .0009, .0021, .0050, .0125, .034, .100, .25, .6,
)  # fmt: skip
_FEMALE: Final = (
    .00026, .00012, .0001, .00015, .00021, .0004, .0009, .0023, .0062, .0205, .070, .205, .55,
)  # fmt: skip
_FIRST_YEAR: Final = ((0.0, 0.0), (0.003, 0.0005), (0.02, 0.0010), (0.08, 0.0014), (1.0, 0.0025))
"""Share of the born who have died by an age of the first year."""

_SEASON: Final = (1.22, 1.14, 1.05, 0.98, 0.93, 0.89, 0.90, 0.91, 0.90, 0.95, 1.0, 1.13)
"""Deaths by month against the mean: winter's are a third more than summer's."""

RURAL_MORTALITY: Final = 1.06
URBAN_MORTALITY: Final = 0.95

CRUDE_BIRTH_RATE: Final = {
    2012: 9.0, 2013: 8.4, 2014: 9.2, 2015: 8.0, 2016: 7.2, 2017: 6.8, 2018: 6.1, 2019: 5.7,
    2020: 5.4, 2021: 4.9, 2022: 4.6, 2023: 4.3, 2024: 4.4, 2025: 4.1, 2026: 4.0,
}  # fmt: skip
"""Births per 1,000 residents that the region aims at; years after the last are as the last."""

BOYS: Final = 1.08 / 2.08


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def birth_rate(year: int) -> float:
    """CRUDE_BIRTH_RATE of a year, the nearest one outside its years."""
    return CRUDE_BIRTH_RATE[min(max(year, min(CRUDE_BIRTH_RATE)), max(CRUDE_BIRTH_RATE))]


def _cumulative_hazard(rates: tuple[float, ...]) -> tuple[Floats, Floats]:
    ages = np.concatenate([[a for a, _ in _FIRST_YEAR], np.arange(1 + 1 / 12, 120, 1 / 12)])
    later = ages[len(_FIRST_YEAR) :]
    hazard = np.exp(np.interp(later, _AGES, np.log(rates)))
    first = [-np.log1p(-died) for _, died in _FIRST_YEAR]
    return ages, np.concatenate([first, first[-1] + np.cumsum(hazard) / 12])


_TABLES: Final = (_cumulative_hazard(_MALE), _cumulative_hazard(_FEMALE))


def surviving(age: Floats, male: bool) -> Floats:
    """Share of the born who reach an age."""
    ages, hazard = _TABLES[0 if male else 1]
    return np.exp(-np.interp(age, ages, hazard))


def _season_days() -> Floats:
    """Seasonal time lived by each day since 1900: a year is a year, its winter days are longer."""
    days = np.arange(date(1900, 1, 1).toordinal() - EPOCH, date(2101, 1, 1).toordinal() - EPOCH)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    factor = np.array(_SEASON)[month]
    return np.asarray(np.cumsum(factor / factor.mean()))


_SEASON_START: Final = date(1900, 1, 1).toordinal() - EPOCH
_SEASONAL: Final = _season_days()
_ALL_DAYS: Final = np.arange(len(_SEASONAL), dtype=np.float64) + _SEASON_START


def death_days(uniform: Floats, birth: Ints, since: Ints, male: NDArray[np.bool_],
               factor: Floats) -> Ints:  # fmt: skip
    """The day each dies, given that they were alive on the day `since`.

    `factor` multiplies the hazard. The day depends on no later choice, so a region that goes on
    keeps its deaths. One uniform number a person.
    """
    start = np.maximum(since, birth)
    age = (start - birth) / YEAR
    more = -np.log1p(-uniform) / factor
    length = np.empty(len(uniform))
    for at, (ages, hazard) in enumerate(_TABLES):
        mine = male if at == 0 else ~male
        reached = np.interp(age[mine], ages, hazard)
        length[mine] = np.interp(reached + more[mine], hazard, ages) - age[mine]
    lived = _SEASONAL[start - _SEASON_START] + length * YEAR
    return np.asarray(np.interp(lived, _SEASONAL, _ALL_DAYS), dtype=np.int64)


def life_expectancy(male: bool) -> float:
    """At birth, by the rates of this module."""
    ages = np.arange(0, 119, 1 / 12)
    return float(surviving(ages, male).sum() / 12 - 1 / 24)


def _at_census() -> Floats:
    """Residents of 2020 by single year of age, as shares; smoothed over the edges of groups."""
    single = np.repeat(np.array(_SHARES) / 5, 5)
    padded = np.concatenate([[single[0]] * 2, single, [single[-1]] * 2])
    smooth = np.convolve(padded, np.ones(5) / 5, mode="valid")[:OLDEST]
    smooth = np.concatenate([smooth, np.full(OLDEST - len(smooth), 1e-5)])
    return np.asarray(smooth / smooth.sum())


def _by_age(table: tuple[tuple[int, float], ...]) -> Floats:
    ages = np.arange(OLDEST)
    column = np.empty(OLDEST)
    for limit, value in reversed(table):
        column[ages < limit] = value
    return column


@lru_cache(maxsize=16)
def pyramid(begin: int, rural_share: float) -> tuple[Floats, Floats]:
    """Shares by sex (0 men, 1 women) and single year of age on a day: of villages, of the town.

    The cohorts of 2020 moved to that day, with those who died in between or were born since.
    """
    census, women = _at_census() * np.append(np.repeat(_STAYING, 5), _STAYING[-1]), _by_age(_WOMEN)
    shift = (_CENSUS - begin) / YEAR  # their age in 2020 is age + shift
    ages = np.arange(OLDEST, dtype=np.float64) + 0.5
    both = []
    for male in (True, False):
        part = census * (1 - women if male else women)
        then = np.asarray(ages + shift, dtype=np.float64)
        alive = np.interp(then, ages, part, right=0.0)
        alive = alive * surviving(ages, male) / surviving(np.maximum(then, 0.0), male)
        for at in np.flatnonzero(then < 0.0):  # born after the census
            year = int(1970 + (begin / YEAR) - ages[at])
            born = birth_rate(year) / 1000 * (BOYS if male else 1 - BOYS)
            alive[at] = born * surviving(ages[at : at + 1], male)[0]
        both.append(alive)
    whole = np.array(both)
    whole /= whole.sum()
    rural = whole * _by_age(_RURAL)
    rural /= rural.sum()
    urban = np.maximum(whole - rural_share * rural, whole * 0.05)
    return rural, urban / urban.sum()


# First marriages of the unmarried, a year, by age; those over 50 rarely.
_MARRY_AGES: Final = (19, 20, 22, 24, 26, 28, 30, 33, 36, 40, 45, 50, 60, 75)
_MARRY_MEN: Final = (0, 0, 0, .10, .16, .20, .19, .13, .07, .035, .016, .008, .004, 0)  # fmt: skip
_MARRY_WOMEN: Final = (
    0, 0, .08, .16, .23, .25, .20, .12, .06, .03, .014, .006, .002, 0,
)  # fmt: skip


def _marriage_table(rates: tuple[float, ...]) -> tuple[Floats, Floats]:
    ages = np.arange(0, 110, 0.25)
    return ages, np.cumsum(np.interp(ages, _MARRY_AGES, rates)) * 0.25


_MARRIAGE: Final = (_marriage_table(_MARRY_MEN), _marriage_table(_MARRY_WOMEN))
NEVER: Final = 2**30


def marriage_days(uniform: Floats, birth: Ints, since: Ints, male: NDArray[np.bool_],
                  factor: Floats) -> Ints:  # fmt: skip
    """The day each of the unmarried marries, after `since`; NEVER for those who never do."""
    age = np.maximum((since - birth) / YEAR, 0.0)
    more = -np.log1p(-uniform) / np.maximum(factor, 1e-9)
    days = np.empty(len(uniform), dtype=np.int64)
    for at, (ages, hazard) in enumerate(_MARRIAGE):
        mine = male if at == 0 else ~male
        target = np.interp(age[mine], ages, hazard) + more[mine]
        reached = np.interp(target, hazard, ages)
        day = birth[mine] + (reached * YEAR).astype(np.int64)
        days[mine] = np.where(target < hazard[-1], np.maximum(day, since[mine] + 1), NEVER)
    return days


# Chance of a delivery within a year for a wife, by age and number of children.
_BIRTH_AGES: Final = (18, 20, 23, 26, 29, 32, 35, 38, 41, 44, 46)
_FIRST: Final = (.20, .36, .45, .48, .42, .32, .20, .09, .03, .004, 0)  # fmt: skip
_SECOND: Final = (.02, .05, .07, .085, .095, .085, .060, .030, .010, .001, 0)  # fmt: skip
_THIRD: Final = (0, .004, .008, .010, .011, .010, .008, .004, .001, 0, 0)  # fmt: skip

# Against the rates above: many second children once the rule of one child had gone, few today.
_FIRST_BY_YEAR: Final = {
    2016: .60, 2017: .60, 2018: .57, 2020: .62, 2022: .64, 2024: .72, 2026: .68,
}  # fmt: skip
_LATER_BY_YEAR: Final = {
    2016: .9, 2017: .75, 2018: .58, 2020: .5, 2022: .43, 2024: .46, 2026: .42,
}  # fmt: skip


def delivery_chance(age: Floats, parity: Ints, year: float) -> Floats:
    """Chance that a wife of that age and number of children delivers within the year."""
    first = np.interp(age, _BIRTH_AGES, _FIRST)
    later = np.where(
        parity == 1, np.interp(age, _BIRTH_AGES, _SECOND), np.interp(age, _BIRTH_AGES, _THIRD)
    )
    first *= np.interp(year, list(_FIRST_BY_YEAR), list(_FIRST_BY_YEAR.values()))
    later *= np.interp(year, list(_LATER_BY_YEAR), list(_LATER_BY_YEAR.values()))
    return np.where(parity == 0, first, np.where(parity < 4, later, 0.0))
