"""Links Patients to Persons, in the caller's transaction: the one way by which links come to be.

Links are a function of what is there: of the present Patients' features, the edges that the
definition gives between them, and the decisions that stand. So whatever was merged and taken apart
meanwhile, in whatever order, the same is left at the end. Of all that, only the part around what
changed is worked out (`region`), within one matcher's turn (`turn`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from minkang.crypto import Keys
from minkang.identity.ahead import NOT_AHEAD, Ahead, edges_between, look_ahead
from minkang.identity.candidates import blocks_of, change_keys, pairs_of
from minkang.identity.grouping import Decided, Grouped, HeldBack, grouped
from minkang.identity.kept import (
    Kept,
    Row,
    Worked,
    forget,
    keep,
    kept_nodes,
    keys_of,
    note_versions,
    rows_of,
    worked,
)
from minkang.identity.link_rows import Cause, move_links
from minkang.identity.linkage.cluster import Edge
from minkang.identity.linkage.definition import Definition
from minkang.identity.person_resources import write_persons
from minkang.identity.region import (
    Around,
    StoredEdge,
    around_of,
    edges_of,
    persons_of,
    region_of,
    replace_edges,
    stored_edge,
)
from minkang.identity.review_pairs import keep_pairs, wanted_pairs
from minkang.identity.turn import take_turn
from minkang.store import Connection, Store, Stored

CHANGE: Final = Cause("change")
"""A source's data changed."""


class Linked(msgspec.Struct, frozen=True):
    """What became of it.

    Attributes:
        persons: ids of the Persons whose links or contents may have changed.
        moved: Patients that have another Person now: before (empty: none) and after (none: gone).
        around: the Persons of all Patients that were looked at.
    """

    persons: frozenset[str]
    moved: Mapping[str, tuple[str, str]]
    around: Mapping[str, str] = {}


NOTHING: Final = Linked(frozenset(), {})


async def link_patients(
    store: Store,
    connection: Connection,
    keys: Keys,
    definition: Definition,
    patients: Iterable[Stored],
    *,
    cause: Cause = CHANGE,
    arrived: Mapping[str, datetime] | None = None,
    made: Collection[str] = (),
) -> Linked:
    """Link versions of Patients, each the newest that the caller knows; a deleted one is let go.

    Features, keys, edges, links, Persons and what is to be reviewed change together. A version
    that was looked at before is no work. `arrived`: since when Patients are known here, for those
    that are linked already. `made`: Patients that there were not before the caller's transaction,
    of which nobody else can know; most of their work is done before the turn.

    Raises:
        SealBroken: what is kept of a Patient is not what was written.
    """
    latest = {one.id: one for one in patients}
    present = [worked(keys, definition, one) for one in latest.values() if not one.deleted]
    orphans = [one.id for one in latest.values() if one.deleted]
    new = [one for one in present if one.patient in made]
    ahead = await look_ahead(store, connection, definition, new)
    await take_turn(connection)
    left = latest.keys() - ahead.own.keys()
    rows = await rows_of(connection, left) if left else {}
    fresh = [one for one in present if _is_newer(one, rows.get(one.patient))]
    if not fresh and not orphans:
        return NOTHING
    gone = [rows[one] for one in orphans if one in rows]
    changed = [one for one in fresh if _differs(one, rows.get(one.patient))]
    same = [one for one in fresh if not _differs(one, rows.get(one.patient))]
    if same:
        await note_versions(connection, same)
    linked = NOTHING
    if changed or orphans:
        before = [rows[one.patient] for one in changed if one.patient in rows]
        found = await _rescored(
            store, connection, definition, changed, before, gone, arrived or {}, ahead
        )
        linked = await _relinked(store, connection, keys, definition, found, orphans, cause, ahead)
    own = {one.patient for one in fresh}
    persons = linked.persons | {linked.around[one] for one in own & linked.around.keys()}
    if apart := own - linked.around.keys():
        persons |= {person for person, _ in (await persons_of(connection, apart)).values()}
    await write_persons(store, connection, sorted(persons))
    return Linked(persons, linked.moved, linked.around)


async def let_go(
    store: Store,
    connection: Connection,
    keys: Keys,
    definition: Definition,
    patients: Sequence[str],
) -> Linked:
    """Forget Patients that are gone, and link anew whoever hung together through them.

    The turn is taken.
    """
    rows = await rows_of(connection, patients)
    gone = list(rows.values())
    found = await _rescored(store, connection, definition, [], [], gone, {})
    linked = await _relinked(store, connection, keys, definition, found, patients, CHANGE)
    await write_persons(store, connection, sorted(linked.persons))
    return linked


async def relinked(
    store: Store,
    connection: Connection,
    keys: Keys,
    definition: Definition,
    patients: Collection[str],
    cause: Cause,
) -> Linked:
    """Work out the links around Patients anew, after a decision about them.

    The turn is taken; the Person resources are still to be written.
    """
    rows = await rows_of(connection, patients)
    region = await region_of(connection, {row.node for row in rows.values()})
    found = _Rescored(frozenset(region), {})
    return await _relinked(store, connection, keys, definition, found, (), cause)


