"""A launch from our own pages: a token that says who opens which app for whom, used once."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from minkang.accounts.account import Account, entry_by
from minkang.accounts.apps import App
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

LIFETIME: Final = timedelta(minutes=5)

_TAG = b"minkang oauth launch 1\0"


async def begin_launch(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    app: App,
    account: Account,
    about: str,
    *,
    now: datetime,
    address: str = "",
) -> str:
    """The launch token with which an app is opened for a Person.

    Raises:
        AuditUnavailable: nothing was begun.
    """
    token = secrets.token_urlsafe(32)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            """insert into accounts.oauth_launch (token_hash, app, account, about, expires)
               values ($1, $2, $3, $4, $5)""",
            _hash(keys, token),
            UUID(app.id),
            UUID(account.id),
            about,
            now + LIFETIME,
        )
        await log.record(
            entry_by(
                account,
                "launch-app",
                now,
                object_type="App",
                object_id=app.id,
                person=about,
                address=address,
                detail={"name": app.name},
            )
        )
    return token


async def use_launch(
    pool: Pool, keys: Keys, app: App, account: Account, token: str, *, now: datetime
) -> str | None:
    """The Person that a launch token was made for; None: unknown, old, used, of another app or of
    somebody else.
    """
    found: str | None = await pool.fetchval(
        """update accounts.oauth_launch set used = $4
           where token_hash = $1 and app = $2 and account = $3 and used is null and expires > $4
           returning about""",
        _hash(keys, token),
        UUID(app.id),
        UUID(account.id),
        now,
    )
    return found


async def peek_launch(
    pool: Pool, keys: Keys, app: App, account: Account, token: str, *, now: datetime
) -> str | None:
    """The same, without using it: for the page that asks first."""
    found: str | None = await pool.fetchval(
        """select about from accounts.oauth_launch
           where token_hash = $1 and app = $2 and account = $3 and used is null and expires > $4""",
        _hash(keys, token),
        UUID(app.id),
        UUID(account.id),
        now,
    )
    return found


def _hash(keys: Keys, token: str) -> bytes:
    return hmac_sm3(keys.session_key, _TAG + token[:100].encode(errors="replace"))
