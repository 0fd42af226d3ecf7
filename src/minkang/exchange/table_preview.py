"""The first rows of a table through a mapping that is still being written; nothing is kept."""

import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

import msgspec

from minkang.exchange.mappings.tables import MappingError, encode_row, mapping_of
from minkang.exchange.sources import Source
from minkang.exchange.tables import Line, TableFault, lines_of
from minkang.exchange.trial import Tried, try_message
from minkang.fhir import Problem
from minkang.terminology import SourceMap

JUDGED = 500
"""So many rows are judged; more of them tell little more, and somebody waits."""

_SHOWN = 5
_PROBLEMS = 20


class PreviewRow(msgspec.Struct, frozen=True):
    """A row with the line it begins on (the header is line 1) and what it would become."""

    line: int
    tried: Tried


class Preview(msgspec.Struct, frozen=True):
    """What a table would become.

    Attributes:
        error: why nothing could be tried: the mapping or the file is wrong; else empty.
        judged: rows that were tried, `JUDGED` at most.
        bad: of them those with problems.
        rows: the first rows, and the first of those with problems, in order.
    """

    error: str
    judged: int = 0
    bad: int = 0
    rows: tuple[PreviewRow, ...] = ()


def preview(
    source: Source, known: SourceMap, id_key: bytes, text: str, table: bytes, now: datetime
) -> Preview:
    """Try a mapping (`text`, YAML) on a file of a source (CSV in its charset, XLSX, Parquet)."""
    trying = msgspec.structs.replace(source, table_mapping="preview", mapping_text=text)
    try:
        mapping_of(trying)
        lines = list(islice(_lines(table, source.charset), JUDGED))
    except MappingError as error:
        return Preview(str(error))
    tried = [PreviewRow(one.number, _tried(trying, known, id_key, one, now)) for one in lines]
    bad = [one for one in tried if one.tried.problems]
    shown = {one.line: one for one in [*tried[:_SHOWN], *bad[:_PROBLEMS]]}
    return Preview("", len(tried), len(bad), tuple(shown[line] for line in sorted(shown)))


def _lines(table: bytes, charset: str) -> Iterator[Line]:
    """The rows of a file; where it can't be read any further that is its last one."""
    try:
        yield from lines_of(io.BytesIO(table), charset)
    except TableFault as fault:
        yield Line(fault.line, fault=fault)


def _tried(source: Source, known: SourceMap, id_key: bytes, line: Line, now: datetime) -> Tried:
    if line.fault is not None:
        place = f"列 {line.fault.column}" if line.fault.column else f"第 {line.number} 行"
        return Tried((), (Problem("parse", place, line.fault.rule, line.fault.text),))
    return try_message(source, known, id_key, "table", encode_row(line.row or {}), now)
