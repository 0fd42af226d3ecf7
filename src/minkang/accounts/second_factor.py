"""A second factor: one-time codes by time (TOTP, RFC 6238), as every authenticator app makes them.

Six digits, 30 seconds, HMAC-SHA-1: what all apps can do. One step of drift either way is let pass;
a step is accepted once (RFC 6238, 5.2). Failures lock the factor on their own, whatever the log-in.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from minkang.accounts.account import Account, entry_by, parse_id
from minkang.accounts.lockout import LOCKS
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys, hmac_sm3
from minkang.crypto.sm4 import KEY_BYTES, Sm4Key
from minkang.store import Connection, Pool

STEP: Final = 30
DIGITS: Final = 6
ISSUER: Final = "Minkang"
_SECRET_BYTES = 20
_OFFERED = timedelta(hours=1)
_TAG = b"minkang second factor 1\0"


class FactorLocked(msgspec.Struct, frozen=True):
    """Too many wrong codes."""

    until: datetime


class Enrolment(msgspec.Struct, frozen=True):
    """A secret to be taken into an app, by typing or by its picture.

    Attributes:
        secret: base32, as apps want it typed.
        address: an `otpauth:` address for a QR code.
    """

    secret: str
    address: str


async def has_factor(pool: Pool, account: str) -> bool:
    """Whether this account has a second factor in use."""
    found: bool = await pool.fetchval(
        "select exists(select from accounts.second_factor "
        "where account = $1 and confirmed is not null)",
        parse_id(account),
    )
    return found


async def enrol(pool: Pool, keys: Keys, account: Account, *, now: datetime) -> Enrolment | None:
    """A secret for an app; asked again within an hour before it is confirmed, the same one.

    None: there is a factor in use already, which has to go first.
    """
    account_id = parse_id(account.id)
    fresh = secrets.token_bytes(_SECRET_BYTES)
    kept = await pool.fetchval(
        """
        insert into accounts.second_factor (account, secret, created) values ($1, $2, $3)
        on conflict (account) do update set
            secret = case when second_factor.created > excluded.created - $4::interval
                then second_factor.secret else excluded.secret end,
            created = case when second_factor.created > excluded.created - $4::interval
                then second_factor.created else excluded.created end
        where second_factor.confirmed is null
        returning secret
        """,
        account_id,
        _box(keys).seal(fresh, account_id.bytes),
        now,
        _OFFERED,
    )
    if kept is None:
        return None
    secret = base64.b32encode(_box(keys).unseal(kept, account_id.bytes)).decode()
    label = quote(f"{ISSUER}:{account.login}")
    address = f"otpauth://totp/{label}?secret={secret}&issuer={ISSUER}"
    return Enrolment(secret, address)


async def confirm_enrolment(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    account: Account,
    codes: tuple[str, str],
    *,
    now: datetime,
    address: str = "",
) -> bool:
    """Take a factor into use: two codes that follow each other prove that app and clock are right.

    Raises:
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(account.id)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "select secret from accounts.second_factor "
            "where account = $1 and confirmed is null for update",
            account_id,
        )
        if row is None:
            return False
        secret = _box(keys).unseal(row["secret"], account_id.bytes)
        first, second = (_step(secret, code, now, after=0, back=2) for code in codes)
        if first is None or second != first + 1:
            return False
        await connection.execute(
            "update accounts.second_factor set confirmed = $2, last_step = $3, failures = 0, "
            "locked_until = null where account = $1",
            account_id,
            now,
            second,
        )
        await log.record(_entry(account, "enrol-second-factor", account_id, now, address))
    return True


async def check_code(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    account: Account,
    code: str,
    *,
    now: datetime,
    address: str = "",
) -> bool | FactorLocked:
    """Whether it is the code of now, or of a step before or after, and was not used before.

    Counted before it is looked at, so guesses in parallel get no further than one by one.

    Raises:
        AuditUnavailable: the outcome could not be written down; let nobody in.
    """
    account_id = parse_id(account.id)
    counted = await count_failure(pool, account_id, now)
    if counted is None:
        return False
    if isinstance(counted, FactorLocked):
        entry = _entry(account, "second-factor", account_id, now, address, reason="locked")
        await log.record(entry)
        return counted
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "select secret, last_step from accounts.second_factor where account = $1 for update",
            account_id,
        )
        secret = _box(keys).unseal(row["secret"], account_id.bytes) if row else b""
        step = _step(secret, code, now, after=row["last_step"]) if row else None
        if step is not None:
            await connection.execute(
                "update accounts.second_factor set last_step = $2, failures = 0, "
                "locked_until = null where account = $1",
                account_id,
                step,
            )
        reason = "" if step is not None else "wrong-code"
        await log.record(_entry(account, "second-factor", account_id, now, address, reason=reason))
    return step is not None


async def count_failure(pool: Pool, account: UUID, now: datetime) -> int | FactorLocked | None:
    """Count an attempt; failures so far, or that the factor is locked, or None if there is none."""
    row = await pool.fetchrow(
        """
        update accounts.second_factor set
            failures = failures + 1,
            locked_until = $2::timestamptz
                + ($3::interval[])[least(failures + 1, cardinality($3::interval[]))]
        where account = $1 and confirmed is not null
            and (locked_until is null or locked_until <= $2)
        returning failures
        """,
        account,
        now,
        LOCKS,
    )
    if row is not None:
        return int(row["failures"])
    until: datetime | None = await pool.fetchval(
        "select locked_until from accounts.second_factor "
        "where account = $1 and confirmed is not null",
        account,
    )
    return None if until is None else FactorLocked(until)


async def remove_factor(
    pool: Pool,
    log: AuditLog,
    account: str,
    *,
    now: datetime,
    by: Account | None,
    address: str = "",
) -> bool:
    """Take an account's second factor and its recovery codes away; False if there was none.

    Raises:
        AccountRefused: `account-unknown`: this is no account id.
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(account)
    async with pool.acquire() as connection, connection.transaction():
        gone = await drop_factor(connection, account_id)
        if gone:
            await log.record(_entry(by, "remove-second-factor", account_id, now, address))
    return gone


async def drop_factor(connection: Connection, account: UUID) -> bool:
    """Take it away, in the transaction of who writes it down."""
    await connection.execute("delete from accounts.recovery_code where account = $1", account)
    gone = await connection.fetchval(
        "delete from accounts.second_factor where account = $1 returning confirmed is not null",
        account,
    )
    return bool(gone)


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step (seconds since 1970 by thirty)."""
    made = TOTP(secret, DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303 - RFC 6238
    return made.generate(step * STEP).decode()


def _step(secret: bytes, code: str, now: datetime, *, after: int, back: int = 1) -> int | None:
    """The step whose code this is, none before or at `after`; all are always compared."""
    typed = "".join(code.split())[: 2 * DIGITS].encode(errors="replace")
    current, found = int(now.timestamp()) // STEP, None
    for step in range(current - back, current + 2):
        if hmac.compare_digest(code_at(secret, step).encode(), typed) and step > after:
            found = step
    return found


def _box(keys: Keys) -> Sm4Key:
    """Seals secrets. From the key that never rotates: a rotated one would shut everybody out."""
    return Sm4Key(hmac_sm3(keys.id_key, _TAG)[:KEY_BYTES])


def _entry(
    by: Account | None, action: str, account: UUID, now: datetime, address: str, reason: str = ""
) -> Entry:
    return entry_by(
        by,
        action,
        now,
        allowed=not reason,
        reason=reason,
        purpose="administration",
        object_type="Account",
        object_id=str(account),
        address=address,
    )
