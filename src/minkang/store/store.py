"""The store as one record that the functions of this package take."""

import msgspec

from minkang.crypto import Keys
from minkang.store.codec import Codec
from minkang.store.connection import Pool
from minkang.store.terms import Terms


class Store(msgspec.Struct, frozen=True):
    """What reading and writing needs: connections, compression, search terms."""

    pool: Pool
    codec: Codec
    terms: Terms


async def open_store(pool: Pool, keys: Keys) -> Store:
    """A store over a migrated database; loads its compression dictionaries."""
    codec = Codec()
    async with pool.acquire() as connection:
        await codec.load(connection)
    return Store(pool, codec, Terms(keys.index_key))
