"""Birth dates in the forms in which they go wrong."""

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

_FULL: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")
_PART: Final = re.compile(r"(\d{4})(?:-(\d{2}))?")
_SYNODIC: Final = 29.530588853
_NEW_MOON: Final = date(2000, 1, 6).toordinal() + 18.24 / 24 + 8 / 24
"""A new moon in China's time (2000-01-07 02:14); the mean month from there is within 14 hours."""


class Birth(NamedTuple):
    """A birth date and what it is compared by.

    Attributes:
        date: ISO, full; "" if only year or month are known.
        year: four digits or "".
        swapped: the date with day and month swapped; "" if that is none or the same.
        parts: the date with one of year, month and day masked.
        day: number of the day (proleptic Gregorian ordinal), 0 if unknown.
        moon: day of the lunar month (1-30) by the mean moon, 0 if unknown.
        rough: only the year is sure: nothing else is given, or it is the first of January.
    """

    date: str
    year: str
    swapped: str
    parts: tuple[str, ...]
    day: int
    moon: int
    rough: bool


UNKNOWN: Final = Birth("", "", "", (), 0, 0, False)


def day_of(text: str) -> str:
    """The ISO date of a FHIR date or moment that has one; else ""."""
    return text[:10] if len(text) >= 10 and birth_of(text[:10]).date else ""


@lru_cache(maxsize=65_536)
def birth_of(text: str) -> Birth:
    """The birth date of a FHIR date (YYYY, YYYY-MM or YYYY-MM-DD); of anything else `UNKNOWN`."""
    found = _FULL.fullmatch(text) if text.isascii() else None
    if found is None:
        part = _PART.fullmatch(text) if text.isascii() else None
        return UNKNOWN._replace(year=part[1], rough=True) if part else UNKNOWN
    year, month, day = found.groups()
    known = _date(year, month, day)
    if known is None:
        return UNKNOWN
    number = known.toordinal()
    return Birth(
        f"{year}-{month}-{day}", year, f"{year}-{day}-{month}" if _swaps(year, month, day) else "",
        (f"*-{month}-{day}", f"{year}-*-{day}", f"{year}-{month}-*"), number, _moon(number),
        (month, day) == ("01", "01"),
    )  # fmt: skip


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _swaps(year: str, month: str, day: str) -> bool:
    return month != day and _date(year, day, month) is not None


def _moon(number: int) -> int:
    """The day of the lunar month at noon of a day, by the mean moon: within a day of the almanac's
    (GB/T 33661-2017 counts from the day that holds the true new moon).
    """
    return int((number + 0.5 - _NEW_MOON) % _SYNODIC) + 1
