"""Dates, date-times and times of any precision: text, comparison, arithmetic, boundaries.

FHIRPath 2.0, 2.1 (literals), 6.1 (comparison by precision: where one side ends, the answer is not
known), 6.8 (calendar arithmetic); lowBoundary and highBoundary of FHIRPath 3.0 (trial use).
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from minkang.fhir.dates import days_of_month
from minkang.fhir.path.error import failure

TemporalType = Literal["Date", "DateTime", "Time"]

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_TIME = re.compile(r"(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?")
_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
    r"(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?"
)
_EARLIEST_ZONE, _LATEST_ZONE = 14 * 60, -12 * 60
_FARTHEST = 10**15


class Temporal(msgspec.Struct, frozen=True):
    """A point in time as far as it is known.

    Attributes:
        type: the FHIRPath system type.
        fields: year, month, day, hour, minute, second (of a Time: hour, minute, second); as many
            as are known.
        fraction: decimal digits of the second, "" for none.
        zone: minutes east of UTC; None where it isn't said.
    """

    type: TemporalType
    fields: tuple[int, ...]
    fraction: str = ""
    zone: int | None = None


def date(text: str) -> Temporal | None:
    """A Date of `2015`, `2015-02` or `2015-02-04`; None if it is not a day of the calendar."""
    match = _DATE.fullmatch(text)
    return _checked(Temporal("Date", _fields(match.groups()))) if match else None


def time(text: str) -> Temporal | None:
    """A Time of `14`, `14:30`, `14:30:05` or `14:30:05.123`; None if there is no such time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    return _checked(Temporal("Time", _fields(match.groups()[:3]), match[4] or ""))


