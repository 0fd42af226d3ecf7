"""What hangs together by pairs: components, and parts of whole components."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def components(a: Any, b: Any) -> Any:
    """For each node up to the greatest the least node of its component, as an array of int64.

    Union by the lesser, halved paths (Tarjan 1975); `a` and `b` are the ends of the pairs.
    """
    if not len(a):
        return np.zeros(0, dtype=np.int64)
    parent = list(range(int(max(a.max(), b.max())) + 1))
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        root, second = one, other
        while parent[root] != root:
            parent[root] = root = parent[parent[root]]
        while parent[second] != second:
            parent[second] = second = parent[parent[second]]
        if root < second:
            parent[second] = root
        elif second < root:
            parent[root] = second
    found = np.array(parent, dtype=np.int64)
    while True:
        further = found[found]
        if np.array_equal(further, found):
            return found
        found = further


def parts(
    pairs: pa.Table, ties: Sequence[tuple[int, int]], least: int
) -> Iterator[tuple[list[int], pa.Table]]:
    """Whole components, of at least so many nodes together but for the last: nodes and pairs.

    `ties` make one component of nodes beside the pairs, whatever those weigh.
    """
    tied = np.array(ties, dtype=np.int64).reshape(-1, 2)
    a = np.concatenate([pairs.column("a").to_numpy(), tied[:, 0]])
    b = np.concatenate([pairs.column("b").to_numpy(), tied[:, 1]])
    component = components(a, b)
    nodes = np.unique(np.concatenate([a, b]))
    nodes = nodes[np.argsort(component[nodes], kind="stable")]
    of_node = component[nodes]
    of_pair = component[a[: len(pairs)]]
    order = np.argsort(of_pair, kind="stable")
    pairs, of_pair = pairs.take(order), of_pair[order]
    first = 0
    while first < len(nodes):
        last = min(first + least, len(nodes))
        last = int(np.searchsorted(of_node, of_node[last - 1], side="right"))
        low, high = np.searchsorted(of_pair, [of_node[first], of_node[last - 1] + 1])
        yield nodes[first:last].tolist(), pairs.slice(low, high - low)
        first = last
