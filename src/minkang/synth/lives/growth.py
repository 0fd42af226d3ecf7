"""How one child grows: length, weight and head by its own centiles.

Each child has a place among its peers (z-scores of length and of body mass index) that it comes to
from its size at birth and mostly keeps; some stay small, some grow fat from four years on. Chinese
children of the coast are longer and heavier than the WHO medians by about half a standard deviation
(nine-city survey of 2015), which is lost again by eighteen.
"""

from bisect import bisect_right
from math import exp, log
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.lives.growth_tables import BMI, HEAD, LENGTH, WEIGHT, Row
from minkang.synth.record import Sex

_MONTH: Final = 30.4375

Tables = dict[str, tuple[Row, ...]]


def _by_month(rows: tuple[Row, ...]) -> tuple[tuple[float, float, float], ...]:
    """L, M and S of every whole month up to the table's last, between its rows in a line."""
    months = [row[0] for row in rows]
    found: list[tuple[float, float, float]] = []
    for month in range(months[-1] + 1):
        at = min(bisect_right(months, month), len(rows) - 1)
        (m0, *low), (m1, *high) = rows[at - 1], rows[at]
        share = (month - m0) / (m1 - m0)
        low_l, low_m, low_s = (a + (b - a) * share for a, b in zip(low, high, strict=True))
        found.append((low_l, low_m, low_s))
    return tuple(found)


def _all(tables: Tables) -> dict[str, tuple[tuple[float, float, float], ...]]:
    return {sex: _by_month(rows) for sex, rows in tables.items()}


_LENGTH: Final = _all(LENGTH)
_BMI: Final = _all(BMI)
_WEIGHT: Final = _all(WEIGHT)
_HEAD: Final = _all(HEAD)


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A child's own way of growing, in standard deviations.

    `length`, `index` and `head` are where it settles; `birth_length` and `birth_index` where it
    began; `fat` is added to the index from four to ten years.
    """

    sex: Sex
    length: float
    index: float
    head: float
    birth_length: float
    birth_index: float
    fat: float


def frame_of(seed: int, key: str, sex: Sex) -> Frame:
    """The frame of the child with that person key, as if it were born at term."""
    random = stream(seed, "growth", key)
    length = random.gauss(0.45, 0.92)
    if random.random() < 0.012:
        length = min(length, random.gauss(-2.15, 0.25))
    index = random.gauss(0.25, 0.85)
    if random.random() < 0.008:
        index = min(index, -1.9)
    fat = max(0.0, random.gauss(1.5, 0.6)) if random.random() < 0.22 else 0.0
    head = 0.55 * length + random.gauss(0.1, 0.8)
    birth_length, birth_index = 0.4 * length + random.gauss(0, 0.7), random.gauss(0, 0.7)
    return Frame(sex, length, index, head, birth_length, birth_index, fat)


def from_birth(frame: Frame, grams: int, centimetres: float) -> Frame:
    """The frame with the true size at birth: a child born small begins below and catches up."""
    length = z_length(frame.sex, 0, centimetres)
    index = z_index(frame.sex, 0, grams / 1000 / (centimetres / 100) ** 2)
    return msgspec.structs.replace(frame, birth_length=length, birth_index=max(-3.5, index))


def length_at(frame: Frame, days: int) -> float:
    """Length lying down before two years, then height, in cm, on the day of that age in days."""
    months = days / _MONTH
    settled = frame.length
    if months > 156:
        settled -= 0.45 * min(1.0, (months - 156) / 60)
    z = settled + (frame.birth_length - settled) * exp(-months / 7)
    return _value(_LENGTH[frame.sex], months, z)


def index_at(frame: Frame, days: int) -> float:
    """Body mass index in kg/m2 at that age in days."""
    months = days / _MONTH
    settled = frame.index + frame.fat * min(1.0, max(0.0, (months - 48) / 72))
    z = settled + (frame.birth_index - settled) * exp(-months / 4)
    return _value(_BMI[frame.sex], months, min(z, 3.4))


def weight_at(frame: Frame, days: int) -> float:
    """Weight in kg at that age in days."""
    return index_at(frame, days) * (length_at(frame, days) / 100) ** 2


def head_at(frame: Frame, days: int) -> float:
    """Head circumference in cm at that age in days, up to five years."""
    months = min(60.0, days / _MONTH)
    z = frame.head + (0.6 * frame.birth_length - frame.head) * exp(-months / 7)
    return _value(_HEAD[frame.sex], months, z)


def z_weight(sex: Sex, days: int, kilograms: float) -> float:
    """Weight for age as a z-score; above five years not defined, the last row counts."""
    return _z(_WEIGHT[sex], days / _MONTH, kilograms)


def z_length(sex: Sex, days: int, centimetres: float) -> float:
    """Length or height for age as a z-score."""
    return _z(_LENGTH[sex], days / _MONTH, centimetres)


def z_index(sex: Sex, days: int, index: float) -> float:
    """Body mass index for age as a z-score: above 2 overweight below five, obese from there."""
    return _z(_BMI[sex], days / _MONTH, index)


def _row(table: tuple[tuple[float, float, float], ...], months: float) -> tuple[float, ...]:
    last = len(table) - 1
    if months >= last:
        return table[last]
    at = int(months)
    share = months - at
    low, high = table[at], table[at + 1]
    return (
        low[0] + (high[0] - low[0]) * share,
        low[1] + (high[1] - low[1]) * share,
        low[2] + (high[2] - low[2]) * share,
    )


def _value(table: tuple[tuple[float, float, float], ...], months: float, z: float) -> float:
    power, median, spread = _row(table, months)
    if abs(power) < 1e-6:
        return float(median * exp(spread * z))
    return float(median * max(1e-3, 1 + power * spread * z) ** (1 / power))


def _z(table: tuple[tuple[float, float, float], ...], months: float, value: float) -> float:
    power, median, spread = _row(table, months)
    if abs(power) < 1e-6:
        return log(value / median) / spread
    return float(((value / median) ** power - 1) / (power * spread))
