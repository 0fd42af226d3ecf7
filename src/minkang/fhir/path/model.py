"""How a member is found in JSON: the definitions of R4, prepared for navigation."""

from functools import cache
from typing import Any, Final, Literal

import msgspec

from minkang.fhir.definitions import definitions

Form = Literal[0, 1, 2, 3, 4]
COMPLEX: Final = 0
PRIMITIVE: Final = 1
CHOICE: Final = 2
RESOURCE: Final = 3
UNKNOWN: Final = 4


class MemberPlan(msgspec.Struct, frozen=True):
    """Where a member of a type stands in JSON, and of what type it is.

    Attributes:
        form: COMPLEX and PRIMITIVE are the two common cases; of a RESOURCE the type is read from
            the JSON; of a CHOICE from the key; UNKNOWN is a member of what R4 doesn't define.
        key: the JSON key.
        sibling: the key of a primitive's extensions.
        type: FHIR type, or a backbone's path.
        choices: JSON key to type and whether it is primitive.
    """

    form: Form
    key: str
    sibling: str
    type: str | None
    choices: dict[str, tuple[str, bool]] = {}


@cache
def plan(type_name: str | None, name: str) -> MemberPlan | None:
    """How to find a member in nodes of a type; None if the type has none of the name."""
    definition = definitions().types.get(type_name or "")
    if definition is None:
        return MemberPlan(UNKNOWN, name, f"_{name}", None)
    element = definition.elements.get(name)
    if element is None:
        return None
    if element.choice:
        choices = {
            f"{name}{kind[0].upper()}{kind[1:]}": (kind, is_primitive(kind))
            for kind in element.types
        }
        return MemberPlan(CHOICE, name, "", None, choices)
    kind = element.types[0]
    if kind in ("Resource", "DomainResource"):
        return MemberPlan(RESOURCE, name, "", kind)
    form: Form = PRIMITIVE if is_primitive(kind) else COMPLEX
    return MemberPlan(form, name, f"_{name}", kind)


@cache
def member_names(type_name: str) -> tuple[str, ...]:
    """The members of a type, in R4's order; empty for an unknown type."""
    definition = definitions().types.get(type_name)
    return tuple(definition.elements) if definition else ()


@cache
def is_primitive(type_name: str | None) -> bool:
    """Whether nodes of the type are bare JSON values."""
    definition = definitions().types.get(type_name or "")
    return definition is not None and definition.kind == "primitive"


def is_type(name: str) -> bool:
    """Whether R4 defines a type of the name (backbones have no name)."""
    return "." not in name and name in definitions().types


@cache
def is_subtype(type_name: str | None, ancestor: str) -> bool:
    """Whether a type is another one, or a specialisation of it."""
    current = type_name
    while current is not None:
        if current == ancestor:
            return True
        definition = definitions().types.get(current)
        current = definition.base if definition else None
    return False


@cache
def _resources() -> frozenset[str]:
    return frozenset(d.name for d in definitions().types.values() if d.kind == "resource")


def root_type(value: Any) -> str | None:
    """The type of a resource's JSON; None if R4 has no such resource."""
    name = value.get("resourceType") if type(value) is dict else None
    return name if type(name) is str and name in _resources() else None
