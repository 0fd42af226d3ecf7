"""A row through its mapping."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from minkang.exchange.mappings.context import Context, TableRow
from minkang.exchange.mappings.hl7v2.fields import is_measurable
from minkang.exchange.mappings.tables.language import (
    Column,
    ResourceRule,
    TableMapping,
    Target,
    Template,
    load_mapping,
)
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, date_range, decode, encode, reference
from minkang.fhir.dates import LOCAL

_DATE = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T].*)?")
_TIME = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(.*)"
)


@cache
def shipped_mapping(name: str) -> TableMapping:
    """A mapping that comes with the program, by its file name without ending.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    file = resources.files(__package__) / f"{name}.yaml"
    return load_mapping(Path(f"{name}.yaml"), file.read_text(encoding="utf-8"))


def encode_row(row: Mapping[str, Any]) -> bytes:
    """A row as the raw message that the inbox keeps: the same values give the same bytes."""
    return encode({key: _text(row[key]) for key in sorted(row)})


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=LOCAL)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def row_kind(mapping: TableMapping, raw: bytes) -> tuple[str, str]:
    """What the message log shows of a row: the table, and the row's own name."""
    return f"table:{mapping.table}", str(decode(raw).get(mapping.row) or "")


def map_row(context: Context, raw: bytes) -> list[Contribution]:
    """What a row contributes; a row speaks for all of its columns, so NULL erases.

    Raises:
        Refused: a column is missing, a value does not fit; the place names row and column.
    """
    mapping = shipped_mapping(context.source.table_mapping or "")
    row: TableRow = decode(raw)
    reader = _RowReader(mapping, row)
    changed = reader.value(Column(mapping.changed, "datetime", None, required=True))
    reader.value(Column(mapping.row, required=True))
    at = date_range(changed).low if changed else None
    made: dict[str, str] = {}
    contributions = []
    for rule in mapping.resources:
        if rule.when and not row.get(rule.when):
            continue
        number = reader.template(rule.number)
        if number is None:
            reader.problem(rule.number.columns[0], "required", f"缺少 {rule.type} 的编号")
            continue
        made[rule.type] = context.id(rule.type, number, at)
        contributions.append(_contribution(context, reader, rule, made, at))
    if reader.problems:
        raise Refused(reader.problems)
    return contributions


def _contribution(
    context: Context,
    reader: "_RowReader",
    rule: ResourceRule,
    made: dict[str, str],
    at: datetime | None,
) -> Contribution:
    resource = context.start(rule.type, made[rule.type])
    erased = set()
    for element, node in rule.elements.items():
        value = _fill(node, context, reader, made)
        if value is None:
            erased.add(element)
        else:
            resource[element] = value
    return Contribution(resource, context.order(at), frozenset(erased))


def _fill(node: Any, context: Context, reader: "_RowReader", made: dict[str, str]) -> Any:
    """A node with its leaves filled; None where all leaves below are empty."""
    if isinstance(node, Column):
        return reader.value(node)
    if isinstance(node, Template):
        return reader.template(node)
    if isinstance(node, Target):
        return reference(node.type, made[node.type]) if node.type in made else None
    if isinstance(node, list):
        items = [_fill(item, context, reader, made) for item in node]
        return [item for item in items if item is not None] or None
    if isinstance(node, dict):
        filled = {key: _fill(item, context, reader, made) for key, item in node.items()}
        if any(filled[key] is None for key, item in node.items() if _is_leaf(item)) and not any(
            filled[key] is not None for key, item in node.items() if not _is_constant(item)
        ):
            return None
        return {key: value for key, value in filled.items() if value is not None} or None
    if node == "$institution":
        return context.institution()
    if isinstance(node, str) and node.startswith("$system:"):
        return context.number_system(node.removeprefix("$system:"))
    return node


def _is_leaf(node: Any) -> bool:
    return isinstance(node, Column | Template | Target)


def _is_constant(node: Any) -> bool:
    return not isinstance(node, Column | Template | Target | dict | list)


class _RowReader:
    """Reads the columns of one row and remembers what was wrong with them."""

    def __init__(self, mapping: TableMapping, row: TableRow) -> None:
        self._row = row
        self._name = f"{mapping.row}={row.get(mapping.row)}"
        self.problems: list[Problem] = []

    def problem(self, column: str, rule: str, text: str) -> None:
        place = f"行 {self._name}，列 {column}"
        self.problems.append(Problem("map", place, rule, text))

    def value(self, leaf: Column) -> Any:
        if leaf.column not in self._row:
            self.problem(leaf.column, "no-column", "表中没有这一列")
            return None
        text = self._row[leaf.column]
        if text is None:
            if leaf.required:
                self.problem(leaf.column, "required", "不能为空")
            return None
        if leaf.codes is not None:
            if text not in leaf.codes:
                known = "、".join(leaf.codes)
                self.problem(leaf.column, "code", f"{text[:40]!r} 不在代码 {known} 之中")
            return leaf.codes.get(text)
        return self._convert(leaf, text)

    def _convert(self, leaf: Column, text: str) -> Any:
        try:
            if leaf.form == "date":
                return _as_date(text)
            if leaf.form == "datetime":
                return _as_datetime(text)
            if leaf.form == "decimal":
                return _as_decimal(text)
            if leaf.form == "integer":
                return int(text)
        except (ValueError, InvalidOperation):
            rule, what = (
                ("calendar-date", "日期或时间")
                if leaf.form in ("date", "datetime")
                else ("number", "数值")
            )
            self.problem(leaf.column, rule, f"{text[:40]!r} 不是有效的{what}")
            return None
        return text

    def template(self, leaf: Template) -> str | None:
        values = {column: self._row.get(column) for column in leaf.columns}
        if any(value is None for value in values.values()):
            return None
        return leaf.text.format_map(values)


def _as_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not is_measurable(number):
        raise ValueError(text)
    return number


def _as_date(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    value = "-".join(match.groups())
    date_range(value)
    return value


def _as_datetime(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None:
        return _as_date(text)
    year, month, day, hour, minute, second, zone = match.groups()
    offset = "+08:00" if not zone.strip() else zone.strip().replace("Z", "+00:00")
    if re.fullmatch(r"[+-]\d{2}", offset):
        offset += ":00"
    value = f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}:{minute}:{second or '00'}{offset}"
    date_range(value)
    return value
