"""The pregnancies tab of a record: each with its dates, risk colour, visits, results and end."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from minkang.record import pregnancies
from minkang.record.life import Life
from minkang.record.pregnancies import Moment, Pregnancy, pregnancies_of
from minkang.web.facts import Facts
from minkang.web.rendering import N_
from minkang.web.wording import ZONE

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = pregnancies.TYPES
COLOURS: Final = {
    "green": N_("绿色（低风险）"),
    "yellow": N_("黄色（一般风险）"),
    "orange": N_("橙色（较高风险）"),
    "red": N_("红色（高风险）"),
    "purple": N_("紫色（传染病）"),
}
MARKS: Final = {"green": "is-ok", "yellow": "is-warn", "orange": "is-warn", "red": "is-bad"}
OUTCOMES: Final = {"delivered": N_("已分娩"), "lost": N_("妊娠终止"), "": N_("结局未报告")}


def pregnancies_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_pregnancies.html shows."""
    stored = [one for kind in TYPES for one in life.of(kind)]
    found = pregnancies_of(stored, life.names, asked.visitor.now)
    return {"pregnancies": [_shown(one, facts, asked) for one in found]}


def _shown(one: Pregnancy, facts: Facts, asked: "Asked") -> dict[str, Any]:
    say, today = asked.visitor.say, asked.visitor.now.astimezone(ZONE).date()
    return {
        "id": one.origin.id,
        "last_period": one.last_period,
        "expected": one.expected,
        "reckoned": one.reckoned,
        "going_on": one.going_on,
        "week": one.week_on(today) if one.going_on else None,
        "overdue": one.going_on and today > one.expected,
        "outcome": say(OUTCOMES[one.outcome]) if one.outcome or not one.going_on else "",
        "ended": one.ended,
        "colour": say(COLOURS[one.colour]) if one.colour else "",
        "colour_mark": MARKS.get(one.colour, "is-info"),
        "visits": [_moment(each, facts) for each in one.visits],
        "results": [_moment(each, facts) for each in one.results],
        "source": facts.source(one.origin),
    }


def _moment(one: Moment, facts: Facts) -> dict[str, Any]:
    return {
        "id": one.origin.id,
        "name": one.name,
        "value": one.value,
        "at": one.at,
        "week": None if one.days is None or one.days < 0 else divmod(one.days, 7),
        "source": facts.source(one.origin),
    }
