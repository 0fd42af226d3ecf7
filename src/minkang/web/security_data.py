"""Looks at data at rest: keys, sealing, secrets, durability, backups."""

import asyncio
import os
import resource
import stat
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minkang.crypto import SealBroken, Sm4Key, sm3
from minkang.store.data_keys import DUE_BLOCKS, data_keys
from minkang.store.reseal import resealing
from minkang.web.security_look import Look, Place

_KEY_AGE = timedelta(days=400)
_BACKED_UP = timedelta(days=7)


async def key_files(place: Place) -> Look:
    def look() -> Look:
        folder = place.key_folder
        wide = [folder] if stat.S_IMODE(folder.stat().st_mode) & 0o077 else []
        files = [path for path in folder.iterdir() if path.suffix in (".key", ".passphrase")]
        wide += [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
        strange = [path for path in files if path.stat().st_uid != os.getuid()]
        bad = sorted({path.name for path in wide + strange})
        return Look(not bad, f"{len(files)} files; open to others: {', '.join(bad) or '-'}")

    return await asyncio.to_thread(look)


async def secrets(place: Place) -> Look:
    """No password stands in the settings file; it is read as an operator would."""
    files = (place.settings.home / "minkang.toml", Path.cwd() / "minkang.toml")
    found = []
    for path in files:
        if path.is_file():
            values = tomllib.loads(await asyncio.to_thread(path.read_text, "utf-8"))
            found += [f"{path.name}: {name}" for name in secrets_in(values)]
    return Look(not found, f"in the clear: {', '.join(found) or '-'}")


def secrets_in(values: dict[str, Any]) -> list[str]:
    """Names of settings that are secrets themselves, instead of naming a file."""
    found = []
    for name, value in values.items():
        members = value if isinstance(value, list) else [value]
        for one in members:
            if isinstance(one, dict):
                found += [f"{name}.{below}" for below in secrets_in(one)]
            elif isinstance(one, str) and _is_secret(name, one):
                found.append(name)
    return found


def _is_secret(name: str, value: str) -> bool:
    if "://" in value:
        return bool(urlsplit(value).password)
    words = ("password", "secret", "token", "passphrase")
    return any(word in name for word in words) and not name.endswith(("_file", "_length"))


async def sealed(place: Place) -> Look:
    """Bodies and messages at random: how many of them are sealed."""
    if not any(one.retired is None for one in await data_keys(place.connection)):
        return Look(False, "no data key; minkang keys seal makes the first")
    told, fits = [], True
    for table in ("store.resource", "exchange.message"):
        row = await place.connection.fetchrow(
            f"""select count(*) as seen, count(*) filter (where get_byte(body, 0) = 3) as sealed
                from (select substr(body, 1, 1) as body from {table} tablesample system (
                    least(100, 100 * 1000 * 8192.0 / greatest(pg_relation_size('{table}'), 1)))
                ) b"""  # noqa: S608 - names of this module
        )
        assert row is not None  # noqa: S101 - an aggregate always gives a row
        fits &= row["sealed"] == row["seen"]
        told.append(f"{table}: {row['sealed']} of {row['seen']} looked at")
    broken = sum(one.broken for one in await resealing(place.connection))
    if broken:
        told.append(f"{broken} broken")
    return Look(fits and not broken, "; ".join(told))


async def newest_data_key(place: Place) -> Look:
    keys = await data_keys(place.connection)
    sealing = next((one for one in keys if one.retired is None), None)
    if sealing is None:
        return Look(False, "none")
    age = place.now - sealing.made
    fits = age <= _KEY_AGE and sealing.blocks <= DUE_BLOCKS
    return Look(fits, f"number {sealing.version}, {age.days} days, <= {sealing.sealings} sealings")


async def algorithms(place: Place) -> Look:
    """Known answers: SM3 (GB/T 32905-2016, A.1), SM4-GCM (RFC 8998, A.1), a changed bit refused."""
    digest = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    key = Sm4Key(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    sealed = bytearray(key.seal(b"minkang", b"here"))
    right = sm3(b"abc").hex() == digest and key.unseal(bytes(sealed), b"here") == b"minkang"
    sealed[14] ^= 1
    try:
        key.unseal(bytes(sealed), b"here")
    except SealBroken:
        return Look(right, "SM3, SM4-GCM: known answers")
    return Look(False, "a changed bit was not noticed")


async def labels(place: Place) -> Look:
    return Look(False, "grades lie beside sealed bodies and are not sealed themselves")


async def durable(place: Place) -> Look:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    found = {
        name: await place.connection.fetchval("select current_setting($1)", name) for name in names
    }
    fits = found["synchronous_commit"] != "off" and "off" not in found.values()
    return Look(fits, ", ".join(f"{name} {value}" for name, value in found.items()))


async def backups(place: Place) -> Look:
    last = await place.connection.fetchval(
        "select max(at) from audit.entry where action = 'backup' and allowed"
    )
    if last is None:
        return Look(False, "none by minkang backup")
    return Look(place.now - last <= _BACKED_UP, f"last {last:%Y-%m-%d %H:%M}Z")


async def archive(place: Place) -> Look:
    mode = await place.connection.fetchval("select current_setting('archive_mode')")
    return Look(mode != "off", f"continuous archive {mode}")


async def core_dumps(place: Place) -> Look:
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    return Look(soft == 0, f"largest core dump {soft}")
