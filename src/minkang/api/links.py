"""References inside a transaction: from one entry to another, and by what is searched for.

R4, 3.1.0.11.2: the server replaces every link to an entry's `fullUrl`, in references, in elements
of type uri, url, oid and uuid, and in a narrative's `href` and `src`; canonicals stay. A Bundle
that is itself an entry's resource (a document) has links of its own, which stay as well.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES, Resource
from minkang.fhir.definitions import definitions

_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_RESTFUL = re.compile(r"(https?://.+)/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_IN_TEXT = re.compile(r"""((?:href|src)\s*=\s*["'])([^"']+)""")
_OTHERS = frozenset({"reference", "div"})
"""In these there is more to look for than whether they are the link itself."""
_URI_TYPES = frozenset({"uri", "url", "oid", "uuid"})


def root_of(full_url: str) -> str | None:
    """The base of a RESTful `fullUrl`, against which relative references of its entry are read."""
    found = _RESTFUL.fullmatch(full_url)
    return found[1] if found else None


class Links(msgspec.Struct):
    """What was found in a resource.

    Attributes:
        changed: a link was replaced.
        conditional: the objects whose `reference` names what is searched for:
            `Practitioner?identifier=...`.
        lost: a reference to an entry (`urn:uuid:`, `urn:oid:`) that the Bundle does not hold.
    """

    changed: bool = False
    conditional: list[dict[str, Any]] = []
    lost: str | None = None


def relink(resource: Resource, places: Mapping[str, str], root: str | None) -> Links:
    """Replace the links of a decoded resource in place.

    `places` gives `Type/id` by `fullUrl`; `root` is that of the resource's own entry.
    """
    links = Links()
    names = _uri_names()
    waiting: list[dict[str, Any]] = [resource]
    for one in waiting:  # grows while it is walked
        if one.get("resourceType") == "Bundle":
            continue
        for name, value in one.items():
            kind = type(value)
            if kind is str:
                if name in names and (value in places or root is not None or name in _OTHERS):
                    _relink(one, name, value, places, root, links)
            elif kind is dict:
                waiting.append(value)
            elif kind is list:
                inner = [item for item in value if type(item) is dict]
                waiting += inner if len(inner) == len(value) else _objects(value)
    return links


def place_of(resource: Resource, holder: dict[str, Any]) -> str:
    """FHIRPath of an object inside a resource, the very same one."""
    waiting: list[tuple[str, Any]] = [(resource["resourceType"], resource)]
    while waiting:
        place, one = waiting.pop()
        if one is holder:
            return place
        if isinstance(one, dict):
            waiting += [(f"{place}.{name}", value) for name, value in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{place}[{number}]", value) for number, value in enumerate(one)]
    return str(resource["resourceType"])


def _objects(values: list[Any]) -> list[dict[str, Any]]:
    """The objects in an array, also in arrays inside of it, which no resource rightly has."""
    found: list[dict[str, Any]] = []
    for value in values:
        if type(value) is dict:
            found.append(value)
        elif type(value) is list:
            found += _objects(value)
    return found


def _relink(
    holder: dict[str, Any],
    name: str,
    value: str,
    places: Mapping[str, str],
    root: str | None,
    links: Links,
) -> None:
    if name == "div":
        if "href" not in value and "src" not in value:
            return
        new = _IN_TEXT.sub(lambda found: found[1] + places.get(found[2], found[2]), value)
    else:
        new = places.get(value, value)
        if root is not None and new is value and _RELATIVE.fullmatch(value):
            new = places.get(f"{root}/{value}", value)
    if new != value:
        holder[name] = new
        links.changed = True
    elif name == "reference":
        if value.startswith(("urn:uuid:", "urn:oid:")):
            links.lost = value
        elif "?" in value:
            match = _CONDITIONAL.fullmatch(value)
            if match is not None and match[1] in TYPE_CODES:
                links.conditional.append(holder)


@cache
def _uri_names() -> frozenset[str]:
    """Names in JSON that stand for nothing but links, `reference`, and a narrative's `div`."""
    linking: set[str] = {"reference"}
    others: set[str] = set()
    for definition in definitions().types.values():
        for element in definition.elements.values():
            for kind in element.types:
                suffix = kind[:1].upper() + kind[1:] if element.choice else ""
                (linking if kind in _URI_TYPES else others).add(element.name + suffix)
    # `Reference.reference` is a string; other elements of that name are References themselves.
    return frozenset((linking - others) | _OTHERS)
