"""How right links are, pair by pair, against the truth."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

import msgspec
import pyarrow.compute as pc

from minkang.identity.linkage.batch import Batch, edges_of
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.groups import groups

_CLEAN: Final = "clean"


class Evaluation(msgspec.Struct, frozen=True):
    """Figures of a set of links.

    Attributes:
        linked, right: pairs in one group, and those of them that are one person.
        missed: pairs of one person in two groups.
        reviews: pairs of groups that somebody is to look at.
        wrong_by_cause, missed_by_cause: pairs by what was wrong with either record; a pair with two
            causes counts under both, one without any under `clean`.
    """

    records: int
    people: int
    linked: int
    right: int
    missed: int
    reviews: int
    wrong_by_cause: dict[str, int]
    missed_by_cause: dict[str, int]

    @property
    def wrong(self) -> int:
        """Pairs in one group that are two people."""
        return self.linked - self.right

    @property
    def precision(self) -> float:
        """Of the linked pairs the share that is right; 1 if none is linked."""
        return self.right / self.linked if self.linked else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs of one person the share that is linked; 1 if there are none."""
        there = self.right + self.missed
        return self.right / there if there else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def review_share(self) -> float:
        """Reviews for each record."""
        return self.reviews / self.records if self.records else 0.0


def evaluated(
    truth: Mapping[str, str],
    groups: Iterable[Iterable[str]],
    doubtful: Iterable[tuple[str, str]] = (),
    causes: Mapping[str, Sequence[str]] | None = None,
) -> Evaluation:
    """Figures of groups against the truth (record to person).

    A record in no group is alone; records that the truth does not know are left out. `doubtful`
    are pairs of records for somebody to look at: those of the same two groups are one review.
    """
    group_of = {one: one for one in truth}
    members: dict[str, list[str]] = {}
    for group in groups:
        known = sorted(one for one in group if one in truth)
        if len(known) > 1:
            members[known[0]] = known
            group_of |= dict.fromkeys(known, known[0])
    causes = causes or {}
    right, linked, wrong = 0, 0, Counter[str]()
    for group in members.values():
        linked += _pairs(len(group))
        persons = Counter(truth[one] for one in group)
        right += sum(map(_pairs, persons.values()))
        if len(persons) > 1:
            for a, b in combinations(group, 2):
                if truth[a] != truth[b]:
                    wrong.update(_causes(causes, a, b))
    missed, count = _missed(truth, group_of, causes)
    reviews = {
        tuple(sorted((group_of[a], group_of[b])))
        for a, b in doubtful
        if a in truth and b in truth and group_of[a] != group_of[b]
    }
    return Evaluation(
        len(truth), len(set(truth.values())), linked, right, count, len(reviews),
        dict(wrong.most_common()), dict(missed.most_common()),
    )  # fmt: skip


def _missed(
    truth: Mapping[str, str], group_of: Mapping[str, str], causes: Mapping[str, Sequence[str]]
) -> tuple[Counter[str], int]:
    persons = defaultdict[str, list[str]](list)
    for one, person in truth.items():
        persons[person].append(one)
    found, count = Counter[str](), 0
    for records in persons.values():
        for a, b in combinations(records, 2):
            if group_of[a] != group_of[b]:
                count += 1
                found.update(_causes(causes, a, b))
    return found, count


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _causes(causes: Mapping[str, Sequence[str]], a: str, b: str) -> set[str]:
    return {*causes.get(a, ()), *causes.get(b, ())} or {_CLEAN}


def evaluate(
    definition: Definition,
    batch: Batch,
    ids: Sequence[str],
    truth: Mapping[str, str],
    causes: Mapping[str, Sequence[str]],
) -> Evaluation:
    """Figures of what a definition makes of a filled batch; `ids` are the nodes' names."""
    pairs = batch.pairs()
    found = groups(definition, batch, pairs, ids.__getitem__)
    review = pairs.filter(pc.equal(pairs.column("outcome"), "review"))
    doubtful = [(one.a, one.b) for one in edges_of(review, ids.__getitem__)]
    doubtful += [(one.edge.a, one.edge.b) for one in found.held_back]
    named = [frozenset(ids[node] for node in members) for members in found.members()]
    return evaluated(truth, named, doubtful, causes)
