"""On which days children are at school."""

from datetime import date, timedelta
from functools import cache
from typing import Final

_NEW_YEARS: Final = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25),
    2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
    2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3),
}  # fmt: skip
"""Spring Festival, the first day of the lunar year."""

_CLOSED_BY_EPIDEMIC: Final = ((date(2020, 1, 28), date(2020, 5, 10)),)
"""Schools taught at home in the spring of 2020."""


def spring_festival(year: int) -> date:
    """The first day of the lunar year that begins in this one; early February where unknown."""
    month, day = _NEW_YEARS.get(year, (2, 5))
    return date(year, month, day)


@cache
def is_holiday(day: date) -> bool:
    """A public holiday: Spring Festival, Qingming, May, National Day, the New Year (not by decree).

    Dragon Boat and Mid-Autumn move with the moon and are left out.
    """
    festival = spring_festival(day.year)
    if festival - timedelta(days=1) <= day <= festival + timedelta(days=6):
        return True
    fixed = ((1, 1, 1), (4, 4, 6), (5, 1, 5), (10, 1, 7))
    return any(day.month == month and first <= day.day <= last for month, first, last in fixed)


@cache
def is_school_day(day: date) -> bool:
    """A weekday within a term: from March to early July and from September to mid January."""
    if day.weekday() >= 5 or is_holiday(day):
        return False
    if any(first <= day <= last for first, last in _CLOSED_BY_EPIDEMIC):
        return False
    festival = spring_festival(day.year)
    winter = festival - timedelta(days=16) <= day <= festival + timedelta(days=12)
    summer = (7, 6) <= (day.month, day.day) <= (8, 31)
    return not winter and not summer
