"""A few resources in one statement.

COPY pays off for many rows: it takes two messages and their answers for each table, and half a
millisecond of the driver's time, whether it carries one row or a thousand. For a few resources that
is most of what they cost; so their rows go in one statement.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from minkang.store.array_text import array_text
from minkang.store.changes import Change, Locked, Outcome
from minkang.store.connection import Connection
from minkang.store.copy_rows import RESOURCE_COLUMNS, ResourceRow
from minkang.store.new_rows import NewRows, rows_of
from minkang.store.store import Store


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
    rows, bodies = rows_of(store, made, locked)
    # What is seen first stands there before the rows that it was seen in.
    await store.seen.keep(connection, rows.index)
    await insert(connection, rows)
    return locked, [
        Outcome(one.type, one.id, one.version, one.kind, bodies[one.type, one.id])
        for _, one in made
    ]


def are_few(rows: NewRows) -> bool:
    """Whether one statement is the quicker way (measured: COPY catches up at 2,000 rows)."""
    index = rows.index
    entries = len(index.terms) + len(index.spans) + len(index.strings) + len(rows.compartments)
    return entries + _RESOURCE_WEIGHS * len(rows.resources) <= _FEW


_FEW = 2_000
_RESOURCE_WEIGHS = 4


async def insert(connection: Connection, rows: NewRows) -> None:
    """Put new versions and what they are found by into all their tables."""
    further = [(patient, kind, _time(at), n) for patient, kind, at, n in rows.compartments]
    await connection.execute(
        _INSERT,
        *_columns(map(_values, rows.resources), _RESOURCE),
        *_columns(further, _COMPARTMENT),
        *_columns(rows.index.terms, _TERM),
        *_columns(rows.index.spans, _SPAN),
        *_columns(rows.index.strings, _STRING),
    )


def _columns(rows: Iterable[tuple[Any, ...]], kinds: Sequence[str]) -> list[Any]:
    """Rows as columns of some types, also where there are none."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return [
        array_text(column) if kind in _PLAIN else column
        for column, kind in zip(columns, kinds, strict=True)
    ]


_PLAIN = frozenset({"smallint", "integer", "bigint", "float8", "boolean"})
_COMPARTMENT = ("bigint", "smallint", "timestamptz", "bigint")
_TERM = ("bigint", "bigint")
_SPAN = ("bigint", "float8", "float8", "bigint")
_STRING = ("bigint", "text", "bigint")

_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


def _time(moment: int) -> datetime:
    """Microseconds since 2000 as a time."""
    return _BEGIN + timedelta(microseconds=moment)


def _values(row: ResourceRow) -> tuple[Any, ...]:
    """A row as the statement takes it: there are no arrays of arrays, they go as texts."""
    shown: dict[str, Any] = row._asdict()
    shown["updated"], shown["dated"] = _time(row.updated), _time(row.dated)
    shown["patients"] = array_text(row.patients)
    shown["marks"] = array_text(row.marks) if row.marks else None
    return tuple(shown.values())


_KINDS = {
    "type": "smallint",
    "id": "text",
    "part": "bigint",
    "version": "integer",
    "updated": "timestamptz",
    "deleted": "boolean",
    "source": "text",
    "grade": "smallint",
    "patients": "text",
    "dated": "timestamptz",
    "marks": "text",
    "present": "bigint",
    "indexed": "smallint",
    "note": "bytea",
    "body": "bytea",
    "sequence": "bigint",
}
_RESOURCE = tuple(_KINDS[name] for name in RESOURCE_COLUMNS)
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
