"""One matcher's turn at a time: links depend on each other, so two never work them out at once.

What is costly and depends on nobody else (features, keys, reading the Patients) is done before the
turn begins; it lasts until the transaction ends.
"""

from typing import Final

from minkang.store import Connection

_LOCK: Final = (0x6D6B, 2)


async def take_turn(connection: Connection) -> None:
    """Wait for the turn; it ends with the caller's transaction.

    Who takes it has locked no Person before: within the turn Persons are written.
    """
    await connection.execute("select pg_advisory_xact_lock($1, $2)", *_LOCK)


async def try_turn(connection: Connection) -> bool:
    """Take the turn if nobody has it."""
    return bool(await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *_LOCK))
