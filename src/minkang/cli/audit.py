"""`minkang audit`: is the log as it was written? And its old entries, into archives."""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.keep_audit import archive_old
from minkang.app.platform import audit_folder, open_platform
from minkang.audit import AuditUnavailable, Cut, Verification, verify
from minkang.config import Settings
from minkang.crypto import read_public_keys
from minkang.fhir.dates import LOCAL


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("audit", help="the audit log")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("verify", help="find every change, gap or reordering")
    check.add_argument("--json", action="store_true", help="one JSON object on standard output")
    check.add_argument(
        "--since", type=_moment, metavar="TIME", help="only entries from then on (ISO 8601)"
    )
    check.add_argument(
        "--signatures", action="store_true", help="check each signature, not only the last"
    )
    check.add_argument(
        "--public-key", type=Path, metavar="FILE", help="an own copy of audit-sign.pub"
    )
    check.set_defaults(run=_verify)
    move = actions.add_parser("archive", help="move what is older than the setting to an archive")
    move.set_defaults(run=_archive)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def _verify(settings: Settings, chosen: argparse.Namespace) -> int:
    with database(settings) as url:
        found = asyncio.run(_run(settings, url, chosen))
    if chosen.json:
        sys.stdout.write(json.dumps(_report(found), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(
            f"{found.entries} entries, {found.writers} writers, {found.checkpoints} checkpoints, "
            f"{found.archives} archives: {'intact' if found.intact else 'NOT INTACT'}\n"
        )
        for fault in found.faults:
            when = f" {fault.at:%Y-%m-%d %H:%M:%S}Z" if fault.at else ""
            sys.stdout.write(f"  {fault.kind} {fault.writer} {fault.seq}{when}: {fault.text}\n")
        if found.further:
            sys.stdout.write(f"  and {found.further} further\n")
        for cut in found.cuts:
            sys.stdout.write(f"  {_told(cut)}\n")
    return 0 if found.intact else 1


def _report(found: Verification) -> dict[str, Any]:
    return {
        "entries": found.entries,
        "writers": found.writers,
        "checkpoints": found.checkpoints,
        "archives": found.archives,
        "intact": found.intact,
        "faults": [
            {
                "writer": str(fault.writer),
                "seq": fault.seq,
                "at": fault.at.isoformat() if fault.at else None,
                "kind": fault.kind,
                "text": fault.text,
            }
            for fault in found.faults
        ],
        "further": found.further,
        "cuts": msgspec.to_builtins(found.cuts),
    }


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


async def _run(settings: Settings, url: str, chosen: argparse.Namespace) -> Verification:
    async with open_platform(settings, url) as platform:
        keys = platform.keys
        if chosen.public_key is not None:
            keys = msgspec.structs.replace(keys, public_keys=read_public_keys(chosen.public_key))
        return await verify(
            platform.pool,
            keys,
            audit_folder(settings.home),
            since=chosen.since,
            every_signature=chosen.signatures,
            url=url,
        )


def _archive(settings: Settings, _: argparse.Namespace) -> int:
    async def run(url: str) -> int:
        async with open_platform(settings, url) as platform:
            return await archive_old(platform, datetime.now(UTC))

    with database(settings) as url:
        try:
            moved = asyncio.run(run(url))
        except AuditUnavailable as error:
            sys.stderr.write(f"minkang: {error}\n")
            return 3
    sys.stdout.write(f"{moved} entries moved\n")
    return 0
