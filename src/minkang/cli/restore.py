"""`minkang restore`: a backup becomes an installation again, as of its end or of a moment."""

import argparse
import asyncio
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from minkang.app.platform import Platform, audit_folder, key_folder, open_gate, open_platform
from minkang.audit import Entry, Lost, take_over_witness
from minkang.config import Settings
from minkang.store.backup_manifest import BackupRefused, read_manifest
from minkang.store.backup_seal import PASSPHRASE
from minkang.store.restore import Restored, check_backup, restore_files, restoring

_ZONE = ZoneInfo("Asia/Shanghai")


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("restore", help="make an installation of a backup")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the backup")
    parser.add_argument("--into", type=Path, metavar="HOME", help="a new state folder")
    parser.add_argument("--check", action="store_true", help="only read the backup through")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="a moment, ISO 8601")
    parser.add_argument("--archive", type=Path, help="the archive (default: the one in use then)")
    parser.add_argument("--no-archive", action="store_true", help="only what the backup holds")
    parser.add_argument("--keys", type=Path, help="folder of the key files, if they lie apart")
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="opens the key files of the backup"
    )
    parser.add_argument(
        "--files-only", action="store_true", help="only keys and state, without the database"
    )
    parser.add_argument("--witness", type=Path, help="the lost installation's audit/, if left")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    if (chosen.into is None) != chosen.check:
        sys.stderr.write("minkang: restore needs either --into HOME or --check\n")
        return 2
    try:
        if chosen.check:
            manifest = check_backup(chosen.folder, keys=chosen.keys)
            sys.stdout.write(
                f"{chosen.folder}: {len(manifest.files)} files, as they were written\n"
            )
            return 0
        if chosen.files_only:
            restore_files(
                chosen.folder, chosen.into, keys=chosen.keys, passphrase=_passphrase(chosen)
            )
            sys.stdout.write(f"{chosen.into}: keys and state are back\n")
            return 0
        report = _restore(settings, chosen)
    except BackupRefused as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 1
    if chosen.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        sys.stdout.write(
            f"{report['home']}: restored to {report['last']}; "
            f"change feed at epoch {report['epoch']}\n"
        )
    if report["archive"]:
        sys.stderr.write(
            f"minkang.toml names the archive {report['archive']}, which belongs to another folder: "
            "name a new one before the first start\n"
        )
    sys.stderr.write(
        "everybody must log in again, and tokens are void; sources should send again what they "
        "sent after that moment\n"
    )
    return 0


def _restore(settings: Settings, chosen: argparse.Namespace) -> dict[str, Any]:
    archive = None if chosen.no_archive else (chosen.archive or _archive_of(chosen.folder))
    with restoring(
        chosen.folder,
        chosen.into,
        until=chosen.until,
        archive=archive,
        keys=chosen.keys,
        passphrase=_passphrase(chosen),
    ) as restored:
        asyncio.run(_tell(settings, restored, chosen.witness))
    before = read_manifest(chosen.folder)
    moved = before.home != str(chosen.into.resolve())
    return {
        "home": str(chosen.into.resolve()),
        "made": restored.made.isoformat(),
        "until": chosen.until.isoformat() if chosen.until else None,
        "last": restored.last.isoformat(),
        "timeline": restored.timeline,
        "epoch": restored.epochs.after,
        "archive": before.archive if moved else None,
    }


def _passphrase(chosen: argparse.Namespace) -> str | None:
    """What opens the key files: of a file, or asked for where somebody sits and nothing is left."""
    if chosen.passphrase_file:
        return str(chosen.passphrase_file.read_text(encoding="utf-8").strip())
    manifest = read_manifest(chosen.folder)
    sealed = manifest.seal is not None and not manifest.keys_apart
    left = key_folder(Path(manifest.home)) / PASSPHRASE
    if not sealed or left.exists() or not sys.stdin.isatty():
        return None
    return getpass.getpass("recovery passphrase: ")


def _archive_of(folder: Path) -> Path | None:
    named = read_manifest(folder).archive
    archive = Path(named) if named else None
    return archive if archive and archive.is_dir() else None


async def _tell(settings: Settings, restored: Restored, survived: Path | None) -> None:
    """Write the restore into the recovered audit log, behind the last entry that is left."""
    inside = msgspec.structs.replace(settings, home=restored.home, database_url=None)
    async with open_platform(inside, restored.url) as platform:
        lost = await _witness(platform, survived)
        async with open_gate(platform) as gate:
            await gate.log.record(_entry(restored, lost))


async def _witness(platform: Platform, survived: Path | None) -> Lost | None:
    if survived is None:
        return None
    folder = audit_folder(platform.settings.home)
    async with platform.pool.acquire() as connection:
        return await take_over_witness(connection, platform.keys.audit_key, survived, folder)


def _entry(restored: Restored, lost: Lost | None) -> Entry:
    return Entry(
        action="restore",
        allowed=True,
        purpose="administration",
        object_type="Database",
        detail={
            "backup": restored.made.isoformat(),
            "asked": restored.until.isoformat() if restored.until else None,
            "until": restored.last.isoformat(),
            "timeline": restored.timeline,
            "epoch": restored.epochs.after,
            "checkpoints": lost.checkpoints if lost else None,
            "entries": lost.entries if lost else None,
        },
        at=datetime.now(UTC),
    )


def _moment(text: str) -> datetime:
    """An ISO 8601 moment; without a zone it is meant in Asia/Shanghai."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment in ISO 8601") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_ZONE)
