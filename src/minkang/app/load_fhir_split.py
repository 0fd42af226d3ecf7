"""What a file with FHIR in it looks like, and where its lines can be cut. Pure, but for reading."""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from minkang.app.load_fhir_open import Reader
from minkang.fhir import decode

BLOCK = 640 * 1024
"""Bytes handed to a worker at once: some hundred resources, one transaction or two."""

LINE = 50 * 1024 * 1024
"""Bytes in one line; the same limit as for the body of a request."""

DOCUMENT = 128 * 1024 * 1024
"""Bytes in a file that is one JSON document, unpacked."""

HEAD = 256 * 1024
_LOOKED_AT = 50
_BOM = b"\xef\xbb\xbf"
_BUNDLE = re.compile(rb'\{\s*"resourceType"\s*:\s*"Bundle"')

Shape = Literal["lines", "document", "empty", "unknown"]


class Lines(msgspec.Struct, frozen=True):
    """Whole lines: from which byte, which line is the first, and the bytes."""

    begin: int
    line: int
    data: bytes


class Overlong(msgspec.Struct, frozen=True):
    """A line longer than `LINE`, passed over."""

    begin: int
    line: int


def shape_of(reader: Reader) -> Shape:
    """What a file holds, told by its content; nothing is used up.

    Raises:
        Unreadable: from the reader.
    """
    head = reader.read(HEAD)
    complete = len(head) < HEAD
    if not complete and b"\n" not in head.strip() and head.removeprefix(_BOM)[:1] == b"{":
        if _BUNDLE.match(head.removeprefix(_BOM)):
            # All but surely a document; whoever takes it apart sees if it is not.
            reader.unread(head)
            return "document"
        # One long line: is it all there is, or the first of many?
        head += reader.read(LINE)
        complete = len(head) < HEAD + LINE
    reader.unread(head)
    text = head.removeprefix(_BOM).strip()
    if not text:
        return "empty" if complete else "unknown"
    if complete and _is_object(text):
        return "document"
    lines = text.split(b"\n", _LOOKED_AT)
    if any(_is_resource(line) for line in lines[: None if complete else -1]):
        return "lines"
    return "document" if text[:1] == b"{" else "unknown"


def split(reader: Reader) -> Iterator[Lines | Overlong]:
    """The lines in blocks; the same cuts each time, whatever the file is packed with.

    Raises:
        Unreadable: from the reader, when it comes to what can't be read.
    """
    begin, line = 0, 1
    rest = reader.read(len(_BOM))
    if rest == _BOM:
        begin, rest = len(_BOM), b""
    while True:
        data = rest + reader.read(BLOCK)
        if len(data) == len(rest):
            break
        end = data.rfind(b"\n") + 1
        parts = [data]
        size = len(data)
        while not end and size <= LINE:
            more = reader.read(BLOCK)
            if not more:
                break
            found = more.rfind(b"\n") + 1
            end = size + found if found else 0
            parts.append(more)
            size += len(more)
        data = b"".join(parts)
        if not end and size > LINE:
            skipped, rest = _next_line(reader)
            yield Overlong(begin, line)
            begin += size + skipped
            line += 1
            continue
        if not end:
            rest = data
            break
        whole, rest = data[:end], data[end:]
        yield Lines(begin, line, whole)
        begin += len(whole)
        line += whole.count(b"\n")
    if rest.strip():
        yield Lines(begin, line, rest)


def _next_line(reader: Reader) -> tuple[int, bytes]:
    """Pass over the rest of a line: bytes passed over, and what was read behind it."""
    skipped = 0
    while more := reader.read(BLOCK):
        end = more.find(b"\n") + 1
        if end:
            return skipped + end, more[end:]
        skipped += len(more)
    return skipped, b""


def _is_object(text: bytes) -> bool:
    return text[:1] == b"{" and _decoded(text) is not None


def _is_resource(line: bytes) -> bool:
    found = _decoded(line) if line[:1] == b"{" else None
    return found is not None and "resourceType" in found


def _decoded(text: bytes) -> dict[str, object] | None:
    try:
        found = decode(text)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
