"""UCUM as a code system: whether a text is a unit, which no list can say."""

from decimal import Decimal

from minkang.fhir.units import UCUM, canonical_quantity, canonical_unit
from minkang.terminology.concepts import PropertyValue

_ONE = Decimal(1)


def is_unit(code: str) -> bool:
    """Whether a code is one of UCUM's (case matters), as far as it can be compared with others."""
    return canonical_quantity(_ONE, UCUM, code) is not None


def unit_properties(code: str) -> tuple[tuple[str, PropertyValue], ...]:
    """The base units of a unit, and the factor that leads there."""
    found = canonical_unit(UCUM, code)
    if found is None:
        return (("base-units", "K"),) if is_unit(code) else ()
    base, factor = found
    return (("base-units", base), ("factor", format(factor.normalize(), "f")))
