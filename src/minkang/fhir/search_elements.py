"""Which JSON members an expression of a search parameter walks through, and what it ends at.

The definitions turn `Observation.value` into `valueQuantity`, `valueString` and so on, and tell
where JSON holds an array.
"""

from typing import TypeAlias

import msgspec

from minkang.fhir.definitions import Element, definitions
from minkang.fhir.search_paths import (
    Branch,
    Cast,
    Equals,
    Index,
    IsNotFalse,
    Member,
    PointsTo,
    Step,
)


class Get(msgspec.Struct, frozen=True):
    """The member `key` of a JSON object.

    Attributes:
        many: it holds an array, of which every element is meant (or one: `only`).
        only: of an array only the element at this index.
    """

    key: str
    many: bool
    only: int | None = None


class AnyNotFalse(msgspec.Struct, frozen=True):
    """True or false: whether one of the members `keys` is there and not false."""

    keys: tuple[str, ...]


JsonStep: TypeAlias = Get | Equals | PointsTo | AnyNotFalse


class Leaf(msgspec.Struct, frozen=True):
    """What one way of an expression leads to.

    Attributes:
        steps: from the node where the expression starts.
        type: FHIR type of the values at the end, e.g. `CodeableConcept`.
        element: definition of the last element; None where the node itself is meant.
    """

    steps: tuple[JsonStep, ...]
    type: str
    element: Element | None


def leaves(type_name: str, branch: Branch) -> tuple[Leaf, ...]:
    """All ways of a branch that starts at a node of the type `type_name`.

    Members that a type does not have lead nowhere (R4 writes `(X.value as Quantity)` also where
    `value` has no such type).
    """
    ways = [Leaf((), type_name, None)]
    for step, following in _pairs(branch.steps):
        if isinstance(step, Member):
            cast = following.type if isinstance(following, Cast) else None
            ways = [end for way in ways for end in _member(way, step.name, cast)]
        elif isinstance(step, Cast):
            ways = [way for way in ways if _fits(way.type, step.type)]
        elif isinstance(step, Index):
            ways = [_only(way, step.number) for way in ways]
        elif isinstance(step, IsNotFalse):
            keys = tuple(way.steps[-1].key for way in ways if isinstance(way.steps[-1], Get))
            ways = [Leaf((*ways[0].steps[:-1], AnyNotFalse(keys)), "boolean", None)]
        else:
            ways = [Leaf((*way.steps, step), way.type, way.element) for way in ways]
    return tuple(ways)


def _pairs(steps: tuple[Step, ...]) -> list[tuple[Step, Step | None]]:
    return list(zip(steps, (*steps[1:], None)[: len(steps)], strict=True))


def _member(way: Leaf, name: str, cast: str | None) -> list[Leaf]:
    definition = definitions().types.get(way.type)
    element = definition.elements.get(name) if definition else None
    if element is None:
        return []
    found = []
    for type_name in element.types:
        if cast is not None and element.choice and not _fits(type_name, cast):
            continue
        key = name + type_name[0].upper() + type_name[1:] if element.choice else name
        found.append(Leaf((*way.steps, Get(key, element.many)), type_name, element))
    return found


def _fits(type_name: str, wanted: str) -> bool:
    """Whether `type_name` is `wanted` or a specialisation of it (Age is a Quantity)."""
    types = definitions().types
    name: str | None = type_name
    while name is not None:
        if name == wanted:
            return True
        definition = types.get(name)
        name = definition.base if definition else None
    return False


def _only(way: Leaf, number: int) -> Leaf:
    *before, last = way.steps
    if isinstance(last, Get) and last.many:
        last = Get(last.key, True, number)
    return Leaf((*before, last), way.type, way.element)