def date_time(text: str) -> Temporal | None:
    """A DateTime of any precision, with or without a zone; None if there is no such moment."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    zone = match[8]
    minutes = None
    if zone is not None:
        minutes = 0 if zone == "Z" else int(zone[1:3]) * 60 + int(zone[4:])
        minutes = -minutes if zone[0] == "-" else minutes
    return _checked(Temporal("DateTime", _fields(match.groups()[:6]), match[7] or "", minutes))


def _fields(groups: tuple[str | None, ...]) -> tuple[int, ...]:
    return tuple(int(group) for group in groups if group is not None)


_CLOCK = (24, 60, 60)


def _checked(value: Temporal) -> Temporal | None:
    days, clock = value.fields, value.fields
    if value.type == "Time":
        days = ()
    else:
        days, clock = clock[:3], clock[3:]
    if days and not 1 <= days[0] <= 9999:
        return None
    if len(days) > 1 and not 1 <= days[1] <= 12:
        return None
    if len(days) > 2 and not 1 <= days[2] <= days_of_month(days[0], days[1]):
        return None
    if any(part >= limit for part, limit in zip(clock, _CLOCK, strict=False)):
        return None
    if value.zone is not None and abs(value.zone) > 14 * 60:
        return None
    return value


def to_text(value: Temporal) -> str:
    """As FHIR writes it, without the `@` of a literal; a Time without its `T`."""
    fields = value.fields
    seconds = f".{value.fraction}" if value.fraction else ""
    if value.type == "Time":
        return ":".join(f"{part:02}" for part in fields) + seconds
    text = "-".join(f"{part:0{2 if place else 4}}" for place, part in enumerate(fields[:3]))
    if len(fields) == 3 or value.type == "Date":
        return text
    if len(fields) > 3:
        text += "T" + ":".join(f"{part:02}" for part in fields[3:]) + seconds
        text += zone_text(value.zone)
    return text


def zone_text(zone: int | None) -> str:
    """`Z`, `+08:00`, or nothing."""
    if zone is None:
        return ""
    if zone == 0:
        return "Z"
    return f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"


def as_date_time(value: Temporal) -> Temporal:
    """A Date as a DateTime of the same precision."""
    return Temporal("DateTime", value.fields, value.fraction, value.zone)


def compare(left: Temporal, right: Temporal) -> int | None:
    """-1, 0 or 1; None where one is less precise than the comparison needs.

    Raises:
        PathError: a Time against a Date or DateTime.
    """
    if (left.type == "Time") != (right.type == "Time"):
        raise failure(f"a {left.type} can't be compared with a {right.type}")
    if left.zone != right.zone:
        if left.zone is not None and right.zone is not None:
            return _by_fields(_in_utc(left), _in_utc(right))
        return _with_one_zone(left, right)
    return _by_fields(left, right)


def _by_fields(left: Temporal, right: Temporal) -> int | None:
    ours, theirs = left.fields, right.fields
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            return -1 if mine < other else 1
    if len(ours) != len(theirs):
        return None
    # Digits behind the point compare like text.
    first, second = left.fraction.rstrip("0"), right.fraction.rstrip("0")
    return (first > second) - (first < second)


def _with_one_zone(left: Temporal, right: Temporal) -> int | None:
    """Only one says its zone: known if it holds whatever the zone of the other is.

    A mere date is a day of the place where the other is said.
    """
    if len(left.fields) < 4 or len(right.fields) < 4:
        return _by_fields(left, right)
    found = {
        _by_fields(_in_utc(_zoned(left, zone)), _in_utc(_zoned(right, zone)))
        for zone in (_EARLIEST_ZONE, _LATEST_ZONE)
    }
    return found.pop() if len(found) == 1 else None


def _zoned(value: Temporal, zone: int) -> Temporal:
    return value if value.zone is not None else msgspec.structs.replace(value, zone=zone)


def _in_utc(value: Temporal) -> Temporal:
    fields = value.fields
    if not value.zone or len(fields) < 4:
        return value
    try:
        moment = _naive(fields) - timedelta(minutes=value.zone)
    except OverflowError:
        return value
    whole = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return msgspec.structs.replace(value, fields=whole[: len(fields)], zone=0)


def _naive(fields: tuple[int, ...], micro: int = 0) -> datetime:
    year, month, day, hour, minute, second = (*fields, *(1, 1, 1, 0, 0, 0)[len(fields) :])
    return datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001


def key(value: Temporal) -> tuple[object, ...]:
    """Hashable; equal for values that are certainly equal."""
    moment = _in_utc(value)
    kind = "Time" if value.type == "Time" else "Date"
    return (kind, moment.fields, moment.fraction.rstrip("0"), moment.zone is None)


_MONTHS = {"year": 12, "month": 1}
_MILLISECONDS = {
    "week": 604_800_000,
    "day": 86_400_000,
    "hour": 3_600_000,
    "minute": 60_000,
    "second": 1_000,
    "millisecond": 1,
}
_UNITS_OF_UCUM = {
    "wk": "week",
    "d": "day",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "ms": "millisecond",
}
_PRECISIONS = ("year", "month", "day", "hour", "minute", "second")


def calendar_word(unit: str) -> str | None:
    """`days` and `d` are `day`; None for what is no unit of the calendar ('a' and 'mo' too)."""
    word = unit.removesuffix("s")
    if word in _MONTHS or word in _MILLISECONDS:
        return word
    return _UNITS_OF_UCUM.get(unit)


def add(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """A moment moved by a calendar duration; None beyond the years 1 to 9999.

    The decimals of the amount count for seconds and milliseconds alone. A duration finer than
    the moment is turned into the moment's precision first, remainder dropped.

    Raises:
        PathError: not a unit of the calendar, or a day or more added to a Time.
    """
    word = calendar_word(unit)
    if word is None:
        raise failure(f"{unit!r} can't be added to a {value.type}")
    if abs(amount) > _FARTHEST:
        return None
    if word not in ("second", "millisecond"):
        amount = Decimal(int(amount))
    if value.type == "Time":
        return _add_to_time(value, amount, word)
    if word in _MONTHS:
        return _add_months(value, int(amount) * _MONTHS[word])
    known = _PRECISIONS[: len(value.fields)]
    length = amount * _MILLISECONDS[word]
    if len(known) < 3:
        days = int(length / _MILLISECONDS["day"])
        months = int(days / 30) if len(known) == 2 else int(days / 365) * 12
        return _add_months(value, months)
    finest = _MILLISECONDS[known[-1]] if len(known) < 6 else 1
    return _add_milliseconds(value, int(length / finest) * finest)


def _add_months(value: Temporal, months: int) -> Temporal | None:
    fields = value.fields
    if len(fields) == 1:
        months = int(months / 12) * 12
    month = (fields[1] if len(fields) > 1 else 1) - 1 + months
    year, month = fields[0] + month // 12, month % 12 + 1
    if not 1 <= year <= 9999:
        return None
    moved = [year, month, *fields[2:]]
    if len(fields) > 2:
        moved[2] = min(fields[2], days_of_month(year, month))
    return msgspec.structs.replace(value, fields=tuple(moved[: len(fields)]))


def _add_milliseconds(value: Temporal, length: int) -> Temporal | None:
    fields = value.fields
    fraction = value.fraction
    try:
        moment = _naive(fields, int((fraction + "000000")[:6])) + timedelta(milliseconds=length)
    except OverflowError:
        return None
    whole = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    digits = _digits(fraction, moment.microsecond) if len(fields) == 6 else fraction
    return msgspec.structs.replace(value, fields=whole[: len(fields)], fraction=digits)


def _digits(before: str, micro: int) -> str:
    text = f"{micro:06}"
    if len(before) > 6:
        return text + before[6:]
    least = max(len(before), len(text.rstrip("0")))
    return text[: 3 if least and least <= 3 else least]


def _add_to_time(value: Temporal, amount: Decimal, word: str) -> Temporal:
    if word not in ("hour", "minute", "second", "millisecond"):
        raise failure(f"a {word} can't be added to a Time")
    day = Temporal("DateTime", (2000, 1, 10, *value.fields), value.fraction)
    milliseconds = int(amount * _MILLISECONDS[word]) % _MILLISECONDS["day"]
    finest = _MILLISECONDS[("hour", "minute", "second")[len(value.fields) - 1]]
    if len(value.fields) < 3:
        milliseconds = milliseconds // finest * finest
    moved = _add_milliseconds(day, milliseconds)
    if moved is None:
        raise failure("the time can't be moved so far")
    return Temporal("Time", moved.fields[3:], moved.fraction)


def digits(value: Temporal) -> int:
    """Digits of precision: 4 for a year, 8 for a day, 17 for milliseconds, 9 for a Time's."""
    first = 2 if value.type == "Time" else 4
    count = first + 2 * (len(value.fields) - 1)
    return count + 3 if value.fraction else count


