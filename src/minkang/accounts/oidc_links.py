"""Whose account an identity at a provider is: its owner or an administrator says so.

Never guessed: a name or an e-mail address links nothing, since whoever can choose it at a provider
could take over an account here (OpenID Connect Core 1.0, 5.7: only issuer and subject identify).
"""

import secrets
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from minkang.accounts.account import (
    Account,
    account_by_login,
    account_of,
    create_account,
    entry_by,
    parse_id,
)
from minkang.accounts.login import Disabled, factor_waits
from minkang.accounts.login_rules import DEFAULT_RULES, LoginRules
from minkang.accounts.oidc import Identified
from minkang.accounts.oidc_provider import Provider
from minkang.accounts.refused import AccountRefused
from minkang.accounts.roles import ADMINISTRATORS
from minkang.accounts.sessions import Browser, Session, Step, begin_session
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool


class NotLinked(msgspec.Struct, frozen=True):
    """The provider has vouched for somebody whose account nobody has linked."""


class OidcLink(msgspec.Struct, frozen=True):
    """An identity of an account at a provider."""

    provider: str
    subject: str
    created: datetime


async def log_in_by_oidc(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    identified: Identified,
    *,
    browser: Browser,
    now: datetime,
    rules: LoginRules = DEFAULT_RULES,
) -> Session | NotLinked | Disabled:
    """Begin a session for whom a provider has vouched; with a new account if it is set so.

    Raises:
        AccountRefused: a new account can't be made as the provider's settings want it.
        AuditUnavailable: no session was given out.
    """
    provider, subject = identified.provider, identified.claims.subject
    row = await _linked(pool, provider, subject, now)
    if row is None and provider.create_role:
        await _created(pool, log, identified, now=now, address=browser.address)
        row = await _linked(pool, provider, subject, now)
    if row is None:
        await _refused(log, None, "not-linked", provider, browser, now)
        return NotLinked()
    account = account_of(row)
    if row["disabled"] or account.post is None:
        await _refused(log, account, "disabled", provider, browser, now)
        return Disabled()
    async with pool.acquire() as connection, connection.transaction():
        waits: list[Step] = []
        if not provider.second_factor:
            waits = await factor_waits(connection, account, rules, now)
        session = await begin_session(
            connection,
            keys,
            account,
            browser=browser,
            now=now,
            limits=rules.limits_of(account.role),
            level="oidc",
            waits=tuple(waits),
        )
        detail = {"provider": provider.id, "waits": list(waits)}
        await log.record(entry_by(account, "log-in", now, address=browser.address, detail=detail))
    return session


async def link_identity(
    pool: Pool,
    log: AuditLog,
    account: str,
    provider: str,
    subject: str,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> None:
    """Link an identity to an account (by id); `by` is its owner or an administrator.

    Raises:
        AccountRefused: `account-unknown`; `identity-taken`: it is another account's, or the account
            has one of this provider already.
        AuditUnavailable: nothing was changed.
    """
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into accounts.oidc_link (provider, subject, account, created, made_by) "
                "values ($1, $2, $3, $4, $5)",
                provider,
                subject,
                parse_id(account),
                now,
                by.id if by else "operator",
            )
            entry = entry_by(
                by,
                "link-identity",
                now,
                purpose="administration",
                object_type="Account",
                object_id=account,
                address=address,
                detail={"provider": provider},
            )
            await log.record(entry)
    except asyncpg.UniqueViolationError as error:
        raise AccountRefused("identity-taken") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise AccountRefused("account-unknown") from error


async def unlink_identity(
    pool: Pool,
    log: AuditLog,
    account: str,
    provider: str,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> bool:
    """Take a link away; False if there was none.

    Raises:
        AccountRefused: `account-unknown`: this is no account id.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        gone = await connection.fetchval(
            "delete from accounts.oidc_link where account = $1 and provider = $2 returning true",
            parse_id(account),
            provider,
        )
        if gone:
            entry = entry_by(
                by,
                "unlink-identity",
                now,
                purpose="administration",
                object_type="Account",
                object_id=account,
                address=address,
                detail={"provider": provider},
            )
            await log.record(entry)
    return bool(gone)


async def links_of(pool: Pool, account: str) -> list[OidcLink]:
    """The identities of an account (by id)."""
    rows = await pool.fetch(
        "select provider, subject, created from accounts.oidc_link "
        "where account = $1 order by provider",
        parse_id(account),
    )
    return [OidcLink(**row) for row in rows]


async def _linked(pool: Pool, provider: Provider, subject: str, now: datetime) -> Any:
    return await pool.fetchrow(
        """
        select a.id, a.login, a.name, a.person, a.disabled,
            p.post, p.role, p.organisation, p.organisation_name, p.institution
        from accounts.oidc_link l join accounts.account a on a.id = l.account
        left join accounts.acting($3) p on p.id = a.id
        where l.provider = $1 and l.subject = $2
        order by p.post is distinct from a.acts_in, p.begins, p.post
        limit 1
        """,
        provider.id,
        subject,
        now,
    )


async def _created(
    pool: Pool, log: AuditLog, identified: Identified, *, now: datetime, address: str
) -> None:
    """An account for somebody unknown. Its password is random and told to nobody.

    Raises:
        AccountRefused: also `role-unsuitable`: administrators are made by hand.
    """
    provider = identified.provider
    if provider.create_role in ADMINISTRATORS:
        raise AccountRefused("role-unsuitable", provider.create_role)
    login = f"{provider.id}-{secrets.token_hex(4)}"
    while await account_by_login(pool, login) is not None:
        login = f"{provider.id}-{secrets.token_hex(4)}"
    made = await create_account(
        pool,
        log,
        login=login,
        name=identified.claims.name,
        role=provider.create_role,
        password=secrets.token_urlsafe(32),
        now=now,
        organisation=provider.create_organisation or None,
        address=address,
    )
    subject = identified.claims.subject
    await link_identity(pool, log, made.id, provider.id, subject, by=None, now=now, address=address)


async def _refused(
    log: AuditLog,
    account: Account | None,
    reason: str,
    provider: Provider,
    browser: Browser,
    now: datetime,
) -> None:
    entry = entry_by(
        account,
        "log-in",
        now,
        allowed=False,
        reason=reason,
        address=browser.address,
        detail={"provider": provider.id},
    )
    await log.record(entry)
