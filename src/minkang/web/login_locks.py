"""Who is shut out of the log-in for failures, and letting them in again: security administrator."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from minkang.accounts.address_key import address_key
from minkang.accounts.failures import (
    locked_addresses,
    locked_logins,
    unlock_address,
    unlock_login,
)
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter

PAGE = "/security/log-ins"


@get("/security/log-ins")
async def locks_page(visitor: VisitorParameter) -> Response[Any]:
    """Logins and addresses that are shut out, and addresses with failures lately."""
    await visitor.ask("unlock-logins", object_type="log-ins")
    web = visitor.web
    return visitor.page(
        "security/log_ins.html",
        logins=await locked_logins(web.store.pool, web.keys, now=visitor.now),
        addresses=await locked_addresses(web.store.pool, now=visitor.now),
        own=address_key(visitor.address),
        shared=visitor.origin.shared,
        said=visitor.request.query_params.get("said", ""),
    )


@post("/security/log-ins/unlock")
async def unlock(visitor: VisitorParameter, data: Form) -> Redirect:
    """Let a login or an address in again."""
    login, address = data.get("login", ""), data.get("address", "")
    what = "login" if login else "address"
    await visitor.ask("unlock-logins", object_type="log-ins", object_id=what)
    web = visitor.web
    told: dict[str, Any] = {"by": visitor.account, "now": visitor.now, "address": visitor.address}
    if login:
        done = await unlock_login(web.store.pool, web.keys, web.gate.log, login, **told)
    else:
        done = await unlock_address(web.store.pool, web.gate.log, address, **told)
    return Redirect(f"{PAGE}?said={'unlocked' if done else 'nothing'}", status_code=303)
