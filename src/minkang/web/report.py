"""The weekly report of a source, as a paper to print and to talk about."""

from datetime import date, timedelta
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from minkang.exchange.quality.figures import by_dimension, score
from minkang.exchange.quality.week import Week, monday_of, week_of
from minkang.exchange.reconciliation import KINDS
from minkang.fhir.dates import LOCAL
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.quality import DIMENSION_WORDS, cell, change, points
from minkang.web.reconciliation import state_of
from minkang.web.sources_one import source_of
from minkang.web.visitor import Visitor


@get("/centre/sources/{source:str}/report")
async def report_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    week: FromQuery[str] = "",
) -> Response[Any]:
    """The report of a week, the last whole one if none is named."""
    about = f"{source}/report"
    await visitor.ask("watch-messages", object_type="source", object_id=about)
    one = await source_of(visitor, source)
    today = visitor.now.astimezone(LOCAL).date()
    monday = monday_of(week, today)
    if monday is None or monday > today:
        raise NotFoundException
    async with web.store.pool.acquire() as connection:
        found = await week_of(web.store, connection, source, monday, visitor.now)
    after = monday + timedelta(days=7)
    here = f"/centre/sources/{source}/report?week="
    return visitor.page(
        "centre/report.html",
        source=one,
        week=_name(monday),
        monday=monday,
        sunday=monday + timedelta(days=6),
        made=visitor.now,
        earlier_href=here + _name(monday - timedelta(days=7)),
        later_href=here + _name(after) if after <= today else None,
        **_shown(visitor, found),
    )


def _name(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def _shown(visitor: Visitor, found: Week) -> dict[str, Any]:
    now, before = by_dimension(found.quality), by_dimension(found.before)
    days = [found.monday + timedelta(days=n) for n in range(7)]
    by_day = {one.day: one for one in found.days}
    return {
        "days": [(day, by_day.get(str(day))) for day in days],
        "received": sum(one.received for one in found.days),
        "refusals": found.refusals,
        "score": points(score(now)),
        "change": change(score(now), score(before)),
        "dimensions": [
            {
                "name": visitor.say(words),
                **cell(now[name]),
                "before": cell(before[name]),
                "change": change(_percent(now[name].ratio), _percent(before[name].ratio)),
            }
            for name, words in DIMENSION_WORDS.items()
        ],
        "failures": found.failures,
        "kinds": [
            (
                kind,
                [
                    next((o for o in found.reconciled if (o.kind, o.day) == (kind, day)), None)
                    for day in days
                ],
            )
            for kind in KINDS
            if any(one.kind == kind for one in found.reconciled)
        ],
        "states": [state_of(o for o in found.reconciled if o.day == day) for day in days],
        "unmapped": found.unmapped,
        "silent": found.silent,
        "longest": found.longest,
    }


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else 100 * ratio
