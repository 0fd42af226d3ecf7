"""From edges and decisions to Persons: pure. The same Patients, edges and decisions give the same
Persons, in whatever order they came."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from minkang.identity.home import home_of_number, home_of_patient, own_number
from minkang.identity.kept import Kept
from minkang.identity.linkage.cluster import Edge, cluster

Rule = Literal["id-number", "card", "weights", "decision", "merged", "apart"]
Pair = tuple[str, str]

_MERGED_WEIGHT: Final = 1000.0
"""What a source itself says of two of its Patients stands above all weights."""

_BY_RULE: Final[Mapping[str, Rule]] = {"id-number": "id-number", "card": "card"}


class Decided(msgspec.Struct, frozen=True):
    """A pair that somebody decided on, the lesser id first."""

    a: str
    b: str
    verdict: Literal["same", "different"]
    decision: int


class Group(msgspec.Struct, frozen=True):
    """The Patients of one Person, each with the rule that brought it there."""

    person: str
    rules: Mapping[str, Rule]


class HeldBack(msgspec.Struct, frozen=True):
    """A pair that would link, but for a reason (`cause`) that people have to look at."""

    a: str
    b: str
    weight: float
    cause: str


class Grouped(msgspec.Struct, frozen=True):
    """What became of some Patients."""

    groups: tuple[Group, ...]
    held_back: tuple[HeldBack, ...]


def pair_of(one: str, other: str) -> Pair:
    """Two Patients as a pair, the lesser id first."""
    return (one, other) if one < other else (other, one)


def grouped(
    id_key: bytes,
    patients: Mapping[str, Kept],
    edges: Iterable[Edge],
    decided: Sequence[Decided],
    margin: float,
) -> Grouped:
    """The Persons of Patients; `margin` as the definition says.

    `patients` are closed under linking edges, merges, "same" and equal ID numbers: whoever is not
    among them has no part in it.
    """
    linking = {(edge.a, edge.b): edge for edge in edges if edge.outcome == "link"}
    for one in patients.values():
        if one.follows is not None and one.follows in patients:
            pair = pair_of(one.patient, one.follows)
            linking[pair] = Edge(*pair, _MERGED_WEIGHT, "link", "merged")
    known = [one for one in decided if one.a in patients and one.b in patients]
    same = frozenset((one.a, one.b) for one in known if one.verdict == "same")
    different = frozenset((one.a, one.b) for one in known if one.verdict == "different")
    clusters = cluster(
        {patient: one.features for patient, one in patients.items()},
        [linking[pair] for pair in sorted(linking)],
        same,
        different,
        margin,
    )
    owners = _owners(patients.values())
    groups = [_group(id_key, patients, group, owners, linking, same) for group in clusters.groups]
    return Grouped(
        tuple(sorted(groups, key=lambda group: group.person)),
        tuple(
            HeldBack(one.edge.a, one.edge.b, one.edge.weight, one.cause)
            for one in clusters.held_back
        ),
    )


def _owners(patients: Iterable[Kept]) -> dict[int, str]:
    """To whom an ID number's Person belongs, should two Persons have it: to who came first."""
    owners: dict[int, str] = {}
    for one in sorted(patients, key=lambda kept: (kept.arrived, kept.patient)):
        if one.number is not None:
            owners.setdefault(one.number, one.patient)
    return owners


def _group(
    id_key: bytes,
    patients: Mapping[str, Kept],
    group: Collection[str],
    owners: Mapping[int, str],
    linking: Mapping[Pair, Edge],
    same: frozenset[Pair],
) -> Group:
    anchor = min(
        (patients[one] for one in group),
        key=lambda one: (one.number is None, one.follows in group, one.arrived, one.patient),
    )
    person = home_of_patient(id_key, anchor.patient)
    number = None
    if anchor.number is not None and owners[anchor.number] in group:
        number = anchor.number
        person = home_of_number(id_key, own_number(anchor.features) or "")
    rules = _rules(patients, group, number, linking, same)
    return Group(person, {one: rules.get(one, "weights") for one in sorted(group)})


def _rules(
    patients: Mapping[str, Kept],
    group: Collection[str],
    number: int | None,
    linking: Mapping[Pair, Edge],
    same: frozenset[Pair],
) -> dict[str, Rule]:
    """By which rule each is here: the weakest kind is said only where no stronger one holds."""
    if len(group) == 1:
        return dict.fromkeys(group, "id-number" if number is not None else "apart")
    rules: dict[str, Rule] = {}
    for edge in linking.values():
        if edge.a in group and edge.b in group:
            rule = _BY_RULE.get(edge.rule, "weights")
            for one in (edge.a, edge.b):
                if rules.get(one) in (None, "weights"):
                    rules[one] = rule
    for pair in same:
        rules |= {one: "decision" for one in pair if one in group}
    for one in group:
        if patients[one].follows in group:
            rules[one] = "merged"
        elif number is not None and patients[one].number == number:
            rules[one] = "id-number"
    return rules
