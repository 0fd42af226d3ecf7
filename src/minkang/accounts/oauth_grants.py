"""What was granted to apps: begun by a person's consent, kept, looked at, ended."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import msgspec

from minkang.accounts.account import Account, entry_by
from minkang.accounts.apps import App
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

Lasts = Literal["once", "online", "offline"]

CODE_LIFETIME: Final = timedelta(seconds=60)
ONLINE: Final = timedelta(hours=12)
"""How long an app may go on with `online_access`; it also ends with the person's last session."""

_CODE = b"minkang oauth code 1\0"
_KEPT = timedelta(days=1)


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a person agreed to on the consent page.

    Attributes:
        about: the Person that `patient/` scopes mean; `patient` is one of that Person's Patients.
        redirect, challenge, nonce: as the app gave them; the challenge is PKCE's, by S256.
    """

    app: App
    account: Account
    scopes: tuple[str, ...]
    about: str | None
    patient: str | None
    redirect: str
    challenge: str
    nonce: str | None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as its owner sees it."""

    id: str
    app: str
    app_name: str
    scopes: tuple[str, ...]
    about: str | None
    lasts: Lasts
    begun: datetime
    ends: datetime


async def begin_grant(
    pool: Pool, keys: Keys, log: AuditLog, consent: Consent, *, now: datetime, address: str = ""
) -> str:
    """Keep a consent and give the code that the app gets tokens for, once, within a minute.

    Raises:
        AuditUnavailable: nothing was granted.
    """
    grant_id, code = uuid4(), secrets.token_urlsafe(32)
    account, app = consent.account, consent.app
    lasts, ends = lasting(app, consent.scopes, now)
    async with pool.acquire() as connection, connection.transaction():
        await _forget(connection, now)
        await connection.execute(
            """insert into accounts.oauth_grant (id, app, account, post, about, patient, scopes,
                   lasts, nonce, begun, ends)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
            grant_id,
            UUID(app.id),
            UUID(account.id),
            UUID(account.post) if account.post else None,
            consent.about,
            consent.patient,
            list(consent.scopes),
            lasts,
            consent.nonce,
            now,
            ends,
        )
        await connection.execute(
            """insert into accounts.oauth_code (code_hash, grant_id, redirect, challenge, expires)
               values ($1, $2, $3, $4, $5)""",
            code_hash(keys, code),
            grant_id,
            consent.redirect,
            consent.challenge,
            now + CODE_LIFETIME,
        )
        await log.record(
            grant_entry(
                account,
                "authorise-app",
                grant_id,
                now,
                address=address,
                person=consent.about,
                detail={
                    "app": app.id,
                    "name": app.name,
                    "scopes": list(consent.scopes),
                    "ends": ends,
                },
            )
        )
    return code


async def grants_of(pool: Pool, account: Account, *, now: datetime) -> list[Grant]:
    """What an account granted to apps and is in force, the newest first."""
    rows = await pool.fetch(
        """select g.id::text, g.app::text, a.name as app_name, g.scopes, g.about, g.lasts, g.begun,
               g.ends
           from accounts.oauth_grant g join accounts.app a on a.id = g.app
           where g.account = $1 and g.ended is null and g.ends > $2 and a.state = 'approved'
           order by g.begun desc""",
        UUID(account.id),
        now,
    )
    return [Grant(**{**dict(row), "scopes": tuple(row["scopes"])}) for row in rows]


async def end_grant(
    pool: Pool, log: AuditLog, grant: str, *, now: datetime, by: Account, address: str = ""
) -> bool:
    """End one of the account's own grants; all its tokens are dead at the next request.

    False: it has no such grant in force.

    Raises:
        AuditUnavailable: nothing was changed.
    """
    try:
        grant_id = UUID(grant)
    except ValueError:
        return False
    async with pool.acquire() as connection, connection.transaction():
        done = await connection.fetchval(
            """update accounts.oauth_grant set ended = $3, why_ended = 'by-owner'
               where id = $1 and account = $2 and ended is null returning true""",
            grant_id,
            UUID(by.id),
            now,
        )
        if not done:
            return False
        await log.record(grant_entry(by, "end-app-grant", grant_id, now, address=address))
    return True


async def close_grant(connection: Connection, grant: UUID, now: datetime, why: str) -> None:
    """End a grant in the caller's transaction."""
    await connection.execute(
        "update accounts.oauth_grant set ended = $2, why_ended = $3 "
        "where id = $1 and ended is null",
        grant,
        now,
        why,
    )


def lasting(app: App, scopes: tuple[str, ...], now: datetime) -> tuple[Lasts, datetime]:
    """How an app may go on without asking again, and until when."""
    if "offline_access" in scopes:
        return "offline", now + timedelta(days=app.offline_days)
    if "online_access" in scopes:
        return "online", now + ONLINE
    return "once", now + CODE_LIFETIME + timedelta(minutes=app.access_minutes)


def code_hash(keys: Keys, code: str) -> bytes:
    """What is kept of an authorization code."""
    return hmac_sm3(keys.session_key, _CODE + code[:100].encode(errors="replace"))


def grant_entry(
    account: Account | None, action: str, grant: UUID, now: datetime, **fields: Any
) -> Entry:
    """An audit entry about a grant."""
    return entry_by(
        account, action, now, object_type="Grant", object_id=str(grant), purpose="administration",
        **fields,
    )  # fmt: skip


async def _forget(connection: Connection, now: datetime) -> None:
    """Take away what is long past: codes, launches and assertions that could not be used again."""
    await connection.execute("delete from accounts.oauth_code where expires < $1", now - _KEPT)
    await connection.execute("delete from accounts.oauth_launch where expires < $1", now - _KEPT)
