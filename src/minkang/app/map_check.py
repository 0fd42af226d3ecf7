"""A mapping tried on a table: the first rows as FHIR, and everything that is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.load_report import MOST_PROBLEMS, FileProblem
from minkang.app.load_tables import problem_of
from minkang.exchange import Source
from minkang.exchange.mappings import Context
from minkang.exchange.mappings.tables import (
    MappingError,
    encode_row,
    load_mapping,
    map_row,
    shipped_mappings,
    shipped_text,
)
from minkang.exchange.tables import Line, TableFault, lines_of
from minkang.fhir import Problem, Refused, decode, encode
from minkang.fhir.validate import check

VALIDATED = 1_000
"""Rows from the beginning whose resources are held against FHIR's rules, too."""

_KEY = bytes(32)


class Tried(msgspec.Struct):
    """What came of it.

    Attributes:
        rows, refused, resources, withdrawn: how many there were; the last two of resources.
        shown: the resources of the first rows.
        unused: columns of the table that the mapping does not name.
        lacking: columns that the mapping names and the table lacks.
    """

    rows: int = 0
    refused: int = 0
    resources: int = 0
    withdrawn: int = 0
    shown: list[list[Any]] = []
    unused: list[str] = []
    lacking: list[str] = []
    problems: list[FileProblem] = []

    def tell(self, file: Path, line: int, problem: Problem) -> None:
        """Note a problem, if there are not too many already."""
        if len(self.problems) < MOST_PROBLEMS:
            found = FileProblem(str(file), line, problem.place, problem.rule, problem.text)
            self.problems.append(found)


def mapping_text(name: str) -> tuple[str, str]:
    """Name and text of a mapping: a file, or a shipped one by its name.

    Raises:
        MappingError: it is neither, or no UTF-8.
    """
    path = Path(name)
    if path.is_file():
        try:
            return path.stem, path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise MappingError(f"{path.name}: 不是 UTF-8 文本（{error}）") from error
    if name in shipped_mappings():
        return name, shipped_text(name)
    raise MappingError(f"{name}: 没有这个文件，也不是自带的映射（{'、'.join(shipped_mappings())}）")


def try_mapping(mapping: str, table: Path, charset: str, rows: int) -> Tried:
    """Map all rows of a table; show the first ones. Nothing is stored.

    Ids are made with a key of zeros: they differ from those in the record.

    Raises:
        MappingError: the mapping is wrong.
        OSError: the table can't be read.
    """
    name, text = mapping_text(mapping)
    known = load_mapping(Path(f"{name}.yaml"), text)
    source = Source(
        id="check",
        name="试用机构",
        organisation="CHECK",
        channels=("table",),
        table_mapping=name,
        mapping_text=text,
    )
    context = Context(source, _KEY, datetime.now(UTC), bytes(32))
    tried = Tried()
    with table.open("rb") as file:
        try:
            for line in lines_of(file, charset):
                if not tried.rows and line.row is not None:
                    tried.unused = [one for one in line.row if one not in known.columns]
                    tried.lacking = [one for one in known.columns if one not in line.row]
                _try_line(context, table, line, tried, rows)
        except TableFault as fault:
            tried.refused += 1
            tried.tell(table, fault.line, problem_of(fault))
    return tried


def _try_line(context: Context, table: Path, line: Line, tried: Tried, rows: int) -> None:
    tried.rows += 1
    if line.fault is not None:
        problems = [problem_of(line.fault)]
    else:
        try:
            contributed = map_row(context, encode_row(line.row or {}))
            made = [one.resource for one in contributed if not one.withdrawn]
            tried.resources += len(made)
            tried.withdrawn += len(contributed) - len(made)
            if len(tried.shown) < rows:
                tried.shown.append(made)
            problems = list(_invalid(made)) if tried.rows <= VALIDATED else []
        except Refused as refused:
            problems = list(refused.problems)
    if problems:
        tried.refused += 1
    for problem in problems:
        tried.tell(table, line.number, problem)


def _invalid(made: list[Any]) -> Iterator[Problem]:
    """What FHIR says against the resources; the place is the element that the mapping sets."""
    for resource in made:
        body = encode(resource)
        yield from check(decode(body), body)
