"""What seals the data, for the security administrator: keys, their ages; and the two lists."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from minkang.crypto import KeyFilesMissing
from minkang.exchange.sealing import begin_resealing, how_far, rotate_data_key
from minkang.store.data_keys import data_keys
from minkang.store.reseal import NothingSeals
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_
from minkang.web.security_checks import list_of, security_state

PAGE = "/security/keys"
_FILES = {
    "id.key": (N_("推导资源编号"), N_("永不更换：换了，同一条数据会得到新编号")),
    "index.key": (N_("标识符检索的散列"), N_("更换须停机并重建索引，目前不提供")),
    "audit.key": (N_("审计日志的链"), N_("更换须另起新链，目前不提供")),
    "session.key": (
        N_("会话、令牌与凭据的散列"),
        N_("minkang keys rotate session，全部须重新签发"),
    ),
    "envelope.key": (N_("包裹数据密钥"), N_("minkang keys rewrap，不动数据")),
    "envelope.next.key": (N_("下一把信封密钥，待启用"), N_("minkang keys rewrap，启用它")),
    "envelope.previous.key": (N_("上一把信封密钥"), N_("各服务器都换好后可删除")),
    "recovery.passphrase": (N_("打开备份里的密钥"), N_("另存一份在别处；备份里没有它")),
}
_AREAS = {
    "resource": N_("当前资源"),
    "history": N_("历史版本"),
    "message": N_("收件箱原文"),
    "features": N_("居民匹配特征"),
}


class KeyFile(msgspec.Struct, frozen=True):
    """A file of the key folder: what it is for, how it is changed, since when it is there."""

    name: str
    what: str
    change: str
    since: datetime


@get(PAGE)
async def keys_page(visitor: VisitorParameter) -> Response[Any]:
    """All keys, and what is sealed by which."""
    await visitor.ask("see-keys", object_type="keys")
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        known = await data_keys(connection)
    files = await asyncio.to_thread(_files, web.settings.home / "keys")
    return visitor.page(
        "keys/keys.html",
        data_keys=list(reversed(known)),
        areas=[(_AREAS[one.area], one) for one in await how_far(web.store)],
        files=files,
        said=visitor.request.query_params.get("said", ""),
    )


@post(f"{PAGE}/rotate")
async def rotate(visitor: VisitorParameter) -> Redirect:
    """Make the data key that seals from now on."""
    await visitor.ask("rotate-keys", object_type="keys", object_id="data-key")
    await visitor.confirmed(PAGE)
    try:
        await rotate_data_key(visitor.web.store.pool, visitor.web.keys)
    except KeyFilesMissing:
        return Redirect(f"{PAGE}?said=no-envelope", status_code=303)
    return Redirect(f"{PAGE}?said=rotated", status_code=303)


@post(f"{PAGE}/reseal")
async def reseal(visitor: VisitorParameter) -> Redirect:
    """Let the worker seal everything under the newest key."""
    await visitor.ask("rotate-keys", object_type="keys", object_id="reseal")
    await visitor.confirmed(PAGE)
    try:
        await begin_resealing(visitor.web.store)
    except NothingSeals:
        return Redirect(f"{PAGE}?said=nothing-seals", status_code=303)
    return Redirect(f"{PAGE}?said=resealing", status_code=303)


@get("/security/list")
async def list_page(visitor: VisitorParameter) -> Response[Any]:
    """The level-3 list and the cryptography list, looked at now."""
    await visitor.ask("see-security", object_type="security-list")
    web = visitor.web
    state = await security_state(web.settings, web.keys, web.store.pool)
    return visitor.page(
        "keys/list.html",
        items=list_of(state),
        fits=sum(one.look.fits for one in state.values()),
        checks=len(state),
    )


def _files(folder: Path) -> Sequence[KeyFile]:
    found = []
    for name, (what, change) in _FILES.items():
        path = folder / name
        if path.exists():
            since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(KeyFile(name, what, change, since))
    return found


ROUTES = (keys_page, rotate, reseal, list_page)
