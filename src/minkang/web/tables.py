"""Tables that people sort and take away, without any script: columns as data, one way for all.

A page says what its columns are and hands over the rows it shows. `table_of` sorts them as the
address asks (`?sort=name`, `?sort=-name`) and makes the heads; `file_of` makes the CSV or the
workbook with the same columns (`?file=csv`, `?file=xlsx`). Nothing is in a file that is not on the
page, and the page asks the gate again before it answers one, so that the file stands in the audit
log by itself. Filters stay what the page makes of its address; heads, pages and files keep them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from pypinyin import lazy_pinyin

from minkang.web.rendering import N_, wall_time
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

Value: TypeAlias = str | int | float | Decimal | bool | date | datetime | None
File = Literal["", "csv", "xlsx"]
Order = Literal["", "ascending", "descending"]

MOST_ROWS: Final = 5000
"""As many rows are in a file at most."""

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Column(msgspec.Struct, frozen=True):
    """A column: its key in addresses, its head in Chinese, and what a row shows in it."""

    key: str
    words: str
    of: Callable[[Any], Value]
    number: bool = False


class Head(msgspec.Struct, frozen=True):
    """The head of a column as the page shows it; `href` sorts by it, or the other way round."""

    words: str
    href: str
    order: Order
    number: bool


class Table(msgspec.Struct, frozen=True):
    """What the page needs beside its own cells (see `tables.html`).

    Attributes:
        rows: sorted as asked.
        files: (name, address) of the files.
        partly: sorted, but there are more rows on other pages.
    """

    heads: tuple[Head, ...]
    rows: list[Any]
    files: tuple[tuple[str, str], ...]
    partly: bool


def table_of(
    visitor: Visitor,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    more: bool = False,
    path: str = "",
) -> Table:
    """Rows in the order that the address asks for, else as they come; `more`: there are others.

    `path` is the page's address if the request is one for a part of it.
    """
    request, wanted = visitor.request, visitor.request.query_params.get("sort", "")
    by = next((one for one in columns if one.key == wanted.removeprefix("-")), None)
    down = wanted.startswith("-")
    listed = list(rows)
    if by is not None:
        filled = [row for row in listed if by.of(row) not in (None, "")]
        empty = [row for row in listed if by.of(row) in (None, "")]
        listed = sorted(filled, key=lambda row: _rank(by.of(row)), reverse=down) + empty
    heads = []
    for one in columns:
        order: Order = "" if one is not by else "descending" if down else "ascending"
        turned = f"-{one.key}" if order == "ascending" else one.key
        href = address(request, path=path, sort=turned)
        heads.append(Head(visitor.say(one.words), href, order, one.number))
    files = tuple(
        (kind.upper(), address(request, path=path, file=kind, after="", before=""))
        for kind in _TYPES
    )
    return Table(tuple(heads), listed, files, more and by is not None)


def address(request: Request[Any, Any, Any], *, path: str = "", **changes: str) -> str:
    """The address of this page with some of what it asks for changed; '' takes a thing away."""
    asked = {name: str(value) for name, value in request.query_params.items()}
    query = {name: value for name, value in {**asked, "file": "", **changes}.items() if value}
    here = path or request.url.path
    return f"{here}?{urlencode(query)}" if query else here


def file_wanted(request: Request[Any, Any, Any]) -> File:
    """The kind of file that the address asks for instead of the page; '' if it asks for none."""
    wanted = request.query_params.get("file", "")
    return "csv" if wanted == "csv" else "xlsx" if wanted == "xlsx" else ""


def file_of(
    visitor: Visitor, columns: Sequence[Column], rows: Iterable[Any], *, name: str, kind: str
) -> Response[bytes]:
    """The rows as a file to take away, sorted as the address asks; `kind`: `csv` or `xlsx`."""
    table = table_of(visitor, columns, rows)
    lines = [[one.of(row) for one in columns] for row in table.rows]
    heads = [head.words for head in table.heads]
    content = _workbook(heads, lines) if kind == "xlsx" else _csv(visitor, heads, lines)
    ending = "xlsx" if kind == "xlsx" else "csv"
    return Response(
        content,
        media_type=_TYPES[ending],
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}.{ending}",
        },
    )


def _csv(visitor: Visitor, heads: Sequence[str], lines: Iterable[Sequence[Value]]) -> bytes:
    """With a byte order mark, so that spreadsheets read Chinese; no cell is a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(heads)
    table.writerows([_text(visitor, value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _text(visitor: Visitor, value: Value) -> str:
    if isinstance(value, bool):
        return visitor.say(N_("是") if value else N_("否"))
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = wall_time(value) if isinstance(value, datetime) else str(value or "")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _workbook(heads: Sequence[str], lines: Iterable[Sequence[Value]]) -> bytes:
    """One sheet; text is text, whatever it begins with, and times are those of China."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(heads)
    for line in lines:
        cells = []
        for value in line:
            if isinstance(value, datetime):
                cell = WriteOnlyCell(sheet, value=value.astimezone(ZONE).replace(tzinfo=None))
                cell.number_format = "yyyy-mm-dd hh:mm"
            elif isinstance(value, str):
                cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
                cell.data_type = "s"
            else:
                cell = WriteOnlyCell(sheet, value=value)
            cells.append(cell)
        sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rank(value: Value) -> Any:
    """What values of a column are compared by: Chinese by its sound."""
    if isinstance(value, str):
        return [one.lower() for one in lazy_pinyin(value)]
    return value
