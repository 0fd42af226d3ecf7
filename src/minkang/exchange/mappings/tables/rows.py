"""A row through its mapping."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.tables.convert import OtherUnit, moment_of
from minkang.exchange.mappings.tables.generate import MakeRow, row_function
from minkang.exchange.mappings.tables.language import Form, MappingError, TableMapping
from minkang.exchange.mappings.tables.mapping_file import load_mapping
from minkang.exchange.merge import Contribution
from minkang.exchange.sources import Source
from minkang.fhir import Problem, Refused, encode
from minkang.fhir.dates import LOCAL

RESERVED = "minkang:"
"""Before names of columns that only the platform itself adds to a row."""

WITHDRAWN = "minkang:withdrawn"
"""When the platform noticed that a row is no longer in its table."""

RETURNED = "minkang:returned"
"""When the platform noticed that a row which had gone is in its table again."""

_MOST_NAMED = 12
_LONGEST_SHOWN = 40
_SERIAL_DIGITS = 5
_SERIAL = "；像是 Excel 的日期序号，请把该列设为日期格式"
_decoder = msgspec.json.Decoder(dict[str, str | None])


class _Ready(msgspec.Struct, frozen=True):
    mapping: TableMapping
    make: MakeRow


def shipped_mappings() -> list[str]:
    """The names of the mappings that come with the program."""
    folder = resources.files(__package__)
    return sorted(one.name[:-5] for one in folder.iterdir() if one.name.endswith(".yaml"))


def shipped_text(name: str) -> str:
    """The text of a mapping that comes with the program, by its file name without ending.

    Raises:
        MappingError: there is none of that name.
    """
    if name not in shipped_mappings():
        raise MappingError(f"{name!r} is no mapping (shipped: {', '.join(shipped_mappings())})")
    return (resources.files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")


def shipped_mapping(name: str) -> TableMapping:
    """A mapping that comes with the program; raises as `shipped_text`."""
    return _shipped(name).mapping


def mapping_of(source: Source) -> TableMapping:
    """The mapping of a source's tables: its own, stored one, or a shipped one.

    Raises:
        MappingError: it has none, or one that is wrong.
    """
    return _ready_of(source).mapping


@lru_cache(maxsize=64)
def _ready(name: str, text: str) -> _Ready:
    mapping = load_mapping(Path(f"{name}.yaml"), text)
    return _Ready(mapping, row_function(mapping))


@lru_cache(maxsize=64)
def _shipped(name: str) -> _Ready:
    return _ready(name, shipped_text(name))


def _ready_of(source: Source) -> _Ready:
    name = source.table_mapping or ""
    return _shipped(name) if source.mapping_text is None else _ready(name, source.mapping_text)


def encode_row(row: Mapping[str, Any]) -> bytes:
    """A row as the raw message that the inbox keeps: the same values give the same bytes."""
    return encode({key: as_text(row[key]) for key in sorted(row)})


def as_text(value: Any) -> str | None:
    """A value of a database or sheet as the text that mappings read; None where it is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=LOCAL)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex() or None
    return str(value).strip() or None


def row_kind(mapping: TableMapping, raw: bytes) -> tuple[str, str]:
    """What the message log shows of a row: the table, and the row's own name."""
    return f"table:{mapping.table}", str(_decoder.decode(raw).get(mapping.row) or "")


def map_row(context: Context, raw: bytes) -> list[Contribution]:
    """What a row contributes; a row speaks for all of its columns, so NULL erases.

    A row that is marked as deleted, or has vanished, withdraws what is its own.

    Raises:
        Refused: a column is missing, a value does not fit; the place names row and column.
    """
    try:
        ready = _ready_of(context.source)
    except MappingError as error:
        raise Refused([Problem("map", "映射", "no-mapping", str(error))]) from error
    row = _decoder.decode(raw)
    mapping, trouble = ready.mapping, _Trouble(row, ready.mapping.row)
    at = _changed(mapping, row, trouble)
    if mapping.row not in row:
        trouble.absent(mapping.row)
    elif row[mapping.row] is None:
        trouble.empty(mapping.row)
    seen = row.get(WITHDRAWN) or row.get(RETURNED)
    order = context.order(moment_of(seen) if seen else at)
    deleted = mapping.deleted
    gone = deleted is not None and row.get(deleted.column) in (deleted.values or ())
    if gone or row.get(WITHDRAWN):
        contributions = _withdrawals(context, mapping, row, at)
    else:
        try:
            contributions = ready.make(context, row, trouble, at, order)
        except KeyError:
            contributions = ready.make(context, _Gaps(row, trouble), trouble, at, order)
    if trouble.problems:
        raise Refused(dict.fromkeys(trouble.problems))
    return contributions


