"""How a body lies in the database: one codec byte, then the bytes.

| byte | body |
|---|---|
| 0 | JSON as it is |
| 1 | zstd |
| 2 | two bytes dictionary version, then zstd with that dictionary |
| 3 | two bytes number of the data key, nonce, then one of the others sealed (SM4-GCM), tag |

A new form never touches old rows, and a new dictionary or key neither: dictionaries are made as the
store grows, and all of them are kept. Sealed bytes are bound to their place (`about`, see
`store.vault`); compressed first, so that a sealed body is as small as it can be.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import zstandard

from minkang.crypto import SealBroken
from minkang.store.connection import Connection
from minkang.store.vault import UnknownKey, Vault, about_dictionary, about_resource

_PLAIN, _ZSTD, _ZSTD_DICTIONARY, SEALED = b"\x00", b"\x01", b"\x02", b"\x03"
_LEVEL = 3
_SMALLEST_WORTH = 64
_MAX_BODY = 64 * 1024 * 1024
_LOOK_SECONDS = 30.0
_MOST_BACKENDS = 1_000


class UnknownDictionary(Exception):  # noqa: N818 - reads as what happened
    """A body names a dictionary version that this process has not loaded yet."""


class Codec:
    """Packs and unpacks bodies; holds the dictionaries loaded so far (they are never removed)."""

    def __init__(self, vault: Vault | None = None) -> None:
        """`vault` seals; without one bodies are never sealed, and sealed ones can't be read."""
        self.vault = vault or Vault()
        self._looked: set[int] = set()
        self._look_at = 0.0
        self._forget()

    def _forget(self) -> None:
        self._version = 0
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._plain = zstandard.ZstdDecompressor()
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}
        self._made: dict[int, int] = {}

    @property
    def version(self) -> int:
        """The dictionary version that new bodies are packed with; 0 is none."""
        return self._version

    def pack(self, body: bytes, about: bytes) -> bytes:
        """JSON to stored bytes for a place; sealed where there is a key. Call `look` before.

        Raises:
            KeyExhausted: `look` was not called.
        """
        if self.vault.version:
            return SEALED + self.vault.seal(self._compressed(body), about)
        return self._compressed(body)

    def _compressed(self, body: bytes) -> bytes:
        if len(body) < _SMALLEST_WORTH:
            return _PLAIN + body
        packed = self._compressor.compress(body)
        if self._version:
            return _ZSTD_DICTIONARY + self._version.to_bytes(2, "big") + packed
        return _ZSTD + packed

    def unpack(self, stored: bytes, about: bytes) -> bytes:
        """Stored bytes of a place to JSON.

        Raises:
            UnknownDictionary, UnknownKey: load again and retry.
            SealBroken: the bytes are not what was sealed for this place.
            ValueError: the codec byte is none that this program knows.
        """
        if stored[:1] == SEALED:
            return self._expanded(self.vault.unseal(stored[1:], about))
        return self._expanded(stored)

    def _expanded(self, stored: bytes) -> bytes:
        kind = stored[:1]
        if kind == _ZSTD_DICTIONARY:
            decompressor = self._decompressors.get(int.from_bytes(stored[1:3], "big"))
            if decompressor is None:
                raise UnknownDictionary
            return decompressor.decompress(stored[3:], max_output_size=_MAX_BODY)
        if kind == _ZSTD:
            return self._plain.decompress(stored[1:], max_output_size=_MAX_BODY)
        if kind == _PLAIN:
            return stored[1:]
        raise ValueError(f"codec byte {kind!r} is not known to this version of the program")

    async def unpack_all(
        self, connection: Connection, stored: Sequence[tuple[bytes, bytes]]
    ) -> list[bytes]:
        """Stored bytes with their places to JSON; loads what is new to this process.

        Raises:
            SealBroken: also where a data key is gone.
        """
        try:
            return [self.unpack(body, about) for body, about in stored]
        except (UnknownDictionary, UnknownKey):
            await self.load(connection)
        try:
            return [self.unpack(body, about) for body, about in stored]
        except UnknownKey as error:
            raise SealBroken(str(error)) from error

    async def load(self, connection: Connection) -> None:
        """Load keys and dictionaries that the database holds; the newest serve from now on.

        Raises:
            KeyFilesMissing, SealBroken: a data key or a dictionary can't be unsealed.
        """
        await self.vault.load(connection)
        rows = await connection.fetch(
            """select version, sequence, content, sealed from store.dictionary
               where version <> all($1) order by 1""",
            list(self._decompressors),
        )
        for row in rows:
            content = zstandard.ZstdCompressionDict(self._dictionary(row))
            self._made[row["version"]] = row["sequence"]
            self._decompressors[row["version"]] = zstandard.ZstdDecompressor(dict_data=content)
        if rows and rows[-1]["version"] > self._version:
            # Tables for packing are large: only the newest has them, made once.
            content.precompute_compress(level=_LEVEL)
            # The version stands before the body: zstd's own number for it is not needed.
            self._compressor = zstandard.ZstdCompressor(
                level=_LEVEL, dict_data=content, write_dict_id=False
            )
            self._version = rows[-1]["version"]
        self._look_at = time.monotonic() + _LOOK_SECONDS

    def _dictionary(self, row: Any) -> bytes:
        content: bytes = row["content"]
        if not row["sealed"]:
            return content
        try:
            return self.vault.unseal(content, about_dictionary(row["version"]))
        except (SealBroken, UnknownKey) as error:
            raise SealBroken(f"compression dictionary {row['version']}: {error}") from error

    async def look(self, connection: Connection) -> None:
        """Before packing: load what another process has made meanwhile, and take sealings.

        Asks every half minute, and once on each connection: behind a new one may stand a standby
        that took over without the newest dictionary, and then must make its own of that number.
        """
        backend = connection.get_server_pid()
        if backend in self._looked and time.monotonic() < self._look_at:
            await self.vault.take(connection)
            return
        await self.vault.look(connection)
        self._look_at = time.monotonic() + _LOOK_SECONDS
        if len(self._looked) > _MOST_BACKENDS:
            self._looked.clear()
        self._looked.add(backend)
        rows = await connection.fetch("select version, sequence from store.dictionary")
        there = {row["version"]: row["sequence"] for row in rows}
        if any(there.get(version) != made for version, made in self._made.items()):
            self._forget()
        if there.keys() != self._made.keys():
            await self.load(connection)


