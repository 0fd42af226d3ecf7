"""`minkang audit verify`: is the log as it was written?"""

import argparse
import asyncio
import json
import sys
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.platform import audit_folder, open_platform
from minkang.audit import Cut, Verification, verify
from minkang.config import Settings


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("audit", help="the audit log")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("verify", help="find every change, gap or reordering")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")
    check.set_defaults(run=_verify)


def _verify(settings: Settings, chosen: argparse.Namespace) -> int:
    with database(settings) as url:
        found = asyncio.run(_run(settings, url))
    if chosen.json:
        report = {
            "entries": found.entries,
            "writers": found.writers,
            "checkpoints": found.checkpoints,
            "intact": found.intact,
            "faults": [
                {"writer": str(f.writer), "seq": f.seq, "kind": f.kind, "text": f.text}
                for f in found.faults
            ],
            "cuts": msgspec.to_builtins(found.cuts),
        }
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(
            f"{found.entries} entries, {found.writers} writers, {found.checkpoints} checkpoints: "
            f"{'intact' if found.intact else 'NOT INTACT'}\n"
        )
        for fault in found.faults:
            sys.stdout.write(f"  {fault.kind} {fault.writer} {fault.seq}: {fault.text}\n")
        for cut in found.cuts:
            sys.stdout.write(f"  {_told(cut)}\n")
    return 0 if found.intact else 1


def _told(cut: Cut) -> str:
    """A restore or takeover in words: what can't be in this log."""
    began = f"{cut.at:%Y-%m-%d %H:%M:%S}Z"
    text = (
        f"{cut.action} {began}: what was written after {cut.until or 'its last entry'} is not here"
    )
    if cut.entries is not None:
        text += f"; {cut.entries} entries are known to be lost"
    if cut.checkpoints is not None:
        first, last = cut.checkpoints
        text += f", and checkpoints {first} to {last}"
    return text


async def _run(settings: Settings, url: str) -> Verification:
    async with open_platform(settings, url) as platform:
        return await verify(platform.pool, platform.keys, audit_folder(settings.home))