async def write_links(
    store: Store,
    connection: Connection,
    keys: Keys,
    definition: Definition,
    patients: Mapping[str, int],
    edges: Iterable[Edge],
    *,
    cause: Cause,
) -> Linked:
    """Replace the edges of many Patients by those that a batch has worked out, and link anew.

    `patients` gives the digest that each had when it was read (`kept.Kept.digest`); one that has
    changed since keeps the edges that it has by now. To be called with some hundred Patients at a
    time, whole components together, each in a transaction of its own. Edges with others than
    these are passed over. Nothing else links: the same definition gives the same edges online.
    """
    await take_turn(connection)
    rows = await rows_of(connection, patients)
    nodes = {one: row.node for one, row in rows.items() if row.digest == patients[one]}
    region = await region_of(connection, nodes.values())
    between = [
        stored_edge(nodes[edge.a], nodes[edge.b], edge.weight, edge.outcome, edge.rule)
        for edge in edges
        if edge.a in nodes and edge.b in nodes
    ]
    there = await edges_of(connection, nodes.values())
    inside = set(nodes.values())
    kept = [one for one in there if not {one.a, one.b} <= inside]
    region |= await replace_edges(
        connection, inside, [*kept, *between], definition.written.version, inside
    )
    found = _Rescored(frozenset(region), {})
    linked = await _relinked(store, connection, keys, definition, found, (), cause)
    await write_persons(store, connection, sorted(linked.persons))
    return linked


def _is_newer(one: Worked, row: Row | None) -> bool:
    return row is None or row.version < one.version


def _differs(one: Worked, row: Row | None) -> bool:
    return row is None or row.digest != one.digest


class _Rescored(msgspec.Struct, frozen=True):
    """The nodes around what was scored anew, and what is known of some of them already."""

    region: frozenset[int]
    known: Mapping[int, Kept]


async def _rescored(
    store: Store,
    connection: Connection,
    definition: Definition,
    changed: Sequence[Worked],
    before: Sequence[Row],
    gone: Sequence[Row],
    arrived: Mapping[str, datetime],
    ahead: Ahead = NOT_AHEAD,
) -> _Rescored:
    """Keep features and keys, and make edges anew.

    `before` are the rows of those changed who were there already.
    """
    region = await region_of(connection, {row.node for row in (*before, *gone)})
    own = {one.patient: ahead.own[one.patient] for one in changed if one.patient in ahead.own}
    if late := [one for one in changed if one.patient not in own]:
        nodes = await keep(store, connection, late, arrived)
        own |= {one.patient: one.kept(*nodes[one.patient]) for one in late}
    wanted = {own[one.patient].node: one.keys for one in changed}
    blocks = await change_keys(connection, wanted, {row.node: row.keys for row in (*before, *gone)})
    left = {row.node for row in gone}
    turned = blocks.turned - left
    if turned:
        region |= await region_of(connection, turned)
    if gone:
        await forget(connection, gone)
    known = {one.node: one for one in own.values()}
    if turned - wanted.keys():
        wanted = {**wanted, **await keys_of(connection, turned - wanted.keys())}
        blocks = await blocks_of(connection, {key for keys in wanted.values() for key in keys})
    pairs = pairs_of(blocks, wanted)
    others = {n for pair in pairs for n in pair} - known.keys()
    known |= await kept_nodes(store, connection, others, ahead.kept)
    edges = edges_between(definition, known, pairs, ahead)
    had_edges = wanted.keys() & ({row.node for row in before} | turned)
    around = await replace_edges(
        connection, had_edges, edges, definition.written.version, (region - left) | wanted.keys()
    )
    return _Rescored(frozenset(around), known)


async def _relinked(
    store: Store,
    connection: Connection,
    keys: Keys,
    definition: Definition,
    found: _Rescored,
    orphans: Sequence[str],
    cause: Cause,
    ahead: Ahead = NOT_AHEAD,
) -> Linked:
    """Cluster a region and make links and review pairs what they shall be."""
    further = await kept_nodes(store, connection, found.region - found.known.keys(), ahead.kept)
    nodes = {**found.known, **further}
    kept = {nodes[one].patient: nodes[one] for one in found.region if one in nodes}
    names = {one.node: one.patient for one in kept.values()}
    around = await around_of(connection, names, [*kept, *orphans])
    inner = [
        _named(edge, around.names) for edge in around.edges if edge.a in names and edge.b in names
    ]
    decided = [one for one in around.decided if one.a in kept or one.b in kept]
    made = grouped(keys.id_key, kept, inner, decided, definition.written.margin)
    linked = await move_links(connection, keys, kept, made.groups, around.links, orphans, cause)
    await _keep_reviews(connection, around, made, decided)
    persons = {one: group.person for group in made.groups for one in group.rules}
    return Linked(linked.persons, linked.moved, persons)


def _named(edge: StoredEdge, names: Mapping[int, str]) -> Edge:
    a, b = sorted((names[edge.a], names[edge.b]))
    return Edge(a, b, edge.weight, "link" if edge.linking else "review", edge.rule)


async def _keep_reviews(
    connection: Connection, around: Around, found: Grouped, decided: Sequence[Decided]
) -> None:
    """What is doubtful between these Patients, and between them and others, stands for review."""
    persons = {one: group.person for group in found.groups for one in group.rules}
    doubtful = [*found.held_back]
    for edge in around.edges:
        if not edge.linking:
            a, b = sorted((around.names[edge.a], around.names[edge.b]))
            doubtful.append(HeldBack(a, b, edge.weight, edge.rule))
    outside = {one for pair in doubtful for one in (pair.a, pair.b)}
    outside |= {one for pair in decided for one in (pair.a, pair.b)}
    outside -= persons.keys()
    if outside:
        there = await persons_of(connection, outside)
        persons |= {one: person for one, (person, _) in there.items()}
    await keep_pairs(connection, around.reviews, wanted_pairs(doubtful, persons, decided))
