"""`/oauth`: the authorization server's doors for machines (RFC 6749, 7009, 7662, 7517).

Tokens for a code, a refresh token or the app itself; introspection, revocation, public keys. What
people see of it, the consent page at `/oauth/authorize`, is a page (web). An application of its own
beside the FHIR base; every failure becomes OAuth's JSON in one place.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from minkang.accounts import Account
from minkang.accounts.apps import App
from minkang.accounts.oauth_clients import authenticate_app
from minkang.accounts.oauth_jwks import AppKeys
from minkang.accounts.oauth_refusal import OAuthRefused
from minkang.accounts.oauth_scopes import scopes_in
from minkang.accounts.oauth_signing import Identity, public_keys, sign_identity
from minkang.accounts.oauth_tokens import (
    Door,
    Tokens,
    redeem_code,
    refresh_tokens,
    revoke_token,
    system_token,
)
from minkang.accounts.tokens import token_holder
from minkang.api.address import pairs_of
from minkang.api.application import Application, Receive, Send, check_sizes, send_answer
from minkang.api.body import received
from minkang.api.call import Answer
from minkang.api.limits import Limits
from minkang.api.oauth_paths import BASE
from minkang.api.outcomes import Refusal
from minkang.audit import AuditUnavailable
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_LIMITS: Final = Limits(body=64 * 1024, seconds=30.0)


class OAuthDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the authorization server works with.

    Attributes:
        address: how callers reach the platform, `https://region.example`. Never told from a
            request: an assertion for another server must not fit by a `Host` that somebody wrote.
    """

    tokens: Door
    app_keys: AppKeys
    address: str

    @property
    def issuer(self) -> str:
        """The FHIR base, which is the issuer of identity tokens."""
        return f"{self.address}/fhir"

    @property
    def audiences(self) -> tuple[str, ...]:
        """What assertions may be made out to: the token endpoint."""
        return (f"{self.address}{BASE}/token",)


class Asked(msgspec.Struct, frozen=True):
    """A request at one of the doors."""

    door: OAuthDoor
    form: Mapping[str, str]
    authorization: str | None
    address: str
    now: datetime

    async def app(self) -> App:
        """The app that asks.

        Raises:
            OAuthRefused: `invalid_client`.
        """
        tokens = self.door.tokens
        return await authenticate_app(
            tokens.pool,
            tokens.keys,
            self.door.app_keys,
            self.form,
            self.authorization,
            audiences=self.door.audiences,
            now=self.now,
        )

    def need(self, name: str) -> str:
        """A parameter.

        Raises:
            OAuthRefused: `invalid_request`: it is not there.
        """
        value = self.form.get(name)
        if not value:
            raise OAuthRefused("invalid_request", f"{name} is missing")
        return value


