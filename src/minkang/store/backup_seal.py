"""How a backup is sealed: its files under a data key of its own, its key files under a passphrase.

The data key stands in the manifest, wrapped by the envelope key; the envelope key is among the key
files; these are one file, `keys/keys.sealed`, which the passphrase opens. Who finds the backup has
nothing without the passphrase; who has both needs nothing else.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from minkang.crypto import KeyFilesMissing, SealBroken, Sm4Key, new_key
from minkang.crypto.passphrase import new_passphrase, seal_under, unseal_under
from minkang.crypto.sealed_file import SealedWriter, is_sealed, unsealed
from minkang.crypto.sm4 import SEALED_MORE
from minkang.crypto.wrapping import can_wrap, make_envelope_key, wrapping_of
from minkang.store.backup_manifest import BackupRefused, BackupSeal, FileSum

PASSPHRASE = "recovery.passphrase"  # noqa: S105 - the name of a file
KEYS_SEALED = "keys.sealed"
_ABOUT_KEY = b"minkang backup key"
_ABOUT_KEYS = b"minkang backup key files"
_CHUNK = 1024 * 1024


def own_passphrase(key_folder: Path) -> str:
    """The passphrase of an installation, made if it has none; it is never in a backup.

    Raises:
        OSError: it can't be read or written.
    """
    path = key_folder / PASSPHRASE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(new_passphrase() + "\n")
            file.flush()
            os.fsync(file.fileno())
    return path.read_text(encoding="utf-8").strip()


def new_seal(key_folder: Path) -> tuple[BackupSeal, Sm4Key]:
    """A data key for one backup; an installation without an envelope key gets one.

    Raises:
        KeyFilesMissing, OSError: it can't be wrapped.
    """
    if not can_wrap(key_folder):
        make_envelope_key(key_folder)
    wrapping, key = wrapping_of(key_folder), new_key()
    return BackupSeal(wrapping.wrap(key, _ABOUT_KEY), wrapping.name()), Sm4Key(key)


def seal_keys(files: Mapping[str, bytes], passphrase: str) -> bytes:
    """Key files by name, as what lies in the backup."""
    return seal_under(passphrase, msgspec.msgpack.encode(dict(files)), _ABOUT_KEYS)


def unseal_keys(sealed: Path, passphrase: str, target: Path) -> None:
    """Put the key files of a backup into a folder.

    Raises:
        BackupRefused: it is not the passphrase, or not what was written.
    """
    try:
        content = unseal_under(passphrase, sealed.read_bytes(), _ABOUT_KEYS)
    except SealBroken as error:
        raise BackupRefused(
            f"{sealed}: this passphrase does not open it (or it was altered)"
        ) from error
    for name, secret in msgspec.msgpack.decode(content, type=dict[str, bytes]).items():
        if "/" in name or name.startswith("."):
            raise BackupRefused(f"{sealed}: {name!r} is no name of a key file")
        with new_private(target / name) as file:
            file.write(secret)


def key_of(seal: BackupSeal, key_folder: Path) -> Sm4Key:
    """The data key of a backup, by the key files that belong to it.

    Raises:
        BackupRefused: they don't.
    """
    try:
        return Sm4Key(wrapping_of(key_folder).unwrap(seal.wrapped, _ABOUT_KEY, seal.wrapping))
    except (KeyFilesMissing, SealBroken) as error:
        raise BackupRefused(f"the key files do not open this backup: {error}") from error


def seal_file(source: Path, target: Path, key: Sm4Key, name: str) -> tuple[FileSum, FileSum]:
    """Seal a file into a new one; sums of what was read and of what was written. Raises OSError."""
    read, size = hashlib.sha256(), 0
    with source.open("rb") as file, new_private(target) as bare:
        summing = _Summing(bare)
        writer = SealedWriter(summing, key.seal, name.encode())  # type: ignore[arg-type]
        while chunk := file.read(_CHUNK):
            read.update(chunk)
            size += len(chunk)
            writer.write(chunk)
        writer.close()
    return FileSum(size, read.hexdigest()), summing.sum()


def unseal_file(
    source: Path, target: Path, key: Sm4Key, name: str, *, durably: bool = True
) -> None:
    """Put a sealed file back as it was.

    Raises:
        BackupRefused: it is not what was sealed under that name.
        OSError: it can't be read or written.
    """
    with source.open("rb") as file, new_private(target, durably=durably) as bare:
        if not is_sealed(file):
            raise BackupRefused(f"{source} is not sealed, as all of this backup should be")
        try:
            for part in unsealed(file, key.unseal, name.encode(), SEALED_MORE):
                bare.write(part)
        except SealBroken as error:
            raise BackupRefused(f"{source}: {error}") from error


@contextmanager
def new_private(path: Path, *, durably: bool = True) -> Iterator[BinaryIO]:
    """A new file of mode 0600, on the disk when the block ends. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        if durably:
            os.fsync(file.fileno())


class _Summing:
    """A file that sums up what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest, self._size = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        self._size += len(content)
        return self._file.write(content)

    def sum(self) -> FileSum:
        return FileSum(self._size, self._digest.hexdigest())
