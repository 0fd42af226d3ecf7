"""Which Patients may be the same person: those that share a blocking key.

A key that too many share tells nothing (a switchboard's phone, an unknown patient's name) and is
passed over, as long as it has that many: whether a pair is compared hangs on the Patients that
are there, never on the order in which they came.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Final

import msgspec

from minkang.store import Connection
from minkang.store.array_text import array_text

MOST: Final = 200
"""Patients that may share a key; with more it is passed over."""

MOST_WIDE: Final = 1000
"""The same for keys of what only one person should have: a resident may be registered often."""

Pairs = set[tuple[int, int]]
"""Pairs of nodes, the lesser first."""


def most(key: int) -> int:
    """How many may share a key; odd ones are wide."""
    return MOST_WIDE if key & 1 else MOST


class Blocks(msgspec.Struct, frozen=True):
    """The nodes of some keys.

    Attributes:
        members: of each key, all nodes; of one that is too common enough to show that it is.
        turned: nodes of keys that became too common just now, or no longer are: their pairs are to
            be made anew.
    """

    members: Mapping[int, Set[int]]
    turned: frozenset[int]


async def change_keys(
    connection: Connection,
    nodes: Mapping[int, Collection[int]],
    before: Mapping[int, Collection[int]],
) -> Blocks:
    """Take away the keys that nodes had `before` and have no longer; the blocks of all these keys.

    The keys that they have now are there already (`kept.keep`).
    """
    added = {node: set(keys) - set(before.get(node, ())) for node, keys in nodes.items()}
    removed = {node: set(keys) - set(nodes.get(node, ())) for node, keys in before.items()}
    if any(removed.values()):
        await connection.execute(
            """delete from identity.blocking b using unnest($1::bigint[], $2::bigint[])
                   as k (node, key) where b.key = k.key and b.node = k.node""",
            *_columns(removed),
        )
    more: dict[int, int] = defaultdict(int)
    for sign, changed in ((1, added), (-1, removed)):
        for some in changed.values():
            for key in some:
                more[key] += sign
    wanted = more.keys() | {key for keys in nodes.values() for key in keys}
    blocks = await _blocks(connection, wanted, room=sum(map(abs, more.values())))
    turned: set[int] = set()
    for key, members in blocks.items():
        if (len(members) > most(key)) != (len(members) - more.get(key, 0) > most(key)):
            turned |= members
    return Blocks(blocks, frozenset(turned))


async def blocks_of(connection: Connection, keys: Iterable[int]) -> Blocks:
    """The blocks of some keys, as they are."""
    return Blocks(await _blocks(connection, set(keys)), frozenset())


def pairs_of(blocks: Blocks, nodes: Mapping[int, Collection[int]]) -> Pairs:
    """All pairs of these nodes (with their keys) with anybody who shares a key with them."""
    found: Pairs = set()
    for node, keys in nodes.items():
        for key in keys:
            members = blocks.members.get(key, frozenset())
            if len(members) <= most(key):
                found.update((min(node, one), max(node, one)) for one in members if one != node)
    return found


async def nodes_with(connection: Connection, keys: Iterable[int]) -> set[int]:
    """All nodes that share one of these keys, unless it is too common."""
    blocks = await _blocks(connection, keys)
    return {
        node for key, members in blocks.items() if len(members) <= most(key) for node in members
    }


async def _blocks(
    connection: Connection, keys: Iterable[int], room: int = 0
) -> dict[int, set[int]]:
    """The nodes of each key; of a common one only so many as show that it is, and `room` more."""
    rows = await connection.fetch(
        """select w.key, b.nodes from unnest($1::text::bigint[]) as w (key)
           cross join lateral (
               select array_agg(l.node) as nodes from (
                   select node from identity.blocking where key = w.key
                   limit case when w.key & 1 = 1 then $2::int else $3::int end) l) b
           where b.nodes is not null""",
        array_text(keys),
        MOST_WIDE + 1 + room,
        MOST + 1 + room,
    )
    return {row["key"]: set(row["nodes"]) for row in rows}


def _columns(keys: Mapping[int, Collection[int]]) -> tuple[list[int], list[int]]:
    pairs = [(node, key) for node, some in keys.items() for key in some]
    return [node for node, _ in pairs], [key for _, key in pairs]
