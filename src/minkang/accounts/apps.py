"""Registered apps: asked for by one person, approved by another, suspended at once."""

import secrets
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec

from minkang.accounts.account import Account, entry_by
from minkang.accounts.apps_rules import AppRefused, Kind, Registration, check_registration
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection, Pool

State = Literal["requested", "approved", "suspended"]

_SECRET = b"minkang app secret 1\0"


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A registered app; the fields that `Registration` has mean the same here.

    Attributes:
        id: the `client_id`, a UUID as text.
        secret_hash: keyed; None: it has no secret.
        requested_by, decided_by: ids of accounts, or `operator`.
    """

    id: str
    name: str
    purpose: str
    owner: str
    contact: str
    kind: Kind
    organisation: str | None
    redirects: tuple[str, ...]
    launch: str | None
    scopes: tuple[str, ...]
    keys: str | None
    keys_url: str | None
    secret_hash: bytes | None
    access_minutes: int
    offline_days: int
    state: State
    requested: datetime
    requested_by: str
    decided: datetime | None
    decided_by: str | None


async def request_app(
    pool: Pool,
    log: AuditLog,
    given: Registration,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> App:
    """Ask for an app; it gets nothing before it is approved.

    Raises:
        AppRefused: see its codes.
        AuditUnavailable: nothing was kept.
    """
    check_registration(given)
    app_id = uuid4()
    async with pool.acquire() as connection, connection.transaction():
        await _check_organisation(connection, given.organisation)
        await connection.execute(
            """insert into accounts.app (id, name, purpose, owner, contact, kind, organisation,
                   redirects, launch, scopes, keys, keys_url, access_minutes, offline_days,
                   requested, requested_by)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)""",
            app_id,
            *_values(given),
            now,
            by.id if by else "operator",
        )
        await log.record(_entry(by, "request-app", app_id, now, address, _detail(given)))
    return await app_of(pool, str(app_id))


async def change_app(
    pool: Pool,
    log: AuditLog,
    app: str,
    given: Registration,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
    since: datetime | None = None,
) -> App:
    """Change what is registered. It must be approved again, and its tokens end.

    Raises:
        AppRefused: see its codes; `app-unknown`; `changed-meanwhile` if somebody has changed it
            after it was requested at `since`.
        AuditUnavailable: nothing was changed.
    """
    check_registration(given)
    app_id = _id(app)
    async with pool.acquire() as connection, connection.transaction():
        await _check_organisation(connection, given.organisation)
        done = await connection.fetchval(
            """update accounts.app set (name, purpose, owner, contact, kind, organisation,
                   redirects, launch, scopes, keys, keys_url, access_minutes, offline_days)
                   = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14),
                   state = 'requested', requested = $15, requested_by = $16,
                   decided = null, decided_by = null
               where id = $1 and requested = coalesce($17, requested) returning id""",
            app_id,
            *_values(given),
            now,
            by.id if by else "operator",
            since,
        )
        if done is None:
            raise AppRefused("app-unknown" if since is None else "changed-meanwhile")
        await _end_grants(connection, app_id, now, "app-changed")
        await log.record(_entry(by, "change-app", app_id, now, address, _detail(given)))
    return await app_of(pool, app)


async def approve_app(
    pool: Pool,
    log: AuditLog,
    app: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> App:
    """Let an app in: one that was asked for by somebody else, or was suspended.

    Raises:
        AppRefused: `app-unknown`; `own-request`: who asked for it may not approve it;
            `keys-needed`: it could not prove who it is.
        AuditUnavailable: nothing was changed.
    """
    found = await app_of(pool, app)
    if by is not None and found.requested_by == by.id:
        raise AppRefused("own-request")
    if found.kind != "public" and not (found.keys or found.keys_url or found.secret_hash):
        raise AppRefused("keys-needed")
    return await _decide(pool, log, found, "approved", "approve-app", now, by, address)


async def suspend_app(
    pool: Pool,
    log: AuditLog,
    app: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> App:
    """Shut an app out; all its tokens are dead at the next request, and stay so.

    Raises:
        AppRefused: `app-unknown`.
        AuditUnavailable: nothing was changed.
    """
    found = await app_of(pool, app)
    return await _decide(pool, log, found, "suspended", "suspend-app", now, by, address)


async def give_secret(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    app: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> str:
    """A new secret for an app that signs nothing; the old one is worthless. It is kept nowhere.

    Raises:
        AppRefused: `app-unknown`; `kind`: a public app keeps no secret.
        AuditUnavailable: nothing was changed.
    """
    found = await app_of(pool, app)
    if found.kind == "public":
        raise AppRefused("kind", found.kind)
    secret = secrets.token_urlsafe(32)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "update accounts.app set secret_hash = $2 where id = $1",
            UUID(found.id),
            secret_hash(keys, secret),
        )
        await log.record(_entry(by, "give-app-secret", UUID(found.id), now, address, {}))
    return secret


async def app_of(pool: Pool, app: str) -> App:
    """An app by its id.

    Raises:
        AppRefused: `app-unknown`.
    """
    row = await pool.fetchrow("select * from accounts.app where id = $1", _id(app))
    if row is None:
        raise AppRefused("app-unknown", app)
    return _app(row)


async def apps(pool: Pool) -> list[App]:
    """All apps: those that wait for a decision first, then by name."""
    rows = await pool.fetch(
        "select * from accounts.app order by state <> 'requested', name, requested"
    )
    return [_app(row) for row in rows]


def secret_hash(keys: Keys, secret: str) -> bytes:
    """What is kept of a secret."""
    return hmac_sm3(keys.session_key, _SECRET + secret[:200].encode(errors="replace"))


def registration_of(app: App) -> Registration:
    """What was said of an app when it was asked for."""
    names = Registration.__struct_fields__
    return Registration(**{name: getattr(app, name) for name in names})


async def _decide(
    pool: Pool,
    log: AuditLog,
    app: App,
    state: State,
    action: str,
    now: datetime,
    by: Account | None,
    address: str,
) -> App:
    async with pool.acquire() as connection, connection.transaction():
        done = await connection.fetchval(
            """update accounts.app set state = $2, decided = $3, decided_by = $4
               where id = $1 and state = $5 and requested = $6 returning id""",
            UUID(app.id),
            state,
            now,
            by.id if by else "operator",
            app.state,
            app.requested,
        )
        if done is None:  # it was changed while somebody looked at it
            raise AppRefused("state")
        if state == "suspended":
            await _end_grants(connection, UUID(app.id), now, "app-suspended")
        await log.record(_entry(by, action, UUID(app.id), now, address, {"name": app.name}))
    return await app_of(pool, app.id)


async def _end_grants(connection: Connection, app: UUID, now: datetime, why: str) -> None:
    await connection.execute(
        "update accounts.oauth_grant set ended = $2, why_ended = $3 "
        "where app = $1 and ended is null",
        app,
        now,
        why,
    )


async def _check_organisation(connection: Connection, organisation: str | None) -> None:
    if organisation is not None and not await connection.fetchval(
        "select true from accounts.organisation where id = $1", organisation
    ):
        raise AppRefused("organisation-unknown", organisation)


def _values(given: Registration) -> list[Any]:
    """The columns from `name` to `offline_days`, in the order of the statements here."""
    return [
        given.name.strip(),
        given.purpose.strip(),
        given.owner.strip(),
        given.contact.strip(),
        given.kind,
        given.organisation,
        list(given.redirects),
        given.launch,
        list(given.scopes),
        given.keys,
        given.keys_url,
        given.access_minutes,
        given.offline_days,
    ]


def _detail(given: Registration) -> dict[str, Any]:
    return {
        "name": given.name,
        "kind": given.kind,
        "organisation": given.organisation,
        "redirects": list(given.redirects),
        "scopes": list(given.scopes),
        "keys_url": given.keys_url,
    }


def _entry(
    by: Account | None, action: str, app: UUID, now: datetime, address: str, detail: dict[str, Any]
) -> Any:
    return entry_by(
        by,
        action,
        now,
        object_type="App",
        object_id=str(app),
        purpose="administration",
        address=address,
        detail=detail,
    )


def _id(app: str) -> UUID:
    try:
        return UUID(app)
    except ValueError as error:
        raise AppRefused("app-unknown", app) from error


def _app(row: Any) -> App:
    values = dict(row)
    values["id"] = str(values["id"])
    values["redirects"] = tuple(values["redirects"])
    values["scopes"] = tuple(values["scopes"])
    return App(**values)
