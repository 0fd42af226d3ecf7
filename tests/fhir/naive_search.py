"""A slow evaluation of searches over decoded resources, straight from FHIR's text.

For tests only: what an index answers is compared with it. It shares the definitions, the reading
of expressions (`fhir.search_paths`) and the comparison of two values (`fhir.search_values`) with
the rest, nothing else: values are walked to one by one, as FHIR R4 3.1.1 words it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from minkang.fhir.definitions import definitions
from minkang.fhir.search import (
    Chain,
    Clause,
    CompositeValue,
    Condition,
    DateValue,
    Has,
    NumberValue,
    OfTypeValue,
    Parameter,
    QuantityValue,
    ReferenceValue,
    Search,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)
from minkang.fhir.search_dates import EARLIEST, LATEST, approximate, span
from minkang.fhir.search_parameters import parts_of
from minkang.fhir.search_paths import (
    Branch,
    Cast,
    Equals,
    Index,
    IsNotFalse,
    Member,
    PointsTo,
    Step,
    branches,
)
from minkang.fhir.search_values import (
    date_matches,
    fold,
    fold_code,
    number_matches,
    string_matches,
    uri_matches,
)
from minkang.fhir.units import UCUM, canonical_quantity

Resource = dict[str, Any]
INFINITE = Decimal("Infinity")


class Node(NamedTuple):
    """A JSON value and its FHIR type."""

    value: Any
    type: str


def found(resources: Iterable[Resource], search: Search, *, now: int = 0) -> list[Resource]:
    """The resources that a search matches, in the order they are given (no `_sort`, no pages)."""
    everything = list(resources)
    return [
        resource
        for resource in everything
        if resource["resourceType"] in search.types
        and all(matches(resource, everything, c, now=now) for c in search.conditions)
    ]


def matches(
    resource: Resource, others: Sequence[Resource], condition: Condition, *, now: int = 0
) -> bool:
    """Whether a resource fulfils a condition.

    Args:
        resource: the candidate.
        others: all resources there are, for chains.
        condition: what is asked.
        now: microseconds since 1970 UTC, for dates asked for with `ap`.

    Raises:
        NotImplementedError: modifiers that need a terminology (`in`, `above` ... of tokens), and
            `phonetic`, which is a matter of pinyin.
    """
    if isinstance(condition, Clause):
        return _clause(resource, condition, now)
    if isinstance(condition, Chain):
        inner = dict(condition.inner)
        return any(
            target["resourceType"] in inner
            and matches(target, others, inner[target["resourceType"]], now=now)
            for node in nodes(resource, condition.parameter)
            for target in others
            if _is_reference_to(node, target)
        )
    return _has(resource, others, condition, now)


def _has(resource: Resource, others: Sequence[Resource], condition: Has, now: int) -> bool:
    return any(
        other["resourceType"] == condition.type
        and any(_is_reference_to(n, resource) for n in nodes(other, condition.parameter))
        and matches(other, others, condition.inner, now=now)
        for other in others
    )


def nodes(resource: Resource, parameter: Parameter) -> list[Node]:
    """What a parameter's expression gives of a resource."""
    start = Node(resource, resource["resourceType"])
    return [
        node
        for branch in branches(parameter.expression)
        for node in _walk([start], branch, resource)
    ]


def _walk(start: list[Node], branch: Branch, resource: Resource) -> list[Node]:
    here = [Node(resource, resource["resourceType"])] if branch.from_resource else start
    for step in branch.steps:
        here = _step(here, step)
    return here


def _step(here: list[Node], step: Step) -> list[Node]:
    match step:
        case Member(name):
            return [child for node in here for child in _children(node, name)]
        case Cast(wanted):
            return [node for node in here if _is_a(node.type, wanted)]
        case Equals(name, text):
            return [node for node in here if node.value.get(name) == text]
        case PointsTo(wanted):
            return [node for node in here if _pointed_type(node.value) == wanted]
        case Index(number):
            return here[number : number + 1]
        case IsNotFalse():
            return [Node(bool(here) and here[0].value is not False, "boolean")]


def _children(node: Node, name: str) -> list[Node]:
    definition = definitions().types.get(node.type)
    element = definition.elements.get(name) if definition else None
    if element is None or not isinstance(node.value, dict):
        return []
    children = []
    for type_name in element.types:
        key = name + type_name[0].upper() + type_name[1:] if element.choice else name
        value = node.value.get(key)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                real = one["resourceType"] if type_name == "Resource" else type_name
                children.append(Node(one, real))
    return children


def _is_a(type_name: str, wanted: str) -> bool:
    types = definitions().types
    chain = [type_name]
    while (definition := types.get(chain[-1])) is not None and definition.base is not None:
        chain.append(definition.base)
    return wanted in chain


def _pointed_type(reference: dict[str, Any]) -> str | None:
    text = reference.get("reference", "").split("/_history/")[0]
    if "/" in text:
        return str(text.split("/")[-2])
    return reference.get("type")


