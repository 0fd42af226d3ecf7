"""Judging the identity token of a provider (OpenID Connect Core 1.0, 3.1.3.7), by joserfc."""

import math
from datetime import datetime
from typing import Any, Final

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError

from minkang.accounts.oidc_provider import SIGNATURES, OidcRefused, Provider, Providers

LEEWAY: Final = 60
"""Seconds that the provider's clock and ours may differ."""

_OLDEST: Final = 600
"""Seconds after which a token is no answer to a log-in that has just been made."""

_LONGEST_SUBJECT: Final = 255


class Claims(msgspec.Struct, frozen=True):
    """What of a good token is used."""

    subject: str
    name: str


async def judged(
    providers: Providers, provider: Provider, token: str, nonce: str, now: datetime
) -> Claims:
    """The claims of a token that is good.

    Raises:
        OidcRefused: `oidc-token`: what is wrong with it; `oidc-unavailable`: no keys to check with.
    """
    allowed = sorted(SIGNATURES.intersection(provider.algorithms))
    header = _header(token)
    if header.get("alg") not in allowed:
        raise OidcRefused("oidc-token", "an algorithm that is not let pass")
    kid = header.get("kid")
    key = await providers.key(provider, kid if isinstance(kid, str) else None)
    try:
        claims = jwt.decode(token, key, algorithms=allowed).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise OidcRefused("oidc-token", f"{type(error).__name__}: {error}") from error
    if (problem := _further(claims, provider, now)) is not None:
        raise OidcRefused("oidc-token", problem)
    name = claims.get("name") or claims.get("preferred_username") or claims["sub"]
    return Claims(claims["sub"], str(name)[:100])


def _header(token: str) -> dict[str, Any]:
    """What the token says of its signature; not to be believed, only to be looked up by."""
    if len(token) > 16_384:
        raise OidcRefused("oidc-token", "it is too long")
    try:
        found = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError) as error:
        raise OidcRefused("oidc-token", "it is no signed token") from error
    return dict(found)


def _further(claims: dict[str, Any], provider: Provider, now: datetime) -> str | None:
    """What the library leaves to us: for whom of several, how old, how long the subject."""
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        return "several audiences, and none is named as the one it was made for"
    if claims.get("azp", provider.client_id) != provider.client_id:
        return "it was made for another client"
    times = (claims["exp"], claims["iat"])
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in times):
        return "a time that is none"
    if claims["iat"] < now.timestamp() - _OLDEST - LEEWAY:
        return "it was made too long ago"
    if not claims["sub"] or len(claims["sub"]) > _LONGEST_SUBJECT or "\0" in claims["sub"]:
        return "a subject of an unfit length"
    return None
