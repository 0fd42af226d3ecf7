"""Maps that come with the platform, made from its own tables."""

from collections.abc import Callable, Mapping
from functools import cache

from minkang.terminology.builtin import DIVISIONS, NOTIFIABLE, SEX, code_system
from minkang.terminology.concept_map import ConceptMap, Group, Target
from minkang.terminology.notifiable import history

PREFIX = "urn:minkang:cm:"

SUCCESSORS = "urn:minkang:cm:gbt2260-successors"
"""Division codes that ended, to the codes that took their place."""

GENDER = "urn:minkang:cm:gender-gbt2261.1"
"""FHIR's administrative gender to GB/T 2261.1."""

DISEASES = "urn:minkang:cm:notifiable-cv05.01.017"
"""Notifiable diseases to the table of names of WS 364."""

_FHIR_GENDER = "http://hl7.org/fhir/administrative-gender"
_DISEASE_NAMES = "urn:oid:2.16.156.10011.2.3.1.116"


def built_in_map(url: str) -> ConceptMap | None:
    """A map by its URL; None if the platform brings none of that name."""
    maker = _MAKERS.get(url)
    return maker() if maker is not None else None


def built_in_maps(source: str, target: str | None, *, reverse: bool = False) -> list[ConceptMap]:
    """The maps from one code system to another, or to any."""
    return [
        _MAKERS[url]()
        for url, systems in _BETWEEN.items()
        if systems[int(reverse)] == source and target in (None, systems[1 - int(reverse)])
    ]


@cache
def _successors() -> ConceptMap:
    divisions = code_system(DIVISIONS)
    assert divisions is not None  # noqa: S101 - it comes with the package
    elements: dict[str, tuple[Target, ...]] = {}
    for at, code in enumerate(divisions.codes):
        new = divisions.detail(at).successors
        if new:
            places = [(one, divisions.position(one)) for one in new]
            elements[code] = tuple(
                Target(
                    one,
                    divisions.display(place) if place is not None else "",
                    "equivalent" if len(new) == 1 else "inexact",
                )
                for one, place in places
            )
    return _map(SUCCESSORS, elements)


@cache
def _gender() -> ConceptMap:
    elements: dict[str, tuple[Target, ...]] = {
        "male": (Target("1", "男性"),),
        "female": (Target("2", "女性"),),
        "unknown": (Target("0", "未知的性别"),),
        "other": (Target("9", "未说明的性别", "inexact"),),
    }
    return _map(GENDER, elements)


@cache
def _diseases() -> ConceptMap:
    elements = {one.code: (Target(one.table),) for one in history() if one.table}
    return _map(DISEASES, elements)


def _map(url: str, elements: Mapping[str, tuple[Target, ...]]) -> ConceptMap:
    source, target = _BETWEEN[url]
    return ConceptMap(url=url, groups=(Group(source=source, target=target, elements=elements),))


_BETWEEN: Mapping[str, tuple[str, str]] = {
    SUCCESSORS: (DIVISIONS, DIVISIONS),
    GENDER: (_FHIR_GENDER, SEX),
    DISEASES: (NOTIFIABLE, _DISEASE_NAMES),
}
_MAKERS: Mapping[str, Callable[[], ConceptMap]] = {
    SUCCESSORS: _successors,
    GENDER: _gender,
    DISEASES: _diseases,
}