def _is_reference_to(node: Node, target: Resource) -> bool:
    if node.type not in ("Reference", "canonical", "uri"):
        return bool(node.value.get("id")) and (
            (node.type, node.value["id"]) == (target["resourceType"], target.get("id"))
        )
    text = node.value.get("reference", "") if node.type == "Reference" else node.value
    place = f"{target['resourceType']}/{target.get('id')}"
    return bool(text.split("/_history/")[0] == place)


def _clause(resource: Resource, clause: Clause, now: int) -> bool:
    parameter = clause.parameter
    if clause.modifier == "missing":
        if parameter.kind == "composite":
            missing = not any(
                all(parts) for parts in composite_groups(resource, parameter, valued=True)
            )
        else:
            missing = not nodes(resource, parameter)
        return missing == clause.missing
    if parameter.kind == "composite":
        groups = composite_groups(resource, parameter)
        return any(_composite(group, parameter, v, now) for group in groups for v in clause.values)
    positive = {"not": None}.get(clause.modifier or "", clause.modifier)
    hit = any(
        node_matches(parameter.kind, node, positive, value, now)
        for node in nodes(resource, parameter)
        for value in clause.values
    )
    return hit != (clause.modifier == "not")


def composite_groups(
    resource: Resource, parameter: Parameter, *, valued: bool = False
) -> list[list[list[Node]]]:
    """For each node of a composite parameter, for each of its parts, the nodes of that part.

    Args:
        resource: of which.
        parameter: the composite.
        valued: only nodes that have anything to compare.
    """
    parts = parts_of(parameter.type, parameter.code)
    return [
        [
            [
                node
                for branch in part.branches
                for node in _walk([group], branch, resource)
                if not valued or has_value(part.kind, node)
            ]
            for part in parts
        ]
        for group in nodes(resource, parameter)
    ]


def has_value(kind: str, node: Node) -> bool:
    """Whether a node has anything that a parameter of that kind compares."""
    match kind, node.type:
        case "token", _:
            return any(any(pair) for pair in tokens_of(node))
        case "quantity", _:
            return quantity_span(node) is not None
        case "date", _:
            return date_span(node) is not None
        case "reference", _:
            text = node.value.get("reference", "") if node.type == "Reference" else node.value
            return bool(text) and not text.startswith("#")
    return True


def _composite(group: list[list[Node]], parameter: Parameter, value: Value, now: int) -> bool:
    assert isinstance(value, CompositeValue)
    return all(
        any(node_matches(component.kind, node, None, part, now) for node in found_nodes)
        for component, part, found_nodes in zip(
            parameter.components, value.parts, group, strict=True
        )
    )


def node_matches(kind: str, node: Node, modifier: str | None, value: Value, now: int = 0) -> bool:
    """Whether one node fulfils one alternative."""
    match kind, value:
        case "token", StringValue(text):
            return any(fold(t).startswith(fold(text)) for t in _token_texts(node))
        case "token", OfTypeValue(system, code, identifier):
            return node.value.get("value") == identifier and any(
                (c.get("system", ""), c.get("code", "")) == (system, code)
                for c in node.value.get("type", {}).get("coding", [])
            )
        case "token", TokenValue():
            if modifier is not None:
                raise NotImplementedError(modifier)
            if node.type == "id":
                return bool(value.code == node.value)
            return any(_same_token(s, c, value) for s, c in tokens_of(node))
        case "string", StringValue(text):
            return any(string_matches(own, text, modifier) for own in strings_of(node))
        case "reference", TokenValue():
            own = node.value.get("identifier", {}) if node.type == "Reference" else {}
            return bool(own) and _same_token(own.get("system", ""), own.get("value", ""), value)
        case "reference", ReferenceValue():
            return _same_reference(node, value)
        case "uri", UriValue(uri):
            return _same_uri(node, uri, modifier)
        case "date", DateValue():
            return _same_date(node, value, now)
        case "number", NumberValue():
            if node.type not in ("integer", "decimal"):
                return False
            return number_matches(Decimal(node.value), Decimal(node.value), value)
        case "quantity", QuantityValue():
            return _same_quantity(node, value)
    raise NotImplementedError(kind, value)


def tokens_of(node: Node) -> list[tuple[str, str]]:
    """System and code of everything that a token parameter compares of a node."""
    value = node.value
    match node.type:
        case "CodeableConcept":
            return [(c.get("system", ""), c.get("code", "")) for c in value.get("coding", [])]
        case "Coding":
            return [(value.get("system", ""), value.get("code", ""))]
        case "Identifier":
            return [(value.get("system", ""), value.get("value", ""))]
        case "ContactPoint":
            return [("", value["value"])] if "value" in value else []
        case "boolean":
            return [("", "true" if value else "false")]
        case "code" | "id" | "string" | "uri":
            return [("", value)]
    return []


def _same_token(system: str, code: str, wanted: TokenValue) -> bool:
    if wanted.system is not None and wanted.system != system:
        return False
    return wanted.code is None or fold_code(wanted.code) == fold_code(code)


