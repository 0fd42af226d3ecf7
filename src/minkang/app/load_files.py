"""Which files a load means, and what each holds, told by its content and not by its name."""

import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, Literal

from minkang.app.load_fhir_open import STANDARD_INPUT, Part, Unreadable, opened, parts_of
from minkang.app.load_fhir_split import shape_of

Kind = Literal["fhir", "hl7v2", "cda", "wst", "table", "counts"]

LONGEST: Final = 512 * 1024 * 1024
"""Bytes of a file, or of a member of an archive, that is not FHIR, unpacked."""

_HEAD: Final = 64 * 1024
_LOOKED_AT: Final = 50
_MESSAGE: Final = re.compile(rb"(?:\A|[\r\n\x0b])\s*(?:MSH|FHS|BHS)")
_XML: Final = re.compile(rb"\s*<[?!A-Za-z]")
_WST: Final = re.compile(rb"<(?:[\w.-]+:)?(?:Envelope|[A-Z]{4}_IN\d{6}UV\d{0,2})[\s/>]")
_TABLES: Final = (".csv", ".xlsx", ".parquet")
_BEGINNINGS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def shown(name: str) -> str:
    """A file's name for people and reports, whatever bytes it consists of."""
    text = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def is_text(name: str) -> bool:
    """Whether a file's name is UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def files_of(paths: Iterable[str], passed_over: Callable[[str], None]) -> list[str]:
    """The files that are meant: folders stand for all in them, in the order of their names.

    `passed_over` is told what lies in a folder and is no file (pipes, sockets, broken links).

    Raises:
        FileNotFoundError: one is not there.
    """
    files: list[str] = []
    for text in paths:
        path = Path(text)
        if text == STANDARD_INPUT:
            files.append(text)
        elif path.is_dir():
            for one in sorted(map(str, path.rglob("*"))):
                if Path(one).is_file():
                    files.append(one)
                elif not Path(one).is_dir():
                    passed_over(one)
        elif path.is_file():
            files.append(text)
        elif path.exists():
            raise FileNotFoundError(f"{shown(text)}: not a file; a pipe is read by way of -")
        else:
            raise FileNotFoundError(f"{shown(text)}: there is no such file")
    return list(dict.fromkeys(files))


def kind_of(file: str) -> Kind:
    """What a file holds; one that is nothing known goes with FHIR, where it is refused.

    An archive is what the first of its members is that is anything.
    """
    if file == STANDARD_INPUT:
        return "fhir"
    if Path(file).suffix.lower() in _TABLES:
        return "table"
    try:
        for number, (part, begin) in enumerate(_beginnings(file)):
            if (kind := _kind(part, begin)) is not None:
                return kind
            if number == _LOOKED_AT:
                break
    except (Unreadable, OSError):
        pass
    return "fhir"


def members(file: str) -> Iterator[tuple[str, bytes]]:
    """The files in a file: itself, unpacked, or the members of a zip or tar archive; with names.

    Raises:
        Unreadable: damaged, encrypted, far larger than it should become, or too long.
    """
    if _is_tar(file):
        yield from _in_tar(file, LONGEST)
        return
    for part, _ in parts_of(file):
        with opened(part) as reader:
            data = reader.read(LONGEST + 1)
        if len(data) > LONGEST:
            raise Unreadable("too-long", f"超过 {LONGEST} 字节 / longer than that")
        yield part.shown, data


def _beginnings(file: str) -> Iterator[tuple[Part | None, bytes]]:
    if _is_tar(file):
        for _, data in _in_tar(file, _HEAD):
            yield None, data
        return
    for part, _ in parts_of(file):
        with opened(part) as reader:
            yield part, reader.read(_HEAD)


def _kind(part: Part | None, begin: bytes) -> Kind | None:
    if begin.startswith(b"PAR1"):
        return "table"
    text = begin.replace(b"\0", b"") if begin.startswith(_BEGINNINGS[1:]) else begin
    for mark in _BEGINNINGS:
        text = text.removeprefix(mark)
    if _XML.match(text):
        return "wst" if _WST.search(text) else "cda"
    if _MESSAGE.search(begin):
        if part is None:
            return "hl7v2"
        with opened(part) as reader:
            return "fhir" if shape_of(reader) in ("lines", "document") else "hl7v2"
    return "fhir" if text.lstrip()[:1] == b"{" else None


def _is_tar(file: str) -> bool:
    try:
        return file != STANDARD_INPUT and tarfile.is_tarfile(file)
    except OSError:
        return False


def _in_tar(file: str, most: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the regular members, up to so many of each; links are passed over."""
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                if not member.isreg():
                    continue
                held: IO[bytes] = archive.extractfile(member) or io.BytesIO()
                data = held.read(most + 1)
                if len(data) > most and most == LONGEST:
                    raise Unreadable("too-long", f"超过 {LONGEST} 字节 / longer than that")
                yield f"{file}!{member.name}", data
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise Unreadable("archive", f"文件打不开：{error} / can't be opened") from None
