"""Units of measure: what it takes to compare 5 mg with 0.005 g.

UCUM codes are read by UCUM's grammar and brought to base units with exact fractions. Of the
libraries none served: those for Python count in floating point, take an international unit for a
number, or start a Java machine.
"""

import re
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache

import msgspec

from minkang.fhir.units_table import BASE_UNITS, PREFIXES, UNITS

UCUM = "http://unitsofmeasure.org"
"""The system of UCUM codes in FHIR."""

_LONGEST = 200
_LARGEST_EXPONENT = 60
_LARGEST_POWER = 100
_FACTOR = Context(prec=50)
_VALUE = Context(prec=28)

_ATOM = r"10[*^]|[^\s0-9./(){}\[\]+\-]+(?:\[[^\]]*\])?|\[[^\]]*\]"
_PIECE = re.compile(
    rf"(?P<open>\()|(?P<close>\))|(?P<operator>[./])|(?P<note>\{{[^{{}}]*\}})"
    rf"|(?P<atom>{_ATOM})(?P<exponent>[+-]?\d{{1,2}})?|(?P<number>\d{{1,12}})"
)

# Temperatures have a zero of their own: kelvin = (value + offset) * factor.
_SCALES = {
    "Cel": (Decimal("273.15"), Fraction(1)),
    "[degF]": (Decimal("459.67"), Fraction(5, 9)),
}


class _Measure(msgspec.Struct, frozen=True):
    """A factor, and the exponents of the base units it counts."""

    factor: Fraction
    exponents: dict[str, int]

    def times(self, other: "_Measure", sign: int = 1) -> "_Measure":
        exponents = dict(self.exponents)
        for unit, exponent in other.exponents.items():
            exponents[unit] = exponents.get(unit, 0) + sign * exponent
        if any(abs(exponent) > _LARGEST_EXPONENT for exponent in exponents.values()):
            raise _NoUnit
        if not other.factor:
            raise _NoUnit
        factor = self.factor * other.factor if sign > 0 else self.factor / other.factor
        return _Measure(factor, exponents)

    def power(self, exponent: int) -> "_Measure":
        if abs(exponent) > _LARGEST_EXPONENT:
            raise _NoUnit
        raised = {unit: count * exponent for unit, count in self.exponents.items()}
        return _Measure(self.factor**exponent, raised)


class _NoUnit(Exception):  # noqa: N818 - it says what it is
    """Not a UCUM code that can be converted."""


_ONE = _Measure(Fraction(1), {})


@lru_cache(maxsize=4096)
def canonical_unit(system: str, code: str) -> tuple[str, Decimal] | None:
    """The base units a UCUM code stands for, e.g. `g.m-3`, and the factor that leads there.

    The factor has 50 digits; round a product with it to 28 (`canonical_quantity` does).
    None if the system is not UCUM, the code is not one, or the unit is no plain multiple (`Cel`).
    """
    if system != UCUM or not code or len(code) > _LONGEST:
        return None
    try:
        measure = _read(code)
    except _NoUnit:
        return None
    exact = measure.factor
    factor = _FACTOR.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return (_printed(measure), factor) if abs(factor.adjusted()) <= _LARGEST_POWER else None


def canonical_quantity(value: Decimal, system: str, code: str) -> tuple[Decimal, str] | None:
    """A value in base units, rounded to 28 digits, and those units; temperatures in kelvin.

    None where `canonical_unit` has none, apart from degrees Celsius and Fahrenheit.
    """
    scale = _SCALES.get(code) if system == UCUM else None
    if scale is not None:
        offset, factor = scale
        shifted = _FACTOR.add(value, offset)
        kelvin = _FACTOR.divide(_FACTOR.multiply(shifted, factor.numerator), factor.denominator)
        return _VALUE.plus(kelvin), "K"
    unit = canonical_unit(system, code)
    if unit is None:
        return None
    return _VALUE.plus(_FACTOR.multiply(value, unit[1])), unit[0]


def _printed(measure: _Measure) -> str:
    parts = [
        unit if exponent == 1 else f"{unit}{exponent}"
        for unit, exponent in sorted(measure.exponents.items())
        if exponent
    ]
    return ".".join(parts) or "1"


def _read(code: str) -> _Measure:
    """A whole UCUM expression; operators bind from left to right, all alike."""
    stack: list[tuple[_Measure, int]] = []
    total, sign = _ONE, 1
    # What may come next: a unit (at the start of a term also a solidus), or an operator.
    unit_next, term_begins = True, True
    at = 0
    while at < len(code):
        piece = _PIECE.match(code, at)
        if piece is None:
            raise _NoUnit
        at = piece.end()
        if operator := piece["operator"]:
            if unit_next and not (term_begins and operator == "/"):
                raise _NoUnit
            sign = -1 if operator == "/" else 1
            unit_next, term_begins = True, False
            continue
        if piece["note"]:
            # An annotation says nothing to calculate with; alone it is a one.
            unit_next, term_begins = False, False
            continue
        if piece["close"]:
            if unit_next or not stack:
                raise _NoUnit
            inner = total
            total, sign = stack.pop()
        elif not unit_next:
            raise _NoUnit
        elif piece["open"]:
            stack.append((total, sign))
            total, sign, term_begins = _ONE, 1, True
            continue
        elif piece["atom"]:
            inner = _atom(piece["atom"]).power(int(piece["exponent"] or 1))
        else:
            inner = _Measure(Fraction(int(piece["number"])), {})
        total = total.times(inner, sign)
        unit_next, term_begins = False, False
    if unit_next or stack:
        raise _NoUnit
    return total


@cache
def _table() -> dict[str, tuple[bool, str, str]]:
    lines = (line.split(" ", 3) for line in UNITS.strip().splitlines())
    return {code: (metric == "*", value, unit) for code, metric, value, unit in lines}


@cache
def _prefixes() -> dict[str, Fraction]:
    pairs = (pair.split("=") for pair in PREFIXES.split())
    return {code: Fraction(value) for code, value in pairs}


@cache
def _base_units() -> frozenset[str]:
    return frozenset(BASE_UNITS.split())


@lru_cache(maxsize=4096)
def _atom(code: str) -> _Measure:
    plain = _plain(code)
    if plain is not None:
        return plain
    for length in (1, 2):
        factor = _prefixes().get(code[:length])
        rest = code[length:]
        metric = rest in _base_units() or _table().get(rest, (False,))[0]
        if factor is not None and metric:
            unit = _plain(rest)
            if unit is not None:
                return _Measure(factor, {}).times(unit)
    raise _NoUnit


def _plain(code: str) -> _Measure | None:
    if code in _base_units():
        return _Measure(Fraction(1), {code: 1})
    row = _table().get(code)
    if row is None:
        return None
    _, value, unit = row
    counted = _Measure(Fraction(1), {code: 1}) if unit == "!" else _read(unit)
    return _Measure(Fraction(value), {}).times(counted)
