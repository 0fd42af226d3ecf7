"""Registrations that are linked before they are acknowledged: Patients and links, one commit."""

from collections.abc import Sequence

from minkang.crypto import Keys
from minkang.identity.in_force import definition_in_force
from minkang.identity.linker import NOTHING, Linked, link_patients
from minkang.store import Change, Connection, Locked, Outcome, Store, Stored, write
from minkang.store.early_commit import early_commit
from minkang.store.grade import label_of
from minkang.store.write import lock_current


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
    async with store.pool.acquire() as connection, early_commit(connection):
        locked = await lock_current(store, connection, [change.key for change in changes])
        outcomes = await write(store, connection, changes, locked)
        linked = await link_written(store, keys, connection, changes, outcomes, locked)
    return outcomes, linked


async def link_written(
    store: Store,
    keys: Keys,
    connection: Connection,
    changes: Sequence[Change],
    outcomes: Sequence[Outcome],
    locked: Locked,
) -> Linked:
    """Link the Patients among what the caller's transaction has just written.

    The transaction has locked no Person, and ends soon: it has the matcher's turn from now on.

    Raises:
        SealBroken: what is kept of a Patient is not what was written.
    """
    written = [
        (change, outcome)
        for change, outcome in zip(changes, outcomes, strict=True)
        if outcome.type == "Patient" and outcome.kind != "unchanged"
    ]
    if not written:
        return NOTHING
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
        for change, outcome in written
    ]
    made = {outcome.id for _, outcome in written if outcome.kind == "created"}
    definition = await definition_in_force(connection)
    return await link_patients(store, connection, keys, definition, versions, made=made)
