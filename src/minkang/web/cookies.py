"""The cookies: which carries the session, and what browsers are told about them.

By HTTPS their names begin with `__Host-`: browsers then take them from this host and path alone, so
that no neighbouring host and no plain HTTP answer can slip one in (RFC 6265bis, 4.1.3.2).
"""

from typing import Final

from litestar.datastructures import Cookie

_PREFIX: Final = "__Host-"
_SECURE: Final = "__Secure-"
_SESSION: Final = "minkang_session"
_FRAME: Final = "minkang_frame"
_FORMS: Final = "minkang_csrf"
_OIDC: Final = "minkang_oidc"

SIMPLE: Final = "minkang_simple"
"""Carries `1` if the visitor wants the simple pages; read by `rendering`, never by scripts."""

OIDC_SECONDS: Final = 600
_YEAR: Final = 31536000


def session_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that carries a session."""
    return _PREFIX + _SESSION if secure else _SESSION


def forms_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that a form's token is compared with."""
    return _PREFIX + _FORMS if secure else _FORMS


def oidc_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that binds a log-in at a provider to this browser."""
    return _PREFIX + _OIDC if secure else _OIDC


def frame_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that carries a session in a frame."""
    return _SECURE + _FRAME if secure else _FRAME


def frame_cookie(token: str, launch: str, seconds: int, *, secure: bool) -> str:
    """The header `Set-Cookie` of a session in a frame; it goes to the addresses of that frame only.

    By HTTPS `SameSite=None`, or browsers would not send it in another site's page, and
    `Partitioned` (CHIPS): each site that holds frames has a jar of its own, which blocking of
    third-party cookies leaves alone. Plain HTTP, on the own machine, allows neither; there the page
    around the frame is of the same site. Written here because `http.cookies` knows the attribute
    from Python 3.14 on.
    """
    name = frame_cookie_name(secure=secure)
    place = f"{name}={token}; Path=/launch/{launch}; Max-Age={seconds}; HttpOnly"
    return f"{place}; Secure; SameSite=None; Partitioned" if secure else f"{place}; SameSite=Lax"


def session_cookie(token: str, seconds: int, *, secure: bool) -> Cookie:
    """The cookie that carries a session: not for scripts, not for other sites."""
    return _cookie(session_cookie_name(secure=secure), token, seconds, secure=secure)


def oidc_cookie(state: str, *, secure: bool) -> Cookie:
    """The cookie of a log-in at a provider. `lax`: it must come along when the provider sends the
    browser back.
    """
    return _cookie(oidc_cookie_name(secure=secure), state, OIDC_SECONDS, secure=secure)


def simple_cookie(*, on: bool) -> Cookie:
    """The cookie of the simple pages, for a year; it tells nothing of the visitor."""
    return Cookie(SIMPLE, value="1" if on else "0", path="/", max_age=_YEAR, samesite="lax")


def gone(name: str, *, secure: bool) -> Cookie:
    """Takes a cookie away; with the same attributes, or browsers ignore it."""
    return _cookie(name, "", 0, secure=secure)


def _cookie(name: str, value: str, seconds: int, *, secure: bool) -> Cookie:
    return Cookie(
        name,
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        secure=secure,
        samesite="lax",
    )
