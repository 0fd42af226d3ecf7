"""What matching can do of new Patients before its turn, so that nobody waits for it meanwhile.

Features and keys of a Patient that nobody else knows yet are in nobody's way. Whom it may be the
same as is looked up and scored, too; within the turn only what has changed since is looked at
again. The more residents a region has, the more of them share a key with somebody, so this is the
part that grows.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from minkang.identity.candidates import Pairs, blocks_of, pairs_of
from minkang.identity.kept import Kept, Worked, keep, kept_nodes
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.score import score
from minkang.identity.region import StoredEdge, stored_edge
from minkang.store import Connection, Store


class Ahead(msgspec.Struct, frozen=True):
    """What was found before the turn.

    Attributes:
        own: the new Patients, by id, as they are kept.
        kept: they and whom they were compared with, by node, as those were then.
        edges: of each pair that was scored what came of it; None: not one person.
    """

    own: Mapping[str, Kept]
    kept: Mapping[int, Kept]
    edges: Mapping[tuple[int, int], StoredEdge | None]


NOT_AHEAD: Final = Ahead({}, {}, {})
"""Nothing was looked at before the turn."""


async def look_ahead(
    store: Store, connection: Connection, definition: Definition, patients: Sequence[Worked]
) -> Ahead:
    """Keep what was worked out of Patients, and score them with whom they may be the same as.

    They are Patients that the caller's transaction has made: were others able to know them, whoever
    has the turn could wait for this transaction, and this one for the turn. Of whom something is
    kept all the same (a purge has still to let it go), nothing is done here.

    Raises:
        SealBroken: what is kept of a Patient is not what was written.
    """
    if not patients:
        return NOT_AHEAD
    nodes = await keep(store, connection, patients, {}, replace=False)
    own = {one.patient: one.kept(*nodes[one.patient]) for one in patients if one.patient in nodes}
    wanted = {own[one.patient].node: one.keys for one in patients if one.patient in own}
    blocks = await blocks_of(connection, {key for keys in wanted.values() for key in keys})
    pairs = pairs_of(blocks, wanted)
    kept = {one.node: one for one in own.values()}
    kept |= await kept_nodes(store, connection, {n for pair in pairs for n in pair} - kept.keys())
    return Ahead(own, kept, {pair: edge_of(definition, kept, pair) for pair in pairs})


def edges_between(
    definition: Definition, known: Mapping[int, Kept], pairs: Pairs, ahead: Ahead = NOT_AHEAD
) -> list[StoredEdge]:
    """Those of some pairs that may be one person; who is as `ahead` is not scored anew."""
    edges = []
    for pair in sorted(pairs):
        a, b = pair
        if pair in ahead.edges and known[a] is ahead.kept[a] and known[b] is ahead.kept[b]:
            edge = ahead.edges[pair]
        else:
            edge = edge_of(definition, known, pair)
        if edge is not None:
            edges.append(edge)
    return edges


def edge_of(
    definition: Definition, known: Mapping[int, Kept], pair: tuple[int, int]
) -> StoredEdge | None:
    """What a pair of nodes is worth; None: not one person."""
    a, b = pair
    scored = score(definition, known[a].features, known[b].features)
    if scored.outcome == "separate":
        return None
    return stored_edge(a, b, scored.weight, scored.outcome, scored.rule)
