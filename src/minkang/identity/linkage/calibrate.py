"""Thresholds moved to where people's decisions say that they should be. Pure.

A weight promises odds: at `link` = 9 two registrations are one resident with odds of 2^9. What
people decided tells what the odds really are; a straight line from the weight to the log2 of these
odds is fitted by logistic regression (Platt 1999), held to the promise where there are few
decisions (normal priors: slope 1 ± 0.3, shift 0 ± 4). The thresholds then stand where the line has
the odds that were promised. That people see pairs of some weights only does no harm to such a fit;
pairs that a guard held back do not belong in it: they were not chosen by their weight.
"""

import math
from collections.abc import Iterable
from typing import Final

import msgspec

from minkang.identity.linkage.definition import Written

_LN2: Final = math.log(2)
_SLOPE, _SLOPE_SPREAD = 1.0, 0.3
_SHIFT_SPREAD: Final = 4.0
_STEPS: Final = 60
_STILL: Final = 1e-10
_FLATTEST: Final = 0.1

ENOUGH: Final = 20
"""Decisions from which on they move thresholds."""


class Judged(msgspec.Struct, frozen=True, order=True):
    """A pair that people decided on, and that no guard held back: its weight, and the verdict."""

    weight: float
    same: bool


class Calibration(msgspec.Struct, frozen=True):
    """The line: log2 of the real odds = slope · weight + shift; from how many decisions."""

    slope: float
    shift: float
    decisions: int

    def threshold(self, promised: float) -> float:
        """The weight from which the real odds are those that a threshold promises."""
        return (promised - self.shift) / self.slope


def calibrate(judged: Iterable[Judged]) -> Calibration:
    """The line that fits some decisions best, whatever their order; without any, the promise."""
    pairs = sorted(judged)
    slope, shift = _SLOPE, 0.0
    for _ in range(_STEPS):
        by_slope, by_shift = _newton(pairs, slope, shift)
        # A step is cut short rather than let the line turn over.
        while slope + by_slope < _FLATTEST:
            by_slope, by_shift = by_slope / 2, by_shift / 2
            if abs(by_slope) < _STILL:
                break
        slope, shift = slope + by_slope, shift + by_shift
        if abs(by_slope) + abs(by_shift) < _STILL:
            break
    return Calibration(max(slope, _FLATTEST), shift, len(pairs))


def recalibrated(written: Written, calibration: Calibration) -> Written:
    """A definition whose thresholds stand where the real odds are those that it promises."""
    return msgspec.structs.replace(
        written,
        link=round(calibration.threshold(written.link), 3),
        review=round(calibration.threshold(written.review), 3),
    )


def _newton(pairs: list[Judged], slope: float, shift: float) -> tuple[float, float]:
    """Newton's step uphill on the log posterior of slope and shift, at most one unit long each."""
    g0 = (_SLOPE - slope) / _SLOPE_SPREAD**2
    g1 = -shift / _SHIFT_SPREAD**2
    h00, h01, h11 = 1 / _SLOPE_SPREAD**2, 0.0, 1 / _SHIFT_SPREAD**2
    for one in pairs:
        p = _logistic(_LN2 * (slope * one.weight + shift))
        error = _LN2 * ((1.0 if one.same else 0.0) - p)
        g0 += error * one.weight
        g1 += error
        curve = _LN2**2 * p * (1 - p)
        h00 += curve * one.weight**2
        h01 += curve * one.weight
        h11 += curve
    determinant = h00 * h11 - h01 * h01
    by_slope = (h11 * g0 - h01 * g1) / determinant
    by_shift = (h00 * g1 - h01 * g0) / determinant
    longest = max(abs(by_slope), abs(by_shift), 1.0)
    return by_slope / longest, by_shift / longest


def _logistic(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-min(x, 700.0)))
    e = math.exp(max(x, -700.0))
    return e / (1 + e)
