"""Registered apps: the system administrator asks for them, the security administrator decides."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.accounts.apps import (
    App,
    app_of,
    approve_app,
    apps,
    change_app,
    give_secret,
    registration_of,
    request_app,
    suspend_app,
)
from minkang.accounts.apps_rules import AppRefused, Registration, joined, texts_of
from minkang.web.context import Web
from minkang.web.login import Form
from minkang.web.meanwhile import Labels, conflict, was
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.scope_words import scope_words
from minkang.web.visitor import Visitor

_KINDS = {
    "public": N_("公开应用：在浏览器或手机上运行，不保存密钥"),
    "confidential": N_("机密应用：在服务器上运行，能保存密钥"),
    "system": N_("后台系统：没有人登录，代表机构读写"),
}
_WRONG = {
    "text": N_("名称、用途、责任单位和联系方式都要填写，最多 200 个字"),
    "kind": N_("公开应用不能有密钥，请选择应用类别"),
    "redirects": N_("应用要有 1 至 10 个回调地址；后台系统不能有"),
    "redirect": N_("回调地址应为 https 的完整地址，不带 # 和 *；本机可用 http://127.0.0.1"),
    "scopes": N_("至少填写一个权限范围"),
    "scope": N_("权限范围不认识，或不适合这一类应用"),
    "keys": N_("公钥应为 JWK 集（JSON）：RSA 2048 位以上或 P-384，不能有私钥"),
    "keys-url": N_("公钥地址应为 https 地址"),
    "keys-needed": N_("还没有公钥或口令，不能批准：请先登记公钥或生成口令"),
    "organisation-needed": N_("后台系统要写明所属机构"),
    "organisation-unknown": N_("没有这个机构"),
    "minutes": N_("令牌有效期为 5 至 60 分钟"),
    "days": N_("授权最长 1 至 366 天"),
    "state": N_("其他人刚刚改动了它，请重新查看后再决定"),
    "changed-meanwhile": N_("您打开表单以后，别人改了这些内容：还没有保存您的，请对照后再保存"),
    "own-request": N_("登记的人不能自己批准"),
}

_FIELDS = {
    "name": N_("名称"),
    "purpose": N_("用途"),
    "owner": N_("责任单位"),
    "contact": N_("联系方式"),
    "kind": N_("应用类别"),
    "organisation": N_("所属机构（后台系统）"),
    "launch": N_("启动地址"),
    "keys_url": N_("公钥地址"),
    "access_minutes": N_("令牌有效期（分钟，5 至 60）"),
    "offline_days": N_("授权最长天数（1 至 366）"),
    "redirects": N_("回调地址"),
    "scopes": N_("权限范围"),
    "keys": N_("公钥（JWK 集）"),
}

_NOT_SAVED = N_("没能保存，请检查填写的内容")


@get("/administration/apps")
async def apps_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """All apps, for who registers them."""
    await visitor.ask("manage-apps", object_type="App")
    return await _list(web, visitor, "/administration/apps")


@get("/administration/apps/new")
async def app_new(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """An empty registration."""
    await visitor.ask("manage-apps", object_type="App")
    return await _form_page(web, visitor, None, {}, "")


@post("/administration/apps/new")
async def app_request(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Keep a registration; it waits for the security administrator."""
    await visitor.ask("manage-apps", object_type="App")
    try:
        made = await request_app(
            web.store.pool,
            web.gate.log,
            _registration(data),
            now=visitor.now,
            by=visitor.account,
            address=visitor.address,
        )
    except AppRefused as error:
        return await _form_page(web, visitor, None, data, _wrong(visitor, error))
    return Redirect(f"/administration/apps/{made.id}", status_code=303)


@get("/administration/apps/{app:str}")
async def app_page(
    web: WebParameter, visitor: VisitorParameter, app: FromPath[str]
) -> Response[Any]:
    """One app, to be changed."""
    await visitor.ask("manage-apps", object_type="App", object_id=app[:36])
    found = await _found(web, app)
    return await _form_page(web, visitor, found, _typed(found), "")


@post("/administration/apps/{app:str}")
async def app_change(
    web: WebParameter, visitor: VisitorParameter, app: FromPath[str], data: Form
) -> Response[Any]:
    """Change a registration: it must be approved anew. Or give the app a new secret."""
    await visitor.ask("manage-apps", object_type="App", object_id=app[:36])
    found = await _found(web, app)
    about: dict[str, Any] = {
        "now": visitor.now,
        "by": visitor.account,
        "address": visitor.address,
    }
    pool, log = web.store.pool, web.gate.log
    try:
        if data.get("action") == "secret":
            secret = await give_secret(pool, web.keys, log, found.id, **about)
            return await _form_page(web, visitor, found, _typed(found), "", secret=secret)
        _check_unchanged(found, data)
        given = _registration(data)
        found = await change_app(pool, log, found.id, given, since=found.requested, **about)
    except AppRefused as error:
        # What somebody else has made of it meanwhile.
        found = await _found(web, app)
        changed = error.code == "changed-meanwhile"
        wrong = _wrong(visitor, error)
        return await _form_page(web, visitor, found, data, wrong, changed=changed)
    return Redirect(f"/administration/apps/{found.id}", status_code=303)


