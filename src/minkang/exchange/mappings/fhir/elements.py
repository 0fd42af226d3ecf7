"""What a resource contributes: its elements, and those that the same words make empty.

An absent element never erases, in a PUT neither (ids-and-order). But an element of several types
(`value[x]`) is one element, and so are a primitive and its extensions (`birthDate`, `_birthDate`):
who says one form takes back the others.
"""

from functools import cache
from typing import Any, Final

from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.fhir.entries import Entry
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Resource
from minkang.fhir.definitions import definitions

_OURS: Final = ("versionId", "lastUpdated")


def contribution_of(
    context: Context,
    entry: Entry,
    resource: Resource | None,
    named: tuple[str, str],
    order: Order,
) -> Contribution:
    """What an entry contributes; `named` are the source's number and the derived id of it.

    Its links in `resource` are rewritten; without a resource it is withdrawn.
    """
    number, resource_id = named
    start = context.start(entry.type, resource_id)
    if resource is None:
        return Contribution(start, order, withdrawn=True)
    elements = {k: v for k, v in resource.items() if k not in ("resourceType", "id", "meta")}
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in _OURS}
    if meta:
        elements = {"meta": meta, **elements}
    if entry.id:
        _add_number(context, entry, elements, number)
    return Contribution({**start, **elements}, order, _erased(entry.type, elements))


def _add_number(context: Context, entry: Entry, elements: dict[str, Any], number: str) -> None:
    """The id that the source knows it by stays as an identifier, where the type has them."""
    definition = definitions().types[entry.type].elements.get("identifier")
    if definition is None:
        return
    own = {"system": context.number_system(f"fhir-{entry.type}"), "value": number}
    if definition.many:
        elements["identifier"] = [*elements.get("identifier", ()), own]
    else:
        elements.setdefault("identifier", own)


def _erased(of_type: str, elements: dict[str, Any]) -> frozenset[str]:
    others = _others(of_type)
    found = {other for name in elements for other in others.get(name, ())}
    return frozenset(found - elements.keys())


@cache
def _others(of_type: str) -> dict[str, tuple[str, ...]]:
    """JSON names of a type's elements to the other names that say the same element."""
    types = definitions().types
    names: dict[str, tuple[str, ...]] = {}
    for element in types[of_type].elements.values():
        several = []
        for one in element.types:
            name = element.name + (one[0].upper() + one[1:] if element.choice else "")
            several.append(name)
            if types[one].kind == "primitive" and one != "xhtml":
                several.append(f"_{name}")
        for name in several:
            names[name] = tuple(other for other in several if other != name)
    return names
