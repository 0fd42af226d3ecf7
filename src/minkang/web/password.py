"""Changing my password, and choosing a new one behind a recovery link."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import AccountRefused, change_password
from minkang.accounts.recovery import Recovering, recover, recovering
from minkang.accounts.sessions import step_done
from minkang.web.login import Form, entered
from minkang.web.my_sessions import PAGE, owner
from minkang.web.parameters import VisitorParameter
from minkang.web.password_words import problem_words
from minkang.web.visitor import Visitor


@get("/my/password")
async def password_page(visitor: VisitorParameter) -> Response[Any]:
    """Where I change my password."""
    await owner(visitor, "password")
    return _page(visitor)


@post("/my/password")
async def password_change(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Change it; my other sessions end, this one goes on under a new token."""
    account = await owner(visitor, "password")
    web, proof = visitor.web, await visitor.proof()
    rules = web.login_rules.passwords
    if data.get("new", "") != data.get("again", ""):
        return _page(visitor, 422, {"again": visitor.say("两次输入的新密码不一样。")})
    try:
        await change_password(
            web.store.pool,
            web.gate.log,
            account,
            data.get("old", ""),
            data.get("new", ""),
            now=visitor.now,
            rules=rules,
            session=proof.id,
            address=visitor.address,
        )
    except AccountRefused as refused:
        field = "old" if refused.code == "password-wrong" else "new"
        return _page(visitor, 422, {field: problem_words(refused.code, rules, visitor.say)})
    async with web.store.pool.acquire() as connection:
        session = await step_done(connection, web.keys, visitor.token, now=visitor.now)
    if session is None:
        return Redirect("/login?said=expired", status_code=303)
    return await entered(web, visitor, session, f"{PAGE}?said=password")


@get("/recover/{token:str}")
async def recover_page(visitor: VisitorParameter, token: FromPath[str]) -> Response[Any]:
    """Where a new password is chosen behind a link; looking at it uses nothing up."""
    return _recover_page(visitor, token, await _recovering(visitor, token))


@post("/recover")
async def recover_done(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Set the password; then the log-in begins as always."""
    web, token, new = visitor.web, data.get("token", ""), data.get("new", "")
    found = await _recovering(visitor, token)
    if found is not None and new != data.get("again", ""):
        return _recover_page(visitor, token, found, visitor.say("两次输入的新密码不一样。"))
    rules = web.login_rules.passwords
    try:
        done = await recover(
            web.store.pool,
            web.keys,
            web.gate.log,
            token,
            new,
            now=visitor.now,
            rules=rules,
            address=visitor.address,
        )
    except AccountRefused as refused:
        error = problem_words(refused.code, rules, visitor.say)
        return _recover_page(visitor, token, found, error)
    if not done:
        return _recover_page(visitor, token, None)
    return Redirect("/login?said=recovered", status_code=303)


async def _recovering(visitor: Visitor, token: str) -> Recovering | None:
    web = visitor.web
    return await recovering(web.store.pool, web.keys, token, now=visitor.now)


def _recover_page(
    visitor: Visitor, token: str, found: Recovering | None, error: str = ""
) -> Response[str]:
    return visitor.page(
        "recover.html",
        status=410 if found is None else 422 if error else 200,
        token=token,
        found=found,
        error=error,
        length=visitor.web.login_rules.passwords.length,
    )


def _page(
    visitor: Visitor, status: int = 200, errors: dict[str, str] | None = None
) -> Response[str]:
    rules = visitor.web.login_rules.passwords
    return visitor.page("my/password.html", status=status, errors=errors or {}, rules=rules)
