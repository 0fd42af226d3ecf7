"""Files with a table in them: the rows, each with the line on which it begins."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from minkang.exchange.tables import Line, TableFault, lines_of
from minkang.exchange.tables.line import Row
from minkang.fhir import Problem

_ENDINGS = (".csv", ".xlsx", ".parquet")


def is_table(file: str) -> bool:
    """Whether a file is a table itself, by its name, and not an archive of some."""
    return Path(file).suffix.lower() in _ENDINGS


def rows_of(file: BinaryIO, charset: str) -> Iterator[tuple[int, Row | Problem]]:
    """Lines and rows of a CSV, XLSX or Parquet file, or what is wrong instead of a row.

    After something that is wrong with the whole file there are no more.
    """
    try:
        for line in lines_of(file, charset):
            yield line.number, _row(line)
    except TableFault as fault:
        yield fault.line, problem_of(fault)


def problem_of(fault: TableFault) -> Problem:
    """A fault as a problem, its place as in problems of rows."""
    place = f"行 {fault.line}" + (f"，列 {fault.column}" if fault.column else "")
    return Problem("parse", place, fault.rule, fault.text)


def _row(line: Line) -> Row | Problem:
    return problem_of(line.fault) if line.fault is not None else line.row or {}
