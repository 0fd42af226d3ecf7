"""Standard codes beside the codes of a source: put there by its map, and put there anew.

Pure. A code that the platform put beside another is marked `userSelected: false` (R4, 2.24.0.7:
not chosen by a user), so that it can be told from what the source itself said.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from minkang.fhir import Resource
from minkang.terminology.concept_elements import CONCEPT, concept_elements
from minkang.terminology.concept_map import ConceptMap, translate
from minkang.terminology.concepts import Coding

_Codings: TypeAlias = list[dict[str, Any]]
_Change: TypeAlias = Callable[[str, _Codings], _Codings]
"""From an element (`Observation.code`) and its codings to what they shall be."""


class Coded(msgspec.Struct, frozen=True):
    """A resource with standard codes beside its local ones.

    Attributes:
        resource: the same object if nothing was added.
        unmapped: codes of the source that stand alone, with the element where they stand.
        met: elements in which codes of the source stand, mapped or not, with their code system.
    """

    resource: Resource
    unmapped: tuple[tuple[str, Coding], ...] = ()
    met: tuple[tuple[str, str], ...] = ()


def systems_of(source: str) -> str:
    """How the code systems of a source's own begin (`Context.number_system`)."""
    return f"urn:minkang:source:{source}:"


def code_with(resource: Resource, concept_map: ConceptMap | None, own: str) -> Coded:
    """A resource with the standard codes of a source's map beside the source's own.

    Every concept keeps its codings in their order; a code that can't be mapped stays as it is and
    is listed with the element where it stands. One that the map calls `unmatched` is not listed,
    nor one that has a standard code beside it. `own`: how the source's own systems begin.
    """
    maps = [concept_map] if concept_map is not None else []
    unmapped: list[tuple[str, Coding]] = []
    met: dict[tuple[str, str], None] = {}

    def coded(place: str, codings: _Codings) -> _Codings:
        made = list(codings)
        standard = any(not _is_own(one, own) for one in codings)
        for one in codings:
            if not _is_own(one, own) or "code" not in one:
                continue
            local = Coding(one["system"], one["code"], one.get("display", ""))
            met[place, local.system] = None
            matches = translate(maps, local).matches
            for match in matches:
                if match.is_mapped and not _holds(made, match.coding):
                    made.append(_as_added(match.coding))
            if not (matches or standard):
                unmapped.append((place, local))
        return made if len(made) > len(codings) else codings

    return Coded(_walked(resource, own, coded), tuple(unmapped), tuple(met))


def recode(resource: Resource, concept_map: ConceptMap | None, own: str) -> Resource:
    """A stored resource as its source's map would code it now; the same object if it is so already.

    What the platform added beside a local code is taken away and added anew; what the source said
    stays. `own` as for `code_with`.
    """

    def bare(_place: str, codings: _Codings) -> _Codings:
        return [one for one in codings if one.get("userSelected") is not False]

    made = code_with(_walked(resource, own, bare), concept_map, own).resource
    return resource if made == resource else made


def _walked(resource: Resource, own: str, changed: _Change) -> Resource:
    """The resource with the codings of every concept that holds a local code gone through
    `changed`. Nothing is copied but what changes: most resources hold no local code at all.
    """
    kind = resource["resourceType"]
    made = _inside(resource, kind, kind, own, changed)
    contained = resource.get("contained")
    if contained:
        below = [
            _inside(one, one["resourceType"], f"{kind}.contained", own, changed)
            for one in contained
        ]
        if any(one is not before for one, before in zip(below, contained, strict=True)):
            made = {**made, "contained": below}
    return made


def _inside(
    node: dict[str, Any], type_name: str, place: str, own: str, changed: _Change
) -> dict[str, Any]:
    made = node
    for name, below in concept_elements(type_name):
        if name not in node:
            continue
        value = node[name]
        many = isinstance(value, list)
        held = value if many else [value]
        if below == CONCEPT:
            if not _hold_own(held, own):
                continue
            new = [_concept(one, f"{place}.{name}", changed) for one in held]
        else:
            new = [_inside(one, below, f"{place}.{name}", own, changed) for one in held]
        for one, before in zip(new, held, strict=True):
            if one is not before:
                made = {**made, name: new if many else new[0]}
                break
    return made


def _concept(concept: dict[str, Any], place: str, changed: _Change) -> dict[str, Any]:
    codings = concept.get("coding", [])
    new = changed(place, codings)
    return concept if new is codings else {**concept, "coding": new}


def _hold_own(concepts: list[dict[str, Any]], own: str) -> bool:
    # Written out: this runs for every concept of every message.
    for concept in concepts:
        for coding in concept.get("coding", ()):
            if coding.get("system", "").startswith(own):
                return True
    return False


def _is_own(coding: dict[str, Any], own: str) -> bool:
    return coding.get("system", "").startswith(own)  # type: ignore[no-any-return]


def _holds(codings: _Codings, coding: Coding) -> bool:
    return any(
        one.get("system", "") == coding.system and one.get("code") == coding.code for one in codings
    )


def _as_added(coding: Coding) -> dict[str, Any]:
    made: dict[str, Any] = {"system": coding.system, "code": coding.code}
    if coding.display:
        made["display"] = coding.display
    return {**made, "userSelected": False}
