"""The report: what was fixed before, what counts as inside, and the page that says so."""

from datetime import date

import numpy as np
import pytest

from minkang.synth.place import build_place
from minkang.synth.record import World
from minkang.synth.report.measures import Measure, Thin, life_expectancy, merged, rate, thin_sums
from minkang.synth.report.page import as_markdown, lies_inside, measured
from minkang.synth.report.tolerances import EXPECTED, EXPLAINED, MOST_EXPLAINED, Expected
from tests.synth.simple import plain_life


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, date(2024, 11, 1), date(2026, 11, 1), build_place(7))


def test_every_expected_figure_names_its_source_and_few_are_explained() -> None:
    keys = [one.key for one in EXPECTED]
    assert len(keys) == len(set(keys))
    assert all(one.source and one.low <= one.high for one in EXPECTED)
    assert len(EXPLAINED) <= MOST_EXPLAINED
    assert EXPLAINED.keys() <= set(keys)


def test_inside_is_within_the_slack_or_where_chance_allows() -> None:
    plain = Expected("x", "x", "%", 10, 12, 0.1, "s", "full")
    assert [lies_inside(plain, Measure(value)) for value in (8.9, 9.1, 13.1, 13.3)] == [
        False, True, True, False,
    ]  # fmt: skip
    rare = Expected("x", "x", "‰", 2.0, 2.5, 0, "s", "thin", rare=True)
    assert lies_inside(rare, rate(3, 800, 1000))
    assert not lies_inside(rare, rate(80, 10_000, 1000))


def test_intervals_of_counts_are_those_of_the_poisson_tables() -> None:
    """Exact 95 % limits of 10 are 4.80 and 18.39 (Garwood 1936)."""
    found = rate(10, 1, 1)
    assert found.low == pytest.approx(4.80, abs=0.02)
    assert found.high == pytest.approx(18.39, abs=0.02)


def test_life_expectancy_is_that_of_the_life_table() -> None:
    """With a constant hazard h, expectation is 1/h."""
    years = np.full(101, 1e6)
    sums = Thin(1, np.zeros(9), years, years * 0.05)
    assert life_expectancy(sums) == pytest.approx(20, rel=0.01)


def test_sums_of_ranges_are_sums_of_the_whole(world: World) -> None:
    whole = thin_sums(world, 0, 640)
    parts = merged([thin_sums(world, 0, 320), thin_sums(world, 320, 640)])
    assert whole.residents.tolist() == parts.residents.tolist()
    assert whole.person_years == pytest.approx(parts.person_years)
    assert whole.years.sum() == pytest.approx(whole.person_years)
    assert (whole.births, whole.mothers) == (parts.births, parts.mothers)
    assert whole.cases.tolist() == parts.cases.tolist()


def test_the_page_shows_every_row_with_its_verdict(world: World) -> None:
    report = measured(world, 60, 2_000, lives=plain_life)
    page = as_markdown(report)
    for one in EXPECTED:
        assert one.name in page
    assert "minkang synth report" in page
    assert {row.key for row in report.rows if row.depth == "place" and not row.inside} == set()
