"""Records as columns: what DuckDB and Splink compare.

A record is anything with the columns of a definition as attributes; for the built-in definition
that is `Features`. Only the columns that the definition uses are taken.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final, get_type_hints

import msgspec
import pyarrow as pa

from minkang.identity.linkage.definition import Definition, sql_of
from minkang.identity.linkage.predicates import KINDS, Kind

_COLUMN: Final = re.compile(r"\b([a-z][a-z_0-9]*)_[lr]\b")


def columns_used(definition: Definition, kinds: Mapping[str, Kind] = KINDS) -> tuple[str, ...]:
    """The columns that levels, frequencies and blocking rules of a definition read, sorted."""
    blocks = {column for columns in definition.written.blocking.values() for column in columns}
    return tuple(sorted(blocks.union(columns_compared(definition, kinds))))


def columns_compared(definition: Definition, kinds: Mapping[str, Kind] = KINDS) -> tuple[str, ...]:
    """The columns that levels and frequencies of a definition read, sorted."""
    found = set[str]()
    for comparison in definition.written.comparisons:
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
    columns: list[Any] = [pa.array(nodes, pa.int32())]
    for field in list(schema)[1:]:
        values = list(map(attrgetter(field.name), records))
        columns.append(
            _cards(values) if _has_cards(field, values) else pa.array(values, field.type)
        )
    return pa.Table.from_arrays(columns, schema=schema)


def _has_cards(field: pa.Field, values: Sequence[Any]) -> bool:
    """Whether the lists of a column hold pairs: kind and number of a card."""
    if not pa.types.is_list(field.type):
        return False
    some: Sequence[Any] = next(filter(None, values), ())
    return bool(some) and isinstance(some[0], tuple)


def _cards(lists: Sequence[Sequence[tuple[str, ...]]]) -> pa.Array:
    """Lists of cards; each is one text, `kind|number`.

    Made flat, without a list for each record, of which the collector would look at all.
    """
    ends = accumulate(map(len, lists), initial=0)
    texts = ["|".join(card) for one in lists for card in one]
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(texts, pa.string()))


def _type(hint: Any) -> pa.DataType:
    if hint is bool:
        return pa.bool_()
    if hint is int:
        return pa.int32()
    return pa.string() if hint is str else pa.list_(pa.string())