def _token_texts(node: Node) -> list[str]:
    value = node.value
    match node.type:
        case "CodeableConcept":
            texts = [value.get("text"), *(c.get("display") for c in value.get("coding", []))]
        case "Coding":
            texts = [value.get("display")]
        case "Identifier":
            texts = [value.get("type", {}).get("text")]
        case _:
            texts = []
    return [text for text in texts if text is not None]


def strings_of(node: Node) -> list[str]:
    """Every text of a node."""
    if node.type in ("HumanName", "Address"):
        names = ("use", "type", "period", "id", "extension")
        texts: list[str] = []
        for key, value in node.value.items():
            if key not in names and not key.startswith("_"):
                texts += [v for v in (value if isinstance(value, list) else [value]) if v]
        return texts
    return [node.value]


def _same_reference(node: Node, wanted: ReferenceValue) -> bool:
    if node.type not in ("Reference", "canonical", "uri"):
        return wanted.id is not None and (
            node.value.get("id") == wanted.id and wanted.type in (None, node.type)
        )
    text = node.value.get("reference", "") if node.type == "Reference" else node.value
    plain = text.split("/_history/")[0]
    if wanted.url is not None:
        return wanted.url in (text, plain, plain.split("|")[0]) and ":" in text
    parts = plain.split("/")
    return len(parts) == 2 and parts[1] == wanted.id and wanted.type in (None, parts[0])


def _same_uri(node: Node, wanted: str, modifier: str | None) -> bool:
    own = [node.value]
    if node.type == "canonical":
        own.append(node.value.split("|")[0])
    return any(uri_matches(uri, wanted, modifier) for uri in own)


def date_span(node: Node) -> tuple[int, int] | None:
    """What a date, Period or Timing covers."""
    value = node.value
    match node.type:
        case "date" | "dateTime" | "instant":
            return span(value)
        case "Period" if "start" in value or "end" in value:
            low = span(value["start"])[0] if "start" in value else EARLIEST
            return low, span(value["end"])[1] if "end" in value else LATEST
        case "Timing":
            bounds = date_span(Node(value.get("repeat", {}).get("boundsPeriod", {}), "Period"))
            spans = [span(event) for event in value.get("event", [])] + ([bounds] if bounds else [])
            if spans:
                return min(low for low, _ in spans), max(high for _, high in spans)
    return None


def _same_date(node: Node, wanted: DateValue, now: int) -> bool:
    own = date_span(node)
    if own is None:
        return False
    if wanted.prefix == "ap":
        low, high = approximate(wanted.low, wanted.high, now)
        wanted = DateValue("ap", low, high)
    return date_matches(*own, wanted)


class Span(NamedTuple):
    """A quantity: both ends inside, infinite where open."""

    low: Decimal
    high: Decimal
    system: str
    code: str
    unit: str


def quantity_span(node: Node) -> Span | None:
    """From where to where a quantity, Range or Money reaches."""
    value = node.value
    if node.type == "Range":
        low, high = value.get("low", {}), value.get("high", {})
        if "value" not in low and "value" not in high:
            return None
        unit = low if "value" in low else high
        return Span(
            Decimal(low["value"]) if "value" in low else -INFINITE,
            Decimal(high["value"]) if "value" in high else INFINITE,
            *(unit.get(key, "") for key in ("system", "code", "unit")),
        )
    if node.type == "SampledData" or "value" not in value:
        return None
    number = Decimal(value["value"])
    if node.type == "Money":
        currency = value.get("currency", "")
        return Span(number, number, "urn:iso:std:iso:4217" if currency else "", currency, "")
    unit = [value.get(key, "") for key in ("system", "code", "unit")]
    match value.get("comparator"):
        case "<" | "<=":
            return Span(-INFINITE, number, *unit)
        case ">" | ">=":
            return Span(number, INFINITE, *unit)
    return Span(number, number, *unit)


def _same_quantity(node: Node, wanted: QuantityValue) -> bool:
    own = quantity_span(node)
    if own is None:
        return False
    if wanted.system is None:
        fits = wanted.code is None or wanted.code in (own.code, own.unit)
        return fits and number_matches(own.low, own.high, wanted.number)
    if wanted.system != own.system:
        return False
    if wanted.code is None or wanted.code == own.code:
        return number_matches(own.low, own.high, wanted.number)
    number = wanted.number
    ends = [canonical_quantity(v, UCUM, own.code) for v in (own.low, own.high)]
    asked = [
        canonical_quantity(v, UCUM, wanted.code) for v in (number.low, number.value, number.high)
    ]
    if own.system != UCUM or not all(ends) or not all(asked):
        return False
    (low, unit), (high, _) = (end for end in ends if end)
    (asked_low, asked_unit), (asked_value, _), (asked_high, _) = (end for end in asked if end)
    return unit == asked_unit and number_matches(
        low, high, NumberValue(number.prefix, asked_value, asked_low, asked_high)
    )
