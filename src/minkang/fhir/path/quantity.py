"""Numbers with a unit: comparison across units, arithmetic (FHIRPath 2.0, 6.1, 6.6).

Units are UCUM codes or words of the calendar. A week and everything shorter is the same in both; a
calendar year or month is not a UCUM one (365.25 and 30.4375 days): they only are equivalent.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from functools import lru_cache

import msgspec

from minkang.fhir.path.syntax import CALENDAR_UNITS
from minkang.fhir.units import canonical_quantity, canonical_unit

UCUM = "http://unitsofmeasure.org"

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_UP)
"""Significant digits of all calculation with decimals."""

_UCUM_OF_CALENDAR = {
    "week": "wk",
    "day": "d",
    "hour": "h",
    "minute": "min",
    "second": "s",
    "millisecond": "ms",
}
_CALENDAR_MONTHS = {"year": 12, "month": 1}
_MONTH = "calendar month"


class Quantity(msgspec.Struct, frozen=True):
    """A value with its unit; `1` is the unit of a mere number."""

    value: Decimal
    unit: str


def to_text(quantity: Quantity) -> str:
    """`5.5 'mg'`, `1 week`."""
    wide = abs(quantity.value.adjusted()) >= 1_000
    number = str(quantity.value) if wide else f"{quantity.value:f}"
    if quantity.unit in CALENDAR_UNITS:
        return f"{number} {quantity.unit}"
    return f"{number} '{quantity.unit}'"


@lru_cache(maxsize=4096)
def canonical(unit: str) -> tuple[str, Decimal] | None:
    """A unit as base units and factor, equal for all that are commensurable; None if unknown."""
    word = unit.removesuffix("s") if unit in CALENDAR_UNITS else unit
    if word in _CALENDAR_MONTHS:
        return _MONTH, Decimal(_CALENDAR_MONTHS[word])
    return canonical_unit(UCUM, _UCUM_OF_CALENDAR.get(word, word))


def comparable(left: Quantity, right: Quantity) -> bool:
    """Whether there is a unit in which both can be said."""
    ours, theirs = in_base(left), in_base(right)
    return ours is not None and theirs is not None and ours[1] == theirs[1]


def compare(left: Quantity, right: Quantity) -> int | None:
    """-1, 0 or 1; None if the units are not commensurable."""
    if left.unit == right.unit:
        return (left.value > right.value) - (left.value < right.value)
    ours, theirs = in_base(left), in_base(right)
    if ours is None or theirs is None or ours[1] != theirs[1]:
        return None
    return (ours[0] > theirs[0]) - (ours[0] < theirs[0])


def in_base(quantity: Quantity) -> tuple[Decimal, str] | None:
    """The value in base units and these units (temperatures too); None of an unknown unit."""
    found = canonical(quantity.unit)
    if found is None:
        return canonical_quantity(quantity.value, UCUM, quantity.unit)
    return ARITHMETIC.multiply(quantity.value, found[1]), found[0]


def equivalent(left: Quantity, right: Quantity) -> bool:
    """Equal after both are said in the coarser unit and rounded to the less precise number."""
    if left.unit == right.unit:
        return equivalent_numbers(left.value, right.value)
    ours, theirs = _canonical_in_ucum(left.unit), _canonical_in_ucum(right.unit)
    if ours is None or theirs is None or ours[0] != theirs[0]:
        return compare(left, right) == 0
    places = min(_places(left.value), _places(right.value))
    unit = max(ours[1], theirs[1])
    mine = ARITHMETIC.divide(ARITHMETIC.multiply(left.value, ours[1]), unit)
    other = ARITHMETIC.divide(ARITHMETIC.multiply(right.value, theirs[1]), unit)
    return rounded(mine, places) == rounded(other, places)


def equivalent_numbers(left: Decimal, right: Decimal) -> bool:
    """Equal after rounding to the decimal places of the less precise (trailing zeros ignored)."""
    if left == right:
        return True
    places = min(_places(left), _places(right))
    return rounded(left, places) == rounded(right, places)


def rounded(value: Decimal, places: int) -> Decimal:
    """To so many decimal places, halves away from zero; unchanged if there are more digits than
    calculation keeps.
    """
    try:
        return value.quantize(Decimal(1).scaleb(-places), context=ARITHMETIC)
    except DecimalException:
        return value


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _canonical_in_ucum(unit: str) -> tuple[str, Decimal] | None:
    word = unit.removesuffix("s") if unit in CALENDAR_UNITS else unit
    return canonical({"year": "a", "month": "mo"}.get(word, word))


def add(left: Quantity, right: Quantity) -> Quantity | None:
    """The sum in the finer unit of the two; None if they are not commensurable."""
    if left.unit == right.unit:
        return Quantity(ARITHMETIC.add(left.value, right.value), left.unit)
    ours, theirs = canonical(left.unit), canonical(right.unit)
    if ours is None or theirs is None or ours[0] != theirs[0]:
        return None
    finer = (left.unit, ours[1]) if ours[1] <= theirs[1] else (right.unit, theirs[1])
    total = ARITHMETIC.add(
        ARITHMETIC.multiply(left.value, ours[1]), ARITHMETIC.multiply(right.value, theirs[1])
    )
    return Quantity(ARITHMETIC.divide(total, finer[1]), finer[0])


def multiply(left: Quantity, right: Quantity) -> Quantity | None:
    """The product; None if there is no such unit."""
    return _combined(left, right, ".", ARITHMETIC.multiply(left.value, right.value))


def divide(left: Quantity, right: Quantity) -> Quantity | None:
    """The quotient; None if there is no such unit, or by zero."""
    if right.value == 0:
        return None
    return _combined(left, right, "/", ARITHMETIC.divide(left.value, right.value))


def _combined(left: Quantity, right: Quantity, sign: str, value: Decimal) -> Quantity | None:
    if right.unit == "1":
        return Quantity(value, left.unit)
    if left.unit == "1" and sign == ".":
        return Quantity(value, right.unit)
    unit = f"{_factor(left.unit)}{sign}{_factor(right.unit)}"
    found, number = canonical(unit), canonical("1")
    if found is None:
        return None
    if number is not None and found[0] == number[0]:
        return Quantity(ARITHMETIC.multiply(value, found[1]), "1")
    return Quantity(value, unit)


def _factor(unit: str) -> str:
    word = unit.removesuffix("s") if unit in CALENDAR_UNITS else unit
    word = _UCUM_OF_CALENDAR.get(word, word)
    return f"({word})" if "." in word or "/" in word else word
