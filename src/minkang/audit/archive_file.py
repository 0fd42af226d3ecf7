"""An archive of entries on disk: rows in a zstd file, and a signed manifest beside it.

    audit/archive/000001.jsonl.zst   a row a line: [writer, seq, mac, at in microseconds, ...]
    audit/archive/000001.json        the manifest's text, the signer's fingerprint, the signature

Both are readable without Minkang: `zstd -dc` and any JSON tool.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import zstandard

from minkang.audit.entry import canonical
from minkang.crypto import begun_sm3, sm3

_LEVEL = 6
_BLOCK = 1 << 20
_LONGEST_LINE = 1 << 24
_TAG = b"minkang audit archive 1\0"


class ArchiveSpoilt(Exception):  # noqa: N818 - reads as what happened
    """An archive file can't be read as one."""


class Span(msgspec.Struct, frozen=True):
    """A part of one chain: entries `first` to `last`.

    Attributes:
        before: the link which the first follows from, in hexadecimal.
        mac: the last one's, in hexadecimal.
    """

    writer: UUID
    first: int
    last: int
    before: str
    mac: str


class Manifest(msgspec.Struct, frozen=True):
    """What an archive holds. Its JSON text is what is signed.

    Attributes:
        at, since, until: ISO 8601; when it was made, its oldest entry, what all are older than.
        bytes, sm3: length and digest of the file of rows, in hexadecimal.
        previous: digest of the manifest of the archive before; empty in the first.
    """

    number: int
    at: str
    since: str
    until: str
    entries: int
    bytes: int
    sm3: str
    previous: str
    spans: tuple[Span, ...]


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A row as a line of the file; the columns of audit.entry, `at` in microseconds since 1970."""

    writer: UUID
    seq: int
    mac: str
    at: int
    account: str | None
    account_name: str
    role: str
    organisation: str | None
    purpose: str
    action: str
    object_type: str
    object_id: str
    person: str | None
    allowed: bool
    reason: str
    address: str
    detail: str | None
    persons: list[str] | None

    @property
    def canonical(self) -> bytes:
        """Its bytes in the chain."""
        return canonical(self.seq, msgspec.structs.astuple(self)[3:])


def rows_file(folder: Path, number: int) -> Path:
    """Where an archive's rows are."""
    return folder / "archive" / f"{number:06d}.jsonl.zst"


def manifest_file(folder: Path, number: int) -> Path:
    """Where its manifest is."""
    return folder / "archive" / f"{number:06d}.json"


def signed_part(manifest: str) -> bytes:
    """What the signature of a manifest is over."""
    return sm3(_TAG + manifest.encode())


class RowsWriter:
    """The file of rows as it is written; `finish` gives it its name."""

    def __init__(self, folder: Path, number: int) -> None:
        self._path = rows_file(folder, number)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._part = self._path.with_name(self._path.name + ".part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC  # what a crash left is begun anew
        self._file = os.fdopen(os.open(self._part, flags, 0o600), "wb")
        self._packed = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(
            self._file, closefd=False
        )

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows. Raises OSError."""
        self._packed.write(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))

    def finish(self) -> tuple[int, str]:
        """Make it durable under its name; length and digest. Raises OSError."""
        self._packed.flush(zstandard.FLUSH_FRAME)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)
        sync_folder(self._path.parent)
        return self._path.stat().st_size, file_digest(self._path)

    def discard(self) -> None:
        """Take away what is not finished."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def read_rows(path: Path) -> Iterator[list[Row]]:
    """The rows, some thousands at a time.

    Raises:
        ArchiveSpoilt: it can't be unpacked, or a line is no row.
        OSError: it can't be read.
    """
    decoder = msgspec.json.Decoder(Row)
    rest = b""
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        try:
            while block := reader.read(_BLOCK):
                *lines, rest = (rest + block).split(b"\n")
                if len(rest) > _LONGEST_LINE:
                    raise ArchiveSpoilt(f"{path.name}: a line is too long")
                yield [decoder.decode(line) for line in lines]
        except (zstandard.ZstdError, msgspec.DecodeError) as error:
            raise ArchiveSpoilt(f"{path.name}: {error}") from error
    if rest:
        raise ArchiveSpoilt(f"{path.name}: the last line is torn")


def write_manifest(folder: Path, number: int, content: dict[str, Any]) -> None:
    """Write the manifest durably. Raises OSError."""
    path = manifest_file(folder, number)
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(content) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def file_digest(path: Path) -> str:
    """SM3 of a file, in hexadecimal. Raises OSError."""
    digest = begun_sm3()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.finalize().hex()


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
