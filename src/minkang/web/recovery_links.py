"""Making a recovery link for somebody who can't log in any more: system administrator."""

from typing import Any

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from minkang.accounts import AccountRefused
from minkang.accounts.recovery import make_recovery_link, recovering
from minkang.web.login import Form
from minkang.web.login_settings import public_address
from minkang.web.parameters import VisitorParameter


@post("/administration/people/{account:str}/recovery-link")
async def recovery_link(
    visitor: VisitorParameter, account: FromPath[str], data: Form
) -> Response[Any]:
    """Make the link and show it, this once; `factor`: it also takes the second factor away."""
    await visitor.ask("manage-people", object_type="Account", object_id=account)
    back = f"/administration/people/{account}"
    await visitor.confirmed(back)
    web = visitor.web
    try:
        link = await make_recovery_link(
            web.store.pool,
            web.keys,
            web.gate.log,
            account,
            by=visitor.account,
            now=visitor.now,
            factor=data.get("factor") == "on",
            address=visitor.address,
        )
    except AccountRefused as refused:
        if refused.code not in ("own-account", "operator-only"):
            raise NotFoundException from refused
        return visitor.page(
            "security/recovery_link.html", status=422, link="", back=back, why=refused.code
        )
    found = await recovering(web.store.pool, web.keys, link.token, now=visitor.now)
    return visitor.page(
        "security/recovery_link.html",
        link=f"{public_address(web.settings)}/recover/{link.token}",
        expires=link.expires,
        whose=found,
        back=back,
    )