def _changed(
    mapping: TableMapping, row: Mapping[str, str | None], trouble: "_Trouble"
) -> datetime | None:
    """When the row was last changed, in UTC; None where the mapping names no such column."""
    if mapping.changed is None:
        return None
    text = row.get(mapping.changed)
    if text is None:
        if mapping.changed in row:
            trouble.empty(mapping.changed)
        else:
            trouble.absent(mapping.changed)
        return None
    try:
        return moment_of(text)
    except ValueError as error:
        trouble.unread(mapping.changed, text, "datetime", error)
        return None


def _withdrawals(
    context: Context, mapping: TableMapping, row: Mapping[str, str | None], at: datetime | None
) -> list[Contribution]:
    """The resources of this row alone, withdrawn, whichever of them it made."""
    seen = row.get(WITHDRAWN)
    order = context.order(moment_of(seen) if seen else at)
    ids: dict[tuple[str, str], None] = {}
    for rule in mapping.resources:
        texts = [row.get(column) for column in rule.number.columns]
        if rule.of_row and all(texts):
            number = "".join(
                part if at_ % 2 == 0 else str(row[part])
                for at_, part in enumerate(rule.number.parts)
            )
            ids[rule.type, context.id(rule.type, number, at)] = None
    return [
        Contribution(context.start(kind, resource_id), order, withdrawn=True)
        for kind, resource_id in ids
    ]


class _Gaps(dict[str, str | None]):
    """A row that lacks columns: they are empty, and told when they are asked for."""

    def __init__(self, row: Mapping[str, str | None], trouble: "_Trouble") -> None:
        super().__init__(row)
        self._trouble = trouble

    def __missing__(self, column: str) -> None:
        self._trouble.absent(column)


class _Trouble:
    """Remembers what is wrong with a row."""

    def __init__(self, row: Mapping[str, str | None], name: str) -> None:
        self._row, self._name = row, name
        self.problems: list[Problem] = []

    def absent(self, column: str) -> None:
        self.problem(column, "no-column", "表中没有这一列")

    def empty(self, column: str, text: str = "") -> None:
        if text or column in self._row:
            self.problem(column, "required", text or "不能为空")

    def unlisted(self, column: str, text: str, codes: Mapping[str, Any]) -> None:
        known = "、".join([*codes][:_MOST_NAMED]) + ("……" if len(codes) > _MOST_NAMED else "")
        self.problem(column, "code", f"{text[:_LONGEST_SHOWN]!r} 不在代码 {known} 之中")

    def unread(self, column: str, text: str, form: Form, error: ValueError) -> None:
        if isinstance(error, OtherUnit):
            self.problem(column, "unit", f"{text[:_LONGEST_SHOWN]!r} 的单位与映射中的单位不同")
            return
        shown = repr(text[:_LONGEST_SHOWN])
        if form in ("date", "datetime"):
            hint = _SERIAL if text.isdecimal() and len(text) == _SERIAL_DIGITS else ""
            self.problem(column, "calendar-date", f"{shown} 不是有效的日期或时间{hint}")
        elif form == "time":
            self.problem(column, "time-of-day", f"{shown} 不是有效的时刻")
        elif form == "boolean":
            known = "是/否、有/无、1/0、true/false、Y/N"
            self.problem(column, "boolean", f"{shown} 不是是否值（{known}）")
        else:
            self.problem(column, "number", f"{shown} 不是有效的数值")

    def problem(self, column: str, rule: str, text: str) -> None:
        place = f"行 {self._name}={self._row.get(self._name)}，列 {column}"
        self.problems.append(Problem("map", place, rule, text))
