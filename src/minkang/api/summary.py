"""The summary of a resource: the elements that R4 marks as such (R4, 3.1.1.5.8).

In backbones and data types, too: `Attachment.data` is left out of an attachment. What an element
must have stays, and so does what may change its meaning (`modifierExtension`); other extensions
go, unless an element has nothing else to say.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from minkang.fhir import Resource
from minkang.fhir.definitions import definitions

_MODIFIER = "modifierExtension"


class _Kept(msgspec.Struct, frozen=True):
    """An element that stays, by its name in JSON: with its type, None if it is a primitive."""

    type: str | None


def summary_of(resource: Resource) -> Resource:
    """What of a resource belongs to its summary, in the same order."""
    return _part(resource, resource["resourceType"], top=True)


def _part(value: Mapping[str, Any], of_type: str, *, top: bool = False) -> dict[str, Any]:
    kept = _kept(of_type)
    part: dict[str, Any] = {}
    for name, given in value.items():
        element = kept.get(name.removeprefix("_"))
        if element is None:
            continue
        if name.startswith("_"):
            if _says_more(value.get(name[1:])):
                part[name] = given
        elif element.type is None:
            part[name] = given
        elif isinstance(given, list):
            part[name] = [_inner(one, element.type) for one in given]
        else:
            part[name] = _inner(given, element.type)
    if top:
        part = {"resourceType": of_type, **part}
    return part or dict(value)


def _inner(value: Any, of_type: str) -> Any:
    """A part of a value; a resource within (of a Bundle's entry) stays whole."""
    if not isinstance(value, dict) or "resourceType" in value:
        return value
    return _part(value, of_type)


def _says_more(value: Any) -> bool:
    """Whether the extensions of a primitive stand where its value, or one of many, is missing."""
    return value is None or (isinstance(value, list) and None in value)


@cache
def _kept(of_type: str) -> Mapping[str, _Kept]:
    """The elements of a type that belong to a summary, by their names in JSON."""
    types = definitions().types
    found: dict[str, _Kept] = {}
    for name, element in types[of_type].elements.items():
        if not (element.summary or element.min or name == _MODIFIER):
            continue
        for one in element.types:
            known = types.get(one)
            simple = known is None or known.kind == "primitive" or one == "Extension"
            given = name + one[:1].upper() + one[1:] if element.choice else name
            found[given] = _Kept(None if simple else one)
    return found
