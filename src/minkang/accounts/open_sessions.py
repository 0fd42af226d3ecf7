"""Where somebody is logged in, and ending it there."""

from datetime import datetime
from uuid import UUID

import msgspec

from minkang.accounts.account import Account, close_sessions, entry_by, parse_id
from minkang.accounts.sessions import LONGEST
from minkang.audit import AuditLog
from minkang.store import Pool


class OpenSession(msgspec.Struct, frozen=True):
    """An open session, for its owner's eyes."""

    id: UUID
    address: str
    browser: str
    created: datetime
    seen: datetime
    level: str


async def open_sessions(pool: Pool, account: str, *, now: datetime) -> list[OpenSession]:
    """The open sessions of an account (by id), the one last used first.

    Raises:
        AccountRefused: `account-unknown`: this is no account id.
    """
    rows = await pool.fetch(
        f"""
        select id, address, browser, created, seen, level from accounts.session
        where account = $1 and ended is null and id is not null and waits = '{{}}'
            and seen > $2::timestamptz - idle
            and coalesce(ends, created + interval '{LONGEST}') > $2
        order by seen desc, id
        """,  # noqa: S608 - a fixed time
        parse_id(account),
        now,
    )
    return [OpenSession(**row) for row in rows]


async def end_session(
    pool: Pool,
    log: AuditLog,
    account: str,
    session: UUID,
    *,
    now: datetime,
    by: Account | None,
    address: str = "",
) -> bool:
    """End one session of an account; False if it has no such open one.

    Raises:
        AccountRefused: `account-unknown`: this is no account id.
        AuditUnavailable: ended, but not logged.
    """
    ended = await pool.fetchval(
        "update accounts.session set ended = $3 "
        "where account = $1 and id = $2 and ended is null returning true",
        parse_id(account),
        session,
        now,
    )
    if ended:
        await _logged(log, account, 1, now=now, by=by, address=address)
    return bool(ended)


async def end_other_sessions(
    pool: Pool,
    log: AuditLog,
    account: Account,
    kept: UUID,
    *,
    now: datetime,
    address: str = "",
) -> int:
    """End all sessions of one's own but one; returns how many there were.

    Raises:
        AuditUnavailable: ended, but not logged.
    """
    rows = await pool.fetch(
        "update accounts.session set ended = $3 "
        "where account = $1 and id is distinct from $2 and ended is null returning 1",
        parse_id(account.id),
        kept,
        now,
    )
    await _logged(log, account.id, len(rows), now=now, by=account, address=address)
    return len(rows)


async def end_all_sessions(
    pool: Pool,
    log: AuditLog,
    account: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> int:
    """End every open session of an account (by id); returns how many there were.

    Raises:
        AccountRefused: `account-unknown`: this is no account id.
        AuditUnavailable: ended, but not logged.
    """
    async with pool.acquire() as connection:
        count = await close_sessions(connection, parse_id(account), now)
    await _logged(log, account, count, now=now, by=by, address=address)
    return count


async def _logged(
    log: AuditLog, account: str, count: int, *, now: datetime, by: Account | None, address: str
) -> None:
    entry = entry_by(
        by,
        "end-sessions",
        now,
        object_type="Account",
        object_id=account,
        address=address,
        detail={"sessions": count},
    )
    await log.record(entry)
