"""What an app asks for at the consent page, and whether it may be asked of anybody.

RFC 6749 (4.1.1) and 9700 (PKCE for all, exact redirect addresses), SMART App Launch 2.2 (aud,
state). As long as app and redirect address are not known to belong together, nothing is sent there.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode, urlsplit

import msgspec
from authlib.oauth2.rfc7636.challenge import CODE_CHALLENGE_PATTERN

from minkang.accounts.apps import App, app_of
from minkang.accounts.apps_rules import AppRefused
from minkang.accounts.oauth_scopes import granted, scopes_in
from minkang.store import Pool

_PEOPLE: Final = frozenset({"patient", "user"})
_LETTERS_OF_PEOPLE: Final = "rs"
"""People's apps read and search; writing is for the systems of institutions."""

_LONGEST: Final = 1_000


class UnknownApp(Exception):  # noqa: N818 - reads as what happened
    """No such app, or the address is not registered for it: the visitor is told, nobody else."""


class SentBack(Exception):  # noqa: N818 - reads as what happened
    """The app is told by its redirect address; `error` is a code of RFC 6749, 4.1.2.1."""

    def __init__(self, redirect: str, state: str, error: str, text: str) -> None:
        super().__init__(f"{error}: {text}")
        self.redirect, self.state, self.error, self.text = redirect, state, error, text


class AuthorizeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may be put before the visitor.

    Attributes:
        scopes: what would be granted, at most.
        launch: a launch token of our own pages, where the app was opened from one.
        quiet: `prompt=none`: nobody may be asked anything.
    """

    app: App
    redirect: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str | None
    launch: str | None
    quiet: bool

    @property
    def about_patient(self) -> bool:
        """Whether it is about one resident, who must be chosen."""
        return self.launch is not None or any(
            one.startswith(("patient/", "launch")) for one in self.scopes
        )


async def request_of(
    pool: Pool, pairs: Sequence[tuple[str, str]], bases: frozenset[str]
) -> AuthorizeRequest:
    """The request that an address states.

    Args:
        pairs: names and values behind the `?`.
        bases: the FHIR base, in the ways that an app may name it.

    Raises:
        UnknownApp: see there.
        SentBack: `invalid_request`, `unsupported_response_type`, `invalid_scope`.
    """
    app, redirect = await _app(pool, pairs)
    given = dict(pairs)
    state = given.get("state", "")

    def back(error: str, text: str) -> SentBack:
        return SentBack(redirect, state, error, text)

    if len(given) != len(pairs) or any(len(value) > _LONGEST for value in given.values()):
        raise back("invalid_request", "a parameter stands there twice, or is too long")
    if given.get("response_type") != "code":
        raise back("unsupported_response_type", "response_type must be code")
    if not state:
        raise back("invalid_request", "state is missing")
    if given.get("code_challenge_method") != "S256" or not CODE_CHALLENGE_PATTERN.fullmatch(
        given.get("code_challenge", "")
    ):
        raise back("invalid_request", "PKCE is needed: code_challenge by S256")
    if given.get("aud", "").rstrip("/") not in bases:
        raise back("invalid_request", "aud is not this FHIR base")
    scopes = granted(scopes_in(given.get("scope", "")), app.scopes, _PEOPLE, _LETTERS_OF_PEOPLE)
    if not any(("/" in one and not one.startswith("launch")) or one == "openid" for one in scopes):
        raise back("invalid_scope", "none of the scopes asked for can be granted")
    return AuthorizeRequest(
        app=app,
        redirect=redirect,
        state=state,
        scopes=scopes,
        challenge=given["code_challenge"],
        nonce=given.get("nonce") or None,
        launch=given.get("launch") or None,
        quiet=given.get("prompt") == "none",
    )


def address_back(redirect: str, **said: str) -> str:
    """The redirect address with what the app is told."""
    sign = "&" if urlsplit(redirect).query else "?"
    return f"{redirect}{sign}{urlencode({name: value for name, value in said.items() if value})}"


async def _app(pool: Pool, pairs: Sequence[tuple[str, str]]) -> tuple[App, str]:
    clients = [value for name, value in pairs if name == "client_id"]
    redirects = [value for name, value in pairs if name == "redirect_uri"]
    if len(clients) != 1 or len(redirects) != 1:
        raise UnknownApp
    try:
        app = await app_of(pool, clients[0])
    except AppRefused as error:
        raise UnknownApp from error
    # Exactly as registered: a prefix or another path would be somebody else's (RFC 9700, 4.1.3).
    if app.state != "approved" or app.kind == "system" or redirects[0] not in app.redirects:
        raise UnknownApp
    return app, redirects[0]
