"""`minkang keys`: what seals the data, and changing it while everybody works."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.platform import Platform, key_folder, open_gate, open_platform
from minkang.audit import AuditUnavailable, Entry
from minkang.config import Settings
from minkang.crypto import SealBroken
from minkang.crypto.key_files import renew_key_file
from minkang.crypto.wrapping import make_next_key
from minkang.exchange.sealing import (
    begin_resealing,
    destroy_unused,
    how_far,
    reseal_all,
    rewrap,
    rotate_data_key,
)
from minkang.identity.codes.keys import (
    OVERLAP,
    KeyKind,
    code_keys,
    make_code_key,
    rewrap_code_keys,
)
from minkang.store.data_keys import KeyInUse, data_keys
from minkang.store.reseal import NothingSeals, Resealing


class NoSuchKey(Exception):  # noqa: N818 - reads as what happened
    """A file that shall hold a key of the published card holds none, or is for another key."""


_REFUSED = (KeyInUse, NothingSeals, SealBroken, NoSuchKey)
_OF_CODES: dict[str, KeyKind] = {
    "code": "token",
    "card-root": "card-root",
    "card-protection": "card-protection",
}
_Report = dict[str, Any]


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("keys", help="what seals the data, and changing it")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, does: Callable[..., Awaitable[_Report]], text: str) -> Any:
        one = actions.add_parser(name, help=text)
        one.add_argument("--json", action="store_true", help="one JSON object on standard output")
        one.set_defaults(run=_run, does=does)
        return one

    action("status", _status, "data keys, and how far sealing anew is")
    seal = action("seal", _seal, "seal from now on, and then what lies here in the clear")
    turn = action("rotate", _rotate, "another key from now on")
    turn.add_argument("key", choices=["envelope", "session", *_OF_CODES])
    turn.add_argument(
        "--from",
        dest="given",
        type=Path,
        metavar="FILE",
        help="take the key in this file (hexadecimal) for the published card, not one at random",
    )
    turn.add_argument(
        "--at-once",
        action="store_true",
        help="of code: the old key counts no more, because somebody else knows it",
    )
    again = action("reseal", _reseal, "seal everything under the newest data key")
    for one in (seal, again):
        one.add_argument(
            "--background", action="store_true", help="only begin: the running platform does it"
        )
    wrapped = action("rewrap", _rewrap, "another envelope key; no data is touched")
    wrapped.add_argument(
        "--prepare",
        action="store_true",
        help="only make the next key file, to be copied to all servers first",
    )
    gone = action("destroy", _destroy, "destroy a retired data key that nothing needs")
    gone.add_argument("version", type=int, metavar="NUMBER")


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        with database(settings) as url:
            report = asyncio.run(_act(settings, url, chosen))
    except _REFUSED as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 1
    except AuditUnavailable as error:
        sys.stderr.write(f"minkang: nothing without an entry in the audit log: {error}\n")
        return 3
    if chosen.json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(report)) + "\n")
    else:
        _print(report)
    return 0


async def _act(settings: Settings, url: str, chosen: argparse.Namespace) -> _Report:
    async with open_platform(settings, url) as platform:
        if chosen.action != "status":
            await _note(platform, chosen)
        found: _Report = await chosen.does(platform, chosen)
        return found


async def _note(platform: Platform, chosen: argparse.Namespace) -> None:
    """Write down what is about to be done. Raises AuditUnavailable."""
    detail = {"key": getattr(chosen, "key", "envelope")}
    if chosen.action == "destroy":
        detail["version"] = str(chosen.version)
    async with open_gate(platform) as gate:
        await gate.log.record(
            Entry(
                action=f"keys-{chosen.action}",
                allowed=True,
                purpose="administration",
                object_type="Key",
                detail=detail,
                at=datetime.now(UTC),
            )
        )


async def _status(platform: Platform, _: argparse.Namespace) -> _Report:
    async with platform.pool.acquire() as connection:
        keys = await data_keys(connection)
        of_codes = await code_keys(connection)
    return {
        "data_keys": [
            {**msgspec.to_builtins(one), "sealings_at_most": one.sealings} for one in keys
        ],
        "code_keys": [msgspec.to_builtins(one) for one in of_codes],
        "resealing": msgspec.to_builtins(await how_far(platform.store)),
    }


async def _seal(platform: Platform, chosen: argparse.Namespace) -> _Report:
    async with platform.pool.acquire() as connection:
        known = await data_keys(connection)
    version = known[-1].version if known else await rotate_data_key(platform.pool, platform.keys)
    return {"data_key": version, **await _reseal(platform, chosen)}


async def _rotate(platform: Platform, chosen: argparse.Namespace) -> _Report:
    if chosen.given is not None and chosen.key not in ("card-root", "card-protection"):
        raise NoSuchKey("--from is for card-root and card-protection")
    if chosen.key in _OF_CODES:
        return await _rotate_code(platform, chosen)
    if chosen.key == "session":
        path = key_folder(platform.settings.home) / "session.key"
        await asyncio.to_thread(renew_key_file, path)
        sys.stderr.write(
            "restart the platform now: then all sessions, tokens, credentials of sources and "
            "secrets of apps are void and are to be issued anew\n"
        )
        return {"session": "renewed"}
    version = await rotate_data_key(platform.pool, platform.keys)
    sys.stderr.write("running processes take it within half a minute\n")
    return {"data_key": version}


async def _rotate_code(platform: Platform, chosen: argparse.Namespace) -> _Report:
    kind = _OF_CODES[chosen.key]
    secret = await asyncio.to_thread(_key_in, chosen.given) if chosen.given is not None else None
    async with platform.pool.acquire() as connection:
        try:
            overlap = timedelta(0) if chosen.at_once else OVERLAP
            version = await make_code_key(connection, platform.keys, kind, secret, overlap=overlap)
        except ValueError as error:
            raise NoSuchKey(f"{chosen.given}: {error}") from error
    sys.stderr.write("running processes take it within half a minute\n")
    return {f"{kind}_key": version}


def _key_in(path: Path) -> bytes:
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        # An error's own text might hold what stands in the file.
        raise NoSuchKey(f"{path}: {type(error).__name__}: it holds no hexadecimal key") from None


async def _reseal(platform: Platform, chosen: argparse.Namespace) -> _Report:
    if chosen.background:
        await begin_resealing(platform.store)
        done = await how_far(platform.store)
    else:
        done = await reseal_all(platform.store, _tell)
    return {"resealing": msgspec.to_builtins(done)}


async def _tell(areas: list[Resealing]) -> None:
    for one in areas:
        if one.finished is None:
            sys.stderr.write(f"{one.area}: {one.looked} looked at, {one.changed} sealed\n")


async def _rewrap(platform: Platform, chosen: argparse.Namespace) -> _Report:
    folder = key_folder(platform.settings.home)
    if chosen.prepare:
        await asyncio.to_thread(make_next_key, folder)
        return {"next": str(folder / "envelope.next.key")}
    # Before: nothing may hang on the key that is put aside now. After: all on the new one.
    async with platform.pool.acquire() as connection:
        await rewrap_code_keys(connection, platform.keys)
    count = await rewrap(platform.pool, platform.keys)
    async with platform.pool.acquire() as connection:
        count += await rewrap_code_keys(connection, platform.keys)
    sys.stderr.write(
        "envelope.previous.key stays for other servers and older copies; it can be deleted when "
        "all have the new one\n"
    )
    return {"wrapped": count}


async def _destroy(platform: Platform, chosen: argparse.Namespace) -> _Report:
    await destroy_unused(platform.pool, chosen.version, platform.settings.export_hours)
    return {"destroyed": chosen.version}


def _print(report: _Report) -> None:
    for name, found in report.items():
        rows = found if isinstance(found, list) else [found]
        for row in rows:
            told = (
                ", ".join(f"{key} {value}" for key, value in row.items() if value is not None)
                if isinstance(row, dict)
                else str(row)
            )
            sys.stdout.write(f"{name}: {told}\n")
