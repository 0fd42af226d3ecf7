"""Records as columns: what DuckDB and Splink compare.

A record is anything with the columns of a definition as attributes; for the built-in definition
that is `Features`. Only the columns that the definition uses are taken.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final, get_type_hints

import msgspec
import numpy as np
import pyarrow as pa

from minkang.identity.linkage.definition import Definition, sql_of
from minkang.identity.linkage.predicates import KINDS, Kind

_AT_A_TIME: Final = 1_000
"""Records whose values stay near the processor while they are made columns."""
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


def records_table(schema: pa.Schema, nodes: Sequence[int], records: Sequence[Any]) -> pa.Table:
    """Records as rows of that schema; `nodes` are their numbers, in the same order."""
    places = (
        [records[0].__struct_fields__.index(one) for one in schema.names[1:]] if records else []
    )
    return pa.Table.from_batches(
        [
            _rows(schema, places, nodes[at : at + _AT_A_TIME], records[at : at + _AT_A_TIME])
            for at in range(0, len(records), _AT_A_TIME)
        ],
        schema,
    )


def _rows(
    schema: pa.Schema, places: Sequence[int], nodes: Sequence[int], records: Sequence[Any]
) -> pa.RecordBatch:
    values = list(zip(*map(msgspec.structs.astuple, records), strict=True))
    columns = [pa.array(nodes, pa.int32())]
    for field, place in zip(list(schema)[1:], places, strict=True):
        found = values[place]
        listed = pa.types.is_list(field.type)
        columns.append(_lists(found) if listed else pa.array(found, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _lists(lists: Sequence[Sequence[Any]]) -> pa.Array:
    """Lists of texts, or of cards; each card is one text, `kind|number`. Made flat, without a list
    for each record, of which the collector would look at all.
    """
    ends = np.zeros(len(lists) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, lists), np.int32, len(lists)), out=ends[1:])
    texts: list[Any] = list(chain.from_iterable(lists))
    if texts and isinstance(texts[0], tuple):
        texts = ["|".join(card) for card in texts]
    return pa.ListArray.from_arrays(ends, pa.array(texts, pa.string()))


def _type(hint: Any) -> pa.DataType:
    if hint is bool:
        return pa.bool_()
    if hint is int:
        return pa.int32()
    return pa.string() if hint is str else pa.list_(pa.string())
