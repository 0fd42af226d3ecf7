"""Dates of any precision as the half-open span of time that they really cover.

FHIR R4 2.24 date, dateTime, instant; 3.1.1.5.4 (search compares ranges, not points).
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec

LOCAL = ZoneInfo("Asia/Shanghai")
"""A date without a zone is a day of the region."""

_PATTERN = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})"
    r"(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?)?)?)?",
    re.ASCII,
)


class DateRange(msgspec.Struct, frozen=True):
    """From `low` (inside) to `high` (outside), both aware and in UTC."""

    low: datetime
    high: datetime


def date_range(text: str) -> DateRange:
    """The span that a FHIR date, dateTime or instant of any precision covers.

    Raises:
        ValueError: not such a text, or not a day of the calendar (2024-02-30); says which.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a FHIR date or dateTime")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    y, m, d = int(year), int(month or 1), int(day or 1)
    # The first and the last year would leave the calendar when they are turned into UTC.
    if not (2 <= y <= 9998 and 1 <= m <= 12 and 1 <= d <= days_of_month(y, m)):
        raise ValueError(f"{text!r} is not a day of the calendar")
    if hour is None:
        low = datetime(y, m, d, tzinfo=LOCAL)
        if month is None:
            high = datetime(y + 1, 1, 1, tzinfo=LOCAL)
        elif day is None:
            high = datetime(y + m // 12, m % 12 + 1, 1, tzinfo=LOCAL)
        else:
            high = low + timedelta(days=1)
        return DateRange(low.astimezone(UTC), high.astimezone(UTC))
    h, mi, s = int(hour), int(minute), int(second or 0)
    if h > 23 or mi > 59 or s > 59:
        raise ValueError(f"{text!r} is not a time of day")
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    low = datetime(y, m, d, h, mi, s, micro, tzinfo=_zone(zone))
    if second is None:
        step = timedelta(minutes=1)
    elif fraction is None:
        step = timedelta(seconds=1)
    else:
        step = timedelta(microseconds=10 ** max(0, 6 - len(fraction)))
    return DateRange(low.astimezone(UTC), (low + step).astimezone(UTC))


_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_of_month(year: int, month: int) -> int:
    """How many days a month of the Gregorian calendar has."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap else _DAYS[month - 1]


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return LOCAL
    return datetime.fromisoformat(f"2000-01-01T00:00{text.replace('Z', '+00:00')}").tzinfo
