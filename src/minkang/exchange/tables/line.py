"""A row of a file, or what is wrong with it."""

from collections.abc import Sequence

import msgspec

from minkang.exchange.mappings.tables import RESERVED

Row = dict[str, str | None]
"""Column to text, None where it is empty."""

MOST_COLUMNS = 5_000


class TableFault(Exception):  # noqa: N818 - reads as what is wrong
    """Something in a file can't be read; of the whole file where it is raised.

    Attributes:
        line: from 1; in a workbook the row.
        column: name or letter of the column; empty if the whole line is meant.
        rule: a stable code.
        text: one sentence for the person who must mend it (Chinese).
    """

    def __init__(self, line: int, column: str, rule: str, text: str) -> None:
        self.line, self.column, self.rule, self.text = line, column, rule, text
        super().__init__(f"{line}: {column or '-'}: {rule}: {text}")


class Line(msgspec.Struct, frozen=True):
    """A row with the line on which it begins, or a fault instead."""

    number: int
    row: Row | None = None
    fault: TableFault | None = None


def column_names(line: int, cells: Sequence[str]) -> list[str]:
    """The names in a header line; those without a name at its end are left out.

    Raises:
        TableFault: there is none, one stands twice or has no name, or there are too many.
    """
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableFault(line, "", "no-header", "第一行没有列名")
    if len(names) > MOST_COLUMNS:
        raise TableFault(line, "", "too-wide", f"超过 {MOST_COLUMNS} 列")
    for at, name in enumerate(names):
        if not name:
            raise TableFault(line, f"{at + 1}", "no-column-name", f"第 {at + 1} 列没有列名")
        if name in names[:at]:
            raise TableFault(line, name, "column-twice", "列名重复")
        if name.startswith(RESERVED):
            raise TableFault(line, name, "reserved-column", f"列名不能以 {RESERVED} 开头")
    return names


def line_of(number: int, names: Sequence[str], cells: Sequence[str | None]) -> Line:
    """A row of cells under their names; too few or too many cells are a fault."""
    if len(cells) < len(names):
        text = f"只有 {len(cells)} 个单元格，应有 {len(names)} 个"
        return Line(number, fault=TableFault(number, names[len(cells)], "ragged", text))
    if any(cells[len(names) :]):
        text = f"有 {len(cells)} 个单元格，应有 {len(names)} 个；可能有未加引号的分隔符"
        return Line(number, fault=TableFault(number, f"{len(names) + 1}", "ragged", text))
    found = {name: cells[at] or None for at, name in enumerate(names)}
    return Line(
        number, {name: text.strip() or None if text else None for name, text in found.items()}
    )
