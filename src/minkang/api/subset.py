"""Parts of resources: `_summary` and `_elements` (R4, 3.1.1.5.8, 3.1.1.5.9)."""

import re
from collections.abc import Sequence

import msgspec

from minkang.api.outcomes import Refusal
from minkang.api.summary import summary_of
from minkang.fhir import Resource, encode
from minkang.fhir.definitions import definitions
from minkang.store import Stored

_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}
_ALWAYS = ("resourceType", "id", "meta")
_SUMMARIES = frozenset({"true", "text", "data", "count", "false"})
_ELEMENT = re.compile(r"(?:[A-Z][A-Za-z]*\.)?([a-z][A-Za-z0-9]*)", re.ASCII)


class Subset(msgspec.Struct, frozen=True):
    """What of a resource is wanted; `elements` are top-level names, empty for all."""

    summary: str = "false"
    elements: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Nothing is left out."""
        return not self.elements and self.summary in ("false", "count")


def subset_of(query: Sequence[tuple[str, str]]) -> Subset | None:
    """What the query of a read asks for; None for the whole resource.

    Raises:
        Refusal: 400: a parameter that reading does not have, or a wrong value.
    """
    summary, elements = "false", []
    for name, value in query:
        if name == "_summary":
            if value not in _SUMMARIES:
                raise Refusal(400, "value", f"_summary 不认识：{value[:40]!r}", "_summary")
            summary = value
        elif name == "_elements":
            elements += [_element(one.strip()) for one in value.split(",") if one.strip()]
        elif name not in ("_format", "_pretty"):
            raise Refusal(400, "not-supported", f"读取时没有参数 {name[:60]!r}", name[:60])
    found = Subset(summary, tuple(elements))
    return None if found.whole else found


def _element(text: str) -> str:
    found = _ELEMENT.fullmatch(text)
    if found is None:
        raise Refusal(
            400,
            "value",
            f"_elements 只能列出资源的一级元素：{text[:60]!r} / top-level elements only",
            "_elements",
        )
    return found[1]


def reduced(stored: Stored, subset: Subset) -> bytes:
    """A version's JSON with only what is wanted, marked as SUBSETTED."""
    if subset.whole:
        return stored.body
    return encode(part_of(stored.resource, subset))


def part_of(resource: Resource, subset: Subset) -> Resource:
    """What is wanted of a resource, what it must have, id and meta; marked as SUBSETTED."""
    if subset.elements:
        kept = _names(resource, frozenset(subset.elements))
    elif subset.summary == "text":
        kept = _names(resource, frozenset({"text"}))
    elif subset.summary == "true":
        resource = summary_of(resource)
        kept = frozenset(resource)
    else:
        kept = frozenset(resource) - {"text"}
    part = {name: value for name, value in resource.items() if name in kept or name in _ALWAYS}
    meta = dict(part.get("meta", {}))
    tags = [tag for tag in meta.get("tag", []) if tag.get("code") != "SUBSETTED"]
    part["meta"] = {**meta, "tag": [*tags, _SUBSETTED]}
    return part


def _names(resource: Resource, wanted: frozenset[str]) -> frozenset[str]:
    """Names in the resource that were asked for or that its type must have."""
    kept = set()
    elements = definitions().types[resource["resourceType"]].elements
    for name, element in elements.items():
        if name not in wanted and element.min == 0:
            continue
        for given in resource:
            bare = given.removeprefix("_")
            if bare == name or (element.choice and _is_choice(bare, name)):
                kept.add(given)
    return frozenset(kept)


def _is_choice(given: str, name: str) -> bool:
    return given.startswith(name) and given[len(name) : len(name) + 1].isupper()
