"""When items are equal, equivalent, or in order (FHIRPath 2.0, 6.1 and 6.2)."""

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from minkang.fhir.path import quantity, temporal
from minkang.fhir.path.error import failure
from minkang.fhir.path.model import is_subtype
from minkang.fhir.path.quantity import Quantity
from minkang.fhir.path.temporal import Temporal
from minkang.fhir.path.values import Node, described, system

_NUMBERS = (int, Decimal)


def equal_collections(left: list[Any], right: list[Any]) -> bool | None:
    """`=`: item by item in order; None if a side is empty or a pair can't be told."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    result: bool | None = True
    for mine, other in zip(left, right, strict=True):
        same = equal(mine, other)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def equal(left: Any, right: Any) -> bool | None:
    """`=` of two items; None where precision or units don't allow an answer."""
    left, right = system(left), system(right)
    kind, other = type(left), type(right)
    if kind is other:
        if kind is Temporal:
            if (left.type == "Time") != (right.type == "Time"):
                return False
            order = temporal.compare(left, right)
            return None if order is None else order == 0
        if kind is Quantity:
            order = quantity.compare(left, right)
            return None if order is None else order == 0
        if kind is Node:
            return _same_json(left.value, right.value) and left.sibling == right.sibling
        return bool(left == right)
    if kind in _NUMBERS and other in _NUMBERS:
        return bool(left == right)
    if kind is Quantity and other in _NUMBERS:
        return equal(left, Quantity(Decimal(right), "1"))
    if other is Quantity and kind in _NUMBERS:
        return equal(right, left)
    return False


def _same_json(left: Any, right: Any) -> bool:
    # Python takes True for 1.
    return bool(left == right) and (type(left) is bool) == (type(right) is bool)


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 of two items; None where precision or units don't allow an answer.

    Raises:
        PathError: of types that have no order, or not with each other.
    """
    mine, other = system(left), system(right)
    kind, second = type(mine), type(other)
    if kind in _NUMBERS and second in _NUMBERS:
        return int(mine > other) - int(mine < other)
    if kind is Quantity and second in _NUMBERS:
        other, second = Quantity(Decimal(other), "1"), Quantity
    elif second is Quantity and kind in _NUMBERS:
        mine, kind = Quantity(Decimal(mine), "1"), Quantity
    if kind is second:
        if kind is str:
            return int(mine > other) - int(mine < other)
        if kind is Temporal:
            return temporal.compare(mine, other)
        if kind is Quantity:
            return quantity.compare(mine, other)
    if _without_value(mine) or _without_value(other):
        return None
    raise failure(f"{described(left)} and {described(right)} have no order")


def _without_value(item: Any) -> bool:
    return type(item) is Node and (item.value is None or is_subtype(item.type, "Quantity"))


def equivalent_collections(left: list[Any], right: list[Any]) -> bool:
    """`~`: every item has its partner, in whatever order."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for mine in left:
        for place, other in enumerate(rest):
            if equivalent(mine, other):
                del rest[place]
                break
        else:
            return False
    return True


def equivalent(left: Any, right: Any) -> bool:
    """`~` of two items."""
    left, right = system(left), system(right)
    kind, other = type(left), type(right)
    if kind in _NUMBERS and other in _NUMBERS:
        return quantity.equivalent_numbers(Decimal(left), Decimal(right))
    if kind is Quantity and other in _NUMBERS:
        right, other = Quantity(Decimal(right), "1"), Quantity
    elif other is Quantity and kind in _NUMBERS:
        left, kind = Quantity(Decimal(left), "1"), Quantity
    if kind is not other:
        return False
    if kind is str:
        return _folded(left) == _folded(right)
    if kind is Temporal:
        if (left.type == "Time") != (right.type == "Time"):
            return False
        return temporal.compare(left, right) == 0
    if kind is Quantity:
        return quantity.equivalent(left, right)
    if kind is Node:
        return _equivalent_json(left.value, right.value)
    return bool(left == right)


def _folded(text: str) -> str:
    return "".join(" " if c.isspace() else c for c in text.casefold())


def _equivalent_json(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            _equivalent_json(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        rest = list(right)
        for mine in left:
            for place, other in enumerate(rest):
                if _equivalent_json(mine, other):
                    del rest[place]
                    break
            else:
                return False
        return not rest
    if isinstance(left, Node | dict | list) or isinstance(right, Node | dict | list):
        return False
    if left is None or right is None:
        return left is right
    return equivalent(left, right)


def key(item: Any) -> Hashable:
    """Hashable: items of the same key are equal, items of different keys not certainly so."""
    value = system(item)
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind in _NUMBERS:
        return ("number", value)
    if kind is bool:
        return ("boolean", value)
    if kind is Temporal:
        return temporal.key(value)
    if kind is Quantity:
        return ("quantity", *(quantity.in_base(value) or (value.value, value.unit)))
    if kind is Node:
        return ("node", _frozen(value.value), _frozen(value.sibling))
    return ("type", value)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple((name, _frozen(value[name])) for name in sorted(value))
    if isinstance(value, list):
        return ("list", *[_frozen(one) for one in value])
    return (type(value) is bool, value)


def distinct(items: list[Any]) -> list[Any]:
    """Without what is equal to an earlier item."""
    seen: dict[Hashable, Any] = {}
    for item in items:
        seen.setdefault(key(item), item)
    return list(seen.values())
