"""The region's notifiable infections beside the national months."""

from math import atanh, sqrt, tanh

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people import DISEASES, national_cases
from minkang.synth.people.infections import KEYS, NATIONAL_POPULATION
from minkang.synth.record import World
from minkang.synth.report.measures import Thin
from minkang.synth.report.tolerances import CASES_RATIO, MONTHS_CORRELATION

_ENOUGH = 400
"""Expected cases below which months are chance alone."""


class Season(msgspec.Struct, frozen=True):
    """A disease: cases, those expected from the national incidence, likeness of the months.

    `correlation` is what the counts show over what chance allows at best for counts of their size;
    `at_most` is the upper end of its 95 % interval (Fisher), which must reach the tolerance.

    `expected` takes the country's rate for the region's residents, times the factor `local` of the
    disease; age structure moves the ratio where children or the old alone are struck, so `ratio`
    is judged for diseases of all ages. `national` is the largest national month.
    """

    disease: str
    name: str
    cases: int
    expected: float
    ratio: float
    correlation: float
    at_most: float
    judged: bool
    inside: bool


def seasons(world: World, sums: Thin) -> list[Season]:
    """All diseases with enough cases, the most frequent first.

    The chance of small numbers lowers a correlation, at best to the square root of the share of the
    variance that is not chance.
    """
    months = sums.cases.shape[1]
    days = (world.today - world.begin).days
    residents = sums.person_years * 365.25 / days
    found = []
    for at, key in enumerate(KEYS):
        national = _national(world, key, months)
        expected = national / NATIONAL_POPULATION * residents * DISEASES[key].local
        cases = sums.cases[at]
        if expected.sum() < _ENOUGH or not national.any():
            continue
        whole = slice(1, months - 1)  # first and last month may be cut
        correlation, at_most = _likeness(cases[whole], expected[whole])
        ratio = float(cases[whole].sum() / expected[whole].sum())
        evenly = max(DISEASES[key].profile) < 4
        inside = at_most >= MONTHS_CORRELATION and (
            not evenly or CASES_RATIO[0] <= ratio <= CASES_RATIO[1]
        )
        found.append(
            Season(
                key, DISEASES[key].name, int(cases.sum()), round(float(expected.sum()), 1),
                round(ratio, 3), round(correlation, 3), round(at_most, 3), evenly, inside,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: -one.cases)


def _national(world: World, key: str, months: int) -> NDArray[np.float64]:
    first = world.begin.year * 12 + world.begin.month - 1
    return np.array(
        [national_cases(key, (first + at) // 12, (first + at) % 12 + 1) for at in range(months)]
    )


def _likeness(cases: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[float, float]:
    """Pearson's correlation over what chance would allow, and the upper end of its interval."""
    variance = float(expected.var())
    if not variance or not cases.any():
        return 0.0, 0.0
    best = (variance / (variance + float(expected.mean()))) ** 0.5
    found = min(float(np.corrcoef(cases, expected)[0, 1]), 0.9999)
    upper = tanh(atanh(found) + 1.96 / sqrt(max(len(cases) - 3, 1)))
    return min(1.0, found / best), min(1.0, upper / best)
