"""The epoch of the change feed goes up where history may have been cut off behind a consumer.

After a recovery or a takeover PostgreSQL counts transactions on from where it has come to, so a
position that a consumer got from the lost part would lie ahead, and what is written next would be
passed over in silence. Ending and recovering by itself on the same data cuts off nothing.

Positions kept in `store.consumer` were recovered together with the rows they point to and with
the consumer's effects (see `save_position`): they stay good and move along. A consumer whose
effects lie outside the database keeps its position there, finds it stale, and starts over.
"""

import msgspec

from minkang.store.connection import Connection


class Epochs(msgspec.Struct, frozen=True):
    """The epoch before and after; both 0 in a database that was never migrated."""

    before: int
    after: int


async def raise_epoch(connection: Connection) -> Epochs:
    """Begin a new epoch of the feed; to be called before anything else is written."""
    async with connection.transaction():
        if await connection.fetchval("select to_regclass('store.epoch')") is None:
            return Epochs(0, 0)
        after = await connection.fetchval(
            "update store.epoch set epoch = epoch + 1 returning epoch"
        )
        await connection.execute(
            "update store.consumer set epoch = $1 where epoch = $1 - 1", int(after)
        )
    return Epochs(after - 1, after)
