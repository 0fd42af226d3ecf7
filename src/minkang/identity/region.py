"""The part of all links that a change can touch: Patients, edges, decisions around some nodes."""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from minkang.identity.grouping import Decided, HeldBack
from minkang.store import Connection
from minkang.store.array_text import array_text


class StoredEdge(msgspec.Struct, frozen=True):
    """A pair of nodes that may be one person; `linking`: strong enough to link by itself."""

    a: int
    b: int
    weight: float
    linking: bool
    rule: str


def stored_edge(a: int, b: int, weight: float, outcome: str, rule: str) -> StoredEdge:
    """What was judged of two nodes, in whichever order, as it is kept."""
    return StoredEdge(min(a, b), max(a, b), weight, outcome == "link", rule)


class Around(msgspec.Struct, frozen=True):
    """What is known around some Patients.

    Attributes:
        edges: all with one of them at least.
        names: the Patients of the nodes of these edges.
        decided: all pairs with one of them that a standing decision is about.
        links: Person and rule of each that is linked.
        reviews: the pairs with one of them that wait for people.
    """

    edges: list[StoredEdge]
    names: dict[int, str]
    decided: list[Decided]
    links: dict[str, tuple[str, str]]
    reviews: list[HeldBack]


async def around_of(
    connection: Connection, nodes: Collection[int], patients: Collection[str]
) -> Around:
    """All that links around some nodes are worked out from; `patients`: theirs, and gone ones."""
    found = await connection.fetchrow(
        """select
               array(select (e.a, e.b, e.weight, e.linking, e.rule, fa.patient, fb.patient)
                     from (select * from identity.edge where a = any($1::bigint[])
                           union select * from identity.edge where b = any($1::bigint[])) e
                     join identity.feature fa on fa.node = e.a
                     join identity.feature fb on fb.node = e.b) as edges,
               array(select (a, b, verdict, decision) from identity.decision_pair
                     where a = any($2::text[]) and standing
                     union
                     select (a, b, verdict, decision) from identity.decision_pair
                     where b = any($2::text[]) and standing) as decided,
               array(select (patient, person, rule) from identity.link
                     where patient = any($2::text[])) as links,
               array(select (a, b, weight, cause) from identity.review where a = any($2::text[])
                     union
                     select (a, b, weight, cause) from identity.review
                     where b = any($2::text[])) as reviews""",
        list(nodes),
        list(patients),
    )
    assert found is not None  # noqa: S101 - without a condition there is a row
    names = {edge[0]: edge[5] for edge in found["edges"]}
    names |= {edge[1]: edge[6] for edge in found["edges"]}
    return Around(
        [StoredEdge(*edge[:5]) for edge in found["edges"]],
        names,
        sorted((Decided(*one) for one in found["decided"]), key=lambda one: one.decision),
        {patient: (person, rule) for patient, person, rule in found["links"]},
        [HeldBack(*one) for one in found["reviews"]],
    )


_REGION: Final = """region (node) as (
    select unnest($1::bigint[])
    union
    select x.node from region r cross join lateral (
        select e.b as node from identity.edge e where e.a = r.node and e.linking
        union all
        select e.a from identity.edge e where e.b = r.node and e.linking
        union all
        select y.node from identity.feature f cross join lateral (
            select g.node from identity.feature g where g.number = f.number
            union all
            select g.node from identity.feature g where g.patient = f.follows
            union all
            select g.node from identity.feature g where g.follows = f.patient
            union all
            select g.node from identity.decision_pair d
            join identity.feature g on g.patient = d.b
            where d.a = f.patient and d.standing and d.verdict = 'same'
            union all
            select g.node from identity.decision_pair d
            join identity.feature g on g.patient = d.a
            where d.b = f.patient and d.standing and d.verdict = 'same') y
        where f.node = r.node) x)"""
"""SQL: the nodes `$1` and all that hang on them."""


async def region_of(connection: Connection, nodes: Collection[int]) -> set[int]:
    """These nodes, and all that hang on them: by linking edges, merges, "same", equal numbers."""
    if not nodes:
        return set()
    rows = await connection.fetch(
        f"with recursive {_REGION} select node from region",  # noqa: S608 - a constant
        list(nodes),
    )
    return {row["node"] for row in rows}


async def edges_of(connection: Connection, nodes: Collection[int]) -> list[StoredEdge]:
    """All edges with one of these nodes at least."""
    rows = await connection.fetch(
        """select a, b, weight, linking, rule from identity.edge where a = any($1::bigint[])
           union
           select a, b, weight, linking, rule from identity.edge where b = any($1::bigint[])""",
        list(nodes),
    )
    return [StoredEdge(*row.values()) for row in rows]


async def replace_edges(
    connection: Connection,
    nodes: Collection[int],
    edges: Sequence[StoredEdge],
    definition: str,
    around: Collection[int],
) -> set[int]:
    """Instead of all edges that these nodes had these are there; the region of the nodes `around`.

    One end at least of each new edge is among `around`.
    """
    if nodes:
        await connection.execute(
            "delete from identity.edge where a = any($1::bigint[]) or b = any($1::bigint[])",
            list(nodes),
        )
    if not edges:
        return await region_of(connection, around)
    linked = {node for edge in edges if edge.linking for node in (edge.a, edge.b)}
    # The statement does not see the edges that it makes itself, so it begins at both their ends.
    rows = await connection.fetch(
        f"""with recursive {_REGION},
            made as (
               insert into identity.edge (a, b, weight, linking, rule, definition)
               select k.*, $7 from unnest($2::text::bigint[], $3::text::bigint[], $4::float8[],
                   $5::bool[], $6::text[]) as k
               on conflict (a, b) do update set weight = excluded.weight,
                   linking = excluded.linking, rule = excluded.rule,
                   definition = excluded.definition)
            select node from region""",  # noqa: S608 - a constant
        list(linked.union(around)),
        array_text(one.a for one in edges),
        array_text(one.b for one in edges),
        [one.weight for one in edges],
        [one.linking for one in edges],
        [one.rule for one in edges],
        definition,
    )
    return {row["node"] for row in rows}


async def persons_of(
    connection: Connection, patients: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Person and rule of each of some Patients that is linked."""
    rows = await connection.fetch(
        "select patient, person, rule from identity.link where patient = any($1::text[])",
        list(patients),
    )
    return {row["patient"]: (row["person"], row["rule"]) for row in rows}
