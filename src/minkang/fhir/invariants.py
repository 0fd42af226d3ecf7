"""The constraints of R4: what must hold in a resource beyond its structure.

FHIR R4 states them in FHIRPath, on types and on elements. One is broken if its expression says
false. Where it says nothing (`ref-1` of a reference that is only a name) it is not: R4's own
expressions leave such cases open.
"""

from functools import cache
from typing import Any

import msgspec

from minkang.fhir.definitions import Constraint, Element, definitions
from minkang.fhir.path import Node, Path, PathError, compile_path
from minkang.fhir.path.model import is_primitive, root_type
from minkang.fhir.path.values import truth
from minkang.fhir.problems import Problem

_MENDED = {
    # A FHIR boolean is no System.Boolean: as R4 writes it, no answer would ever do.
    "que-7": "operator = 'exists' implies (answer is boolean)",
}
"""Expressions of R4 that can't mean what their own words say."""

_NON_EMPTY = "ele-1"
"""Every element has a value or content. It stands on everything, so it is seen without FHIRPath;
a primitive with a value and nothing beside it is not even looked at.
"""


class _Rule(msgspec.Struct, frozen=True):
    """A constraint, compiled."""

    constraint: Constraint
    path: Path


class _Member(msgspec.Struct, frozen=True):
    """What a JSON key of a type holds.

    Attributes:
        type: of the values; None for a resource, which says its type itself.
        rules: of the element; those of the type come on top.
        contained: the resources in it have the present one as their root.
    """

    type: str | None
    rules: tuple[_Rule, ...]
    contained: bool


class Checked(msgspec.Struct, frozen=True):
    """What was found in one resource.

    Attributes:
        errors: constraints broken that R4 calls errors.
        advice: good practice that the resource does not follow (R4's warnings).
    """

    errors: list[Problem]
    advice: list[Problem]


def invariants(resource: dict[str, Any]) -> list[Problem]:
    """All constraints that a resource breaks; empty if none.

    The resource was validated before: what is not of R4's structure is passed over here. A
    problem's place is the element (`Patient.contact[0]`), its rule the key (`pat-1`).
    """
    return check_invariants(resource).errors


def check_invariants(resource: dict[str, Any]) -> Checked:
    """Constraints broken and good practice not followed, kept apart."""
    kind = root_type(resource)
    checked = Checked([], [])
    if kind is not None:
        node = Node(resource, kind)
        _visit(checked, node, kind, (), _Holders(node, node))
    return checked


class _Holders(msgspec.Struct, frozen=True):
    """%resource and %rootResource."""

    resource: Node
    root: Node


def _visit(
    checked: Checked, node: Node, place: str, rules: tuple[_Rule, ...], holders: _Holders
) -> None:
    for rule in (*_rules(node.type), *rules):
        _apply(checked, rule, node, place, holders)
    value = node.value if type(node.value) is dict else node.sibling
    if value is None:
        return
    if (value is node.value or node.value is None) and not value.keys() - {"id"}:
        text = f"违反约束 {_NON_EMPTY}：All FHIR elements must have a @value or children"
        checked.errors.append(Problem("validate", place, _NON_EMPTY, text))
    members = _members(node.type)
    for key, child in value.items():
        member = members.get(key)
        if member is None:
            if key[:1] == "_" and (member := members.get(key[1:])) and key[1:] not in value:
                _each(checked, None, child, f"{place}.{key[1:]}", member, holders)
            continue
        sibling = value.get(f"_{key}")
        _each(checked, child, sibling, f"{place}.{key}", member, holders)


def _each(
    checked: Checked,
    child: Any,
    sibling: Any,
    place: str,
    member: _Member,
    holders: _Holders,
) -> None:
    """The values of a member one by one, each with its extensions if it is a primitive."""
    if type(child) is not list and type(sibling) is not list:
        _one(checked, child, sibling, place, member, holders)
        return
    values = child if type(child) is list else []
    siblings = sibling if type(sibling) is list else []
    for at in range(max(len(values), len(siblings))):
        value = values[at] if at < len(values) else None
        beside = siblings[at] if at < len(siblings) else None
        _one(checked, value, beside, f"{place}[{at}]", member, holders)


def _one(
    checked: Checked,
    value: Any,
    sibling: Any,
    place: str,
    member: _Member,
    holders: _Holders,
) -> None:
    beside = sibling if type(sibling) is dict else None
    if member.type is None:
        kind = root_type(value)
        if kind is not None:
            inner = Node(value, kind)
            root = holders.root if member.contained else inner
            _visit(checked, inner, place, member.rules, _Holders(inner, root))
        return
    if is_primitive(member.type):
        if beside is None and not member.rules:
            return
    elif type(value) is not dict:
        return
    _visit(checked, Node(value, member.type, beside), place, member.rules, holders)


def _apply(checked: Checked, rule: _Rule, node: Node, place: str, holders: _Holders) -> None:
    constraint = rule.constraint
    try:
        holds = truth(rule.path.nodes(node, holder=holders.resource, root=holders.root))
    except PathError as error:
        text = f"约束 {constraint.key} 无法判断（{error.reason}）：{constraint.human}"
    else:
        if holds is not False:
            return
        text = f"违反约束 {constraint.key}：{constraint.human}"
    found = checked.errors if constraint.severity == "error" else checked.advice
    found.append(Problem("validate", place, constraint.key, text))


@cache
def _rules(type_name: str | None) -> tuple[_Rule, ...]:
    definition = definitions().types.get(type_name or "")
    return _compiled(definition.constraints, type_name) if definition else ()


def _compiled(constraints: tuple[Constraint, ...], type_name: str | None) -> tuple[_Rule, ...]:
    return tuple(
        _Rule(constraint, compile_path(_expression(constraint), type_name=type_name))
        for constraint in constraints
        if constraint.key != _NON_EMPTY
    )


def _expression(constraint: Constraint) -> str:
    return _MENDED.get(constraint.key, constraint.expression)


@cache
def _members(type_name: str | None) -> dict[str, _Member]:
    definition = definitions().types.get(type_name or "")
    found: dict[str, _Member] = {}
    for element in definition.elements.values() if definition else ():
        for key, kind in _keys(element):
            resource = kind in ("Resource", "DomainResource")
            rules = _compiled(element.constraints, kind)
            found[key] = _Member(None if resource else kind, rules, key == "contained")
    return found


def _keys(element: Element) -> list[tuple[str, str]]:
    if not element.choice:
        return [(element.name, element.types[0])]
    return [(f"{element.name}{kind[0].upper()}{kind[1:]}", kind) for kind in element.types]
