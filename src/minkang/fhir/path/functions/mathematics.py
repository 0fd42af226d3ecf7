"""Numbers (FHIRPath 2.0, 5.7; sum, min, max and avg of 3.0). No result is empty, not an error."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal, DecimalException
from functools import reduce

from minkang.fhir.path.arithmetic import add, divide
from minkang.fhir.path.comparison import order
from minkang.fhir.path.environment import NOTHING, Environment, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.functions.conversions import INTEGER_LIMIT
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.quantity import ARITHMETIC, Quantity, rounded
from minkang.fhir.path.values import described, single, single_integer, single_number, system


def _on_number(call: Callable[[Decimal], Decimal]) -> Callable[..., Items]:
    """A function of one number or quantity, whose unit it keeps; whole results are Integers."""

    def function(_env: Environment, items: Items) -> Items:
        value = single(items)
        if value is None:
            return []
        if isinstance(value, Quantity):
            return [Quantity(call(value.value), value.unit)]
        number = single_number([value])
        if type(number) is int:
            return _integer(call(Decimal(number)))
        return _integer(call(number))  # type: ignore[arg-type]

    return function


def _integer(value: Decimal) -> Items:
    return [int(value)] if -INTEGER_LIMIT <= value < INTEGER_LIMIT else []


def _abs(_env: Environment, items: Items) -> Items:
    value = single(items)
    if value is None:
        return []
    if isinstance(value, Quantity):
        return [Quantity(abs(value.value), value.unit)]
    number = single_number([value])
    return [] if number is None else [abs(number)]


def _decimal_result(call: Callable[..., Decimal]) -> Callable[..., Items]:
    """A function of numbers; where mathematics has no answer the result is empty."""

    def function(_env: Environment, *collections: Items) -> Items:
        numbers = [single_number(items) for items in collections]
        if None in numbers:
            return []
        try:
            value = call(*[Decimal(number) for number in numbers if number is not None])
        except (DecimalException, ZeroDivisionError):
            return []
        return [value] if value.is_finite() else []

    return function


def _power(_env: Environment, items: Items, exponent: Items) -> Items:
    base, by = single_number(items), single_number(exponent)
    if base is None or by is None:
        return []
    if type(base) is int and type(by) is int and 0 <= by < 64 and abs(base) < INTEGER_LIMIT:
        return _integer(Decimal(base**by)) if abs(base) < 2 or by * base.bit_length() < 80 else []
    try:
        value = ARITHMETIC.power(Decimal(base), Decimal(by))
    except DecimalException:
        return []
    return [value] if value.is_finite() else []


def _round(_env: Environment, items: Items, precision: Items = NOTHING) -> Items:
    value, places = single(items), single_integer(precision)
    if value is None:
        return []
    if places is not None and places < 0:
        raise failure("round() needs a precision of 0 or more")
    if isinstance(value, Quantity):
        return [Quantity(rounded(value.value, places or 0), value.unit)]
    number = single_number([value])
    return [] if number is None else [rounded(Decimal(number), places or 0)]


def _logarithm(value: Decimal, base: Decimal) -> Decimal:
    found = ARITHMETIC.divide(ARITHMETIC.ln(value), ARITHMETIC.ln(base))
    # 100 to the base 10 is 2, not 1.999...: the last digits are calculation's, not the answer's.
    near = found.quantize(Decimal("1e-20"), context=ARITHMETIC)
    return near.normalize(ARITHMETIC) if near == near.to_integral_value() else found


def _sum(_env: Environment, items: Items) -> Items:
    return reduce(add, ([item] for item in items)) if items else []


def _average(_env: Environment, items: Items) -> Items:
    return divide(_sum(_env, items), [Decimal(len(items))]) if items else []


def _extreme(sign: int) -> Callable[..., Items]:
    def function(_env: Environment, items: Items) -> Items:
        best: Items = items[:1]
        for item in items[1:]:
            found = order(item, best[0])
            if found is None:
                return []
            if found == sign:
                best = [item]
        if best and type(system(best[0])) is bool:
            raise failure(f"{described(best[0])} has no order")
        return best

    return function


FUNCTIONS = {
    "abs": Function(_abs),
    "ceiling": Function(_on_number(lambda x: x.to_integral_value(ROUND_CEILING))),
    "floor": Function(_on_number(lambda x: x.to_integral_value(ROUND_FLOOR))),
    "truncate": Function(_on_number(lambda x: x.to_integral_value(ROUND_DOWN))),
    "exp": Function(_decimal_result(ARITHMETIC.exp)),
    "ln": Function(_decimal_result(ARITHMETIC.ln)),
    "log": Function(_decimal_result(_logarithm), 1, 1),
    "power": Function(_power, 1, 1),
    "round": Function(_round, 0, 1),
    "sqrt": Function(_decimal_result(ARITHMETIC.sqrt)),
    "sum": Function(_sum),
    "avg": Function(_average),
    "min": Function(_extreme(-1)),
    "max": Function(_extreme(1)),
}
