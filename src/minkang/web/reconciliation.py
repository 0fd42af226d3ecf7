"""Reconciliation: every source by day, then a day by kind, department and number."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect

from minkang.exchange import Source, sources
from minkang.exchange.reconciliation import (
    KINDS,
    Comparison,
    Difference,
    Request,
    ask_again,
    calendar,
    differences,
    open_requests,
)
from minkang.fhir.dates import LOCAL
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.sources_one import source_of

_DAYS: Final = 14

Checked = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/centre/reconciliation")
async def reconciliation_page(
    web: WebParameter, visitor: VisitorParameter, until: FromQuery[str] = ""
) -> Response[Any]:
    """Sources by day; a day that a source has not reported is never shown as proven."""
    await visitor.ask("watch-messages", object_type="reconciliation")
    today = visitor.now.astimezone(LOCAL).date()
    last = min(_day(until) or today, today)
    days = [last - timedelta(days=n) for n in range(_DAYS)]  # the newest first, as on a phone
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        found = await calendar(connection, days[-1], last)
    cells: dict[tuple[str, date], list[Comparison]] = {}
    for one in found:
        cells.setdefault((one.source, one.day), []).append(one)
    later = last + timedelta(days=_DAYS)
    return visitor.page(
        "centre/reconciliation.html",
        days=days,
        rows=[_row(source, days, cells) for source in known.values()],
        earlier_href=f"/centre/reconciliation?until={days[-1] - timedelta(days=1)}",
        later_href=f"/centre/reconciliation?until={min(later, today)}" if last < today else None,
    )


def _row(
    source: Source, days: Iterable[date], cells: Mapping[tuple[str, date], list[Comparison]]
) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name,
        "cells": [
            {
                "day": day,
                "state": state_of(cells.get((source.id, day), [])),
                "href": f"/centre/reconciliation/{source.id}/{day}",
            }
            for day in days
        ],
    }


def state_of(found: Iterable[Comparison]) -> str:
    """The state of a day: a difference before all, proven only if every kind is."""
    states = {one.state for one in found}
    if "differs" in states:
        return "differs"
    return "proven" if states == {"proven"} else "unproven"


@get("/centre/reconciliation/{source:str}/{day:str}")
async def reconciliation_day_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    day: FromPath[str],
    asked: FromQuery[str] = "",
) -> Response[Any]:
    """A day of a source: each kind with its departments, what is missing, what is too many."""
    about = f"{source}/{day}"
    await visitor.ask("watch-messages", object_type="reconciliation", object_id=about)
    one, of = await source_of(visitor, source), _required_day(day)
    async with web.store.pool.acquire() as connection:
        found = await differences(connection, source, of)
        requests = await open_requests(connection, source, of)
    found.sort(key=lambda each: KINDS.index(each.total.kind))
    return visitor.page(
        "centre/reconciliation_day.html",
        source=one,
        day=of,
        state=state_of(each.total for each in found),
        kinds=[_kind(each, requests) for each in found],
        requests=requests,
        asked=asked if asked in KINDS else "",
        earlier_href=f"/centre/reconciliation/{source}/{of - timedelta(days=1)}",
        later_href=f"/centre/reconciliation/{source}/{of + timedelta(days=1)}",
    )


def _kind(found: Difference, requests: Iterable[Request]) -> dict[str, Any]:
    total = found.total
    waiting = [one for one in requests if one.kind == total.kind and one.state != "closed"]
    return {
        "kind": total.kind,
        "state": total.state,
        "reported": total.reported,
        "held": total.held,
        "difference": None if total.reported is None else total.held - total.reported,
        "reported_sum": _money(total.reported_sum),
        "held_sum": _money(total.held_sum),
        "departments": [
            {
                "name": one.name,
                "reported": one.reported,
                "held": one.held,
                "difference": None if one.reported is None else one.held - one.reported,
            }
            for one in found.departments
        ],
        "listed": found.listed,
        "missing": found.missing,
        "more_missing": max(0, total.missing - len(found.missing)),
        "elsewhere": found.elsewhere,
        "surplus": found.surplus,
        "more_surplus": max(0, total.surplus - len(found.surplus)),
        "waiting": bool(waiting),
    }


def _money(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


@post("/centre/reconciliation/{source:str}/{day:str}/resend")
async def reconciliation_resend(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    day: FromPath[str],
    data: Checked,
) -> Redirect:
    """Ask a source to send again what is missing of a day and kind."""
    kind = str(data.get("kind", ""))
    about = f"{source}/{day}/{kind}"
    await visitor.ask("manage-sources", object_type="reconciliation", object_id=about)
    await source_of(visitor, source)
    of = _required_day(day)
    if kind not in KINDS:
        raise NotFoundException
    name = visitor.account.name if visitor.account else ""
    async with web.store.pool.acquire() as connection:
        await ask_again(connection, source, of, kind, by=name)
    return Redirect(f"/centre/reconciliation/{source}/{day}?asked={kind}", status_code=303)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 < found.year < 9000 else None


def _required_day(text: str) -> date:
    found = _day(text)
    if found is None:
        raise NotFoundException
    return found
