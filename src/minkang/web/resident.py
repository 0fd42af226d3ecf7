"""The resident's own pages: my code, my record, who looked."""

import io
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import segno
from litestar import Response, get
from litestar.params import FromQuery

from minkang.accounts import Account, organisation_names
from minkang.audit import Look, looks_at
from minkang.exchange.log import origins
from minkang.identity import Resident
from minkang.policy import Decision
from minkang.record import Overview, overview
from minkang.web.context import Web
from minkang.web.facts import Facts, chart, important, origins_of, rows
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who, action_words, grouped_code, purpose_words, reason_words

_DAYS = 30
_LOOKS = 500
_ONE_VISIT = timedelta(minutes=30)


@get("/me")
async def my_home(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Code, last results, visits, problems, and how many have looked."""
    decision, resident = await _own(visitor)
    view, facts = await _view(web, visitor, decision, resident)
    looks = await _looks(web, visitor, resident)
    others = [look for look, _ in grouped(looks) if look.account != _account(visitor).id]
    return visitor.page(
        "resident/home.html",
        resident=Who(resident, visitor.now),
        code=_code(resident),
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
    decision, resident = await _own(visitor)
    view, facts = await _view(web, visitor, decision, resident)
    series = {one.item: one for one in view.series}
    chosen = series.get(item)
    ordered = sorted(view.series, key=lambda one: one.results[0].flag in ("", "N"))
    return visitor.page(
        "resident/record.html",
        items=[facts.latest(one) for one in ordered],
        item=item if chosen else "",
        chart=chart(chosen),
        rows=[facts.row(result) for result in rows(view.results, item)] if chosen else [],
        problems=[facts.problem(problem) for problem in view.problems],
        visits=[facts.visit(visit) for visit in view.visits],
        visits_more_href=None,
    )


@get("/me/access")
async def my_access(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Who looked at my record, allowed and refused."""
    _, resident = await _own(visitor, "see-who-looked")
    names = await organisation_names(web.store.pool)
    account, say = _account(visitor), visitor.say
    entries = [
        {
            "at": look.at,
            "name": look.account_name or say("未登录的访问者"),
            "role": look.role,
            "institution": names.get(look.organisation or "", ""),
            "purpose": purpose_words(look.purpose, say),
            "what": _what(look, times, say),
            "allowed": look.allowed,
            "reason": "" if look.allowed else reason_words(look.reason, say),
            "self": look.account == account.id,
        }
        for look, times in grouped(await _looks(web, visitor, resident))
    ]
    return visitor.page("resident/access.html", entries=entries, days=_DAYS, more_href=None)


@get("/me/code")
async def my_code(visitor: VisitorParameter) -> Response[Any]:
    """The code alone."""
    _, resident = await _own(visitor)
    return visitor.page("resident/_code.html", code=_code(resident))


@get("/me/code.svg")
async def my_code_picture(visitor: VisitorParameter) -> Response[bytes]:
    """The code as a QR picture."""
    _, resident = await _own(visitor)
    picture = io.BytesIO()
    segno.make(resident.code, error="m").save(picture, kind="svg", scale=8, border=2, dark="#111")
    return Response(
        picture.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"}
    )


def _account(visitor: Visitor) -> Account:
    assert visitor.account is not None  # noqa: S101 - the gate refuses who is not logged in
    return visitor.account


async def _own(visitor: Visitor, action: Any = "open-record") -> tuple[Decision, Resident]:
    """Ask for the own record; whoever has none is refused (and that is written down)."""
    person = visitor.account.person if visitor.account else None
    return await visitor.ask_about(action, person or "none")


async def _view(
    web: Web, visitor: Visitor, decision: Decision, resident: Resident
) -> tuple[Overview, Facts]:
    view = await overview(web.store, decision.scope, resident)
    async with web.store.pool.acquire() as connection:
        messages = await origins(connection, origins_of(view))
    return view, Facts(messages, visitor.now, visitor.say, mark_new=False)


async def _looks(web: Web, visitor: Visitor, resident: Resident) -> list[Look]:
    """Looks of the last days."""
    since = visitor.now - timedelta(days=_DAYS)
    looks = await looks_at(web.store.pool, resident.person, limit=_LOOKS)
    return [look for look in looks if look.at >= since]


def grouped(looks: Iterable[Look]) -> list[tuple[Look, int]]:
    """Looks by the same person at the same thing within half an hour, as one with its count.

    A page that stays open asks again whenever something arrives; that is one visit to it. The
    newest of each group stands for it; refusals are never put together with what was allowed.
    """
    groups: list[tuple[Look, int]] = []
    for look in looks:
        for place, (newest, times) in enumerate(groups):
            same = (newest.account, newest.action, newest.allowed, newest.reason) == (
                look.account,
                look.action,
                look.allowed,
                look.reason,
            )
            if same and newest.at - look.at < _ONE_VISIT:
                groups[place] = (newest, times + 1)
                break
        else:
            groups.append((look, 1))
    return groups


def _what(look: Look, times: int, say: Callable[[str], str]) -> str:
    words = action_words(look.action, say)
    return words if times == 1 else say("%(what)s（%(n)s 次）") % {"what": words, "n": times}


def _code(resident: Resident) -> dict[str, Any]:
    return {
        "digits": grouped_code(resident.code),
        "picture": "/me/code.svg",
        "refresh_seconds": None,
    }
