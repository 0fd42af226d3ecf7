"""`+ - * / div mod` and the signs (FHIRPath 2.0, 6.6, 6.8).

Overflow, division by zero and units that don't fit give the empty collection.
"""

from decimal import Decimal, DecimalException
from typing import Any

from minkang.fhir.path import quantity, temporal
from minkang.fhir.path.environment import Items
from minkang.fhir.path.error import PathError, failure
from minkang.fhir.path.quantity import ARITHMETIC, Quantity
from minkang.fhir.path.temporal import Temporal
from minkang.fhir.path.values import Node, described, single

_LIMIT = 2**31


def _wrapped(value: Any) -> Items:
    if value is None:
        return []
    if type(value) is int:
        return [value] if -_LIMIT <= value < _LIMIT else []
    return [value]


def _misfit(left: Any, operator: str, right: Any) -> PathError:
    return failure(f"{described(left)} {operator} {described(right)} is not defined")


def _operands(left: Items, right: Items) -> tuple[Any, Any] | None:
    first, second = single(left), single(right)
    if first is None or second is None or _valueless(first) or _valueless(second):
        return None
    return first, second


def _valueless(value: Any) -> bool:
    return type(value) is Node and value.value is None


def _numbers(left: Any, right: Any) -> bool:
    return type(left) in (int, Decimal) and type(right) in (int, Decimal)


def _as_quantities(left: Any, right: Any) -> tuple[Quantity, Quantity] | None:
    if type(left) in (int, Decimal) and isinstance(right, Quantity):
        return Quantity(Decimal(left), "1"), right
    if type(right) in (int, Decimal) and isinstance(left, Quantity):
        return left, Quantity(Decimal(right), "1")
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return left, right
    return None


def add(left: Items, right: Items) -> Items:
    """`+` of numbers, quantities, texts, or a date and a duration."""
    found = _operands(left, right)
    if found is None:
        return []
    first, second = found
    if type(first) is int and type(second) is int:
        return _wrapped(first + second)
    if _numbers(first, second):
        return [ARITHMETIC.add(Decimal(first), Decimal(second))]
    if type(first) is str and type(second) is str:
        return [first + second]
    if isinstance(first, Temporal) and isinstance(second, Quantity):
        return _wrapped(temporal.add(first, second.value, second.unit))
    pair = _as_quantities(first, second)
    if pair is None:
        raise _misfit(first, "+", second)
    return _wrapped(quantity.add(*pair))


def subtract(left: Items, right: Items) -> Items:
    """`-` of numbers, quantities, or a date and a duration."""
    found = _operands(left, right)
    if found is None:
        return []
    first, second = found
    if type(first) is int and type(second) is int:
        return _wrapped(first - second)
    if _numbers(first, second):
        return [ARITHMETIC.subtract(Decimal(first), Decimal(second))]
    if isinstance(first, Temporal) and isinstance(second, Quantity):
        return _wrapped(temporal.add(first, -second.value, second.unit))
    pair = _as_quantities(first, second)
    if pair is None:
        raise _misfit(first, "-", second)
    return _wrapped(quantity.add(pair[0], Quantity(-pair[1].value, pair[1].unit)))


def multiply(left: Items, right: Items) -> Items:
    """`*` of numbers and quantities."""
    found = _operands(left, right)
    if found is None:
        return []
    first, second = found
    if type(first) is int and type(second) is int:
        return _wrapped(first * second)
    try:
        if _numbers(first, second):
            return [ARITHMETIC.multiply(Decimal(first), Decimal(second))]
        pair = _as_quantities(first, second)
        if pair is None:
            raise _misfit(first, "*", second)
        return _wrapped(quantity.multiply(*pair))
    except DecimalException:
        return []


def divide(left: Items, right: Items) -> Items:
    """`/`: always a Decimal, or a Quantity."""
    found = _operands(left, right)
    if found is None:
        return []
    first, second = found
    try:
        if _numbers(first, second):
            return [ARITHMETIC.divide(Decimal(first), Decimal(second))] if second else []
        pair = _as_quantities(first, second)
        if pair is None:
            raise _misfit(first, "/", second)
        return _wrapped(quantity.divide(*pair))
    except DecimalException:
        return []


def divide_whole(left: Items, right: Items) -> Items:
    """`div`: the whole part of the quotient."""
    found = _operands(left, right)
    if found is None:
        return []
    first, second = found
    if not _numbers(first, second):
        raise _misfit(first, "div", second)
    if second == 0:
        return []
    try:
        quotient = ARITHMETIC.divide_int(Decimal(first), Decimal(second))
    except DecimalException:
        return []
    # divide_int has dropped the decimals; more digits than calculation keeps are an error above.
    return _wrapped(int(quotient))


def remainder(left: Items, right: Items) -> Items:
    """`mod`: what `div` leaves; with the sign of the left side."""
    found = _operands(left, right)
    if found is None:
        return []
    first, second = found
    if not _numbers(first, second):
        raise _misfit(first, "mod", second)
    if second == 0:
        return []
    try:
        rest = ARITHMETIC.remainder(Decimal(first), Decimal(second))
    except DecimalException:
        return []
    return [int(rest)] if type(first) is int and type(second) is int else [rest]


def concatenate(left: Items, right: Items) -> Items:
    """`&`: texts, an empty collection counted as the empty text."""
    first, second = single(left), single(right)
    for value in (first, second):
        if value is not None and type(value) is not str and not _valueless(value):
            if isinstance(value, Temporal):
                continue
            raise _misfit(first, "&", second)
    return [_text(first) + _text(second)]


def _text(value: Any) -> str:
    if isinstance(value, Temporal):
        return temporal.to_text(value)
    return value if type(value) is str else ""


def negate(items: Items) -> Items:
    """`-` before a number or quantity."""
    value = plus(items)
    if not value:
        return []
    if isinstance(value[0], Quantity):
        return [Quantity(-value[0].value, value[0].unit)]
    if type(value[0]) is Decimal:
        return [value[0].copy_negate()]
    return _wrapped(-value[0])


def plus(items: Items) -> Items:
    """`+` before a number or quantity."""
    value = single(items)
    if value is None:
        return []
    if type(value) in (int, Decimal) or isinstance(value, Quantity):
        return [value]
    raise failure(f"a sign before {described(value)} is not defined")
