"""`/launch/{id}/record…`: the record's own pages, for whoever a framed session is of.

Stands before the pages: it finds the session by the id in the address and the cookie of that name,
lets through what may be opened in a frame, and hands it on as if it were asked for at `/record`.
Several frames of one browser, each of another resident, do not disturb one another; the browser's
ordinary session counts in none of them.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from litestar.middleware.csrf import generate_csrf_hash
from litestar.types import ASGIApp

from minkang.crypto import hmac_sm3
from minkang.policy.launch import Frame, LaunchRefused, frame_of
from minkang.web.context import Web
from minkang.web.cookies import forms_cookie_name, frame_cookie_name
from minkang.web.frame import BASE, address_of, may_hold, put_frame

_PATH: Final = re.compile(rf"{BASE}/([0-9a-f-]{{36}})/record((?:/[^?#]*)?)")
_READING: Final = ("GET", "HEAD")
_POSTED: Final = frozenset({"/code", "/consent", "/glass"})
_NOT_FRAMED: Final = ("/apps",)
_FORMS: Final = b"minkang frame forms 1\0"
_LANGUAGE: Final = "minkang_language"
ENDED: Final = f"{BASE}/over"
"""The page that says why a frame shows nothing any more."""


def framed(web: Web, pages: ASGIApp) -> ASGIApp:
    """The pages, and before them the door of those in frames."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await pages(scope, receive, send)
            return
        launch, rest = asked.groups()
        cookies = _cookies(scope)
        token = cookies.get(frame_cookie_name(secure=web.settings.https), "")
        now = datetime.now(UTC)
        try:
            frame = await frame_of(web.store.pool, web.keys, launch, token, now=now)
        except LaunchRefused as refusal:
            over = _refused(scope, refusal.code)
            await pages(over, receive, _sender(send, refusal.origins))
            return
        if not _opens(scope["method"], rest):
            over = _refused(scope, "outside")
            await pages(over, receive, _sender(send, frame.system.origins))
            return
        inside: Any = {
            **scope,
            "path": f"/record/{frame.person}{rest}",
            "raw_path": f"/record/{frame.person}{rest}".encode(),
            "headers": _headers(web, scope, frame, token, cookies),
        }
        put_frame(inside, frame)
        await pages(inside, receive, _sender(send, frame.system.origins, frame))

    return application


def _opens(method: str, rest: str) -> bool:
    """Whether a frame may open this below the record; of forms those that lead to the record."""
    if rest.startswith(_NOT_FRAMED):
        return False
    return method in _READING or (method == "POST" and rest in _POSTED)


def _cookies(scope: Mapping[str, Any]) -> dict[str, str]:
    given = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        return {name: one.value for name, one in SimpleCookie(given.decode("latin-1")).items()}
    except CookieError:
        return {}


def _headers(
    web: Web, scope: Mapping[str, Any], frame: Frame, token: str, cookies: Mapping[str, str]
) -> list[tuple[bytes, bytes]]:
    """The headers, with those cookies alone that count in a frame: the language, and the token of
    forms, which no cookie brings here (`lax` ones do not come along in frames of other sites).
    """
    secret = web.keys.session_key
    begun = hmac_sm3(secret, _FORMS + frame.id.encode() + token.encode(errors="replace")).hex()
    forms = begun + generate_csrf_hash(begun, secret.hex())
    kept = {forms_cookie_name(secure=web.settings.https): forms}
    if _LANGUAGE in cookies:
        kept[_LANGUAGE] = cookies[_LANGUAGE]
    told = "; ".join(f"{name}={value}" for name, value in kept.items())
    others = [one for one in scope["headers"] if one[0] != b"cookie"]
    return [*others, (b"cookie", told.encode("latin-1", "replace"))]


def _refused(scope: Any, code: str) -> Any:
    """The same request, for the page that says why there is nothing."""
    path = f"{ENDED}/{code}"
    others = [one for one in scope["headers"] if one[0] not in (b"cookie", b"content-length")]
    return {
        **scope,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": others,
    }


def _sender(send: Any, origins: tuple[str, ...], frame: Frame | None = None) -> Any:
    """Sends on, with the pages that may hold the frame, and places that lie within it."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [
                one
                for name, value in message.get("headers", ())
                if (one := _answered(name.lower(), value, origins, frame)) is not None
            ]
            message = {**message, "headers": headers}
        await send(message)

    return sending


def _answered(
    name: bytes, value: bytes, origins: tuple[str, ...], frame: Frame | None
) -> tuple[bytes, bytes] | None:
    if name == b"content-security-policy" and origins:
        return name, may_hold(value.decode("latin-1"), origins).encode("latin-1")
    if name in (b"location", b"hx-redirect", b"hx-push-url") and frame is not None:
        place, own = value.decode("latin-1"), f"/record/{frame.person}"
        kept = place.startswith(own)
        inside = address_of(frame) + place[len(own) :] if kept else f"{ENDED}/outside"
        return name, inside.encode("latin-1")
    return None if name == b"set-cookie" else (name, value)
