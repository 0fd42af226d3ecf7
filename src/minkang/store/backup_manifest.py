"""What a backup consists of: every file with its size and SHA-256, under one SM3 digest.

SHA-256 because that is what PostgreSQL itself sends along with a base backup; SM3 over the
manifest, which thereby covers all of them.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from minkang.crypto import sm3

MANIFEST = "minkang-backup.json"
SEAL = "minkang-backup.sm3"
DATABASE = "database"
STATE = "state"
KEYS = "keys"
_CHUNK = 1024 * 1024


class BackupRefused(Exception):  # noqa: N818 - reads as what happened
    """A backup can't be made here, or is not what was written; the text names the file."""


class FileSum(msgspec.Struct, frozen=True):
    """A file's size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


class BackupSeal(msgspec.Struct, frozen=True):
    """How the files are sealed: the data key, wrapped, and the name of the key that wraps it."""

    wrapped: bytes
    wrapping: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself.

    Attributes:
        made: when it was begun.
        until: from this time on a recovery to a point in time is possible; None where the
            database is not part of the backup.
        program: version of Minkang.
        home: the state folder it was made of.
        archive: the folder of the continuous archive at that time, if there was one.
        keys_apart: the key files are not below the backup, but in a folder of their own.
        files: by path below the backup, `/` between the parts; sums are of the files as they lie.
        seal: of all files but those of the keys; None: an older release wrote them in the clear.
    """

    format: int = 2
    made: datetime
    until: datetime | None
    program: str
    home: str
    archive: str | None
    keys_apart: bool
    files: dict[str, FileSum]
    seal: BackupSeal | None = None


def sum_of(path: Path) -> FileSum:
    """Read a file through. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileSum(size, digest.hexdigest())


def copy_file(source: Path, target: Path, *, durably: bool = True) -> FileSum:
    """Copy to a new file of mode 0600; the sum is of what was read. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as file:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                copy.write(chunk)
            copy.flush()
            if durably:
                os.fsync(descriptor)
    return FileSum(size, digest.hexdigest())


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """All regular files below a folder with their relative names, in one order."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and, last, its seal."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    for name, content in ((MANIFEST, text), (SEAL, sm3(text).hex().encode() + b"\n")):
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a whole backup.

    Raises:
        BackupRefused: there is none, or it is not what was written.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
        seal = (folder / SEAL).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(
            f"{folder} is not a whole backup: {MANIFEST} or {SEAL} can't be read ({error})"
        ) from error
    if sm3(text).hex() != seal:
        raise BackupRefused(f"{path} is not what was written (its SM3 digest differs)")
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupRefused(f"{path}: written by another release of Minkang: {error}") from error


def check_files(folder: Path, keys: Path, files: Mapping[str, FileSum]) -> None:
    """Read every file of a backup and compare it; `keys` is where its key files are.

    Raises:
        BackupRefused: names the first file that is missing, too much, or altered.
    """
    seen = {name for name, _ in files_below(folder)} - {MANIFEST, SEAL}
    strange = sorted(seen - files.keys())
    if strange:
        raise BackupRefused(f"{folder / strange[0]} does not belong to the backup")
    for name, expected in files.items():
        path = placed(folder, keys, name)
        try:
            found = sum_of(path)
        except OSError as error:
            raise BackupRefused(f"{path}: {error.strerror or error}") from error
        if found.size != expected.size:
            raise BackupRefused(f"{path} has {found.size} bytes, it was {expected.size}")
        if found != expected:
            raise BackupRefused(f"{path} is not what was written (its SHA-256 digest differs)")


def placed(folder: Path, keys: Path, name: str) -> Path:
    """Where a file of the manifest lies.

    Raises:
        BackupRefused: the name leads out of the backup.
    """
    parts = name.split("/")
    if ".." in parts or "" in parts:
        raise BackupRefused(f"{folder / MANIFEST}: {name!r} is not a name of a file in a backup")
    if parts[0] == KEYS:
        return keys.joinpath(*parts[1:])
    return folder.joinpath(*parts)
