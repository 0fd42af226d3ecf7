"""The thin lives have the shape and the rates of the city that they stand for.

Intervals are the target and about three standard errors of 100,000 people.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from minkang.synth.people import ThinBlock
from minkang.synth.people.births import LIVE, STILL
from minkang.synth.people.demography import NEVER, YEAR, days_of

Bools = NDArray[np.bool_]
_YEARS = range(2017, 2026)


def _there(thin: ThinBlock, day: int) -> Bools:
    people = thin.people
    entered = np.maximum(people.birth, people.arrived)
    return np.asarray((entered <= day) & (people.death > day) & (people.left > day))


def _first_day(year: int) -> int:
    return days_of(date(year, 1, 1))


def _rate(thin: ThinBlock, column: NDArray[np.int64], year: int) -> float:
    first, last = _first_day(year), _first_day(year + 1)
    events = ((column >= first) & (column < last)).sum()
    return float(events / _there(thin, (first + last) // 2).sum() * 1000)


def test_ages_of_2020_are_those_of_the_census(thin: ThinBlock) -> None:
    day = days_of(date(2020, 11, 1))
    age = (day - thin.people.birth[_there(thin, day)]) / YEAR
    assert 0.105 < (age < 15).mean() < 0.12
    assert 0.28 < (age >= 60).mean() < 0.31
    assert 0.20 < (age >= 65).mean() < 0.23


def test_villages_are_older_than_the_town(thin: ThinBlock) -> None:
    day = days_of(date(2020, 11, 1))
    there = _there(thin, day)
    old = (day - thin.people.birth) / YEAR >= 60
    village = np.array([int(code[9:]) >= 200 for code in thin.village])
    assert old[there & village].mean() > 0.38
    assert old[there & ~village].mean() < 0.27


def test_homes_that_are_lived_in_hold_2_3_people(thin: ThinBlock) -> None:
    there = _there(thin, days_of(date(2020, 11, 1)))
    homes = np.unique(thin.people.household[there], return_counts=True)[1]
    assert 2.15 < homes.mean() < 2.4


def test_births_fall_from_over_six_to_about_four_per_mille(thin: ThinBlock) -> None:
    rates = [_rate(thin, thin.people.birth, year) for year in _YEARS]
    assert 4.7 < np.mean(rates) < 5.8
    assert np.mean(rates[:3]) > 5.5 > 4.9 > np.mean(rates[-3:]) > 3.7


def test_deaths_are_about_nine_per_mille_and_most_in_winter(thin: ThinBlock) -> None:
    rates = [_rate(thin, thin.people.death, year) for year in _YEARS]
    assert 8.3 < np.mean(rates) < 10.0
    dead = thin.people.death[thin.people.death < NEVER].astype("datetime64[D]")
    month = dead.astype("datetime64[M]").astype(np.int64) % 12
    share = np.bincount(month, minlength=12) / len(dead)
    assert share[0] > share[6] * 1.15


def test_life_expectancy_is_81_and_a_half(thin: ThinBlock) -> None:
    found = [_life_expectancy(thin, thin.people.male == male) for male in (True, False)]
    assert 78.0 < found[0] < 80.0
    assert 83.1 < found[1] < 85.1


def _life_expectancy(thin: ThinBlock, mine: Bools) -> float:
    people = thin.people
    begin, today = days_of(date(2016, 11, 22)), days_of(date(2026, 11, 22))
    first = np.maximum(np.maximum(people.birth, people.arrived), begin)[mine]
    last = np.minimum(np.minimum(people.left, people.death), today)[mine]
    birth, death = people.birth[mine], people.death[mine]
    alive, years = 1.0, 0.0
    for age in range(110):
        low = birth + age * YEAR
        lived = np.clip(np.minimum(last, low + YEAR) - np.maximum(first, low), 0, None).sum() / YEAR
        deaths = ((death >= low) & (death < low + YEAR)).sum()
        survive = float(np.exp(-deaths / max(lived, 1.0)))
        years += alive * (1 + survive) / 2
        alive *= survive
    return years


def test_children_are_born_to_grown_couples_and_some_are_twins(thin: ThinBlock) -> None:
    people = thin.people
    live = (people.outcome == LIVE) & (people.children[:, 0] >= 0)
    age = (people.ended[live] - people.birth[people.pregnant[live]]) / YEAR
    assert age.min() >= 20
    assert age.max() < 46.5
    assert 28 < age[people.parity[live] == 0].mean() < 30
    twins = (people.children[live, 1] >= 0).mean()
    assert 0.009 < twins < 0.022
    children = people.children[live].ravel()
    boys = people.male[children[children >= 0]].mean()
    assert abs(boys - 1.08 / 2.08) < 0.022


def test_not_every_pregnancy_ends_well(thin: ThinBlock) -> None:
    outcome = thin.people.outcome
    delivered = (outcome <= STILL).sum()
    assert 0.002 < (outcome == STILL).sum() / delivered < 0.009
    assert 0.10 < (outcome == 2).mean() < 0.16
    assert 0.07 < (outcome == 3).mean() < 0.13


def test_few_infants_die(thin: ThinBlock) -> None:
    people = thin.people
    born = (people.birth >= _first_day(2017)) & (people.birth < _first_day(2025))
    lost = born & (people.death - people.birth < 365)
    assert 0.0005 < lost.sum() / born.sum() < 0.005


def test_people_come_and_go_in_like_numbers(thin: ThinBlock) -> None:
    come = np.mean([_rate(thin, thin.people.arrived, year) for year in _YEARS])
    go = np.mean([_rate(thin, thin.people.left, year) for year in _YEARS])
    assert 12 < go < come < 24
