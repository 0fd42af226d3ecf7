"""New resources in one statement: the way for a few of them, whose ids nobody else can have.

COPY pays off for many rows: it takes two messages and their answers for each table, and a
transaction around them all. For a few creations that is most of what they cost; so their rows go
in one statement, which is its own transaction.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from minkang.store.connection import Connection
from minkang.store.copy_rows import RESOURCE_COLUMNS
from minkang.store.store import Store
from minkang.store.write import Change, Locked, Outcome, _rows


async def insert_new(
    store: Store, connection: Connection, changes: Sequence[Change]
) -> tuple[Locked, list[Outcome]]:
    """Write resources under ids made just now (UUID 4), of which there can be none yet.

    Nothing is locked or looked for. To be called outside of a transaction: when it returns, all
    are durable; when it raises, none is there, unless the connection broke.

    Raises:
        DiskReserved: there is too little room on the disk.
    """
    store.disk.require_room()
    begun = await connection.fetchrow(
        """select clock_timestamp() as at, array(
               select nextval('store.sequence') from generate_series(1, $1)) as sequences""",
        len(changes),
    )
    assert begun is not None  # noqa: S101 - without a condition there is a row
    locked = Locked(begun["at"], {}, begun["sequences"])
    made = [(change, Outcome(*change.key, 1, "created")) for change in changes]
    await store.codec.look(connection)
    rows, bodies = _rows(store, made, locked)
    # What is seen first stands there before the rows that it was seen in: nobody waits for it.
    await store.seen.keep(connection, rows.index)
    further = [(patient, kind, _time(at), n) for patient, kind, at, n in rows.compartments]
    await connection.execute(
        _INSERT,
        *_columns(map(_values, rows.resources), _RESOURCE),
        *_columns(further, _COMPARTMENT),
        *_columns(rows.index.terms, _TERM),
        *_columns(rows.index.spans, _SPAN),
        *_columns(rows.index.strings, _STRING),
    )
    return locked, [
        Outcome(one.type, one.id, one.version, one.kind, bodies[one.type, one.id])
        for _, one in made
    ]


def _columns(rows: Iterable[tuple[Any, ...]], kinds: Sequence[str]) -> list[Any]:
    """Rows as columns of some types, also where there are none.

    Numbers go as the text of an array: the driver takes its time over each member of a list.
    """
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return [
        _array(column) if kind in _PLAIN else column
        for column, kind in zip(columns, kinds, strict=True)
    ]


def _array(values: Iterable[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


_PLAIN = frozenset({"smallint", "integer", "bigint", "float8", "boolean"})
_COMPARTMENT = ("bigint", "smallint", "timestamptz", "bigint")
_TERM = ("bigint", "bigint")
_SPAN = ("bigint", "float8", "float8", "bigint")
_STRING = ("bigint", "text", "bigint")

_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


def _time(moment: int) -> datetime:
    """Microseconds since 2000 as a time."""
    return _BEGIN + timedelta(microseconds=moment)


def _integer(field: bytes) -> int:
    return int.from_bytes(field, "big", signed=True)


def _moment(field: bytes) -> datetime:
    return _time(_integer(field))


def _numbers(field: bytes) -> str:
    """An array of bigint (`copy_rows`) as text: there are no arrays of arrays of any length."""
    count = 0 if len(field) < _ARRAY_HEAD else (len(field) - _ARRAY_HEAD) // _MEMBER
    members = struct.unpack_from("!" + "4xq" * count, field, _ARRAY_HEAD) if count else ()
    return _array(members)


_ARRAY_HEAD, _MEMBER = 20, 12

_READ: dict[str, tuple[str, Callable[[bytes], Any]]] = {
    "type": ("smallint", _integer),
    "id": ("text", bytes.decode),
    "part": ("bigint", _integer),
    "version": ("integer", _integer),
    "updated": ("timestamptz", _moment),
    "deleted": ("boolean", any),
    "source": ("text", bytes.decode),
    "grade": ("smallint", _integer),
    "patients": ("text", _numbers),
    "dated": ("timestamptz", _moment),
    "marks": ("text", _numbers),
    "present": ("bigint", _integer),
    "indexed": ("smallint", _integer),
    "note": ("bytea", bytes),
    "body": ("bytea", bytes),
    "sequence": ("bigint", _integer),
}
"""The columns of a row as the statement takes them, and how they are read from a row of COPY."""

_READERS = [_READ[name][1] for name in RESOURCE_COLUMNS]
_field_length = struct.Struct("!i").unpack_from


def _values(row: bytes) -> tuple[Any, ...]:
    """The values of a row of store.resource in binary COPY (`copy_rows.resource_row`)."""
    values: list[Any] = []
    at = 2
    for read in _READERS:
        (length,) = _field_length(row, at)
        at += 4
        if length < 0:
            values.append(None)
        else:
            values.append(read(row[at : at + length]))
            at += length
    return tuple(values)


_RESOURCE = tuple(_READ[name][0] for name in RESOURCE_COLUMNS)
_ARRAYS = frozenset({"patients", "marks"})


def _insert() -> str:
    """The statement: its parameters are the columns of the tables, one after the other."""
    numbers = count(1)

    def unnest(kinds: Iterable[str]) -> str:
        read = (
            f"${n}::text::{k}[]" if k in _PLAIN else f"${n}::{k}[]"
            for k, n in zip(kinds, numbers, strict=False)
        )
        return f"unnest({', '.join(read)})"

    shown = ", ".join(f"{name}::bigint[]" if name in _ARRAYS else name for name in RESOURCE_COLUMNS)
    names = ", ".join(RESOURCE_COLUMNS)
    return f"""
    with resources as (
        insert into store.resource ({names})
        select {shown} from {unnest(_RESOURCE)} as r ({names})),
    compartments as (
        insert into store.further_compartment (patient, type, dated, sequence)
        select * from {unnest(_COMPARTMENT)}),
    terms as (
        insert into store.term (hash, sequence) select * from {unnest(_TERM)}),
    spans as (
        insert into store.span (hash, low, high, sequence) select * from {unnest(_SPAN)})
    insert into store.string (hash, value, sequence) select * from {unnest(_STRING)}"""  # noqa: S608


_INSERT = _insert()
