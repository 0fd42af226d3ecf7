"""The table of data keys: made, retired, destroyed, wrapped anew.

A data key is 16 bytes at random that exist in clear only in the memory of a running process.
"""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import msgspec

from minkang.crypto import KeyFilesMissing, new_key
from minkang.crypto.wrapping import AnyWrapping
from minkang.store.connection import Connection

BLOCK = 1 << 18
"""How many sealings a process takes at a time."""

DUE_BLOCKS = 1 << 12
"""A key has sealed 2^30 times at most: it is time for the next one."""

MOST_BLOCKS = 1 << 14
"""A key has sealed 2^32 times at most: it must not seal once more (NIST SP 800-38D, 8.3)."""

_LOCK = 0x6D6B_0003


class DataKey(msgspec.Struct, frozen=True):
    """A data key as the table has it.

    Attributes:
        blocks: how many blocks of sealings were taken since it was made, an upper bound of its own.
        wrapping: name of the key that wraps it.
    """

    version: int
    wrapping: str
    made: datetime
    blocks: int
    retired: datetime | None
    destroyed: datetime | None

    @property
    def sealings(self) -> int:
        """It has sealed that often at most."""
        return self.blocks * BLOCK


class KeyInUse(Exception):  # noqa: N818 - reads as what happened
    """A data key can't be destroyed: it seals, or something is still sealed under it."""


def about_key(version: int) -> bytes:
    """What a wrapped data key is bound to."""
    return b"minkang data key %d" % version


async def data_keys(connection: Connection) -> list[DataKey]:
    """All data keys, the oldest first."""
    rows = await connection.fetch(
        """select version, wrapping, made, retired, destroyed,
               coalesce(lead(first_block) over (order by version),
                        (select last_value from store.seal_block)) - first_block as blocks
           from store.data_key order by version"""
    )
    return [DataKey(**row) for row in rows]


async def make_data_key(connection: Connection, wrapping: AnyWrapping) -> int:
    """Make the key that seals from now on, and retire the one before; returns its number.

    Other processes take it when they look next (see `Vault.look`). In one transaction: there is
    always exactly one that seals.

    Raises:
        KeyFilesMissing: there is no envelope key to wrap it.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        version: int = await connection.fetchval(
            "select coalesce(max(version), 0) + 1 from store.data_key"
        )
        wrapped = await asyncio.to_thread(wrapping.wrap, new_key(), about_key(version))
        name = await asyncio.to_thread(wrapping.name)
        await connection.execute(
            "update store.data_key set retired = clock_timestamp() where retired is null"
        )
        await connection.execute(
            """insert into store.data_key (version, wrapped, wrapping, first_block)
               values ($1, $2, $3, nextval('store.seal_block'))""",
            version,
            wrapped,
            name,
        )
    return version


async def begin_sealing(url: str, wrapping: AnyWrapping | None) -> bool:
    """Make the first data key of an installation that holds nothing yet; whether it was made."""
    if wrapping is None:
        return False
    connection = await asyncpg.connect(url)
    try:
        fresh = await connection.fetchval(
            """select not exists (select from store.data_key)
               and not exists (select from store.resource)
               and not exists (select from store.history)"""
        )
        if fresh:
            await make_data_key(connection, wrapping)
        return bool(fresh)
    finally:
        await connection.close()


async def rotate_if_due(connection: Connection, wrapping: AnyWrapping | None) -> int | None:
    """Make the next key when the one that seals has sealed 2^30 times; its number, if made."""
    if wrapping is None:
        return None
    sealing = next((one for one in await data_keys(connection) if one.retired is None), None)
    if sealing is None or sealing.blocks < DUE_BLOCKS:
        return None
    return await make_data_key(connection, wrapping)


async def rewrap_data_keys(connection: Connection, wrapping: AnyWrapping) -> int:
    """Wrap all data keys under the key that wraps now, in one transaction; how many it changed.

    No body is touched.

    Raises:
        KeyFilesMissing: the key that wrapped one of them is not here.
        SealBroken: a wrapped key is not what was written.
    """
    name = await asyncio.to_thread(wrapping.name)
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        rows = await connection.fetch(
            """select version, wrapped, wrapping from store.data_key
               where wrapped is not null and wrapping <> $1""",
            name,
        )
        for row in rows:
            about = about_key(row["version"])
            key = await asyncio.to_thread(wrapping.unwrap, row["wrapped"], about, row["wrapping"])
            await connection.execute(
                "update store.data_key set wrapped = $2, wrapping = $3 where version = $1",
                row["version"],
                await asyncio.to_thread(wrapping.wrap, key, about),
                name,
            )
    return len(rows)


async def destroy_data_key(connection: Connection, version: int, grace: timedelta) -> None:
    """Take a retired key's bytes away for good. The caller has made sure that nothing uses it.

    `grace` is how long it must have been retired: until then a process that has not looked may
    still seal under it.

    Raises:
        KeyInUse: it seals, or was retired too short a time ago.
        KeyFilesMissing: there is no such key.
    """
    row = await connection.fetchrow(
        "select retired, clock_timestamp() - retired as since from store.data_key where version=$1",
        version,
    )
    if row is None:
        raise KeyFilesMissing(f"there is no data key {version}")
    if row["retired"] is None or row["since"] < grace:
        raise KeyInUse(f"data key {version} seals, or did less than {grace} ago")
    await connection.execute(
        """update store.data_key set wrapped = null, destroyed = clock_timestamp()
           where version = $1 and destroyed is null""",
        version,
    )
