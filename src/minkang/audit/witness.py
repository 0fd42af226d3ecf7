"""What lies outside the database: the file of checkpoints, and one small file per open chain.

`checkpoints.jsonl` holds each checkpoint as a JSON line. `heads/<writer>` holds the head that its
writer last committed, rewritten in place after each flush: between two checkpoints it is what
tells that a tail was cut off. It is removed when the log is closed and a checkpoint covers it. It
is not fsynced, so it survives the end of the process but not of the machine; after that it may
lag behind the table, never lead it.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self
from uuid import UUID

import msgspec

from minkang.audit.entry import Head
from minkang.crypto import hmac_sm3

_TAG = b"minkang audit head 1\0"


class Fields(Protocol):
    """A row of the database by column name."""

    def __getitem__(self, name: str, /) -> Any:
        """The column's value."""


class HeadFile:
    """The file with one chain's head, open as long as the chain grows."""

    def __init__(self, path: Path, key: bytes, descriptor: int) -> None:
        self._path, self._key, self._descriptor = path, key, descriptor

    @classmethod
    def create(cls, folder: Path, key: bytes, writer: UUID) -> Self:
        """Make the file of a new chain. Raises OSError."""
        path = folder / "heads" / str(writer)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(path, key, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def note(self, head: Head) -> None:
        """Write the head; one write of fixed length, so that a reader sees the old or the new."""
        text = f"{head.seq:020d} {head.mac.hex()} {_code(self._key, head).hex()}\n"
        os.pwrite(self._descriptor, text.encode(), 0)

    def close(self, *, remove: bool) -> None:
        """Close it, and remove it once a checkpoint covers the head."""
        os.close(self._descriptor)
        if remove:
            self._path.unlink(missing_ok=True)


def read_heads(folder: Path, key: bytes) -> tuple[list[Head], list[str]]:
    """The heads noted by open or crashed logs, and the names of files that are not genuine."""
    heads, spoilt = [], []
    for path in sorted((folder / "heads").glob("*")):
        try:
            text = path.read_text()
            if not text:
                continue  # a chain without entries yet
            seq, mac, code = text.split()
            head = Head(UUID(path.name), int(seq), bytes.fromhex(mac))
            genuine = bytes.fromhex(code) == _code(key, head)
        except FileNotFoundError:
            continue  # closed in the meantime
        except (ValueError, OverflowError):
            genuine = False
        if genuine:
            heads.append(head)
        else:
            spoilt.append(path.name)
    return heads, spoilt


def checkpoints_file(folder: Path) -> Path:
    """Where the lines of the checkpoints are."""
    return folder / "checkpoints.jsonl"


def append(folder: Path, lines: Sequence[bytes]) -> None:
    """Append lines and fsync. A line torn by a crash is cut off first: it comes again."""
    if not lines:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = checkpoints_file(folder)
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.seek(_whole(file))
        file.truncate()
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        _sync_folder(folder)


def last_seq(folder: Path) -> int:
    """The number of the last whole line's checkpoint; 0 without a file or a readable line."""
    try:
        with checkpoints_file(folder).open("rb") as file:
            end = _whole(file)
            start = _newline_before(file, end - 1) if end else 0
            file.seek(start)
            return int(msgspec.json.decode(file.read(end - start))["seq"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0


def lines(folder: Path, size: int) -> Iterator[bytes]:
    """The whole lines among the first `size` bytes, one after the other."""
    try:
        file = checkpoints_file(folder).open("rb")
    except FileNotFoundError:
        return
    with file:
        while size > 0 and (line := file.readline(size)).endswith(b"\n"):
            size -= len(line)
            yield line


def size(folder: Path) -> int:
    """How long the file is now, in bytes; 0 if there is none."""
    try:
        return checkpoints_file(folder).stat().st_size
    except FileNotFoundError:
        return 0


def _code(key: bytes, head: Head) -> bytes:
    place = head.writer.bytes + head.seq.to_bytes(8, "big", signed=True)
    return hmac_sm3(key, _TAG + place + head.mac)


def _whole(file: BinaryIO) -> int:
    """Where the last whole line ends."""
    return _newline_before(file, file.seek(0, os.SEEK_END))


def _newline_before(file: BinaryIO, end: int) -> int:
    """The place after the last line end before `end`, 0 if there is none."""
    while end > 0:
        start = max(0, end - 4096)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
