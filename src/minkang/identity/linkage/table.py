"""Records as columns: what DuckDB and Splink compare.

A record is anything with the columns of a definition as attributes; for the built-in definition
that is `Features`. Only the columns that the definition uses are taken.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_type_hints

import msgspec
import pyarrow as pa

from minkang.identity.linkage.definition import Definition, sql_of
from minkang.identity.linkage.predicates import KINDS, Kind

_COLUMN: Final = re.compile(r"\b([a-z][a-z_0-9]*)_[lr]\b")


def columns_used(definition: Definition, kinds: Mapping[str, Kind] = KINDS) -> tuple[str, ...]:
    """The columns that levels, frequencies and blocking rules of a definition read, sorted."""
    written = definition.written
    found = {column for columns in written.blocking.values() for column in columns}
    for comparison in written.comparisons:
        for level in comparison.levels:
            found.update(_COLUMN.findall(sql_of(level, kinds)))
            if level.frequency:
                found.add(level.frequency)
    return tuple(sorted(found))


def schema_of(record: type[msgspec.Struct], columns: Sequence[str]) -> pa.Schema:
    """The columns of a kind of record, behind `node`, its number.

    Raises:
        KeyError: the record has no such column.
    """
    hints = get_type_hints(record)
    fields = [pa.field(one, _type(hints[one])) for one in columns]
    return pa.schema([pa.field("node", pa.int32()), *fields])


def records_table(schema: pa.Schema, nodes: Iterable[int], records: Sequence[Any]) -> pa.Table:
    """Records as rows of that schema; `nodes` are their numbers, in the same order."""
    columns: list[Any] = [pa.array(list(nodes), pa.int32())]
    for field in list(schema)[1:]:
        values = [getattr(record, field.name) for record in records]
        if pa.types.is_list(field.type):
            values = [list(map(_text, value)) for value in values]
        columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _type(hint: Any) -> pa.DataType:
    if hint is bool:
        return pa.bool_()
    if hint is int:
        return pa.int32()
    return pa.string() if hint is str else pa.list_(pa.string())


def _text(element: Any) -> str:
    """An element of a list; a card is one text, `kind|number`."""
    return "|".join(element) if isinstance(element, tuple) else element
