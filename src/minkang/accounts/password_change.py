"""A new password: the rules that need the database, and what changes with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from minkang.accounts.account import (
    Account,
    AccountRefused,
    close_sessions,
    entry_by,
    parse_id,
)
from minkang.accounts.common_passwords import words_of
from minkang.accounts.passwords import (
    STANDARD,
    PasswordRules,
    check_password,
    hash_password,
    password_problem,
    used_before,
)
from minkang.audit import AuditLog
from minkang.store import Connection, Pool


class NewPassword(msgspec.Struct, frozen=True):
    """A password that fits the rules, hashed, to be written with `keep_password`."""

    account: UUID
    hashed: str
    past: tuple[str, ...]


async def change_password(
    pool: Pool,
    log: AuditLog,
    account: Account,
    old: str,
    new: str,
    *,
    now: datetime,
    rules: PasswordRules = STANDARD,
    session: UUID | None = None,
    address: str = "",
) -> None:
    """Give oneself a new password; every other session ends, `session` stays.

    Raises:
        AccountRefused: `password-wrong`: not the present one; `password-used`; a code of
            `password_problem`.
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(account.id)
    present = await pool.fetchval(
        "select password_hash from accounts.account where id = $1", account_id
    )
    right, _ = await check_password(old, present or None)
    if not right:
        entry = entry_by(
            account,
            "set-password",
            now,
            allowed=False,
            reason="wrong-credentials",
            object_type="Account",
            object_id=account.id,
            address=address,
        )
        await log.record(entry)
        raise AccountRefused("password-wrong")
    fresh = await fitting_password(pool, account_id, new, rules)
    async with pool.acquire() as connection, connection.transaction():
        await keep_password(connection, fresh, now)
        await connection.execute(
            "update accounts.session set ended = $3 "
            "where account = $1 and ended is null and id is distinct from $2",
            account_id,
            session,
            now,
        )
        entry = entry_by(
            account,
            "set-password",
            now,
            object_type="Account",
            object_id=account.id,
            address=address,
        )
        await log.record(entry)


async def set_password(
    pool: Pool,
    log: AuditLog,
    account: str,
    password: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
    must_change: bool = False,
    rules: PasswordRules = STANDARD,
) -> None:
    """Give an account (by id) a new password and end its sessions and recovery links.

    With `must_change` its owner has to choose another one at the next log-in.

    Raises:
        AccountRefused: `account-unknown`, or the password breaks a rule.
        AuditUnavailable: nothing was changed.
    """
    fresh = await fitting_password(pool, parse_id(account), password, rules)
    async with pool.acquire() as connection, connection.transaction():
        await keep_password(connection, fresh, now, must_change=must_change)
        await end_everything(connection, fresh.account, now)
        entry = entry_by(
            by,
            "set-password",
            now,
            purpose="administration",
            object_type="Account",
            object_id=str(fresh.account),
            address=address,
        )
        await log.record(entry)


async def fitting_password(
    pool: Pool, account: UUID, password: str, rules: PasswordRules = STANDARD
) -> NewPassword:
    """A new password for an account, if it fits.

    Raises:
        AccountRefused: `account-unknown`, `password-used` (one of the last ones), or a code of
            `password_problem`.
    """
    row = await pool.fetchrow(
        """
        select a.login_key, a.name, a.password_hash, a.password_past,
            array(select o.name from accounts.post p
                join accounts.organisation o on o.id = p.organisation
                where p.account = a.id and p.ends is null) as institutions
        from accounts.account a where a.id = $1
        """,
        account,
    )
    if row is None:
        raise AccountRefused("account-unknown")
    names = words_of(row["name"], *row["institutions"])
    if (problem := password_problem(password, row["login_key"], rules, names)) is not None:
        raise AccountRefused(problem)
    past = [one for one in (row["password_hash"], *row["password_past"]) if one][: rules.history]
    if await used_before(password, past):
        raise AccountRefused("password-used")
    return NewPassword(account, await hash_password(password), _kept(past, rules))


async def keep_password(
    connection: Connection, new: NewPassword, now: datetime, *, must_change: bool = False
) -> None:
    """Write it, in the transaction of who writes down that it was changed."""
    await connection.execute(
        "update accounts.account set password_hash = $2, password_past = $3, password_set = $4, "
        "must_change = $5 where id = $1",
        new.account,
        new.hashed,
        list(new.past),
        now,
        must_change,
    )


async def end_everything(connection: Connection, account: UUID, now: datetime) -> int:
    """End all sessions and open recovery links of an account; how many sessions there were."""
    await connection.execute(
        "update accounts.recovery_link set used = $2 where account = $1 and used is null",
        account,
        now,
    )
    return await close_sessions(connection, account, now)


def is_old(password_set: datetime | None, now: datetime, age: timedelta | None) -> bool:
    """Whether a password must be changed for its age."""
    return age is not None and password_set is not None and password_set <= now - age


def _kept(past: Sequence[str], rules: PasswordRules) -> tuple[str, ...]:
    """The present hash becomes the newest of the past; no more are kept than are looked at."""
    return tuple(past[: max(0, rules.history - 1)])
