"""The data keys that this process has unwrapped: it seals under the newest, unseals under all.

    two bytes number of the data key, then nonce, content, tag (crypto.sm4)

What is sealed is bound to its place (`about`): bytes that are moved to another row, or have one
bit changed, are refused and never read as something else.
"""

import asyncio
from datetime import datetime

from minkang.crypto import KeyFilesMissing, SealBroken, Sm4Key
from minkang.crypto.sm4 import SEALED_MORE
from minkang.crypto.wrapping import AnyWrapping
from minkang.store.connection import Connection
from minkang.store.data_keys import BLOCK, MOST_BLOCKS, about_key

LONGER = 2 + SEALED_MORE
"""By so many bytes what is sealed is longer than its content."""

_ENOUGH = BLOCK // 2


class UnknownKey(Exception):  # noqa: N818 - reads as what happened
    """Something names a data key that this process has not loaded yet."""


class KeyExhausted(Exception):  # noqa: N818 - reads as what happened
    """The data key must not seal any more: `minkang keys rotate` makes the next one."""


class Vault:
    """Seals and unseals; holds the keys loaded so far."""

    def __init__(self, wrapping: AnyWrapping | None = None) -> None:
        """`wrapping` None: nothing can be unwrapped, so nothing sealed be read."""
        self._wrapping = wrapping
        self._forget()

    def _forget(self) -> None:
        self._current = 0
        self._left = 0
        self._keys: dict[int, Sm4Key] = {}
        self._made: dict[int, datetime] = {}

    @property
    def version(self) -> int:
        """The key that seals; 0: nothing is sealed here."""
        return self._current

    def seal(self, content: bytes, about: bytes) -> bytes:
        """Seal for a place.

        Raises:
            KeyExhausted: no sealings are left; `look` was not called before.
        """
        if self._left <= 0:
            raise KeyExhausted(f"data key {self._current}: no sealings were taken for it")
        self._left -= 1
        return self._current.to_bytes(2, "big") + self._keys[self._current].seal(content, about)

    def unseal(self, sealed: bytes, about: bytes) -> bytes:
        """The content of what was sealed for this place.

        Raises:
            UnknownKey: load the keys again and retry.
            SealBroken: it is not what was sealed for this place.
        """
        version = int.from_bytes(sealed[:2], "big")
        key = self._keys.get(version)
        if key is None:
            raise UnknownKey(f"data key {version} is not here: destroyed, or never made")
        return key.unseal(sealed[2:], about)

    async def load(self, connection: Connection) -> None:
        """Unwrap the keys that the database holds and this process has not.

        Raises:
            KeyFilesMissing: the key that wrapped one is not here.
            SealBroken: a wrapped key is not what was written.
        """
        rows = await connection.fetch(
            """select version, wrapped, wrapping, made, retired from store.data_key
               where wrapped is not null order by version"""
        )
        made = {row["version"]: row["made"] for row in rows}
        if any(made.get(version) != at for version, at in self._made.items()):
            # Another database: a standby that took over and did not have the newest key.
            self._forget()
        for row in rows:
            if row["version"] not in self._keys:
                key = await self._unwrapped(row["version"], row["wrapped"], row["wrapping"])
                self._keys[row["version"]] = key
                self._made[row["version"]] = row["made"]
        sealing = max((row["version"] for row in rows if row["retired"] is None), default=0)
        if sealing != self._current:
            self._current, self._left = sealing, 0

    async def _unwrapped(self, version: int, wrapped: bytes, name: str) -> Sm4Key:
        if self._wrapping is None:
            raise KeyFilesMissing("the database is sealed, and there is no envelope key")
        try:
            key = await asyncio.to_thread(self._wrapping.unwrap, wrapped, about_key(version), name)
        except SealBroken as error:
            raise SealBroken(f"data key {version}: {error}") from error
        return Sm4Key(key)

    async def look(self, connection: Connection) -> None:
        """Take what other processes made meanwhile, and see that enough sealings are left.

        Raises:
            KeyFilesMissing, SealBroken: as `load`.
            KeyExhausted: the key must not seal any more.
        """
        there = await connection.fetch(
            "select version, made, retired from store.data_key where wrapped is not null"
        )
        made = {row["version"]: row["made"] for row in there}
        sealing = max((row["version"] for row in there if row["retired"] is None), default=0)
        if made != self._made or sealing != self._current:
            await self.load(connection)
        await self.take(connection)

    async def take(self, connection: Connection) -> None:
        """Before sealing: see that enough sealings are left, for as many as one write has.

        Raises:
            KeyExhausted: the key must not seal any more.
        """
        if not self._current or self._left >= _ENOUGH:
            return
        blocks = await connection.fetchval(
            """select nextval('store.seal_block') - first_block from store.data_key
               where version = $1""",
            self._current,
        )
        if blocks is None or blocks > MOST_BLOCKS:
            raise KeyExhausted(
                f"data key {self._current} has sealed 2^32 times: minkang keys rotate"
            )
        self._left += BLOCK


def about_resource(kind: int, resource_id: str, version: int) -> bytes:
    """The place of a version of a resource; `kind` is the number of its type."""
    return b"r%d/%s/%d" % (kind, resource_id.encode(), version)


def about_message(content_hash: bytes) -> bytes:
    """The place of a message: the one of its content."""
    return b"m" + content_hash


def about_dictionary(version: int) -> bytes:
    """The place of a compression dictionary."""
    return b"d%d" % version
