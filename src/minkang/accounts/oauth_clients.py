"""Which app asks: by an assertion that it signed, by its secret, or (public) by its name alone.

Assertions are those of SMART App Launch 2.2 (asymmetric authentication) and RFC 7523: signed with
RS384 or ES384, `iss` and `sub` the client, `aud` this token endpoint, valid for five minutes at
most, each used once. The JWS is joserfc's, with the algorithms named: neither `none` nor a MAC with
a public key for its key is ever tried.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote_plus
from uuid import UUID

import asyncpg
import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from minkang.accounts.apps import App, app_of, secret_hash
from minkang.accounts.apps_rules import ALGORITHMS, AppRefused, key_set
from minkang.accounts.oauth_jwks import AppKeys, KeysUnreachable
from minkang.accounts.oauth_refusal import OAuthRefused
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_LONGEST = 8_000
_LEEWAY = 30
_LIFETIME = timedelta(minutes=5)
_JTI = b"minkang oauth assertion 1\0"


async def authenticate_app(
    pool: Pool,
    keys: Keys,
    app_keys: AppKeys,
    form: Mapping[str, str],
    authorization: str | None,
    *,
    audiences: tuple[str, ...],
    now: datetime,
) -> App:
    """The approved app that sends a request to the token endpoint or its neighbours.

    Args:
        form: the body's parameters. authorization: the header of that name.
        audiences: this server's token endpoint, in the ways that an assertion may name it.

    Raises:
        OAuthRefused: `invalid_client`: none, or it did not prove who it is.
    """
    ways = sum((authorization is not None, "client_assertion" in form, "client_secret" in form))
    if ways > 1:
        raise OAuthRefused("invalid_request", "more than one way of authentication at once")
    if "client_assertion" in form:
        app = await _by_assertion(pool, keys, app_keys, form, audiences, now)
    elif authorization is not None:
        app = await _by_secret(pool, keys, *_basic(authorization))
    elif "client_secret" in form:
        raise OAuthRefused("invalid_client", "the secret belongs into the header (HTTP Basic)")
    else:
        app = await _known(pool, form.get("client_id", ""))
        if app.kind != "public":
            raise OAuthRefused("invalid_client", "this app must prove who it is")
    if form.get("client_id", app.id) != app.id:
        raise OAuthRefused("invalid_client", "client_id is another app's")
    return app


async def _known(pool: Pool, client_id: str) -> App:
    """An approved app."""
    try:
        app = await app_of(pool, client_id)
    except AppRefused as error:
        raise OAuthRefused("invalid_client", "unknown, or not approved") from error
    if app.state != "approved":
        raise OAuthRefused("invalid_client", "unknown, or not approved")
    return app


def _basic(header: str) -> tuple[str, str]:
    """Client and secret, each form-encoded before (RFC 6749, 2.3.1)."""
    kind, _, value = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthRefused("invalid_client", "not HTTP Basic") from error
    if kind.lower() != "basic" or not colon:
        raise OAuthRefused("invalid_client", "not HTTP Basic")
    return unquote_plus(name), unquote_plus(secret)


async def _by_secret(pool: Pool, keys: Keys, client_id: str, secret: str) -> App:
    given = secret_hash(keys, secret)
    app = await _known(pool, client_id)
    if app.secret_hash is None or not hmac.compare_digest(given, app.secret_hash):
        raise OAuthRefused("invalid_client", "unknown, or not approved")
    return app


async def _by_assertion(
    pool: Pool,
    keys: Keys,
    app_keys: AppKeys,
    form: Mapping[str, str],
    audiences: tuple[str, ...],
    now: datetime,
) -> App:
    text = form["client_assertion"]
    if form.get("client_assertion_type") != ASSERTION or len(text) > _LONGEST:
        raise OAuthRefused("invalid_client", f"client_assertion_type is not {ASSERTION}")
    app = await _known(pool, claimed(text, "sub"))
    one = {"essential": True, "value": app.id}
    await signed_claims(
        pool, keys, app_keys, app, text, expected={"iss": one, "sub": one}, audiences=audiences,
        now=now,
    )  # fmt: skip
    return app


async def signed_claims(
    pool: Pool,
    keys: Keys,
    app_keys: AppKeys,
    app: App,
    text: str,
    *,
    expected: Mapping[str, Any],
    audiences: tuple[str, ...],
    now: datetime,
) -> dict[str, Any]:
    """What an app says in a JWT that it signed; the JWT is worthless from now on.

    Args:
        expected: claims that must be there, as joserfc's registry wants them (`iss` among them).
        audiences: of these `aud` must name one.

    Raises:
        OAuthRefused: `invalid_client`: a public app, another's signature, claims that do not fit,
            valid for more than five minutes, used before.
    """
    if app.kind == "public":
        raise OAuthRefused("invalid_client", "a public app has no keys")
    try:
        found = jwt.decode(text, await _keys_of(app_keys, app), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError) as error:
        raise OAuthRefused("invalid_client", "the assertion's signature does not fit") from error
    await _check_claims(pool, keys, app, found.claims, (expected, audiences), now)
    return found.claims


def claimed(text: str, name: str) -> str:
    """A claim of a JWT before anything is checked: read only to know whose keys to check it with.

    Raises:
        OAuthRefused: `invalid_client`: it is no JWT, or has no such claim.
    """
    if len(text) > _LONGEST:
        raise OAuthRefused("invalid_client", "the assertion is too long")
    try:
        payload = jws.extract_compact(text.encode()).payload or b""
        said = jwt.Token({}, _json(payload)).claims.get(name)
    except (JoseError, ValueError) as error:
        raise OAuthRefused("invalid_client", "the assertion is no JWT") from error
    if not isinstance(said, str):
        raise OAuthRefused("invalid_client", f"the assertion has no {name}")
    return said


def _json(payload: bytes) -> dict[str, Any]:
    return msgspec.json.decode(payload, type=dict[str, Any])


async def _keys_of(app_keys: AppKeys, app: App) -> KeySet:
    try:
        if app.keys is not None:
            return key_set(app.keys)
        if app.keys_url is not None:
            return await app_keys.at(app.keys_url)
    except (AppRefused, KeysUnreachable) as error:
        raise OAuthRefused("invalid_client", "the app's keys can't be had") from error
    raise OAuthRefused("invalid_client", "the app has no keys")


async def _check_claims(
    pool: Pool,
    keys: Keys,
    app: App,
    claims: dict[str, Any],
    wanted: tuple[Mapping[str, Any], tuple[str, ...]],
    now: datetime,
) -> None:
    """What an assertion says besides its signature; it is worthless from now on."""
    expected, audiences = wanted
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY,
        aud={"essential": True, "values": list(audiences)},
        exp={"essential": True},
        jti={"essential": True},
        **expected,
    )
    try:
        registry.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise OAuthRefused("invalid_client", f"the assertion's claims: {error}") from error
    expires = datetime.fromtimestamp(claims["exp"], UTC)
    if expires > now + _LIFETIME + timedelta(seconds=_LEEWAY):
        raise OAuthRefused("invalid_client", "the assertion is valid for more than five minutes")
    if not isinstance(claims["jti"], str) or len(claims["jti"]) > 500:
        raise OAuthRefused("invalid_client", "the assertion's jti is no short text")
    jti = hmac_sm3(keys.session_key, _JTI + claims["jti"].encode(errors="replace"))
    await pool.execute("delete from accounts.oauth_assertion where expires < $1", now)
    try:
        await pool.execute(
            "insert into accounts.oauth_assertion (app, jti_hash, expires) values ($1, $2, $3)",
            UUID(app.id),
            jti,
            expires + timedelta(seconds=2 * _LEEWAY),
        )
    except asyncpg.UniqueViolationError as error:
        raise OAuthRefused("invalid_client", "the assertion was used before") from error
