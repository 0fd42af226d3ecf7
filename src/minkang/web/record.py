"""The lifelong record as a clinician reads it, kept fresh while it is open."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Stream

from minkang.identity import Resident
from minkang.policy import Decision
from minkang.record.life import gather
from minkang.web.facts import Facts
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.record_tabs import TABS, Asked, tab_of
from minkang.web.rendering import N_
from minkang.web.visitor import NotAllowed, Visitor
from minkang.web.wording import Who

_HEARTBEAT_SECONDS = 15
BASIS = {
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
    web: WebParameter, visitor: VisitorParameter, person: FromPath[str]
) -> Response[Any]:
    """The record of a resident, by visit at the own institution or presented code."""
    decision, resident = await visitor.ask_about("open-record", person)
    if decision.purpose == "own-record":
        own = visitor.account is not None and visitor.account.person == person
        return Redirect("/me/record" if own else f"/me/family/{person}", status_code=303)
    mark = await web.live.mark()
    body = await body_context(asked_of(visitor, decision, resident))
    return visitor.page(
        "record/page.html",
        mark=mark,
        resident=Who(resident, visitor.now),
        basis=visitor.say(BASIS.get(decision.reason, N_("访问策略允许"))),
        **body,
    )


@get("/record/{person:str}/body")
async def record_body(
    visitor: VisitorParameter, request: Request[Any, Any, Any], person: FromPath[str]
) -> Response[Any]:
    """The part that changes; asked for by the page itself when something has arrived."""
    arrived = request.headers.get("hx-trigger") == "record-body"
    decision, resident = await _open(visitor, person, background=arrived)
    body = await body_context(asked_of(visitor, decision, resident, mark_new=arrived))
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


def asked_of(
    visitor: Visitor, decision: Decision, resident: Resident, *, mark_new: bool = False
) -> Asked:
    """A look at a record by what the address asks for."""
    query = dict(visitor.request.query_params.items())
    return Asked(visitor.web, visitor, decision, resident, query, mark_new)


async def body_context(asked: Asked) -> dict[str, Any]:
    """What record/_body.html shows: of the life only what the tab needs."""
    tab = tab_of(asked.query.get("tab", ""))
    visitor, person = asked.visitor, asked.resident.person
    store, scope = visitor.web.store, asked.decision.scope
    life = await gather(store, scope, asked.resident, tab.types, tab.newest)
    facts = Facts({}, visitor.now, visitor.say, mark_new=asked.mark_new, person=person)
    every = [stored for kind in life.facts for stored in life.of(kind)]
    counts = Counter(life.names.get(stored.source, stored.source) for stored in every)
    last: dict[str, datetime] = {}
    for stored in every:
        name = life.names.get(stored.source, stored.source)
        last[name] = max(stored.updated, last.get(name, stored.updated))
    kept = {name: value for name, value in asked.query.items() if name != "tab" and value}
    return {
        "person": person,
        "tabs": TABS,
        "tab": tab.name,
        "tab_template": f"record/{tab.template}",
        "query": urlencode({"tab": tab.name, **kept}),
        "sources": [
            {"name": name, "count": count, "last": last[name]}
            for name, count in counts.most_common()
        ],
        "complete": life.complete,
        "new_count": sum(facts.new_at(stored.updated) for stored in every),
        **tab.context(asked, life, facts),
    }
