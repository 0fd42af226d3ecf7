"""Where I am logged in: the list, ending one, the others, all."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from minkang.accounts import Account, end_all_sessions
from minkang.accounts.oidc_links import links_of
from minkang.accounts.open_sessions import end_other_sessions, end_session, open_sessions
from minkang.accounts.recovery_codes import codes_left
from minkang.accounts.second_factor import has_factor
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

PAGE = "/my/sessions"

LEVELS = {
    "password": N_("密码"),
    "second-factor": N_("密码和二次验证"),
    "oidc": N_("统一认证"),
}


@get("/my/sessions")
async def sessions_page(visitor: VisitorParameter) -> Response[Any]:
    """My log-in: where I am logged in, and what protects it."""
    account = await owner(visitor, "sessions")
    pool, settings = visitor.web.store.pool, visitor.web.settings
    proof = await visitor.proof()
    shown = [
        {
            "id": str(one.id),
            "address": one.address,
            "browser": one.browser,
            "created": one.created,
            "seen": one.seen,
            "level": visitor.say(LEVELS.get(one.level, one.level)),
            "here": one.id == proof.id,
        }
        for one in await open_sessions(pool, account.id, now=visitor.now)
    ]
    linked = {one.provider: one.created for one in await links_of(pool, account.id)}
    return visitor.page(
        "my/sessions.html",
        sessions=sorted(shown, key=lambda one: not one["here"]),
        factor=await has_factor(pool, account.id),
        codes_left=await codes_left(pool, account.id),
        providers=[
            {"id": one.id, "name": one.name, "since": linked.get(one.id)} for one in settings.oidc
        ],
        said=visitor.request.query_params.get("said", ""),
    )


@post("/my/sessions/end")
async def session_end(visitor: VisitorParameter, data: Form) -> Redirect:
    """End one of my sessions."""
    account = await owner(visitor, "sessions/end")
    web = visitor.web
    try:
        session = UUID(data.get("session", ""))
    except ValueError:
        return Redirect(PAGE, status_code=303)
    await end_session(
        web.store.pool,
        web.gate.log,
        account.id,
        session,
        now=visitor.now,
        by=account,
        address=visitor.address,
    )
    return Redirect(f"{PAGE}?said=ended", status_code=303)


@post("/my/sessions/end-others")
async def sessions_end_others(visitor: VisitorParameter) -> Redirect:
    """End all my sessions but this one."""
    account = await owner(visitor, "sessions/end-others")
    web, proof = visitor.web, await visitor.proof()
    await end_other_sessions(
        web.store.pool,
        web.gate.log,
        account,
        proof.id,
        now=visitor.now,
        address=visitor.address,
    )
    return Redirect(f"{PAGE}?said=ended", status_code=303)


@post("/my/sessions/end-all")
async def sessions_end_all(visitor: VisitorParameter) -> Redirect:
    """End all my sessions, this one, too."""
    account = await owner(visitor, "sessions/end-all")
    web = visitor.web
    await end_all_sessions(
        web.store.pool,
        web.gate.log,
        account.id,
        now=visitor.now,
        by=account,
        address=visitor.address,
    )
    return Redirect("/login", status_code=303)


async def owner(visitor: Visitor, what: str) -> Account:
    """Whose log-in the page is about: the visitor's own.

    Raises:
        NotAllowed: nobody is logged in, or a machine's role.
    """
    await visitor.ask("manage-own-login", object_type="own-login", object_id=what)
    assert visitor.account is not None  # noqa: S101 - the policy lets nobody else pass
    return visitor.account
