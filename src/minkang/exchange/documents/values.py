"""Typed values as `value` elements.

What is special by kind (WS/T 500-2016, schemas): the numbers of C0007 have exactly four decimals,
the money of C0032 has two, the quantities of C0053 are whole numbers, those of C0004 are in 天.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from lxml import etree

from minkang.exchange.documents.formats import Unwritable, digits, whole
from minkang.exchange.documents.names import oid_of, system_name
from minkang.exchange.mappings.cda.typed import Typed

XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_CENTS: Final = Decimal("0.01")
_FOUR: Final = Decimal("0.0001")
_FIVE_DIGITS: Final = Decimal(100_000)


def put_value(node: "etree._Element", value: Typed, types: Mapping[str, str]) -> None:
    """Give a `value` element its type and value.

    Raises:
        Unwritable: the kind has no form for it.
    """
    if value.type == "CD":
        node.set("code", value.text)
        node.set("codeSystem", oid_of(value.system))
        node.set("codeSystemName", system_name(value.system))
        node.set("displayName", value.more or value.text)
        node.set(XSI_TYPE, "CD")
    elif value.type == "N":
        _number(node, value, types)
    elif value.type == "MO":
        _money(node, value, types)
    elif value.type in ("BL", "TS") and value.type in types:
        node.set(XSI_TYPE, value.type)
        node.set("value", digits(value.text) if value.type == "TS" else value.text)
    elif value.type == "ST":
        node.set(XSI_TYPE, "ST")
        node.text = value.text
    else:
        raise Unwritable("value-type")


def _number(node: "etree._Element", value: Typed, types: Mapping[str, str]) -> None:
    text, unit = value.text, value.more
    integral = Decimal(text) == Decimal(text).to_integral_value()
    if unit or not types.keys() & {"REAL", "INT"} or ("REAL" not in types and not integral):
        if "PQ" not in types:
            raise Unwritable("value-type")
        special = types["PQ"]
        if special == "天" and unit != "天":
            raise Unwritable("unit")
        node.set(XSI_TYPE, "PQ")
        node.set("value", whole(text) if special == "int" else text)
        node.set("unit", unit)
    elif integral and "INT" in types and "." not in text:
        node.set(XSI_TYPE, "INT")
        node.set("value", text)
    elif "REAL" in types:
        node.set(XSI_TYPE, "REAL")
        node.set("value", _exact(text, _FOUR) if types["REAL"] == "4" else text)
    elif "PQ" in types:
        node.set(XSI_TYPE, "PQ")
        node.set("value", text)
        node.set("unit", "")
    else:
        raise Unwritable("value-type")


def _money(node: "etree._Element", value: Typed, types: Mapping[str, str]) -> None:
    if "MO" not in types:
        raise Unwritable("value-type")
    if value.more != "CNY":
        raise Unwritable("currency")
    node.set(XSI_TYPE, "MO")
    node.set("value", _exact(value.text, _CENTS) if types["MO"] == "2" else value.text)
    node.set("currency", "元")


def _exact(text: str, unit: Decimal) -> str:
    """A number with as many decimals as `unit` has.

    Raises:
        Unwritable: it has more that are not zero, or more than five digits before them.
    """
    number = Decimal(text)
    found = number.quantize(unit)
    if found != number:
        raise Unwritable("decimals")
    if unit == _FOUR and abs(number) >= _FIVE_DIGITS:
        raise Unwritable("range")
    return f"{found:f}"
