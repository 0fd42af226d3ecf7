"""Registrations that are linked before they are acknowledged: Patients and links, one commit."""

from collections.abc import Sequence
from typing import Final

from minkang.crypto import Keys
from minkang.identity.in_force import definition_in_force
from minkang.identity.linker import Linked, link_patients
from minkang.store import Change, Outcome, Store, Stored, write
from minkang.store.grade import label_of
from minkang.store.write import lock_current

_COMMIT_AT_ONCE: Final = "set local synchronous_commit = off"
"""The turn of matching ends with the commit: nobody shall wait in it for the disk."""
_FLUSH: Final = "select pg_logical_emit_message(true, 'minkang', '')"
"""A transaction of its own, committed as the server is set: when it has ended, all that was
committed before it is on the disk (and at a synchronous standby), for the log is one.
"""


async def register(
    store: Store, keys: Keys, changes: Sequence[Change]
) -> tuple[list[Outcome], Linked]:
    """Write Patients as their sources send them and link them; durable when it returns.

    What waits at one moment is best handed in together: one commit and one turn serve all. The
    change feed passes them to `follow` later, which finds nothing left to do.

    Raises:
        ValueError: an id is no FHIR id, or stands twice in `changes`.
        DiskReserved: there is too little room on the disk.
    """
    async with store.pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(_COMMIT_AT_ONCE)
            locked = await lock_current(store, connection, [change.key for change in changes])
            outcomes = await write(store, connection, changes, locked)
            definition = await definition_in_force(connection)
            versions = [
                Stored(
                    "Patient",
                    outcome.id,
                    outcome.version,
                    locked.at,
                    change.deleted,
                    change.source,
                    label_of(change.resource),
                    outcome.body,
                )
                for change, outcome in zip(changes, outcomes, strict=True)
                if outcome.kind != "unchanged"
            ]
            linked = await link_patients(store, connection, keys, definition, versions)
        await connection.execute(_FLUSH)
    return outcomes, linked
