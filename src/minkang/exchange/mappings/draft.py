"""A resource being filled, whatever kind of message fills it."""

from typing import Any, Final

from minkang.exchange.mappings.context import Context
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Resource, reference

_UNKNOWN: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_YIELDS: Final = 4 * 10**18
"""Microseconds: further back than any message may be dated."""


class Draft:
    """Elements that a message gives to one resource. What is absent in it erases nothing."""

    def __init__(self, context: Context, resource_type: str, resource_id: str) -> None:
        self.id = resource_id
        self.resource: Resource = context.start(resource_type, resource_id)
        self._supposed: Resource = {}
        self._added: set[tuple[str, str]] = set()
        self._erased: set[str] = set()
        self._partial: frozenset[str] = frozenset()

    @property
    def reference(self) -> dict[str, str]:
        """The reference to it."""
        return reference(self.resource["resourceType"], self.id)

    def put(self, element: str, value: Any) -> None:
        """Give an element, if there is a value."""
        if value:
            self.resource[element] = value

    def add(self, element: str, value: Any) -> None:
        """Give one more of a repeating element, if there is a value and it is not there yet."""
        key = (element, repr(value))
        if value and key not in self._added:
            self._added.add(key)
            self.resource.setdefault(element, []).append(value)

    def suppose(self, element: str, value: Any) -> None:
        """Give an element that must be there, until any message really says it."""
        self._supposed[element] = value

    def erase(self, element: str) -> None:
        """Say that an element is empty."""
        self._erased.add(element)

    def part_of(self, element: str) -> None:
        """Say that an element is given in part: the other part stays as it is."""
        self._partial |= {element}

    def contributions(self, order: Order) -> list[Contribution]:
        """What the message gives, and what is supposed where nothing is given."""
        found = [Contribution(self.resource, order, frozenset(self._erased), self._partial)]
        weak = {key: value for key, value in self._supposed.items() if key not in self.resource}
        if weak:
            base = {key: self.resource[key] for key in ("resourceType", "id")}
            found.append(Contribution({**base, **weak}, Order(order.micros - _YIELDS, order.tie)))
        return found


def unknown() -> dict[str, Any]:
    """An object that must be there and of which nothing is known (R4 data-absent-reason)."""
    return {"extension": [{"url": _UNKNOWN, "valueCode": "unknown"}]}
