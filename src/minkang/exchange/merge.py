"""What arrives in any order, twice, or in part ends in one state.

A message contributes elements to resources. For each element of a resource the latest
contribution by the source's own order stands: a map of last-writer-wins registers, which makes
merging commutative, associative and idempotent. An absent element never erases; one that is
explicitly empty does. Identifiers stand each by their system: who sends one number does not take
away another. A withdrawal takes away everything that was said before it, also what comes later:
cancel before create. The orders live in the note beside the resource (`store.Change.note`).
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from minkang.fhir import Resource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Order(msgspec.Struct, frozen=True, order=True, array_like=True):
    """When the source says it (microseconds since 1970 UTC); ties fall by content."""

    micros: int
    tie: bytes


def order_at(moment: datetime, content_hash: bytes) -> Order:
    """The order of something said at `moment` in a message with this content hash."""
    since = moment - _EPOCH
    # Dividing a timedelta takes six times as long.
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return Order(micros, content_hash[:8])


class Contribution(msgspec.Struct, frozen=True):
    """Elements that one message gives to one resource, and those it says are empty.

    Attributes:
        resource: the elements, with type and id.
        order: by which they stand.
        erased: elements that are empty; of a period also one end of it (`period.end`), of
            identifiers those of one system (`identifier|urn:…`); with `identifier` those that are
            given are all there are.
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

An element that some message gave in part has an order for each part (`period.end`), too. Of
identifiers each system has one (`identifier|urn:…`), beside that of the last time when all were
said (`identifier`). Under `WITHDRAWAL` stands the order of the latest withdrawal; whatever is not
after it is forgotten.
"""

WITHDRAWAL = "-"
_FIXED = ("resourceType", "id", "meta")
_ENDS = ("start", "end")
_NUMBERS = "identifier"


def merge(
    current: Resource | None, orders: Orders, contribution: Contribution
) -> tuple[Resource, Orders]:
    """The resource and its orders after one more contribution; the inputs are not changed.

    Of a resource that is withdrawn (`is_withdrawn`) only type, id and meta are left.
    """
    if contribution.withdrawn:
        return _withdraw(current, orders, contribution)
    if current is None and not orders and not contribution.erased | contribution.partial:
        return _begin(contribution)
    withdrawal = orders.get(WITHDRAWAL)
    if current and withdrawal is not None and withdrawal >= contribution.order:
        return current, orders
    given = {k: v for k, v in contribution.resource.items() if k not in _FIXED[:2]}
    merged = dict(current) if current else {k: contribution.resource[k] for k in _FIXED[:2]}
    after = dict(orders)
    order = contribution.order
    for element in [*given, *(contribution.erased - given.keys())]:
        if element.startswith(f"{_NUMBERS}|"):
            _erase_number(merged, after, element, order)
            continue
        if element == _NUMBERS and isinstance(given.get(element, []), list):
            whole_list = element in contribution.erased
            _merge_identifiers(merged, after, given.get(element, []), order, whole=whole_list)
            continue
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


def _begin(contribution: Contribution) -> tuple[Resource, Orders]:
    """The first that is said of a resource, whole: nothing has to be compared."""
    resource, order = contribution.resource, contribution.order
    orders: Orders = {}
    merged = {key: resource[key] for key in _FIXED if key in resource}
    for element in sorted(resource):
        if element == _NUMBERS and isinstance(resource[element], list):
            _merge_identifiers(merged, orders, resource[element], order, whole=False)
        elif element not in _FIXED:
            merged[element], orders[element] = resource[element], order
    if "meta" in resource:
        orders["meta"] = order
    return merged, orders


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
    if _NUMBERS not in left:
        numbers = [
            one
            for one in resource.get(_NUMBERS, [])
            if isinstance(one, dict) and _system_key(one) in left
        ]
        if numbers:
            merged[_NUMBERS] = numbers
    return merged, {**left, WITHDRAWAL: order}


def _merge_identifiers(
    merged: Resource, orders: Orders, given: list[Any], order: Order, *, whole: bool
) -> None:
    """Identifiers by their system; with `whole` those of other systems are gone."""
    floor = orders.get(_NUMBERS)
    kept: dict[str, list[Any]] = {}
    for one in merged.get(_NUMBERS, []):
        kept.setdefault(_system_key(one), []).append(one)
    fresh = whole and (floor is None or floor < order)
    if fresh:
        # What is said together with it stands, though its order is not after it.
        for key in {*kept, *(one for one in orders if one.startswith(number_key("")))}:
            if orders.get(key, order) <= order:
                kept.pop(key, None)
                orders.pop(key, None)
        floor = orders[_NUMBERS] = order
    said: dict[str, list[Any]] = {}
    for one in given:
        said.setdefault(_system_key(one), []).append(one)
    for key, several in said.items():
        before = orders.get(key)
        late = before is not None and before >= order
        if late or not (fresh or floor is None or floor < order):
            continue
        kept.pop(key, None)
        kept[key], orders[key] = several, order
    # Those that were said first stand first; of one message as it has them.
    known = sorted(kept, key=lambda key: orders.get(key, floor or order))
    numbers = [one for key in known for one in kept[key]]
    if numbers:
        merged[_NUMBERS] = numbers
    else:
        merged.pop(_NUMBERS, None)


def _erase_number(merged: Resource, orders: Orders, key: str, order: Order) -> None:
    """The identifiers of one system are gone."""
    before = max(filter(None, (orders.get(key), orders.get(_NUMBERS))), default=None)
    if before is not None and before >= order:
        return
    orders[key] = order
    numbers = [one for one in merged.get(_NUMBERS, []) if _system_key(one) != key]
    if numbers:
        merged[_NUMBERS] = numbers
    else:
        merged.pop(_NUMBERS, None)


def number_key(system: str) -> str:
    """The name under which the identifiers of a system are erased and ordered."""
    return f"{_NUMBERS}|{system}"


def _system_key(identifier: Any) -> str:
    system = identifier.get("system", "") if isinstance(identifier, dict) else ""
    return number_key(system)


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
