"""The resident's own pages: my code, my record, and those of whom one acts for."""

import io
from datetime import timedelta
from typing import Any

import segno
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from minkang.audit import Look, looks_at
from minkang.exchange.log import origins
from minkang.identity import Resident
from minkang.policy.consent import current_consent
from minkang.policy.notices import open_notices
from minkang.record import Overview, overview
from minkang.web.code_own import live_of
from minkang.web.consents import signed_in
from minkang.web.context import Web
from minkang.web.facts import Facts, chart, important, origins_of, rows
from minkang.web.looks import grouped
from minkang.web.notices import notice_line
from minkang.web.own_pages import OwnPages, own_pages
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who, grouped_code

_DAYS = 30
_LOOKS = 500


@get("/me")
async def my_home(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Code, notices, last results, visits, problems, and how many have looked."""
    own = await own_pages(visitor)
    view, facts = await _view(web, visitor, own)
    looks = await _looks(web, visitor, own.resident)
    others = [look for look, _ in grouped(looks) if look.account != signed_in(visitor).id]
    consent = await current_consent(web.store.pool, own.resident.person)
    notices = await open_notices(web.store.pool, own.resident.person)
    return visitor.page(
        "resident/home.html",
        resident=Who(own.resident, visitor.now),
        live=await live_of(visitor, own.resident),
        code=_code(own.resident),
        notices=[notice_line(visitor, one) for one in notices],
        consented=consent is not None and consent.given,
        results=[
            {**facts.latest(one), "href": f"/me/record?item={one.item}#item"}
            for one in important(view.series, 4)
        ],
        visits=[facts.visit(visit) for visit in view.visits[:3]],
        problems=[facts.problem(problem) for problem in view.problems[:5]],
        looked={
            "count": sum(look.allowed for look in others),
            "last": others[0].at if others else None,
            "last_by": others[0].account_name if others else "",
        },
        refused=sum(not look.allowed for look in others),
    )


@get("/me/record")
async def my_record(
    web: WebParameter, visitor: VisitorParameter, item: FromQuery[str] = ""
) -> Response[Any]:
    """The own record in plain words."""
    return await _record(web, visitor, await own_pages(visitor), item)


@get("/me/family/{person:str}")
async def ward_record(
    web: WebParameter, visitor: VisitorParameter, person: FromPath[str], item: FromQuery[str] = ""
) -> Response[Any]:
    """The record of somebody for whom the visitor acts."""
    return await _record(web, visitor, await own_pages(visitor, person=person), item)


@get("/me/code")
async def my_code(visitor: VisitorParameter) -> Response[Any]:
    """The code alone."""
    own = await own_pages(visitor)
    return visitor.page(
        "resident/_code.html",
        live=await live_of(visitor, own.resident),
        code=_code(own.resident),
    )


@get("/me/code.svg")
async def my_code_picture(visitor: VisitorParameter) -> Response[bytes]:
    """The code as a QR picture."""
    own = await own_pages(visitor)
    picture = io.BytesIO()
    segno.make(own.resident.code, error="m").save(
        picture, kind="svg", scale=8, border=2, dark="#111"
    )
    return Response(
        picture.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"}
    )


async def _record(web: Web, visitor: Visitor, own: OwnPages, item: str) -> Response[Any]:
    view, facts = await _view(web, visitor, own)
    series = {one.item: one for one in view.series}
    chosen = series.get(item)
    ordered = sorted(view.series, key=lambda one: one.results[0].flag in ("", "N"))
    return visitor.page(
        "resident/record.html",
        ward=own.ward,
        base=own.base,
        record_href=own.record,
        items=[facts.latest(one) for one in ordered],
        item=item if chosen else "",
        chart=chart(chosen),
        rows=[facts.row(result) for result in rows(view.results, item)] if chosen else [],
        problems=[facts.problem(problem) for problem in view.problems],
        visits=[facts.visit(visit) for visit in view.visits],
        visits_more_href=None,
    )


async def _view(web: Web, visitor: Visitor, own: OwnPages) -> tuple[Overview, Facts]:
    view = await overview(web.store, own.decision.scope, own.resident)
    async with web.store.pool.acquire() as connection:
        messages = await origins(connection, origins_of(view))
    return view, Facts(messages, visitor.now, visitor.say, mark_new=False)


async def _looks(web: Web, visitor: Visitor, resident: Resident) -> list[Look]:
    """Looks of the last days."""
    since = visitor.now - timedelta(days=_DAYS)
    looks = await looks_at(
        web.store.pool, resident.person, patients=resident.patients, limit=_LOOKS
    )
    return [look for look in looks if look.at >= since]


def _code(resident: Resident) -> dict[str, Any]:
    return {
        "digits": grouped_code(resident.code),
        "picture": "/me/code.svg",
    }
