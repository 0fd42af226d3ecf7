"""The information centre's page of the store: what it holds, how it is, how systems get in."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from litestar import Request, Response, get

from minkang.accounts.tokens import LIFETIME
from minkang.api.call import Origin
from minkang.exchange import sources
from minkang.exchange.log import backlog
from minkang.fhir import TYPE_CODES
from minkang.fhir.definitions import definitions
from minkang.store.disk import DiskWatch, free_bytes
from minkang.store.figures import Figures, Table, figures
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.type_words import has_words, type_words
from minkang.web.visitor import Visitor

_ABREAST_SECONDS = 5
_LATE_SECONDS = 60
_STUCK_SECONDS = 900
_SHARE_OF_ALL = 1000

_TABLES = {
    "compartment": N_("按患者排列"),
    "history": N_("历史版本"),
    "resource": N_("当前版本"),
    "span": N_("检索：日期与数值"),
    "string": N_("检索：名称"),
    "term": N_("检索：代码与标识"),
}
_CONSUMERS = {"identity": N_("归入居民"), "quality": N_("质量评估")}


@get("/centre/store")
async def store_page(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Figures, background work, and what a connected system needs."""
    await visitor.ask("watch-messages", object_type="store")
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
    organisations = sorted({(one.organisation, one.name) for one in known.values()})
    return visitor.page(
        "centre/store.html",
        base=_base(request),
        organisations=[{"id": key, "name": name} for key, name in organisations],
        token_hours=int(LIFETIME.total_seconds() // 3600),
        types=len(TYPE_CODES),
        parameters=_parameters(),
        **await _state(visitor),
    )


@get("/centre/store/live")
async def store_live(visitor: VisitorParameter) -> Response[Any]:
    """The part that asks for itself."""
    await visitor.ask("watch-messages", object_type="store", background=True)
    return visitor.page("centre/_store.html", **await _state(visitor))


def _base(request: Request[Any, Any, Any]) -> str:
    """Address of the FHIR base by which the visitor can reach it, as the base itself says it."""
    host = request.headers.get("host", "").encode("ascii", "replace")
    return Origin(request.url.scheme, host, request.scope["server"]).base


@cache
def _parameters() -> int:
    return sum(len(of_type) for of_type in definitions().parameters.values())


async def _state(visitor: Visitor) -> dict[str, Any]:
    store, say = visitor.web.store, visitor.say
    async with store.pool.acquire() as connection:
        found = await figures(connection)
        messages = await backlog(connection)
    return {
        "figures": found,
        "held": _held(found, say),
        "tables": _tables(found, say),
        "behind": [
            {"name": say(_CONSUMERS.get(name, name)), **_lag(seconds, say)}
            for name, seconds in sorted(found.lags.items())
        ],
        "waiting": messages["waiting"],
        "disks": _disks(store.disk),
        "reserve": store.disk.reserve,
    }


def _held(found: Figures, say: Callable[[str], str]) -> list[dict[str, Any]]:
    """Types with their share of the largest, in thousandths, for the bars."""
    most = max((one.count for one in found.held), default=1) or 1
    return [
        {
            "type": one.type,
            "name": type_words(one.type, say) if has_words(one.type) else "",
            "count": one.count,
            "share": max(1, round(one.count * _SHARE_OF_ALL / most)),
        }
        for one in found.held
    ]


def _tables(found: Figures, say: Callable[[str], str]) -> list[tuple[str, Table]]:
    """The tables that grow with the data, each with what it is; the others as one."""
    named = [(say(_TABLES[one.name]), one) for one in found.tables if one.name in _TABLES]
    others = [one for one in found.tables if one.name not in _TABLES]
    rows, indexes = sum(one.rows for one in others), sum(one.indexes for one in others)
    return [*named, (say("其他"), Table("", rows, indexes))]


def _lag(seconds: float, say: Callable[[str], str]) -> dict[str, str]:
    """How far somebody is behind in plain words; `state`: 'ok', 'warn' or 'bad'."""
    if seconds < _ABREAST_SECONDS:
        return {"state": "ok", "text": say("已跟上")}
    state = "ok" if seconds < _LATE_SECONDS else "warn" if seconds < _STUCK_SECONDS else "bad"
    for size, words in ((3600, N_("落后 %(n)s 小时")), (60, N_("落后 %(n)s 分钟"))):
        if seconds >= 2 * size:
            return {"state": state, "text": say(words) % {"n": int(seconds // size)}}
    return {"state": state, "text": say("落后 %(n)s 秒") % {"n": int(seconds)}}


def _disks(watch: DiskWatch) -> Sequence[dict[str, Any]]:
    """Room on the file systems that are watched; one that cannot be asked counts as full."""
    rooms = []
    for folder in watch.folders:
        try:
            free = free_bytes(folder)
        except OSError:
            free = 0
        state = "bad" if free < watch.reserve else "warn" if free < 4 * watch.reserve else "ok"
        rooms.append({"folder": str(folder), "free": free, "state": state})
    return rooms
