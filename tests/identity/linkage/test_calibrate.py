"""Thresholds follow what people decided, and stay where nobody decided anything."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.identity.linkage.calibrate import Calibration, Judged, calibrate, recalibrated
from minkang.identity.linkage.definition import load_definition

WRITTEN = load_definition().written


def decided(slope: float, shift: float, count: int) -> list[Judged]:
    """Decisions of a region whose real odds are on a known line, on weights from -2 to 14."""
    chance = random.Random(7)
    found = []
    for _ in range(count):
        weight = chance.uniform(-2, 14)
        odds = 2.0 ** (slope * weight + shift)
        found.append(Judged(weight, chance.random() < odds / (1 + odds)))
    return found


def test_without_decisions_nothing_moves() -> None:
    assert calibrate([]) == Calibration(1.0, 0.0, 0)
    moved = recalibrated(WRITTEN, calibrate([]))
    assert (moved.link, moved.review) == (WRITTEN.link, WRITTEN.review)


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (1.0, -4.0), (0.7, 1.0), (1.3, -2.0)])
def test_the_line_of_many_decisions_is_found(slope: float, shift: float) -> None:
    found = calibrate(decided(slope, shift, 4_000))
    assert found.slope == pytest.approx(slope, abs=0.1)
    assert found.shift == pytest.approx(shift, abs=0.5)


def test_weights_that_promise_too_much_raise_the_thresholds() -> None:
    moved = recalibrated(WRITTEN, calibrate(decided(1.0, -4.0, 4_000)))
    assert moved.link == pytest.approx(WRITTEN.link + 4, abs=0.7)
    assert moved.review > WRITTEN.review


def test_a_few_decisions_move_little() -> None:
    few = calibrate([Judged(10.0, same=False)])
    assert (
        0
        < few.threshold(WRITTEN.link) - WRITTEN.link
        < calibrate([Judged(10.0, same=False)] * 20).threshold(WRITTEN.link) - WRITTEN.link
    )


@given(
    st.lists(st.builds(Judged, st.floats(-200, 200, allow_nan=False), st.booleans()), max_size=40),
    st.randoms(use_true_random=False),
)
def test_any_decisions_in_any_order_give_one_rising_line(
    judged: list[Judged], chance: random.Random
) -> None:
    found = calibrate(judged)
    assert math.isfinite(found.slope)
    assert math.isfinite(found.shift)
    assert found.slope > 0
    shuffled = list(judged)
    chance.shuffle(shuffled)
    assert calibrate(shuffled) == found
    moved = recalibrated(WRITTEN, found)
    assert moved.review <= moved.link
