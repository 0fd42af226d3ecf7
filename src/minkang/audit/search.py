"""Searching the log: by person, actor, institution, action, time; newest first, page by page."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from minkang.audit.entry import microseconds
from minkang.audit.looks import place_of
from minkang.audit.witness import Fields
from minkang.store import Connection, Pool
from minkang.store.sql import Sql

_COLUMNS = """e.writer, e.seq, e.at, e.account, e.account_name, e.role, e.organisation, e.purpose,
    e.action, e.object_type, e.object_id, e.person, e.allowed, e.reason, e.address,
    e.detail::text as detail, e.persons, e.mac"""
_ORDER = "at desc, writer desc, seq desc"


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; what is not given may be anything.

    Attributes:
        persons: names of one resident: the id of the Person, and `Patient/<id>` of linked Patients.
        actions, other_than: one of these, and none of these.
        since, until: from this moment on, and before that one.
        allowed: False for refusals.
    """

    persons: tuple[str, ...] = ()
    account: str | None = None
    organisation: str | None = None
    role: str | None = None
    action: str | None = None
    actions: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    purpose: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    allowed: bool | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, whole. `mark` names its place; give it as `before` to go on from here."""

    mark: str
    writer: UUID
    seq: int
    at: datetime
    account: str | None
    account_name: str
    role: str
    organisation: str | None
    purpose: str
    action: str
    object_type: str
    object_id: str
    person: str | None
    allowed: bool
    reason: str
    address: str
    detail: dict[str, Any]
    persons: tuple[str, ...]
    mac: str

    @property
    def named(self) -> tuple[str, ...]:
        """All residents it is about."""
        return tuple(dict.fromkeys((*([self.person] if self.person else []), *self.persons)))


async def entries(
    source: "Pool | Connection", sought: Sought, *, limit: int = 50, before: str | None = None
) -> list[Found]:
    """Entries that fit, newest first, at most `limit` behind the mark `before`.

    For who may see the whole log, or asks for the own person; the caller decides that.

    Raises:
        ValueError: `before` is no mark.
    """
    sql = Sql()
    at, writer, seq = place_of(before)
    place = f"({sql.add(at, 'timestamptz')}, {sql.add(writer, 'uuid')}, {sql.add(seq, 'bigint')})"
    most = sql.add(limit, "bigint")
    fits = _conditions(sql, sought)
    if not sought.persons:
        text = f"""select {_COLUMNS} from audit.entry e
            where (e.at, e.writer, e.seq) < {place} {fits}
            order by e.at desc, e.writer desc, e.seq desc limit {most}"""  # noqa: S608 - values are parameters
    else:
        who = sql.add(list(sought.persons), "text[]")
        text = f"""select * from (
            (select found.* from unnest({who}) as who (name), lateral (
                select {_COLUMNS} from audit.entry e
                where e.person = who.name and (e.at, e.writer, e.seq) < {place} {fits}
                order by e.at desc, e.writer desc, e.seq desc limit {most}) as found)
            union all
            (select found.* from unnest({who}) as who (name), lateral (
                select {_COLUMNS} from audit.named n
                join audit.entry e on e.writer = n.writer and e.seq = n.seq
                where n.person = who.name and (n.at, n.writer, n.seq) < {place} {fits}
                order by n.at desc, n.writer desc, n.seq desc limit {most}) as found)
            ) as one order by {_ORDER} limit {most}"""  # noqa: S608 - values are parameters
    records = await source.fetch(text, *sql.parameters)
    # An entry may name a resident twice: as Person and as Patient.
    return list({one.mark: one for one in map(_found, records)}.values())


async def entry_at(source: "Pool | Connection", writer: UUID, seq: int) -> Found | None:
    """The entry at a place of a chain."""
    records = await source.fetch(
        f"select {_COLUMNS} from audit.entry e where writer = $1 and seq = $2",  # noqa: S608
        writer,
        seq,
    )
    return _found(records[0]) if records else None


async def neighbours(
    source: "Pool | Connection", writer: UUID, seq: int, reach: int = 3
) -> list[Found]:
    """The entries of the same chain around a place, without the one there."""
    records = await source.fetch(
        f"""select {_COLUMNS} from audit.entry e
            where writer = $1 and seq between $2::bigint - $3 and $2::bigint + $3 and seq <> $2
            order by seq""",  # noqa: S608 - the columns' names
        writer,
        seq,
        reach,
    )
    return [_found(record) for record in records]


EQUAL = (
    "account",
    "organisation",
    "role",
    "action",
    "purpose",
    "object_type",
    "object_id",
    "address",
)
"""Columns, and fields of a Sought, that must be the same."""


def _conditions(sql: Sql, sought: Sought) -> str:
    parts = [
        f"and e.{name} = {sql.add(value, 'text')}"
        for name in EQUAL
        if (value := getattr(sought, name)) is not None
    ]
    if sought.actions:
        parts.append(f"and e.action = any({sql.add(list(sought.actions), 'text[]')})")
    if sought.other_than:
        parts.append(f"and e.action <> all({sql.add(list(sought.other_than), 'text[]')})")
    if sought.since is not None:
        parts.append(f"and e.at >= {sql.add(sought.since, 'timestamptz')}")
    if sought.until is not None:
        parts.append(f"and e.at < {sql.add(sought.until, 'timestamptz')}")
    if sought.allowed is not None:
        parts.append("and e.allowed" if sought.allowed else "and not e.allowed")
    return " ".join(parts)


def _found(record: Fields) -> Found:
    names = [name for name in Found.__struct_fields__ if name not in ("mark", "detail", "persons")]
    values = {name: record[name] for name in names}
    values["writer"], values["mac"] = UUID(str(record["writer"])), record["mac"].hex()
    return Found(
        mark=mark_of(record["at"], values["writer"], record["seq"]),
        detail=detail_of(record["detail"]),
        persons=tuple(one for one in record["persons"] or () if one is not None),
        **values,
    )


def mark_of(at: datetime, writer: UUID, seq: int) -> str:
    """The mark of an entry's place."""
    return f"{microseconds(at.astimezone(UTC))}.{writer.hex}.{seq}"


def detail_of(text: str | None) -> dict[str, Any]:
    """An entry's detail, whatever somebody made of it."""
    try:
        told = msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError:
        return {"text": text}
    return told if isinstance(told, dict) else {"text": text}
