"""What is known of an OpenID Connect provider: its settings, discovery, keys. Fetched and kept.

OpenID Connect Discovery 1.0. Keys are fetched anew when a token names one that is not known, so
that a provider can change them at any time, but not more often than twice a minute.
"""

import time
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from minkang.accounts.guarded_http import FetchRefused, check_url, fetch

KEPT_SECONDS: Final = 3600.0
ANEW_SECONDS: Final = 30.0

SIGNATURES: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"}
)
"""By a key pair only: with a shared secret, or none, whoever knows the public key could sign."""

_PublicKey = RSAKey | ECKey | OKPKey


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider, as the operator set it up.

    Attributes:
        id: of a few letters; it stands in the callback's address.
        name: as the button on the log-in page says.
        secret: None: a public client, by PKCE alone.
        algorithms: with which its tokens may be signed; only those of SIGNATURES.
        private: it lies in the own network.
        second_factor: it asks for one itself, so we do not.
        create_role, create_organisation: who is unknown gets an account with this post; empty: none
            is made.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    secret: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    private: bool = False
    second_factor: bool = False
    create_role: str = ""
    create_organisation: str = ""


class Metadata(msgspec.Struct, frozen=True):
    """What discovery says, as far as it is needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class OidcRefused(Exception):  # noqa: N818 - reads as what happened
    """A log-in by a provider is refused.

    Attributes:
        code: `oidc-unavailable` the provider can't be asked or answers what is of no use;
            `oidc-state` no such log-in is under way in this browser; `oidc-token` its token is
            not good; `oidc-denied` the provider says no.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


class _Kept(msgspec.Struct):
    metadata: Metadata
    at: float
    keys: dict[str, _PublicKey] = {}
    keys_at: float | None = None


class Providers:
    """Discovery and keys of providers, kept for an hour. One in each process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}

    async def metadata(self, provider: Provider) -> Metadata:
        """Where the provider's doors are. Raises OidcRefused `oidc-unavailable`."""
        return (await self._of(provider)).metadata

    async def key(self, provider: Provider, kid: str | None) -> _PublicKey:
        """The key with this id; without one, the only key there is.

        Raises:
            OidcRefused: `oidc-unavailable`; `oidc-token`: it has no such key.
        """
        kept = await self._of(provider)
        found = _picked(kept.keys, kid)
        due = kept.keys_at is None or time.monotonic() - kept.keys_at >= ANEW_SECONDS
        if found is None and due:
            kept.keys_at = time.monotonic()
            kept.keys = await _keys_at(provider, kept.metadata.jwks_uri)
            found = _picked(kept.keys, kid)
        if found is None:
            raise OidcRefused("oidc-token", "it is signed with a key the provider does not publish")
        return found

    async def _of(self, provider: Provider) -> _Kept:
        name = (provider.id, provider.issuer)
        kept = self._kept.get(name)
        if kept is None or time.monotonic() - kept.at >= KEPT_SECONDS:
            kept = _Kept(await _discovered(provider), time.monotonic())
            self._kept[name] = kept
        return kept


async def _discovered(provider: Provider) -> Metadata:
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        found = msgspec.json.decode(await fetch(url, private=provider.private), type=Metadata)
        for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            check_url(address, private=provider.private)
    except (FetchRefused, msgspec.MsgspecError) as error:
        raise OidcRefused("oidc-unavailable", f"discovery of {provider.id}: {error}") from error
    if found.issuer != provider.issuer:
        raise OidcRefused("oidc-unavailable", f"discovery of {provider.id}: another issuer")
    if urlsplit(found.authorization_endpoint).fragment:
        raise OidcRefused("oidc-unavailable", f"discovery of {provider.id}: an unfit endpoint")
    return found


async def _keys_at(provider: Provider, url: str) -> dict[str, _PublicKey]:
    """Public keys for signatures by id; keys of other kinds are passed over."""
    try:
        given: Any = msgspec.json.decode(await fetch(url, private=provider.private))
        usable = [
            one
            for one in given["keys"]
            if one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"
        ]
        keys = KeySet.import_key_set({"keys": usable}) if usable else KeySet([])
    except (
        FetchRefused,
        msgspec.MsgspecError,
        JoseError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise OidcRefused("oidc-unavailable", f"keys of {provider.id}: {error}") from error
    return {
        str(key.kid): key for key in keys if isinstance(key, RSAKey | ECKey | OKPKey) and key.kid
    }


def _picked(keys: dict[str, _PublicKey], kid: str | None) -> _PublicKey | None:
    if kid is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(kid)
