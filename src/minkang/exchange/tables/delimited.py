"""CSV (RFC 4180) as hospitals write it: UTF-8 or GB18030, with or without BOM, comma or tab."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from minkang.exchange.tables.line import Line, TableFault, column_names, line_of

_LONGEST_LINE = 8 * 1024 * 1024
_LONGEST_CELL = 1024 * 1024
_MOST_LINES = 1_000  # of one row
_MARKS = "\t;|"


def csv_lines(file: BinaryIO, charset: str) -> Iterator[Line]:
    """The rows of a CSV file; the first line names the columns.

    Raises:
        TableFault: a line is not in the character set, a quote is not closed, the header is wrong.
    """
    texts = _Texts(file, charset)
    first = next(texts, None)
    if first is None:
        raise TableFault(1, "", "no-header", "文件是空的")
    mark = "," if "," in first else max(_MARKS, key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(_again(first, texts), delimiter=mark, strict=True)
    names: list[str] | None = None
    while True:
        begin = texts.number if names is None else texts.number + 1
        texts.begin = begin
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableFault(begin, "", "quotes", f"引号没有成对：{error}") from error
        if names is None:
            names = column_names(begin, cells)
        elif any(cells):
            yield line_of(begin, names, cells)


class _Texts:
    """The lines of a file as text; knows the number of the last one."""

    def __init__(self, file: BinaryIO, charset: str) -> None:
        head = file.read(3)
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            file.seek(0)
            file, charset = io.BytesIO(_from_utf16(file.read())), "utf-8"
        elif head == codecs.BOM_UTF8:
            charset = "utf-8"
        else:
            file.seek(0)
        self._file, self._charset = file, charset
        self.number = 0
        self.begin = 1

    def __iter__(self) -> "_Texts":
        return self

    def __next__(self) -> str:
        raw = self._file.readline(_LONGEST_LINE)
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) >= _LONGEST_LINE:
            raise TableFault(self.number, "", "too-long", f"一行超过 {_LONGEST_LINE} 字节")
        if self.number - self.begin > _MOST_LINES:
            raise TableFault(self.begin, "", "quotes", "引号没有成对：一行数据延续得太长")
        if b"\0" in raw:
            at = raw.index(b"\0") + 1
            raise TableFault(
                self.number, "", "nul", f"第 {at} 个字节是空字符，文件已损坏或不是文本"
            )
        try:
            return raw.decode(self._charset)
        except UnicodeDecodeError as error:
            text = f"第 {error.start + 1} 个字节不是 {self._charset}，请登记来源的字符集"
            raise TableFault(self.number, "", "charset", text) from error


def _again(first: str, rest: _Texts) -> Iterator[str]:
    yield first
    yield from rest


def _from_utf16(raw: bytes) -> bytes:
    try:
        return raw.decode("utf-16").encode()
    except UnicodeError as error:
        raise TableFault(1, "", "charset", "不是 UTF-16 文本") from error
