"""Log in, log out, choose the language, and the way from `/` to each role's home."""

import math
from datetime import datetime, timedelta
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.exceptions import ServiceUnavailableException
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from minkang.accounts import (
    AddressLocked,
    Busy,
    Disabled,
    Locked,
    LoginRefusal,
    Session,
    log_in,
    log_out,
)
from minkang.accounts.roles import home_of
from minkang.accounts.simple_mode import wants_simple
from minkang.web.browser_name import browser_name
from minkang.web.context import Web
from minkang.web.cookies import gone, session_cookie, session_cookie_name, simple_cookie
from minkang.web.own_path import own_path
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import LANGUAGES
from minkang.web.visitor import Visitor

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

STEPS = {
    "second-factor": "/login/second-factor",
    "enrol": "/login/enrol",
    "password": "/login/password",
}
"""Where each step of the log-in is done that comes after the first."""


@get("/")
async def home(visitor: VisitorParameter) -> Redirect:
    """To the role's own pages."""
    return Redirect(_home(visitor), status_code=303)


@get("/login")
async def login_page(
    visitor: VisitorParameter,
    next: FromQuery[str] = "",  # noqa: A002
    said: FromQuery[str] = "",
) -> Response[Any]:
    """The log-in page; who is logged in goes home. `said`: why somebody comes here again."""
    if visitor.account is not None:
        return Redirect(_home(visitor), status_code=303)
    error = said if said in ("expired", "recovered") else None
    return page_of(visitor, next=next, error=error)


@post("/login")
async def login(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Log in; the session begins anew, whatever the browser brought along."""
    typed, next_path = data.get("login", ""), own_path(data.get("next", ""))
    outcome = await log_in(
        web.store.pool,
        web.keys,
        web.gate.log,
        typed,
        data.get("password", ""),
        address=visitor.address,
        browser=browser_name(visitor.request.headers.get("user-agent", "")),
        shared=visitor.origin.shared,
        now=visitor.now,
        rules=web.login_rules,
    )
    if isinstance(outcome, Session):
        await end_brought(visitor)
        return await entered(web, visitor, outcome, next_path)
    return _refused(visitor, outcome, typed, next_path)


@post("/logout")
async def logout(web: WebParameter, visitor: VisitorParameter) -> Redirect:
    """End the session here and everywhere it was copied to."""
    await end_brought(visitor)
    answer = Redirect("/login", status_code=303)
    secure = web.settings.https
    answer.set_cookie(gone(session_cookie_name(secure=secure), secure=secure))
    return answer


@post("/language")
async def language(data: Form) -> Redirect:
    """Keep the visitor's language in a cookie for a year."""
    chosen = data.get("language", "")
    answer = Redirect(own_path(data.get("back", "")) or "/", status_code=303)
    if chosen in dict(LANGUAGES):
        answer.set_cookie(
            Cookie("minkang_language", value=chosen, path="/", max_age=31536000, samesite="lax")
        )
    return answer


async def entered(web: Web, visitor: Visitor, session: Session, next_path: str) -> Redirect:
    """On with a session that has just got its token: to its next step, or to where it is good for.

    `next_path` has been judged by `own_path`.
    """
    if session.waits:
        kept = f"?next={next_path}" if next_path and "&" not in next_path else ""
        answer = Redirect(STEPS[session.waits[0]] + kept, status_code=303)
    else:
        answer = Redirect(next_path or home_of(session.account.role), status_code=303)
    seconds = int((session.ends - visitor.now).total_seconds())
    answer.set_cookie(session_cookie(session.token, seconds, secure=web.settings.https))
    if not session.waits and await wants_simple(web.store.pool, session.account.id):
        answer.set_cookie(simple_cookie(on=True))
    return answer


async def end_brought(visitor: Visitor) -> None:
    """End the session that the browser brought along, if it brought one."""
    web = visitor.web
    if visitor.token:
        await log_out(
            web.store.pool,
            web.keys,
            web.gate.log,
            visitor.token,
            now=visitor.now,
            address=visitor.address,
        )


def page_of(visitor: Visitor, status: int = 200, **context: Any) -> Response[str]:
    """The log-in page. `error` and the rest: see the template."""
    demonstration = visitor.web.demonstration
    values = {"error": None, "locked_minutes": 0, "login": "", "next": "", **context}
    values["next"] = own_path(str(values["next"]))
    accounts = demonstration.accounts if demonstration else ()
    providers = [{"id": one.id, "name": one.name} for one in visitor.web.settings.oidc]
    return visitor.page(
        "login.html", status=status, demo_accounts=accounts, providers=providers, **values
    )


def minutes_until(visitor: Visitor, until: datetime) -> int:
    """Whole minutes, at least one."""
    return max(1, math.ceil((until - visitor.now) / timedelta(minutes=1)))


def _refused(visitor: Visitor, outcome: LoginRefusal, typed: str, next_path: str) -> Response[str]:
    if isinstance(outcome, Busy):
        raise ServiceUnavailableException
    if isinstance(outcome, Locked | AddressLocked):
        error = "locked" if isinstance(outcome, Locked) else "address-locked"
        minutes = minutes_until(visitor, outcome.until)
        return page_of(
            visitor, 429, login=typed, next=next_path, error=error, locked_minutes=minutes
        )
    error = "disabled" if isinstance(outcome, Disabled) else "wrong"
    return page_of(visitor, 401, login=typed, next=next_path, error=error)


def _home(visitor: Visitor) -> str:
    return home_of(visitor.account.role) if visitor.account else "/login"
