"""FHIR values as HL7 V3 has them: what a document says and what a resource says can be compared."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from minkang.exchange.mappings.cda.fields import Value


class Typed(msgspec.Struct, frozen=True):
    """A value as V3 has it.

    Attributes:
        type: ST, CD, N (a number of any type), BL, TS or MO.
        text: the text, code, number or FHIR time.
        more: unit or currency; of a CD its name.
        system: of a CD.
    """

    type: str
    text: str
    more: str = ""
    system: str = ""


def typed(value: Value) -> Typed | None:
    """What follows `value` in FHIR, and the value, as V3 has it; None if V3 has no such thing."""
    kind, content = value
    if kind == "String":
        return Typed("ST", content)
    if kind == "CodeableConcept":
        return concept(content)
    if kind == "Boolean":
        return Typed("BL", "true" if content else "false")
    if kind == "DateTime":
        return Typed("TS", content)
    if kind == "Integer":
        return Typed("N", str(content))
    if kind == "Money":
        return Typed("MO", plain(content["value"]), content["currency"])
    if kind == "Quantity" and "value" in content:
        unit = content.get("unit") or content.get("code", "")
        return Typed("MO" if unit == "CNY" else "N", plain(content["value"]), unit)
    return None


def concept(content: Mapping[str, Any], skip: tuple[str, ...] = ()) -> Typed | None:
    """A CodeableConcept: its first coding of no system in `skip`, or else its text."""
    text = str(content.get("text", ""))
    for one in content.get("coding", ()):
        if one.get("system") not in skip and one.get("code"):
            return Typed("CD", one["code"], one.get("display") or text, one.get("system", ""))
    return Typed("ST", text) if text else None


def plain(number: Any) -> str:
    """A number with its digits as they are, never as a power of ten."""
    return f"{number:f}" if isinstance(number, Decimal) else str(number)
