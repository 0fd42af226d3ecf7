"""Accounts of programs: scripts and vendors. No password and no log-in, an owner, an end.

A service account acts in one post of role `service` at one organisation, which ends when the
account does; its tokens are worth nothing from then on, or after a rotation.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from minkang.accounts.account import Account, entry_by, parse_id
from minkang.accounts.account_rows import insert_account, insert_post
from minkang.accounts.refused import AccountRefused
from minkang.accounts.tokens import token_hash
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys
from minkang.store import Pool

LONGEST: Final = timedelta(days=366)
TOKEN_LONGEST: Final = timedelta(days=90)
_TEXT: Final = 200


class NewService(msgspec.Struct, frozen=True, kw_only=True):
    """A service account to be made: what for, and who answers for it."""

    name: str
    purpose: str
    owner: str
    contact: str
    organisation: str
    lifetime: timedelta


class ServiceAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A service account, as the list shows it. `tokens`: how many work now."""

    id: str
    name: str
    purpose: str
    owner: str
    contact: str
    organisation: str
    organisation_name: str
    created: datetime
    expires: datetime
    rotated: datetime | None
    ended: datetime | None
    tokens: int


class ServiceToken(msgspec.Struct, frozen=True):
    """A new token. `token` is kept nowhere else."""

    token: str
    expires: datetime


