"""Bearer tokens: who holds one, and those for scripts that the operator makes."""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec

from minkang.accounts.account import (
    Account,
    account_of,
    check_role,
    entry_by,
)
from minkang.accounts.organisations import check_organisation
from minkang.accounts.refused import AccountRefused
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

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
        known = await check_organisation(connection, organisation)
        await connection.execute(
            """
            insert into accounts.token (
                token_hash, id, role, organisation, person, created, expires)
            values ($1, $2, $3, $4, $5, $6, $7)
            """,
            token_hash(keys, token),
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
    account = Account(
        id=str(token_id),
        login="token",
        name=f"token {role}",
        role=role,
        organisation=organisation,
        organisation_name=known.name if known else None,
        person=person,
        institution=known.institution if known else None,
        level="token",
    )
    return IssuedToken(token, account, expires)


class Holder(msgspec.Struct, frozen=True):
    """Who a bearer token acts as.

    Attributes:
        until: when the token, or the post it acts in, ends.
        number: of `accounts.rights_change`: as long as it stays, no right was taken away.
    """

    account: Account
    until: datetime
    number: int


async def token_account(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Account | None:
    """Who this bearer token acts as, or None; see `token_holder`."""
    holder = await token_holder(pool, keys, token, now=now)
    return None if holder is None else holder.account


async def token_holder(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Holder | None:
    """Who this bearer token acts as, or None: unknown, expired or revoked.

    One that acts in somebody's post: also if the post is not in force, or the account disabled;
    one of an app: also if the app is not approved, or the grant has ended.
    """
    row = await pool.fetchrow(
        """
        select coalesce(a.id, app.id, t.id) as id, coalesce(a.login, 'token') as login,
            coalesce(a.name, app.name, 'token ' || t.role) as name,
            coalesce(a.role, t.role) as role, coalesce(a.person, t.person) as person,
            a.post, o.id as organisation,
            o.name as organisation_name, o.institution, 'token' as level,
            app.id::text as client, t.scopes, g.about, least(t.expires, p.ends) as until,
            (select number from accounts.rights_change) as number
        from accounts.token t
        left join accounts.post p on p.id = t.post
        left join accounts.acting($2) a on a.post = t.post and not a.disabled
        left join accounts.organisation o
            on o.id = case when t.post is null then t.organisation else a.organisation end
        left join accounts.oauth_grant g on g.id = t.oauth_grant and g.ended is null
        left join accounts.app app on app.id = g.app and app.state = 'approved'
        where t.token_hash = $1 and t.expires > $2 and t.revoked is null
            and (t.post is null or a.post is not null)
            and (t.oauth_grant is null or app.id is not null)
        """,
        token_hash(keys, token),
        now,
    )
    return None if row is None else Holder(account_of(row), row["until"], row["number"])


async def rights_number(connection: Connection) -> int:
    """The number that grows whenever a right may have been taken away from who holds a token."""
    number: int = await connection.fetchval("select number from accounts.rights_change")
    return number


def token_hash(keys: Keys, token: str) -> bytes:
    """What is kept of a bearer token."""
    return hmac_sm3(keys.session_key, _TAG + token[:100].encode(errors="replace"))
