"""My second factor: set it up, codes for paper, take it away; and proving again who I am."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from minkang.accounts import Locked, Session, WrongCredentials
from minkang.accounts.confirm import confirm_password
from minkang.accounts.recovery_codes import codes_left, new_recovery_codes
from minkang.accounts.second_factor import (
    FactorLocked,
    confirm_enrolment,
    enrol,
    has_factor,
    remove_factor,
)
from minkang.accounts.sessions import Level, step_done
from minkang.web.login import Form, entered, minutes_until
from minkang.web.login_steps import given_factor, picture
from minkang.web.my_sessions import PAGE, owner
from minkang.web.own_path import own_path
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor

_OWN = "/my/second-factor"


@get("/my/second-factor")
async def my_factor_page(visitor: VisitorParameter) -> Response[Any]:
    """My second factor, or how to set one up."""
    await owner(visitor, "second-factor")
    await visitor.confirmed(_OWN)
    return await _page(visitor)


@post("/my/second-factor")
async def my_factor_enrol(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Take it into use, then show the codes for paper, this once."""
    account = await owner(visitor, "second-factor/enrol")
    await visitor.confirmed(_OWN)
    web = visitor.web
    told: dict[str, Any] = {"now": visitor.now, "address": visitor.address}
    codes = (data.get("first", ""), data.get("second", ""))
    pool, log = web.store.pool, web.gate.log
    if not await confirm_enrolment(pool, web.keys, log, account, codes, **told):
        return await _page(visitor, 422, "wrong")
    paper = await new_recovery_codes(pool, web.keys, log, account, **told)
    risen = await _risen(visitor, "second-factor")
    page = visitor.page("my/recovery_codes.html", codes=paper, onward=PAGE, own=account.name)
    if risen is not None:
        page.cookies.extend((await entered(web, visitor, risen, PAGE)).cookies)
    return page


@post("/my/second-factor/codes")
async def my_factor_codes(visitor: VisitorParameter) -> Response[Any]:
    """New codes for paper; the old ones are worth nothing then."""
    account = await owner(visitor, "second-factor/codes")
    await visitor.confirmed(_OWN)
    web = visitor.web
    if not await has_factor(web.store.pool, account.id):
        return Redirect(_OWN, status_code=303)
    paper = await new_recovery_codes(
        web.store.pool,
        web.keys,
        web.gate.log,
        account,
        now=visitor.now,
        address=visitor.address,
    )
    return visitor.page("my/recovery_codes.html", codes=paper, onward=PAGE, own=account.name)


@post("/my/second-factor/remove")
async def my_factor_remove(visitor: VisitorParameter) -> Redirect:
    """Take it away; who must have one sets up another at the next log-in."""
    account = await owner(visitor, "second-factor/remove")
    await visitor.confirmed(_OWN)
    web = visitor.web
    await remove_factor(
        web.store.pool,
        web.gate.log,
        account.id,
        now=visitor.now,
        by=account,
        address=visitor.address,
    )
    return Redirect(f"{PAGE}?said=factor-removed", status_code=303)


@get("/my/confirm")
async def confirm_page(
    visitor: VisitorParameter,
    next: FromQuery[str] = "",  # noqa: A002
) -> Response[Any]:
    """Where I prove once more who I am."""
    account = await owner(visitor, "confirm")
    has = await has_factor(visitor.web.store.pool, account.id)
    return _confirm_page(visitor, next, has)


@post("/my/confirm")
async def confirm(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """By the second factor, or by the password of who has none. The session gets a new token."""
    account = await owner(visitor, "confirm")
    web, given, next_path = visitor.web, data.get("given", ""), data.get("next", "")
    has = await has_factor(web.store.pool, account.id)
    outcome: Any
    if has:
        outcome = await given_factor(visitor, account, given)
    else:
        outcome = await confirm_password(
            web.store.pool,
            web.keys,
            web.gate.log,
            account,
            given,
            now=visitor.now,
            address=visitor.address,
        )
    if isinstance(outcome, FactorLocked | Locked):
        minutes = minutes_until(visitor, outcome.until)
        return _confirm_page(visitor, next_path, has, 429, "locked", minutes)
    if not outcome or isinstance(outcome, WrongCredentials):
        return _confirm_page(visitor, next_path, has, 401, "wrong")
    session = await _risen(visitor, "second-factor" if has else None)
    if session is None:
        return Redirect("/login?said=expired", status_code=303)
    return await entered(web, visitor, session, own_path(next_path))


async def _risen(visitor: Visitor, level: Level | None) -> Session | None:
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        return await step_done(connection, web.keys, visitor.token, now=visitor.now, level=level)


async def _page(visitor: Visitor, status: int = 200, error: str = "") -> Response[str]:
    assert visitor.account is not None  # noqa: S101 - `owner`
    web, account = visitor.web, visitor.account
    offered = await enrol(web.store.pool, web.keys, account, now=visitor.now)
    return visitor.page(
        "my/second_factor.html",
        status=status,
        error=error,
        secret=offered.secret if offered else "",
        picture=picture(offered.address) if offered else "",
        codes_left=await codes_left(web.store.pool, account.id),
        must=account.role in web.login_rules.second_factor_roles,
    )


def _confirm_page(
    visitor: Visitor,
    next_path: str,
    has: bool,
    status: int = 200,
    error: str = "",
    minutes: int = 0,
) -> Response[str]:
    return visitor.page(
        "my/confirm.html",
        status=status,
        next=own_path(next_path),
        factor=has,
        error=error,
        minutes=minutes,
    )
