"""Failed log-ins: counted by login and by address, shut out for a while, unlocked by hand.

Counted before a password is looked at and taken back if it was right, so that guesses in parallel
get no further than guesses one by one.
"""

from datetime import datetime, timedelta
from typing import Final, TypeAlias

import msgspec

from minkang.accounts.account import Account, entry_by
from minkang.accounts.lockout import ADDRESS_LOCKS, LOCKS
from minkang.accounts.login_key import login_key
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

FORGOTTEN: Final = timedelta(days=1)  # without a failure for so long, a login's count starts anew
ADDRESS_FORGOTTEN: Final = timedelta(hours=1)
MOST_ADDRESSES: Final = 10_000
"""Addresses remembered; of more, those go first that are not shut out and were quiet longest."""

_TAG = b"minkang login 1\0"

Counted: TypeAlias = tuple[int | None, datetime | None]
"""Failures so far and until when it is shut now; no number: it was shut already."""


class LockedLogin(msgspec.Struct, frozen=True):
    """A login that is shut out. `login` is None if no account has it."""

    login: str | None
    name: str | None
    failures: int
    until: datetime


class LockedAddress(msgspec.Struct, frozen=True):
    """An address that is shut out, or has had failures lately (`until` None)."""

    address: str
    failures: int
    first: datetime
    last: datetime
    until: datetime | None


def login_hash(keys: Keys, login: str) -> bytes:
    """Under which the failures of a login are counted: people type passwords into that field."""
    key = login_key(login)
    return hmac_sm3(keys.session_key, _TAG + (key or login[:100]).encode(errors="replace"))


async def count_login(pool: Pool, hashed: bytes, now: datetime) -> Counted:
    """Count an attempt with a login, whether or not it exists."""
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
    return None, until or now


async def count_address(pool: Pool, address: str, now: datetime) -> Counted:
    """Count an attempt from an address (see `address_key`)."""
    await pool.execute(
        "delete from accounts.address_failure where last < $1 "
        "and (locked_until is null or locked_until <= $2)",
        now - ADDRESS_FORGOTTEN,
        now,
    )
    row = await pool.fetchrow(
        """
        insert into accounts.address_failure as f (address, failures, first, last, locked_until)
        values ($1, 1, $2::timestamptz, $2, $2::timestamptz + ($3::interval[])[1])
        on conflict (address) do update set
            failures = f.failures + 1,
            last = $2,
            locked_until = $2::timestamptz
                + ($3::interval[])[least(f.failures + 1, cardinality($3::interval[]))]
        where f.locked_until is null or f.locked_until <= $2
        returning failures, locked_until
        """,
        address,
        now,
        ADDRESS_LOCKS,
    )
    if row is None:
        until: datetime | None = await pool.fetchval(
            "select locked_until from accounts.address_failure where address = $1", address
        )
        return None, until or now
    if row["failures"] == 1:
        await _bound(pool, now)
    return row["failures"], row["locked_until"]


async def forget_login(connection: Connection, hashed: bytes) -> None:
    """The password was right: nothing is held against the login any more."""
    await connection.execute("delete from accounts.failure where login_hash = $1", hashed)


async def take_back_address(pool: Pool, address: str) -> None:
    """The attempt was none of the failures: count it down again.

    The others stay: whoever has one good password could else try others' without an end.
    """
    await pool.execute(
        """
        update accounts.address_failure set failures = greatest(failures - 1, 0),
            locked_until = case when ($2::interval[])[least(greatest(failures - 1, 1),
                cardinality($2::interval[]))] is null then null else locked_until end
        where address = $1
        """,
        address,
        ADDRESS_LOCKS,
    )


async def locked_logins(pool: Pool, keys: Keys, *, now: datetime) -> list[LockedLogin]:
    """Logins that are shut out now, by when they were tried last."""
    rows = await pool.fetch(
        "select login_hash, failures, locked_until from accounts.failure "
        "where locked_until > $1 order by last desc limit 200",
        now,
    )
    if not rows:
        return []
    known = await pool.fetch("select login, login_key, name from accounts.account")
    by_hash = {login_hash(keys, one["login_key"]): one for one in known}
    return [
        LockedLogin(
            by_hash[row["login_hash"]]["login"] if row["login_hash"] in by_hash else None,
            by_hash[row["login_hash"]]["name"] if row["login_hash"] in by_hash else None,
            row["failures"],
            row["locked_until"],
        )
        for row in rows
    ]


async def locked_addresses(pool: Pool, *, now: datetime) -> list[LockedAddress]:
    """Addresses with failures lately, those shut out and those with the most first."""
    rows = await pool.fetch(
        """
        select address, failures, first, last,
            case when locked_until > $1 then locked_until end as until
        from accounts.address_failure where failures >= 5
        order by until desc nulls last, failures desc, address limit 200
        """,
        now,
    )
    return [LockedAddress(**row) for row in rows]


async def is_locked(pool: Pool, keys: Keys, login: str, *, now: datetime) -> datetime | None:
    """Until when this login is shut out; None: it is not."""
    until: datetime | None = await pool.fetchval(
        "select locked_until from accounts.failure where login_hash = $1 and locked_until > $2",
        login_hash(keys, login),
        now,
    )
    return until


async def unlock_login(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    login: str,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> bool:
    """Let a login in again, its second factor, too; False: it was not shut out.

    Raises:
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        first = await connection.fetchval(
            "delete from accounts.failure where login_hash = $1 returning true",
            login_hash(keys, login),
        )
        second = await connection.fetchval(
            "update accounts.second_factor f set failures = 0, locked_until = null "
            "from accounts.account a where a.id = f.account and a.login_key = $1 "
            "and f.failures > 0 returning true",
            login_key(login),
        )
        if not (first or second):
            return False
        account = await connection.fetchval(
            "select id::text from accounts.account where login_key = $1", login_key(login)
        )
        entry = entry_by(
            by,
            "unlock-login",
            now,
            purpose="administration",
            object_type="Account",
            object_id=account or "",
            address=address,
        )
        await log.record(entry)
    return True


async def unlock_address(
    pool: Pool,
    log: AuditLog,
    blocked: str,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> bool:
    """Forget an address's failures; False: there were none.

    Raises:
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        gone = await connection.fetchval(
            "delete from accounts.address_failure where address = $1 returning true", blocked
        )
        if gone:
            entry = entry_by(
                by,
                "unlock-address",
                now,
                purpose="administration",
                object_type="Address",
                object_id=blocked,
                address=address,
            )
            await log.record(entry)
    return bool(gone)


async def _bound(pool: Pool, now: datetime) -> None:
    await pool.execute(
        """
        delete from accounts.address_failure where address in (
            select address from accounts.address_failure
            order by (locked_until is not null and locked_until > $1), last
            limit greatest(0, (select count(*) from accounts.address_failure) - $2))
        """,
        now,
        MOST_ADDRESSES,
    )
