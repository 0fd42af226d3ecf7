"""A small SMART client for the tests: registers, is granted, asks for tokens."""

import base64
import hashlib
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from minkang.accounts import Account
from minkang.accounts.apps import App, approve_app, request_app
from minkang.accounts.apps_rules import Registration
from minkang.accounts.oauth_grants import Consent, begin_grant
from minkang.accounts.oauth_jwks import AppKeys
from minkang.accounts.oauth_tokens import Door as TokenDoor
from minkang.api.oauth import OAuthDoor, oauth_application
from minkang.crypto import Keys
from minkang.policy import Gate

ADDRESS = "http://minkang.test"
TOKEN = f"{ADDRESS}/oauth/token"
REDIRECT = "https://app.example/back"
VERIFIER = "v" * 43
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def challenge(verifier: str = VERIFIER) -> str:
    """PKCE's challenge by S256, written anew here."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def key_pair(kind: str = "EC") -> ECKey | RSAKey:
    """A key as an app makes one."""
    made: ECKey | RSAKey
    if kind == "EC":
        made = ECKey.generate_key("P-384", private=True)
    else:
        made = RSAKey.generate_key(2048, private=True)
    made.ensure_kid()
    return made


def public(*keys: ECKey | RSAKey) -> str:
    """The public parts as a JWK set."""
    return json.dumps(KeySet(list(keys)).as_dict(private=False))


def assertion(app: App, key: ECKey | RSAKey, alg: str = "ES384", **changed: Any) -> str:
    """What an app proves itself with; `changed` claims, None leaves one out."""
    claims = {
        "iss": app.id,
        "sub": app.id,
        "aud": TOKEN,
        "exp": int(time.time()) + 240,
        "jti": secrets.token_urlsafe(12),
        **changed,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, kept, key, algorithms=[alg])


def signed_form(text: str, **more: str) -> dict[str, str]:
    """A form with an assertion."""
    return {"client_assertion_type": ASSERTION, "client_assertion": text, **more}


async def registered(gate: Gate, **given: Any) -> App:
    """An approved app; a public one unless said otherwise."""
    fields: dict[str, Any] = {
        "name": "血压日记",
        "purpose": "记录并查看血压",
        "owner": "示例公司",
        "contact": "0537-1234567",
        "kind": "public",
        "redirects": (REDIRECT,),
        "scopes": ("openid", "fhirUser", "launch/patient", "offline_access", "patient/*.rs"),
    }
    if given.get("kind") == "system":
        fields["redirects"] = ()
    now = datetime.now(UTC)
    asked = await request_app(gate.store.pool, gate.log, Registration(**(fields | given)), now=now)
    return await approve_app(gate.store.pool, gate.log, asked.id, now=now)


async def code_for(
    gate: Gate, keys: Keys, app: App, account: Account, scopes: str, **given: Any
) -> str:
    """A code as the consent page gives it."""
    fields: dict[str, Any] = {
        "about": account.person,
        "patient": None,
        "redirect": REDIRECT,
        "challenge": challenge(),
        "nonce": None,
    }
    consent = Consent(app=app, account=account, scopes=tuple(scopes.split()), **(fields | given))
    return await begin_grant(gate.store.pool, keys, gate.log, consent, now=datetime.now(UTC))


def code_form(app: App, code: str, /, **changed: str | None) -> dict[str, str]:
    """The form with which a code is exchanged; None leaves a field out."""
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": app.id,
        **changed,
    }
    return {name: value for name, value in form.items() if value is not None}


def refresh_form(app: App, token: str, **more: str) -> dict[str, str]:
    """The form with which a refresh token is exchanged."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.id}
    return {**form, **more}


def refused(answer: Response, error: str, status: int = 400) -> None:
    """The answer must be this refusal, in OAuth's form, and be kept nowhere."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def token_of(server: AsyncClient, form: dict[str, str], **more: Any) -> dict[str, Any]:
    """What the token endpoint gives."""
    answer = await server.post("token", data=form, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given: dict[str, Any] = answer.json()
    assert given["token_type"] == "Bearer"
    return given


def bearing(given: dict[str, Any]) -> dict[str, str]:
    """The header with an access token."""
    return {"Authorization": f"Bearer {given['access_token']}"}


def serving(gate: Gate, keys: Keys) -> AsyncClient:
    """A client of the authorization server."""
    tokens = TokenDoor(gate.store.pool, keys, gate.log)
    door = OAuthDoor(tokens=tokens, app_keys=AppKeys(), address=ADDRESS)
    transport = ASGITransport(oauth_application(door))
    return AsyncClient(transport=transport, base_url=f"{ADDRESS}/oauth")
