"""`minkang standby`: a second database that follows the first and can take over."""

import argparse
import asyncio
import json
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.platform import audit_folder, open_gate, open_platform
from minkang.audit import Entry, Lost, take_over_witness
from minkang.config import Settings
from minkang.store.embedded import embedded
from minkang.store.standby import (
    Promoted,
    StandbyRefused,
    drop,
    follows,
    keep_following,
    make_standby,
    progress,
    promote,
)

_ACTIONS = ("make", "run", "status", "promote", "drop")


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "standby",
        help="a second database that follows the first and can take over",
        description="MINKANG_HOME is the state folder of the standby.",
    )
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("--of", type=Path, metavar="HOME", help="make: the installation to follow")
    parser.add_argument(
        "--synchronous", action="store_true", help="make: commits wait until it has them"
    )
    parser.add_argument(
        "--force", action="store_true", help="promote: though the first database still runs"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    if (chosen.of is None) != (chosen.action != "make"):
        sys.stderr.write("minkang: standby make needs --of HOME, the other actions take none\n")
        return 2
    try:
        report = _ACT[chosen.action](settings, chosen)
    except StandbyRefused as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 1
    if chosen.json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(report)) + "\n")
    else:
        for name, found in report.items():
            sys.stdout.write(f"{name}: {found}\n")
    return 0


def _make(settings: Settings, chosen: argparse.Namespace) -> dict[str, Any]:
    made = make_standby(chosen.of, settings.home, synchronous=chosen.synchronous)
    return {"home": str(settings.home), "follows": made.primary, "slot": made.slot}


def _keep(settings: Settings, _: argparse.Namespace) -> dict[str, Any]:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    follows(settings.home)
    sys.stdout.write(f"ready {settings.home}\n")
    sys.stdout.flush()
    keep_following(settings.home, stop.wait)
    return {}


def _status(settings: Settings, _: argparse.Namespace) -> dict[str, Any]:
    return msgspec.structs.asdict(progress(settings.home))


def _take_over(settings: Settings, chosen: argparse.Namespace) -> dict[str, Any]:
    left = audit_folder(Path(follows(settings.home).primary))
    lost_audit = left if left.is_dir() else None
    # Held until the entry is written, so that the server is not stopped in between.
    with embedded(settings.home) as url:
        promoted = promote(settings.home, force=chosen.force)
        asyncio.run(_tell(settings, url, promoted, lost_audit))
    return {
        "home": str(settings.home),
        "last": promoted.last,
        "timeline": promoted.timeline,
        "epoch": promoted.epochs.after,
    }


def _drop(settings: Settings, _: argparse.Namespace) -> dict[str, Any]:
    drop(settings.home)
    return {"dropped": str(settings.home)}


_ACT = {
    "make": _make,
    "run": _keep,
    "status": _status,
    "promote": _take_over,
    "drop": _drop,
}


async def _tell(settings: Settings, url: str, promoted: Promoted, lost_audit: Path | None) -> None:
    """Write the takeover into the audit log, behind the last entry that arrived."""
    async with open_platform(settings, url) as platform:
        lost: Lost | None = None
        if lost_audit is not None:
            async with platform.pool.acquire() as connection:
                lost = await take_over_witness(
                    connection, platform.keys.audit_key, lost_audit, audit_folder(settings.home)
                )
        async with open_gate(platform) as gate:
            await gate.log.record(
                Entry(
                    action="promote",
                    allowed=True,
                    purpose="administration",
                    object_type="Database",
                    detail={
                        "until": promoted.last.isoformat() if promoted.last else None,
                        "timeline": promoted.timeline,
                        "epoch": promoted.epochs.after,
                        "checkpoints": lost.checkpoints if lost else None,
                        "entries": lost.entries if lost else None,
                    },
                    at=datetime.now(UTC),
                )
            )
