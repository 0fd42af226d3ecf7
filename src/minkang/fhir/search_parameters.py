"""The search parameters of each resource type, and under which of them values are kept.

R4 defines many parameters twice: `patient` is `subject` when it points to a Patient, `combo-code`
is `code` and `component-code` together, `phonetic` is `name` matched by sound. Their values are
extracted once, under one of them; `Parameter.stored` says which. This is found by comparing the
expressions (`fhir.search_paths`).
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from minkang.fhir.definitions import RawParameter, definitions
from minkang.fhir.search import Parameter, Stored
from minkang.fhir.search_elements import leaves
from minkang.fhir.search_paths import Branch, PointsTo, branches

COLUMNS = frozenset({"_id", "_lastUpdated"})
"""Parameters that every stored resource has as columns; no values of them are extracted."""

COMMON = frozenset({*COLUMNS, "_profile", "_security", "_source", "_tag"})
"""Parameters of every resource type, by which several types can be searched at once."""

SPELLINGS = frozenset({"phonetic"})
"""Parameters with R4's expression of another one but with values of their own (sounds)."""

UNSUPPORTED = frozenset({"special"})
"""Kinds of parameters that can't be searched by: `near` needs distances on the globe."""


class Part(msgspec.Struct, frozen=True):
    """One part of a composite parameter.

    Attributes:
        kind: FHIR's search parameter type of the part.
        branches: where its values are, from the composite's node.
    """

    kind: str
    branches: tuple[Branch, ...]


Shape: TypeAlias = frozenset[tuple[Branch, tuple[Part, ...]]]
"""What decides the values of a parameter: its branches, and of a composite the parts."""


@cache
def parameters_of(resource_type: str) -> Mapping[str, Parameter]:
    """All parameters of a resource type, the common ones included, by code.

    Raises:
        KeyError: no such resource type.
    """
    raw = {p.code: p for p in definitions().parameters[resource_type]}
    stored = {code: _stored(p, raw) for code, p in raw.items()}
    own = sorted(c for c, p in raw.items() if c not in COLUMNS and is_self(c, stored[c]))
    numbers = {code: number for number, code in enumerate(c for c in own if _kept(raw[c]))}
    made: dict[str, Parameter] = {}
    # Composites last: they hold the parameters of their parts.
    for code, p in sorted(raw.items(), key=lambda item: bool(item[1].components)):
        made[code] = Parameter(
            type=resource_type,
            code=code,
            kind=p.kind,
            number=numbers.get(code, -1),
            expression=p.expression,
            targets=_targets(p),
            stored=stored[code],
            components=tuple(made[part] for part, _ in p.components),
        )
    return MappingProxyType(dict(sorted(made.items())))


def parameter(resource_type: str, code: str) -> Parameter | None:
    """The parameter of a type, or None if the type has none of that name.

    Raises:
        KeyError: no such resource type.
    """
    return parameters_of(resource_type).get(code)


def is_self(code: str, stored: tuple[Stored, ...]) -> bool:
    """Whether values are kept under the parameter's own code."""
    return stored == (Stored(code),)


@cache
def parts_of(resource_type: str, code: str) -> tuple[Part, ...]:
    """The parts of a composite parameter, each with the branches from the composite's node."""
    raw = {p.code: p for p in definitions().parameters[resource_type]}
    return _parts(raw[code], raw)


def _parts(composite: RawParameter, raw: Mapping[str, RawParameter]) -> tuple[Part, ...]:
    paths = [branches(expression) for _, expression in composite.components]
    kinds = [raw[part].kind for part, _ in composite.components]
    if composite.code == "relationship" and kinds == ["reference", "token"]:
        # R4 gives the expressions of DocumentReference's two parts in the wrong order.
        paths.reverse()
    return tuple(Part(kind, path) for kind, path in zip(kinds, paths, strict=True))


def _kept(p: RawParameter) -> bool:
    return p.kind not in UNSUPPORTED


