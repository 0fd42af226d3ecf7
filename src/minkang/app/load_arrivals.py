"""What is in a file, as messages at the door: looked at, with the line on which each begins."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from minkang.app.load_files import Kind, members, shown
from minkang.app.load_tables import is_table, rows_of
from minkang.exchange import Ahead, Source
from minkang.exchange.cda import label_of as document_label
from minkang.exchange.channels.door import Seen, look_at, look_at_hl7v2
from minkang.exchange.mappings.fhir import label_of as fhir_label
from minkang.exchange.mappings.tables import MappingError, encode_row, mapping_of, row_kind
from minkang.exchange.sources import Channel
from minkang.exchange.wst import (
    NotUnderstoodError,
    Service,
    kept,
    number_in,
    read_envelope,
    service_by_root,
)
from minkang.fhir import Problem, Refused, decode

CHANNELS: Final[dict[Kind, Channel]] = {
    "fhir": "fhir",
    "hl7v2": "mllp",
    "cda": "document",
    "wst": "wst",
    "table": "table",
}

_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]{0,60})")
_INTERACTION: Final = re.compile(rb"<(?:[\w.-]+:)?interactionId\s([^>]{0,500})>")
_EXTENSION: Final = re.compile(rb"""\bextension\s*=\s*["']([^"'<]{1,60})["']""")


class UnfitSource(Exception):  # noqa: N818 - reads as what is wrong
    """The source that was named does not fit the files."""


class For(msgspec.Struct, frozen=True):
    """For whom files are loaded; without a `source` HL7 v2 messages say it themselves.

    `ahead` remembers what is mapped, where the same process stores it.
    """

    known: Mapping[str, Source]
    id_key: bytes
    source: Source | None
    ahead: Ahead | None = None


class Arrived(msgspec.Struct, frozen=True):
    """A message of a file, under the name for people; or the problem for which there is none."""

    file: str
    line: int
    seen: Seen | None = None
    problem: Problem | None = None


def check_source(whom: For, file: str, kind: Kind) -> None:
    """Whether files of a kind may be loaded in the name of the source.

    Raises:
        UnfitSource: none is named where one must be, or it is none that sends such files.
    """
    if whom.source is None:
        if kind == "hl7v2":
            return
        what = "a source with a table mapping" if kind == "table" else "a registered source"
        raise UnfitSource(f"{shown(file)}: --source must name {what}")
    source, channel = whom.source, CHANNELS.get(kind)
    if not source.enabled:
        raise UnfitSource(f"source {source.id} is disabled (source-disabled)")
    if kind == "table" and source.table_mapping is None:
        raise UnfitSource(f"{shown(file)}: --source must name a source with a table mapping")
    if channel in ("document", "wst", "fhir") and not source.sends_by(channel):
        ways = ", ".join(source.channels)
        raise UnfitSource(f"source {source.id} sends by {ways}, not by {channel} ({shown(file)})")


def arrivals(whom: For, file: str, kind: Kind) -> Iterator[Arrived]:
    """The messages of a file; what is named, but damaged, is told as a problem.

    Raises:
        UnfitSource: see `check_source`.
        Unreadable: the file, or what is left of the archive, can't be read.
    """
    check_source(whom, file, kind)
    if kind == "table" and is_table(file):
        with Path(file).open("rb") as reader:
            yield from _rows(whom, shown(file), reader)
        return
    for name, raw in members(file):
        if kind == "table":
            yield from _rows(whom, shown(name), BytesIO(raw))
            continue
        try:
            for line, seen in _messages(whom, kind, raw):
                yield Arrived(shown(name), line, seen)
        except Refused as refused:
            yield Arrived(shown(name), 1, problem=refused.problems[0])


def _rows(whom: For, name: str, file: BinaryIO) -> Iterator[Arrived]:
    source = whom.source
    assert source is not None  # noqa: S101 - `check_source`
    try:
        mapping = mapping_of(source)
    except MappingError as error:
        raise UnfitSource(f"source {source.id}: {error}") from error
    for line, row in rows_of(file, source.charset):
        if isinstance(row, Problem):
            yield Arrived(name, line, problem=row)
            continue
        raw = encode_row(row)
        label = row_kind(mapping, raw)
        yield Arrived(name, line, look_at(source, whom.id_key, "table", label, raw, whom.ahead))


def _messages(whom: For, kind: Kind, raw: bytes) -> Iterator[tuple[int, Seen]]:
    source = whom.source
    if kind == "hl7v2":
        # Who names the source vouches for it, whatever the headers say.
        for line, message in _hl7v2(raw):
            yield line, look_at_hl7v2(whom.known, whom.id_key, message, source, whom.ahead)
        return
    assert source is not None  # noqa: S101 - `check_source`
    if kind == "wst":
        service, message = _service(raw)
        label = (f"wst:{service.name}", number_in(message))
        yield 1, look_at(source, whom.id_key, "wst", label, kept(service, message), whom.ahead)
    elif kind == "cda":
        yield 1, look_at(source, whom.id_key, "document", document_label(raw), raw, whom.ahead)
    else:
        for line, one in _resources(raw):
            yield line, look_at(source, whom.id_key, "fhir", fhir_label(one), one, whom.ahead)


def _hl7v2(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """HL7 v2 messages of a batch file: each begins with MSH at the beginning of a line.

    File and batch headers (FHS, BHS, BTS, FTS) and MLLP frames are passed over.
    """
    starts = [match.start(1) for match in re.finditer(rb"(?:\A|[\r\n\x0b])\s*(MSH)", raw)]
    if not starts and raw.strip():
        yield 1, raw
        return
    line, counted = 1, 0
    for begin, end in zip(starts, [*starts[1:], len(raw)], strict=True):
        message = re.sub(rb"[\r\n](?:FHS|BHS|BTS|FTS)[^\r\n]*", b"", raw[begin:end])
        line += len(re.findall(rb"\r\n|\r|\n", raw[counted:begin]))
        counted = begin
        yield line, message.strip(b"\r\n\x0b\x1c \t") + b"\r"


def _resources(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of an NDJSON file, or the one document that a file is."""
    lines = raw.split(b"\n")
    first = next((line for line in lines if line.strip()), b"")
    try:
        is_whole = isinstance(decode(first), dict)
    except (ValueError, ArithmeticError, RecursionError):
        is_whole = False
    if not is_whole:
        yield 1, raw
        return
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, line.strip()


def _service(raw: bytes) -> tuple[Service, bytes]:
    """The service of a message that lies in a file, with or without its SOAP envelope.

    Raises:
        Refused: the envelope is none; rule `unknown-service`: nobody can tell which service it is.
    """
    names = [match[1] for match in _ROOT.finditer(raw[:16_384])]
    action, message = "", raw
    if names[:1] == [b"Envelope"]:
        try:
            call = read_envelope(raw, "text/xml")
        except NotUnderstoodError as error:
            raise Refused([error.problem]) from error
        action, message = call.action, call.message
        names = [match[1] for match in _ROOT.finditer(message[:16_384])]
    service = _named(action, names[0].decode() if names else "", message)
    if service is None:
        text = "认不出是哪个交互服务的消息"
        raise Refused([Problem("parse", "第 1 行", "unknown-service", text)])
    return service, message


def _named(action: str, root: str, message: bytes) -> Service | None:
    element = _INTERACTION.search(message[:16_384])
    number = _EXTENSION.search(element[1]) if element else None
    given = action or (number[1].decode(errors="replace") if number else "")
    return service_by_root(root, given)
