"""What arrives in any order, twice, or in part ends in one state.

A message contributes elements to resources. For each element of a resource the latest
contribution by the source's own order stands: a map of last-writer-wins registers, which makes
merging commutative, associative and idempotent. An absent element never erases; one that is
explicitly empty does. A withdrawal takes away everything that was said before it, also what comes
later: cancel before create. The orders live in the note beside the resource (`store.Change.note`).
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
    """Elements that one message gives to one resource, and those it says are empty.

    Attributes:
        resource: the elements, with type and id.
        order: by which they stand.
        erased: elements that are empty; of a period also one end of it (`period.end`).
        partial: periods of which only what is there is said, e.g. the end alone.
        withdrawn: the resource does not exist, as of `order`; the rest says nothing then.
    """

    resource: Resource
    order: Order
    erased: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()
    withdrawn: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Type and id of the resource."""
        return self.resource["resourceType"], self.resource["id"]


Orders = dict[str, Order]
"""Element name to the order of the contribution that it stands by (erased ones too).

An element that some message gave in part has an order for each part (`period.end`), too. Under
`WITHDRAWAL` stands the order of the latest withdrawal; whatever is not after it is forgotten.
"""

WITHDRAWAL = "-"
_FIXED = ("resourceType", "id", "meta")
_ENDS = ("start", "end")


def merge(
    current: Resource | None, orders: Orders, contribution: Contribution
) -> tuple[Resource, Orders]:
    """The resource and its orders after one more contribution; the inputs are not changed.

    Of a resource that is withdrawn (`is_withdrawn`) only type, id and meta are left.
    """
    if contribution.withdrawn:
        return _withdraw(current, orders, contribution)
    withdrawal = orders.get(WITHDRAWAL)
    if current and withdrawal is not None and withdrawal >= contribution.order:
        return current, orders
    given = {k: v for k, v in contribution.resource.items() if k not in _FIXED[:2]}
    merged = dict(current) if current else {k: contribution.resource[k] for k in _FIXED[:2]}
    after = dict(orders)
    order = contribution.order
    for element in [*given, *(contribution.erased - given.keys())]:
        whole, _, end = element.partition(".")
        apart = end or element in contribution.partial
        if apart or any(f"{element}.{one}" in after for one in _ENDS):
            value = given.get(whole, {})
            for one in (end,) if end else _ENDS:
                if end or one in value or element not in contribution.partial:
                    _merge_end(merged, after, (whole, one), value.get(one), order)
            continue
        before = after.get(element)
        if before is not None and before >= order:
            continue
        after[element] = order
        if element in given:
            merged[element] = given[element]
        else:
            merged.pop(element, None)
    elements = {key: merged[key] for key in sorted(merged) if key not in _FIXED}
    fixed = {key: merged[key] for key in _FIXED if key in merged}
    return {**fixed, **elements}, after


def is_withdrawn(orders: Orders) -> bool:
    """Whether the latest that is said of a resource is that it does not exist."""
    return WITHDRAWAL in orders and len(orders) == 1


def _withdraw(
    current: Resource | None, orders: Orders, contribution: Contribution
) -> tuple[Resource, Orders]:
    """Take away what was said up to the withdrawal, unless a later one stands."""
    order = contribution.order
    before = orders.get(WITHDRAWAL)
    resource = current or {key: contribution.resource[key] for key in _FIXED[:2]}
    if before is not None and before >= order:
        return resource, orders
    left = {element: one for element, one in orders.items() if one > order}
    merged = {key: value for key, value in resource.items() if key in _FIXED or key in left}
    for element in {one.partition(".")[0] for one in left if "." in one}:
        ends = {
            end: value
            for end, value in resource.get(element, {}).items()
            if f"{element}.{end}" in left
        }
        if ends:
            merged[element] = ends
    return merged, {**left, WITHDRAWAL: order}


def _merge_end(
    merged: Resource, orders: Orders, at: tuple[str, str], value: str | None, order: Order
) -> None:
    """One end of a period; the order of a whole one is from now on that of each end."""
    element, name = at
    if (together := orders.pop(element, None)) is not None:
        orders.update({f"{element}.{end}": together for end in _ENDS})
    before = orders.get(f"{element}.{name}")
    if before is not None and before >= order:
        return
    orders[f"{element}.{name}"] = order
    ends = {**merged.get(element, {}), name: value}
    ends = {end: ends[end] for end in _ENDS if ends.get(end) is not None}
    if ends:
        merged[element] = ends
    else:
        merged.pop(element, None)


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