_DATE_DIGITS = (4, 6, 8, 10, 12, 14, 17)
_TIME_DIGITS = (2, 4, 6, 9)


def boundary(value: Temporal, precision: int | None, *, high: bool) -> Temporal | None:
    """The earliest or latest moment that a value can mean, cut to so many digits.

    None for a precision that does not exist.
    """
    allowed: tuple[int, ...] = _TIME_DIGITS if value.type == "Time" else _DATE_DIGITS
    if value.type == "Date":
        allowed = allowed[:3]
    if precision is None:
        precision = allowed[-1]
    if precision not in allowed:
        return None
    full = _filled(value, high=high)
    fields = full.fields[: allowed.index(precision) + 1]
    fraction = full.fraction if precision == allowed[-1] and value.type != "Date" else ""
    zone = value.zone
    if value.type == "DateTime" and zone is None and len(fields) > 3:
        zone = _LATEST_ZONE if high else _EARLIEST_ZONE
    return Temporal(value.type, fields, fraction, zone if len(fields) > 3 else None)


def _filled(value: Temporal, *, high: bool) -> Temporal:
    fields = list(value.fields)
    if value.type != "Time":
        if len(fields) < 2:
            fields.append(12 if high else 1)
        if len(fields) < 3:
            fields.append(days_of_month(fields[0], fields[1]) if high else 1)
    clock_from = 0 if value.type == "Time" else 3
    limits = (23, 59, 59)
    fields += [limits[n] if high else 0 for n in range(len(fields) - clock_from, 3)]
    fraction = (value.fraction + ("999" if high else "000"))[: max(3, len(value.fraction))]
    return msgspec.structs.replace(value, fields=tuple(fields), fraction=fraction)


def between(left: Temporal, right: Temporal, unit: str, *, crossed: bool) -> int | None:
    """Whole calendar periods from left to right, or boundaries crossed between them.

    None where one of them is less precise than the unit; weeks begin on Sunday.

    Raises:
        PathError: no unit of the calendar, or of different types.
    """
    word = calendar_word(unit)
    if word is None or unit.removesuffix("s") != word:
        raise failure(f"{unit!r} is no calendar unit")
    if left.type != right.type:
        raise failure(f"a {left.type} and a {right.type} have no distance")
    if left.type == "Time":
        if word not in ("hour", "minute", "second", "millisecond"):
            raise failure(f"a Time has no {word}")
        left = Temporal("DateTime", (2000, 1, 1, *left.fields), left.fraction)
        right = Temporal("DateTime", (2000, 1, 1, *right.fields), right.fraction)
    needed = (
        6 if word == "millisecond" else 1 + _PRECISIONS.index("day" if word == "week" else word)
    )
    if len(left.fields) < needed or len(right.fields) < needed:
        return None
    if needed > 3 and left.zone is not None and right.zone is not None:
        left, right = _in_utc(left), _in_utc(right)
    cut = needed if crossed else 6
    first, last = _moment(left, cut, fine=word), _moment(right, cut, fine=word)
    if word in _MONTHS:
        return int(_months_between(first, last) / _MONTHS[word])
    if crossed and word == "week":
        first -= timedelta(days=first.isoweekday() % 7)
        last -= timedelta(days=last.isoweekday() % 7)
    return int((last - first) / timedelta(milliseconds=_MILLISECONDS[word]))


def _moment(value: Temporal, cut: int, *, fine: str) -> datetime:
    micro = int((value.fraction + "000000")[:6]) if cut == 6 or fine == "millisecond" else 0
    return _naive(value.fields[:cut], micro)


def _months_between(first: datetime, last: datetime) -> int:
    if last < first:
        return -_months_between(last, first)
    months = (last.year - first.year) * 12 + last.month - first.month
    rest = (last.day, last.time()) < (first.day, first.time())
    return months - 1 if rest else months