async def create_service(
    pool: Pool,
    log: AuditLog,
    new: NewService,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> str:
    """Make a service account; returns its id.

    Raises:
        AccountRefused: `text-unsuitable` (a text is missing, too long, or not printable),
            `lifetime` (none, or more than a year), `organisation-unknown`.
        AuditUnavailable: nothing was made.
    """
    _check(new)
    account, expires = uuid4(), now + new.lifetime
    given_by = by.id if by else "operator"
    async with pool.acquire() as connection, connection.transaction():
        login = f"service-{account.hex[:12]}"
        await insert_account(connection, account, login, new.name, "", now)
        await connection.execute(
            "update accounts.account set service = true where id = $1", account
        )
        await insert_post(
            connection,
            account,
            "service",
            new.organisation,
            begins=now,
            given_by=given_by,
            ends=expires,
        )
        await connection.execute(
            """
            insert into accounts.service_account (
                account, owner, contact, purpose, created, made_by, expires)
            values ($1, $2, $3, $4, $5, $6, $7)
            """,
            account,
            new.owner,
            new.contact,
            new.purpose,
            now,
            given_by,
            expires,
        )
        detail = {"name": new.name, "organisation": new.organisation, "expires": expires}
        await log.record(_entry(by, "create-service", account, now, address, detail))
    return str(account)


async def issue_service_token(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    service: str,
    lifetime: timedelta,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> ServiceToken:
    """A bearer token of a service account (by id); it ends no later than the account.

    Raises:
        AccountRefused: `account-unknown`: no service account in force; `lifetime`: none, or more
            than ninety days.
        AuditUnavailable: nothing was made.
    """
    account_id = parse_id(service)
    if not timedelta(0) < lifetime <= TOKEN_LONGEST:
        raise AccountRefused("lifetime")
    token, token_id = secrets.token_urlsafe(32), uuid4()
    async with pool.acquire() as connection, connection.transaction():
        row = await _in_force(connection, account_id, now)
        expires: datetime = min(now + lifetime, row["expires"])
        await connection.execute(
            """
            insert into accounts.token (
                token_hash, id, role, organisation, account, post, created, expires)
            values ($1, $2, 'service', $3, $4, $5, $6, $7)
            """,
            token_hash(keys, token),
            token_id,
            row["organisation"],
            account_id,
            row["post"],
            now,
            expires,
        )
        detail = {"token": str(token_id), "expires": expires}
        await log.record(_entry(by, "issue-token", account_id, now, address, detail))
    return ServiceToken(token, expires)


async def rotate_service(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    service: str,
    lifetime: timedelta,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> ServiceToken:
    """A new token, and all before it are worth nothing from the next request on.

    Raises:
        AccountRefused: as `issue_service_token`; then the old ones still work.
        AuditUnavailable: as `issue_service_token`, or the old ones are gone and it was not logged.
    """
    made = await issue_service_token(
        pool, keys, log, service, lifetime, by=by, now=now, address=address
    )
    account_id, kept = parse_id(service), token_hash(keys, made.token)
    async with pool.acquire() as connection, connection.transaction():
        gone = await _revoke(connection, account_id, now, kept=kept)
        await connection.execute(
            "update accounts.service_account set rotated = $2 where account = $1", account_id, now
        )
        detail = {"revoked": gone}
        await log.record(_entry(by, "rotate-service", account_id, now, address, detail))
    return made


async def end_service(
    pool: Pool,
    log: AuditLog,
    service: str,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> None:
    """End a service account: its post ends, its tokens are worth nothing.

    Raises:
        AccountRefused: `account-unknown`: no service account in force.
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(service)
    async with pool.acquire() as connection, connection.transaction():
        await _in_force(connection, account_id, now)
        await connection.execute(
            "update accounts.service_account set ended = $2 where account = $1", account_id, now
        )
        await connection.execute(
            "update accounts.post set ends = greatest($2, begins), ended_by = $3 "
            "where account = $1 and (ends is null or ends > $2)",
            account_id,
            now,
            by.id if by else "operator",
        )
        await connection.execute(
            "update accounts.account set disabled = true where id = $1", account_id
        )
        gone = await _revoke(connection, account_id, now)
        detail = {"revoked": gone}
        await log.record(_entry(by, "end-service", account_id, now, address, detail))


async def service_accounts(pool: Pool, *, now: datetime) -> list[ServiceAccount]:
    """All service accounts, those in force first, the next to expire first."""
    rows = await pool.fetch(
        """
        select s.account::text as id, a.name, s.purpose, s.owner, s.contact, p.organisation,
            o.name as organisation_name, s.created, s.expires, s.rotated, s.ended,
            (select count(*) from accounts.token t where t.account = s.account
                and t.expires > $1 and t.revoked is null and not a.disabled) as tokens
        from accounts.service_account s join accounts.account a on a.id = s.account
        join accounts.post p on p.account = s.account and p.role = 'service'
        join accounts.organisation o on o.id = p.organisation
        order by (s.ended is not null or s.expires <= $1), s.expires, s.account
        """,
        now,
    )
    return [ServiceAccount(**row) for row in rows]


def _check(new: NewService) -> None:
    texts = (new.name, new.purpose, new.owner, new.contact)
    if any(not one.strip() or len(one) > _TEXT or not one.isprintable() for one in texts):
        raise AccountRefused("text-unsuitable")
    if not timedelta(0) < new.lifetime <= LONGEST:
        raise AccountRefused("lifetime")
    if not new.organisation:
        raise AccountRefused("organisation-unknown")


async def _in_force(connection: Any, account: UUID, now: datetime) -> Any:
    """Post, organisation and end of a service account in force, locked for this transaction."""
    row = await connection.fetchrow(
        """
        select s.expires, p.id as post, p.organisation
        from accounts.service_account s
        join accounts.post p on p.account = s.account and p.role = 'service'
        where s.account = $1 and s.ended is null and s.expires > $2 for update of s
        """,
        account,
        now,
    )
    if row is None:
        raise AccountRefused("account-unknown")
    return row


async def _revoke(connection: Any, account: UUID, now: datetime, kept: bytes = b"") -> int:
    rows = await connection.fetch(
        "update accounts.token set revoked = $2 "
        "where account = $1 and revoked is null and token_hash <> $3 returning 1",
        account,
        now,
        kept,
    )
    return len(rows)


def _entry(
    by: Account | None, action: str, account: UUID, now: datetime, address: str, detail: Any
) -> Entry:
    return entry_by(
        by,
        action,
        now,
        purpose="administration",
        object_type="Account",
        object_id=str(account),
        address=address,
        detail=detail,
    )
