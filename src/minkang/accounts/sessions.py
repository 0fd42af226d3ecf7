"""Sessions: a random token in the browser, its keyed hash here."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from minkang.accounts.account import Account, account_of, close_sessions, entry_by, parse_id
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)  # `seen` is written at most this often

_TAG = b"minkang session 1\0"


class Session(msgspec.Struct, frozen=True):
    """A new session. `token` goes to the browser and is kept nowhere else."""

    token: str
    account: Account
    created: datetime
    ends: datetime


async def begin_session(
    connection: Connection, keys: Keys, account: Account, *, address: str, now: datetime
) -> Session:
    """A session for somebody whose password was right; always with a new token."""
    token = secrets.token_urlsafe(32)
    await connection.execute(
        "insert into accounts.session (token_hash, account, address, created, seen) "
        "values ($1, $2, $3, $4, $4)",
        _hash(keys, token),
        UUID(account.id),
        address[:100].replace("\0", ""),
        now,
    )
    return Session(token, account, now, now + ABSOLUTE)


async def session_account(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Account | None:
    """Whose session this is, or None: unknown, ended, idle or open too long, account disabled.

    Not audited by itself: what is then read is.
    """
    hashed = _hash(keys, token)
    row = await pool.fetchrow(
        """
        select a.id, a.login, a.name, a.role, a.organisation, a.person,
            o.name as organisation_name, s.seen
        from accounts.session s
        join accounts.account a on a.id = s.account
        left join accounts.organisation o on o.id = a.organisation
        where s.token_hash = $1 and s.ended is null and not a.disabled
            and s.seen > $2 and s.created > $3
        """,
        hashed,
        now - IDLE,
        now - ABSOLUTE,
    )
    if row is None:
        return None
    if row["seen"] <= now - TOUCH:
        await pool.execute(
            "update accounts.session set seen = $2 where token_hash = $1 and seen < $2",
            hashed,
            now,
        )
    return account_of(row)


async def log_out(
    pool: Pool, keys: Keys, log: AuditLog, token: str, *, now: datetime, address: str = ""
) -> bool:
    """End the session; False if there was none to end. The end holds even if it can't be logged.

    Raises:
        AuditUnavailable: ended, but not logged.
    """
    row = await pool.fetchrow(
        """
        with ended as (
            update accounts.session set ended = $2 where token_hash = $1 and ended is null
            returning account)
        select a.id, a.login, a.name, a.role, a.organisation, a.person,
            o.name as organisation_name
        from ended join accounts.account a on a.id = ended.account
        left join accounts.organisation o on o.id = a.organisation
        """,
        _hash(keys, token),
        now,
    )
    if row is None:
        return False
    await log.record(entry_by(account_of(row), "log-out", now, address=address))
    return True


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
    account_id = parse_id(account)
    async with pool.acquire() as connection:
        count = await close_sessions(connection, account_id, now)
    entry = entry_by(
        by,
        "end-sessions",
        now,
        object_type="Account",
        object_id=str(account_id),
        address=address,
        detail={"sessions": count},
    )
    await log.record(entry)
    return count


def _hash(keys: Keys, token: str) -> bytes:
    return hmac_sm3(keys.session_key, _TAG + token[:100].encode(errors="replace"))
