"""What a mapping may know besides the message itself."""

from datetime import datetime
from typing import Any

import msgspec

from minkang.exchange.ids import derive_id, is_yearly
from minkang.exchange.merge import Order, order_at
from minkang.exchange.sources import Source
from minkang.fhir import Resource, reference

TableRow = dict[str, Any]
"""A row of a source's table: column to text, or None where it is NULL."""

ID_CARD_SYSTEM = "urn:oid:2.16.156.10011.1.3"
"""Resident identity card number (WS/T 500-2016, identifier OIDs)."""


class Context(msgspec.Struct, frozen=True):
    """The source, the key for its ids, when the message came and the hash of its bytes."""

    source: Source
    id_key: bytes
    received: datetime
    content_hash: bytes

    def id(self, resource_type: str, number: str, at: datetime | None = None) -> str:
        """The id of what the source calls `number`, given out at `at`."""
        if at is not None:
            year = at.year
        else:
            # When a message came is not asked for where it makes no difference.
            year = self.received.year if is_yearly(self.source, resource_type) else 0
        return derive_id(self.id_key, self.source, resource_type, number, year)

    def start(self, resource_type: str, resource_id: str) -> Resource:
        """A resource of this source to be filled."""
        return {"resourceType": resource_type, "id": resource_id}

    def order(self, moment: datetime | None) -> Order:
        """The order of something the source dates at `moment`, else of its arrival."""
        return order_at(moment or self.received, self.content_hash)

    def number_system(self, kind: str) -> str:
        """The identifier system of the source's own numbers of a kind (`patient`, `visit`)."""
        return f"urn:minkang:source:{self.source.id}:{kind}"

    def institution(self) -> dict[str, str]:
        """The reference to the institution that the source belongs to."""
        return {
            **reference("Organization", self.source.organisation),
            "display": self.source.system_name,
        }
