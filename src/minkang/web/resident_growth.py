"""How a child grows, told to the family: height, weight, head, and how they compare by age."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from minkang.record import Series
from minkang.record.growth import MEASURES, growth_of, standards
from minkang.web.facts import chart
from minkang.web.rendering import N_
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_results import shown_series

TYPES: Final = ("Observation",)
_SHOWN: Final = ("length", "weight", "head")
_SAID: Final = {
    "low": ("watch", "low", N_("比同龄孩子低不少，请问医生")),
    "lower": ("ok", "", N_("比同龄孩子低一点")),
    "middle": ("ok", "", N_("和同龄孩子差不多")),
    "higher": ("ok", "", N_("比同龄孩子高一点")),
    "high": ("watch", "high", N_("比同龄孩子高不少，请问医生")),
}


def growth_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/growth.html shows: each measure with its curve and its table, newest first."""
    series = shown_series(asked.life.of("Observation"), asked.life.names)
    found = [
        (kind, next((one for one in series if one.item == MEASURES[kind] and one.numeric), None))
        for kind in _SHOWN
    ]
    measures = [_measure(asked, kind, one, series) for kind, one in found if one is not None]
    judged = any(row["said"] for one in measures for row in one["rows"])
    return {"measures": measures, "standards": list(standards("length")) if judged else []}


def _measure(asked: OwnAsked, kind: str, series: Series, every: Sequence[Series]) -> dict[str, Any]:
    levels = _levels(asked, kind, every)
    return {
        "kind": kind,
        "name": series.name,
        "chart": chart(series) if len(series.numeric) > 1 else None,
        "rows": [
            {
                "at": result.at,
                "value": result.text,
                "unit": result.unit,
                "institution": result.origin.organisation_name,
                **_words(asked, levels.get(result.origin.id, "")),
            }
            for result in reversed(series.numeric)
        ],
    }


def _levels(asked: OwnAsked, kind: str, every: Sequence[Series]) -> dict[str, str]:
    """The level of each value by the national standard, by the id of its resource.

    None without a birth date; the standard holds for children up to seven years.
    """
    resident = asked.own.resident
    try:
        born = date.fromisoformat(resident.birth_date)
    except ValueError:
        return {}
    growth = growth_of(every, born, resident.sex, kind, standards(kind)[0])
    return {point.origin.id: point.word for point in growth.points}


def _words(asked: OwnAsked, level: str) -> dict[str, str]:
    light, side, words = _SAID.get(level, ("", "", ""))
    return {"light": light, "side": side, "said": asked.visitor.say(words) if words else ""}
