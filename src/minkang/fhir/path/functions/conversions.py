"""Conversions between the system types (FHIRPath 2.0, 5.5).

A conversion that is not possible is empty; `convertsToX` says whether `toX` would give a value.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from minkang.fhir.path import quantity, temporal
from minkang.fhir.path.environment import NOTHING, Environment, Items
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.quantity import ARITHMETIC, Quantity
from minkang.fhir.path.syntax import CALENDAR_UNITS
from minkang.fhir.path.temporal import Temporal
from minkang.fhir.path.values import single, single_text

INTEGER_LIMIT = 2**31
"""Integers go from minus this to one less than this."""

_TRUE = frozenset(["true", "t", "yes", "y", "1", "1.0"])
_FALSE = frozenset(["false", "f", "no", "n", "0", "0.0"])
_INTEGER = re.compile(r"[+-]?\d{1,10}")
_DECIMAL = re.compile(r"[+-]?\d{1,100}(?:\.\d{1,100})?")
_QUANTITY = re.compile(r"([+-]?\d{1,100}(?:\.\d{1,100})?)\s*(?:'([^']+)'|([a-z]+))?")


def to_boolean(value: Any) -> bool | None:
    """true, 1, 'yes' and their like."""
    kind = type(value)
    if kind is bool:
        return bool(value)
    if kind is int or kind is Decimal:
        return {0: False, 1: True}.get(value)
    if kind is str:
        word = value.lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def to_integer(value: Any) -> int | None:
    """An Integer, a Boolean, or text of digits alone."""
    kind = type(value)
    if kind is int or kind is bool:
        return int(value)
    if kind is str and _INTEGER.fullmatch(value):
        number = int(value)
        return number if -INTEGER_LIMIT <= number < INTEGER_LIMIT else None
    return None


def to_decimal(value: Any) -> Decimal | None:
    """A number, a Boolean, or text of digits with at most one point."""
    kind = type(value)
    if kind is Decimal:
        return Decimal(value)
    if kind is int or kind is bool:
        return Decimal(int(value))
    return Decimal(value) if kind is str and _DECIMAL.fullmatch(value) else None


def to_text(value: Any) -> str | None:
    """The literal form of a system value; None of what has none."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is Decimal:
        return f"{value:f}" if abs(value.adjusted()) < 1_000 else str(value)
    if kind is Temporal:
        return temporal.to_text(value)
    return quantity.to_text(value) if kind is Quantity else None


def to_date(value: Any) -> Temporal | None:
    """A Date, the day of a DateTime, or text of either."""
    if type(value) is str:
        value = temporal.date(value) or temporal.date_time(value)
    if isinstance(value, Temporal) and value.type != "Time":
        return Temporal("Date", value.fields[:3])
    return None


def to_date_time(value: Any) -> Temporal | None:
    """A DateTime, a Date, or text of either."""
    if type(value) is str:
        return temporal.date_time(value)
    if isinstance(value, Temporal) and value.type != "Time":
        return temporal.as_date_time(value)
    return None


def to_time(value: Any) -> Temporal | None:
    """A Time, or text of one."""
    if type(value) is str:
        return temporal.time(value.removeprefix("T"))
    return value if isinstance(value, Temporal) and value.type == "Time" else None


def to_quantity(value: Any) -> Quantity | None:
    """A Quantity, a number or Boolean without unit, or text like `4 days`, `10 'mg'`."""
    if isinstance(value, Quantity):
        return value
    if type(value) is not str:
        number = to_decimal(value)
        return None if number is None else Quantity(number, "1")
    match = _QUANTITY.fullmatch(value)
    if match is None or (match[3] and match[3] not in CALENDAR_UNITS):
        return None
    return Quantity(Decimal(match[1]), match[2] or match[3] or "1")


def _in_unit(found: Quantity | None, unit: str) -> Quantity | None:
    if found is None or found.unit == unit:
        return found
    mine = quantity.canonical(found.unit)
    other = quantity.canonical(unit)
    if mine is None or other is None or mine[0] != other[0]:
        return None
    value = ARITHMETIC.multiply(found.value, mine[1])
    return Quantity(ARITHMETIC.divide(value, other[1]), unit)


def _to(convert: Callable[[Any], Any]) -> Callable[..., Items]:
    def call(_env: Environment, items: Items, *_format: Items) -> Items:
        value = single(items)
        result = None if value is None else convert(value)
        return [] if result is None else [result]

    return call


def _converts(convert: Callable[[Any], Any]) -> Callable[..., Items]:
    def call(_env: Environment, items: Items, *_format: Items) -> Items:
        value = single(items)
        return [] if value is None else [convert(value) is not None]

    return call


def _to_quantity(_env: Environment, items: Items, unit: Items = NOTHING) -> Items:
    value, wanted = single(items), single_text(unit)
    found = None if value is None else to_quantity(value)
    if wanted is not None:
        found = _in_unit(found, wanted)
    return [] if found is None else [found]


def _converts_to_quantity(env: Environment, items: Items, unit: Items = NOTHING) -> Items:
    return [bool(_to_quantity(env, items, unit))] if items else []


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "Boolean": to_boolean,
    "Integer": to_integer,
    "Decimal": to_decimal,
    "String": to_text,
    "Date": to_date,
    "DateTime": to_date_time,
    "Time": to_time,
}

FUNCTIONS = (
    {f"to{name}": Function(_to(convert)) for name, convert in _CONVERSIONS.items()}
    | {f"convertsTo{name}": Function(_converts(convert)) for name, convert in _CONVERSIONS.items()}
    | {
        "toQuantity": Function(_to_quantity, 0, 1),
        "convertsToQuantity": Function(_converts_to_quantity, 0, 1),
    }
)
