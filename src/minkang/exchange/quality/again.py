"""Judging once more what was judged before: all of it, or some days."""

from datetime import date

from minkang.crypto import Keys
from minkang.exchange.quality.follow import CONSUMER, LOCK, follow, judge_versions
from minkang.exchange.quality.gather import keys_of, read_current
from minkang.store import Connection, Store, save_position
from minkang.store.feed import start

_BATCH = 500


async def start_over(connection: Connection) -> None:
    """Let everything be judged anew; what stands is set right as the follower comes to it."""
    await save_position(connection, CONSUMER, await start(connection))


async def judge_again(store: Store, keys: Keys, since: date | None) -> int:
    """Judge everything anew, or what counts for a day from `since` on; how many versions.

    What has come in meanwhile is judged, too. Interrupted, it may be called again; a worker beside
    it takes turns with it.
    """
    count = 0
    if since is None:
        async with store.pool.acquire() as connection:
            await start_over(connection)
    else:
        count = await _judge_days(store, keys, since)
    while done := await follow(store, keys):
        count += done
    return count


async def _judge_days(store: Store, keys: Keys, since: date) -> int:
    count, after = 0, (0, "")
    while True:
        async with store.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1, $2)", *LOCK)
            rows = await connection.fetch(
                """select type, id from exchange.judged
                   where day >= $1 and (type, id) > ($2::smallint, $3::text)
                   order by type, id limit $4""",
                since,
                *after,
                _BATCH,
            )
            if not rows:
                return count
            stored = await read_current(store, connection, keys_of(rows))
            await judge_versions(store, connection, keys.id_key, stored.values())
        count += len(rows)
        after = (rows[-1]["type"], rows[-1]["id"])
