"""What arrives in any order, twice, or in part ends in one state.

A message contributes elements to resources. For each element of a resource the latest
contribution by the source's own order stands: a map of last-writer-wins registers, which makes
merging commutative, associative and idempotent. An absent element never erases; one that is
explicitly empty does. The orders live in the note beside the resource (`store.Change.note`).
"""

from datetime import UTC, datetime, timedelta

import msgspec

from minkang.fhir import Resource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Order(msgspec.Struct, frozen=True, order=True, array_like=True):
    """When the source says it (microseconds since 1970 UTC); ties fall by content."""

    micros: int
    tie: bytes


def order_at(moment: datetime, content_hash: bytes) -> Order:
    """The order of something said at `moment` in a message with this content hash."""
    return Order((moment - _EPOCH) // timedelta(microseconds=1), content_hash[:8])


class Contribution(msgspec.Struct, frozen=True):
    """Elements that one message gives to one resource, and those it says are empty."""

    resource: Resource
    order: Order
    erased: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str]:
        """Type and id of the resource."""
        return self.resource["resourceType"], self.resource["id"]


Orders = dict[str, Order]
"""Element name to the order of the contribution that it stands by (erased ones too)."""

_FIXED = ("resourceType", "id", "meta")


def merge(
    current: Resource | None, orders: Orders, contribution: Contribution
) -> tuple[Resource, Orders]:
    """The resource and its orders after one more contribution; the inputs are not changed."""
    given = {k: v for k, v in contribution.resource.items() if k not in _FIXED}
    merged = dict(current) if current else {k: contribution.resource[k] for k in _FIXED[:2]}
    after = dict(orders)
    for element in [*given, *(contribution.erased - given.keys())]:
        before = after.get(element)
        if before is not None and before >= contribution.order:
            continue
        after[element] = contribution.order
        if element in given:
            merged[element] = given[element]
        else:
            merged.pop(element, None)
    elements = {key: merged[key] for key in sorted(merged) if key not in _FIXED}
    fixed = {key: merged[key] for key in _FIXED if key in merged}
    return {**fixed, **elements}, after


_Note = list[tuple[Order, list[str]]]
_decoder = msgspec.msgpack.Decoder(_Note)


def pack_orders(orders: Orders) -> bytes:
    """Orders as a note: elements that share one are written together."""
    groups: dict[Order, list[str]] = {}
    for element in sorted(orders):
        groups.setdefault(orders[element], []).append(element)
    return msgspec.msgpack.encode(sorted(groups.items()))


def unpack_orders(note: bytes | None) -> Orders:
    """The orders in a note; none if the resource was not written by a source."""
    if note is None:
        return {}
    return {element: order for order, elements in _decoder.decode(note) for element in elements}
