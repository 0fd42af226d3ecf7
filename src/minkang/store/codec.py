"""How a body lies in the database: one codec byte, then the bytes.

| byte | body |
|---|---|
| 0 | JSON as it is |
| 1 | zstd |
| 2 | two bytes dictionary version, then zstd with that dictionary |

The byte leaves room for encrypted forms; a new form never touches old rows.
"""

import zstandard

from minkang.store.connection import Connection

_PLAIN, _ZSTD, _ZSTD_DICTIONARY = b"\x00", b"\x01", b"\x02"
_LEVEL = 3
_SMALLEST_WORTH = 64
_MAX_BODY = 64 * 1024 * 1024


class UnknownDictionary(Exception):  # noqa: N818 - reads as what happened
    """A body names a dictionary version that this process has not loaded yet."""


class Codec:
    """Packs and unpacks bodies; holds the dictionaries loaded so far (they are never removed)."""

    def __init__(self) -> None:
        self._version = 0
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._plain = zstandard.ZstdDecompressor()
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}

    @property
    def version(self) -> int:
        """The dictionary version that new bodies are packed with; 0 is none."""
        return self._version

    def pack(self, body: bytes) -> bytes:
        """JSON to stored bytes."""
        if len(body) < _SMALLEST_WORTH:
            return _PLAIN + body
        packed = self._compressor.compress(body)
        if self._version:
            return _ZSTD_DICTIONARY + self._version.to_bytes(2, "big") + packed
        return _ZSTD + packed

    def unpack(self, stored: bytes) -> bytes:
        """Stored bytes to JSON.

        Raises:
            UnknownDictionary: load the dictionaries again and retry.
            ValueError: the codec byte is none that this program knows.
        """
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

    async def load(self, connection: Connection) -> None:
        """Load the dictionaries that the database holds; the newest serves from now on."""
        rows = await connection.fetch("select version, content from store.dictionary order by 1")
        for row in rows:
            if row["version"] not in self._decompressors:
                content = zstandard.ZstdCompressionDict(row["content"])
                content.precompute_compress(level=_LEVEL)  # once, not for every body
                self._decompressors[row["version"]] = zstandard.ZstdDecompressor(dict_data=content)
                # The version stands before the body: zstd's own number for it is not needed.
                self._compressor = zstandard.ZstdCompressor(
                    level=_LEVEL, dict_data=content, write_dict_id=False
                )
                self._version = row["version"]


_TRAIN_AT = 1_000
_TRAIN_ON = 4_000
_DICTIONARY_BYTES = 112 * 1024


async def train_if_due(connection: Connection, codec: Codec) -> bool:
    """Train the first dictionary once there are enough bodies to learn from.

    Samples bodies of all types, in the database's own data, so that the dictionary fits the
    region; rows written before keep their form. Returns whether one was made.
    """
    if await connection.fetchval("select count(*) from store.dictionary"):
        return False
    rows = await connection.fetch("select body from store.resource limit $1", _TRAIN_ON)
    if len(rows) < _TRAIN_AT:
        return False
    samples: list[bytes | bytearray | memoryview] = [codec.unpack(row["body"]) for row in rows]
    content = zstandard.train_dictionary(_DICTIONARY_BYTES, samples).as_bytes()
    await connection.execute(
        "insert into store.dictionary (version, content) values (1, $1) on conflict do nothing",
        content,
    )
    await codec.load(connection)
    return True
