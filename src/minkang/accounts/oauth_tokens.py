"""Tokens of apps: for a code, for a refresh token, for the app itself; looked at, revoked.

Kept are keyed hashes only. A code or refresh token that comes a second time was stolen by somebody,
nobody knows by whom: the whole grant ends (RFC 6749, 4.1.2 and RFC 9700, 4.14.2). PKCE's S256 is
Authlib's; its grant classes are synchronous and would hold up the loop at each query, so the order
of the checks is here, in one function for each grant type.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN

from minkang.accounts.account import Account, account_of
from minkang.accounts.apps import App
from minkang.accounts.oauth_grants import close_grant, code_hash, grant_entry, lasting
from minkang.accounts.oauth_refusal import OAuthRefused
from minkang.accounts.oauth_scopes import granted, within
from minkang.accounts.tokens import token_hash
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

_REFRESH = b"minkang oauth refresh 1\0"
_FORGOTTEN: Final = timedelta(days=7)
_LETTERS_OF_SYSTEMS: Final = "cruds"


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What an app gets.

    Attributes:
        seconds: how long the access token works.
        account: who granted it; None: the app acts for itself.
        patient: the Patient of the launch, where there is one.
        begun: when the person agreed.
    """

    access: str
    seconds: int
    scopes: tuple[str, ...]
    refresh: str | None = None
    account: Account | None = None
    patient: str | None = None
    nonce: str | None = None
    begun: datetime


class Door(msgspec.Struct, frozen=True):
    """What giving out tokens needs."""

    pool: Pool
    keys: Keys
    log: AuditLog


async def redeem_code(
    door: Door, app: App, code: str, redirect: str, verifier: str, *, now: datetime, address: str
) -> Tokens:
    """Tokens for a code.

    Raises:
        OAuthRefused: `invalid_request`, `invalid_grant`.
        AuditUnavailable: nothing was given out.
    """
    if not CODE_VERIFIER_PATTERN.fullmatch(verifier):
        raise OAuthRefused("invalid_request", "code_verifier is missing or no verifier of PKCE")
    async with door.pool.acquire() as connection:
        async with connection.transaction():
            row = await _kept(connection, "oauth_code", "code_hash", code_hash(door.keys, code))
            _check_grant(row, app, now)
            if row["used"] is None:
                if row["expires"] <= now:
                    raise OAuthRefused("invalid_grant", "the code has expired")
                if row["redirect"] != redirect:
                    raise OAuthRefused("invalid_grant", "redirect_uri is not the one of the code")
                challenge = create_s256_code_challenge(verifier)
                if not hmac.compare_digest(challenge, row["challenge"]):
                    raise OAuthRefused("invalid_grant", "code_verifier does not fit the code")
                await connection.execute(
                    "update accounts.oauth_code set used = $2 where code_hash = $1",
                    code_hash(door.keys, code),
                    now,
                )
                return await _given(door, connection, app, row, tuple(row["scopes"]), now, address)
        await _replayed(door, connection, row["grant_id"], "code-replay", now, address)
    raise OAuthRefused("invalid_grant", "the code was used before; what it gave is revoked")


async def refresh_tokens(
    door: Door, app: App, token: str, asked: tuple[str, ...], *, now: datetime, address: str
) -> Tokens:
    """New tokens for a refresh token, which is worthless from now on.

    `asked`: scopes, none for those of the grant; they can only become fewer.

    Raises:
        OAuthRefused: `invalid_grant`, `invalid_scope`.
        AuditUnavailable: nothing was given out.
    """
    hashed = _refresh_hash(door.keys, token)
    async with door.pool.acquire() as connection:
        async with connection.transaction():
            row = await _kept(connection, "oauth_refresh", "token_hash", hashed)
            _check_grant(row, app, now)
            if row["used"] is None:
                held = tuple(row["scopes"])
                if not within(asked, held):
                    raise OAuthRefused("invalid_scope", "a refresh can't widen what was granted")
                if row["lasts"] == "online" and not await _is_online(connection, row, now):
                    raise OAuthRefused("invalid_grant", "the person has logged out")
                await connection.execute(
                    "update accounts.oauth_refresh set used = $2 where token_hash = $1", hashed, now
                )
                return await _given(door, connection, app, row, asked or held, now, address)
        await _replayed(door, connection, row["grant_id"], "refresh-replay", now, address)
    raise OAuthRefused("invalid_grant", "the token was used before; the whole grant is revoked")


async def system_token(
    door: Door, app: App, asked: tuple[str, ...], *, now: datetime, address: str
) -> Tokens:
    """A token for an app that acts for its organisation (client_credentials).

    Raises:
        OAuthRefused: `unauthorized_client`, `invalid_scope`.
        AuditUnavailable: nothing was given out.
    """
    if app.kind != "system":
        raise OAuthRefused("unauthorized_client", "this app acts for people only")
    scopes = granted(asked, app.scopes, frozenset({"system"}), _LETTERS_OF_SYSTEMS)
    if not scopes:
        raise OAuthRefused("invalid_scope", "none of the scopes asked for can be granted")
    grant_id = uuid4()
    _, ends = lasting(app, scopes, now)
    async with door.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            """insert into accounts.oauth_grant (id, app, scopes, lasts, begun, ends)
               values ($1, $2, $3, 'once', $4, $5)""",
            grant_id,
            UUID(app.id),
            list(scopes),
            now,
            ends,
        )
        row = {"grant_id": grant_id, "ends": ends, "lasts": "once", "account": None}
        row |= {"patient": None, "nonce": None, "begun": now, "post": None, "about": None}
        return await _given(door, connection, app, row, scopes, now, address)


