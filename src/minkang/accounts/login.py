"""Logging in: password, lockout with back-off, and the same answer for who does not exist."""

import asyncio
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from minkang.accounts.account import Account, account_of, entry_by
from minkang.accounts.login_key import login_key
from minkang.accounts.passwords import AT_ONCE, check_password
from minkang.accounts.sessions import Session, begin_session
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

# How long a login is locked after its n-th failure in a row; the last one for all further.
LOCKS: tuple[timedelta | None, ...] = (
    *(None,) * 4,
    *(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60)),
)
FORGOTTEN = timedelta(days=1)  # after this long without a failure, counting starts anew
WAITING_LIMIT = 100

_TAG = b"minkang login 1\0"
# One event loop a process, as everywhere here; a semaphore belongs to the first that waits on it.
_checks = asyncio.Semaphore(AT_ONCE)
_waiting = 0


class WrongCredentials(msgspec.Struct, frozen=True):
    """No such login, or not its password: which, is not said."""


class Locked(msgspec.Struct, frozen=True):
    """Too many failures with this login, whether or not it exists."""

    until: datetime


class Disabled(msgspec.Struct, frozen=True):
    """Right password, but the account is disabled."""


class Busy(msgspec.Struct, frozen=True):
    """Too many log-ins at the same time; try again."""


LoginRefusal: TypeAlias = WrongCredentials | Locked | Disabled | Busy


async def log_in(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    login: str,
    password: str,
    *,
    address: str,
    now: datetime,
) -> Session | LoginRefusal:
    """Begin a session, or say why not. Either is in the audit log before this returns.

    An attempt counts as a failure before the password is looked at and is taken back if it was
    right, so guesses in parallel get no further than guesses one by one.

    Raises:
        AuditUnavailable: no session was given out.
    """
    global _waiting  # noqa: PLW0603 - a count of those in line
    if _waiting >= WAITING_LIMIT:
        return Busy()
    _waiting += 1
    try:
        async with _checks:
            return await _log_in(pool, keys, log, login, password, address, now)
    finally:
        _waiting -= 1


async def _log_in(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    login: str,
    password: str,
    address: str,
    now: datetime,
) -> Session | LoginRefusal:
    key = login_key(login)
    hashed = hmac_sm3(keys.session_key, _TAG + (key or login[:100]).encode(errors="replace"))
    row = await pool.fetchrow(
        """
        select a.id, a.login, a.name, a.role, a.organisation, a.person, a.disabled,
            a.password_hash, o.name as organisation_name
        from accounts.account a left join accounts.organisation o on o.id = a.organisation
        where a.login_key = $1
        """,
        key,
    )
    account = None if row is None else account_of(row)
    count, until = await _count(pool, hashed, now)
    if count is None:
        await log.record(_refusal(account, hashed, "locked", address, now))
        return Locked(until or now)
    right, rehashed = await check_password(password, row["password_hash"] if row else None)
    if account is None or row is None or not right:
        entries = [_refusal(account, hashed, "wrong-credentials", address, now)]
        if until is not None:
            detail = {"until": until, "failures": count}
            entries.append(_refusal(account, hashed, "lockout", address, now, **detail))
        await log.record_many(entries)
        return WrongCredentials()
    if row["disabled"]:
        await log.record(_refusal(account, hashed, "disabled", address, now))
        return Disabled()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("delete from accounts.failure where login_hash = $1", hashed)
        if rehashed is not None:
            await connection.execute(
                "update accounts.account set password_hash = $3 "
                "where id = $1 and password_hash = $2",
                row["id"],
                row["password_hash"],
                rehashed,
            )
        session = await begin_session(connection, keys, account, address=address, now=now)
        await log.record(entry_by(account, "log-in", now, address=address))
    return session


async def _count(pool: Pool, hashed: bytes, now: datetime) -> tuple[int | None, datetime | None]:
    """Count an attempt; (failures so far, locked until), the first None if it is locked already."""
    await pool.execute("delete from accounts.failure where last < $1", now - FORGOTTEN)
    row = await pool.fetchrow(
        """
        insert into accounts.failure as f (login_hash, failures, last, locked_until)
        values ($1, 1, $2::timestamptz, $2::timestamptz + ($3::interval[])[1])
        on conflict (login_hash) do update set
            failures = f.failures + 1,
            last = $2,
            locked_until = $2::timestamptz
                + ($3::interval[])[least(f.failures + 1, cardinality($3::interval[]))]
        where f.locked_until is null or f.locked_until <= $2
        returning failures, locked_until
        """,
        hashed,
        now,
        LOCKS,
    )
    if row is not None:
        return row["failures"], row["locked_until"]
    until: datetime | None = await pool.fetchval(
        "select locked_until from accounts.failure where login_hash = $1", hashed
    )
    return None, until


def _refusal(
    account: Account | None,
    hashed: bytes,
    reason: str,
    address: str,
    now: datetime,
    **detail: object,
) -> Entry:
    """`login` in the detail is a keyed hash: what was typed may be a password."""
    return entry_by(
        account,
        "log-in",
        now,
        allowed=False,
        reason=reason,
        address=address,
        detail={"login": hashed.hex()[:16], "known": account is not None, **detail},
    )
