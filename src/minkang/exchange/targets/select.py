"""From the change feed to what each target should have."""

from minkang.exchange.targets.target import Target
from minkang.fhir import TYPE_CODES
from minkang.store import Store, changes, load_position, save_position

_BATCH = 500


async def select_changes(store: Store, target: Target) -> int:
    """Note the next changes that a target should have; how many versions were looked at.

    Of a resource that changes often only the last version is sent. One process at a time does
    it; the others get 0.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(
            "select pg_try_advisory_xact_lock(hashtext($1))", target.consumer
        ):
            return 0
        position = await load_position(connection, target.consumer)
        batch = await changes(
            store,
            connection,
            target.scope,
            position,
            types=frozenset(target.types),
            limit=_BATCH,
        )
        if batch.position == position:
            return 0
        latest = {(one.type, one.id): one for one in batch.versions}
        await connection.executemany(
            """insert into exchange.delivery as d (target, type, resource, version, changed)
               values ($1, $2, $3, $4, $5)
               on conflict (target, type, resource) do update set
                   version = excluded.version, changed = excluded.changed, state = 'waiting',
                   alone = false, attempts = 0, receipt = '', place = '', rule = '', text = ''
               where d.version < excluded.version""",
            [
                (target.id, TYPE_CODES[one.type], one.id, one.version, one.updated)
                for one in latest.values()
            ],
        )
        await save_position(connection, target.consumer, batch.position)
        return len(batch.versions)
