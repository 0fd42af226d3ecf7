"""A resource being filled from the fields of a message."""

from datetime import datetime
from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Resource, reference

_UNKNOWN = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_YIELDS = 4 * 10**18
"""Microseconds: further back than any message may be dated."""


class Draft:
    """Elements that a message gives to one resource, and those it says are empty."""

    def __init__(
        self,
        context: Context,
        resource_type: str,
        number: str,
        order: Order,
        at: datetime | None = None,
    ) -> None:
        self.id = context.id(resource_type, number, at)
        self.resource: Resource = context.start(resource_type, self.id)
        self.order = order
        self._erased: set[str] = set()
        self._weak: Resource = {}
        self._partial: frozenset[str] = frozenset()

    def put(self, element: str, value: Any) -> None:
        """Give an element, if there is a value."""
        if value:
            self.resource[element] = value

    def put_or_erase(self, element: str, value: Any, segment: Segment, *fields: int) -> None:
        """Give an element; without a value, erase it if all its fields are explicitly null."""
        if value:
            self.resource[element] = value
        elif all(segment.is_null(field) for field in fields):
            self._erased.add(element)

    def erase(self, element: str) -> None:
        """Say that an element is empty."""
        self._erased.add(element)

    def part_of(self, element: str) -> None:
        """Say that an element is given in part: the other part stays as it is."""
        self._partial |= {element}

    def suppose(self, element: str, value: Any) -> None:
        """Give an element that must be there, until any message really says it."""
        self._weak[element] = value

    @property
    def reference(self) -> dict[str, str]:
        """The reference to it."""
        return reference(self.resource["resourceType"], self.id)

    def contributions(self) -> list[Contribution]:
        """What the message gives, and what is supposed where nothing is given."""
        found = [Contribution(self.resource, self.order, frozenset(self._erased), self._partial)]
        weak = {key: value for key, value in self._weak.items() if key not in self.resource}
        if weak:
            base = {"resourceType": self.resource["resourceType"], "id": self.id}
            earlier = Order(self.order.micros - _YIELDS, self.order.tie)
            found.append(Contribution({**base, **weak}, earlier))
        return found


def unknown() -> dict[str, Any]:
    """An object that must be there and of which nothing is known (R4 data-absent-reason)."""
    return {"extension": [{"url": _UNKNOWN, "valueCode": "unknown"}]}
