"""Follows the change feed: every new or changed Patient is linked, its Person kept up to date."""

from minkang.crypto import Keys
from minkang.identity.fill import fill_some
from minkang.identity.in_force import definition_in_force
from minkang.identity.linker import link_patients
from minkang.identity.turn import try_turn
from minkang.store import Scope, Store, changes, load_position, save_position

_CONSUMER = "identity"
_BATCH = 200


async def follow(store: Store, keys: Keys) -> int:
    """Link the Patients of the next changes; returns how many versions were looked at.

    Links, Persons and the position are one transaction. One process at a time does it; the
    others get 0 at once. When nothing new is there, Patients that were linked before this release
    are looked at anew, some at a time; they count too.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await try_turn(connection):
            return 0
        position = await load_position(connection, _CONSUMER)
        batch = await changes(
            store,
            connection,
            Scope.whole(),
            position,
            types=frozenset(["Patient"]),
            limit=_BATCH,
        )
        if batch.position != position:
            await save_position(connection, _CONSUMER, batch.position)
        if not batch.versions:
            return await fill_some(store, connection, keys)
        definition = await definition_in_force(connection)
        await link_patients(store, connection, keys, definition, batch.versions)
        return len(batch.versions)
