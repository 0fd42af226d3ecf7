"""The register follows the change feed: rows as they come, differences as Persons change."""

from collections.abc import Collection
from typing import Final

from minkang.fhir import TYPE_CODES
from minkang.identity.register.keep import forget, keep_versions
from minkang.identity.register.population import LOCK
from minkang.identity.register.reconcile import reconcile
from minkang.store import (
    Connection,
    Position,
    Scope,
    Store,
    Stored,
    changes,
    load_position,
    save_position,
)
from minkang.store.purge import is_purged

_CONSUMER: Final = "register"
_BATCH: Final = 200
_CHECKED: Final = 50


async def follow_register(store: Store) -> int:
    """Take up the next changes of Patients and Persons; how many versions were looked at.

    Rows, counts, differences and the position are one transaction. One process at a time does it;
    the others get 0 at once. With nothing new, some residents who died or left by the register are
    looked at once a day: a visit after that is a difference, and visits are not followed.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *LOCK):
            return 0
        position = await load_position(connection, _CONSUMER)
        batch = await changes(
            store,
            connection,
            Scope.whole(),
            position,
            types=frozenset(["Patient", "Person"]),
            limit=_BATCH,
        )
        if batch.versions:
            await _take_up(store, connection, batch.versions, batch.position)
        if batch.position != position:
            await save_position(connection, _CONSUMER, batch.position)
            return max(1, len(batch.versions))
        return await _look_again(store, connection)


async def _take_up(
    store: Store, connection: Connection, versions: Collection[Stored], position: Position
) -> None:
    patients = [one for one in versions if one.type == "Patient"]
    purged = {one.id for one in patients if is_purged(one)}
    if purged:
        await forget(connection, purged)
    await keep_versions(connection, [one for one in patients if one.id not in purged])
    persons = {one.id for one in versions if one.type == "Person"}
    rows = await connection.fetch(
        "select distinct person from identity.link where patient = any($1::text[])",
        [one.id for one in patients],
    )
    persons |= {row["person"] for row in rows}
    persons -= await _coming(connection, persons, position)
    if persons:
        await reconcile(store, connection, sorted(persons))


async def _coming(connection: Connection, persons: Collection[str], position: Position) -> set[str]:
    """Persons of whom a later version lies ahead: they are looked at when that comes, once."""
    rows = await connection.fetch(
        """select id from store.resource where type = $1 and id = any($2::text[])
           and (transaction, sequence) > ($3::text::xid8, $4::bigint)""",
        TYPE_CODES["Person"],
        list(persons),
        str(position.transaction),
        position.sequence,
    )
    return {row["id"] for row in rows}


async def _look_again(store: Store, connection: Connection) -> int:
    rows = await connection.fetch(
        """select r.patient, l.person from identity.register_row r
               left join identity.link l on l.patient = r.patient
           where r.status <> 'living' and r.checked < now() - interval '1 day'
           order by r.checked limit $1""",
        _CHECKED,
    )
    persons = sorted({row["person"] for row in rows if row["person"] is not None})
    if persons:
        await reconcile(store, connection, persons)
    await connection.execute(
        """update identity.register_row set checked = clock_timestamp()
           where patient = any($1::text[])""",
        [row["patient"] for row in rows],
    )
    return len(rows)
