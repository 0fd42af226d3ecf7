"""Infections come in the country's seasons, to those whom they strike, as often as they can."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from minkang.synth.people import DISEASES, ThinBlock, national_cases
from minkang.synth.people.demography import YEAR, days_of
from minkang.synth.people.infection_table import MONTHLY
from minkang.synth.people.infections import KEYS

_TABLE = Path(__file__).parents[4] / "shared/data/surveillance/china_notifiable_monthly_cases.csv"
_COLUMNS = {
    "influenza": "流行性感冒", "hand-foot-mouth": "手足口病", "measles": "麻疹",
    "infectious-diarrhoea": "其他感染性腹泻病", "tuberculosis": "肺结核", "pertussis": "百日咳",
    "haemorrhagic-fever": "流行性出血热", "japanese-encephalitis": "流行性乙型脑炎",
}  # fmt: skip


def _months(onset: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cases by month from 2017-01 to 2025-12."""
    month = onset.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - 47 * 12
    return np.bincount(month[(month >= 0) & (month < 108)], minlength=108)


@pytest.mark.parametrize(
    ("key", "least"),
    [
        ("influenza", 0.95),
        ("hand-foot-mouth", 0.8),
        ("infectious-diarrhoea", 0.5),
        ("covid-19", 0.95),
    ],
)
def test_the_season_is_the_countrys(thin: ThinBlock, key: str, least: float) -> None:
    people = thin.people
    found = _months(people.onset[people.disease == KEYS.index(key)])
    country = [
        national_cases(key, year, month) for year in range(2017, 2026) for month in range(1, 13)
    ]
    assert np.corrcoef(found, country)[0, 1] > least


def test_the_yearly_number_is_the_countrys_for_what_strikes_all_ages(thin: ThinBlock) -> None:
    people = thin.people
    for key, low, high in (
        ("influenza", 0.6, 1.0),
        ("hepatitis-b", 0.85, 1.3),
        ("tuberculosis", 0.95, 1.5),
    ):
        found = _months(people.onset[people.disease == KEYS.index(key)]).sum()
        country = sum(
            national_cases(key, year, month) for year in range(2017, 2026) for month in range(1, 13)
        )
        there = (
            (people.birth < days_of(date(2021, 7, 1)))
            & (people.death > days_of(date(2021, 7, 1)))
            & (people.left > days_of(date(2021, 7, 1)))
            & (people.arrived < days_of(date(2021, 7, 1)))
        )
        assert low < found / (country / 1.41e9 * there.sum()) < high, key


def test_each_disease_strikes_its_ages(thin: ThinBlock) -> None:
    people = thin.people
    age = (people.onset - people.birth[people.ill]) / YEAR

    def median(key: str) -> float:
        return float(np.median(age[people.disease == KEYS.index(key)]))

    assert median("hand-foot-mouth") < 5
    assert 3 < median("scarlet-fever") < 10
    assert median("tuberculosis") > 45
    assert median("hepatitis-b") > 35
    assert (age > 0).all()


def test_what_comes_once_comes_once(thin: ThinBlock) -> None:
    people = thin.people
    once = np.array([DISEASES[key].once for key in KEYS])[people.disease]
    pairs = people.ill[once] * 100 + people.disease[once]
    assert len(np.unique(pairs)) == len(pairs)


def test_unknown_months_repeat_the_last_year() -> None:
    assert national_cases("influenza", 2027, 12) == national_cases("influenza", 2025, 12)
    assert national_cases("influenza", 2027, 2) == national_cases("influenza", 2026, 2)
    assert national_cases("covid-19", 2019, 12) == 0


def test_every_disease_has_a_number_for_every_month_and_every_age() -> None:
    assert MONTHLY.keys() == DISEASES.keys()
    for key, disease in DISEASES.items():
        assert len(MONTHLY[key].split()) == 124
        assert len(disease.profile) == 13


def test_the_table_is_the_published_one() -> None:
    if not _TABLE.exists():
        pytest.skip(f"NOT RUN: ../shared/data/surveillance/{_TABLE.name} is not there")
    with _TABLE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["月份"] >= "2016-01"]
    for key, column in _COLUMNS.items():
        assert MONTHLY[key].split() == [row[column] for row in rows]
