"""Files with FHIR in them, opened: packed or not, members of archives, standard input.

What is packed is recognised by its first bytes, and unpacked with a limit on how much larger it
may become, so that a small file can't keep the platform busy for days.
"""

import bz2
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

STANDARD_INPUT = "-"

_GZIP, _BZIP2, _ZIP = b"\x1f\x8b", b"BZh", b"PK\x03\x04"

RATIO = 500
"""Unpacked bytes for each packed one, at most; FHIR JSON has 10 to 60."""

_RATIO_FROM = 64 * 1024 * 1024
"""Less than this is unpacked whatever its ratio."""

_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What the standard library raises over archives that are cut short, changed, or encrypted."""


class Unreadable(Exception):  # noqa: N818 - reads as what happened
    """The bytes can't be had; `rule` is `archive`, `ratio` or `unreadable`."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A file, or the member of a zip archive; `-` is standard input."""

    file: str
    member: str = ""

    @property
    def shown(self) -> str:
        """The name for people, e.g. `export.zip!Patient.ndjson`."""
        return f"{self.file}!{self.member}" if self.member else self.file


class Reader:
    """The unpacked bytes of a part, in order; `packed` says how far into the file they reach."""

    def __init__(self, counted: "_Counted", unpacked: IO[bytes], *, is_packed: bool) -> None:
        self._counted = counted
        self._unpacked = unpacked
        self._is_packed = is_packed
        self._ahead, self._at = b"", 0
        self._given = 0

    @property
    def packed(self) -> int:
        """Bytes of the file read so far."""
        return self._counted.count

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only at the end.

        Raises:
            Unreadable: damaged, encrypted, or far larger than it should become.
        """
        parts = [self._ahead[self._at : self._at + size]]
        self._at += len(parts[0])
        if self._at == len(self._ahead):
            self._ahead, self._at = b"", 0
        wanted = size - len(parts[0])
        while wanted:
            part = self._next(wanted)
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def unread(self, data: bytes) -> None:
        """Give back what was read last."""
        self._ahead, self._at = data + self._ahead[self._at :], 0

    def _next(self, size: int) -> bytes:
        try:
            part = self._unpacked.read(min(size, _PIECE))
        except _DAMAGED as error:
            rule = "archive" if self._is_packed else "unreadable"
            raise Unreadable(rule, f"文件读不下去：{error} / can't be read on") from None
        self._given += len(part)
        most = RATIO * max(self._counted.count, 1)
        if self._is_packed and self._given > _RATIO_FROM and self._given > most:
            raise Unreadable(
                "ratio", f"解压后超过原大小的 {RATIO} 倍 / unpacks to more than {RATIO} times"
            )
        return part


_PIECE = 4 * 1024 * 1024


@contextmanager
def opened(part: Part) -> Iterator[Reader]:
    """The unpacked bytes of a part, for the length of a block.

    Raises:
        Unreadable: there is no such file or member, or it can't be read.
    """
    with ExitStack() as stack:
        try:
            counted = _Counted(_file(part, stack))
            packed: Any = io.BufferedReader(counted, 256 * 1024)
            if part.member:
                archive = stack.enter_context(zipfile.ZipFile(packed))
                counted.count = 0
                packed = io.BufferedReader(stack.enter_context(archive.open(part.member)))
            begin = packed.peek(4)
            unpacked: Any = packed
            if begin.startswith(_GZIP):
                unpacked = stack.enter_context(gzip.GzipFile(fileobj=packed))
            elif begin.startswith(_BZIP2):
                unpacked = stack.enter_context(bz2.BZ2File(packed))
        except _DAMAGED as error:
            raise Unreadable("unreadable", f"文件打不开：{error} / can't be opened") from None
        except KeyError:
            raise Unreadable("archive", "压缩包中没有此文件 / no such member") from None
        if begin.startswith(_ZIP):
            raise Unreadable("archive", "此处不能读 zip / no zip archive can be read here")
        yield Reader(counted, unpacked, is_packed=unpacked is not packed or bool(part.member))


def parts_of(file: str) -> list[tuple[Part, int]]:
    """The file itself, or the members of a zip archive in the order of their names; packed sizes.

    Raises:
        Unreadable: an archive that is damaged.
    """
    if file == STANDARD_INPUT:
        return [(Part(file), 0)]
    try:
        size = Path(file).stat().st_size
        with Path(file).open("rb") as held:
            if held.read(len(_ZIP)) != _ZIP:
                return [(Part(file), size)]
            with zipfile.ZipFile(held) as archive:
                members = sorted(
                    (one.filename, one.compress_size)
                    for one in archive.infolist()
                    if not one.is_dir()
                )
    except _DAMAGED as error:
        raise Unreadable("archive", f"文件打不开：{error} / can't be opened") from None
    return [(Part(file, name), size) for name, size in members]


def _file(part: Part, stack: ExitStack) -> IO[bytes]:
    if part.file == STANDARD_INPUT:
        return sys.stdin.buffer
    return stack.enter_context(Path(part.file).open("rb", buffering=0))


class _Counted(io.RawIOBase):
    """A file that counts the bytes read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        self.count += len(part)
        return len(part)
