"""Residents from scored pairs and human decisions: a pure function, whatever the order.

Edges are taken by strength: what people decided, what a source merged, the rules, then the weights.
A union is refused if any two members of what it would make cannot be one resident.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final, Literal

import msgspec

from minkang.identity.linkage.features import Features
from minkang.identity.linkage.score import Outcome

Pair = tuple[str, str]
Cause = Literal[
    "never-the-same", "different-numbers", "twins", "sex-and-birth", "two-people", "ambiguous"
]


class Edge(msgspec.Struct, frozen=True, gc=False, order=True):
    """A scored pair; `a` is the lesser id.

    `rule` is that of the score, or `merged` for what a source itself has merged.
    """

    a: str
    b: str
    weight: float
    outcome: Outcome
    rule: str


class HeldBack(msgspec.Struct, frozen=True, gc=False):
    """A link that was refused, and why: for somebody to look at."""

    edge: Edge
    cause: Cause


class Clusters(msgspec.Struct, frozen=True):
    """The residents: every node is in one group; groups by their least member."""

    groups: tuple[frozenset[str], ...]
    held_back: tuple[HeldBack, ...]


_STRENGTH: Final = {"decision": 0, "merged": 1, "id-number": 2, "card": 3}
_SURE: Final = frozenset({"decision", "merged"})
_WEAK: Final = 4
MARGIN: Final = 6.0


def pair_of(one: str, other: str) -> Pair:
    """Two ids in the order in which decisions and edges hold them."""
    return (one, other) if one < other else (other, one)


def cluster(
    nodes: Mapping[str, Features],
    edges: Sequence[Edge],
    same: frozenset[Pair] = frozenset(),
    different: frozenset[Pair] = frozenset(),
    margin: float = MARGIN,
) -> Clusters:
    """The groups that follow from edges and decisions (`pair_of`).

    Edges and decisions of which an end is no node are left out. `same` joins whatever the features
    say; where it contradicts `different`, `different` holds. What a source has merged (`merged`)
    gives way to `different` alone. All other links give way to every cause. Edges that are no link
    make nothing.
    """
    same = frozenset(pair_of(*one) for one in same)
    different = frozenset(pair_of(*one) for one in different)
    links = [one for one in edges if one.outcome == "link"]
    links += [Edge(a, b, 0.0, "link", "decision") for a, b in same]
    links = [one for one in links if one.a in nodes and one.b in nodes and one.a != one.b]
    links = sorted(set(links), key=_order)
    groups = _Groups(nodes, different)
    sure = [one for one in links if one.rule in _SURE]
    held = [(edge, groups.join(edge)) for edge in sure]
    refused = _ambiguous(nodes, links, groups, margin)
    held += [(edge, "ambiguous") for edge in refused]
    held += [
        (edge, groups.join(edge))
        for edge in links
        if edge not in refused and edge.rule not in _SURE
    ]
    whole = sorted(groups.all(), key=min)
    apart = [
        HeldBack(edge, cause)
        for edge, cause in held
        if cause and not groups.are_together(edge.a, edge.b)
    ]
    return Clusters(tuple(map(frozenset, whole)), tuple(sorted(apart, key=_by_edge)))


def _order(edge: Edge) -> tuple[int, float, str, str]:
    return _STRENGTH.get(edge.rule, _WEAK), -edge.weight, edge.a, edge.b


def _by_edge(held: HeldBack) -> tuple[Edge, str]:
    return held.edge, held.cause


def _ambiguous(
    nodes: Mapping[str, Features], links: Iterable[Edge], sure: "_Groups", margin: float
) -> set[Edge]:
    """Links of one to two who cannot be one, when no rule and no clear distance says to which.

    `sure` are the groups that people and sources have made: in one of these two are one.
    """
    weak = [one for one in links if _STRENGTH.get(one.rule, _WEAK) == _WEAK]
    near: dict[str, list[tuple[str, Edge]]] = {}
    for edge in weak:
        near.setdefault(edge.a, []).append((edge.b, edge))
        near.setdefault(edge.b, []).append((edge.a, edge))
    found: set[Edge] = set()
    for node, others in near.items():
        others.sort(key=lambda one: (-one[1].weight, one[0]))
        for at, (one, first) in enumerate(others):
            for other, second in others[at + 1 :]:
                if first.weight - second.weight >= margin:
                    break
                if sure.are_together(one, other):
                    continue
                a, b = nodes[one], nodes[other]
                cause = "never-the-same" if sure.are_parted(one, other) else conflict(a, b)
                if cause and not (cause == "two-people" and is_between(nodes[node], a, b)):
                    found |= {first, second}
    return found


def conflict(a: Features, b: Features) -> Cause | None:
    """Why two registrations cannot be one resident, by what they say; None if they can."""
    if a.id_number and b.id_number:
        if a.id_number != b.id_number:
            return "different-numbers"
        # Names of which something is the same are judged by the guards of the pair.
        strangers = a.surname != b.surname and a.given != b.given and a.name and b.name
        return "two-people" if strangers and _unlike_names(a, b) else None
    if _are_twins(a, b):
        return "twins"
    apart = bool(a.birth_day and b.birth_day) and _unlike_births(a, b)
    if apart and a.sex and b.sex and a.sex != b.sex:
        return "sex-and-birth"
    if apart and a.name and b.name and _unlike_names(a, b):
        return "two-people"
    return None


def is_between(third: Features, a: Features, b: Features) -> bool:
    """Whether two whose names are unlike under one number are one resident by a third: it has the
    number, or none, their birth date and sex, and a name that is like each of theirs. 孑玉山 and
    孙于山 are two slips of 孙玉山; of a lent card nobody has both names.
    """
    same = (third.birth_date, third.sex) == (a.birth_date, a.sex) == (b.birth_date, b.sex)
    number = a.id_number == b.id_number and third.id_number in ("", a.id_number)
    if not (same and number and a.id_number and a.birth_date):
        return False
    return bool(third.name) and not (_unlike_names(third, a) or _unlike_names(third, b))


def _are_twins(a: Features, b: Features) -> bool:
    if not a.birth_day or abs(a.birth_day - b.birth_day) > 1:
        return False
    if a.birth_order and b.birth_order and a.birth_order != b.birth_order:
        return True
    told = a.twin and b.twin and bool(a.name and b.name)
    return told and not set(a.names) & set(b.names) and a.sound != b.sound


def _unlike_births(a: Features, b: Features) -> bool:
    """Not even a slip apart."""
    if abs(a.birth_day - b.birth_day) <= 60 or a.birth_swapped == b.birth_date:
        return False
    if a.birth_year == b.birth_year and (a.birth_rough or b.birth_rough):
        return False
    return not set(a.birth_parts) & set(b.birth_parts)


def _unlike_names(a: Features, b: Features) -> bool:
    alike = set(a.names) & set(b.names) or set(a.sounds) & set(b.sounds)
    return not (alike or a.alike == b.alike or set(a.masked) & set(b.masked))


class _Groups:
    """Groups that grow by unions (Tarjan 1975), each with its members and identity numbers."""

    def __init__(self, nodes: Mapping[str, Features], different: frozenset[Pair]) -> None:
        self._nodes = nodes
        self._group = {node: node for node in nodes}
        self._members: dict[str, list[str]] = {node: [node] for node in nodes}
        self._numbers = {
            node: frozenset([one.id_number] if one.id_number else []) for node, one in nodes.items()
        }
        self._apart: dict[str, set[str]] = {}
        for one, other in different:
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)

    def are_together(self, a: str, b: str) -> bool:
        return self._group[a] == self._group[b]

    def are_parted(self, a: str, b: str) -> bool:
        """Whether a person said that they are not one."""
        return b in self._apart.get(a, ())

    def all(self) -> Iterable[list[str]]:
        return self._members.values()

    def join(self, edge: Edge) -> Cause | None:
        """Make the groups of an edge's ends one, or say why not."""
        one, other = self._group[edge.a], self._group[edge.b]
        if one == other:
            return None
        cause = self._cause(edge.rule, one, other)
        if cause:
            return cause
        if len(self._members[one]) < len(self._members[other]):
            one, other = other, one
        for member in self._members[other]:
            self._group[member] = one
        self._members[one] += self._members.pop(other)
        self._numbers[one] |= self._numbers.pop(other)
        return None

    def _cause(self, rule: str, one: str, other: str) -> Cause | None:
        ours, theirs = self._members[one], self._members[other]
        there = set(theirs)
        if self._apart and any(self._apart.get(member, there) & there for member in ours
                               if member in self._apart):  # fmt: skip
            return "never-the-same"
        if rule in _SURE:
            return None
        numbers, others = self._numbers[one], self._numbers[other]
        if numbers and others and not numbers & others:
            return "different-numbers"
        for a, b in product(ours, theirs):
            cause = conflict(self._nodes[a], self._nodes[b])
            if cause == "two-people" and self._named_between(a, b, (*ours, *theirs)):
                continue
            # Two numbers of one resident, as people decided: the groups share one of them.
            if cause and cause != "different-numbers" and not self._bridged(a, b, ours, theirs):
                return cause
        return None

    def _named_between(self, a: str, b: str, members: Iterable[str]) -> bool:
        """Whether a third member has a name of which both of theirs are slips (`is_between`)."""
        one, other = self._nodes[a], self._nodes[b]
        between = (self._nodes[member] for member in members)
        return any(is_between(third, one, other) for third in between)

    def _bridged(self, a: str, b: str, ours: Iterable[str], theirs: Iterable[str]) -> bool:
        """Whether one of the two is, by decision, somebody who may be the other."""
        nodes = self._nodes
        return any(
            conflict(nodes[one], nodes[a]) and not conflict(nodes[one], nodes[b]) for one in ours
        ) or any(
            conflict(nodes[one], nodes[b]) and not conflict(nodes[one], nodes[a]) for one in theirs
        )
