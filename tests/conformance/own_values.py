"""Queries that must find a resource, made from the values that it holds itself.

What a parameter's values are is walked to by `tests.fhir.naive_search`, which shares nothing with
the index; how they are written into a query follows FHIR R4 3.1.1.4.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from minkang.fhir import Resource
from minkang.fhir.search import Parameter
from minkang.fhir.search_parameters import parameters_of
from tests.fhir.naive_search import INFINITE, Node, composite_groups, nodes, quantity_span

MOST = 3
"""Values asked for of one parameter: the first, the last and one between."""

SERVERS = frozenset({"_lastUpdated"})
"""Parameters of what the server writes itself."""

LONGEST = 150
"""Characters of a text asked for; strings are found by their beginning."""


def queries(resource: Resource) -> list[tuple[str, str]]:
    """Pairs of name and value, each of which must match the resource."""
    found: list[tuple[str, str]] = []
    for parameter in parameters_of(resource["resourceType"]).values():
        if parameter.code in SERVERS:
            continue
        values: Iterable[str] = (
            _composites(resource, parameter)
            if parameter.kind == "composite"
            else (one for node in nodes(resource, parameter) for one in written(parameter, node))
        )
        spread = list(dict.fromkeys(values))
        if len(spread) > MOST:
            spread = [spread[0], spread[len(spread) // 2], spread[-1]]
        found += [(parameter.code, value) for value in spread]
    return found


def written(parameter: Parameter, node: Node) -> Iterator[str]:
    """A value as it stands in a query; nothing if it can't be asked for."""
    match parameter.kind:
        case "token":
            yield from _tokens(node)
        case "string":
            yield from _strings(node)
        case "reference":
            yield from _references(node)
        case "uri":
            yield escaped(node.value)
        case "date":
            yield from _dates(node)
        case "number" if node.type in ("integer", "decimal"):
            yield str(node.value)
        case "quantity":
            yield from _quantities(node)


def escaped(text: str) -> str:
    """The text with what divides values made harmless (FHIR R4 3.1.1.4.16)."""
    return "".join(f"\\{one}" if one in "\\,$|" else one for one in text)


def _tokens(node: Node) -> Iterator[str]:
    value = node.value
    match node.type:
        case "CodeableConcept":
            for coding in value.get("coding", []):
                yield from _coded(coding.get("system"), coding.get("code"))
        case "Coding":
            yield from _coded(value.get("system"), value.get("code"))
        case "Identifier":
            yield from _coded(value.get("system"), value.get("value"))
        case "ContactPoint":
            if "value" in value:
                yield escaped(value["value"])
        case "boolean":
            yield "true" if value else "false"
        case "Reference":
            return
        case _:
            yield escaped(str(value))


def _coded(system: str | None, code: str | None) -> Iterator[str]:
    if code is not None:
        yield f"{escaped(system or '')}|{escaped(code)}"
        yield escaped(code)
    elif system is not None:
        yield f"{escaped(system)}|"


def _strings(node: Node) -> Iterator[str]:
    if node.type in ("HumanName", "Address"):
        for name in ("text", "family", "given", "prefix", "line", "city", "district", "country"):
            value = node.value.get(name)
            for text in value if isinstance(value, list) else [value]:
                if text:
                    yield escaped(text[:LONGEST])
    elif node.value.strip():
        yield escaped(node.value[:LONGEST].rstrip())


def _references(node: Node) -> Iterator[str]:
    if node.type not in ("Reference", "canonical", "uri"):
        return
    text = node.value.get("reference", "") if node.type == "Reference" else node.value
    if text and not text.startswith("#") and ("/" in text or ":" in text):
        yield escaped(text)


def _dates(node: Node) -> Iterator[str]:
    value = node.value
    match node.type:
        case "date" | "dateTime" | "instant":
            yield value
        case "Period":
            if "start" in value:
                yield f"ge{value['start']}"
            if "end" in value:
                yield f"le{value['end']}"
        case "Timing":
            for event in value.get("event", []):
                yield f"ap{event}"


def _quantities(node: Node) -> Iterator[str]:
    own = quantity_span(node)
    if own is None:
        return
    if own.low == own.high:
        number = str(node.value["value"])
    elif own.low > -INFINITE:
        number = f"gt{_plain(own.low)}"
    else:
        number = f"lt{_plain(own.high)}"
    yield number
    if own.system and own.code:
        yield f"{number}|{escaped(own.system)}|{escaped(own.code)}"
    if own.unit or own.code:
        yield f"{number}||{escaped(own.unit or own.code)}"


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _composites(resource: Resource, parameter: Parameter) -> Iterator[str]:
    """One value for each part, from one element, joined."""
    for group in composite_groups(resource, parameter):
        parts = [
            [one for node in found for one in written(component, node)]
            for component, found in zip(parameter.components, group, strict=True)
        ]
        if all(parts):
            yield "$".join(_first(part) for part in parts)


def _first(part: list[Any]) -> str:
    return str(part[0])
