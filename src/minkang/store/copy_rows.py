"""Rows in PostgreSQL's binary COPY format.

The driver encodes value by value, by way of the type of each; for rows of numbers that takes
longer than to make them. Format: PostgreSQL 18, COPY, Binary Format; arrays as array_send.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = struct.pack("!h", -1)
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_THIRTY_YEARS = 946_684_800_000_000

_term = struct.Struct("!hiqiq").pack
_span = struct.Struct("!hiqididiq").pack
_compartment = struct.Struct("!hiqihiqiq").pack
_number_text = struct.Struct("!hiqi").pack
_number = struct.Struct("!iq").pack
_small = struct.Struct("!ih").pack
_before_id = struct.Struct("!hihi").pack
_before_source = struct.Struct("!iqiiiqi?i").pack
_before_note = struct.Struct("!iqih").pack
_length = struct.Struct("!i").pack
_INT8 = 20
_EMPTY_ARRAY = struct.pack("!iiii", 12, 0, 0, _INT8)
_NULL = _length(-1)


def copied(rows: Iterable[bytes]) -> bytes:
    """Rows as a whole COPY."""
    return b"".join((_HEADER, *rows, _TRAILER))


def moment(at: datetime) -> int:
    """A time as the server counts: microseconds since 2000."""
    return (at - _BEGIN) // _MICROSECOND


def since_2000(microseconds: int) -> int:
    """Microseconds since 1970 as the server counts."""
    return microseconds - _THIRTY_YEARS


def term_rows(rows: Iterable[tuple[int, int]]) -> bytes:
    """(hash, sequence)."""
    return copied([_term(2, 8, number, 8, sequence) for number, sequence in rows])


def span_rows(rows: Iterable[tuple[int, float, float, int]]) -> bytes:
    """(hash, low, high, sequence)."""
    return copied(
        [_span(4, 8, number, 8, low, 8, high, 8, sequence) for number, low, high, sequence in rows]
    )


def string_rows(rows: Iterable[tuple[int, str, int]]) -> bytes:
    """(hash, value, sequence)."""
    made = []
    for number, value, sequence in rows:
        text = value.encode()
        made.append(_number_text(3, 8, number, len(text)) + text + _number(8, sequence))
    return copied(made)


def compartment_rows(rows: Iterable[tuple[int, int, int, int]]) -> bytes:
    """(patient, type, dated as `moment`, sequence)."""
    return copied(
        [
            _compartment(4, 8, patient, 2, kind, 8, dated, 8, sequence)
            for patient, kind, dated, sequence in rows
        ]
    )


class ResourceRow(NamedTuple):
    """One row of store.resource, its columns in this order; times as `moment`."""

    type: int
    id: str
    part: int
    version: int
    updated: int
    deleted: bool
    source: str
    grade: int
    patients: Sequence[int]
    dated: int
    marks: Sequence[int]
    present: int
    indexed: int
    note: bytes | None
    body: bytes
    sequence: int


RESOURCE_COLUMNS = ResourceRow._fields
_RESOURCE_FIELDS = len(RESOURCE_COLUMNS)


def resource_rows(rows: Iterable[ResourceRow]) -> bytes:
    """Rows of store.resource; without marks that column is null."""
    return copied([_resource(*row) for row in rows])


def _resource(
    kind: int,
    resource_id: str,
    part: int,
    version: int,
    updated: int,
    deleted: bool,
    source: str,
    grade: int,
    patients: Sequence[int],
    dated: int,
    marks: Sequence[int],
    present: int,
    indexed: int,
    note: bytes | None,
    body: bytes,
    sequence: int,
) -> bytes:
    key, origin = resource_id.encode(), source.encode()
    return b"".join(
        (
            _before_id(_RESOURCE_FIELDS, 2, kind, len(key)),
            key,
            _before_source(8, part, 4, version, 8, updated, 1, deleted, len(origin)),
            origin,
            _small(2, grade),
            _numbers(patients),
            _number(8, dated),
            _numbers(marks) if marks else _NULL,
            _before_note(8, present, 2, indexed),
            _NULL if note is None else _length(len(note)) + note,
            _length(len(body)),
            body,
            _number(8, sequence),
        )
    )


def _numbers(values: Sequence[int]) -> bytes:
    """An array of bigint."""
    count = len(values)
    if not count:
        return _EMPTY_ARRAY
    members = [8] * (2 * count)
    members[1::2] = values
    return _array_of(count).pack(20 + 12 * count, 1, 0, _INT8, count, 1, *members)


@lru_cache(maxsize=256)
def _array_of(count: int) -> struct.Struct:
    return struct.Struct("!iiiiii" + count * "iq")
