"""Alarms: what a person must know of, and who has taken it on."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.exchange import sources
from minkang.exchange.alarms import Alarm, acknowledge, alarms
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_PAGE = 50
_KINDS = {
    "silent": N_("来源沉默"),
    "quarantine": N_("隔离过多"),
    "unreachable": N_("前置库读不到"),
    "backlog": N_("消息积压"),
}


@get("/centre/alarms")
async def alarms_page(
    web: WebParameter, visitor: VisitorParameter, before: FromQuery[int | None] = None
) -> Response[Any]:
    """Alarms that last, then those that ended."""
    await visitor.ask("watch-messages", object_type="alarm")
    async with web.store.pool.acquire() as connection:
        found = await alarms(connection, before=before, limit=_PAGE)
        known = await sources(connection)
    shown = [
        {**_shown(visitor, one), "source_name": known[one.source].name if one.source else ""}
        for one in found
    ]
    ended = [one for one in found if one.ended is not None]
    return visitor.page(
        "centre/alarms.html",
        lasting=[one for one in shown if one["ended"] is None],
        ended=[one for one in shown if one["ended"] is not None],
        more_href=f"/centre/alarms?before={ended[-1].id}"
        if len(found) == _PAGE and ended
        else None,
    )


@post("/centre/alarms/{alarm:int}/acknowledge")
async def alarm_acknowledge(
    web: WebParameter, visitor: VisitorParameter, alarm: FromPath[int]
) -> Redirect:
    """Take an alarm on: the visitor's name stands beside it."""
    await visitor.ask("acknowledge-alarms", object_type="alarm", object_id=str(alarm))
    name = visitor.account.name if visitor.account else ""
    async with web.store.pool.acquire() as connection:
        await acknowledge(connection, alarm, name, visitor.now)
    return Redirect("/centre/alarms", status_code=303)


def _shown(visitor: Visitor, alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "kind": visitor.say(_KINDS[alarm.kind]) if alarm.kind in _KINDS else alarm.kind,
        "source": alarm.source,
        "since": alarm.since,
        "text": alarm.text,
        "seen_by": alarm.seen_by,
        "seen_at": alarm.seen_at,
        "ended": alarm.ended,
    }
