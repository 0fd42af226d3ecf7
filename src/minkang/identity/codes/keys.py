"""The keys of codes: made, changed while everybody works, unwrapped in the processes that use them.

They lie wrapped by the envelope key in the database, as data keys do: a new one counts on every
server at once, none has to be copied. Three kinds: `token` makes the MACs of our own tokens;
`card-root` and `card-protection` are those of the published card, which a region may be given.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from minkang.crypto import KeyFilesMissing, Keys, new_key
from minkang.crypto.key_files import KEY_FILE_BYTES
from minkang.crypto.sm4 import KEY_BYTES
from minkang.crypto.wrapping import AnyWrapping, FileWrapping, can_wrap, make_envelope_key
from minkang.identity.codes.token import Mac, mac_of
from minkang.store import Connection, Pool

KeyKind = Literal["token", "card-root", "card-protection"]

KINDS: Final[tuple[KeyKind, ...]] = ("token", "card-root", "card-protection")
OVERLAP: Final = timedelta(hours=24)
"""So long tokens under a retired key are still good, if they are not too old themselves."""

_LOCK: Final = 0x6D6B_0020
_KNOWN_SECONDS: Final = 20.0
_AGAIN_SECONDS: Final = 0.5


class CodeKey(msgspec.Struct, frozen=True):
    """A key as the table has it, without its bytes."""

    kind: KeyKind
    version: int
    wrapping: str
    made: datetime
    retired: datetime | None
    destroyed: bool


class Current(msgspec.Struct, frozen=True):
    """The key of a kind that is used from now on; of the card's, all versions are kept."""

    version: int
    secret: bytes


async def code_keys(connection: Connection) -> list[CodeKey]:
    """All keys of codes, by kind, the oldest first."""
    rows = await connection.fetch(
        """select kind, version, wrapping, made, retired, wrapped is null as destroyed
           from identity.code_key order by kind, version"""
    )
    return [CodeKey(**row) for row in rows]


async def make_code_key(
    connection: Connection,
    keys: Keys,
    kind: KeyKind,
    secret: bytes | None = None,
    *,
    overlap: timedelta = OVERLAP,
) -> int:
    """Make the key of a kind that is used from now on, or take a given one; its version.

    Token keys that were retired longer ago than `overlap` are destroyed (of none: where somebody
    else knows the key); those of the card never are: whoever holds a printed card of theirs has to
    be found again.

    Raises:
        KeyFilesMissing: there is no envelope key to wrap it.
        ValueError: the secret has the wrong length (32 bytes of a token key, 16 of the card's).
    """
    length = KEY_FILE_BYTES if kind == "token" else KEY_BYTES
    if secret is not None and len(secret) != length:
        raise ValueError(f"a {kind} key has {length} bytes")
    wrapping = _wrapping(keys)
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        return await _make(connection, wrapping, kind, secret or _random(length), overlap)


async def rewrap_code_keys(connection: Connection, keys: Keys) -> int:
    """Wrap all keys of codes under the envelope key that wraps now; how many it changed.

    Called before and after another envelope key is taken.

    Raises:
        KeyFilesMissing: the key that wrapped one of them is not here.
        SealBroken: a wrapped key is not what was written.
    """
    wrapping = _wrapping(keys)
    name = await asyncio.to_thread(wrapping.name)
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        rows = await connection.fetch(
            """select kind, version, wrapped, wrapping from identity.code_key
               where wrapped is not null and wrapping <> $1""",
            name,
        )
        for row in rows:
            about = _about(row["kind"], row["version"])
            key = await asyncio.to_thread(wrapping.unwrap, row["wrapped"], about, row["wrapping"])
            await connection.execute(
                """update identity.code_key set wrapped = $3, wrapping = $4
                   where kind = $1 and version = $2""",
                row["kind"],
                row["version"],
                await asyncio.to_thread(wrapping.wrap, key, about),
                name,
            )
    return len(rows)


