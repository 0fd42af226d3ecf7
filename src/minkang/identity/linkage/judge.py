"""The judgement of the pairs of a batch: score, guards, clusters, for one portion at a time."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import Any, Final

import msgspec

from minkang.identity.linkage.batch import Portion
from minkang.identity.linkage.cluster import Clusters, Edge, cluster
from minkang.identity.linkage.definition import Definition, Written, make_definition
from minkang.identity.linkage.features import decode
from minkang.identity.linkage.score import score


class Judged(msgspec.Struct, frozen=True):
    """What became of a portion: edges that are not separate, clusters."""

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
    return Judged(edges, found)


_WAITING: Final = 2
"""Portions that lie ready for each process."""


def judged_portions(
    definition: Definition,
    portions: Iterable[Portion],
    name: Callable[[int], str],
    processes: int = 1,
) -> Iterator[Judged]:
    """All portions judged, in their order; by so many processes, if there are some of both."""
    first = list(islice(portions := iter(portions), 2))
    portions = chain(first, portions)
    if processes == 1 or len(first) < 2:
        yield from (judged(definition, one, name) for one in portions)
        return
    waiting: deque[Future[Judged]] = deque()
    with ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), _begin, (definition.written,)
    ) as workers:
        for one in portions:
            if len(waiting) == processes * _WAITING:
                yield waiting.popleft().result()
            names = {node: name(node) for node in one.bodies}
            waiting.append(workers.submit(_judged_there, one, names))
        while waiting:
            yield waiting.popleft().result()


_definitions: list[Definition] = []
"""In a process that judges: the definition, made once."""


def _begin(written: Written) -> None:
    # What judging makes holds no cycles, and the process ends with the batch.
    gc.disable()
    _definitions[:] = [make_definition(written)]


def _judged_there(portion: Portion, names: Mapping[int, str]) -> Judged:
    return judged(_definitions[0], portion, names.__getitem__)
