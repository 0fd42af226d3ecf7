"""Sessions: a random token in the browser, its keyed hash here.

A session may still wait for steps of the log-in (second factor, new password): until they are done
it opens nothing. With each step, and whenever somebody proves again who they are, it gets a new
token; the one before is worth nothing.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from minkang.accounts.account import Account, account_of, entry_by
from minkang.accounts.login_rules import SessionLimits
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

TOUCH = timedelta(minutes=1)  # `seen` is written at most this often
WAITING: Final = timedelta(minutes=15)
"""So long a log-in may take; then it begins anew."""

LONGEST: Final = "12 hours"
"""For sessions of earlier releases, which say no end of their own."""

Step: TypeAlias = Literal["second-factor", "enrol", "password"]
"""What may still be to do: give the second factor, set one up, set a new password."""

Level: TypeAlias = Literal["password", "second-factor", "oidc"]

_TAG = b"minkang session 1\0"
_OPEN = f"""s.ended is null and s.seen > $2::timestamptz - s.idle
    and coalesce(s.ends, s.created + interval '{LONGEST}') > $2"""


class Session(msgspec.Struct, frozen=True):
    """A session, as it is given out. `token` goes to the browser and is kept nowhere else.

    Attributes:
        waits: steps still to be done, the next first.
    """

    token: str
    account: Account
    created: datetime
    ends: datetime
    waits: tuple[Step, ...] = ()


class Unfinished(msgspec.Struct, frozen=True):
    """A log-in on its way: whose, and what is still to be done."""

    account: Account
    waits: tuple[Step, ...]
    level: Level


class Browser(msgspec.Struct, frozen=True):
    """Where a session is: for the list that its owner sees."""

    address: str = ""
    name: str = ""


class Proof(msgspec.Struct, frozen=True):
    """Which session it is, and when its owner last proved who they are."""

    id: UUID
    confirmed: datetime
    level: Level


async def begin_session(
    connection: Connection,
    keys: Keys,
    account: Account,
    *,
    browser: Browser,
    now: datetime,
    limits: SessionLimits = SessionLimits(),  # noqa: B008 - frozen
    level: Level = "password",
    waits: tuple[Step, ...] = (),
) -> Session:
    """A session for somebody who has proved who they are; always with a new token."""
    token = secrets.token_urlsafe(32)
    ends = now + limits.absolute
    await connection.execute(
        """
        insert into accounts.session (token_hash, account, post, address, browser, created, seen,
            idle, ends, confirmed, level, waits)
        values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $6, $9, $10)
        """,
        token_hash(keys, token),
        UUID(account.id),
        UUID(account.post) if account.post else None,
        _column(browser.address),
        _column(browser.name),
        now,
        limits.idle,
        ends,
        level,
        list(waits),
    )
    return Session(token, msgspec.structs.replace(account, level=level), now, ends, waits)


async def session_account(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Account | None:
    """Whose session this is, or None: unknown, ended, idle or open too long, account disabled, or
    the post it acts in is not in force any more, or the log-in is not complete.

    Not audited by itself: what is then read is.
    """
    hashed = token_hash(keys, token)
    row = await pool.fetchrow(
        f"""
        select a.*, s.seen, s.level
        from accounts.session s join accounts.acting($2) a on a.post = s.post and a.id = s.account
        where s.token_hash = $1 and not a.disabled and s.waits = '{{}}' and {_OPEN}
        """,  # noqa: S608 - a fixed condition
        hashed,
        now,
    )
    if row is None:
        return None
    if row["seen"] <= now - TOUCH:
        await pool.execute(
            "update accounts.session set seen = $2 where token_hash = $1 and seen < $2",
            hashed,
            now,
        )
    return account_of(row)


async def unfinished_session(
    pool: Pool, keys: Keys, token: str, *, now: datetime
) -> Unfinished | None:
    """The log-in that this token goes on with, or None: there is none, or it took too long."""
    row = await pool.fetchrow(
        f"""
        select a.*, s.level, s.waits
        from accounts.session s join accounts.acting($2) a on a.post = s.post and a.id = s.account
        where s.token_hash = $1 and not a.disabled and s.waits <> '{{}}' and s.created > $3
            and {_OPEN}
        """,  # noqa: S608 - a fixed condition
        token_hash(keys, token),
        now,
        now - WAITING,
    )
    return None if row is None else Unfinished(account_of(row), tuple(row["waits"]), row["level"])


async def proof_of(pool: Pool, keys: Keys, token: str, *, now: datetime) -> Proof | None:
    """When the owner of an open session last proved who they are."""
    row = await pool.fetchrow(
        f"""
        select s.id, coalesce(s.confirmed, s.created) as confirmed, s.level
        from accounts.session s where s.token_hash = $1 and s.waits = '{{}}' and {_OPEN}
        """,  # noqa: S608 - a fixed condition
        token_hash(keys, token),
        now,
    )
    return None if row is None or row["id"] is None else Proof(**row)


async def step_done(
    connection: Connection,
    keys: Keys,
    token: str,
    *,
    now: datetime,
    step: Step | None = None,
    level: Level | None = None,
) -> Session | None:
    """The session after a step of the log-in, or after its owner proved again who they are.

    It goes on under a new token. None: the session is not open any more. The caller audits it.
    """
    fresh = secrets.token_urlsafe(32)
    row = await connection.fetchrow(
        f"""
        with risen as (
            update accounts.session s set token_hash = $3, seen = $2, confirmed = $2,
                waits = array_remove(s.waits, $4), level = coalesce($5, s.level)
            where s.token_hash = $1 and {_OPEN}
            returning s.*)
        select a.*, s.level, s.waits, s.created,
            coalesce(s.ends, s.created + interval '{LONGEST}') as ends
        from risen s join accounts.acting($2) a on a.post = s.post and a.id = s.account
        where not a.disabled
        """,  # noqa: S608 - a fixed condition
        token_hash(keys, token),
        now,
        token_hash(keys, fresh),
        step or "",
        level,
    )
    if row is None:
        return None
    return Session(fresh, account_of(row), row["created"], row["ends"], tuple(row["waits"]))


async def log_out(
    pool: Pool, keys: Keys, log: AuditLog, token: str, *, now: datetime, address: str = ""
) -> bool:
    """End the session; False if there was none to end. The end holds even if it can't be logged.

    Raises:
        AuditUnavailable: ended, but not logged.
    """
    row = await pool.fetchrow(
        """
        with ended as (
            update accounts.session set ended = $2 where token_hash = $1 and ended is null
            returning account, post)
        select a.id, a.login, a.name, a.person, p.id as post, p.role, p.organisation,
            o.name as organisation_name, o.institution
        from ended join accounts.account a on a.id = ended.account
        left join accounts.post p on p.id = ended.post
        left join accounts.organisation o on o.id = p.organisation
        """,
        token_hash(keys, token),
        now,
    )
    if row is None:
        return False
    await log.record(entry_by(account_of(row), "log-out", now, address=address))
    return True


def token_hash(keys: Keys, token: str) -> bytes:
    """Under which a session is kept."""
    return hmac_sm3(keys.session_key, _TAG + token[:100].encode(errors="replace"))


def _column(text: str) -> str:
    return text[:200].replace("\0", "")
