"""A backup of an installation: base backup of the embedded database, keys, and the state folder.

    DIR/minkang-backup.json, .sm3   what belongs to it (see backup_manifest)
    DIR/database/                   PostgreSQL's data folder with the log that makes it consistent
    DIR/state/                      the rest of the state folder: settings, outer audit log, ...
    DIR/keys/keys.sealed            key files under a passphrase; or as they are in a folder apart

All files are sealed (see backup_seal); PostgreSQL writes its own in the clear first, into a folder
that nobody else may enter, and each is sealed and taken away then. The backup is written beside its
place (`DIR.partial`) and renamed when it is whole and has been read back: what has the name is
complete. Writers go on meanwhile.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from minkang import __version__
from minkang.crypto import Sm4Key
from minkang.store.backup_manifest import (
    DATABASE,
    KEYS,
    STATE,
    BackupRefused,
    FileSum,
    Manifest,
    check_files,
    copy_file,
    files_below,
    sum_of,
    write_manifest,
)
from minkang.store.backup_seal import (
    KEYS_SEALED,
    PASSPHRASE,
    new_private,
    new_seal,
    own_passphrase,
    seal_file,
    seal_keys,
)
from minkang.store.embedded import embedded
from minkang.store.embedded_place import DatabaseUnavailable, Place, locate, programs, sync_folder

# Made anew, or belonging to the running server; but its password is needed.
_LEFT_OUT = ("postgres", "programs", "analytics", "export")
_RUNNING = (".log", ".lock", ".new", ".partial")
PASSWORD = "postgres.password"  # noqa: S105 - the name of a file


class Backup(msgspec.Struct, frozen=True):
    """A backup that was written and read back.

    Attributes:
        folder: where it is.
        keys: where its key files are.
        files: how many.
        bytes: all together.
        until: the earliest time to which it can be recovered; None without the database.
    """

    folder: Path
    keys: Path
    files: int
    bytes: int
    until: datetime | None


def back_up(
    home: Path,
    folder: Path,
    *,
    keys: Path | None = None,
    archive: Path | None = None,
    further: Mapping[str, str] | None = None,
    database: bool = True,
    passphrase: str | None = None,
) -> Backup:
    """Back up a state folder, whether or not its platform runs, and read the backup back.

    `keys` puts the key files into a folder of their own. `archive` and `further` are what the
    installation's server runs with. Without `database` only keys and state are saved (the
    database is a server of the operator's own). `passphrase` opens the key files of the backup;
    none is the installation's own (`backup_seal.own_passphrase`).

    Raises:
        BackupRefused: the place is taken, there is no installation, or what was written is not
            what is read.
        DatabaseUnavailable: the database can't be started or does not give a base backup.
        KeyFilesMissing: the backup's data key can't be wrapped.
        OSError: no room, no rights.
    """
    home, folder = home.resolve(), folder.resolve()
    key_folder = keys.resolve() if keys else folder / KEYS
    check_places(home, folder, keys, database=database)
    partial = folder.with_name(folder.name + ".partial")
    part_keys = key_folder if keys else partial / KEYS
    try:
        for new in (partial, part_keys):
            new.mkdir(mode=0o700, parents=True, exist_ok=True)
        seal, key = new_seal(home / KEYS)
        if keys is None and passphrase is None:
            passphrase = own_passphrase(home / KEYS)
        target = _Target(partial, part_keys, key, None if keys else passphrase)
        manifest = _fill(home, target, further or {}, database=database)
        write_manifest(
            partial,
            msgspec.structs.replace(
                manifest,
                archive=str(archive.resolve()) if archive else None,
                keys_apart=keys is not None,
                seal=seal,
            ),
        )
        for parent, _, _ in os.walk(partial):
            sync_folder(Path(parent))
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        for new in (partial, part_keys):
            shutil.rmtree(new, ignore_errors=True)
        raise
    size = sum(one.size for one in manifest.files.values())
    return Backup(folder, key_folder, len(manifest.files), size, manifest.until)


class _Target(msgspec.Struct, frozen=True):
    """Where a backup is written, and sealed how; without `passphrase` the key files lie apart."""

    folder: Path
    keys: Path
    key: Sm4Key
    passphrase: str | None


def _fill(home: Path, target: _Target, further: Mapping[str, str], *, database: bool) -> Manifest:
    """Copy and seal everything, and read it back."""
    made = datetime.now(UTC)
    # The outer audit log first: the database may know more than it, never less.
    sums = _copy_keys(home / KEYS, target) | _copy_state(home, target)
    until = None
    if database:
        sums |= _base_backup(home, target, further)
        until = datetime.now(UTC)
    check_files(target.folder, target.keys, sums)
    return Manifest(
        made=made,
        until=until,
        program=__version__,
        home=str(home),
        archive=None,
        keys_apart=False,
        files=sums,
    )


def base_backup(place: Place, url: str, target: Path, options: list[str]) -> None:
    """Let pg_basebackup copy a running server's data folder to a new one.

    Raises:
        DatabaseUnavailable: it does not; the text has its words.
    """
    parts = urlsplit(url)
    run_tool(
        place,
        "pg_basebackup",
        [
            *("--pgdata", str(target), "--wal-method=stream", "--checkpoint=fast"),
            *("--manifest-checksums=SHA256", "--no-password", "--host", str(place.socket)),
            *("--port=5432", "--username", unquote(parts.username or ""), *options),
        ],
        {"PGPASSWORD": unquote(parts.password or "")},
    )


def run_tool(place: Place, name: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Run one of PostgreSQL's programs for operators, as the user of this process.

    Raises:
        DatabaseUnavailable: it failed; the text has its words.
    """
    tool = programs(msgspec.structs.replace(place, account=None)) / name
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [str(tool), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **environment},
        umask=0o077,
        check=False,
    )
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip()
        raise DatabaseUnavailable(f"{name} failed: {said}")


