"""The platform's secret keys: one file each, readable by the owner only."""

import os
import secrets
from pathlib import Path

import msgspec

_NAMES = ("id", "index", "audit", "session")


class Keys(msgspec.Struct, frozen=True):
    """The keys of one installation, 32 bytes each.

    Attributes:
        id_key: derives resource and Person ids from the sources' own ids. Never rotates.
        index_key: keys the search hashes of direct identifiers. A change needs a reindex.
        audit_key: chains the audit log and its checkpoints.
        session_key: hashes session and bearer tokens.
    """

    id_key: bytes
    index_key: bytes
    audit_key: bytes
    session_key: bytes


class KeyFilesMissing(Exception):  # noqa: N818 - reads as what happened
    """A key file is missing or unreadable where data that depends on it may exist."""


def load_keys(folder: Path, *, create: bool) -> Keys:
    """Read the key files below `folder`; with `create`, make those of a new installation.

    Raises:
        KeyFilesMissing: a file is absent (and `create` is off, or others exist: a partial set is
            never completed, since data written under the lost key would silently become
            unreachable) or does not hold 32 bytes in hexadecimal.
    """
    paths = [folder / f"{name}.key" for name in _NAMES]
    present = [path for path in paths if path.exists()]
    if not present and create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in paths:
            _write_new(path, secrets.token_bytes(32).hex() + "\n")
    elif len(present) != len(paths):
        missing = ", ".join(str(path) for path in paths if path not in present)
        raise KeyFilesMissing(f"key files are missing: {missing}; restore them from the backup")
    return Keys(*(_read(path) for path in paths))


def _write_new(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise KeyFilesMissing(f"{path}: cannot be read as hexadecimal: {error}") from error
    if len(key) != 32:
        raise KeyFilesMissing(f"{path}: holds {len(key)} bytes, 32 are needed")
    return key