@get("/security/apps")
async def apps_review(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """All apps, for who decides on them."""
    await visitor.ask("approve-apps", object_type="App")
    return await _list(web, visitor, "/security/apps")


@get("/security/apps/{app:str}")
async def app_review(
    web: WebParameter, visitor: VisitorParameter, app: FromPath[str]
) -> Response[Any]:
    """One app, to be decided on."""
    await visitor.ask("approve-apps", object_type="App", object_id=app[:36])
    return await _review_page(web, visitor, await _found(web, app), "")


@post("/security/apps/{app:str}")
async def app_decide(
    web: WebParameter, visitor: VisitorParameter, app: FromPath[str], data: Form
) -> Response[Any]:
    """Approve it or suspend it."""
    await visitor.ask("approve-apps", object_type="App", object_id=app[:36])
    found = await _found(web, app)
    decide = approve_app if data.get("action") == "approve" else suspend_app
    try:
        found = await decide(
            web.store.pool,
            web.gate.log,
            found.id,
            now=visitor.now,
            by=visitor.account,
            address=visitor.address,
        )
    except AppRefused as error:
        return await _review_page(web, visitor, found, _wrong(visitor, error))
    return Redirect(f"/security/apps/{found.id}", status_code=303)


async def _list(web: Web, visitor: Visitor, base: str) -> Response[Any]:
    names = await organisation_names(web.store.pool)
    rows = [
        {"app": one, "organisation": names.get(one.organisation or "", "")}
        for one in await apps(web.store.pool)
    ]
    return visitor.page("oauth/apps.html", rows=rows, base=base)


async def _form_page(
    web: Web,
    visitor: Visitor,
    app: App | None,
    typed: dict[str, str],
    error: str,
    *,
    secret: str = "",
    changed: bool = False,
) -> Response[Any]:
    now = _typed(app) if app else {}
    differing = conflict(_lines(typed), _lines(now), _labels(), visitor.say) if changed else []
    return visitor.page(
        "oauth/app_form.html",
        status=409 if changed else 400 if error else 200,
        app=app,
        now=now if changed else was(typed) or now,
        is_conflict=changed,
        conflict=differing,
        typed=typed,
        kinds=[(code, visitor.say(words)) for code, words in _KINDS.items()],
        organisations=sorted((await organisation_names(web.store.pool)).items()),
        error=error,
        secret=secret,
    )


async def _review_page(web: Web, visitor: Visitor, app: App, error: str) -> Response[Any]:
    names = await organisation_names(web.store.pool)
    return visitor.page(
        "oauth/app_review.html",
        status=400 if error else 200,
        app=app,
        kind=visitor.say(_KINDS[app.kind]),
        organisation=names.get(app.organisation or "", app.organisation or ""),
        scopes=scope_words(app.scopes, visitor.say),
        error=error,
    )


async def _found(web: Web, app: str) -> App:
    try:
        return await app_of(web.store.pool, app)
    except AppRefused as error:
        raise NotFoundException from error


def _registration(data: dict[str, str]) -> Registration:
    """What a form says; its fields are those of a registration and no others.

    Raises:
        AppRefused: a kind or a number that is none.
    """
    values: dict[str, Any] = {
        name: data.get(name, "").replace("\0", "").strip()
        for name in ("name", "purpose", "owner", "contact", "kind")
    }
    values["redirects"] = texts_of(data.get("redirects", ""))
    values["scopes"] = tuple(
        one for line in texts_of(data.get("scopes", "")) for one in line.split()
    )
    for name in ("organisation", "launch", "keys", "keys_url"):
        values[name] = data.get(name, "").replace("\0", "").strip() or None
    for name, code in (("access_minutes", "minutes"), ("offline_days", "days")):
        text = data.get(name, "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 5):
            raise AppRefused(code, text)
        values[name] = int(text)
    try:
        return msgspec.convert(values, Registration)
    except msgspec.ValidationError as error:
        raise AppRefused("kind") from error


def _typed(app: App) -> dict[str, str]:
    given = registration_of(app)
    values = {
        name: "" if value is None else str(value)
        for name, value in msgspec.structs.asdict(given).items()
    }
    return {**values, "redirects": joined(given.redirects), "scopes": joined(given.scopes)}


def _check_unchanged(app: App, data: Mapping[str, str]) -> None:
    """Whether the app is what the form showed.

    Raises:
        AppRefused: somebody has changed it meanwhile.
    """
    seen = was(data)
    if seen is not None and _lines(seen) != _lines(_typed(app)):
        raise AppRefused("changed-meanwhile")


def _labels() -> Labels:
    return {name: (words, _KINDS if name == "kind" else {}) for name, words in _FIELDS.items()}


def _lines(texts: Mapping[str, str]) -> dict[str, str]:
    """The fields of a registration, with ends of lines as they are kept, not as forms send them."""
    return {name: texts.get(name, "").replace("\r\n", "\n").strip() for name in _FIELDS}


def _wrong(visitor: Visitor, error: AppRefused) -> str:
    words = visitor.say(_WRONG.get(error.code, _NOT_SAVED))
    return f"{words}：{error.what}" if error.what and error.code in ("redirect", "scope") else words
