"""Quality: all sources by dimension, then one source by rule, with what failed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from minkang.exchange import sources
from minkang.exchange.quality import DIMENSIONS, Dimension, Rule, rules
from minkang.exchange.quality.figures import (
    WEIGHTS,
    Count,
    Sum,
    by_dimension,
    by_rule,
    examples,
    lines,
    score,
    sums,
)
from minkang.fhir.dates import LOCAL
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.sources_one import source_of
from minkang.web.type_words import type_words
from minkang.web.visitor import Visitor

DIMENSION_WORDS: Final[Mapping[Dimension, str]] = {
    "completeness": N_("完整性"),
    "validity": N_("有效性"),
    "consistency": N_("一致性"),
    "timeliness": N_("及时性"),
    "uniqueness": N_("唯一性"),
    "linkage": N_("关联性"),
}
_PERIODS: Final = {1: N_("昨天和今天"), 7: N_("最近 7 天"), 30: N_("最近 30 天")}
_GOOD, _FAIR = 98.0, 90.0
_TREND_DAYS: Final = 30
_SAME: Final = 0.05  # points: less is no change


@get("/centre/quality")
async def quality_page(
    web: WebParameter, visitor: VisitorParameter, days: FromQuery[int] = 7
) -> Response[Any]:
    """Every source by dimension, its score, and where it is going."""
    await visitor.ask("watch-messages", object_type="quality")
    days, today = _period(days), _today(visitor)
    since = today - timedelta(days=days)
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        first = min(since - timedelta(days=days + 1), today - timedelta(days=_TREND_DAYS))
        found = await sums(connection, first, today)
    of_source: dict[str, list[Sum]] = {one: [] for one in known}
    for one in found:
        of_source.setdefault(one.source, []).append(one)
    rows = [
        {
            "id": source,
            "name": known[source].name if source in known else source,
            "href": f"/centre/quality/{source}?days={days}",
            **_row(several, since, days),
        }
        for source, several in of_source.items()
    ]
    rows.sort(key=lambda row: (row["score"] is None, row["score"] or 0))
    return visitor.page(
        "centre/quality.html",
        periods=_periods(visitor.say, days, "/centre/quality?days="),
        dimensions=[(visitor.say(DIMENSION_WORDS[one]), WEIGHTS[one]) for one in DIMENSIONS],
        rows=rows,
        rules=len(rules()),
    )


@get("/centre/quality/{source:str}")
async def quality_source_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    days: FromQuery[int] = 7,
    rule: FromQuery[str] = "",
) -> Response[Any]:
    """One source by rule, what fails most first; of one rule what failed, with its message."""
    await visitor.ask("watch-messages", object_type="quality", object_id=source)
    one = await source_of(visitor, source)
    days, today = _period(days), _today(visitor)
    since = today - timedelta(days=days)
    chosen = rules().get(rule)
    async with web.store.pool.acquire() as connection:
        found = await lines(connection, since, today, source)
        shown = (
            await examples(web.store, connection, source, chosen.id, since, today)
            if chosen is not None
            else []
        )
    dimensions = by_dimension(found)
    return visitor.page(
        "centre/quality_source.html",
        source=one,
        periods=_periods(visitor.say, days, f"/centre/quality/{source}?days="),
        score=points(score(dimensions)),
        dimensions=[
            {"name": visitor.say(DIMENSION_WORDS[name]), **cell(count)}
            for name, count in dimensions.items()
        ],
        rules=rule_rows(visitor.say, by_rule(found), f"/centre/quality/{source}?days={days}"),
        chosen=chosen,
        examples=[
            {
                "type": type_words(example.type, visitor.say),
                "day": example.day,
                "number": example.number,
                "href": f"/centre/messages/{example.message}" if example.message else None,
            }
            for example in shown
        ],
    )


def _today(visitor: Visitor) -> date:
    return visitor.now.astimezone(LOCAL).date()


def _period(days: int) -> int:
    return days if days in _PERIODS else 7


def _periods(say: Callable[[str], str], days: int, href: str) -> list[dict[str, Any]]:
    return [
        {"words": say(words), "href": f"{href}{one}", "chosen": one == days}
        for one, words in _PERIODS.items()
    ]


def _row(found: Sequence[Sum], since: date, days: int) -> dict[str, Any]:
    """A source: this period by dimension, its score, the change against the one before."""
    now = by_dimension(one for one in found if one.day >= since)
    before = since - timedelta(days=days + 1)
    past = by_dimension(one for one in found if before <= one.day < since)
    by_day: dict[date, list[Sum]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append(one)
    trend = [score(by_dimension(by_day[day])) for day in sorted(by_day)[-_TREND_DAYS:]]
    return {
        "score": score(now),
        "points": points(score(now)),
        "cells": [cell(count) for count in now.values()],
        "change": change(score(now), score(past)),
        "trend": [value for value in trend if value is not None],
    }


def points(value: float | None) -> dict[str, Any]:
    """Points of a hundred as shown, never rounded up; `state`: 'ok', 'warn', 'bad' or 'none'."""
    if value is None:
        return {"text": "—", "state": "none"}
    state = "ok" if value >= _GOOD else "warn" if value >= _FAIR else "bad"
    return {"text": f"{int(value * 10 + 1e-6) / 10:.1f}", "state": state}


def cell(count: Count) -> dict[str, Any]:
    """A ratio as shown, with what it is of."""
    ratio = count.ratio
    shown = points(None if ratio is None else 100 * ratio)
    return {**shown, "judged": count.judged, "failed": count.failed}


def change(now: float | None, before: float | None) -> dict[str, str] | None:
    """The change of a score, with its direction in a word; None if there is nothing to compare."""
    if now is None or before is None:
        return None
    step = now - before
    way = "same" if abs(step) < _SAME else "up" if step > 0 else "down"
    return {"way": way, "text": f"{step:+.1f}"}


def rule_rows(
    say: Callable[[str], str], found: Iterable[tuple[Rule, Count]], href: str
) -> list[dict[str, Any]]:
    """Rules with their counts; those without failures last."""
    return [
        {
            "id": rule.id,
            "words": rule.text,
            "level": rule.level,
            "dimension": say(DIMENSION_WORDS[rule.dimension]),
            "field": f"{rule.type}.{rule.field}",
            "href": f"{href}&rule={rule.id}#examples",
            **cell(count),
        }
        for rule, count in found
    ]
