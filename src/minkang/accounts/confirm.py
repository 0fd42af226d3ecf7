"""Proving again who one is, in an open session, by the password."""

from datetime import datetime

from minkang.accounts.account import Account, entry_by, parse_id
from minkang.accounts.failures import count_login, forget_login, login_hash
from minkang.accounts.login import Locked, WrongCredentials
from minkang.accounts.passwords import check_password
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool


async def confirm_password(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    account: Account,
    password: str,
    *,
    now: datetime,
    address: str = "",
) -> bool | Locked | WrongCredentials:
    """Whether it is the account's password; failures count as those of its log-in.

    Raises:
        AuditUnavailable: the outcome could not be written down; go no further.
    """
    hashed = login_hash(keys, account.login)
    count, until = await count_login(pool, hashed, now)
    known = await pool.fetchval(
        "select password_hash from accounts.account where id = $1", parse_id(account.id)
    )
    right = count is not None and (await check_password(password, known or None))[0]
    reason = "" if right else "locked" if count is None else "wrong-credentials"
    entry = entry_by(
        account,
        "confirm-identity",
        now,
        allowed=right,
        reason=reason,
        purpose="administration",
        object_type="Account",
        object_id=account.id,
        address=address,
    )
    await log.record(entry)
    if count is None:
        return Locked(until or now)
    if not right:
        return WrongCredentials()
    async with pool.acquire() as connection:
        await forget_login(connection, hashed)
    return True
