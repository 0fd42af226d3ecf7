"""Logging in by an OpenID Connect provider: to it and back (code flow, PKCE, state, nonce).

authlib's client for this needs a session object of its own and a deprecated transport; so the flow
stands here, thin: authlib makes the PKCE challenge, joserfc judges the token. Verifier and nonce
are derived from the random state, so nothing secret has to be kept while somebody is away.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from minkang.accounts.guarded_http import FetchRefused, fetch
from minkang.accounts.oidc_provider import Metadata, OidcRefused, Provider, Providers
from minkang.accounts.oidc_token import Claims, judged
from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

AWAY: Final = timedelta(minutes=10)
"""So long somebody may take at the provider."""

_TAG = b"minkang oidc 1\0"


class Begun(msgspec.Struct, frozen=True):
    """A log-in that begins: where the browser goes, and the state it must bring back.

    The state also belongs into a cookie: only the browser that began may end it.
    """

    address: str
    state: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider sends the browser back with, and the state of the browser's own cookie."""

    state: str
    cookie: str
    code: str = ""
    error: str = ""
    issuer: str | None = None


class Identified(msgspec.Struct, frozen=True):
    """Whom a provider has vouched for.

    Attributes:
        next: where the visitor wanted to go.
        account: id of who is linking this identity to their account; None: it is a log-in.
    """

    provider: Provider
    claims: Claims
    next: str
    account: str | None


async def begin_oidc(
    pool: Pool,
    keys: Keys,
    providers: Providers,
    provider: Provider,
    *,
    redirect: str,
    next_path: str,
    account: str | None,
    now: datetime,
) -> Begun:
    """Begin a log-in at a provider; `redirect` is where it sends the browser back to.

    Raises:
        OidcRefused: `oidc-unavailable`.
    """
    metadata = await providers.metadata(provider)
    state = secrets.token_urlsafe(32)
    await pool.execute("delete from accounts.oidc_attempt where created < $1", now - AWAY)
    await pool.execute(
        "insert into accounts.oidc_attempt (state_hash, provider, next, account, created) "
        "values ($1, $2, $3, $4, $5)",
        _derived(keys, "state", state),
        provider.id,
        next_path[:1000],
        UUID(account) if account else None,
        now,
    )
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect,
        "scope": " ".join(dict.fromkeys(("openid", *provider.scopes))),
        "state": state,
        "nonce": _derived(keys, "nonce", state).hex(),
        "code_challenge": create_s256_code_challenge(_derived(keys, "verifier", state).hex()),
        "code_challenge_method": "S256",
    }
    endpoint = metadata.authorization_endpoint
    joined = "&" if urlsplit(endpoint).query else "?"
    return Begun(f"{endpoint}{joined}{urlencode(asked)}", state)


async def end_oidc(
    pool: Pool,
    keys: Keys,
    providers: Providers,
    provider: Provider,
    answer: Answer,
    *,
    redirect: str,
    now: datetime,
) -> Identified:
    """Whom the provider has vouched for.

    Raises:
        OidcRefused: see its codes. Each state is taken once, whatever comes of it.
    """
    if not answer.state or not secrets.compare_digest(
        answer.state.encode(errors="replace"), answer.cookie.encode(errors="replace")
    ):
        raise OidcRefused("oidc-state", "this browser has begun no such log-in")
    row = await pool.fetchrow(
        "delete from accounts.oidc_attempt "
        "where state_hash = $1 and provider = $2 and created >= $3 returning next, account",
        _derived(keys, "state", answer.state),
        provider.id,
        now - AWAY,
    )
    if row is None:
        raise OidcRefused("oidc-state", "it is unknown, used, or too old")
    metadata = await providers.metadata(provider)
    given = answer.issuer is not None or metadata.authorization_response_iss_parameter_supported
    if given and answer.issuer != provider.issuer:  # RFC 9207
        raise OidcRefused("oidc-token", "the answer is another provider's")
    if answer.error or not answer.code:
        raise OidcRefused("oidc-denied", "no code")
    verifier = _derived(keys, "verifier", answer.state).hex()
    token = await _exchanged(metadata, provider, answer.code, verifier, redirect)
    nonce = _derived(keys, "nonce", answer.state).hex()
    claims = await judged(providers, provider, token, nonce, now)
    account = str(row["account"]) if row["account"] else None
    return Identified(provider, claims, row["next"], account)


async def _exchanged(
    metadata: Metadata, provider: Provider, code: str, verifier: str, redirect: str
) -> str:
    """The identity token for a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    basic: tuple[str, str] | None = None
    if provider.secret is not None:
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            basic = (_quoted(provider.client_id), _quoted(provider.secret))
        else:
            form["client_secret"] = provider.secret
    try:
        body = await fetch(
            metadata.token_endpoint, private=provider.private, form=form, basic=basic
        )
        found: Any = msgspec.json.decode(body)
    except (FetchRefused, msgspec.MsgspecError) as error:
        raise OidcRefused("oidc-unavailable", f"tokens of {provider.id}: {error}") from error
    token = found.get("id_token") if isinstance(found, dict) else None
    if not isinstance(token, str):
        raise OidcRefused("oidc-token", "there is none")
    return token


def _quoted(text: str) -> str:
    """As RFC 6749, 2.3.1 wants names and secrets in a Basic header."""
    return urlencode({"": text})[1:]


def _derived(keys: Keys, what: str, state: str) -> bytes:
    return hmac_sm3(keys.session_key, _TAG + what.encode() + b"\0" + state.encode(errors="replace"))
