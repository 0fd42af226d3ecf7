"""FHIR R4 resources and Bundles of a source, as contributions. Pure.

Lives here: reading the JSON with every limit (`read`), the entries of a Bundle (`entries`), which
number the source gave a resource (`numbers`), references between what it sends (`links`), what a
resource then contributes (`elements`). Does not live here: whether it is valid FHIR
(`minkang.fhir.validate`), the FHIR base, which is another door.

Use `map_fhir`, `label_of`.
"""

from collections.abc import Sequence

import msgspec

from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.fhir.elements import contribution_of
from minkang.exchange.mappings.fhir.entries import Entry, check_resource, entries_of
from minkang.exchange.mappings.fhir.label import label_of
from minkang.exchange.mappings.fhir.links import Links
from minkang.exchange.mappings.fhir.numbers import identifier_numbers, numbered, restful
from minkang.exchange.mappings.fhir.read import read_json
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Problem, Refused, Resource, date_range

__all__ = ["label_of", "map_fhir"]


def map_fhir(context: Context, raw: bytes) -> list[Contribution]:
    """What a resource, or a Bundle, of a source contributes.

    Raises:
        Refused: not readable, not valid, of no use here, or with references that lead nowhere;
            every problem with its place, e.g. `Bundle.entry[3].resource.birthDate`.
    """
    # A FHIR id is never given out twice (R4 2.24), not even by who begins other numbers anew.
    source = msgspec.structs.replace(context.source, number_period="never")
    context = msgspec.structs.replace(context, source=source)
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    given = read_json(raw)
    if not isinstance(given, dict):
        raise Refused([Problem("parse", "-", "type", "应为一个 FHIR 资源或 Bundle")])
    if given.get("resourceType") == "Bundle":
        entries = entries_of(given, raw)
    else:
        entries = [check_resource(given, raw)]
    numbers = numbered(context.source.id, entries)
    ids = [_id(context, entry, number) for entry, number in zip(entries, numbers, strict=True)]
    orders = [_order(context, given, entry) for entry in entries]
    _check_once(entries, ids, orders)
    links = Links(
        lambda of_type, number: own_id(context, of_type, number),
        context.source.id,
        {
            entry.full_url: f"{entry.type}/{one}"
            for entry, one in zip(entries, ids, strict=True)
            if entry.full_url
        },
        _by_identifier(context, entries, ids),
        frozenset(root for entry in entries if (root := restful(entry.full_url)[0])),
    )
    contributions = []
    for entry, number, one, order in zip(entries, numbers, ids, orders, strict=True):
        linked = links.rewritten(entry) if entry.resource is not None else None
        contributions.append(contribution_of(context, entry, linked, (number, one), order))
    if links.problems:
        raise Refused(links.problems)
    return contributions


def own_id(context: Context, of_type: str, number: str) -> str:
    """The id of what the source calls `number`; its own institution is registered under its own."""
    if of_type == "Organization" and number == context.source.organisation:
        return number
    return context.id(of_type, number)


def _id(context: Context, entry: Entry, number: str) -> str:
    return own_id(context, entry.type, number)


def _by_identifier(
    context: Context, entries: Sequence[Entry], ids: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Which entry has an identifier; one that several have means none of them."""
    found: dict[tuple[str, str], set[str]] = {}
    for entry, one in zip(entries, ids, strict=True):
        for number in identifier_numbers(context.source.id, entry.resource or {}):
            found.setdefault((entry.type, number), set()).add(f"{entry.type}/{one}")
    return {key: places.pop() for key, places in found.items() if len(places) == 1}


def _check_once(entries: Sequence[Entry], ids: Sequence[str], orders: Sequence[Order]) -> None:
    """One resource may come twice in a Bundle only where it is told which is the later.

    Raises:
        Refused: rule `duplicate`.
    """
    seen: dict[tuple[str, str, Order], Entry] = {}
    for entry, one, order in zip(entries, ids, orders, strict=True):
        before = seen.setdefault((entry.type, one, order), entry)
        if before is not entry and before.resource != entry.resource:
            text = f"与 {before.place} 是同一资源而内容不同，又没有 meta.lastUpdated 可分先后"
            raise Refused([Problem("map", entry.place, "duplicate", text)])


def _order(context: Context, given: Resource, entry: Entry) -> Order:
    """When the source says it: `meta.lastUpdated`, else `Bundle.timestamp`, else the arrival.

    Raises:
        Refused: rule `calendar-date`: a year that no clock shows.
    """
    updated = ((entry.resource or {}).get("meta") or {}).get("lastUpdated")
    place, text = f"{entry.place}.meta.lastUpdated", updated
    if not text:
        place, text = "Bundle.timestamp", given.get("timestamp")
    try:
        return context.order(date_range(text).low if text else None)
    except ValueError:
        said = f"{text} 不在可用的年份之内"
        raise Refused([Problem("map", place, "calendar-date", said)]) from None
