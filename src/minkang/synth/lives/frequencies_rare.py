"""Events with rates per 100,000: which of them strike somebody in one year of life.

Rows of a table have rates for the nine bands of `frequencies.BANDS`, a women's factor, a season.
"""

from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from math import exp
from random import Random
from typing import Final, Protocol, TypeVar

from minkang.synth.lives.frequencies import BANDS, months
from minkang.synth.record import Sex


class Rated(Protocol):
    """What a row must say: rates per 100,000 by band for both sexes, and how they are spread."""

    @property
    def rates(self) -> tuple[float, ...]:
        """Per 100,000 person-years, by band."""

    @property
    def women(self) -> float:
        """Women's rate as a multiple of men's; 0 men alone, above 50 women alone."""

    @property
    def season(self) -> str:
        """A key of `frequencies.SEASONS`."""


R = TypeVar("R", bound=Rated)
Table = dict[tuple[Sex, int], tuple[float, tuple[R, ...], tuple[float, ...]]]
"""By sex and band: all rates together per person-year, the rows, their cumulative rates."""

_MONTHS: Final = tuple(range(1, 13))


def table(rows: tuple[R, ...]) -> Table[R]:
    """Prepare rows for `drawn`; ValueError where a row has not nine rates."""
    made: Table[R] = {}
    for row in rows:
        if len(row.rates) != len(BANDS) + 1:
            raise ValueError(f"nine rates wanted, not {row.rates}")
    sexes: tuple[Sex, ...] = ("M", "F")
    for sex in sexes:
        for number in range(len(BANDS) + 1):
            weights = [rate(row, sex, number) for row in rows]
            here = tuple(row for row, w in zip(rows, weights, strict=True) if w)
            sums = tuple(accumulate(w for w in weights if w))
            made[sex, number] = ((sums[-1] if sums else 0.0) / 1e5, here, sums)
    return made


def rate(row: Rated, sex: Sex, number: int) -> float:
    """Per 100,000 person-years of that sex in that band."""
    if row.women > 50:
        return 2 * row.rates[number] if sex == "F" else 0.0
    women = 2 * row.women / (1 + row.women)
    return row.rates[number] * (women if sex == "F" else 2 - women)


def drawn(
    random: Random, rows: Table[R], sex: Sex, number: int, year: int, factor: float = 1.0
) -> Iterator[tuple[R, date]]:
    """What strikes in that calendar year, each with its day, in no order."""
    total, here, sums = rows[sex, number]
    limit, product = exp(-total * factor), random.random()
    while product > limit:
        row = random.choices(here, cum_weights=sums)[0]
        month = random.choices(_MONTHS, cum_weights=months(row.season))[0]
        yield row, date(year, month, random.randint(1, 28 if month == 2 else 30))
        product *= random.random()
