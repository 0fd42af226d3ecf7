"""Records as columns: what DuckDB and Splink compare.

A record is anything with the columns of a definition as attributes; for the built-in definition
that is `Features`. Only the columns that the definition uses are taken.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
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
    fields = list(schema)[1:]
    columns: list[Any] = [pa.array(nodes, pa.int32())]
    # One attribute more, so that it gives tuples for a single column, too.
    read = attrgetter(*(one.name for one in fields), "__class__")
    values = list(zip(*map(read, records), strict=True)) if records else [()] * len(fields)
    for field, column in zip(fields, values, strict=False):
        columns.append(pa.array(_texts(column) if _of_lists(field) else column, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _of_lists(field: pa.Field) -> bool:
    return bool(pa.types.is_list(field.type))


def _texts(lists: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Lists of texts; a card is one text, `kind|number`."""
    some = next(filter(None, lists), ())
    if some and isinstance(some[0], tuple):
        return [list(map("|".join, one)) for one in lists]
    return lists


def _type(hint: Any) -> pa.DataType:
    if hint is bool:
        return pa.bool_()
    if hint is int:
        return pa.int32()
    return pa.string() if hint is str else pa.list_(pa.string())
