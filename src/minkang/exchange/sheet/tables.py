"""Records as they stand on paper: alike ones as a table, single ones as lines."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from minkang.exchange.sheet.block import Block, Line
from minkang.exchange.sheet.entries import Cell, Record, split

VITAL_SIGNS: Final = "8716-3"
_WIDEST: Final = 10
"""Columns of a table; what has more is read line by line."""
_CAPTIONS: Final = {
    "检验项目": "检验结果",
    "检查项目": "检查结果",
    "医嘱项目类型": "医嘱",
    "药物": "用药",
    "途径": "用药",
    "操作": "手术操作",
    "诊断": "诊断",
}
_UNIT: Final = "单位"


def blocks_of(records: Sequence[Record], section: str, title: str) -> Iterator[Block]:
    """Tables and lines, in the order of the source; `section` is its LOINC code."""
    if section == VITAL_SIGNS:
        yield from _measured([cell for record in records for cell in record])
        return
    for (single, _), group in groupby(records, _alike):
        several = list(group)
        if single:
            yield from _singles([cell for record in several for cell in record], title)
        else:
            yield from _many(several, title)


def _alike(record: Record) -> tuple[bool, str]:
    """Single facts go together whatever they are called, records by what they begin with."""
    single = len({one.label for one in record} - {"时间"}) < 2
    return single, "" if single else record[0].label


def _singles(cells: list[Cell], title: str) -> Iterator[Block]:
    if not cells:
        return
    records = split(cells)
    if len(records) > 1 and all(len(one) > 1 for one in records):
        yield from _many(records, title)
    else:
        yield Block("lines", lines=_lines(cells))


def _many(records: list[Record], title: str) -> Iterator[Block]:
    heads = tuple(dict.fromkeys(cell.label for record in records for cell in record))
    caption = _CAPTIONS.get(heads[0], title) if heads else title
    if len(records) == 1 and "结果" not in heads:
        yield Block("lines", lines=_lines(records[0]))
    elif len(heads) > _WIDEST:
        for record in records:
            yield Block("lines", caption=record[0].words, lines=_lines(record))
    else:
        rows = tuple(tuple(_column(record, head) for head in heads) for record in records)
        yield Block("table", caption=caption, heads=heads, rows=rows)


def _column(record: Record, head: str) -> str:
    return "；".join(dict.fromkeys(cell.words for cell in record if cell.label == head))


def _measured(cells: list[Cell]) -> Iterator[Block]:
    """Vital signs: one a row, with unit, range and time where they are told."""
    rows: list[dict[str, str]] = []
    lines: list[Cell] = []
    for cell in cells:
        if cell.label in ("时间", "参考范围") and rows:
            said = rows[-1].get(cell.label, "")
            rows[-1][cell.label] = f"{said}；{cell.words}" if said else cell.words
        elif cell.unit or cell.text.replace(".", "", 1).isdigit():
            rows.append({"项目": cell.label, "测量值": cell.text, _UNIT: cell.unit})
        else:
            lines.append(cell)
    if rows:
        order = ("项目", "测量值", _UNIT, "参考范围", "时间")
        heads = tuple(one for one in order if any(row.get(one) for row in rows))
        full = tuple(tuple(row.get(one, "") for one in heads) for row in rows)
        yield Block("table", caption="生命体征", heads=heads, rows=full)
    if lines:
        yield Block("lines", lines=_lines(lines))


def _lines(cells: Sequence[Cell]) -> tuple[Line, ...]:
    return tuple(dict.fromkeys((cell.label, cell.words) for cell in cells))