def _stored(p: RawParameter, raw: Mapping[str, RawParameter]) -> tuple[Stored, ...]:
    """Where the values of `p` are kept; the parameter itself if nothing else has them."""
    if p.code in SPELLINGS or p.code in COMMON:
        return (Stored(p.code),)
    twin = _twin(p, raw)
    if twin is not p:
        return tuple(_narrowed(place, p, twin) for place in _stored(twin, raw))
    shape = _shape(p, raw)
    for wanted, targets in ((shape, None), *_without_target(shape)):
        places = [place for code in _union(p, wanted, raw) for place in _stored(raw[code], raw)]
        if places:
            return tuple(Stored(place.code, targets or place.targets) for place in places)
    return (Stored(p.code),)


def _union(p: RawParameter, shape: Shape, raw: Mapping[str, RawParameter]) -> tuple[str, ...]:
    """The parameters that have exactly the values of `shape` between them; empty if none have."""
    parts = {
        q.code: _shape(q, raw)
        for q in raw.values()
        if _may_share(p, q) and _shape(q, raw) <= shape and _twin(q, raw) is q
    }
    # Of parameters that hold each other's values the smallest serve: nothing is kept twice.
    smallest = {
        code: own
        for code, own in parts.items()
        if own == shape or not any(other < own for other in parts.values())
    }
    for code, own in smallest.items():
        if own == shape:
            return (code,)
    covered: Shape = frozenset().union(*smallest.values())
    return tuple(sorted(smallest)) if covered == shape else ()


def _may_share(p: RawParameter, q: RawParameter) -> bool:
    return q is not p and q.kind == p.kind and q.code not in SPELLINGS and q.code not in COMMON


def _twin(p: RawParameter, raw: Mapping[str, RawParameter]) -> RawParameter:
    """Of the parameters with the same values: the one with the shortest, then first code."""
    same = [q for q in raw.values() if _may_share(p, q) and _shape(q, raw) == _shape(p, raw)]
    return min([p, *same], key=lambda q: (len(q.code), q.code))


def _targets(p: RawParameter) -> frozenset[str]:
    """What a reference may point to: what the expression says, else what R4 lists."""
    ends = [branch.steps[-1] if branch.steps else None for branch in branches(p.expression)]
    said = frozenset(end.type for end in ends if isinstance(end, PointsTo))
    return said if all(isinstance(end, PointsTo) for end in ends) else frozenset(p.targets)


def _narrowed(place: Stored, p: RawParameter, twin: RawParameter) -> Stored:
    """Where references are kept together, the types that only one may point to tell them apart."""
    targets = _targets(p)
    if p.kind != "reference" or not targets or targets >= _targets(twin):
        return place
    return Stored(place.code, targets if place.targets is None else targets & place.targets)


def _shape(p: RawParameter, raw: Mapping[str, RawParameter]) -> Shape:
    parts = _parts(p, raw) if p.components else ()
    return frozenset((branch, parts) for branch in branches(p.expression))


def _without_target(shape: Shape) -> list[tuple[Shape, frozenset[str]]]:
    """Of `x.where(resolve() is T)`: the shape of `x`, and T; nothing for other shapes."""
    targets = set()
    wider = set()
    for branch, parts in shape:
        if not branch.steps or not isinstance(last := branch.steps[-1], PointsTo):
            return []
        targets.add(last.type)
        wider.add((Branch(branch.steps[:-1]), parts))
    return [(frozenset(wider), frozenset(targets))] if len(targets) == 1 else []


@cache
def value_types(resource_type: str, code: str) -> frozenset[str]:
    """FHIR types of the values that a parameter's expression ends at, e.g. `CodeableConcept`."""
    expression = parameters_of(resource_type)[code].expression
    return frozenset(
        leaf.type for branch in branches(expression) for leaf in leaves(resource_type, branch)
    )


@cache
def implied_systems(resource_type: str, code: str) -> frozenset[str]:
    """Systems that bare values of a token parameter stand for, though JSON doesn't hold them.

    Of `code` elements those of the required binding, of booleans R4's `special-values`
    (FHIR R4 3.1.1.4.12).
    """
    found: set[str] = set()
    facts = definitions()
    for branch in branches(parameters_of(resource_type)[code].expression):
        for leaf in leaves(resource_type, branch):
            if leaf.type == "boolean":
                found.add("http://terminology.hl7.org/CodeSystem/special-values")
            elif leaf.type == "code" and leaf.element and leaf.element.required_codes:
                bound = facts.codes.get(leaf.element.required_codes, frozenset())
                found.update(system for system, _ in bound)
    return frozenset(found)
