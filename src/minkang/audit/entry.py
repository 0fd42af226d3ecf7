"""One audit entry, its canonical bytes, and the links of a chain. Pure."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from minkang.crypto import hmac_sm3, prepared_hmac_sm3

TEXT_LIMIT = 2_000
DETAIL_LIMIT = 16_000
PERSONS_LIMIT = 500  # residents that one row names; an answer that names more takes several

# The values of one row of audit.entry: `at` to `detail` in the table's order, then `persons`.
Row = tuple[datetime | str | bool | list[str] | None, ...]

Begun: TypeAlias = Callable[[bytes], bytes]
"""What makes links under a key, see `begun_link`."""

FIELDS = (
    "at",
    "account",
    "account_name",
    "role",
    "organisation",
    "purpose",
    "action",
    "object_type",
    "object_id",
    "person",
    "allowed",
    "reason",
    "address",
    "detail",
    "persons",
)
"""The columns of a Row."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_BEFORE_2000 = 946_684_800_000_000  # PostgreSQL counts its time from there
_FIRST = b"minkang audit chain 1\0"
_LINK = b"minkang audit entry 1\0"


def _now() -> datetime:
    return datetime.now(UTC)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What happened: who did what to which object, about whom, and whether it was allowed.

    Attributes:
        action: a short verb, e.g. `read`, `search`, `log-in`.
        account: id of the account, None when nobody is logged in.
        organisation: id of the account's organisation.
        person: id of the Person whose data it is about; makes the entry visible to that resident.
        persons: the residents an answer named, where it is about several: ids of Persons, or
            `Patient/<id>` where only that is known. Visible to each of them.
        reason: code of the rule which allowed or refused it.
        address: where the request came from.
        detail: further facts, JSON types only. No clinical content, no secrets.
        at: when, aware; now if not given.

    Texts are cut at TEXT_LIMIT characters (ending in an ellipsis) and freed of what PostgreSQL
    can't store, so that nothing a stranger sends can make its own record fail.
    """

    action: str
    allowed: bool
    account: str | None = None
    account_name: str = ""
    role: str = ""
    organisation: str | None = None
    purpose: str = ""
    object_type: str = ""
    object_id: str = ""
    person: str | None = None
    persons: tuple[str, ...] = ()
    reason: str = ""
    address: str = ""
    detail: dict[str, Any] | None = None
    at: datetime = msgspec.field(default_factory=_now)


class Head(msgspec.Struct, frozen=True):
    """The last link of one writer's chain; `seq` 0 is the chain's beginning."""

    writer: UUID
    seq: int
    mac: bytes


def rows_of(entry: Entry) -> list[Row]:
    """The rows to store: one, or several where more residents are named than one row takes.

    Raises:
        ValueError: the time is naive.
        TypeError: a value is of a wrong type.
    """
    if entry.at.tzinfo is None:
        raise ValueError("an audit entry's time must be aware")
    if not entry.persons:
        return [_row(entry, None)]
    named = list(dict.fromkeys(_text(one) for one in entry.persons))
    return [
        _row(entry, named[begin : begin + PERSONS_LIMIT])
        for begin in range(0, len(named), PERSONS_LIMIT)
    ]


def _row(entry: Entry, persons: list[str] | None) -> Row:
    return (
        entry.at,
        _optional(entry.account),
        _text(entry.account_name),
        _text(entry.role),
        _optional(entry.organisation),
        _text(entry.purpose),
        _text(entry.action),
        _text(entry.object_type),
        _text(entry.object_id),
        _optional(entry.person),
        bool(entry.allowed),
        _text(entry.reason),
        _text(entry.address),
        _detail(entry.detail),
        persons,
    )


def first_link(key: bytes, writer: UUID) -> bytes:
    """The code a chain begins with; binds the chain to its writer."""
    return hmac_sm3(key, _FIRST + writer.bytes)


def begun_link(key: bytes) -> Begun:
    """What makes links under a key, with what all of them begin with taken in."""
    return prepared_hmac_sm3(key, _LINK)


def link(begun: Begun, previous: bytes, writer: UUID, seq: int, row: Sequence[Any]) -> bytes:
    """HMAC-SM3 over the previous link and this row with its place."""
    return link_of(begun, previous, writer.bytes + canonical(seq, row))


def link_of(begun: Begun, previous: bytes, placed: bytes) -> bytes:
    """The same from the bytes of the writer and the row."""
    return begun(previous + placed)


def canonical(seq: int, row: Sequence[Any]) -> bytes:
    """Unambiguous bytes of a row: each value with its type, texts with their length before them.

    The time may also be given in microseconds since 1970. A row that names no residents has the
    bytes it had before rows could name some. `canonical_sql` makes the same bytes.
    """
    parts = [seq.to_bytes(8, "big", signed=True)]
    for value in row[:-1]:
        if value is None:
            parts.append(b"n")
        elif value is True:
            parts.append(b"t")
        elif value is False:
            parts.append(b"f")
        elif isinstance(value, str):
            data = value.encode()
            parts.append(b"s" + len(data).to_bytes(4, "big") + data)
        elif isinstance(value, int):
            parts.append(b"d" + value.to_bytes(8, "big", signed=True))
        else:
            parts.append(b"d" + microseconds(value).to_bytes(8, "big", signed=True))
    persons = row[-1]
    if persons is not None:
        parts.append(b"l" + len(persons).to_bytes(4, "big"))
        for one in persons:
            data = one.encode()
            parts.append(len(data).to_bytes(4, "big") + data)
    return b"".join(parts)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970, what PostgreSQL keeps of a time."""
    return (at - _EPOCH) // _MICROSECOND


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"an audit entry's text is a {type(value).__name__}")
    if len(value) > TEXT_LIMIT:
        value = value[: TEXT_LIMIT - 1] + "…"
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    return value.encode(errors="replace").decode()


def _optional(value: str | None) -> str | None:
    return None if value is None else _text(value)


def _detail(value: dict[str, Any] | None) -> str | None:
    if not value:
        return None
    encoded = msgspec.json.encode(value, order="deterministic")
    if len(encoded) > DETAIL_LIMIT:
        encoded = msgspec.json.encode({"cut": True, "bytes": len(encoded)})
    return encoded.decode()
