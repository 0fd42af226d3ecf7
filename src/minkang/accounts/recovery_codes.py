"""Codes on paper for who has lost the second factor: ten, each once, of some 49 random bits."""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from minkang.accounts.account import Account, entry_by, parse_id
from minkang.accounts.second_factor import FactorLocked, count_failure
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

HOW_MANY: Final = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_LENGTH = 10
_TAG = b"minkang recovery code 1\0"


async def new_recovery_codes(
    pool: Pool, keys: Keys, log: AuditLog, account: Account, *, now: datetime, address: str = ""
) -> tuple[str, ...]:
    """New codes; those before are worth nothing from now on. They are kept nowhere else.

    Raises:
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(account.id)
    codes = tuple(_code() for _ in range(HOW_MANY))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "delete from accounts.recovery_code where account = $1", account_id
        )
        await connection.executemany(
            "insert into accounts.recovery_code (account, code_hash) values ($1, $2)",
            [(account_id, _hash(keys, account_id, code)) for code in codes],
        )
        entry = entry_by(
            account,
            "new-recovery-codes",
            now,
            purpose="administration",
            object_type="Account",
            object_id=account.id,
            address=address,
        )
        await log.record(entry)
    return codes


async def use_recovery_code(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    account: Account,
    code: str,
    *,
    now: datetime,
    address: str = "",
) -> bool | FactorLocked:
    """Whether it is an unused code of this account, which it is no more then.

    Failures count as those of the second factor itself.

    Raises:
        AuditUnavailable: the outcome could not be written down; let nobody in.
    """
    account_id = parse_id(account.id)
    counted = await count_failure(pool, account_id, now)
    if isinstance(counted, FactorLocked):
        return counted
    async with pool.acquire() as connection, connection.transaction():
        used = await connection.fetchval(
            "update accounts.recovery_code set used = $3 "
            "where account = $1 and code_hash = $2 and used is null returning true",
            account_id,
            _hash(keys, account_id, code),
            now,
        )
        if used:
            await connection.execute(
                "update accounts.second_factor set failures = 0, locked_until = null "
                "where account = $1",
                account_id,
            )
        entry = entry_by(
            account,
            "second-factor",
            now,
            allowed=bool(used),
            reason="recovery-code" if used else "wrong-code",
            purpose="administration",
            object_type="Account",
            object_id=account.id,
            address=address,
        )
        await log.record(entry)
    return bool(used)


async def codes_left(pool: Pool, account: str) -> int:
    """How many codes of an account are unused."""
    left: int = await pool.fetchval(
        "select count(*) from accounts.recovery_code where account = $1 and used is null",
        parse_id(account),
    )
    return left


def looks_like_one(typed: str) -> bool:
    """Whether this is written like a recovery code, not like the six digits of an app."""
    return len(_plain(typed)) == _LENGTH


def _code() -> str:
    half = _LENGTH // 2
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return f"{code[:half]}-{code[half:]}"


def _plain(typed: str) -> str:
    return "".join(one for one in typed[:100].casefold() if one.isalnum())


def _hash(keys: Keys, account: UUID, code: str) -> bytes:
    return hmac_sm3(keys.id_key, _TAG + account.bytes + _plain(code).encode(errors="replace"))
