"""A spreadsheet of organisations and people as rows: an XLSX with sheets, or one CSV."""

import csv
import zipfile
from collections.abc import Iterable
from io import BytesIO
from itertools import islice

from minkang.accounts.import_rows import MOST_ROWS, SHEET_NAMES, Row, Sheet, sheet_of
from minkang.exchange.tables import Line, TableFault, lines_of
from minkang.exchange.tables.workbook import sheet_names, workbook_lines

LARGEST = 8 * 1024 * 1024
_UNPACKED = 128 * 1024 * 1024
_WORKBOOK = b"PK\x03\x04"


def rows_of(raw: bytes) -> list[Row]:
    """The rows of a file; those that can't be read carry their fault.

    Raises:
        TableFault: nothing of the file can be taken over: it is no table, too large, unpacks to
            too much, lacks a column or has one that is not known.
    """
    if len(raw) > LARGEST:
        raise TableFault(1, "", "too-many", f"文件超过 {LARGEST // 1024 // 1024} MB")
    if not raw.startswith(_WORKBOOK):
        return _of_text(raw)
    _guard(raw)
    names = sheet_names(BytesIO(raw))
    wanted = {name: sheet for sheet, name in SHEET_NAMES.items()}
    if not set(names) & set(wanted):
        return _rows(None, workbook_lines(BytesIO(raw)))
    found: list[Row] = []
    for at, name in enumerate(names):
        if name in wanted:
            found += _rows(wanted[name], workbook_lines(BytesIO(raw), at))
    return found


def _of_text(raw: bytes) -> list[Row]:
    charset = "utf-8" if _is_utf8(raw) else "gb18030"
    found = _rows(None, lines_of(BytesIO(raw), charset))
    if not found:
        _look_at_heading(raw.partition(b"\n")[0].decode(charset, "replace").lstrip("\ufeff"))
    return found


def _rows(sheet: Sheet | None, lines: Iterable[Line]) -> list[Row]:
    """Rows with the sheet that their heading says; `sheet`: the one it must be."""
    found: list[Line] = list(islice(lines, MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise TableFault(1, "", "too-many", f"超过 {MOST_ROWS} 行")
    heading = next((line.row for line in found if line.row is not None), None)
    if heading is None:
        if found and found[0].fault is not None:
            raise found[0].fault
        return []
    known = sheet_of(heading)
    if known is None or (sheet is not None and known != sheet):
        raise TableFault(1, "", "columns", "、".join(heading)[:200])
    return [
        Row(
            known,
            line.number,
            line.row or {},
            None if line.fault is None else (line.fault.column, line.fault.rule, line.fault.text),
        )
        for line in found
    ]


def _look_at_heading(line: str) -> None:
    """A file without rows is none of ours if its heading is not."""
    names = next(csv.reader([line.strip()]), [])
    if sheet_of([name.strip() for name in names]) is None:
        raise TableFault(1, "", "columns", "、".join(names)[:200])


def _guard(raw: bytes) -> None:
    """Refuse what unpacks to more than any list of people."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _UNPACKED:
                raise TableFault(1, "", "too-many", "解压后太大")
    except zipfile.BadZipFile as error:
        raise TableFault(1, "", "workbook", f"工作簿已损坏：{error}") from error


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True
