"""Comparisons with dates, numbers and quantities as ranges of the table `span`.

R4 3.1.1.5.6: `eq` the search range contains the value's, `gt` the value's reaches above it, and so
on. What is longer than a day or than a point lies under a hash of its own (`index_rows.LONG`).
"""

import math
import time
from collections.abc import Iterator
from decimal import Context, Decimal

from minkang.fhir.search import DateValue, NumberValue, QuantityValue
from minkang.fhir.search_dates import approximate
from minkang.fhir.units import canonical_quantity
from minkang.store.drives import Span
from minkang.store.index_rows import LONG

_INFINITE = math.inf
_DAY = 86_400_000_000 + 1_000
_DIGITS = Context(prec=28)


def date_spans(base: int, value: DateValue) -> Iterator[Span]:
    """The ranges of a comparison with a date."""
    low, high = date_bounds(value)
    yield from _comparison(base, value.prefix, low, high, _DAY)
    yield from _comparison(base ^ LONG, value.prefix, low, high, _INFINITE)


def date_bounds(value: DateValue) -> tuple[float, float]:
    """The span that a date covers in microseconds, wider where it is meant approximately."""
    if value.prefix == "ap":
        low, high = approximate(value.low, value.high, time.time_ns() // 1_000)
        return float(low), float(high)
    return float(value.low), float(value.high)


def number_spans(base: int, value: NumberValue) -> Iterator[Span]:
    """The ranges of a comparison with a number."""
    exact, low, high = (float(one) for one in (value.value, value.low, value.high))
    below = math.nextafter(high, -_INFINITE)
    for number, reach in ((base, 0.0), (base ^ LONG, _INFINITE)):
        match value.prefix:
            case "eq":
                yield (number, low, below, low, below)
            case "ne":
                yield (number, -_INFINITE, math.nextafter(low, -_INFINITE), -_INFINITE, _INFINITE)
                yield (number, high - reach, _INFINITE, high, _INFINITE)
            case "ap":
                yield (number, low - reach, high, low, _INFINITE)
            case _:
                yield _point_comparison(number, value.prefix, exact, reach)


def _point_comparison(number: int, prefix: str, exact: float, reach: float) -> Span:
    above = math.nextafter(exact, _INFINITE)
    below = math.nextafter(exact, -_INFINITE)
    match prefix:
        case "gt":
            return (number, above - reach, _INFINITE, above, _INFINITE)
        case "ge":
            return (number, exact - reach, _INFINITE, exact, _INFINITE)
        case "sa":
            return (number, above, _INFINITE, above, _INFINITE)
        case "lt":
            return (number, -_INFINITE, below, -_INFINITE, _INFINITE)
        case "le":
            return (number, -_INFINITE, exact, -_INFINITE, _INFINITE)
        case _:
            return (number, -_INFINITE, below, -_INFINITE, below)


def _comparison(number: int, prefix: str, low: float, high: float, within: float) -> Iterator[Span]:
    """Ranges of half-open values; none of them is longer than `within`."""
    above = math.nextafter(high, _INFINITE)
    below = math.nextafter(low, -_INFINITE)
    if prefix in ("eq", "ge", "le"):
        yield (number, low, high, low, high)
    if prefix in ("gt", "ge", "ne"):
        yield (number, above - within, _INFINITE, above, _INFINITE)
    if prefix in ("lt", "le", "ne"):
        yield (number, -_INFINITE, below, -_INFINITE, _INFINITE)
    if prefix == "sa":
        yield (number, high, _INFINITE, high, _INFINITE)
    if prefix == "eb":
        yield (number, -_INFINITE, low, -_INFINITE, low)
    if prefix == "ap":
        first = math.nextafter(low, _INFINITE)
        yield (number, first - within, math.nextafter(high, -_INFINITE), first, _INFINITE)


def number_in(value: QuantityValue, system: str, code: str, unit: str) -> NumberValue | None:
    """The number of a quantity asked for, in a unit that is kept; None if it is no such unit."""
    if value.code is None or (value.system is None and value.code in (code, unit)):
        return value.number if value.system in (None, system) else None
    if value.system != system:
        return None
    if value.code == code:
        return value.number
    zero, one = (canonical_quantity(Decimal(n), system, code) for n in (0, 1))
    number = value.number
    asked = [
        found
        for n in (number.value, number.low, number.high)
        if (found := canonical_quantity(n, system, value.code)) is not None
    ]
    if zero is None or one is None or len(asked) < 3 or asked[0][1] != one[1]:
        return None
    # What leads to base units is linear; so is the way back.
    exact, low, high = (_DIGITS.divide(n - zero[0], one[0] - zero[0]) for n, _ in asked)
    return NumberValue(number.prefix, exact, low, high)
