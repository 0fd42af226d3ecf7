"""What is extracted of other people's resources, held against slower ways to the same values."""

from collections.abc import Iterator, Sequence
from decimal import Context
from functools import cache
from itertools import product
from typing import Any

from minkang.fhir import decode, encode
from minkang.fhir.definitions import definitions
from minkang.fhir.extract import Extracted, extract
from minkang.fhir.path import compile_path
from minkang.fhir.search import Parameter
from minkang.fhir.search_parameters import is_self, parameters_of, parts_of
from tests.fhir import naive_search
from tests.fhir.naive_search import Node, Resource
from tests.fhir.validated_examples import official_examples, synthea_resources

_ROUNDED = Context(prec=40)


@cache
def examples() -> tuple[Resource, ...]:
    decoded = (decode(body) for body in official_examples().values())
    known = definitions().parameters
    return tuple(resource for resource in decoded if resource.get("resourceType") in known)


def own_parameters(resource: Resource) -> Iterator[Parameter]:
    for parameter in parameters_of(resource["resourceType"]).values():
        if parameter.number >= 0 and is_self(parameter.code, parameter.stored):
            yield parameter


def values_of(kind: str, node: Node) -> set[tuple[str, Any]]:
    """What an index keeps of a node: kind of value and the value."""
    match kind, node.type:
        case "token", _:
            name = "identifier" if node.type == "Identifier" else "token"
            return {(name, pair) for pair in naive_search.tokens_of(node) if any(pair)}
        case "string", _:
            return {("string", (text,)) for text in naive_search.strings_of(node)}
        case "date", _:
            span = naive_search.date_span(node)
            return {("date", span)} if span else set()
        case "number", "integer" | "decimal":
            return {("number", (_ROUNDED.create_decimal(node.value),))}
        case "quantity", _:
            quantity = naive_search.quantity_span(node)
            return {("quantity", tuple(quantity))} if quantity else set()
        case "uri", _:
            plain = node.value.split("|")[0] if node.type == "canonical" else node.value
            return {("uri", (node.value,)), ("uri", (plain,))}
        case "reference", _:
            return references_of(node)
    return set()


def references_of(node: Node) -> set[tuple[str, Any]]:
    if node.type not in ("Reference", "canonical", "uri"):
        return {("reference", (node.type, node.value["id"]))} if "id" in node.value else set()
    text = node.value.get("reference", "") if node.type == "Reference" else node.value
    plain = text.split("/_history/")[0].split("|")[0]
    parts = plain.split("/")
    if not text or text.startswith("#"):
        return set()
    if len(parts) == 2 and parts[0] in definitions().parameters:
        return {("reference", tuple(parts))}
    return {("url", (text,)), ("url", (plain,))}


def extracted_values(found: Extracted, code: str) -> set[tuple[str, Any]]:
    lists: dict[str, Sequence[tuple[Any, ...]]] = {
        "token": found.tokens,
        "identifier": found.identifiers,
        "string": found.strings,
        "date": found.dates,
        "number": found.numbers,
        "quantity": found.quantities,
        "uri": found.uris,
        "reference": found.references,
        "url": found.urls,
    }
    return {(kind, row[1:]) for kind, rows in lists.items() for row in rows if row[0] == code}


def combinations(resource: Resource, parameter: Parameter) -> set[tuple[Any, ...]]:
    kinds = [part.kind for part in parts_of(parameter.type, parameter.code)]
    found: set[tuple[Any, ...]] = set()
    for group in naive_search.composite_groups(resource, parameter, valued=True):
        parts = [
            {value for node in nodes for value in values_of(kind, node)}
            for kind, nodes in zip(kinds, group, strict=True)
        ]
        found.update(product(*parts))
    return found


def check(resource: Resource) -> None:
    """All values of all parameters, and which are present."""
    found = extract(resource)
    place = f"{resource['resourceType']}/{resource.get('id')}"
    for parameter in own_parameters(resource):
        present = bool(found.present >> parameter.number & 1)
        if parameter.kind == "composite":
            combined = combinations(resource, parameter)
            assert {row[1] for row in found.composites if row[0] == parameter.code} == combined
            assert present == bool(combined), (place, parameter.code)
            continue
        nodes = naive_search.nodes(resource, parameter)
        assert present == bool(nodes), (place, parameter.code)
        if parameter.code != "phonetic":
            expected = {value for node in nodes for value in values_of(parameter.kind, node)}
            assert extracted_values(found, parameter.code) == expected, (place, parameter.code)


def test_all_values_of_the_official_examples_are_extracted() -> None:
    for resource in examples():
        check(resource)


def test_all_values_of_synthea_are_extracted() -> None:
    for resource in synthea_resources(5):
        check(resource)


def resolved(text: str) -> Resource | None:
    """A resource that has nothing but the type that a reference names."""
    parts = text.split("/_history/")[0].split("/")
    return {"resourceType": parts[-2], "id": parts[-1]} if len(parts) > 1 else None


def test_the_slow_walk_agrees_with_fhirpath() -> None:
    """The walk that tests compare with finds what FHIR's own language finds."""
    for resource in examples():
        for parameter in own_parameters(resource):
            # One branch after the other: a union keeps one of values that are equal.
            expected = {
                encode(value)
                for branch in parameter.expression.split(" | ")
                for value in compile_path(branch).evaluate(resource, resolve=resolved)
            }
            walked = {encode(node.value) for node in naive_search.nodes(resource, parameter)}
            assert walked == expected, (resource.get("id"), parameter.type, parameter.code)
