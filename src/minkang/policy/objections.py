"""A resident objects to an entry of the audit log; the audit administrator answers within a term.

Personal information protection law, articles 44 and 50: the right to know, and to an answer.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry, Look, looks_at
from minkang.policy.notices import add_notice
from minkang.policy.stand_in import SAME, former_persons, stands_for
from minkang.policy.working_days import due_after
from minkang.store import Connection, Pool, Store

SHORTEST: Final = 4
LONGEST: Final = 1_000
"""Characters of an objection and of its answer."""


class ObjectionRefused(Exception):  # noqa: N818 - reads as what happened
    """It can't be done like this.

    Attributes:
        code: `too-short`, `too-long`, `unknown`, `already` (there is one to this entry), `own`
            (nobody answers objections to what they did themselves), `answered`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """An objection and, once there is one, its answer.

    Attributes:
        account: whose objection it is (the resident's or a guardian's account).
        mark: the place of the entry; `entry` is what it said then.
        due: until when there should be an answer.
        founded: whether the audit administrator agrees; None without an answer.
    """

    id: str
    person: str
    account: str
    mark: str
    entry: dict[str, Any]
    words: str
    at: datetime
    due: datetime
    answer: str
    founded: bool | None
    answered: datetime | None
    answered_by: str | None
    answered_name: str


async def look_at_mark(
    pool: "Pool | Connection", person: str, patients: frozenset[str], mark: str
) -> Look | None:
    """The entry of this place, if it is about this person."""
    at, _, rest = mark.partition(".")
    writer, _, seq = rest.partition(".")
    if not seq.isdecimal() or len(seq) > 18:
        return None
    try:
        # The places before the next one begin with this one.
        found = await looks_at(
            pool,
            person,
            patients=patients,
            former=await former_persons(pool, person),
            limit=1,
            before=f"{at}.{writer}.{int(seq) + 1}",
        )
    except ValueError:
        return None
    return found[0] if found and found[0].mark == mark else None


async def object_to(
    store: Store,
    log: AuditLog,
    look: Look | None,
    *,
    person: str,
    by: Account,
    words: str,
    now: datetime,
    days: int = 15,
    address: str = "",
) -> Objection:
    """Object to an entry about this person; it is to be answered within `days` working days.

    The gate must have allowed `object-to-look`.

    Raises:
        ObjectionRefused: `unknown` (there is no such entry), `too-short`, `too-long`, `already`.
        AuditUnavailable: nothing was kept.
    """
    if look is None:
        raise ObjectionRefused("unknown")
    said = _checked(words)
    entry = {
        "at": look.at.isoformat(),
        "account": look.account,
        "account_name": look.account_name,
        "role": look.role,
        "organisation": look.organisation,
        "action": look.action,
        "purpose": look.purpose,
        "allowed": look.allowed,
        "reason": look.reason,
    }
    try:
        async with store.pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(
                f"select exists (select from policy.objection where person = {SAME} and mark = $2)",  # noqa: S608
                person,
                look.mark,
            ):
                raise ObjectionRefused("already")
            row = await connection.fetchrow(
                """insert into policy.objection (id, person, account, mark, entry, words, at, due)
                   values ($1, $2, $3, $4, $5, $6, $7, $8) returning *""",
                uuid4(),
                person,
                UUID(by.id),
                look.mark,
                msgspec.json.encode(entry).decode(),
                said,
                now,
                due_after(now, days),
            )
            made = _objection(row)
            await log.record(_entry(by, "object-to-look", made, "own-record", "", now, address))
    except asyncpg.UniqueViolationError as error:
        raise ObjectionRefused("already") from error
    return made


async def objections_of(pool: "Pool | Connection", person: str) -> list[Objection]:
    """A person's objections, the newest first."""
    rows = await pool.fetch(
        f"""select * from policy.objection where person = {SAME}
            order by at desc, id limit 200""",  # noqa: S608 - see SAME
        person,
    )
    return [_objection(row) for row in rows]


async def objection_queue(
    pool: "Pool | Connection", *, answered: bool = False, limit: int = 100
) -> list[Objection]:
    """Those without answer, the first due first; or the answered ones, the newest first."""
    if answered:
        query = """select * from policy.objection where answered is not null
                   order by answered desc, id limit $1"""
    else:
        query = "select * from policy.objection where answered is null order by due, id limit $1"
    return [_objection(row) for row in await pool.fetch(query, limit)]


async def answer_objection(
    store: Store,
    log: AuditLog,
    objection: str,
    *,
    by: Account,
    founded: bool,
    words: str,
    now: datetime,
    address: str = "",
) -> Objection:
    """Answer; the resident reads it at once. The gate must have allowed `answer-objections`.

    Raises:
        ObjectionRefused: `unknown`, `own`, `answered`, `too-short`, `too-long`.
        AuditUnavailable: nothing was changed.
    """
    said = _checked(words)
    try:
        key = UUID(objection)
    except ValueError as error:
        raise ObjectionRefused("unknown") from error
    async with store.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "select * from policy.objection where id = $1 for update", key
        )
        if row is None:
            raise ObjectionRefused("unknown")
        found = _objection(row)
        about = await stands_for(connection, found.person)
        if by.id in (found.account, found.entry["account"]) or by.person == about:
            raise ObjectionRefused("own")
        if found.answered is not None:
            raise ObjectionRefused("answered")
        row = await connection.fetchrow(
            """update policy.objection set answer = $2, founded = $3, answered = $4,
                   answered_by = $5, answered_name = $6
               where id = $1 returning *""",
            key,
            said,
            founded,
            now,
            UUID(by.id),
            by.name,
        )
        made = _objection(row)
        facts = {"founded": founded, "who": found.entry["account_name"]}
        await add_notice(
            connection, made.person, "objection-answered", about=made.id, facts=facts, at=now
        )
        reason = "founded" if founded else "unfounded"
        await log.record(_entry(by, "answer-objection", made, "supervision", reason, now, address))
    return made


def _checked(words: str) -> str:
    said = words.strip()
    if len(said) < SHORTEST:
        raise ObjectionRefused("too-short")
    if len(said) > LONGEST:
        raise ObjectionRefused("too-long")
    return said


def _objection(row: Any) -> Objection:
    values = {name: row[name] for name in Objection.__struct_fields__}
    values["entry"] = msgspec.json.decode(values["entry"])
    for name in ("id", "account", "answered_by"):
        values[name] = None if values[name] is None else str(values[name])
    return Objection(**values)


def _entry(
    by: Account,
    action: str,
    one: Objection,
    purpose: str,
    reason: str,
    now: datetime,
    address: str,
) -> Entry:
    return entry_by(
        by,
        action,
        now,
        purpose=purpose,
        object_type="Objection",
        object_id=one.id,
        person=one.person,
        reason=reason,
        address=address,
        detail={"mark": one.mark},
    )
