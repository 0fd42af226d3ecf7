"""Steps from nodes to their members."""

from typing import Any

from minkang.fhir.path.environment import Environment, Evaluator, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.model import (
    CHOICE,
    COMPLEX,
    PRIMITIVE,
    RESOURCE,
    MemberPlan,
    is_primitive,
    is_subtype,
    member_names,
    plan,
    root_type,
)
from minkang.fhir.path.values import Node, TypeInfo, truth

_ABSENT = -1
_MANY = 50
_TEXTS = frozenset("code string uri canonical url id oid uuid markdown".split())

MAX_ITEMS = 200_000
"""Items of one collection; more is an error, not a slow answer."""


def member_step(source: Evaluator, name: str) -> Evaluator:
    """The members of a name of all nodes; how they are found is kept for each type met."""
    plans: dict[str | None, MemberPlan | None] = {}

    def step(this: Items, env: Environment) -> Items:
        found: Items = []
        met: Any = step  # no type at all
        form, key, sibling_key, kind = _ABSENT, "", "", None
        how: MemberPlan | None = None
        items = source(this, env)
        if len(items) > _MANY:
            env.spend(len(items))
        for node in items:
            if type(node) is not Node:
                if type(node) is TypeInfo:
                    found += _of_type_info(node, name)
                continue
            if node.type is not met:
                met = node.type
                if met in plans:
                    how = plans[met]
                else:
                    how = plans[met] = plan(met, name)
                if how is None:
                    form = _ABSENT
                else:
                    form, key, sibling_key, kind = how.form, how.key, how.sibling, how.type
            if how is None:
                continue
            value = node.value
            if type(value) is not dict:
                if node.sibling is None:
                    continue
                value = node.sibling
            if form == COMPLEX:
                child = value.get(key)
                if type(child) is list:
                    for one in child:
                        if type(one) is dict:
                            found.append(Node(one, kind))
                elif type(child) is dict:
                    found.append(Node(child, kind))
            elif form == PRIMITIVE:
                child = value.get(key)
                if sibling_key in value:
                    _with_siblings(found, child, value[sibling_key], kind)
                elif type(child) is list:
                    for one in child:
                        if one is not None:
                            found.append(Node(one, kind))
                elif child is not None:
                    found.append(Node(child, kind))
            else:
                _rare(found, value, how)
        return found

    return step


def text_filter(source: Evaluator, name: str, text: str, otherwise: Evaluator) -> Evaluator:
    """`where(name = 'text')`, the commonest question, without making nodes of the members.

    Args:
        source: what is filtered.
        name: a member of its items.
        text: what the member shall be.
        otherwise: evaluates the criterion for an item where the short way doesn't do.
    """
    plans: dict[str | None, MemberPlan | None] = {}

    def filtered(this: Items, env: Environment) -> Items:
        found: Items = []
        met: Any = filtered  # no type at all
        key: str | None = None
        sibling_key = ""
        items = source(this, env)
        env.spend(len(items))
        for node in items:
            if type(node) is Node:
                if node.type is not met:
                    met = node.type
                    if met not in plans:
                        plans[met] = plan(met, name)
                    how = plans[met]
                    plain = how is not None and how.form == PRIMITIVE and how.type in _TEXTS
                    key, sibling_key = (how.key, how.sibling) if how and plain else (None, "")
                value = node.value
                if key is not None and type(value) is dict and sibling_key not in value:
                    child = value.get(key)
                    if type(child) is str:
                        if child == text:
                            found.append(node)
                        continue
                    if child is None:
                        continue
            if truth(otherwise([node], env)):
                found.append(node)
        return found

    return filtered


def root_step(name: str) -> Evaluator:
    """A name that begins a path with a capital: the node itself if it is of that type."""
    member = member_step(_itself, name)

    def step(this: Items, env: Environment) -> Items:
        if this and type(this[0]) is Node:
            kind = this[0].type
            if kind == name or is_subtype(kind, name):
                return this
        return member(this, env)

    return step


def _itself(this: Items, _env: Environment) -> Items:
    return this


def _with_siblings(found: Items, child: Any, sibling: Any, kind: str | None) -> None:
    if type(child) is not list and type(sibling) is not list:
        found.append(Node(child, kind, sibling if type(sibling) is dict else None))
        return
    values = child if type(child) is list else []
    siblings = sibling if type(sibling) is list else []
    for place in range(max(len(values), len(siblings))):
        value = values[place] if place < len(values) else None
        beside = siblings[place] if place < len(siblings) else None
        if value is not None or type(beside) is dict:
            found.append(Node(value, kind, beside if type(beside) is dict else None))


def _rare(found: Items, value: dict[str, Any], how: MemberPlan) -> None:
    if how.form == RESOURCE:
        child = value.get(how.key)
        for one in child if type(child) is list else [child]:
            if type(one) is dict:
                found.append(Node(one, root_type(one)))
        return
    if how.form == CHOICE:
        choices = how.choices
        for key in value:
            if key in choices:
                kind, primitive = choices[key]
                _append(found, value, key, kind, primitive=primitive)
            elif key[:1] == "_" and key[1:] in choices and key[1:] not in value:
                _append(found, value, key[1:], choices[key[1:]][0], primitive=True)
        return
    _append(found, value, how.key, None, primitive=True)


def _append(
    found: Items, value: dict[str, Any], key: str, kind: str | None, *, primitive: bool
) -> None:
    child = value.get(key)
    sibling = value.get(f"_{key}") if primitive else None
    if sibling is not None:
        _with_siblings(found, child, sibling, kind)
        return
    for one in child if type(child) is list else [child]:
        if one is not None:
            found.append(Node(one, kind))


def _of_type_info(item: TypeInfo, name: str) -> Items:
    if name == "name":
        return [item.name]
    return [item.namespace] if name == "namespace" else []


def children(items: Items) -> Items:
    """All members of all nodes, in R4's order."""
    found: Items = []
    for node in items:
        if type(node) is not Node:
            continue
        value = node.value if type(node.value) is dict else node.sibling
        if value is None:
            continue
        if node.type is None or not member_names(node.type):
            for key in value:
                if key[:1] != "_" and key != "resourceType":
                    _append(found, value, key, None, primitive=True)
            continue
        for name in member_names(node.type):
            how = plan(node.type, name)
            if how is None:
                continue
            if how.form == COMPLEX or how.form == PRIMITIVE:
                if how.key in value or how.sibling in value:
                    primitive = how.form == PRIMITIVE
                    _append(found, value, how.key, how.type, primitive=primitive)
            else:
                _rare(found, value, how)
    return found


def descendants(items: Items) -> Items:
    """Children, their children, and so on, without the items themselves."""
    found: Items = []
    level = items
    while level:
        level = children(level)
        found += level
        if len(found) > MAX_ITEMS:
            raise failure(f"more than {MAX_ITEMS} items")
    return found


def root_node(value: Any, type_name: str | None = None) -> Node:
    """A resource, or an element whose type is given, as the node to begin with."""
    if type_name is None:
        return Node(value, root_type(value))
    if not is_primitive(type_name):
        kind = root_type(value) if is_subtype(root_type(value), type_name) else None
        return Node(value, kind or type_name)
    return Node(value, type_name)
