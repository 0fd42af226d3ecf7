"""How precise a value is, and what it can mean at most and at least (FHIRPath 3.0, on trial)."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from minkang.fhir.path import quantity, temporal
from minkang.fhir.path.environment import NOTHING, Environment, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.functions.conversions import to_quantity
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.quantity import Quantity
from minkang.fhir.path.temporal import Temporal
from minkang.fhir.path.values import described, single, single_integer

MAX_PLACES = 28
"""Decimal places that a boundary may be asked for."""

_USUAL_PLACES = 8
_WIDE = Context(prec=200)


def _boundary(*, high: bool) -> Callable[..., Items]:
    def function(_env: Environment, items: Items, precision: Items = NOTHING) -> Items:
        value, places = single(items), single_integer(precision)
        if value is None:
            return []
        found: Any
        if isinstance(value, Temporal):
            found = temporal.boundary(value, places, high=high)
        elif isinstance(value, Quantity):
            limit = _of_number(value.value, places, high=high)
            found = None if limit is None else Quantity(limit, value.unit)
        elif type(value) in (int, Decimal):
            found = _of_number(Decimal(value), places, high=high)
        else:
            raise failure(f"{described(value)} has no boundary")
        return [] if found is None else [found]

    return function


def _of_number(value: Decimal, places: int | None, *, high: bool) -> Decimal | None:
    """Half a unit of the last written digit away, then to so many places, away from the value."""
    places = _USUAL_PLACES if places is None else places
    if not 0 <= places <= MAX_PLACES:
        return None
    half = Decimal(5).scaleb(-_written_places(value) - 1)
    limit = _WIDE.add(value, half if high else -half)
    rounding = ROUND_CEILING if high else ROUND_FLOOR
    return limit.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=_WIDE)


def _written_places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _precision(_env: Environment, items: Items) -> Items:
    value = single(items)
    if value is None:
        return []
    if isinstance(value, Temporal):
        return [temporal.digits(value)]
    if type(value) in (int, Decimal):
        return [_written_places(Decimal(value))]
    raise failure(f"{described(value)} has no precision")


def _comparable(_env: Environment, items: Items, other: Items) -> Items:
    first, second = single(items), single(other)
    if first is None or second is None:
        return []
    left, right = to_quantity(first), to_quantity(second)
    if left is None or right is None:
        raise failure("comparable() needs quantities")
    return [quantity.comparable(left, right)]


FUNCTIONS = {
    "lowBoundary": Function(_boundary(high=False), 0, 1),
    "highBoundary": Function(_boundary(high=True), 0, 1),
    "precision": Function(_precision),
    "comparable": Function(_comparable, 1, 1),
}
