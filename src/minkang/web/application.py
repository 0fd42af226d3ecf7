"""The web application: routes, security headers, errors, static files."""

from importlib import resources
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.static_files import create_static_files_router
from litestar.types import Message, Scope

from minkang.web import (
    administration_routes,
    apps_routes,
    audit_routes,
    centre_routes,
    code_routes,
    demonstration,
    doctor_routes,
    files_routes,
    glass_routes,
    keys,
    launch_routes,
    login_routes,
    policy_routes,
    record_routes,
    region_routes,
    register_routes,
    resident_routes,
    review_routes,
    writing_routes,
)
from minkang.web.content_policy import CONTENT_POLICY
from minkang.web.context import Web
from minkang.web.cookies import forms_cookie_name
from minkang.web.errors import failed, not_allowed, not_confirmed
from minkang.web.login_settings import rules_of
from minkang.web.parameters import WebParameter
from minkang.web.visitor import ConfirmationNeeded, NotAllowed, Visitor, visitor_of

AREAS = (
    *login_routes.ROUTES,
    *administration_routes.ROUTES,
    *keys.ROUTES,
    *apps_routes.ROUTES,
    *launch_routes.ROUTES,
    *audit_routes.ROUTES,
    *policy_routes.ROUTES,
    *doctor_routes.ROUTES,
    *record_routes.ROUTES,
    *writing_routes.ROUTES,
    *glass_routes.ROUTES,
    *resident_routes.ROUTES,
    *code_routes.ROUTES,
    *centre_routes.ROUTES,
    *review_routes.ROUTES,
    *register_routes.ROUTES,
    *region_routes.ROUTES,
    *files_routes.ROUTES,
    *demonstration.ROUTES,
)
"""Every route that people meet: one line for each area."""

_MAX_BODY = 256 * 1024
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_application(web: Web, *further: Router) -> Litestar:
    """The application for people, with further routers mounted beside it.

    Raises:
        SettingsError: a setting of the log-in names what there is none of.
    """
    rules_of(web.settings, demonstration=False)
    static = Path(str(resources.files("minkang.web") / "static"))
    return Litestar(
        route_handlers=[
            *AREAS,
            create_static_files_router(
                "/static", [static], cache_control=None, after_request=_keep_forever
            ),
            *further,
        ],
        dependencies={
            "web": Provide(_web, sync_to_thread=False),
            "visitor": Provide(_visitor),
        },
        state=State({"web": web}),
        csrf_config=CSRFConfig(
            secret=web.keys.session_key.hex(),
            cookie_name=forms_cookie_name(secure=web.settings.https),
            header_name="x-csrftoken",
            cookie_secure=web.settings.https,
            cookie_httponly=True,
            cookie_samesite="lax",
            # A shared cache may keep built files; a token in one would be everybody's.
            exclude=["^/static/"],
        ),
        compression_config=CompressionConfig(backend="gzip", minimum_size=1000),
        exception_handlers={
            NotAllowed: not_allowed,
            ConfirmationNeeded: not_confirmed,
            Exception: failed,
        },
        before_send=[_secure],
        request_max_body_size=_MAX_BODY,
        openapi_config=None,
    )


def _web(state: State) -> Web:
    found: Web = state.web
    return found


async def _visitor(web: WebParameter, request: Request[Any, Any, Any]) -> Visitor:
    return await visitor_of(web, request)


async def _secure(message: Message, _: Scope) -> None:
    """On every answer: refusals and failures do not pass `after_request`."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)


async def _keep_forever(response: Response[Any]) -> Response[Any]:
    """Built files carry a hash of their content in their names."""
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
