"""Where in a resource concepts (CodeableConcept) may stand, by R4's definitions.

Looking only there costs a hundredth of a walk through everything. Left out is what says nothing
clinical: identifiers with their types, references, extensions, `meta`.
"""

from functools import cache

from minkang.fhir.definitions import Element, definitions

CONCEPT = "CodeableConcept"
_LEFT_OUT = frozenset({"Extension", "Identifier", "Meta", "Narrative", "Reference", "Resource"})


@cache
def concept_elements(type_name: str) -> tuple[tuple[str, str], ...]:
    """The members of a type in which concepts stand, with the type of what they hold.

    That is `CodeableConcept`, or the name of a type in which concepts stand further down; empty
    for a type that is not known.
    """
    return tuple(
        (key, below) for key, below in _members(type_name) if below == CONCEPT or _leads(below, ())
    )


def _leads(type_name: str, above: tuple[str, ...]) -> bool:
    """Whether concepts stand somewhere in a type."""
    return any(
        below == CONCEPT or (below not in above and _leads(below, (*above, type_name)))
        for _, below in _members(type_name)
        if below != type_name
    )


@cache
def _members(type_name: str) -> tuple[tuple[str, str], ...]:
    """The members of a type that are objects, as they are called in JSON, and their types."""
    types = definitions().types
    known = types.get(type_name)
    if known is None or known.kind == "primitive":
        return ()
    return tuple(
        (_key(element, one), one)
        for element in known.elements.values()
        for one in element.types
        if one not in _LEFT_OUT and one in types and types[one].kind != "primitive"
    )


def _key(element: Element, type_name: str) -> str:
    if not element.choice:
        return element.name
    return element.name + type_name[0].upper() + type_name[1:]
