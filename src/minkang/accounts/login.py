"""Logging in: password, lockout with back-off, and the same answer for who does not exist."""

import asyncio
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from minkang.accounts.account import Account, account_of, entry_by
from minkang.accounts.address_key import address_key
from minkang.accounts.failures import (
    count_address,
    count_login,
    forget_login,
    login_hash,
    take_back_address,
)
from minkang.accounts.login_key import login_key
from minkang.accounts.login_rules import DEFAULT_RULES, LoginRules
from minkang.accounts.password_change import is_old
from minkang.accounts.passwords import AT_ONCE, check_password
from minkang.accounts.sessions import Browser, Session, Step, begin_session
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys
from minkang.store import Connection, Pool

WAITING_LIMIT = 100

# One event loop a process, as everywhere here; a semaphore belongs to the first that waits on it.
_checks = asyncio.Semaphore(AT_ONCE)
_waiting = 0


class WrongCredentials(msgspec.Struct, frozen=True):
    """No such login, or not its password: which, is not said."""


class Locked(msgspec.Struct, frozen=True):
    """Too many failures with this login, whether or not it exists."""

    until: datetime


class AddressLocked(msgspec.Struct, frozen=True):
    """Too many failures from this address, with whatever logins."""

    until: datetime


class Disabled(msgspec.Struct, frozen=True):
    """Right password, but the account is disabled, or no post of theirs is in force."""


class Busy(msgspec.Struct, frozen=True):
    """Too many log-ins at the same time; try again."""


LoginRefusal: TypeAlias = WrongCredentials | Locked | AddressLocked | Disabled | Busy


class Attempt(msgspec.Struct, frozen=True):
    """A try to log in.

    Attributes:
        browser: what it calls itself, for the list of sessions.
        shared: the address is that of a proxy that does not say who asks: it is not counted.
    """

    login: str
    password: str
    address: str
    browser: str = ""
    shared: bool = False


async def log_in(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    login: str,
    password: str,
    *,
    address: str,
    now: datetime,
    browser: str = "",
    shared: bool = False,
    rules: LoginRules = DEFAULT_RULES,
) -> Session | LoginRefusal:
    """Begin a session, or say why not. Either is in the audit log before this returns.

    A session whose `waits` is not empty opens nothing before these steps are done.

    Raises:
        AuditUnavailable: no session was given out.
    """
    global _waiting  # noqa: PLW0603 - a count of those in line
    if _waiting >= WAITING_LIMIT:
        return Busy()
    attempt = Attempt(login, password, address, browser, shared)
    _waiting += 1
    try:
        async with _checks:
            return await _log_in(pool, keys, log, attempt, rules, now)
    finally:
        _waiting -= 1


async def _log_in(
    pool: Pool, keys: Keys, log: AuditLog, attempt: Attempt, rules: LoginRules, now: datetime
) -> Session | LoginRefusal:
    hashed = login_hash(keys, attempt.login)
    row = await _looked_up(pool, attempt.login, now)
    account = None if row is None else account_of(row)

    def refusal(reason: str, **detail: object) -> Entry:
        return _refusal(account, hashed, reason, attempt.address, now, **detail)

    place = None if attempt.shared else address_key(attempt.address)
    tries, shut_until = (0, None) if place is None else await count_address(pool, place, now)
    if tries is None:
        await log.record(refusal("address-locked"))
        return AddressLocked(shut_until or now)
    count, until = await count_login(pool, hashed, now)
    if count is None:
        await log.record(refusal("locked"))
        return Locked(until or now)
    known = row["password_hash"] or None if row else None
    right, rehashed = await check_password(attempt.password, known)
    if account is None or row is None or not right:
        entries = [refusal("wrong-credentials")]
        if until is not None:
            entries.append(refusal("lockout", until=until, failures=count))
            if account is not None and place is not None:
                await _end_beside(pool, account.id, attempt.address, now)
        if shut_until is not None:
            entries.append(refusal("address-lockout", until=shut_until, failures=tries))
        await log.record_many(entries)
        return WrongCredentials()
    if place is not None:
        await take_back_address(pool, place)
    if row["disabled"] or account.post is None:
        await log.record(refusal("disabled" if row["disabled"] else "no-post"))
        return Disabled()
    async with pool.acquire() as connection, connection.transaction():
        await forget_login(connection, hashed)
        if rehashed is not None:
            await _rehash(connection, row, rehashed)
        waits = await _waits(connection, account, row, rules, now)
        session = await begin_session(
            connection,
            keys,
            account,
            browser=Browser(attempt.address, attempt.browser),
            now=now,
            limits=rules.limits_of(account.role),
            waits=waits,
        )
        detail = {"waits": list(waits)} if waits else None
        await log.record(entry_by(account, "log-in", now, address=attempt.address, detail=detail))
    return session


async def _looked_up(pool: Pool, login: str, now: datetime) -> Any:
    """The account with this login, in the post it acts in."""
    return await pool.fetchrow(
        """
        select a.id, a.login, a.name, a.person, a.disabled, a.password_hash, a.must_change,
            coalesce(a.password_set, a.created) as password_set,
            p.post, p.role, p.organisation, p.organisation_name, p.institution
        from accounts.account a left join accounts.acting($2) p on p.id = a.id
        where a.login_key = $1
        order by p.post is distinct from a.acts_in, p.begins, p.post
        limit 1
        """,
        login_key(login),
        now,
    )


async def _waits(
    connection: Connection, account: Account, row: Any, rules: LoginRules, now: datetime
) -> tuple[Step, ...]:
    """What is still to be done after the password, in this order."""
    waits: list[Step] = await factor_waits(connection, account, rules, now)
    if row["must_change"] or is_old(row["password_set"], now, rules.age_of(account.role)):
        waits.append("password")
    return tuple(waits)


async def factor_waits(
    connection: Connection, account: Account, rules: LoginRules, now: datetime
) -> list[Step]:
    """Whether a second factor has to be given, or set up."""
    has = await connection.fetchval(
        "select exists(select from accounts.second_factor "
        "where account = $1 and confirmed is not null)",
        UUID(account.id),
    )
    if has:
        return ["second-factor"]
    roles = await connection.fetch(
        "select role from accounts.post where account = $1 and (ends is null or ends > $2)",
        UUID(account.id),
        now,
    )
    held = {account.role, *(one["role"] for one in roles)}
    return ["enrol"] if held & rules.second_factor_roles else []


async def _rehash(connection: Connection, row: Any, rehashed: str) -> None:
    await connection.execute(
        "update accounts.account set password_hash = $3 where id = $1 and password_hash = $2",
        row["id"],
        row["password_hash"],
        rehashed,
    )


async def _end_beside(pool: Pool, account: str, address: str, now: datetime) -> None:
    """End the sessions of a locked login that are open at the address the guesses came from.

    Who guesses there may be sitting before one. Those elsewhere go on: else whoever knows a login
    could throw its owner out of work at any time.
    """
    await pool.execute(
        "update accounts.session set ended = $3 "
        "where account = $1 and address = $2 and ended is null",
        UUID(account),
        address,
        now,
    )


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
