"""Rules for follow-ups of hypertension and type 2 diabetes: what fits together, what is advised.

国家基本公共卫生服务规范（第三版，国卫基层发〔2017〕13号）: 高血压患者健康管理服务规范
二（一）–（三）,
2型糖尿病患者健康管理服务规范 二（一）–（三）. Pressures in mmHg, glucose in mmol/L.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

import msgspec

from minkang.record.questionnaires.answers import Answers, Fault

Class = Literal["", "1", "2", "3", "4"]
"""CV05.10.012: 1 controlled, 2 not controlled, 3 adverse reaction, 4 complication; '' not known."""

CONTROLLED, UNCONTROLLED, REACTION, COMPLICATION = "1", "2", "3", "4"
SOON: Final = timedelta(days=14)
"""Seen again within two weeks: not controlled, a reaction, a complication, or referred."""
QUARTER: Final = timedelta(days=92)
"""Four times a year at least."""
_OLDEST: Final = timedelta(days=366)
_OLD: Final = 65
_URGENT_SYSTOLIC, _URGENT_DIASTOLIC = 180, 110
_HIGH_SUGAR, _LOW_SUGAR, _GOAL_SUGAR = Decimal("16.7"), Decimal("3.9"), Decimal(7)


class Past(msgspec.Struct, frozen=True):
    """What of the patient matters beside the form.

    Attributes:
        age: whole years, None unknown.
        last_class: of the follow-up before this one.
        today: the day here.
        born: None unknown.
    """

    age: int | None
    last_class: Class
    today: date
    born: date | None = None


class Advice(msgspec.Struct, frozen=True):
    """What the norm says of the answers given so far.

    Attributes:
        suggested: the class; '' as long as what it rests on was not answered.
        refer: 'now': at once, after first treatment; 'advised': to a higher institution; '' no.
        why: what the referral rests on: `pressure`, `danger`, `sugar-high`, `sugar-low`, `twice`,
            `complication`; of check-ups and visits see `checks`.
        latest: the last day for the next follow-up; None without a date or class.
        goal: the pressure below which it is controlled, as (systolic, diastolic).
    """

    suggested: Class
    refer: Literal["", "now", "advised"]
    why: tuple[str, ...]
    latest: date | None
    goal: tuple[int, int]


def goal_of(age: int | None) -> tuple[int, int]:
    """Below 140/90 mmHg, from 65 years on below 150/90."""
    return (150 if age is not None and age >= _OLD else 140), 90


def advise(answers: Answers, past: Past) -> Advice:
    """What the norm says of these answers."""
    goal = goal_of(past.age)
    suggested = _suggested(answers, goal)
    urgent = urgent_of(answers)
    why = urgent or _advised(suggested, past)
    seen = answers.day("date")
    latest = None
    if seen is not None and suggested:
        soon = suggested != CONTROLLED or bool(why)
        latest = seen + (SOON if soon else QUARTER)
    refer: Literal["", "now", "advised"] = "now" if urgent else "advised" if why else ""
    return Advice(suggested, refer, why, latest, goal)


def _suggested(answers: Answers, goal: tuple[int, int]) -> Class:
    if answers.text("complication") == "2":
        return "4"
    measured = _measured(answers, goal)
    if measured is False:
        return "2"
    if answers.text("reaction") == "2":
        return "3"
    return "" if measured is None else "1"


def _measured(answers: Answers, goal: tuple[int, int]) -> bool | None:
    """Whether what is measured is controlled; None: not measured."""
    if answers.form.key == "diabetes-followup":
        fasting = answers.number("fasting")
        return None if fasting is None else fasting < _GOAL_SUGAR
    systolic, diastolic = answers.number("systolic"), answers.number("diastolic")
    if systolic is None or diastolic is None:
        return None
    return systolic < goal[0] and diastolic < goal[1]


def urgent_of(answers: Answers) -> tuple[str, ...]:
    """Reasons to refer at once, after first treatment."""
    found = []
    systolic, diastolic = answers.number("systolic"), answers.number("diastolic")
    if (systolic is not None and systolic >= _URGENT_SYSTOLIC) or (
        diastolic is not None and diastolic >= _URGENT_DIASTOLIC
    ):
        found.append("pressure")
    if answers.form.has("danger") and answers.chosen("danger"):
        found.append("danger")
    fasting = answers.number("fasting")
    if fasting is not None and fasting >= _HIGH_SUGAR:
        found.append("sugar-high")
    if fasting is not None and fasting <= _LOW_SUGAR:
        found.append("sugar-low")
    return tuple(found)


def _advised(suggested: Class, past: Past) -> tuple[str, ...]:
    if suggested == COMPLICATION:
        return ("complication",)
    twice = suggested in (UNCONTROLLED, REACTION) and past.last_class == suggested
    return ("twice",) if twice else ()


def faults(answers: Answers, past: Past) -> tuple[Fault, ...]:
    """What does not fit together."""
    advice = advise(answers, past)
    found = [*days(answers, past, advice.latest), *_fits(answers, past), *common(answers, advice)]
    for row in range(answers.form.item("medicines").rows):
        values = answers.values
        told = f"medicine-times.{row}" in values or f"medicine-dose.{row}" in values
        if told and f"medicine-name.{row}" not in values:
            found.append(Fault(f"medicine-name.{row}", "no-name"))
    return tuple(found)


def days(answers: Answers, past: Past, latest: date | None) -> list[Fault]:
    """What is wrong with the day of a form and the one agreed upon, `latest` the last one."""
    seen, following = answers.day("date"), answers.day("next")
    if seen is None:
        return []
    if seen > past.today:
        return [Fault("date", "date-ahead")]
    if seen < past.today - _OLDEST:
        return [Fault("date", "date-too-old")]
    if following is None:
        return []
    if following <= seen:
        return [Fault("next", "next-not-after")]
    if latest is not None and following > latest:
        return [Fault("next", "next-within", latest.isoformat())]
    return []


def common(answers: Answers, advice: Advice) -> list[Fault]:
    """What no form may say: pressures the wrong way round, an emergency without a referral."""
    found: list[Fault] = []
    systolic, diastolic = answers.number("systolic"), answers.number("diastolic")
    if systolic is not None and diastolic is not None and diastolic >= systolic:
        found.append(Fault("diastolic", "diastolic"))
    if advice.refer == "now" and answers.text("referral") == "1":
        found.append(Fault("referral", "refer"))
    return found


def _fits(answers: Answers, past: Past) -> list[Fault]:
    found: list[Fault] = []
    chosen, measured = answers.text("class"), _measured(answers, goal_of(past.age))
    if chosen == CONTROLLED and measured is False:
        found.append(Fault("class", "not-controlled"))
    elif chosen == CONTROLLED and answers.text("complication") == "2":
        found.append(Fault("class", "complication"))
    elif chosen == CONTROLLED and answers.text("reaction") == "2":
        found.append(Fault("class", "reaction"))
    elif chosen == UNCONTROLLED and measured is True:
        found.append(Fault("class", "controlled"))
    return found
