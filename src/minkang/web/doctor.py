"""The doctor's home: find a resident, my patients of today."""

import asyncio
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from minkang.accounts import Account
from minkang.identity import Resident, find_residents
from minkang.identity.codes.card import parse_text
from minkang.identity.codes.cards import plain_number
from minkang.identity.codes.token import looks_like_token
from minkang.record.visits import visits_of
from minkang.store import Grade, Grant, Query, Scope, Store, search
from minkang.web.code_scan import open_scanned
from minkang.web.context import Web
from minkang.web.doctor_today import may_open, recent_context, today_context
from minkang.web.doctor_visits import Chosen, own_sources
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who

_LIMIT = 20
_CARD = 6  # characters; shorter ones are the beginning of something else


@get("/doctor")
async def doctor_page(
    visitor: VisitorParameter,
    whose: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """Search box, today's visits and the records opened last."""
    await visitor.ask("find-residents")
    return await _page(visitor, "", None, Chosen(whose, kind, page))


@post("/doctor")
async def doctor_search(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """The whole page with results, for browsers without script.

    A scanner types what it read and ends with Enter: that is a scan, wherever the cursor stood.
    """
    text = data.get("q", "").strip()
    if _scanned(text):
        return await open_scanned(visitor, text)
    found = await _find(web, visitor, text)
    return await _page(visitor, text, found, Chosen())


@post("/doctor/results")
async def doctor_results(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """The results alone, as the doctor types."""
    text = data.get("q", "")
    found = await _find(web, visitor, text)
    return visitor.page("doctor/_results.html", q=text, found=found)


async def _page(
    visitor: Visitor, text: str, found: dict[str, Any] | None, chosen: Chosen
) -> Response[Any]:
    mark = await visitor.web.live.mark()
    today, recent = await asyncio.gather(today_context(visitor, chosen), recent_context(visitor))
    return visitor.page(
        "doctor/find.html", status=200, q=text, found=found, today=today, recent=recent, mark=mark
    )


def _scanned(text: str) -> bool:
    """Whether a text is what a screen shows as a picture, which nobody types by hand."""
    return looks_like_token(text) or parse_text(text) is not None


def _may_be_card(text: str) -> bool:
    number = plain_number(text)
    return number is not None and len(number) >= _CARD and any(one.isdecimal() for one in number)


async def _find(web: Web, visitor: Visitor, text: str) -> dict[str, Any]:
    text = text.strip()
    decision = await visitor.ask("find-residents")
    nothing = {"items": [], "too_many": False, "too_short": False, "like": False, "scan": ""}
    if len(text) < 2:
        return {**nothing, "too_short": bool(text)}
    if _scanned(text):
        return {**nothing, "scan": "code"}
    found = await find_residents(web.store, decision.scope, text, _LIMIT)
    account = visitor.account
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    items = await asyncio.gather(
        *(_row(web, account, resident, visitor.now) for resident in found.residents)
    )
    items.sort(key=lambda item: not item["relation"])  # own patients first
    await web.gate.listed(
        account,
        [resident.person for resident in found.residents],
        now=visitor.now,
        address=visitor.address,
    )
    return {
        **nothing,
        "items": items,
        "too_many": found.more,
        "like": found.by == "like-pinyin",
        "scan": "" if items or not _may_be_card(text) else "card",
    }


async def _row(web: Web, account: Account, resident: Resident, now: datetime) -> dict[str, Any]:
    who = Who(resident, now)
    return {
        "name_masked": who.name_masked,
        "sex": who.sex,
        "age": who.age,
        "id_number_masked": who.id_number_masked,
        "town": who.town,
        "last_visit": await _last_own_visit(web.store, account, resident),
        "relation": await may_open(web, account, resident, now),
        "href": f"/record/{resident.person}",
    }


async def _last_own_visit(store: Store, account: Account, resident: Resident) -> datetime | None:
    """The last visit at the doctor's own institution; others are none of his business yet."""
    types = frozenset(["Encounter"])
    own = Scope((Grant(grade=Grade.PERSONAL, sources=own_sources(account), types=types),))
    query = Query(types=("Encounter",), patients=tuple(sorted(resident.patients)), limit=1)
    page = await search(store, own, query)
    visits = visits_of(page.matches, {})
    return visits[0].start if visits else None
