"""Pages that are reached by HTTPS: browsers are told never to come otherwise."""

from typing import Any

from minkang.api import Application

_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""A year, RFC 6797, 6.1."""


def always_https(application: Application) -> Application:
    """The application, its answers with `Strict-Transport-Security`."""

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), _HSTS]}
            await send(message)

        await application(scope, receive, sent)

    return answering
