"""The cookies: which carries the session, and what browsers are told about them.

By HTTPS their names begin with `__Host-`: browsers then take them from this host and path alone, so
that no neighbouring host and no plain HTTP answer can slip one in (RFC 6265bis, 4.1.3.2).
"""

from typing import Final

from litestar.datastructures import Cookie

_PREFIX: Final = "__Host-"
_SESSION: Final = "minkang_session"
_FORMS: Final = "minkang_csrf"
_OIDC: Final = "minkang_oidc"

OIDC_SECONDS: Final = 600


def session_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that carries a session."""
    return _PREFIX + _SESSION if secure else _SESSION


def forms_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that a form's token is compared with."""
    return _PREFIX + _FORMS if secure else _FORMS


def oidc_cookie_name(*, secure: bool) -> str:
    """The name of the cookie that binds a log-in at a provider to this browser."""
    return _PREFIX + _OIDC if secure else _OIDC


def session_cookie(token: str, seconds: int, *, secure: bool) -> Cookie:
    """The cookie that carries a session: not for scripts, not for other sites."""
    return _cookie(session_cookie_name(secure=secure), token, seconds, secure=secure)


def oidc_cookie(state: str, *, secure: bool) -> Cookie:
    """The cookie of a log-in at a provider. `lax`: it must come along when the provider sends the
    browser back.
    """
    return _cookie(oidc_cookie_name(secure=secure), state, OIDC_SECONDS, secure=secure)


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
