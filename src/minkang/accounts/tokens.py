"""Bearer tokens for scripts and tests, made by the operator on the command line."""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec

from minkang.accounts.account import (
    Account,
    AccountRefused,
    account_of,
    check_role,
    entry_by,
    organisation_name_of,
)
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

LIFETIME = timedelta(hours=12)
LONGEST = timedelta(days=366)

_TAG = b"minkang bearer token 1\0"


class IssuedToken(msgspec.Struct, frozen=True):
    """A new bearer token. `token` is kept nowhere else."""

    token: str
    account: Account
    expires: datetime


async def issue_token(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    *,
    role: str,
    now: datetime,
    organisation: str | None = None,
    person: str | None = None,
    lifetime: timedelta = LIFETIME,
) -> IssuedToken:
    """Make a token that acts in a role, for an organisation or a person, until it expires.

    Raises:
        AccountRefused: `role-unknown`, `person-needed`, `organisation-needed`,
            `organisation-unknown`, `lifetime`.
        AuditUnavailable: nothing was made.
    """
    check_role(role, person, organisation)
    if not timedelta(0) < lifetime <= LONGEST:
        raise AccountRefused("lifetime")
    token, token_id, expires = secrets.token_urlsafe(32), uuid4(), now + lifetime
    async with pool.acquire() as connection, connection.transaction():
        name = await organisation_name_of(connection, organisation)
        await connection.execute(
            """
            insert into accounts.token (
                token_hash, id, role, organisation, person, created, expires)
            values ($1, $2, $3, $4, $5, $6, $7)
            """,
            _hash(keys, token),
            token_id,
            role,
            organisation,
            person,
            now,
            expires,
        )
        entry = entry_by(
            None,
            "issue-token",
            now,
            object_type="Token",
            object_id=str(token_id),
            purpose="administration",
            detail={
                "role": role,
                "organisation": organisation,
                "person": person,
                "expires": expires,
            },
        )
        await log.record(entry)
    account = Account(str(token_id), "token", f"token {role}", role, organisation, name, person)
    return IssuedToken(token, account, expires)


async def token_account(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Account | None:
    """Who this bearer token acts as, or None: unknown or expired."""
    row = await pool.fetchrow(
        """
        select t.id, 'token' as login, 'token ' || t.role as name, t.role, t.organisation,
            t.person, o.name as organisation_name
        from accounts.token t left join accounts.organisation o on o.id = t.organisation
        where t.token_hash = $1 and t.expires > $2
        """,
        _hash(keys, token),
        now,
    )
    return None if row is None else account_of(row)


def _hash(keys: Keys, token: str) -> bytes:
    return hmac_sm3(keys.session_key, _TAG + token[:100].encode(errors="replace"))
