"""The lifelong record as a clinician reads it, kept fresh while it is open."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Stream

from minkang.exchange.log import origins
from minkang.identity import Resident
from minkang.policy import Decision
from minkang.record import overview
from minkang.web.context import Web
from minkang.web.facts import Facts, chart, important, origins_of, rows
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.visitor import NotAllowed, Visitor
from minkang.web.wording import Who

_HEARTBEAT_SECONDS = 15
_TABS = ("overview", "results", "visits")
_BASIS = {
    "visit": N_("本机构近期就诊"),
    "code-presented": N_("居民已出示电子健康码"),
    "own-record": N_("本人"),
    "contract": N_("家庭医生签约"),
    "referral": N_("转诊或会诊"),
    "call": N_("本站出车任务"),
    "case": N_("法定传染病病例"),
    "child-care": N_("辖区儿童保健"),
    "break-glass": N_("紧急查看"),
}


@get("/record/{person:str}")
async def record_page(
    web: WebParameter,
    visitor: VisitorParameter,
    person: FromPath[str],
    tab: FromQuery[str] = "overview",
    item: FromQuery[str] = "",
) -> Response[Any]:
    """The record of a resident, by visit at the own institution or presented code."""
    decision, resident = await visitor.ask_about("open-record", person)
    if decision.purpose == "own-record":
        own = visitor.account is not None and visitor.account.person == person
        return Redirect("/me/record" if own else f"/me/family/{person}", status_code=303)
    mark = await web.live.mark()
    body = await body_context(web, visitor, decision, resident, tab=tab, item=item)
    return visitor.page(
        "record/page.html",
        mark=mark,
        resident=Who(resident, visitor.now),
        basis=visitor.say(_BASIS.get(decision.reason, N_("访问策略允许"))),
        **body,
    )


@get("/record/{person:str}/body")
async def record_body(
    web: WebParameter,
    visitor: VisitorParameter,
    request: Request[Any, Any, Any],
    person: FromPath[str],
    tab: FromQuery[str] = "overview",
    item: FromQuery[str] = "",
) -> Response[Any]:
    """The part that changes; asked for by the page itself when something has arrived."""
    arrived = request.headers.get("hx-trigger") == "record-body"
    decision, resident = await _open(visitor, person, background=arrived)
    body = await body_context(
        web, visitor, decision, resident, tab=tab, item=item, mark_new=arrived
    )
    return visitor.page("record/_body.html", **body)


@get("/record/{person:str}/events")
async def record_events(
    web: WebParameter, visitor: VisitorParameter, person: FromPath[str], after: FromQuery[str] = ""
) -> Stream:
    """Server-sent events: `changed` whenever something about the resident was committed.

    `after` is the mark of the page; what came since, before it was connected or while it was cut
    off, is told at once. The events carry no data; the page asks for its body again, and is asked
    by what right again.
    """
    _, resident = await _open(visitor, person, background=True)

    async def events() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        async with web.live.watch(resident.patients, after) as changed:
            while True:
                try:
                    await asyncio.wait_for(changed.wait(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                changed.clear()
                yield "event: changed\ndata: 1\n\n"

    return Stream(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _open(
    visitor: Visitor, person: str, *, background: bool = False
) -> tuple[Decision, Resident]:
    """By the right to open; a resident's own record has pages of its own."""
    decision, resident = await visitor.ask_about("open-record", person, background=background)
    if decision.purpose == "own-record":
        raise NotAllowed(decision, visitor, None)
    return decision, resident


async def body_context(
    web: Web,
    visitor: Visitor,
    decision: Decision,
    resident: Resident,
    *,
    tab: str,
    item: str,
    mark_new: bool = False,
) -> dict[str, Any]:
    """What record/_body.html shows."""
    view = await overview(web.store, decision.scope, resident)
    async with web.store.pool.acquire() as connection:
        messages = await origins(connection, origins_of(view))
    facts = Facts(messages, visitor.now, visitor.say, mark_new=mark_new)
    series = {one.item: one for one in view.series}
    chosen = series.get(item)
    visits = [facts.visit(visit) for visit in view.visits]
    last = {
        name: max(
            (o.received for o in _origins(view) if o.organisation_name == name), default=visitor.now
        )
        for name in view.institutions
    }
    shown_rows = [facts.row(result) for result in rows(view.results, item if chosen else "")]
    return {
        "person": resident.person,
        "tab": tab if tab in _TABS else "overview",
        "item": item if chosen else "",
        "sources": [
            {"name": name, "count": count, "last": last[name]}
            for name, count in view.institutions.items()
        ],
        "new_count": sum(facts.new(origin) for origin in _origins(view)),
        "problems": [facts.problem(problem) for problem in view.problems],
        "latest": [facts.latest(one) for one in important(view.series)],
        "items": sorted(
            (facts.item(one) for one in view.series), key=lambda i: (i["group"] == "", i["group"])
        ),
        "rows": shown_rows,
        "chart": chart(chosen),
        "more_href": None,
        "visits": visits if tab == "visits" else visits[:4],
        "visits_more_href": None,
    }


def _origins(view: Any) -> list[Any]:
    return [one.origin for one in (*view.results, *view.visits)]
