"""A column's text as a FHIR primitive or quantity; `ValueError` where it is none.

What is most common is read without patterns.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from minkang.exchange.mappings.tables.language import Form
from minkang.exchange.mappings.written import is_measurable
from minkang.fhir import date_range
from minkang.fhir.units import UCUM, canonical_unit

_DATE = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T].*)?", re.ASCII)
_SHORT_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?", re.ASCII)
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]"
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(.*)",
    re.ASCII,
)
_CLOSE_TIME = re.compile(
    r"(\d{4})(\d{2})(\d{2})[ T]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d+))?)?(.*)", re.ASCII
)
_SHORT_ZONE = re.compile(r"([+-]\d{2})(\d{2})?", re.ASCII)
_OF_DAY = re.compile(r"(?:.*[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?", re.ASCII)
_QUANTITY = re.compile(
    r"([<>]=?|[≤≥＜＞])?\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)(?![\d.])\s*+((?![-+:~～↑↓]|/\d).*)",
    re.ASCII,
)
_HAS_UNIT = re.compile(r"[^\W\d_]|[%°℃‰]")  # a letter at least
_COMPARATORS = {"≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_BOOLEANS = {
    **dict.fromkeys(("是", "有", "1", "true", "y", "yes"), True),
    **dict.fromkeys(("否", "无", "0", "false", "n", "no"), False),
}


_BEIJING = timedelta(hours=8)
"""How far the clocks are ahead of UTC where a text says no zone."""


class OtherUnit(ValueError):  # noqa: N818 - reads as what is wrong
    """A number stands with another unit than the mapping names."""


def as_date(text: str) -> str:
    """A FHIR date; a time of day behind it is dropped."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        day = datetime.fromisoformat(text)
        if 2 <= day.year <= 9998:
            return text
    match = _DATE.fullmatch(text) or _SHORT_DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    value = f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
    date_range(value)
    return value


def as_datetime(text: str) -> str:
    """A FHIR dateTime with zone (Beijing where none is given), or a date."""
    if len(text) == 19 and text[4] == "-" == text[7] and text[10] in " T" and text[13] == ":":
        moment = datetime.fromisoformat(text)
        if 2 <= moment.year <= 9998 and text[11:13] < "24":
            return f"{text[:10]}T{text[11:]}+08:00"
    return _read_datetime(text)[0]


def moment_of(text: str) -> datetime:
    """When a change was made, to the microsecond, in UTC; a date is its first moment."""
    if len(text) == 19 and text[4] == "-" == text[7] and text[10] in " T" and text[13] == ":":
        moment = datetime.fromisoformat(text)
        if 2 <= moment.year <= 9998 and text[11:13] < "24":
            return (moment - _BEIJING).replace(tzinfo=UTC)
    value, fraction = _read_datetime(text)
    return date_range(value).low.replace(microsecond=int(fraction[:6].ljust(6, "0")))


def _read_datetime(text: str) -> tuple[str, str]:
    """The FHIR dateTime or date, and the digits of a fraction of a second."""
    match = _TIME.fullmatch(text) or _CLOSE_TIME.fullmatch(text)
    if match is None:
        return as_date(text), "0"
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    offset = "+08:00" if not zone.strip() else zone.strip().replace("Z", "+00:00")
    if (short := _SHORT_ZONE.fullmatch(offset)) is not None:
        offset = f"{short[1]}:{short[2] or '00'}"
    value = f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}:{minute}:{second or '00'}{offset}"
    date_range(value)
    return value, fraction or "0"


def as_time(text: str) -> str:
    """A FHIR time (`09:30:00`); of a date with a time the time alone."""
    match = _OF_DAY.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(text)
    return f"{hour:02}:{minute:02}:{second:02}"


@lru_cache(maxsize=4096)
def as_decimal(text: str) -> Decimal:
    """A finite decimal number with its digits as written."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if "_" in text or not is_measurable(number):
        raise ValueError(text)
    return number


def as_integer(text: str) -> int:
    """A whole number."""
    if "_" in text:
        raise ValueError(text)
    return int(text)


def as_boolean(text: str) -> bool:
    """是/否, 有/无, 1/0, true/false, Y/N."""
    found = _BOOLEANS.get(text.lower())
    if found is None:
        raise ValueError(text)
    return found


def as_decimal_in(text: str, unit: str) -> Decimal:
    """A number that may have its unit behind it.

    Raises:
        OtherUnit: there is another one.
    """
    _, value, given = _parts(text)
    if given and given.casefold() != unit.casefold():
        raise OtherUnit(given)
    if text[:1] in "<>≤≥＜＞":
        raise ValueError(text)
    return value


def as_quantity(text: str, unit: str | None) -> dict[str, Any]:
    """A Quantity: comparator, number, and the unit in the text, else the mapping's.

    The unit's code is given where the unit as written is one of UCUM.
    """
    comparator, value, given = _parts(text)
    found: dict[str, Any] = {"value": value}
    if comparator:
        found["comparator"] = comparator
    named = unit if unit and (not given or given.casefold() == unit.casefold()) else given
    if named:
        found["unit"] = named
        if _is_ucum(named):
            found |= {"system": UCUM, "code": named}
    return found


def _parts(text: str) -> tuple[str, Decimal, str]:
    match = _QUANTITY.fullmatch(text)
    if match is None or (match[3] and not _HAS_UNIT.search(match[3])):
        raise ValueError(text)
    comparator = match[1] or ""
    return _COMPARATORS.get(comparator, comparator), as_decimal(match[2]), match[3]


@lru_cache(maxsize=1024)
def _is_ucum(unit: str) -> bool:
    return " " not in unit and canonical_unit(UCUM, unit) is not None


CONVERT: dict[Form, Callable[[str], Any]] = {
    "date": as_date,
    "datetime": as_datetime,
    "time": as_time,
    "decimal": as_decimal,
    "integer": as_integer,
    "boolean": as_boolean,
}
"""Forms that need nothing but the text."""
