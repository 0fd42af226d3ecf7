"""Reading the log: who looked at one resident's data, and what happened lately."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from minkang.audit.entry import microseconds
from minkang.audit.witness import Fields
from minkang.store import Connection, Pool

_COLUMNS = """writer, seq, at, account, account_name, role, organisation, purpose, action,
    object_type, object_id, person, allowed, reason"""
_OF_ENTRY = ", ".join(f"e.{name.strip()}" for name in _COLUMNS.split(","))


class Look(msgspec.Struct, frozen=True):
    """One entry as it is shown to people.

    Attributes:
        mark: names the entry's place; give it as `before` to go on from here.
        organisation: the id of the account's organisation; its name is with accounts.
        allowed: False for an attempt that was refused.
        listed: it was one among others in an answer.
    """

    mark: str
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
    listed: bool = False


async def looks_at(
    source: "Pool | Connection",
    person: str,
    *,
    patients: Collection[str] = (),
    former: Collection[str] = (),
    limit: int = 50,
    before: str | None = None,
) -> list[Look]:
    """Entries about a person's data, newest first, at most `limit` after the mark `before`.

    Also those of answers that named the person among others (`Look.listed`), or one of `patients`,
    the linked Patients' ids. `former`: ids of persons whose entries are this one's, too.

    Raises:
        ValueError: `before` is no mark.
    """
    records = await source.fetch(
        f"""
        select * from (
            (select {_OF_ENTRY}, false as listed
             from unnest($1::text[]) as one (id), lateral (
                 select * from audit.entry
                 where person = one.id and (at, writer, seq) < ($3, $4, $5)
                 order by at desc, writer desc, seq desc limit $6) as e)
            union all
            (select {_OF_ENTRY}, true
             from unnest($2::text[]) as who (name), lateral (
                 select n.writer as w, n.seq as s from audit.named n
                 where n.person = who.name and (n.at, n.writer, n.seq) < ($3, $4, $5)
                 order by n.at desc, n.writer desc, n.seq desc limit $6) as place
             join audit.entry e on e.writer = place.w and e.seq = place.s)
        ) as look
        order by at desc, writer desc, seq desc limit $6
        """,  # noqa: S608 - the columns' names
        [person, *former],
        [person, *former, *(f"Patient/{one}" for one in patients)],
        *place_of(before),
        limit,
    )
    return _each_once(_look(record) for record in records)


def _each_once(looks: Iterable[Look]) -> list[Look]:
    """An entry may name a person twice: as Person and as Patient."""
    return list({look.mark: look for look in looks}.values())


async def recent(
    source: "Pool | Connection", *, limit: int = 50, before: str | None = None
) -> list[Look]:
    """All entries, newest first. For those who may see the whole log; the caller decides that.

    Raises:
        ValueError: `before` is no mark.
    """
    records = await source.fetch(
        f"""
        select {_COLUMNS}, false as listed from audit.entry
        where (at, writer, seq) < ($1, $2, $3)
        order by at desc, writer desc, seq desc limit $4
        """,  # noqa: S608 - the columns' names
        *place_of(before),
        limit,
    )
    return [_look(record) for record in records]


async def refusals(
    source: "Pool | Connection", account: str, action: str, reason: str, since: datetime
) -> int:
    """How often an account was refused an action for a reason since a moment."""
    return int(
        await source.fetchval(
            """select count(*) from audit.entry
               where account = $1 and at >= $2 and action = $3 and reason = $4 and not allowed""",
            account,
            since,
            action,
            reason,
        )
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1), 2**63 - 1)


def place_of(mark: str | None) -> tuple[datetime, UUID, int]:
    """The place that a mark names; without one, the end. Raises ValueError."""
    if mark is None:
        return _END
    try:
        at, writer, seq = mark.split(".")
        number = int(seq)
        place = (_EPOCH + timedelta(microseconds=int(at)), UUID(writer), number)
    except (ValueError, OverflowError) as error:
        raise ValueError("this is no mark of an audit entry") from error
    if not 0 <= number < 2**63:
        raise ValueError("this is no mark of an audit entry")
    return place


def _look(record: Fields) -> Look:
    return Look(
        mark=f"{microseconds(record['at'])}.{record['writer'].hex}.{record['seq']}",
        at=record["at"],
        account=record["account"],
        account_name=record["account_name"],
        role=record["role"],
        organisation=record["organisation"],
        purpose=record["purpose"],
        action=record["action"],
        object_type=record["object_type"],
        object_id=record["object_id"],
        person=record["person"],
        allowed=record["allowed"],
        reason=record["reason"],
        listed=record["listed"],
    )
