"""Maps from codes to codes (R4 ConceptMap): what a code of one system is in another."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

from minkang.terminology.concepts import Coding

Equivalence: TypeAlias = Literal[
    "relatedto",
    "equivalent",
    "equal",
    "wider",
    "subsumes",
    "narrower",
    "specializes",
    "inexact",
    "unmatched",
    "disjoint",
]
"""How the target stands to the source: `wider`, the target means more than the source."""

_TURNED: Mapping[Equivalence, Equivalence] = {
    "wider": "narrower",
    "narrower": "wider",
    "subsumes": "specializes",
    "specializes": "subsumes",
}
_NOT_MAPPED: frozenset[Equivalence] = frozenset({"unmatched", "disjoint"})


class Target(msgspec.Struct, frozen=True):
    """One code that another is mapped to; without a code for `unmatched`."""

    code: str
    display: str = ""
    equivalence: Equivalence = "equivalent"


class Unmapped(msgspec.Struct, frozen=True):
    """What becomes of a code that a group does not name.

    `provided`: the same code; `fixed`: one code for all; `other-map`: another map is asked.
    """

    mode: Literal["provided", "fixed", "other-map"]
    code: str = ""
    display: str = ""
    url: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Codes of one system mapped to another."""

    source: str
    target: str
    elements: Mapping[str, tuple[Target, ...]]
    unmapped: Unmapped | None = None


class ConceptMap(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A map. `source`, `target`: URLs of the value sets that it is between, if it says so."""

    url: str
    version: str | None = None
    source: str | None = None
    target: str | None = None
    groups: tuple[Group, ...] = ()

    @cached_property
    def turned(self) -> "ConceptMap":
        """The same map from its targets to its sources."""
        return ConceptMap(
            url=self.url,
            version=self.version,
            source=self.target,
            target=self.source,
            groups=tuple(_turned(group) for group in self.groups),
        )


class Match(msgspec.Struct, frozen=True):
    """A translation: the code, how it stands to the one asked about, and the map that says so."""

    coding: Coding
    equivalence: Equivalence
    map: str

    @property
    def is_mapped(self) -> bool:
        """Whether it is a translation at all and not the word that there is none."""
        return self.equivalence not in _NOT_MAPPED


class Translation(msgspec.Struct, frozen=True):
    """What maps say about a code; `ask`: maps to be asked too, as a group is silent about it."""

    matches: tuple[Match, ...]
    ask: tuple[str, ...] = ()


def translate(
    maps: Iterable[ConceptMap],
    coding: Coding,
    *,
    target_system: str | None = None,
    reverse: bool = False,
) -> Translation:
    """Translations of a code, in the order of the maps, none twice.

    Args:
        target_system: only to this code system.
        reverse: from the targets of the maps to their sources.
    """
    found: dict[tuple[str, str, str], Match] = {}
    ask: list[str] = []
    for given in maps:
        one = given.turned if reverse else given
        for group in one.groups:
            if group.source != coding.system or target_system not in (None, group.target):
                continue
            targets = group.elements.get(coding.code)
            if targets is None and not reverse:
                targets = _otherwise(group.unmapped, coding, ask)
            for target in targets or ():
                made = Coding(group.target, target.code, target.display)
                match = Match(made, target.equivalence, given.url)
                found.setdefault((made.system, made.code, match.equivalence), match)
    return Translation(tuple(found.values()), tuple(ask))


def _otherwise(
    unmapped: Unmapped | None, coding: Coding, ask: list[str]
) -> tuple[Target, ...] | None:
    if unmapped is None:
        return None
    if unmapped.mode == "provided":
        return (Target(coding.code, coding.display, "equal"),)
    if unmapped.mode == "fixed":
        return (Target(unmapped.code, unmapped.display, "inexact"),)
    ask.append(unmapped.url)
    return None


def _turned(group: Group) -> Group:
    elements: dict[str, tuple[Target, ...]] = {}
    for code, targets in group.elements.items():
        for target in targets:
            if target.equivalence in _NOT_MAPPED:
                continue
            back = Target(code, "", _TURNED.get(target.equivalence, target.equivalence))
            elements[target.code] = (*elements.get(target.code, ()), back)
    return Group(source=group.target, target=group.source, elements=elements)
