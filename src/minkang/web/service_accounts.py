"""Accounts of programs: the list, making one, its tokens, its end. For the system administrator."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import AccountRefused, organisation_names
from minkang.accounts.service_accounts import (
    NewService,
    ServiceToken,
    create_service,
    end_service,
    rotate_service,
    service_accounts,
)
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

PAGE = "/administration/services"
_TOKEN_DAYS = 90
_PROBLEMS = {
    "text-unsuitable": N_("请填写名称、用途、责任人和联系方式，每项最多 200 个字。"),
    "lifetime": N_("有效期要在 1 到 366 天之间。"),
    "organisation-unknown": N_("请从名录里选一个机构。"),
    "account-unknown": N_("没有这个服务账号，或它已经结束。"),
}


@get("/administration/services")
async def services_page(visitor: VisitorParameter) -> Response[Any]:
    """All service accounts."""
    await visitor.ask("manage-services", object_type="services")
    return await _page(visitor)


@post("/administration/services")
async def service_create(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Make one."""
    await visitor.ask("manage-services", object_type="services", object_id="new")
    await visitor.confirmed(PAGE)
    web, days = visitor.web, data.get("days", "")
    new = NewService(
        name=data.get("name", "").strip(),
        purpose=data.get("purpose", "").strip(),
        owner=data.get("owner", "").strip(),
        contact=data.get("contact", "").strip(),
        organisation=data.get("organisation", "").strip(),
        lifetime=timedelta(
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
        ),
    )
    try:
        await create_service(
            web.store.pool,
            web.gate.log,
            new,
            by=visitor.account,
            now=visitor.now,
            address=visitor.address,
        )
    except AccountRefused as refused:
        return await _page(visitor, 422, error=refused.code, typed=data)
    return Redirect(f"{PAGE}?said=made", status_code=303)


@post("/administration/services/{service:str}/rotate")
async def service_rotate(visitor: VisitorParameter, service: FromPath[str]) -> Response[Any]:
    """A new token, shown this once; those before are worth nothing."""
    await visitor.ask("manage-services", object_type="Account", object_id=service)
    await visitor.confirmed(PAGE)
    web = visitor.web
    try:
        made = await rotate_service(
            web.store.pool,
            web.keys,
            web.gate.log,
            service,
            timedelta(days=_TOKEN_DAYS),
            by=visitor.account,
            now=visitor.now,
            address=visitor.address,
        )
    except AccountRefused as refused:
        return await _page(visitor, 404, error=refused.code)
    return await _page(visitor, made=made, whose=service)


@post("/administration/services/{service:str}/end")
async def service_end(visitor: VisitorParameter, service: FromPath[str]) -> Response[Any]:
    """End it."""
    await visitor.ask("manage-services", object_type="Account", object_id=service)
    await visitor.confirmed(PAGE)
    web = visitor.web
    try:
        await end_service(
            web.store.pool,
            web.gate.log,
            service,
            by=visitor.account,
            now=visitor.now,
            address=visitor.address,
        )
    except AccountRefused as refused:
        return await _page(visitor, 404, error=refused.code)
    return Redirect(f"{PAGE}?said=ended", status_code=303)


async def _page(
    visitor: Visitor,
    status: int = 200,
    *,
    error: str = "",
    typed: dict[str, str] | None = None,
    made: ServiceToken | None = None,
    whose: str = "",
) -> Response[str]:
    pool = visitor.web.store.pool
    known = await service_accounts(pool, now=visitor.now)
    named = {one.id: one.name for one in known}
    return visitor.page(
        "security/services.html",
        status=status,
        services=[
            {"one": one, "works": one.ended is None and one.expires > visitor.now} for one in known
        ],
        organisations=sorted((await organisation_names(pool)).items()),
        error=visitor.say(_PROBLEMS[error]) if error in _PROBLEMS else "",
        typed=typed or {},
        made=made,
        whose=named.get(whose, ""),
        token_days=_TOKEN_DAYS,
        said=visitor.request.query_params.get("said", ""),
    )
