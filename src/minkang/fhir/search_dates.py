"""Dates as spans of microseconds since 1970 UTC, which are what date parameters compare.

FHIR R4 3.1.1.4.7: a date of any precision is the span it covers, a missing end of a Period is
open. The first and the last year of the calendar (`9999-12-31`, often written for "no end") count
as open too.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from minkang.fhir.dates import LOCAL, date_range

EARLIEST = -(2**62)
"""Low end of what has no beginning."""

LATEST = 2**62
"""High end of what has no end."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
_SECOND = 1_000_000


def span(text: str) -> tuple[int, int]:
    """What a FHIR date, dateTime or instant covers, [low, high).

    Raises:
        ValueError: not such a text, or not a day of the calendar.
    """
    if text[19:20] in _ZONED and "0002" <= text < "9999":
        # Seconds and a zone: what nearly all times in records are. Both halves repeat often.
        low = _utc_day(text[:10]) + _utc_time(text[10:])
        return low, low + _SECOND
    return _any_span(text)


_ZONED = frozenset("Z+-")


@lru_cache(maxsize=65536)
def _utc_day(text: str) -> int:
    match = _day_of(text)
    if match is None:
        raise ValueError(f"{text!r} is not a day")
    return (date(int(match[1]), int(match[2]), int(match[3])).toordinal() - _FIRST_DAY) * _DAY


@lru_cache(maxsize=262144)
def _utc_time(text: str) -> int:
    """Microseconds from midnight UTC of the written day; `T00:30:00+08:00` is negative."""
    match = _time_of(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time of day with a zone")
    hour, minute, second, sign, hours, minutes = match.groups()
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign is not None:
        ahead = int(hours) * 3600 + int(minutes) * 60
        seconds -= ahead if sign == "+" else -ahead
    return seconds * _SECOND


# As in `fhir.dates`, but for a fraction of the second.
_day_of = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII).fullmatch
_time_of = re.compile(
    r"T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:Z|([+-])(0\d|1[0-3]|14(?=:00)):([0-5]\d))",
    re.ASCII,
).fullmatch
_FIRST_DAY = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=65536)
def _any_span(text: str) -> tuple[int, int]:
    year = text[:4]
    if year in ("0000", "0001", "9999"):
        # Can't be turned into UTC; another common year tells whether the rest is right.
        date_range(("9997" if year == "9999" else "0005") + text[4:])
        if year == "9999":
            return _microseconds(date_range("9998").high), LATEST
        return EARLIEST, _microseconds(date_range("0002").low)
    found = date_range(text)
    return _microseconds(found.low), _microseconds(found.high)


def _microseconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def text_of(low: int, high: int) -> str:
    """The shortest FHIR date that covers exactly this span, as `span` gave it.

    Raises:
        ValueError: no date covers it.
    """
    if high == LATEST:
        return "9999"
    if low == EARLIEST:
        return "0001"
    moment = _EPOCH + timedelta(microseconds=low)
    day = moment.astimezone(LOCAL).isoformat()
    # Before 1901 the region's minutes did not begin with those of UTC: without a zone, then.
    for here, zone in ((moment, "Z"), (moment.astimezone(LOCAL), "")):
        exact = here.replace(tzinfo=None).isoformat(timespec="microseconds")
        # 2024-05-01T08:30, with seconds, with one to six digits behind them
        times = (exact[:end] + zone for end in (16, 19, *range(21, 27)))
        for text in (day[:4], day[:7], day[:10], *times):
            if span(text) == (low, high):
                return text
    raise ValueError(f"no date covers {low} to {high}")


def approximate(low: int, high: int, now: int) -> tuple[int, int]:
    """What `ap` means of a date: 10 % of the gap between it and now is added on both sides.

    FHIR R4 3.1.1.4.6. `now` in the same microseconds; only what is compiled for running knows it.
    """
    gap = max(low - now, now - high, 0) // 10
    return low - gap, high + gap
