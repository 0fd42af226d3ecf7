"""One key file: 32 bytes in hexadecimal, readable by its owner only."""

import os
import secrets
from pathlib import Path

KEY_FILE_BYTES = 32


class KeyFilesMissing(Exception):  # noqa: N818 - reads as what happened
    """A key file is missing or unreadable where data that depends on it may exist."""


def new_key_file(path: Path) -> None:
    """Make a key at random; the file is there whole or not at all.

    Raises:
        FileExistsError: there is one; a key is never written over.
        OSError: it can't be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_bytes(KEY_FILE_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, path)
    finally:
        beside.unlink()


def read_key_file(path: Path) -> bytes:
    """The key in a file.

    Raises:
        KeyFilesMissing: it can't be read or does not hold 32 bytes in hexadecimal.
    """
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise KeyFilesMissing(f"{path}: cannot be read as hexadecimal: {error}") from error
    if len(key) != KEY_FILE_BYTES:
        raise KeyFilesMissing(f"{path}: holds {len(key)} bytes, {KEY_FILE_BYTES} are needed")
    return key


def renew_key_file(path: Path) -> None:
    """Put another key at random in the place of one; the old one is gone. Raises OSError."""
    fresh = path.with_name(path.name + ".fresh")
    fresh.unlink(missing_ok=True)
    new_key_file(fresh)
    fresh.replace(path)
