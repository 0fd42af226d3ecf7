"""The residents that follow from the pairs of a batch, without any decision of people.

Where nothing that the members of a component say can be in conflict, it is one resident, and nobody
looks at it pair by pair. The others are clustered with all checks (`cluster`).
"""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minkang.identity.linkage.batch import Batch, edges_of
from minkang.identity.linkage.cluster import HeldBack, cluster
from minkang.identity.linkage.components import components
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.features import decode


class Groups(msgspec.Struct, frozen=True):
    """Residents of more than one registration, and links that were held back.

    Attributes:
        nodes, numbers: arrays: a node, and the group that it is in; those of a group together.
    """

    nodes: Any
    numbers: Any
    held_back: tuple[HeldBack, ...]

    def members(self) -> list[list[int]]:
        """The nodes of each group."""
        starts = np.flatnonzero(np.r_[True, self.numbers[1:] != self.numbers[:-1]])
        return [part.tolist() for part in np.split(self.nodes, starts[1:]) if len(part)]


def groups(
    definition: Definition, batch: Batch, pairs: pa.Table, name: Callable[[int], str]
) -> Groups:
    """The groups of all links of `Batch.pairs`; `name` gives the id that a node stands for."""
    links = pairs.filter(pc.equal(pairs.column("outcome"), "link"))
    a, b = links.column("a").to_numpy(), links.column("b").to_numpy()
    nodes = np.unique(np.concatenate([a, b]))
    component = components(a, b)
    of_node = component[nodes]
    doubtful = np.isin(of_node, batch.in_doubt(nodes, of_node))
    numbers, held = of_node.copy(), []
    if doubtful.any():
        asked = nodes[doubtful]
        found = cluster(
            {name(node): decode(body) for node, body in batch.bodies(asked).items()},
            edges_of(links.filter(pa.array(np.isin(a, asked))), name),
            margin=definition.written.margin,
        )
        held = list(found.held_back)
        place = {name(node): at for at, node in zip(np.flatnonzero(doubtful), asked, strict=True)}
        for group in found.groups:
            at = [place[one] for one in group]
            numbers[at] = nodes[min(at)]
    order = np.argsort(numbers, kind="stable")
    return Groups(nodes[order], numbers[order], tuple(held))
