"""Getting in again: a link that an administrator makes and hands over.

One account, one use, one day. Never by questions, whose answers others know. The administrator
learns no password: the owner of the account chooses it behind the link.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from minkang.accounts.account import Account, AccountRefused, entry_by, parse_id
from minkang.accounts.password_change import end_everything, fitting_password, keep_password
from minkang.accounts.passwords import STANDARD, PasswordRules
from minkang.accounts.roles import ADMINISTRATORS
from minkang.accounts.second_factor import drop_factor
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

LIFETIME: Final = timedelta(hours=24)
_TAG = b"minkang recovery link 1\0"


class RecoveryLink(msgspec.Struct, frozen=True):
    """A new link. `token` is kept nowhere else."""

    token: str
    expires: datetime


class Recovering(msgspec.Struct, frozen=True):
    """Whose link it is, for the page behind it."""

    account: UUID
    login: str
    name: str
    factor: bool


async def make_recovery_link(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    account: str,
    *,
    by: Account | None,
    now: datetime,
    factor: bool = False,
    address: str = "",
) -> RecoveryLink:
    """A link for an account (by id); one made before is worth nothing from now on.

    With `factor` it also takes the second factor away, which has then to be set up anew. The
    account's sessions end when the link is used, not before: who asked for it may be an impostor.

    Raises:
        AccountRefused: `account-unknown`; `own-account`: nobody lets themselves in;
            `operator-only`: of the three administrators' accounts the command line alone makes
            one, or the first could take the place of the others (GB/T 22239-2019, 8.1.7.1).
        AuditUnavailable: nothing was made.
    """
    account_id = parse_id(account)
    if by is not None and by.id == account:
        raise AccountRefused("own-account")
    token, expires = secrets.token_urlsafe(32), now + LIFETIME
    async with pool.acquire() as connection, connection.transaction():
        known = await connection.fetchval(
            "select true from accounts.account where id = $1 and not service", account_id
        )
        if not known:
            raise AccountRefused("account-unknown")
        if by is not None and await _is_administrator(connection, account_id, now):
            raise AccountRefused("operator-only")
        await connection.execute(
            "update accounts.recovery_link set used = $2 where account = $1 and used is null",
            account_id,
            now,
        )
        await connection.execute(
            "insert into accounts.recovery_link "
            "(token_hash, account, factor, created, made_by, expires) "
            "values ($1, $2, $3, $4, $5, $6)",
            _hash(keys, token),
            account_id,
            factor,
            now,
            by.id if by else "operator",
            expires,
        )
        entry = entry_by(
            by,
            "make-recovery-link",
            now,
            purpose="administration",
            object_type="Account",
            object_id=account,
            address=address,
            detail={"expires": expires, "second_factor": factor},
        )
        await log.record(entry)
    return RecoveryLink(token, expires)


async def _is_administrator(connection: Connection, account: UUID, now: datetime) -> bool:
    return bool(
        await connection.fetchval(
            "select true from accounts.post where account = $1 and role = any($2) "
            "and (ends is null or ends > $3)",
            account,
            sorted(ADMINISTRATORS),
            now,
        )
    )


async def recovering(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Recovering | None:
    """Whose link this is, if it is one that still works."""
    row = await pool.fetchrow(
        """
        select a.id, a.login, a.name, l.factor
        from accounts.recovery_link l join accounts.account a on a.id = l.account
        where l.token_hash = $1 and l.used is null and l.expires > $2 and not a.disabled
        """,
        _hash(keys, token),
        now,
    )
    return None if row is None else Recovering(row["id"], row["login"], row["name"], row["factor"])


async def recover(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    token: str,
    password: str,
    *,
    now: datetime,
    rules: PasswordRules = STANDARD,
    address: str = "",
) -> bool:
    """Set the password behind a link, which ends all sessions; False: the link does not work.

    Raises:
        AccountRefused: the password breaks a rule; the link still works.
        AuditUnavailable: nothing was changed.
    """
    found = await recovering(pool, keys, token, now=now)
    if found is None:
        return False
    new = await fitting_password(pool, found.account, password, rules)
    async with pool.acquire() as connection, connection.transaction():
        used = await connection.fetchval(
            "update accounts.recovery_link set used = $2 "
            "where token_hash = $1 and used is null and expires > $2 returning true",
            _hash(keys, token),
            now,
        )
        if not used:
            return False
        await keep_password(connection, new, now)
        if found.factor:
            await drop_factor(connection, found.account)
        count = await end_everything(connection, found.account, now)
        entry = Entry(
            action="recover-account",
            at=now,
            allowed=True,
            account=str(found.account),
            account_name=found.name,
            purpose="administration",
            object_type="Account",
            object_id=str(found.account),
            address=address,
            detail={"sessions": count, "second_factor": found.factor},
        )
        await log.record(entry)
    return True


def _hash(keys: Keys, token: str) -> bytes:
    return hmac_sm3(keys.session_key, _TAG + token[:100].encode(errors="replace"))
