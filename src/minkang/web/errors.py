"""Refusals and failures as pages in the visitor's language, or as short texts for parts."""

import logging
import secrets
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from minkang.accounts.roles import CLINICAL
from minkang.audit import AuditUnavailable
from minkang.web.denied import denied
from minkang.web.own_path import own_path
from minkang.web.rendering import render
from minkang.web.visitor import ConfirmationNeeded, NotAllowed

_log = logging.getLogger(__name__)


def not_allowed(request: Request[Any, Any, Any], error: NotAllowed) -> Response[Any]:
    """To the log-in if nobody is logged in, else the refusal with what can be done about it."""
    visitor, reason = error.visitor, error.decision.reason
    part = "hx-request" in request.headers
    if visitor.account is None:
        if part:
            return Response("", status_code=401, headers={"HX-Redirect": _log_in_again(request)})
        if request.method == "GET" and "text/event-stream" not in request.headers.get("accept", ""):
            return Redirect(f"/login?next={request.url.path}", status_code=303)
        return _page(request, 401)
    if part:
        return Response("", status_code=403, media_type=MediaType.HTML)
    if error.person is not None and visitor.account.role in CLINICAL:
        return denied(visitor, error.person, reason)
    needs = {
        "/centre": visitor.say("信息中心"),
        "/doctor": visitor.say("医生工作台"),
        "/record": visitor.say("居民档案"),
        "/me": visitor.say("居民服务"),
        "/glass": visitor.say("紧急查阅复核"),
        "/families": visitor.say("监护关系核对"),
        "/objections": visitor.say("居民异议"),
        "/files": visitor.say("健康档案管理"),
        "/corrections": visitor.say("更正申请"),
        "/my/": visitor.say("我的登录"),
        "/security": visitor.say("安全管理员"),
        "/administration": visitor.say("系统管理员"),
        "/oauth": visitor.say("医务人员和居民"),
    }
    area = next((words for path, words in needs.items() if request.url.path.startswith(path)), "")
    return visitor.page("no_permission.html", status=403, needs=area, request_id="")


def not_confirmed(request: Request[Any, Any, Any], error: ConfirmationNeeded) -> Response[Any]:
    """To the page where the visitor proves once more who they are, and on from there."""
    target = f"/my/confirm?next={error.back}"
    if "hx-request" in request.headers:
        return Response("", status_code=403, headers={"HX-Redirect": target})
    return Redirect(target, status_code=303)


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Every other failure; what happened inside goes to the log, not to the page."""
    status, request_id, retry = 500, "", None
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, asyncpg.DataError):
        status = 400  # a number or a character that no column holds
        _log.warning("unsuitable value: %s", type(error).__name__)
    elif isinstance(
        error,
        AuditUnavailable
        | OSError
        | asyncpg.PostgresConnectionError
        | asyncpg.OperatorInterventionError
        | asyncpg.InterfaceError
        | asyncpg.InternalClientError,
    ):
        status, retry = 503, 5
        _log.warning("unavailable: %s", error)
    if status >= 500 and retry is None:
        request_id = secrets.token_hex(6)
        _log.error("request %s failed", request_id, exc_info=error)
    if "hx-request" in request.headers:
        return Response("", status_code=status, media_type=MediaType.HTML)
    return _page(request, status, request_id, retry)


def _page(
    request: Request[Any, Any, Any],
    status: int,
    request_id: str = "",
    retry_after: int | None = None,
) -> Response[Any]:
    return render(
        request,
        "error.html",
        account=None,
        demo=False,
        status=status,
        headers={"Retry-After": str(retry_after)} if retry_after else {},
        request_id=request_id,
        retry_after=retry_after,
        detail="",
        back=_page_before(request),
        log_in=_log_in_again(request),
    )


def _page_before(request: Request[Any, Any, Any]) -> str:
    """The path of the page of this site from which the request came; '' if it is not known."""
    came = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
    path = own_path(came.path) if came.netloc == request.headers.get("host", "") else ""
    return path if path != request.url.path or request.method != "GET" else ""


def _log_in_again(request: Request[Any, Any, Any]) -> str:
    """The log-in that leads back to the page on which the session was found to have ended; what was
    typed there is still in the browser.
    """
    before = _page_before(request)
    return f"/login?said=expired&next={before}" if before else "/login?said=expired"
