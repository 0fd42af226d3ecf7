"""The growth tab of a record: a child's measures on the lines of the standard, and as a table."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from minkang.record.growth import Growth, Point, growth_of, standards
from minkang.record.life import Life
from minkang.record.results import is_result, results_of, series_of
from minkang.web.facts import Facts
from minkang.web.rendering import N_

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = ("Observation",)
MEASURES: Final = {
    "length": N_("身长（身高）"),
    "weight": N_("体重"),
    "head": N_("头围"),
    "index": N_("体质指数"),
}
WORDS: Final = {
    "low": N_("下（< -2 SD）"),
    "lower": N_("中下"),
    "middle": N_("中"),
    "higher": N_("中上"),
    "high": N_("上（≥ +2 SD）"),
}
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 1080.0, 380.0, 44.0, 28.0


def growth_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_growth.html shows; the query has `measure` and `standard`."""
    try:
        birth = date.fromisoformat(asked.resident.birth_date)
    except ValueError:
        return {"measures": [], "growth": None, "unknown_birth": True}
    say = asked.visitor.say
    measure = asked.query.get("measure", "length")
    measure = measure if measure in MEASURES else "length"
    known = standards(measure)
    standard = asked.query.get("standard", known[0])
    standard = standard if standard in known else known[0]
    series = series_of(
        results_of((one for one in life.of("Observation") if is_result(one)), life.names)
    )
    growth = growth_of(series, birth, asked.resident.sex, measure, standard)
    return {
        "unknown_birth": False,
        "measures": [(name, say(words)) for name, words in MEASURES.items()],
        "measure": measure,
        "measure_words": say(MEASURES[measure]),
        "standards": list(known),
        "standard": standard,
        "growth": _shown(growth, facts, say) if growth.points else None,
    }


def _shown(growth: Growth, facts: Facts, say: Any) -> dict[str, Any]:
    return {
        "unit": growth.unit,
        "rows": [_row(one, facts, say) for one in reversed(growth.points)],
        "drawing": _drawing(growth),
    }


def _row(point: Point, facts: Facts, say: Any) -> dict[str, Any]:
    return {
        "id": point.origin.id,
        "at": point.at,
        "months": point.days // 30.4375,
        "days": point.days,
        "value": point.shown,
        "z": None if point.z is None else f"{point.z:+.2f}",
        "word": say(WORDS[point.word]) if point.word else "",
        "far": point.word in ("low", "high"),
        "source": facts.source(point.origin),
    }


def _drawing(growth: Growth) -> dict[str, Any]:
    """Lines and points in the units of an SVG, with the labels of both axes."""
    last = max(point.days for point in growth.points) / 30.4375
    end = next((m for m in (12, 24, 36, 60, 84) if last <= m), 84)
    lines = [[(m, v) for m, v in line.points if m <= end] for line in growth.lines]
    values = [v for line in lines for _, v in line] + [p.value for p in growth.points]
    low, high = min(values), max(values)
    wide, tall = _WIDTH - _LEFT - 40, _HEIGHT - _BOTTOM - 12

    def x(month: float) -> float:
        return round(_LEFT + month / end * wide, 1)

    def y(value: float) -> float:
        return round(12 + (high - value) / ((high - low) or 1) * tall, 1)

    step = next((s for s in (1, 2, 5, 10, 20, 50) if (high - low) / s <= 8), 50)
    first = int(low // step + 1) * step
    return {
        "width": int(_WIDTH),
        "height": int(_HEIGHT),
        "left": _LEFT,
        "right": _LEFT + wide,
        "bottom": 12 + tall,
        "lines": [
            {
                "z": line.z,
                "points": " ".join(f"{x(m)},{y(v)}" for m, v in points),
                "end": (x(points[-1][0]) + 4, y(points[-1][1]) + 4),
            }
            for line, points in zip(growth.lines, lines, strict=True)
            if points
        ],
        "points": [(x(p.days / 30.4375), y(p.value)) for p in growth.points],
        "months": [(month, x(month)) for month in range(0, end + 1, max(1, end // 12))],
        "values": [(v, y(v)) for v in range(first, int(high) + 1, step)],
    }
