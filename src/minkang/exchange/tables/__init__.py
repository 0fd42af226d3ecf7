"""Files with a table in them, read row by row: CSV, XLSX, Parquet.

Lives here: what a file's bytes mean as rows of text, and what is wrong with a file, by line and
column. Does not live here: what a row means (`mappings/tables`).

Use `lines_of`; every `Line` has a row or a fault. A fault of the whole file is raised.
"""

from collections.abc import Iterator
from typing import BinaryIO

from minkang.exchange.tables.delimited import csv_lines
from minkang.exchange.tables.line import Line, TableFault
from minkang.exchange.tables.parquet import parquet_lines
from minkang.exchange.tables.workbook import workbook_lines

__all__ = ["Line", "TableFault", "lines_of"]

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def lines_of(file: BinaryIO, charset: str) -> Iterator[Line]:
    """The rows of a table by its first bytes, else CSV in a character set (BOMs go first).

    Raises:
        TableFault: the file can't be read, or no further.
    """
    head = file.read(4)
    file.seek(0)
    if head == b"PK\x03\x04":
        return workbook_lines(file)
    if head == b"PAR1":
        return parquet_lines(file)
    if head == _OLD_EXCEL:
        raise TableFault(
            1, "", "old-excel", "旧的 .xls 或加密的工作簿，请另存为不加密的 .xlsx 或 CSV"
        )
    return csv_lines(file, charset)
