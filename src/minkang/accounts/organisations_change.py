"""Making, changing and ending organisations of the tree: each change is checked and audited.

The tree has no cycles: whoever changes it locks its one row of `accounts.tree_change` first, so
that two changes can't each be right alone and wrong together.
"""

import re
from datetime import datetime
from typing import Any, Final

import asyncpg
import msgspec

from minkang.accounts.account import Account, entry_by
from minkang.accounts.organisation_kinds import INSIDE, KINDS, LEVELS, may_lie_in
from minkang.accounts.organisations import Organisation, check_organisation
from minkang.accounts.post_steps import end_posts_of
from minkang.accounts.refused import AccountRefused
from minkang.audit import AuditLog, Entry
from minkang.store import Connection, Pool

LONGEST: Final = 200
"""Characters of a name."""

# An id is that of the FHIR Organization as well (R4, 2.24.0.1).
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_DIVISION = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
_CREDIT = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}|MK[0-9]{16}")
"""GB 32100-2015 uses no I O S V Z; the practice region's begin with MK and no real one does."""


def organisation_problem(organisation: Organisation) -> str | None:
    """The code of what is wrong with an organisation taken by itself, or None.

    Codes: `organisation-id-unsuitable`, `name-unsuitable`, `kind-unknown`, `level-unfit` (of its
    kind), `parent-needed` (within an institution), `division-unsuitable`, `credit-code-unsuitable`.
    """
    if not _ID.fullmatch(organisation.id):
        return "organisation-id-unsuitable"
    name = organisation.name
    if not name.strip() or name != name.strip() or len(name) > LONGEST or not name.isprintable():
        return "name-unsuitable"
    if organisation.kind not in KINDS:
        return "kind-unknown"
    if organisation.level not in KINDS[organisation.kind].levels:
        return "level-unfit"
    if organisation.level in INSIDE and organisation.parent is None:
        return "parent-needed"
    if organisation.division and not _DIVISION.fullmatch(organisation.division):
        return "division-unsuitable"
    if organisation.credit_code and not _CREDIT.fullmatch(organisation.credit_code):
        return "credit-code-unsuitable"
    return None