async def revoke_token(door: Door, app: App, token: str, *, now: datetime, address: str) -> bool:
    """Revoke an app's own token; with a refresh token its whole grant (RFC 7009).

    False: there is no such token, which the app must not be told apart.

    Raises:
        AuditUnavailable: nothing was revoked.
    """
    async with door.pool.acquire() as connection, connection.transaction():
        grant = await connection.fetchval(
            """select r.grant_id from accounts.oauth_refresh r
               join accounts.oauth_grant g on g.id = r.grant_id
               where r.token_hash = $1 and g.app = $2""",
            _refresh_hash(door.keys, token),
            UUID(app.id),
        )
        if grant is not None:
            await close_grant(connection, grant, now, "by-app")
        else:
            grant = await connection.fetchval(
                """update accounts.token t set revoked = $3 from accounts.oauth_grant g
                   where t.token_hash = $1 and g.id = t.oauth_grant and g.app = $2
                   and t.revoked is null returning g.id""",
                token_hash(door.keys, token),
                UUID(app.id),
                now,
            )
        if grant is None:
            return False
        detail = {"app": app.id, "name": app.name}
        entry = grant_entry(None, "revoke-token", grant, now, address=address, detail=detail)
        await door.log.record(entry)
    return True


def _refresh_hash(keys: Keys, token: str) -> bytes:
    return hmac_sm3(keys.session_key, _REFRESH + token[:100].encode(errors="replace"))


async def _kept(connection: Connection, table: str, column: str, hashed: bytes) -> Any:
    """A code or refresh token with its grant, locked until the transaction ends.

    Raises:
        OAuthRefused: `invalid_grant`: there is none.
    """
    row = await connection.fetchrow(
        f"""select k.*, g.app, g.account, g.post, g.about, g.patient, g.scopes, g.lasts, g.nonce,
                g.begun, g.ends, g.ended
            from accounts.{table} k join accounts.oauth_grant g on g.id = k.grant_id
            where k.{column} = $1 for update""",  # noqa: S608 - our own names
        hashed,
    )
    if row is None:
        raise OAuthRefused("invalid_grant", "unknown, or given to another app")
    return row


def _check_grant(row: Any, app: App, now: datetime) -> None:
    if row["app"] != UUID(app.id):
        raise OAuthRefused("invalid_grant", "unknown, or given to another app")
    if row["used"] is None and (row["ended"] is not None or row["ends"] <= now):
        raise OAuthRefused("invalid_grant", "the grant has ended")


async def _is_online(connection: Connection, row: Any, now: datetime) -> bool:
    """Whether the person is logged in, somewhere."""
    found = await connection.fetchval(
        """select true from accounts.session
           where account = $1 and ended is null
               and coalesce(ends, created + interval '12 hours') > $2
           limit 1""",
        row["account"],
        now,
    )
    return bool(found)


async def _replayed(
    door: Door, connection: Connection, grant: UUID, why: str, now: datetime, address: str
) -> None:
    """End a grant of which something came a second time."""
    async with connection.transaction():
        await close_grant(connection, grant, now, why)
        entry = grant_entry(
            None, "end-app-grant", grant, now, address=address, allowed=False, reason=why
        )
        await door.log.record(entry)


async def _given(
    door: Door,
    connection: Connection,
    app: App,
    row: Any,
    scopes: tuple[str, ...],
    now: datetime,
    address: str,
) -> Tokens:
    """Tokens of a grant, in the caller's transaction."""
    account = await _acting(connection, row, now)
    access, token_id = secrets.token_urlsafe(32), uuid4()
    expires = min(now + timedelta(minutes=app.access_minutes), row["ends"])
    refresh = secrets.token_urlsafe(32) if row["lasts"] != "once" else None
    await connection.execute(
        "delete from accounts.token where expires < $1 and oauth_grant is not null",
        now - _FORGOTTEN,
    )
    await connection.execute(
        """insert into accounts.token (token_hash, id, role, organisation, person, created, expires,
               account, post, oauth_grant, scopes)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        token_hash(door.keys, access),
        token_id,
        account.role if account else "system",
        account.organisation if account else app.organisation,
        account.person if account else None,
        now,
        expires,
        UUID(account.id) if account else None,
        row["post"],
        row["grant_id"],
        list(scopes),
    )
    if refresh is not None:
        await connection.execute(
            "insert into accounts.oauth_refresh (token_hash, grant_id, made) values ($1, $2, $3)",
            _refresh_hash(door.keys, refresh),
            row["grant_id"],
            now,
        )
    detail = {"app": app.id, "name": app.name, "scopes": list(scopes), "expires": expires}
    entry = grant_entry(
        account,
        "issue-token",
        row["grant_id"],
        now,
        address=address,
        person=row["about"],
        detail=detail,
    )
    await door.log.record(entry)
    return Tokens(
        access=access,
        seconds=int((expires - now).total_seconds()),
        scopes=scopes,
        refresh=refresh,
        account=account,
        patient=row["patient"],
        nonce=row["nonce"],
        begun=row["begun"],
    )


async def _acting(connection: Connection, row: Any, now: datetime) -> Account | None:
    """Who granted it, if they still act in that post.

    Raises:
        OAuthRefused: `invalid_grant`: the account is disabled, or the post has ended.
    """
    if row["account"] is None:
        return None
    found = await connection.fetchrow(
        """select a.*, 'token' as level from accounts.acting($1) a
           where a.id = $2 and a.post is not distinct from $3 and not a.disabled""",
        now,
        row["account"],
        row["post"],
    )
    if found is None:
        raise OAuthRefused("invalid_grant", "who granted it may not log in any more")
    return account_of(found)
