"""Curves of the region's pages, with the tables beside them (templates/macros.html, `curve`)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from minkang.record.region.figures import Pair
from minkang.record.region.sources import Came
from minkang.web.region_words import Say, drawn, shown
from minkang.web.register_words import SMALLEST
from minkang.web.rendering import N_

_WEEKLY_ABOVE: Final = 90  # days from which on a curve has weeks
_WORTH_DRAWING: Final = 2 * SMALLEST
"""Visits of a day or week from which on a curve of protected numbers tells anything."""
_MIDNIGHT: Final = "T00:00:00+08:00"


def visit_days(days: Sequence[tuple[date, Pair]], say: Say, *, exact: bool) -> dict[str, Any]:
    """Curve and table of visits by day; of a long period by week."""
    binned = _weeks(days) if len(days) > _WEEKLY_ABOVE else list(days)
    numbers = {
        N_("本期"): [(day, pair.now) for day, pair in binned],
        N_("上一期"): [(day, pair.before) for day, pair in binned],
    }
    series = [
        _line(say(words), [(day, drawn(n, exact=exact), shown(n, exact=exact))
                                 for day, n in of])
        for words, of in numbers.items()
    ]  # fmt: skip
    most = max((max(pair.now, pair.before) for _, pair in binned), default=0)
    return {
        "weekly": len(days) > _WEEKLY_ABOVE,
        "visits_drawn": exact or most >= _WORTH_DRAWING,
        "visit_days": [
            (day, shown(pair.now, exact=exact), shown(pair.before, exact=exact))
            for day, pair in reversed(binned)
        ],
        "visits_chart": _chart("visits", say(N_("诊疗人次")), series),
    }


def _weeks(days: Sequence[tuple[date, Pair]]) -> list[tuple[date, Pair]]:
    """Seven days each, the last whole, by their first day."""
    first = len(days) % 7
    return [
        (days[at][0], sum((pair for _, pair in days[at : at + 7]), Pair()))
        for at in range(first, len(days), 7)
    ]


def _line(name: str, points: Sequence[tuple[date, int, str]]) -> dict[str, Any]:
    """A line of a chart, as templates/macros.html (`curve`) has it."""
    return {
        "source": name,
        "points": [[f"{day}{_MIDNIGHT}", n, text, ""] for day, n, text in points],
    }


def _chart(item: str, title: str, series: list[dict[str, Any]]) -> dict[str, Any]:
    return {"item": item, "title": title, "unit": "", "low": None, "high": None, "series": series}


def messages_chart(days: Sequence[tuple[date, Came]], say: Say) -> dict[str, Any]:
    """What came by day, and what was put aside."""
    numbers = {
        N_("送达"): [(day, came.received) for day, came in days],
        N_("隔离"): [(day, came.quarantined) for day, came in days],
    }
    series = [
        _line(say(words), [(day, n, f"{n:,}") for day, n in of]) for words, of in numbers.items()
    ]
    return _chart("messages", say(N_("消息")), series)