_FIRST = 1_000
"""Resources that there are at least when the first dictionary is made."""

_GROWTH = 3
"""The next is made when the store has grown so many times."""

_SAMPLES = 10_000
_BLOCKS = 4_000
_LONGEST = 16 * 1024
_DICTIONARY_BYTES = 112 * 1024
"""Larger ones pack no better at this level: its tables look back 128 KiB."""

_SEGMENT, _MER = 1_024, 8
"""Of fastCover, zstd's way to choose what is common; trying others takes four times as long for a
hundredth less."""

_LOCK = 0x6D6B_0002


async def train_if_due(connection: Connection, codec: Codec) -> bool:
    """Make another dictionary when the store has grown threefold since the last one.

    Learns from bodies of all types taken at random, in the database's own data, so that the
    dictionary fits the region; rows written before keep their form. To be called outside a
    transaction; while one process trains, others go on. Returns whether one was made.
    """
    if await _due(connection) is None:
        return False
    if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
        return False
    try:
        at = await _due(connection)
        if at is None:
            return False
        bodies = await _sample(connection)
        own = Codec(codec.vault)  # a thread's own: zstd's contexts serve one at a time
        await own.load(connection)
        content = await asyncio.to_thread(_trained, own, bodies)
        await _keep(connection, codec.vault, content, at)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)
    await codec.load(connection)
    return True


async def _keep(connection: Connection, vault: Vault, content: bytes, at: int) -> None:
    """Write the dictionary under the next number: nobody else makes one meanwhile."""
    await vault.look(connection)
    version = await connection.fetchval(
        "select coalesce(max(version), 0) + 1 from store.dictionary"
    )
    if vault.version:
        content = vault.seal(content, about_dictionary(version))
    await connection.execute(
        "insert into store.dictionary (version, content, sequence, sealed) values ($1, $2, $3, $4)",
        version,
        content,
        at,
        bool(vault.version),
    )


async def _due(connection: Connection) -> int | None:
    """How far the sequence of versions is, if that is far enough for another dictionary."""
    at: int | None = await connection.fetchval(
        """select s.last_value from store.sequence s
           where s.last_value
               >= coalesce((select max(sequence) from store.dictionary) * $1::bigint, $2::bigint)
           and exists (select from store.resource offset $2 - 1)""",
        _GROWTH,
        _FIRST,
    )
    return at


async def _sample(connection: Connection) -> list[tuple[bytes, bytes]]:
    """Bodies as stored, and their places: some at random of some thousand blocks at random."""
    rows = await connection.fetch(
        """select type, id, version, body from store.resource tablesample system (
               least(100, $1::float8 * 100 * current_setting('block_size')::bigint
                   / greatest(pg_relation_size('store.resource'), 1)))
           where octet_length(body) <= $2
           order by random() limit $3""",
        _BLOCKS,
        _LONGEST,
        _SAMPLES,
    )
    return [(row["body"], about_resource(row["type"], row["id"], row["version"])) for row in rows]


def _trained(codec: Codec, bodies: Sequence[tuple[bytes, bytes]]) -> bytes:
    samples: list[bytes | bytearray | memoryview] = [
        codec.unpack(body, about)[:_LONGEST] for body, about in bodies
    ]
    size = min(_DICTIONARY_BYTES, sum(map(len, samples)) // 8)
    return zstandard.train_dictionary(size, samples, k=_SEGMENT, d=_MER).as_bytes()
