"""The information centre's pages of outbound targets: how each is, what it has, sending again."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from minkang.exchange.targets import (
    Day,
    Delivery,
    Target,
    deliveries,
    delivery_days,
    send_again,
    targets,
)
from minkang.web.context import Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.type_words import type_words
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

_PAGE = 40
_DAYS = 14
_FORMS = {
    "fhir": N_("FHIR 资源包"),
    "document": N_("共享文档"),
    "wst": N_("WS/T 文档注册服务"),
    "table": N_("数据表"),
}
_STATES = ("waiting", "sent", "confirmed", "refused", "passed-over")

State = Annotated[str, QueryParameter(name="state")]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/centre/targets")
async def targets_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """All targets, and how much of what they should have they have."""
    await visitor.ask("watch-messages", object_type="target")
    since = visitor.now - timedelta(days=_DAYS)
    rows = []
    async with web.store.pool.acquire() as connection:
        for target in (await targets(connection)).values():
            days = await delivery_days(connection, target.id, since)
            rows.append({**_card(target, visitor), "sums": _sums(days)})
    return visitor.page("centre/targets.html", targets=rows, days=_DAYS)


@get("/centre/targets/{target:str}")
async def target_page(
    web: WebParameter,
    visitor: VisitorParameter,
    target: FromPath[str],
    shown: State = "",
    before: FromQuery[int | None] = None,
    again: FromQuery[int | None] = None,
) -> Response[Any]:
    """One target: its days, and its items, those that were refused with the reason."""
    await visitor.ask("watch-messages", object_type="target", object_id=target)
    found = await _found(web, target)
    state: Any = shown if shown in _STATES else None
    async with web.store.pool.acquire() as connection:
        days = await delivery_days(connection, target, visitor.now - timedelta(days=_DAYS))
        lines = await deliveries(connection, target, state=state, before=before, limit=_PAGE)
    more = urlencode({"state": shown, "before": lines[-1].id}) if len(lines) == _PAGE else ""
    return visitor.page(
        "centre/target.html",
        target=_card(found, visitor),
        days=[_day(day, visitor) for day in days],
        lines=[_line(line, visitor) for line in lines],
        states=_STATES,
        shown=shown,
        again=again,
        today=visitor.now.astimezone(ZONE).date().isoformat(),
        more_href=f"/centre/targets/{target}?{more}" if more else None,
    )


@post("/centre/targets/{target:str}/again")
async def target_again(
    web: WebParameter, visitor: VisitorParameter, target: FromPath[str], data: Form
) -> Redirect:
    """Send what changed on some days again, or all that was refused."""
    await visitor.ask("manage-targets", object_type="target", object_id=target)
    await _found(web, target)
    since, until = _midnight(data.get("since", "")), _midnight(data.get("until", ""))
    if until is not None:
        until += timedelta(days=1)
    async with web.store.pool.acquire() as connection:
        if data.get("what") == "refused":
            count = await send_again(connection, target, states=("refused",))
        else:
            count = await send_again(connection, target, since=since, until=until)
    return Redirect(f"/centre/targets/{target}?again={count}", status_code=303)


async def _found(web: Web, target: str) -> Target:
    async with web.store.pool.acquire() as connection:
        known = await targets(connection)
    if target not in known:
        raise NotFoundException
    return known[target]


def _card(target: Target, visitor: Visitor) -> dict[str, Any]:
    working = "trouble" if target.trouble else "live"
    state = working if target.enabled else "off"
    return {
        "id": target.id,
        "name": target.name,
        "form": visitor.say(_FORMS[target.form]),
        "address": target.address.rpartition("@")[2].partition("?")[0],
        "types": [type_words(one, visitor.say) for one in target.types],
        "sources": target.sources,
        "sensitive": target.sensitive,
        "contact": target.contact,
        "state": state,
        "trouble": target.trouble,
        "next_try": target.next_try,
        "href": f"/centre/targets/{target.id}",
    }


def _sums(days: list[Day]) -> dict[str, int]:
    return {
        "waiting": sum(day.waiting for day in days),
        "sent": sum(day.sent for day in days),
        "confirmed": sum(day.confirmed for day in days),
        "refused": sum(day.refused for day in days),
        "passed_over": sum(day.passed_over for day in days),
    }


def _day(day: Day, visitor: Visitor) -> dict[str, Any]:
    missing = day.waiting + day.sent + day.refused
    return {
        "day": day.day,
        "type": type_words(day.type, visitor.say),
        "asked": missing + day.confirmed,
        "confirmed": day.confirmed,
        "waiting": day.waiting,
        "sent": day.sent,
        "refused": day.refused,
        "complete": not missing,
    }


def _line(line: Delivery, visitor: Visitor) -> dict[str, Any]:
    return {
        "type": type_words(line.type, visitor.say),
        "resource": f"{line.type}/{line.resource}",
        "version": line.version,
        "changed_at": line.changed,
        "sent_at": line.sent,
        "state": line.state,
        "attempts": line.attempts,
        "place": line.place,
        "rule": line.rule,
        "text": line.text,
        "href": f"/centre/messages?{urlencode({'resource': f'{line.type}/{line.resource}'})}",
    }


def _midnight(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
