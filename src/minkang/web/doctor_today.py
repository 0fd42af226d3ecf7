"""My patients today on the doctor's home: the list, what was opened lately, kept fresh."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from minkang.accounts import Account
from minkang.audit.own_looks import listed_to, opened_by
from minkang.identity import Resident, resident
from minkang.policy import Relation, relation
from minkang.store import Scope
from minkang.web.context import Web
from minkang.web.doctor_visits import KINDS, Chosen, Seen, WorkList, own_sources, work_list
from minkang.web.live import Watched
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_, language_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, Who, age

_HEARTBEAT_SECONDS: Final = 15
_SPACING_SECONDS: Final = 10
"""A busy hospital sends several messages a second: no page asks again more often than this."""
_LOOK: Final = timedelta(minutes=30)
"""An open list that refreshes itself is one look; who was on it so lately is not noted again."""
_LATELY: Final = timedelta(days=30)
_RECENT: Final = 10
_WORDS: Final = {"mine": N_("我的"), "department": N_("本科室"), "all": N_("全机构")}


@get("/doctor/today/body")
async def today_list(
    visitor: VisitorParameter,
    request: Request[Any, Any, Any],
    whose: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """The list alone: another part of it was chosen, or something has arrived."""
    arrived = request.headers.get("hx-trigger") == "today"
    await visitor.ask("find-residents", background=arrived)
    today = await today_context(visitor, Chosen(whose, kind, page), arrived=arrived)
    return visitor.page("doctor/_today.html", today=today)


@get("/doctor/today/events")
async def today_events(
    web: WebParameter, visitor: VisitorParameter, after: FromQuery[str] = ""
) -> Stream:
    """Server-sent events: `changed` when the own institution has sent something, at most one in
    ten seconds. They carry no data; the page asks again, and is asked by what right again."""
    await visitor.ask("find-residents", background=True)
    account = visitor.account
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    watched = Watched(sources=own_sources(account))

    async def events() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        async with web.live.watch(watched, after) as changed:
            while True:
                try:
                    await asyncio.wait_for(changed.wait(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                changed.clear()
                yield "event: changed\ndata: 1\n\n"
                await asyncio.sleep(_SPACING_SECONDS)

    return Stream(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def today_context(
    visitor: Visitor, chosen: Chosen, *, arrived: bool = False
) -> dict[str, Any]:
    """What doctor/_today.html shows. `arrived`: the open page asked by itself."""
    account, web = visitor.account, visitor.web
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    found = await work_list(web.store, account, chosen, visitor.now)
    persons = {one.resident.person for one in found.rows}
    named = await _listed(visitor, account, persons, arrived=arrived)
    rows = [_row(visitor, one, just=arrived and one.resident.person in named) for one in found.rows]
    return {
        "rows": rows,
        "just": sum(row["just"] for row in rows),
        "day": visitor.now.astimezone(ZONE).date(),
        "count": found.count,
        "everything": found.counts["all"],
        "whose": [
            {
                "key": key,
                "words": visitor.say(_WORDS[key]),
                "count": count,
                "on": key == found.whose,
                "query": urlencode({"whose": key}),
            }
            for key, count in found.counts.items()
        ],
        "kinds": [
            {
                "key": kind,
                "count": found.count if not kind and not found.kind else found.kinds.get(kind),
                "on": kind == found.kind,
                "query": urlencode({"whose": found.whose, "kind": kind}),
            }
            for kind in ("", *KINDS)
        ],
        "page": found.page,
        "pages": found.pages,
        "query": _query(found, found.page),
        "before": _query(found, found.page - 1) if found.page > 1 else None,
        "after": _query(found, found.page + 1) if found.page < found.pages else None,
    }


async def recent_context(visitor: Visitor) -> list[dict[str, Any]]:
    """The residents whose records the clinician opened last; a link only to whom may be opened."""
    account, web = visitor.account, visitor.web
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    opened = await opened_by(web.store.pool, account.id, visitor.now - _LATELY, _RECENT)
    known = await asyncio.gather(
        *(resident(web.store, Scope.whole(), one.person) for one in opened)
    )
    both = [(one.at, who) for one, who in zip(opened, known, strict=True) if who is not None]
    may = await asyncio.gather(*(may_open(web, account, who, visitor.now) for _, who in both))
    await _listed(visitor, account, {who.person for _, who in both}, arrived=False)
    return [
        {
            "name": who.name if open_ else Who(who, visitor.now).name_masked,
            "at": at,
            "href": f"/record/{who.person}" if open_ else None,
        }
        for (at, who), open_ in zip(both, may, strict=True)
    ]


async def may_open(web: Web, account: Account, who: Resident, now: datetime) -> bool:
    """Whether the record opens for the account without more ado."""
    settings = web.settings
    known = await relation(
        web.store,
        account,
        who.person,
        who.patients,
        now=now,
        visit_days=settings.visit_relation_days,
        code_hours=settings.code_presented_hours,
    )
    return connected(known)


def connected(known: Relation) -> bool:
    """Whether what connects an account with a resident opens the record."""
    treats = known.visit or known.contract or known.referral or known.glass
    return treats or (known.code_presented and known.consent.given)


async def _listed(
    visitor: Visitor, account: Account, persons: Collection[str], *, arrived: bool
) -> set[str]:
    """Whom the list names stands in the audit log, where each of them finds it.

    Of a list that refreshed itself only those are noted, and returned, whom it did not name yet.
    """
    named = set(persons)
    if arrived:
        named -= await listed_to(visitor.web.store.pool, account.id, visitor.now - _LOOK)
    if named:
        await visitor.web.gate.listed(
            account, sorted(named), now=visitor.now, address=visitor.address
        )
    return named


def _row(visitor: Visitor, one: Seen, *, just: bool) -> dict[str, Any]:
    visit, who = one.day_visit.visit, one.resident
    today = visitor.now.astimezone(ZONE).date()
    return {
        "id": f"visit-{visit.origin.id}",
        "time": visit.start,
        "from_before": one.day_visit.from_before,
        "kind": visit.kind,
        "ended": visit.end is not None or visit.status == "finished",
        "name": who.name,
        "sex": who.sex,
        "age": age(who.birth_date, today),
        "department": visit.department,
        "doctor": visit.doctor,
        "reason": "；".join(visit.reasons[:2]),
        "opened": one.opened,
        "results": one.results,
        "documents": one.documents,
        "noted": one.noted,
        "due": _due(visitor, one),
        "late": one.due is not None and one.due.day < today,
        "just": just,
        "href": f"/record/{who.person}",
    }


def _due(visitor: Visitor, one: Seen) -> str:
    if one.due is None:
        return ""
    service = one.due.service
    return service.en if language_of(visitor.request) == "en" else service.zh


def _query(found: WorkList, page: int) -> str:
    asked: Sequence[tuple[str, str]] = (
        ("whose", found.whose),
        ("kind", found.kind),
        ("page", "" if page == 1 else str(page)),
    )
    return urlencode([(key, value) for key, value in asked if value])
