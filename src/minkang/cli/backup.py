"""`minkang backup`: save an installation whole, and read it back."""

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minkang.app.platform import key_folder, open_gate, open_platform
from minkang.audit import AuditUnavailable, Entry
from minkang.config import Settings
from minkang.store import is_migrated
from minkang.store.backup import Backup, back_up, check_places
from minkang.store.backup_archive import archive_settings
from minkang.store.backup_manifest import BackupRefused
from minkang.store.backup_seal import PASSPHRASE
from minkang.store.embedded import embedded

_OWN_SERVER = (
    "the database is a server of your own (MINKANG_DATABASE_URL): back it up with pg_basebackup or "
    "pgBackRest, with its write-ahead log. Saved here: keys and state only"
)


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("backup", help="save database, keys and state, and check it")
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder for the backup")
    parser.add_argument("--keys", type=Path, help="put the key files there, apart from the data")
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="opens the key files of the backup (default: keys/recovery.passphrase, made if new)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    own = settings.database_url is None
    try:
        check_places(settings.home, chosen.folder, chosen.keys, database=own)
        if own:
            made = _with_database(settings, chosen)
        else:
            made = back_up(
                settings.home,
                chosen.folder,
                keys=chosen.keys,
                database=False,
                passphrase=_passphrase(chosen),
            )
    except BackupRefused as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    except AuditUnavailable as error:
        sys.stderr.write(f"minkang: no backup without an entry in the audit log: {error}\n")
        return 3
    report = {
        "folder": str(made.folder),
        "keys": str(made.keys),
        "files": made.files,
        "bytes": made.bytes,
        "until": made.until.isoformat() if made.until else None,
        "seconds": round(time.monotonic() - began, 3),
    }
    if chosen.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        sys.stdout.write(
            f"{made.folder}: {made.files} files, {made.bytes} bytes, written and read back\n"
        )
    sys.stderr.write(_about_keys(settings, chosen, made))
    if own:
        return 0
    sys.stderr.write(f"minkang: {_OWN_SERVER}\n")
    return 3


def _about_keys(settings: Settings, chosen: argparse.Namespace, made: Backup) -> str:
    if chosen.keys:
        return f"{made.keys} holds the keys in clear, mode 0600: never keep it beside the backup\n"
    own = key_folder(settings.home) / PASSPHRASE
    return (
        f"the keys in the backup are sealed; {chosen.passphrase_file or own} opens them and is not "
        "in the backup: keep a copy of it elsewhere, without it the backup can't be restored\n"
    )


def _with_database(settings: Settings, chosen: argparse.Namespace) -> Backup:
    further = archive_settings(settings.home, settings.archive)
    with embedded(settings.home, further=further) as url:
        asyncio.run(_tell(settings, url, str(chosen.folder.absolute())))
        return back_up(
            settings.home,
            chosen.folder,
            keys=chosen.keys,
            archive=settings.archive,
            further=further,
            passphrase=_passphrase(chosen),
        )


def _passphrase(chosen: argparse.Namespace) -> str | None:
    """What the operator's file says; None is the installation's own. Raises OSError."""
    path: Path | None = chosen.passphrase_file
    return path.read_text(encoding="utf-8").strip() if path else None


async def _tell(settings: Settings, url: str, folder: str) -> None:
    """Write into the audit log that everything is about to be copied. Migrates nothing."""
    if not await is_migrated(url):
        return
    async with open_platform(settings, url) as platform, open_gate(platform) as gate:
        await gate.log.record(
            Entry(
                action="backup",
                allowed=True,
                purpose="administration",
                object_type="Database",
                detail={"folder": folder},
                at=datetime.now(UTC),
            )
        )