def oauth_application(door: OAuthDoor) -> Application:
    """The application that answers everything below `/oauth` but the consent page."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(_LIMITS.seconds):
                answer = await _answered(door, scope, headers, receive)
        except ConnectionResetError:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets an answer in OAuth's form
            answer = _failed(error)
        await send_answer(answer, scope["method"], headers, send)

    return application


async def _answered(
    door: OAuthDoor, scope: Any, headers: Mapping[bytes, bytes], receive: Receive
) -> Answer:
    path: str = scope["path"]
    method, handler = _DOORS.get(path, ("", None))
    if handler is None:
        raise Refusal(404, "not-found", "unknown address")
    if scope["method"] != method:
        raise Refusal(405, "not-supported", method, headers=((b"allow", method.encode()),))
    query: bytes = scope["query_string"]
    check_sizes(_LIMITS, path.encode(), query, headers)
    form: dict[str, str] = {}
    if method == "POST":
        if query:
            raise OAuthRefused("invalid_request", "parameters belong into the body")
        form = await _form(headers, receive)
    client = scope.get("client")
    given = headers.get(b"authorization")
    asked = Asked(
        door,
        form,
        None if given is None else given.decode("latin-1"),
        client[0] if client else "",
        datetime.now(UTC),
    )
    return await handler(asked)


async def _form(headers: Mapping[bytes, bytes], receive: Receive) -> dict[str, str]:
    """The parameters of the body, each at most once (RFC 6749, 3.2)."""
    media = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if media != _FORM:
        raise OAuthRefused("invalid_request", f"the body is not {_FORM}")
    body = await received(receive, headers.get(b"content-encoding"), _LIMITS.body)
    pairs = pairs_of(body)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthRefused("invalid_request", "a parameter stands there twice")
    return {name: value for name, value in form.items() if value}


async def _token(asked: Asked) -> Answer:
    """`POST /oauth/token`."""
    kind = asked.need("grant_type")
    grant = _GRANTS.get(kind)
    if grant is None:
        raise OAuthRefused("unsupported_grant_type", "not one of the grant types in the metadata")
    app = await asked.app()
    tokens = await grant(asked, app)
    said: dict[str, Any] = {
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": tokens.seconds,
        "scope": " ".join(tokens.scopes),
    }
    if tokens.refresh is not None:
        said["refresh_token"] = tokens.refresh
    if tokens.patient is not None:
        said["patient"] = tokens.patient
        said["need_patient_banner"] = True
    if "openid" in tokens.scopes and tokens.account is not None:
        said["id_token"] = await _identity(asked, app, tokens, tokens.account)
    return _json(said)


async def _of_code(asked: Asked, app: App) -> Tokens:
    return await redeem_code(
        asked.door.tokens,
        app,
        asked.need("code"),
        asked.need("redirect_uri"),
        asked.form.get("code_verifier", ""),
        now=asked.now,
        address=asked.address,
    )


async def _of_refresh(asked: Asked, app: App) -> Tokens:
    return await refresh_tokens(
        asked.door.tokens,
        app,
        asked.need("refresh_token"),
        scopes_in(asked.form.get("scope", "")),
        now=asked.now,
        address=asked.address,
    )


async def _of_app(asked: Asked, app: App) -> Tokens:
    return await system_token(
        asked.door.tokens,
        app,
        scopes_in(asked.need("scope")),
        now=asked.now,
        address=asked.address,
    )


async def _identity(asked: Asked, app: App, tokens: Tokens, account: Account) -> str:
    user = user_of(asked.door.issuer, account) if "fhirUser" in tokens.scopes else None
    said = Identity(
        issuer=asked.door.issuer,
        subject=account.id,
        audience=app.id,
        nonce=tokens.nonce,
        user=user,
        logged_in=tokens.begun,
    )
    door = asked.door.tokens
    return await sign_identity(door.pool, door.keys, said, now=asked.now)


def user_of(base: str, account: Account) -> str:
    """URL of the resource that a logged-in person is: a Person, or who they are in their post."""
    if account.role == "resident" and account.person is not None:
        return f"{base}/Person/{account.person}"
    return f"{base}/PractitionerRole/{account.post or account.id}"


async def _introspect(asked: Asked) -> Answer:
    """`POST /oauth/introspect`: an app asks about its own token; of others it learns nothing."""
    app = await asked.app()
    if app.kind == "public":
        raise OAuthRefused("invalid_client", "this app must prove who it is")
    door = asked.door.tokens
    held = await token_holder(door.pool, door.keys, asked.need("token"), now=asked.now)
    if held is None or held.account.client != app.id or held.account.scopes is None:
        return _json({"active": False})
    account = held.account
    said: dict[str, Any] = {
        "active": True,
        "scope": " ".join(held.account.scopes),
        "client_id": app.id,
        "token_type": "Bearer",
        "exp": int(held.until.timestamp()),
        "iss": asked.door.issuer,
        "sub": account.id,
    }
    if account.id != app.id and "fhirUser" in held.account.scopes:
        said["fhirUser"] = user_of(asked.door.issuer, account)
    return _json(said)


async def _revoke(asked: Asked) -> Answer:
    """`POST /oauth/revoke`: answered alike whether there was such a token or not."""
    app = await asked.app()
    token = asked.need("token")
    await revoke_token(asked.door.tokens, app, token, now=asked.now, address=asked.address)
    return _json({})


async def _keys(asked: Asked) -> Answer:
    """`GET /oauth/jwks`."""
    door = asked.door.tokens
    return _json(await public_keys(door.pool, door.keys, now=asked.now))


def _json(said: Mapping[str, Any], status: int = 200, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, msgspec.json.encode(said), [(b"pragma", b"no-cache"), *headers], _JSON)


def _failed(error: BaseException) -> Answer:
    if isinstance(error, OAuthRefused):
        challenge = ((b"www-authenticate", b'Basic realm="minkang"'),)
        said = {"error": error.error, "error_description": error.text}
        return _json(said, error.status, *(challenge if error.status == 401 else ()))
    if isinstance(error, Refusal):
        said = {"error": "invalid_request", "error_description": str(error)}
        return _json(said, error.status, *error.headers)
    if isinstance(error, (AuditUnavailable, TimeoutError, *TROUBLE)):
        _log.warning("unavailable: %s: %s", type(error).__name__, error)
        return _json({"error": "temporarily_unavailable"}, 503, (b"retry-after", b"5"))
    number = secrets.token_hex(6)
    _log.error("request %s failed", number, exc_info=error)
    return _json({"error": "server_error", "error_description": number}, 500)


_GRANTS: Final[Mapping[str, Callable[[Asked, App], Awaitable[Tokens]]]] = {
    "authorization_code": _of_code,
    "refresh_token": _of_refresh,
    "client_credentials": _of_app,
}
_DOORS: Final[Mapping[str, tuple[str, Callable[[Asked], Awaitable[Answer]] | None]]] = {
    f"{BASE}/token": ("POST", _token),
    f"{BASE}/introspect": ("POST", _introspect),
    f"{BASE}/revoke": ("POST", _revoke),
    f"{BASE}/jwks": ("GET", _keys),
}
