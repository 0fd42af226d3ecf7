"""A source's own figures, as JSON or as a table.

One line for each day, kind and department: how many, and for fees how much; with the numbers of
the items, if the source lists them. Without a department it is the whole institution.

Rules: `counts-form` (not JSON or CSV of this form), `counts-column` (something unknown),
`counts-day`, `counts-type`, `counts-number`, `counts-sum`, `counts-items` (not as many numbers as
counted, or one twice), `counts-twice` (the same line again), `counts-size`.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from minkang.exchange.reconciliation.holdings import KINDS, Kind
from minkang.fhir import Problem, Refused, decode

MOST_BYTES: Final = 20 * 1024 * 1024
_MOST_LINES: Final = 100_000
_LONGEST: Final = 100
_FIELDS: Final = ("day", "type", "department", "count", "sum", "items")
_CHINESE: Final = {
    "日期": "day",
    "类型": "type",
    "科室": "department",
    "数量": "count",
    "金额": "sum",
    "编号": "items",
}
_KINDS: Final[dict[str, Kind]] = {
    **{kind: kind for kind in KINDS},
    "门急诊": "visits",
    "就诊": "visits",
    "入院": "admissions",
    "出院": "discharges",
    "报告": "reports",
    "处方": "prescriptions",
    "费用": "fees",
}
_DAY: Final = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})", re.ASCII)


class Reported(msgspec.Struct, frozen=True):
    """One line of a source's figures; `items` None: it does not list them."""

    day: date
    kind: Kind
    department: str
    count: int
    sum: Decimal | None = None
    items: tuple[str, ...] | None = None


def read_counts(raw: bytes, content_type: str) -> list[Reported]:
    """The lines of a report.

    JSON if the content type says so, or the first character does; else CSV, in UTF-8 or GB 18030.

    Raises:
        Refused: with every problem found, each with line or index and column.
    """
    if len(raw) > MOST_BYTES:
        raise _refused("-", "counts-size", f"超过 {MOST_BYTES // 1024 // 1024} MB")
    is_json = "json" in content_type or raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{")
    lines = list(_json(raw) if is_json else _csv(raw))
    if len(lines) > _MOST_LINES:
        raise _refused("-", "counts-size", f"超过 {_MOST_LINES} 行")
    reader = _Reader()
    found = [one for place, line in lines if (one := reader.line(place, line)) is not None]
    if reader.problems:
        raise Refused(reader.problems)
    return found


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("parse", place, rule, text)])


def _json(raw: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        found = decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("-", "counts-form", f"不是 JSON：{error}") from error
    if isinstance(found, dict):
        found = found.get("counts")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        text = "应为对象的数组，或 counts 下的数组"
        raise _refused("counts", "counts-form", text)
    for number, line in enumerate(found):
        yield f"counts[{number}]", line


def _csv(raw: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise _refused("-", "counts-form", "既不是 UTF-8，也不是 GB 18030") from error
    reader = csv.reader(io.StringIO(text), strict=True)
    names: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [_CHINESE.get(cell.strip(), cell.strip()) for cell in cells]
                continue
            place = f"第 {reader.line_num} 行"
            if len(cells) > len(names):
                raise _refused(place, "counts-form", "比表头多出列")
            filled = zip(names, (cell.strip() for cell in cells), strict=False)
            yield place, {name: cell for name, cell in filled if cell}
    except csv.Error as error:
        raise _refused(f"第 {reader.line_num} 行", "counts-form", f"不是 CSV：{error}") from error


class _Reader:
    """Reads lines and remembers what was wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._seen: set[tuple[date, str, str]] = set()

    def problem(self, place: str, field: str, rule: str, text: str) -> None:
        """Remember what is wrong with a field of a line."""
        self.problems.append(Problem("map", f"{place}.{field}", rule, text))

    def line(self, place: str, line: Mapping[str, Any]) -> Reported | None:
        """A line, or None if something was wrong with it."""
        before = len(self.problems)
        for name in line.keys() - set(_FIELDS):
            self.problem(place, str(name)[:_LONGEST], "counts-column", "没有这一项")
        day, kind = self._day(place, line.get("day")), self._kind(place, line.get("type"))
        department = line.get("department") or ""
        if not isinstance(department, str) or len(department) > _LONGEST or "\0" in department:
            self.problem(place, "department", "counts-column", "科室应为不太长的文字")
        count, total = self._count(place, line.get("count")), self._sum(place, line.get("sum"))
        items = self._items(place, line.get("items"), count)
        if len(self.problems) > before or day is None or kind is None or count is None:
            return None
        key = (day, kind, department)
        if key in self._seen:
            self.problem(place, "type", "counts-twice", "同一天、同一类型、同一科室重复")
            return None
        self._seen.add(key)
        return Reported(day, kind, department, count, total, items)

    def _day(self, place: str, value: Any) -> date | None:
        match = _DAY.fullmatch(value) if isinstance(value, str) else None
        try:
            if match is not None:
                return date(*(int(part) for part in match.groups()))
        except ValueError:
            pass
        self.problem(place, "day", "counts-day", "应为日历上的日期，如 2026-11-21")
        return None

    def _kind(self, place: str, value: Any) -> Kind | None:
        kind = _KINDS.get(value) if isinstance(value, str) else None
        if kind is None:
            self.problem(place, "type", "counts-type", f"应为 {'、'.join(KINDS)} 之一")
        return kind

    def _count(self, place: str, value: Any) -> int | None:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
            self.problem(place, "count", "counts-number", "应为不小于零的整数")
            return None
        return value

    def _sum(self, place: str, value: Any) -> Decimal | None:
        if value is None or isinstance(value, bool):
            return None
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("nan")
        if not found.is_finite() or abs(found) >= 10**15:
            self.problem(place, "sum", "counts-sum", "应为金额，如 1234.50")
            return None
        return found

    def _items(self, place: str, value: Any, count: int | None) -> tuple[str, ...] | None:
        if value is None:
            return None
        listed = re.split(r"[;；\s]+", value) if isinstance(value, str) else value
        if not isinstance(listed, list):
            self.problem(place, "items", "counts-items", "应为编号的数组，或以分号隔开的编号")
            return None
        items = tuple(str(one) for one in listed if one not in ("", None))
        if any(len(one) > _LONGEST or "\0" in one for one in items):
            self.problem(place, "items", "counts-items", f"编号超过 {_LONGEST} 个字符")
        elif len(set(items)) != len(items):
            self.problem(place, "items", "counts-items", "同一编号列了两次")
        elif count is not None and len(items) != count:
            text = f"数量为 {count}，却列了 {len(items)} 个编号"
            self.problem(place, "items", "counts-items", text)
        return items
