"""Sort versions by what they say themselves, where no index has the order."""

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from minkang.fhir.extract import Extracted, extract
from minkang.fhir.search import Sort
from minkang.fhir.search_values import fold
from minkang.store.stored import Stored


def sorted_versions(
    versions: Sequence[tuple[int, Stored]], sort: Sequence[Sort], after: Stored | None = None
) -> list[tuple[int, Stored]]:
    """The versions (each with its sequence) by all keys, first key first; without a value last.

    Of several values the lowest counts going up and the highest going down (R4 3.1.1.5.9). With
    `after` only those that stand behind that version, which need not be among them.
    """

    def compare(one: list[Any], other: list[Any]) -> int:
        for key, mine, its in zip(sort, one, other, strict=False):
            if mine != its:
                if mine is None or its is None:
                    return 1 if mine is None else -1
                return 1 if (mine > its) != key.descending else -1
        return int(one[-1] > other[-1]) - int(one[-1] < other[-1])

    keyed = [(_keys(version, sort), sequence, version) for sequence, version in versions]
    if after is not None:
        end = _keys(after, sort)
        keyed = [one for one in keyed if compare(one[0], end) > 0]
    order = cmp_to_key(compare)
    return [
        (sequence, version) for _, sequence, version in sorted(keyed, key=lambda one: order(one[0]))
    ]


def _keys(version: Stored, sort: Sequence[Sort]) -> list[Any]:
    """What a version is sorted by: a value for each key, or None; then type and id."""
    values = extract(version.resource)
    keys: list[Any] = []
    for key in sort:
        found = _values(version, values, key)
        keys.append((max(found) if key.descending else min(found)) if found else None)
    return [*keys, (version.type, version.id)]


def _values(version: Stored, values: Extracted, key: Sort) -> list[Any]:
    code, kind = key.parameter.code, key.parameter.kind
    if code == "_id":
        return [version.id]
    if code == "_lastUpdated":
        return [version.updated]
    codes = {stored.code for stored in key.parameter.stored}
    match kind:
        case "date":
            return [low for c, low, _ in values.dates if c in codes]
        case "number":
            return [number for c, number in values.numbers if c in codes]
        case "quantity":
            return [low for c, low, *_ in values.quantities if c in codes]
        case "string":
            return [fold(text) for c, text in values.strings if c in codes]
        case "reference":
            return [f"{kind}/{one}" for c, kind, one in values.references if c in codes]
        case "uri":
            return [uri for c, uri in values.uris if c in codes]
        case _:
            return [v for c, _, v in values.tokens + values.identifiers if v and c in codes]
