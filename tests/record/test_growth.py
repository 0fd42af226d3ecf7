"""Growth against the tables of the standards."""

from datetime import date

import pytest

from minkang.record.growth import CHINA, WHO, growth_of, judged, lines_of, z_score
from minkang.record.results import results_of, series_of
from tests.record.stored_facts import NAMES, observation, quantity, stored


@pytest.mark.parametrize(
    ("standard", "measure", "sex", "months", "value", "z"),
    [
        # WS/T 423-2022: printed values at -2, 0 and +2 of boys and girls.
        (CHINA, "weight", "male", 12, 8.2, -2),
        (CHINA, "weight", "male", 12, 10.1, 0),
        (CHINA, "weight", "male", 12, 12.4, 2),
        (CHINA, "length", "female", 60, 102.5, -2),
        (CHINA, "length", "female", 60, 119.1, 2),
        (CHINA, "length", "male", 72, 118.8, 0),
        # WHO 2006: printed values, which are rounded to one digit.
        (WHO, "weight", "male", 12, 9.6, 0),
        (WHO, "weight", "female", 24, 9.0, -2),
        (WHO, "length", "male", 36, 103.5, 2),
        (WHO, "head", "female", 12, 44.9, 0),
        (WHO, "index", "male", 48, 15.3, 0),
    ],
)
def test_the_z_score_is_that_of_the_printed_tables(
    standard: str, measure: str, sex: str, months: int, value: float, z: float
) -> None:
    found = z_score(standard, measure, sex, round(months * 30.4375), value)
    assert found == pytest.approx(z, abs=0.08)


def test_no_standard_judges_beyond_its_age_or_an_unknown_sex() -> None:
    assert z_score(CHINA, "weight", "male", 3000, 30) is None
    assert z_score(WHO, "weight", "male", 2000, 20) is None
    assert z_score(WHO, "weight", "unknown", 365, 9) is None


def test_length_and_height_are_not_mixed_at_two_years() -> None:
    before = z_score(WHO, "length", "male", 729, 87.8161)
    after = z_score(WHO, "length", "male", 731, 87.1161)
    assert before == pytest.approx(0.0, abs=0.3)
    assert after == pytest.approx(0.0, abs=0.05)


def test_the_lines_lie_in_their_order_at_every_age() -> None:
    for measure in ("length", "weight"):
        for sex in ("male", "female"):
            lines = lines_of(CHINA, measure, sex)
            for values in zip(*(line.points for line in lines), strict=True):
                assert [v for _, v in values] == sorted(v for _, v in values)


@pytest.mark.parametrize(
    ("z", "word"),
    [(-2.01, "low"), (-2.0, "lower"), (-1.0, "middle"), (0.99, "middle"), (1.0, "higher"),
     (2.0, "high"), (None, "")],
)  # fmt: skip
def test_the_levels_are_those_of_the_standard(z: float | None, word: str) -> None:
    assert judged("length", z) == word


def test_a_childs_measures_come_in_order_and_in_one_unit() -> None:
    several = [
        stored(observation("a", "29463-7", "体重", "2026-02-01", **quantity("10.1", "kg"))),
        stored(observation("b", "8339-4", "出生体重", "2025-02-01", **quantity("3500", "g"))),
        stored(observation("c", "29463-7", "体重", "2024-02-01", **quantity("5", "kg"))),
    ]
    series = series_of(results_of(several, NAMES))
    growth = growth_of(series, date(2025, 2, 1), "male", "weight", CHINA)
    assert [(one.days, one.value) for one in growth.points] == [(0, 3.5), (365, 10.1)]
    assert growth.points[0].z == pytest.approx(0, abs=0.05)