class CodeKeys:
    """The keys of codes that this process has unwrapped; one for a process.

    It looks for changes every twenty seconds, and at once where a token names a key it has not.
    """

    def __init__(self) -> None:
        self._secrets: dict[tuple[KeyKind, int], bytes] = {}
        self._made: dict[tuple[KeyKind, int], datetime] = {}
        self._macs: dict[int, Mac] = {}
        self._current: dict[KeyKind, int] = {}
        self._retired: dict[int, datetime] = {}
        self._looked = -_KNOWN_SECONDS
        self._looking = asyncio.Lock()

    async def current(self, pool: Pool, keys: Keys, kind: KeyKind) -> Current:
        """The key that is used from now on; the first one is made here.

        Raises:
            KeyFilesMissing: there is no envelope key.
            SealBroken: a wrapped key is not what was written.
        """
        await self._look(pool, keys, _KNOWN_SECONDS)
        if kind not in self._current:
            async with pool.acquire() as connection:
                await _make_first(connection, _wrapping(keys))
            await self._look(pool, keys, 0)
        version = self._current[kind]
        return Current(version, self._secrets[kind, version])

    async def mac(self, pool: Pool, keys: Keys, version: int, now: datetime) -> Mac | None:
        """What makes the MACs of a token key's version; None if it is none that counts now.

        Raises:
            KeyFilesMissing, SealBroken: as `current`.
        """
        await self._look(pool, keys, _KNOWN_SECONDS)
        if version not in self._macs:
            # A token of a stranger must not make every request ask the database.
            await self._look(pool, keys, _AGAIN_SECONDS)
        retired = self._retired.get(version)
        if retired is not None and retired + OVERLAP < now:
            return None
        return self._macs.get(version)

    async def versions(self, pool: Pool, keys: Keys, kind: KeyKind) -> dict[int, bytes]:
        """All keys of a kind that are not destroyed, by version.

        Raises:
            KeyFilesMissing, SealBroken: as `current`.
        """
        await self._look(pool, keys, _KNOWN_SECONDS)
        return {version: key for (one, version), key in self._secrets.items() if one == kind}

    async def _look(self, pool: Pool, keys: Keys, after: float) -> None:
        if time.monotonic() - self._looked < after:
            return
        async with self._looking:
            if after and time.monotonic() - self._looked < after:
                return
            async with pool.acquire() as connection:
                rows = await connection.fetch(
                    """select kind, version, wrapped, wrapping, made, retired
                       from identity.code_key where wrapped is not null order by version"""
                )
            await self._take(rows, keys)
            self._looked = time.monotonic()

    async def _take(self, rows: Sequence[Any], keys: Keys) -> None:
        found: dict[tuple[KeyKind, int], bytes] = {}
        made: dict[tuple[KeyKind, int], datetime] = {}
        for row in rows:
            name = (row["kind"], row["version"])
            made[name] = row["made"]
            if self._made.get(name) == made[name]:
                found[name] = self._secrets[name]
                continue
            about, wrapping = _about(*name), _wrapping(keys)
            found[name] = await asyncio.to_thread(
                wrapping.unwrap,
                row["wrapped"],
                about,
                row["wrapping"],
            )
        self._macs = {
            version: self._macs[version]
            if self._secrets.get((kind, version)) == secret and version in self._macs
            else mac_of(secret)
            for (kind, version), secret in found.items()
            if kind == "token"
        }
        self._secrets, self._made = found, made
        self._current = {}
        self._retired = {}
        for row in rows:
            kind, version, retired = row["kind"], row["version"], row["retired"]
            if retired is None:
                self._current[kind] = version
            elif kind == "token":
                self._retired[version] = retired


async def _make_first(connection: Connection, wrapping: AnyWrapping) -> None:
    """Make the first key of every kind that has none; two processes at once make one."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        there = {one.kind for one in await code_keys(connection) if one.retired is None}
        for kind in KINDS:
            if kind not in there:
                length = KEY_FILE_BYTES if kind == "token" else KEY_BYTES
                await _make(connection, wrapping, kind, _random(length), OVERLAP)


async def _make(
    connection: Connection,
    wrapping: AnyWrapping,
    kind: KeyKind,
    secret: bytes,
    overlap: timedelta,
) -> int:
    if isinstance(wrapping, FileWrapping) and not can_wrap(wrapping.folder):
        await asyncio.to_thread(make_envelope_key, wrapping.folder)
    version: int = await connection.fetchval(
        "select coalesce(max(version), 0) + 1 from identity.code_key where kind = $1", kind
    )
    await connection.execute(
        """update identity.code_key set retired = clock_timestamp()
           where kind = $1 and retired is null""",
        kind,
    )
    await connection.execute(
        """update identity.code_key set wrapped = null
           where kind = 'token' and retired < clock_timestamp() - $1::interval""",
        overlap,
    )
    await connection.execute(
        "insert into identity.code_key (kind, version, wrapped, wrapping) values ($1, $2, $3, $4)",
        kind,
        version,
        await asyncio.to_thread(wrapping.wrap, secret, _about(kind, version)),
        await asyncio.to_thread(wrapping.name),
    )
    return version


def _random(length: int) -> bytes:
    return (new_key() + new_key())[:length]


def _about(kind: str, version: int) -> bytes:
    """What a wrapped key is bound to."""
    return b"minkang code key %s %d" % (kind.encode(), version)


def _wrapping(keys: Keys) -> AnyWrapping:
    if keys.wrapping is None:
        raise KeyFilesMissing("these keys were loaded without the envelope key's folder")
    return keys.wrapping
