"""Apps in a browser: pages of other addresses may ask the doors that a bearer token opens.

SMART App Launch 2.2 (conformance) demands it of servers with public apps. Any origin may ask, but
without cookies: what opens a door is the token that the app brings, never who sits at the browser.
"""

from typing import Any, Final

from minkang.api.application import Application, Receive, Send

_ALLOWED: Final = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"content-location, etag, last-modified, location, www-authenticate, x-progress",
    ),
)
_BEFORE: Final = (
    *_ALLOWED,
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b", ".join(
            b"accept authorization content-type if-match if-modified-since if-none-exist"
            b" if-none-match prefer x-request-id".split()
        ),
    ),
    (b"access-control-max-age", b"600"),
    (b"content-length", b"0"),
)


def for_other_origins(door: Application) -> Application:
    """The same door, open to pages of other addresses."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        names = {name for name, _ in scope["headers"]}
        if b"origin" not in names:
            await door(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in names:
            await send({"type": "http.response.start", "status": 204, "headers": list(_BEFORE)})
            await send({"type": "http.response.body", "body": b""})
            return

        async def allowed(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_ALLOWED]}
            await send(message)

        await door(scope, receive, allowed)

    return application
