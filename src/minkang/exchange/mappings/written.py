"""Numbers and codes as senders write them, as FHIR wants them."""

from decimal import Decimal, InvalidOperation
from typing import Final

_LARGEST_EXPONENT: Final = 30


def decimal(text: str) -> Decimal | None:
    """A decimal number, or None if the text is none or beyond measure."""
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        return None
    return value if is_measurable(value) else None


def is_measurable(value: Decimal) -> bool:
    """Whether a number can be a measurement: finite, and within thirty powers of ten of one."""
    return value.is_finite() and (not value or abs(value.adjusted()) <= _LARGEST_EXPONENT)


def plain_code(code: str) -> str:
    """A code as FHIR wants it: single blanks inside, none around."""
    return code if code.isalnum() else " ".join(code.split())
