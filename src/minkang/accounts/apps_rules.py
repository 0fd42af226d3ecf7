"""What a registration of an app may say: names, addresses, scopes, keys. Pure.

RFC 9700 (redirect addresses: exact, no wildcards), RFC 8252 (apps on the device), SMART App Launch
2.2 (scopes; keys RS384 and ES384).
"""

import ipaddress
from collections.abc import Sequence
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from minkang.accounts.oauth_scopes import MOST, OTHERS, smart_scope

Kind = Literal["public", "confidential", "system"]

KINDS: Final[tuple[Kind, ...]] = ("public", "confidential", "system")
ALGORITHMS: Final = ("RS384", "ES384")
"""What an app may sign its assertions with (SMART App Launch 2.2, asymmetric authentication)."""

_TEXT = 200
_ADDRESS = 500
_MOST_REDIRECTS = 10
_MOST_KEYS = 10
_BITS = 2048
_KEYS_LONGEST = 20_000


class AppRefused(Exception):  # noqa: N818 - reads as what happened
    """An app can't be registered or changed like this.

    Attributes:
        code: `text`, `kind`, `redirects`, `redirect`, `launch`, `scopes`, `scope`, `keys`,
            `keys-url`, `keys-needed`, `organisation-needed`, `organisation-unknown`, `minutes`,
            `days`, `app-unknown`, `state`, `own-request`, `account-unknown`.
        what: the value that is meant, cut.
    """

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(f"{code} {what[:100]}".strip())
        self.code = code
        self.what = what[:100]


class Registration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What whoever asks for an app says about it; nothing else of an app is theirs to say.

    Attributes:
        purpose: what it does, in words that a resident understands.
        kind: `public` (in a browser or on a phone: keeps no secret), `confidential` (on a server),
            `system` (acts for its organisation, nobody logs in).
        organisation: of a system: whose it is; what it writes counts as that organisation's.
        redirects: where answers may go: exactly these.
        launch: where a launch from our pages leads to.
        keys: its public keys, a JWK set as JSON; `keys_url`: where they lie instead.
        access_minutes: how long an access token works.
        offline_days: how long it may go on without being asked for again.
    """

    name: str
    purpose: str
    owner: str
    contact: str
    kind: Kind
    organisation: str | None = None
    redirects: tuple[str, ...] = ()
    launch: str | None = None
    scopes: tuple[str, ...] = ()
    keys: str | None = None
    keys_url: str | None = None
    access_minutes: int = 60
    offline_days: int = 90


def check_registration(given: Registration) -> None:
    """See whether a registration makes sense.

    Raises:
        AppRefused: see its codes.
    """
    for text in (given.name, given.purpose, given.owner, given.contact):
        if not text.strip() or len(text) > _TEXT or not text.isprintable():
            raise AppRefused("text", text)
    if given.kind not in KINDS:
        raise AppRefused("kind", given.kind)
    _check_addresses(given)
    _check_scopes(given)
    if given.keys is not None:
        key_set(given.keys)
    if given.keys_url is not None and _url(given.keys_url).scheme not in ("https", "http"):
        raise AppRefused("keys-url", given.keys_url)
    if given.kind == "system" and not given.organisation:
        raise AppRefused("organisation-needed")
    if not 5 <= given.access_minutes <= 60:
        raise AppRefused("minutes", str(given.access_minutes))
    if not 1 <= given.offline_days <= 366:
        raise AppRefused("days", str(given.offline_days))


def key_set(text: str) -> KeySet:
    """Public keys that assertions can be checked with, from a JWK set as JSON.

    Only RSA keys of 2,048 bits and more and keys on P-384: whatever else stands there could be
    taken for a key of another algorithm.

    Raises:
        AppRefused: `keys`: it is none, holds too much, a private part, or no key that fits.
    """
    if len(text) > _KEYS_LONGEST:
        raise AppRefused("keys")
    try:
        given = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise AppRefused("keys") from error
    listed = given.get("keys") if isinstance(given, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_KEYS:
        raise AppRefused("keys")
    keys = [key for key in map(_key, listed) if key is not None]
    if not keys:
        raise AppRefused("keys")
    return KeySet(list(keys))


def _key(given: Any) -> RSAKey | ECKey | None:
    if not isinstance(given, dict):
        raise AppRefused("keys")
    if "d" in given or given.get("kty") == "oct":
        raise AppRefused("keys", "private")
    if given.get("use") not in (None, "sig"):
        return None
    found: RSAKey | ECKey
    try:
        if given.get("kty") == "RSA":
            found = RSAKey.import_key(given)
            return found if found.public_key.key_size >= _BITS else None
        if given.get("kty") == "EC" and given.get("crv") == "P-384":
            found = ECKey.import_key(given)
            return found
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise AppRefused("keys") from error
    return None


def _check_addresses(given: Registration) -> None:
    if given.kind == "system":
        if given.redirects or given.launch:
            raise AppRefused("redirects")
        return
    if not 0 < len(given.redirects) <= _MOST_REDIRECTS:
        raise AppRefused("redirects")
    for address in given.redirects:
        _check_redirect(address, public=given.kind == "public")
    if given.launch is not None:
        _check_redirect(given.launch, public=False)


def _check_redirect(address: str, *, public: bool) -> None:
    """HTTPS; plain HTTP on the loopback; of apps on a device a scheme named after a domain."""
    parts = _url(address)
    if parts.fragment or "#" in address or "*" in address or parts.username is not None:
        raise AppRefused("redirect", address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return
    # RFC 8252, 7.1: a private scheme is the app's domain turned round, so it has a dot in it.
    if public and "." in parts.scheme and not parts.netloc:
        return
    raise AppRefused("redirect", address)


def _url(address: str) -> SplitResult:
    if len(address) > _ADDRESS or not address.isascii() or not address.isprintable():
        raise AppRefused("redirect", address)
    if any(sign in address for sign in ' "<>\\^`{|}'):
        raise AppRefused("redirect", address)
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise AppRefused("redirect", address) from error
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by its number or its usual name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_scopes(given: Registration) -> None:
    if not 0 < len(given.scopes) <= MOST:
        raise AppRefused("scopes")
    for text in given.scopes:
        scope = smart_scope(text)
        if scope is None and text not in OTHERS:
            raise AppRefused("scope", text)
        if (given.kind == "system") != (scope is not None and scope.context == "system"):
            raise AppRefused("scope", text)


def texts_of(lines: str) -> tuple[str, ...]:
    """The lines of a field in a form, each once, without empty ones."""
    return tuple(dict.fromkeys(one.strip() for one in lines.splitlines() if one.strip()))


def joined(texts: Sequence[str]) -> str:
    """The opposite of `texts_of`."""
    return "\n".join(texts)
