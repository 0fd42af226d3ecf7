"""The judgement of the pairs of a batch: score, guards, clusters, for one portion at a time."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from minkang.identity.linkage.batch import Portion
from minkang.identity.linkage.cluster import Clusters, Edge, cluster
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.features import Features, decode
from minkang.identity.linkage.score import score


class Judged(msgspec.Struct, frozen=True):
    """What became of a portion: records by id, edges that are not separate, clusters."""

    records: Mapping[str, Features]
    edges: tuple[Edge, ...]
    clusters: Clusters


def edges_of_portion(
    definition: Definition,
    portion: Portion,
    records: Mapping[int, Any],
    name: Callable[[int], str],
) -> tuple[Edge, ...]:
    """The edges of a portion's pairs; `name` gives the id that a node stands for."""
    edges = []
    for a, b in portion.pairs:
        scored = score(definition, records[a], records[b])
        if scored.outcome != "separate":
            one, other = sorted((name(a), name(b)))
            edges.append(Edge(one, other, scored.weight, scored.outcome, scored.rule))
    return tuple(edges)


def judged(definition: Definition, portion: Portion, name: Callable[[int], str]) -> Judged:
    """The clusters of a portion without any decision of people."""
    records = {node: decode(body) for node, body in portion.bodies.items()}
    edges = edges_of_portion(definition, portion, records, name)
    named = {name(node): record for node, record in records.items()}
    found = cluster(named, edges, margin=definition.written.margin)
    return Judged(named, edges, found)
