"""A resource being filled from the fields of a message, which may say that they are empty."""

from datetime import datetime
from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings import draft
from minkang.exchange.mappings.context import Context
from minkang.exchange.merge import Contribution, Order


class Draft(draft.Draft):
    """Elements that a message gives to one resource, and those it says are empty."""

    def __init__(
        self,
        context: Context,
        resource_type: str,
        number: str,
        order: Order,
        at: datetime | None = None,
    ) -> None:
        super().__init__(context, resource_type, context.id(resource_type, number, at))
        self.order = order

    def put_or_erase(self, element: str, value: Any, segment: Segment, *fields: int) -> None:
        """Give an element; without a value, erase it if all its fields are explicitly null."""
        if value:
            self.put(element, value)
        elif all(segment.is_null(field) for field in fields):
            self.erase(element)

    def contributions(self, order: Order | None = None) -> list[Contribution]:
        """What the message gives, in its own order if no other is named."""
        return super().contributions(order or self.order)