def check_places(home: Path, folder: Path, keys: Path | None, *, database: bool = True) -> None:
    """Whether there is something to back up, and room under these names.

    Raises:
        BackupRefused: there is not; says which place.
    """
    home, folder = home.resolve(), folder.resolve()
    if (database and not locate(home).data.exists()) or not (home / KEYS).is_dir():
        raise BackupRefused(f"{home} holds no installation; there is nothing to back up")
    partial = folder.with_name(folder.name + ".partial")
    if partial.exists():
        raise BackupRefused(f"{partial} is left from a backup that was not finished; delete it")
    for place in (folder, *([keys.resolve()] if keys else [])):
        if place.is_relative_to(home):
            raise BackupRefused(f"{place} lies in the state folder which is to be backed up")
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise BackupRefused(f"{place} is not empty; a backup is never written over")


def _copy_keys(folder: Path, target: _Target) -> dict[str, FileSum]:
    """The key files: as one that the passphrase opens, or as they are in their own folder."""
    files = {name: path for name, path in files_below(folder) if name != PASSPHRASE}
    if target.passphrase is None:
        copied = {name: copy_file(path, target.keys / name) for name, path in files.items()}
        return {f"{KEYS}/{name}": one for name, one in copied.items()}
    sealed = seal_keys({name: path.read_bytes() for name, path in files.items()}, target.passphrase)
    with new_private(target.keys / KEYS_SEALED) as file:
        file.write(sealed)
    return {f"{KEYS}/{KEYS_SEALED}": sum_of(target.keys / KEYS_SEALED)}


def _copy_state(home: Path, target: _Target) -> dict[str, FileSum]:
    """Seal what is in the state folder, but for key files and database."""
    sums: dict[str, FileSum] = {}
    for entry in sorted(home.iterdir()):
        if entry.name == KEYS or (
            entry.name != PASSWORD
            and (entry.name.startswith(_LEFT_OUT) or entry.suffix in _RUNNING)
        ):
            continue
        below = files_below(entry) if entry.is_dir() else [("", entry)]
        for relative, source in below:
            name = "/".join(filter(None, (STATE, entry.name, relative)))
            with contextlib.suppress(FileNotFoundError):  # an audit chain was closed meanwhile
                _, sums[name] = seal_file(source, target.folder / name, target.key, name)
    return sums


def _base_backup(home: Path, target: _Target, further: Mapping[str, str]) -> dict[str, FileSum]:
    """The base backup, each file compared with the digest that the server sent along, and sealed.

    Raises:
        BackupRefused: a file is not what the server sent.
    """
    folder = target.folder / DATABASE
    with embedded(home, further=further) as url:
        place = locate(home)
        base_backup(place, url, folder, [])
    # Reads the log through, too; the digests are compared below.
    run_tool(place, "pg_verifybackup", ["--skip-checksums", "--quiet", str(folder)], {})
    sent = msgspec.json.decode((folder / "backup_manifest").read_bytes(), type=_ServerManifest)
    expected = {one.Path: FileSum(one.Size, one.Checksum) for one in sent.Files if one.Path}
    sums: dict[str, FileSum] = {}
    for below, path in list(files_below(folder)):
        name, beside = f"{DATABASE}/{below}", path.with_name(path.name + ".sealing")
        read, sums[name] = seal_file(path, beside, target.key, name)
        if expected.pop(below, read) != read:
            raise BackupRefused(f"{path} is not what the server sent (its SHA-256 digest differs)")
        beside.replace(path)
    if expected:
        raise BackupRefused(f"{folder / next(iter(expected))} is missing")
    return sums


class _ServerFile(msgspec.Struct, frozen=True):
    """An entry of PostgreSQL's backup manifest; a path that is no UTF-8 has another field."""

    Size: int
    Checksum: str
    Path: str = ""


class _ServerManifest(msgspec.Struct, frozen=True):
    Files: list[_ServerFile]
