"""Whose pages may hold the record in a frame: registered by the security administrator, by app."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.accounts.apps import App, app_of
from minkang.accounts.apps_rules import AppRefused, joined, texts_of
from minkang.policy.launch_systems import (
    LaunchSystem,
    LaunchSystemRefused,
    end_launch_system,
    keep_launch_system,
    launch_system,
)
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_WRONG: Final[Mapping[str, str]] = {
    "origins": N_("请填写 1 至 20 个页面来源，每行一个。"),
    "origin": N_(
        "页面来源应写成 https://his.example，不带路径和 *；本机可用 http://127.0.0.1:端口。"
    ),
    "institutions": N_("请填写这个系统服务的机构编号，每行一个。"),
    "institution-unknown": N_("没有这个机构编号，请核对。"),
    "issuer": N_("签名方名称太长，或已被另一个系统使用。"),
}


@get("/security/apps/{app:str}/frames")
async def frames_page(
    web: WebParameter, visitor: VisitorParameter, app: FromPath[str], saved: FromQuery[str] = ""
) -> Response[Any]:
    """Whose pages may hold the record that this app opens."""
    await visitor.ask("approve-apps", object_type="App", object_id=app[:36])
    found = await _app(web, app)
    known = await launch_system(web.store.pool, found.id, now=visitor.now)
    return await _page(visitor, found, _typed(found, known), known=known, saved=bool(saved))


@post("/security/apps/{app:str}/frames")
async def frames_keep(
    web: WebParameter, visitor: VisitorParameter, app: FromPath[str], data: Form
) -> Response[Any]:
    """Keep it, or take the app's right to open the record away."""
    await visitor.ask("approve-apps", object_type="App", object_id=app[:36])
    found = await _app(web, app)
    pool, log, place = web.store.pool, web.gate.log, f"/security/apps/{found.id}/frames"
    about: dict[str, Any] = {"now": visitor.now, "address": visitor.address}
    try:
        if data.get("action") == "end":
            await end_launch_system(pool, log, found.id, by=signed_in(visitor), **about)
            return Redirect(place, status_code=303)
        given = await _given(visitor, found, data)
        await keep_launch_system(pool, log, given, by=visitor.account, **about)
    except LaunchSystemRefused as error:
        words = visitor.say(_WRONG.get(error.code, _WRONG["origins"]))
        known = await launch_system(pool, found.id, now=visitor.now)
        return await _page(visitor, found, data, known=known, error=words)
    return Redirect(f"{place}?saved=1", status_code=303)


async def _given(visitor: Visitor, app: App, data: Mapping[str, str]) -> LaunchSystem:
    """What a form says.

    Raises:
        LaunchSystemRefused: `institution-unknown`, `institutions`.
    """
    names = await organisation_names(visitor.web.store.pool)
    institutions = texts_of(data.get("institutions", "").replace("\0", ""))
    if not institutions:
        raise LaunchSystemRefused("institutions")
    if any(one not in names for one in institutions):
        raise LaunchSystemRefused("institution-unknown")
    return LaunchSystem(
        client=app.id,
        name=app.name,
        organisation=app.organisation or institutions[0],
        institutions=institutions,
        origins=texts_of(data.get("origins", "").replace("\0", "")),
        issuer=data.get("issuer", "").replace("\0", "").strip() or None,
        patient_system=data.get("patient_system", "").replace("\0", "").strip(),
    )


async def _page(
    visitor: Visitor,
    app: App,
    typed: Mapping[str, str],
    *,
    known: LaunchSystem | None,
    error: str = "",
    saved: bool = False,
) -> Response[Any]:
    fields = ("origins", "institutions", "issuer", "patient_system")
    return visitor.page(
        "launch/frames.html",
        status=400 if error else 200,
        app=app,
        typed={name: typed.get(name, "") for name in fields},
        known=known,
        error=error,
        saved=saved,
        minutes=visitor.web.settings.launch_minutes,
    )


def _typed(app: App, known: LaunchSystem | None) -> dict[str, str]:
    if known is None:
        return {"institutions": app.organisation or ""}
    return {
        "origins": joined(known.origins),
        "institutions": joined(known.institutions),
        "issuer": known.issuer or "",
        "patient_system": known.patient_system,
    }


async def _app(web: Any, app: str) -> App:
    try:
        return await app_of(web.store.pool, app)
    except AppRefused as error:
        raise NotFoundException from error
