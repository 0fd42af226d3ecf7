"""Log in, log out, choose the language, and the way from `/` to each role's home."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.exceptions import ServiceUnavailableException
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from minkang.accounts import Busy, Disabled, Locked, Session, log_in, log_out
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import LANGUAGES
from minkang.web.visitor import SESSION_COOKIE, Visitor, session_cookie

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

HOMES = {"doctor": "/doctor", "resident": "/me", "information-centre": "/centre/messages"}


@get("/")
async def home(visitor: VisitorParameter) -> Redirect:
    """To the role's own pages."""
    return Redirect(_home(visitor), status_code=303)


@get("/login")
async def login_page(visitor: VisitorParameter, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    """The log-in page; who is logged in goes home."""
    if visitor.account is not None:
        return Redirect(_home(visitor), status_code=303)
    return _login_page(visitor, next=next)


@post("/login")
async def login(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Log in; the session begins anew, whatever the browser brought along."""
    typed, next_path = data.get("login", ""), _own_path(data.get("next", ""))
    outcome = await log_in(
        web.store.pool,
        web.keys,
        web.gate.log,
        typed,
        data.get("password", ""),
        address=visitor.address,
        now=visitor.now,
    )
    if isinstance(outcome, Session):
        target = next_path or HOMES.get(outcome.account.role, "/")
        answer = Redirect(target, status_code=303)
        seconds = int((outcome.ends - visitor.now).total_seconds())
        answer.set_cookie(
            session_cookie(outcome.token, seconds, secure=web.settings.secure_cookies)
        )
        return answer
    if isinstance(outcome, Locked):
        minutes = math.ceil((outcome.until - visitor.now).total_seconds() / 60)
        return _login_page(
            visitor, 429, login=typed, next=next_path, error="locked", locked_minutes=minutes
        )
    if isinstance(outcome, Busy):
        raise ServiceUnavailableException
    error = "disabled" if isinstance(outcome, Disabled) else "wrong"
    return _login_page(visitor, 401, login=typed, next=next_path, error=error)


@post("/logout")
async def logout(web: WebParameter, request: Request[Any, Any, Any]) -> Redirect:
    """End the session here and everywhere it was copied to."""
    token = request.cookies.get(SESSION_COOKIE, "")
    if token:
        await log_out(web.store.pool, web.keys, web.gate.log, token, now=datetime.now(UTC))
    answer = Redirect("/login", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@post("/language")
async def language(data: Form) -> Redirect:
    """Keep the visitor's language in a cookie for a year."""
    chosen = data.get("language", "")
    answer = Redirect(_own_path(data.get("back", "")) or "/", status_code=303)
    if chosen in dict(LANGUAGES):
        answer.set_cookie(
            Cookie("minkang_language", value=chosen, path="/", max_age=31536000, samesite="lax")
        )
    return answer


def _home(visitor: Visitor) -> str:
    return HOMES.get(visitor.account.role, "/login") if visitor.account else "/login"


def _own_path(path: str) -> str:
    """A path of this site, or nothing: log-in must not lead elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""


def _login_page(visitor: Visitor, status: int = 200, **context: Any) -> Response[str]:
    demonstration = visitor.web.demonstration
    values = {"error": None, "locked_minutes": 0, "login": "", "next": "", **context}
    values["next"] = _own_path(str(values["next"]))
    accounts = demonstration.accounts if demonstration else ()
    return visitor.page("login.html", status=status, demo_accounts=accounts, **values)
