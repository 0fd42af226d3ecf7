"""Blocking keys made anew, when a definition blocks by other rules than they were made by."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from minkang.crypto import Keys
from minkang.identity.in_force import blocking_of, definition_in_force
from minkang.identity.kept import Kept, digest_of, hashed_keys, kept_after
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.features import encode
from minkang.identity.turn import take_turn
from minkang.store import Connection, Store
from minkang.store.array_text import array_text

_PAGE: Final = 300


async def rekey(store: Store, keys: Keys, definition: Definition) -> int:
    """Make the keys of all Patients what the definition in force says; how many had others.

    Nothing is read if the keys that are kept were made by the same blocking rules. Some hundred
    Patients at a time, each time in the matcher's turn: the platform may go on. Edges stay as they
    are; a batch that comes next finds who shares a key now.

    Raises:
        SealBroken: what is kept of a Patient is not what was written.
    """
    rules = blocking_of(definition)
    if await store.pool.fetchval("select rules from identity.keyed") == rules:
        return 0
    changed, last = 0, ""
    while True:
        async with store.pool.acquire() as connection, connection.transaction():
            await take_turn(connection)
            kept, had = await kept_after(store, connection, last, _PAGE)
            if not kept:
                break
            before = {one.node: some for one, some in zip(kept, had, strict=True)}
            changed += await _rekeyed(connection, keys, definition, kept, before)
            last = kept[-1].patient
    async with store.pool.acquire() as connection, connection.transaction():
        # Whoever puts another one in force changes this row as well.
        await connection.execute("select from identity.keyed for update")
        if blocking_of(await definition_in_force(connection)) == rules:
            await connection.execute("update identity.keyed set rules = $1", rules)
    return changed


async def _rekeyed(
    connection: Connection,
    keys: Keys,
    definition: Definition,
    kept: Sequence[Kept],
    before: Mapping[int, Collection[int]],
) -> int:
    """Some Patients with the keys that they had; how many have others now."""
    made = {one.node: hashed_keys(keys, definition, one.features) for one in kept}
    other = [one for one in kept if set(made[one.node]) != set(before[one.node])]
    if not other:
        return 0
    gone = [(key, one.node) for one in other for key in {*before[one.node]} - {*made[one.node]}]
    come = [(key, one.node) for one in other for key in {*made[one.node]} - {*before[one.node]}]
    await connection.execute(
        """with gone as (
               delete from identity.blocking b
               using unnest($1::text::bigint[], $2::text::bigint[]) as k (key, node)
               where b.key = k.key and b.node = k.node),
           come as (
               insert into identity.blocking (key, node)
               select * from unnest($3::text::bigint[], $4::text::bigint[])
               on conflict do nothing)
           update identity.feature f set keys = k.keys::bigint[], digest = k.digest
           from unnest($5::text::bigint[], $6::text[], $7::text::bigint[])
               as k (node, keys, digest)
           where f.node = k.node""",
        *map(array_text, _columns(gone)),
        *map(array_text, _columns(come)),
        array_text(one.node for one in other),
        [array_text(made[one.node]) for one in other],
        array_text(
            digest_of(keys, encode(one.features), one.follows, made[one.node]) for one in other
        ),
    )
    return len(other)


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [key for key, _ in pairs], [node for _, node in pairs]
