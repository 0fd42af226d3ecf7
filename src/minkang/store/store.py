"""The store as one record that the functions of this package take."""

import msgspec

from minkang.crypto import Keys
from minkang.store.codec import Codec
from minkang.store.connection import Pool
from minkang.store.disk import UNWATCHED, DiskWatch
from minkang.store.expanded_codes import Expand
from minkang.store.readers import Readers
from minkang.store.seen import Seen
from minkang.store.terms import Terms
from minkang.store.vault import Vault


class Store(msgspec.Struct, frozen=True):
    """What reading and writing needs.

    Connections, compression, search terms, which systems and units are known, whether there is
    room on the disk, and which codes a value set stands for.
    """

    pool: Pool
    readers: Readers
    codec: Codec
    terms: Terms
    seen: Seen = msgspec.field(default_factory=Seen)
    disk: DiskWatch = UNWATCHED
    expand: Expand | None = None


async def open_store(pool: Pool, keys: Keys, disk: DiskWatch = UNWATCHED) -> Store:
    """A store over a migrated database; loads its data keys and compression dictionaries.

    `disk` is asked before anything is written.
    """
    codec = Codec(Vault(keys.wrapping))
    async with pool.acquire() as connection:
        await codec.load(connection)
    return Store(pool, Readers(pool), codec, Terms(keys.index_key), disk=disk)
