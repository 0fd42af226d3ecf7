"""A sheet of an XLSX workbook (ECMA-376), row by row.

Excel shows what it does not keep: formulas without a stored result, merged cells, numbers of more
than 15 digits. Each is a fault, so that no row is quietly half of what a person saw.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import repeat
from typing import Any, BinaryIO

from minkang.exchange.tables.line import Line, TableFault, column_names, line_of

_MOST_BYTES = 1024 * 1024 * 1024
_MOST_PARTS = 10_000
_LARGEST = 10**15
_PIECE = 1024 * 1024
_OVERLAP = 64
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+)(\d+):")


def sheet_names(file: BinaryIO) -> list[str]:
    """The names of a workbook's sheets, in their order.

    Raises:
        TableFault: no workbook, or one that can't be read safely.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _look(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(file, read_only=True, keep_links=False)
        except (KeyError, ValueError, OSError, InvalidFileException, SyntaxError) as error:
            raise TableFault(1, "", "workbook", f"不是完好的 XLSX 工作簿：{error}") from error
        try:
            return [sheet.title for sheet in book.worksheets]
        finally:
            book.close()


def workbook_lines(file: BinaryIO, sheet_number: int = 0) -> Iterator[Line]:
    """The rows of a sheet, the first one unless told; its first row names the columns.

    Raises:
        TableFault: no workbook, far larger than it should become, merged cells, a wrong header.
    """
    # Imported when it is needed: it takes a while.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    has_formulas = _look(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        books = []
        try:
            books.append(load_workbook(file, read_only=True, data_only=True, keep_links=False))
            if has_formulas:
                books.append(load_workbook(file, read_only=True, keep_links=False))
            sheets = [book.worksheets[sheet_number] for book in books]
            for sheet in sheets:
                sheet.reset_dimensions()
            written = sheets[1].iter_rows() if has_formulas else repeat(())
            yield from _lines(zip(sheets[0].iter_rows(), written, strict=False))
        except (KeyError, IndexError, ValueError, OSError, InvalidFileException) as error:
            raise TableFault(1, "", "workbook", f"不是完好的 XLSX 工作簿：{error}") from error
        except (zipfile.BadZipFile, SyntaxError, EOFError) as error:
            raise TableFault(1, "", "workbook", f"工作簿已损坏：{error}") from error
        finally:
            for book in books:
                book.close()


def _lines(rows: Iterator[tuple[Sequence[Any], Sequence[Any]]]) -> Iterator[Line]:
    names: list[str] | None = None
    for number, (cells, written) in enumerate(rows, 1):
        try:
            texts = [
                _text(number, names, at, cell, written[at] if at < len(written) else None)
                for at, cell in enumerate(cells)
            ]
        except TableFault as fault:
            if names is None:
                raise
            yield Line(number, fault=fault)
            continue
        if names is None:
            if any(texts):
                names = column_names(number, [text or "" for text in texts])
        elif any(texts):
            yield line_of(number, names, texts + [None] * (len(names) - len(texts)))


def _text(number: int, names: list[str] | None, at: int, cell: Any, written: Any) -> str | None:
    """The text of a cell; `written` is the same cell with its formula, if the sheet has any."""
    value = cell.value
    column = names[at] if names and at < len(names) else _letters(at)
    if value is None:
        if written is not None and written.data_type == "f":
            text = "公式没有保存计算结果，请用 Excel 打开并保存一次"
            raise TableFault(number, column, "formula", text)
        return None
    if cell.data_type == "e":
        raise TableFault(number, column, "cell-error", f"单元格是错误值 {value}")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if abs(value) >= _LARGEST:
            text = "超过 15 位的数字，Excel 已丢失精度，请把该列设为文本后重新填写"
            raise TableFault(number, column, "digits-lost", text)
        return str(value) if isinstance(value, int) else format(value, ".15g")
    if isinstance(value, datetime):
        has_time = "h" in (cell.number_format or "").lower() or value.time() != time()
        return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip() if not isinstance(value, timedelta) else str(value)


def _look(file: BinaryIO) -> bool:
    """Refuse what can't be read safely; whether there are formulas.

    Raises:
        TableFault: no zip archive, a bomb, entities, merged cells.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(one.file_size for one in parts) > _MOST_BYTES:
                raise TableFault(1, "", "too-long", f"解压后超过 {_MOST_BYTES} 字节")
            formulas = [_look_at(archive, one) for one in parts]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise TableFault(1, "", "workbook", f"工作簿已损坏或加密：{error}") from error
    file.seek(0)
    return any(formulas)


def _look_at(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    sheet = _SHEET.fullmatch(part.filename) is not None
    formulas, tail = False, b""
    with archive.open(part) as reader:
        while piece := reader.read(_PIECE):
            text = tail + piece
            if b"<!DOCTYPE" in text and part.filename.endswith((".xml", ".rels")):
                raise TableFault(1, "", "entities", "工作簿中有 DOCTYPE，拒绝读取")
            if not sheet:
                if not part.filename.endswith((".xml", ".rels")):
                    break
                tail = text[-_OVERLAP:]
                continue
            formulas = formulas or b"<f>" in text or b"<f " in text or b"<f/" in text
            if (merged := _MERGED.search(text)) is not None:
                column, row = merged[1].decode(), int(merged[2])
                raise TableFault(row, column, "merged", "有合并单元格，请取消合并并逐行填写")
            tail = text[-_OVERLAP:]
    return formulas


def _letters(at: int) -> str:
    """The letters of a column by its place from 0."""
    letters = ""
    at += 1
    while at:
        at, left = divmod(at - 1, 26)
        letters = chr(65 + left) + letters
    return letters
