"""Rules for check-ups and visits at home: newborns, children, mothers, the old.

国家基本公共卫生服务规范（第三版，国卫基层发〔2017〕13号）:
0～6岁儿童健康管理服务规范 二（一）–（五）,
孕产妇健康管理服务规范 二（四）–（五）,
老年人健康管理服务规范 二; when a newborn is referred at once:
新生儿访视技术规范（卫办妇社发〔2012〕49号）, 转诊. Temperatures in °C, haemoglobin in g/L.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from minkang.record.questionnaires.answers import Answers, Fault
from minkang.record.questionnaires.chronic import (
    Advice,
    Past,
    common,
    days,
    goal_of,
    urgent_of,
)

_FEVER, _COLD, _MOTHERS_FEVER = Decimal("37.5"), Decimal("35.5"), Decimal(38)
_BREATHS: Final = (20, 60)
_HEART: Final = (100, 160)
_ANAEMIA: Final = 110
_HALF_A_YEAR: Final = timedelta(days=183)
_LOOKED_AT: Final = ("exam", "breasts", "lochia", "womb", "wound", "ecg", "ultrasound")
"""Items of which the second answer says that something was found."""
_MORE: Final = ("development", "rickets", "memory", "mood")
_GOOD: Final = {"judged-as": "1", "class-mother": "1"}
"""Judgements by which everything is in order."""


def advise(answers: Answers, past: Past) -> Advice:
    """Whether the answers ask for a referral; at once only what cannot wait."""
    newborn = answers.form.key == "newborn-visit"
    urgent = (*urgent_of(answers), *(_newborn(answers) if newborn else ()))
    why = urgent or _advised(answers, past, newborn=newborn)
    refer: Literal["", "now", "advised"] = "now" if urgent else "advised" if why else ""
    return Advice("", refer, why, None, goal_of(past.age))


def faults(answers: Answers, past: Past) -> tuple[Fault, ...]:
    """What does not fit together."""
    found = [*days(answers, past, None), *common(answers, advise(answers, past))]
    seen, delivered = answers.day("date"), answers.day("delivered")
    if seen is not None and delivered is not None and delivered > seen:
        found.append(Fault("delivered", "delivered-after"))
    stage = answers.text("stage")
    if stage and past.born is not None and seen is not None and stage != stage_of(past.born, seen):
        found.append(Fault("stage", "stage"))
    for link, good in _GOOD.items():
        if answers.text(link) == good and _found(answers):
            found.append(Fault(link, "judged"))
    return tuple(found)


def stage_of(born: date, day: date) -> str:
    """The code of the age that decides what is asked of a child: below 1, 1 to 2, 3 to 6 years."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return "1" if years < 1 else "2" if years < 3 else "3"


def _found(answers: Answers) -> bool:
    return any(answers.text(one) == "2" for one in _LOOKED_AT)


def _newborn(answers: Answers) -> tuple[str, ...]:
    found = []
    warmth, breaths = answers.number("temperature"), answers.number("breaths")
    heart = answers.number("heart-rate")
    if warmth is not None and (warmth >= _FEVER or warmth <= _COLD):
        found.append("temperature")
    if breaths is not None and not _BREATHS[0] <= breaths <= _BREATHS[1]:
        found.append("breaths")
    if heart is not None and not _HEART[0] <= heart <= _HEART[1]:
        found.append("heart")
    if answers.text("face") in ("3", "4") or answers.text("jaundice") == "5":
        found.append("colour")
    return tuple(found)


def _advised(answers: Answers, past: Past, *, newborn: bool) -> tuple[str, ...]:
    found = []
    warmth, haemoglobin = answers.number("temperature"), answers.number("haemoglobin")
    # Below half a year of age other limits hold.
    child = past.born is not None and past.today - past.born >= _HALF_A_YEAR
    child = child and answers.form.key == "child-checkup"
    if child and haemoglobin is not None and haemoglobin < _ANAEMIA:
        found.append("anaemia")
    if not newborn and warmth is not None and warmth >= _MOTHERS_FEVER:
        found.append("fever")
    more = _MORE if not answers.form.key.startswith("postnatal") else ()
    low = answers.form.key.startswith("postnatal") and answers.text("mind") in ("2", "3")
    grown = answers.text("growth-judged") not in ("", "1")
    if _found(answers) or low or grown or any(answers.text(one) == "2" for one in more):
        found.append("abnormal")
    return tuple(found)