async def add_organisation(
    pool: Pool,
    log: AuditLog,
    organisation: Organisation,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> None:
    """Put a new organisation into the tree.

    Raises:
        AccountRefused: `organisation-taken`, `parent-unknown`, `parent-unfit`,
            `credit-code-taken`, or a code of `organisation_problem`.
        AuditUnavailable: nothing was made.
    """
    async with pool.acquire() as connection, connection.transaction():
        await insert_organisation(connection, organisation, now)
        await log.record(_change(by, "create-organisation", organisation, now, address))


async def change_organisation(
    pool: Pool,
    log: AuditLog,
    organisation: Organisation,
    *,
    seen: Organisation | None = None,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> None:
    """Give an organisation, by its id, another name, kind, place in the tree or codes; `seen` is
    what the writer had before them.

    Raises:
        AccountRefused: `organisation-unknown`, `parent-unknown`, `parent-unfit`, `cycle` (it would
            lie within itself), `parts-unfit` (what lies in it could not), `credit-code-taken`,
            `changed-meanwhile` (it is no longer what was seen), or a code of
            `organisation_problem`.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        await update_organisation(connection, organisation, now, seen)
        await log.record(_change(by, "change-organisation", organisation, now, address))


async def end_organisation(
    pool: Pool,
    log: AuditLog,
    organisation: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> int:
    """Close an organisation: posts in it end now, with their sessions. Returns how many.

    Raises:
        AccountRefused: `organisation-unknown`, `organisation-has-parts`: what lies in it works
            still.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        ended = await close_organisation(connection, organisation, now, by)
        await log.record(
            entry_by(
                by, "end-organisation", now, object_type="Organization", object_id=organisation,
                purpose="administration", address=address, detail={"posts": ended},
            )
        )  # fmt: skip
    return ended


async def insert_organisation(
    connection: Connection, organisation: Organisation, now: datetime
) -> None:
    """`add_organisation` in the caller's transaction; the caller audits it."""
    await _lock(connection)
    await _check(connection, organisation)
    if await connection.fetchval(
        "select true from accounts.organisation where id = $1", organisation.id
    ):
        raise AccountRefused("organisation-taken", organisation.id)
    await _write(
        connection,
        """
        insert into accounts.organisation
            (id, name, kind, level, parent, division, credit_code, changed)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        organisation,
        now,
    )
    await _find_institutions(connection, organisation.id)


async def update_organisation(
    connection: Connection,
    organisation: Organisation,
    now: datetime,
    seen: Organisation | None = None,
) -> None:
    """`change_organisation` in the caller's transaction; the caller audits it."""
    await _lock(connection)
    await _check(connection, organisation)
    below = await connection.fetch(
        """
        with recursive within as (
            select id, parent, level from accounts.organisation where id = $1
            union select o.id, o.parent, o.level from accounts.organisation o
                join within w on o.parent = w.id)
        select id, parent, level from within
        """,
        organisation.id,
    )
    if not below:
        raise AccountRefused("organisation-unknown", organisation.id)
    if seen is not None and seen != _changeable(
        await check_organisation(connection, organisation.id)
    ):
        raise AccountRefused("changed-meanwhile")
    if organisation.parent in {row["id"] for row in below}:
        raise AccountRefused("cycle", organisation.parent or "")
    for row in below:
        if row["parent"] == organisation.id and not may_lie_in(row["level"], organisation.level):
            raise AccountRefused("parts-unfit", row["id"])
    await _write(
        connection,
        """
        update accounts.organisation set name = $2, kind = $3, level = $4, parent = $5,
            division = $6, credit_code = $7, changed = $8, ends = null
        where id = $1
        """,
        organisation,
        now,
    )
    await _find_institutions(connection, organisation.id)


async def close_organisation(
    connection: Connection, organisation: str, now: datetime, by: Account | None
) -> int:
    """`end_organisation` in the caller's transaction; the caller audits it."""
    await _lock(connection)
    parts = await connection.fetchval(
        "select id from accounts.organisation where parent = $1 and ends is null limit 1",
        organisation,
    )
    if parts is not None:
        raise AccountRefused("organisation-has-parts", parts)
    done = await connection.fetchval(
        "update accounts.organisation set ends = coalesce(ends, $2), changed = $2 where id = $1 "
        "returning true",
        organisation,
        now,
    )
    if not done:
        raise AccountRefused("organisation-unknown", organisation)
    return await end_posts_of(connection, organisation, now, by)


async def _lock(connection: Connection) -> None:
    await connection.execute("select number from accounts.tree_change for update")


async def _check(connection: Connection, organisation: Organisation) -> None:
    """What is wrong with it in its place."""
    if (problem := organisation_problem(organisation)) is not None:
        raise AccountRefused(problem, organisation.id)
    if organisation.parent is None:
        return
    above = await connection.fetchrow(
        "select level, ends from accounts.organisation where id = $1", organisation.parent
    )
    if above is None or above["ends"] is not None:
        raise AccountRefused("parent-unknown", organisation.parent)
    if above["level"] not in LEVELS or not may_lie_in(organisation.level, above["level"]):
        raise AccountRefused("parent-unfit", organisation.parent)


async def _write(
    connection: Connection, sql: str, organisation: Organisation, now: datetime
) -> None:
    try:
        async with connection.transaction():
            await connection.execute(
                sql,
                organisation.id,
                organisation.name,
                organisation.kind,
                organisation.level,
                organisation.parent,
                organisation.division or None,
                organisation.credit_code or None,
                now,
            )
    except asyncpg.UniqueViolationError as error:
        raise AccountRefused("credit-code-taken", organisation.credit_code or "") from error


def _changeable(organisation: Organisation | None) -> Organisation | None:
    """Without what follows from the rest or is changed in another way."""
    if organisation is None:
        return None
    return msgspec.structs.replace(organisation, institution=None, ends=None)


async def _find_institutions(connection: Connection, organisation: str) -> None:
    """Write down anew what it and all below it belong to."""
    await connection.execute(
        """
        with recursive above as (
            select id, level, parent from accounts.organisation where id = $1
            union select o.id, o.level, o.parent from accounts.organisation o
                join above a on o.id = a.parent
                where a.level = any($2)),
        own as (select id from above where level <> all($2) limit 1),
        within as (
            select id, case when level <> all($2) then id else (select id from own) end as found
            from accounts.organisation where id = $1
            union all select o.id, case when o.level <> all($2) then o.id else w.found end
            from accounts.organisation o join within w on o.parent = w.id)
        update accounts.organisation o set institution = w.found
        from within w where w.id = o.id and o.institution is distinct from w.found
        """,
        organisation,
        sorted(INSIDE),
    )


def _change(
    by: Account | None, action: str, organisation: Organisation, now: datetime, address: str
) -> Entry:
    detail: dict[str, Any] = {
        "name": organisation.name,
        "kind": organisation.kind,
        "level": organisation.level,
        "parent": organisation.parent,
    }
    return entry_by(
        by, action, now, object_type="Organization", object_id=organisation.id,
        purpose="administration", address=address, detail=detail,
    )  # fmt: skip
