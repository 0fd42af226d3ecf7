"""How a child grows, against the standards.

To seven years weight and length or height by WS/T 423-2022 (标准差单位, tables of -3 to +3 standard
deviations by month; between two of them in a line); to five years weight, length or height, head
circumference and body mass index by the WHO child growth standards of 2006 (L, M and S by month,
Cole 1992). Length is measured lying down before two years, standing from there.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.record.fact import Origin
from minkang.record.results import Series

CHINA: Final = "WS/T 423-2022"
WHO: Final = "WHO 2006"
MEASURES: Final = {"length": "8302-2", "weight": "29463-7", "head": "9843-4", "index": "39156-5"}
"""Each measure and the LOINC code of its series."""
UNITS: Final = {"length": "cm", "weight": "kg", "head": "cm", "index": "kg/m2"}
_MONTH: Final = 30.4375
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LINES: Final = (-3, -2, -1, 0, 1, 2, 3)
_ENDS: Final = {CHINA: 82.0, WHO: 61.0}
_EXTREME: Final = 3.0

Row = tuple[float, ...]


class Point(msgspec.Struct, frozen=True):
    """A measurement: age in days, the value in the unit of its measure and its z-score.

    `z` is None where the standard doesn't reach; `word` is how the standard judges it.
    """

    at: datetime
    days: int
    value: float
    shown: str
    z: float | None
    word: str
    origin: Origin


class Line(msgspec.Struct, frozen=True):
    """A line of the standard: its z-score and (age in months, value) from birth on."""

    z: int
    points: tuple[tuple[float, float], ...]


class Growth(msgspec.Struct, frozen=True):
    """One measure of a child by one standard, oldest first."""

    measure: str
    standard: str
    unit: str
    points: tuple[Point, ...]
    lines: tuple[Line, ...]


def standards(measure: str) -> tuple[str, ...]:
    """The standards that judge a measure, the national one first."""
    return (CHINA, WHO) if measure in ("length", "weight") else (WHO,)


def growth_of(
    series: Iterable[Series], birth: date, sex: str, measure: str, standard: str
) -> Growth:
    """A measure of a child, each value with its z-score.

    Args:
        series: results by item.
        birth: the day of birth.
        sex: FHIR administrative gender; other than `male` and `female` has no standard.
        measure: of `MEASURES`.
        standard: of `standards(measure)`.
    """
    found = next((one for one in series if one.item == MEASURES[measure]), None)
    points = []
    for result in found.numeric if found else ():
        if result.plotted is None or result.at is None:
            continue
        days = (result.at.astimezone(_ZONE).date() - birth).days
        if 0 <= days <= _ENDS[standard] * _MONTH:
            value = float(result.plotted)
            z = z_score(standard, measure, sex, days, value)
            points.append(
                Point(result.at, days, value, result.text, z, judged(measure, z), result.origin)
            )
    lines = lines_of(standard, measure, sex) if points else ()
    return Growth(measure, standard, UNITS[measure], tuple(points), lines)


def z_score(standard: str, measure: str, sex: str, days: int, value: float) -> float | None:
    """How many standard deviations a value lies from the median of the age, to two digits.

    Beyond three standard deviations the distance between the second and the third goes on, as the
    WHO prescribes for weight-based measures (WHO 2006, chapter 7). None outside the standard.
    """
    row = _row(standard, measure, sex, days / _MONTH)
    if row is None or value <= 0:
        return None
    values = _deviations(standard, row)
    if values[0] <= value <= values[-1]:
        if standard == WHO:
            return round(_lms(row, value), 2)
        at = min(max(bisect_right(values, value), 1), len(values) - 1)
        step = (value - values[at - 1]) / (values[at] - values[at - 1])
        return round(_LINES[at - 1] + step, 2)
    if value < values[0]:
        return round(-_EXTREME + (value - values[0]) / (values[1] - values[0]), 2)
    return round(_EXTREME + (value - values[-1]) / (values[-1] - values[-2]), 2)


def judged(measure: str, z: float | None) -> str:
    """The level of growth by WS/T 423-2022, 4.2 and 4.3: five steps by one and two deviations.

    `low` under -2, `lower` to -1, `middle` to +1, `higher` to +2, `high` above; empty if unknown.
    """
    if z is None:
        return ""
    steps = ((-2.0, "low"), (-1.0, "lower"), (1.0, "middle"), (2.0, "higher"))
    return next((word for end, word in steps if z < end), "high")


@cache
def lines_of(standard: str, measure: str, sex: str) -> tuple[Line, ...]:
    """The seven lines of a standard, by the months of its table; none for an unknown sex."""
    rows = _rows(standard).get((measure, sex), ())
    return tuple(
        Line(z, tuple((row[0], round(_deviations(standard, row[1:])[at], 2)) for row in rows))
        for at, z in enumerate(_LINES)
        if rows
    )


def _row(standard: str, measure: str, sex: str, month: float) -> Row | None:
    """The row of an age, between two months in a line; None outside the table."""
    rows = _rows(standard).get((measure, sex), ())
    if not rows or month < 0 or month > _ENDS[standard]:
        return None
    at = min(bisect_right([row[0] for row in rows], month), len(rows) - 1)
    before, after = rows[at - 1], rows[at]
    if measure == "length" and before[0] < 24 <= after[0] and month < 24:
        return before[1:]  # lying and standing are not mixed
    share = (month - before[0]) / (after[0] - before[0])
    return tuple(a + (b - a) * share for a, b in zip(before[1:], after[1:], strict=True))


def _deviations(standard: str, row: Row) -> Sequence[float]:
    """The values at -3 to +3 standard deviations."""
    if standard == CHINA:
        return row
    power, median, spread = row
    return [median * (1 + power * spread * z) ** (1 / power) for z in _LINES]


def _lms(row: Row, value: float) -> float:
    power, median, spread = row
    return float(((value / median) ** power - 1) / (power * spread))


@cache
def _rows(standard: str) -> dict[tuple[str, str], tuple[Row, ...]]:
    name = "wst_423_2022.tsv" if standard == CHINA else "who_2006.tsv"
    text = files("minkang.record").joinpath("growth_tables", name).read_text("utf-8")
    found: dict[tuple[str, str], list[Row]] = {}
    for measure, sex, *numbers in list(csv.reader(text.splitlines(), delimiter="\t"))[1:]:
        found.setdefault((measure, sex), []).append(tuple(float(one) for one in numbers))
    return {key: tuple(rows) for key, rows in found.items()}
