"""The steps of a log-in after the first: second factor, setting one up, a new password.

Whoever comes here has given a password; their session opens nothing else yet.
"""

from typing import Any

import segno
from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from minkang.accounts import AccountRefused, Session
from minkang.accounts.account import entry_by, parse_id
from minkang.accounts.password_change import fitting_password, keep_password
from minkang.accounts.recovery_codes import (
    looks_like_one,
    new_recovery_codes,
    use_recovery_code,
)
from minkang.accounts.second_factor import (
    FactorLocked,
    check_code,
    confirm_enrolment,
    enrol,
)
from minkang.accounts.sessions import Level, Step, Unfinished, step_done, unfinished_session
from minkang.web.login import STEPS, Form, entered, minutes_until
from minkang.web.own_path import own_path
from minkang.web.parameters import VisitorParameter
from minkang.web.password_words import problem_words, strength
from minkang.web.visitor import Visitor


@get("/login/second-factor")
async def factor_page(
    visitor: VisitorParameter,
    next: FromQuery[str] = "",  # noqa: A002
) -> Response[Any]:
    """Where the code of the app is typed."""
    found = await _unfinished(visitor, "second-factor")
    if isinstance(found, Redirect):
        return found
    return _factor_page(visitor, next)


@post("/login/second-factor")
async def factor(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Check the code of the app, or one from paper."""
    found = await _unfinished(visitor, "second-factor")
    if isinstance(found, Redirect):
        return found
    outcome = await given_factor(visitor, found.account, data.get("code", ""))
    if isinstance(outcome, FactorLocked):
        minutes = minutes_until(visitor, outcome.until)
        return _factor_page(visitor, data.get("next", ""), 429, "locked", minutes)
    if not outcome:
        return _factor_page(visitor, data.get("next", ""), 401, "wrong")
    return await _on(visitor, data.get("next", ""), "second-factor", "second-factor")


@get("/login/enrol")
async def enrol_page(
    visitor: VisitorParameter,
    next: FromQuery[str] = "",  # noqa: A002
) -> Response[Any]:
    """Where a second factor is set up by who must have one."""
    found = await _unfinished(visitor, "enrol")
    if isinstance(found, Redirect):
        return found
    return await _enrol_page(visitor, found, next)


@post("/login/enrol")
async def enrol_done(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Take the factor into use, then show the codes for paper, this once."""
    found = await _unfinished(visitor, "enrol")
    if isinstance(found, Redirect):
        return found
    web, account = visitor.web, found.account
    told: dict[str, Any] = {"now": visitor.now, "address": visitor.address}
    codes = (data.get("first", ""), data.get("second", ""))
    pool, log = web.store.pool, web.gate.log
    if not await confirm_enrolment(pool, web.keys, log, account, codes, **told):
        return await _enrol_page(visitor, found, data.get("next", ""), 401, "wrong")
    paper = await new_recovery_codes(pool, web.keys, log, account, **told)
    answer = await _on(visitor, data.get("next", ""), "enrol", "second-factor")
    page = visitor.page(
        "my/recovery_codes.html", codes=paper, onward=str(answer.url), own=account.name
    )
    page.cookies.extend(answer.cookies)
    return page


@get("/login/password")
async def password_page(
    visitor: VisitorParameter,
    next: FromQuery[str] = "",  # noqa: A002
) -> Response[Any]:
    """Where a password is set that has to be changed."""
    found = await _unfinished(visitor, "password")
    if isinstance(found, Redirect):
        return found
    return _password_page(visitor, next)


@post("/login/password")
async def password_set(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Set it; the old one was given a moment ago."""
    found = await _unfinished(visitor, "password")
    if isinstance(found, Redirect):
        return found
    new, next_path = data.get("new", ""), data.get("next", "")
    if new != data.get("again", ""):
        error = visitor.say("两次输入的新密码不一样。")
        return _password_page(visitor, next_path, 422, error)
    web, rules = visitor.web, visitor.web.login_rules.passwords
    try:
        fresh = await fitting_password(web.store.pool, parse_id(found.account.id), new, rules)
    except AccountRefused as refused:
        error = problem_words(refused.code, rules, visitor.say)
        return _password_page(visitor, next_path, 422, error)
    async with web.store.pool.acquire() as connection, connection.transaction():
        await keep_password(connection, fresh, visitor.now)
        entry = entry_by(
            found.account,
            "set-password",
            visitor.now,
            object_type="Account",
            object_id=found.account.id,
            address=visitor.address,
        )
        await web.gate.log.record(entry)
    return await _on(visitor, next_path, "password", None)


@post("/login/strength")
async def password_strength(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """How strong what is being typed is, for who is setting a password."""
    web = visitor.web
    account = visitor.account
    if account is None:
        found = await unfinished_session(web.store.pool, web.keys, visitor.token, now=visitor.now)
        account = found.account if found else None
    if account is None:
        return Response("", status_code=401)
    known = [account.login, account.name]
    told = strength(data.get("new", ""), known, visitor.say)
    return visitor.page("my/_strength.html", strength=told)


async def given_factor(visitor: Visitor, account: Any, code: str) -> bool | FactorLocked:
    """Whether this is the code of the account's app, or one of its codes on paper."""
    web = visitor.web
    check = use_recovery_code if looks_like_one(code) else check_code
    return await check(
        web.store.pool,
        web.keys,
        web.gate.log,
        account,
        code,
        now=visitor.now,
        address=visitor.address,
    )


def picture(address: str) -> str:
    """A QR code as the address of an image; black on white, or cameras can't read it."""
    made: str = segno.make(address, error="m").svg_data_uri(
        scale=5, border=3, dark="#000", light="#fff"
    )
    return made


async def _unfinished(visitor: Visitor, step: Step) -> Unfinished | Redirect:
    """The log-in that goes on with this step, or where else its owner belongs."""
    web = visitor.web
    if visitor.account is not None:
        return Redirect("/", status_code=303)
    found = await unfinished_session(web.store.pool, web.keys, visitor.token, now=visitor.now)
    if found is None:
        return Redirect("/login?said=expired", status_code=303)
    if found.waits[0] != step:
        return Redirect(STEPS[found.waits[0]], status_code=303)
    return found


async def _on(visitor: Visitor, next_path: str, step: Step, level: Level | None) -> Redirect:
    """The step is done: on with the session, under a new token."""
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        session: Session | None = await step_done(
            connection, web.keys, visitor.token, now=visitor.now, step=step, level=level
        )
    if session is None:
        return Redirect("/login?said=expired", status_code=303)
    return await entered(web, visitor, session, own_path(next_path))


def _factor_page(
    visitor: Visitor, next_path: str, status: int = 200, error: str = "", minutes: int = 0
) -> Response[str]:
    return visitor.page(
        "login_factor.html",
        status=status,
        next=own_path(next_path),
        error=error,
        minutes=minutes,
    )


async def _enrol_page(
    visitor: Visitor, found: Unfinished, next_path: str, status: int = 200, error: str = ""
) -> Response[Any]:
    web = visitor.web
    offered = await enrol(web.store.pool, web.keys, found.account, now=visitor.now)
    if offered is None:
        return Redirect("/login?said=expired", status_code=303)
    return visitor.page(
        "login_enrol.html",
        status=status,
        next=own_path(next_path),
        error=error,
        secret=offered.secret,
        picture=picture(offered.address),
    )


def _password_page(
    visitor: Visitor, next_path: str, status: int = 200, error: str = ""
) -> Response[str]:
    return visitor.page(
        "login_password.html",
        status=status,
        next=own_path(next_path),
        error=error,
        length=visitor.web.login_rules.passwords.length,
    )
