"""The cards of a record's overview that tell who looks after a resident, and what comes next."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from minkang.record.background import Chronic
from minkang.record.due.of_life import Done, Standing, coming
from minkang.record.family_doctor import FamilyDoctor
from minkang.record.life import Life
from minkang.record.pregnancies import Pregnancy, next_visit
from minkang.record.problems import ListedProblem
from minkang.record.vaccinations import Shot, shots_of, slots_of
from minkang.web.facts import Facts
from minkang.web.record_pregnancies import COLOURS, MARKS, OUTCOMES
from minkang.web.rendering import N_, language_of
from minkang.web.wording import ZONE

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

DISEASES: Final = {"hypertension": N_("高血压"), "diabetes": N_("糖尿病")}
ICD_10: Final = {
    "hypertension": ("I10", "I11", "I12", "I13", "I15"),
    "diabetes": ("E10", "E11", "E12", "E13", "E14"),
}
_STATES: Final = {
    "current": N_("签约中"), "ended": N_("签约已到期"), "named": N_("档案责任医生"),
}  # fmt: skip
_AHEAD: Final = timedelta(days=30)
_CHILDBED: Final = timedelta(days=42)
_SHOTS, _SLOTS, _DOCTORS = 3, 6, 4


def today_of(asked: "Asked") -> date:
    """The day here."""
    return asked.visitor.now.astimezone(ZONE).date()


def doctors_shown(
    several: Sequence[FamilyDoctor], asked: "Asked", facts: Facts
) -> list[dict[str, Any]]:
    """Family doctors, for the overview."""
    return [
        {
            "doctor": one.doctor or one.team,
            "team": one.team if one.doctor else "",
            "institution": one.institution,
            "state": one.state,
            "words": asked.visitor.say(_STATES[one.state]),
            "until": one.until,
            "source": facts.source(one.origin),
        }
        for one in several[:_DOCTORS]
    ]


def chronic_shown(
    several: Sequence[Chronic],
    standings: Sequence[Standing],
    problems: Sequence[ListedProblem],
    asked: "Asked",
    facts: Facts,
) -> list[dict[str, Any]]:
    """How each chronic disease stands: diagnosed, managed, measured against the goal, followed."""
    by_key = {one.service.key: one for one in standings}
    return [
        _chronic(one, by_key.get(one.disease), _first(problems, one.disease), asked, facts)
        for one in several
    ]


def _chronic(
    one: Chronic,
    standing: Standing | None,
    problem: ListedProblem | None,
    asked: "Asked",
    facts: Facts,
) -> dict[str, Any]:
    care = standing.care if standing is not None else None
    return {
        "key": one.disease,
        "name": asked.visitor.say(DISEASES[one.disease]),
        "since": None if problem is None else problem.first,
        "diagnosis": None if problem is None else facts.source(problem.origin),
        "care": None if care is None else facts.source(care),
        "value": one.value,
        "unit": one.unit,
        "at": one.at,
        "controlled": one.controlled,
        "goal": one.goal,
        "source": None if one.origin is None else facts.source(one.origin),
        **_next(standing, asked, facts),
    }


def _first(problems: Sequence[ListedProblem], disease: str) -> ListedProblem | None:
    """The problem of a disease that was diagnosed first."""
    mine = [one for one in problems if one.code.startswith(ICD_10[disease])]
    dated = [one for one in mine if one.first is not None]
    return min(
        dated, key=lambda one: (one.first is None, one.first), default=next(iter(mine), None)
    )


def _next(standing: Standing | None, asked: "Asked", facts: Facts) -> dict[str, Any]:
    if standing is None:
        return {"last": None, "next": None, "overdue": 0, "planned": None}
    return {
        "last": _done(standing.last, facts),
        "next": standing.day,
        "overdue": standing.overdue(today_of(asked)),
        "planned": _done(standing.planned, facts),
    }


def _done(one: Done | None, facts: Facts) -> dict[str, Any] | None:
    return None if one is None else {"day": one.day, "source": facts.source(one.origin)}


def services_shown(
    standings: tuple[Standing, ...], asked: "Asked", facts: Facts
) -> list[dict[str, Any]]:
    """The services of the norm that are overdue, or due within a month."""
    english = language_of(asked.visitor.request) == "en"
    person = asked.resident.person
    return [
        {
            "key": one.service.key,
            "name": one.service.en if english else one.service.zh,
            "law": one.service.law,
            "href": f"/record/{person}/forms/{one.service.form}" if one.service.form else None,
            **_next(one, asked, facts),
        }
        for one in coming(standings, today_of(asked), _AHEAD)
    ]


def vaccinations_shown(asked: "Asked", life: Life, facts: Facts) -> dict[str, Any] | None:
    """The last vaccinations, and of a child what is overdue and due; None if neither matters.

    `lacking`: a dose was sent by a number that the doses before it do not reach.
    """
    shots = shots_of(life.of("Immunization"), life.names)
    try:
        slots = slots_of(shots, date.fromisoformat(asked.resident.birth_date), today_of(asked))
    except ValueError:
        slots = ()
    if not shots and not slots:
        return None
    late = [one for one in slots if one.state == "overdue"]
    due = [one for one in slots if one.state == "due"]
    return {
        "count": sum(one.status == "completed" for one in shots),
        "shots": [_shot(one, facts) for one in shots[:_SHOTS]],
        "lacking": any(
            one.shot is not None and (one.shot.number or 0) > one.dose.number for one in slots
        ),
        "overdue": [_dose(one.vaccine.name, one.dose.number, one.latest) for one in late[:_SLOTS]],
        "overdue_count": len(late),
        "due": [_dose(one.vaccine.name, one.dose.number, one.latest) for one in due[:_SLOTS]],
        "due_count": len(due),
    }


def _shot(one: Shot, facts: Facts) -> dict[str, Any]:
    return {
        "name": one.name,
        "number": one.number,
        "on": one.on,
        "given": one.status == "completed",
        "place": one.place,
        "source": facts.source(one.origin),
    }


def _dose(name: str, number: int, latest: date) -> dict[str, Any]:
    return {"name": name, "number": number, "latest": latest}


def pregnancy_shown(
    several: Sequence[Pregnancy], asked: "Asked", life: Life, facts: Facts
) -> Mapping[str, Any] | None:
    """The pregnancy that goes on, or the childbed; else how the last one ended. None without any.

    The two may contradict: a pregnancy of which the end is not known goes on until 44 weeks.
    """
    if not several:
        return None
    one, today, say = several[0], today_of(asked), asked.visitor.say
    childbed = one.outcome == "delivered" and one.ended and today <= one.ended + _CHILDBED
    planned = next_visit(one, life) if one.going_on else None
    last = one.visits[-1] if one.visits and one.going_on else None
    return {
        "going_on": one.going_on,
        "week": one.week_on(today) if one.going_on else None,
        "expected": one.expected,
        "overdue": one.going_on and today > one.expected,
        "childbed": (today - one.ended).days if childbed and one.ended else None,
        "outcome": say(OUTCOMES[one.outcome]),
        "ended": one.ended,
        "colour": say(COLOURS[one.colour]) if one.colour else "",
        "colour_mark": MARKS.get(one.colour, "is-info"),
        "last": None if last is None else {"day": last.at, "source": facts.source(last.origin)},
        "next": _done(planned, facts),
        "missed": planned is not None and planned.day < today,
        "count": len(several),
        "source": facts.source(one.origin),
    }
