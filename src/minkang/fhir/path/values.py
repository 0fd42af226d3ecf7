"""What collections hold: nodes of a resource, and values of FHIRPath's own system types.

System values are Python's: bool, int (Integer), Decimal, str, and `Temporal` and `Quantity`. A
node becomes a system value only when an operation asks for one (`system`).
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from minkang.fhir.path import temporal
from minkang.fhir.path.error import failure
from minkang.fhir.path.model import is_subtype
from minkang.fhir.path.quantity import UCUM, Quantity
from minkang.fhir.path.temporal import Temporal


class Node(msgspec.Struct, eq=False, gc=False):
    """An element of a resource.

    Attributes:
        value: its JSON; None for a primitive that has only extensions.
        type: FHIR type, or a backbone's path; None where the definitions don't know it.
        sibling: of a primitive: the JSON of its `_name`, with id and extensions.
    """

    value: Any
    type: str | None
    sibling: dict[str, Any] | None = None


class TypeInfo(msgspec.Struct, frozen=True):
    """What `type()` tells of an item."""

    namespace: str
    name: str


def type_of(item: Any) -> TypeInfo:
    """The type of an item; of a backbone element `BackboneElement`."""
    if type(item) is Node:
        name = item.type or "Element"
        return TypeInfo("FHIR", "BackboneElement" if "." in name else name)
    if isinstance(item, Temporal):
        return TypeInfo("System", item.type)
    return TypeInfo("System", _SYSTEM_NAMES.get(type(item), "Any"))


_SYSTEM_NAMES: dict[type, str] = {
    bool: "Boolean",
    int: "Integer",
    Decimal: "Decimal",
    str: "String",
    Quantity: "Quantity",
    TypeInfo: "SimpleTypeInfo",
}

SYSTEM_TYPES = frozenset(_SYSTEM_NAMES.values()) | {"Any", "Date", "DateTime", "Time"}


def _decimal(value: Any) -> Any:
    return Decimal(value) if type(value) is int else value


_OF_TEXT: dict[str, Callable[[str], Temporal | None]] = {
    "date": temporal.date,
    "dateTime": temporal.date_time,
    "instant": temporal.date_time,
    "time": temporal.time,
}


def system(item: Any) -> Any:
    """The system value of a primitive or a Quantity; other nodes as they are.

    A date that is none stays text; a primitive without a value stays a node.
    """
    if type(item) is not Node:
        return item
    value = item.value
    kind = type(value)
    if kind is str:
        convert = _OF_TEXT.get(item.type or "")
        return value if convert is None else convert(value) or value
    if kind is bool or kind is Decimal:
        return value
    if kind is int:
        return Decimal(value) if item.type == "decimal" else value
    if kind is dict and is_subtype(item.type, "Quantity"):
        return _quantity(value) or item
    return item


_CALENDAR_OF_UCUM = {
    "a": "year",
    "mo": "month",
    "d": "day",
    "h": "hour",
    "min": "minute",
    "s": "second",
}


def _quantity(value: dict[str, Any]) -> Quantity | None:
    """FHIR R4, FHIRPath page: a Quantity with a UCUM code is a system Quantity.

    One without a system is compared by its printed unit; a unit of another system is only equal
    to itself.
    """
    number = _decimal(value.get("value"))
    if not isinstance(number, Decimal):
        return None
    source, code = value.get("system"), value.get("code")
    if source is None or code is None:
        return Quantity(number, str(code or value.get("unit") or "1"))
    if source != UCUM:
        return Quantity(number, f"{source}|{code}")
    return Quantity(number, _CALENDAR_OF_UCUM.get(code, str(code)))


def plain(item: Any) -> Any:
    """An item as JSON: nodes as they stand in the resource, dates as text."""
    if type(item) is Node:
        return item.value
    if isinstance(item, Temporal):
        return temporal.to_text(item)
    if isinstance(item, Quantity):
        return {"value": item.value, "unit": item.unit, "system": UCUM, "code": item.unit}
    if isinstance(item, TypeInfo):
        return {"namespace": item.namespace, "name": item.name}
    return item


def single(items: list[Any]) -> Any:
    """The only item as a system value; None of an empty collection.

    Raises:
        PathError: more than one item.
    """
    if not items:
        return None
    if len(items) > 1:
        raise failure(f"one item is expected, not {len(items)}")
    return system(items[0])


def single_text(items: list[Any]) -> str | None:
    """The only item, which must be a String; None of an empty collection."""
    value = single(items)
    if value is None or type(value) is str:
        return value
    if isinstance(value, Temporal):
        return temporal.to_text(value)
    if type(value) is Node and value.value is None:
        return None
    raise failure(f"a String is expected, not {described(value)}")


def single_integer(items: list[Any]) -> int | None:
    """The only item, which must be an Integer; None of an empty collection."""
    value = single(items)
    if value is None or type(value) is int:
        return value
    raise failure(f"an Integer is expected, not {described(value)}")


def single_number(items: list[Any]) -> int | Decimal | None:
    """The only item, which must be an Integer or Decimal; None of an empty collection."""
    value = single(items)
    if value is None or type(value) in (int, Decimal):
        return value  # type: ignore[no-any-return]
    raise failure(f"a number is expected, not {described(value)}")


def truth(items: list[Any]) -> bool | None:
    """Singleton evaluation: a Boolean itself, one item of another type true; None if empty.

    Raises:
        PathError: more than one item.
    """
    if not items:
        return None
    if len(items) > 1:
        raise failure(f"one Boolean is expected, not {len(items)} items")
    item = items[0]
    if type(item) is Node:
        item = item.value
        if item is None:
            return None
    return item if type(item) is bool else True


def described(item: Any) -> str:
    """The name of an item's type, for messages."""
    found = type_of(item)
    return f"{found.namespace}.{found.name}"
