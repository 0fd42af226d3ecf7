"""Children from birth to six: what birth brings, check-ups by age, and what they lead to."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from minkang.synth.lives import children_exam as exam
from minkang.synth.lives.children_birth import Child, birth_forms, born_at, child_of
from minkang.synth.lives.children_visits import anaemic, first_days, infant_visits
from minkang.synth.lives.desk import centre_desk, form, here, morning, open_day
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Form, Plan

_MONTH: Final = 30.4375
_DELAYED: Final = Diagnosis("R62.000", "发育指标延迟")


def plans(life: Life) -> Iterator[Plan | Form]:
    """Forms and visits of the first seven years, as far as they fall into the window."""
    if life.end < life.begin or life.age(life.begin) >= 7:
        return
    child = child_of(life)
    if child.newborn is not None and child.course is not None and here(life, life.person.birth):
        moment = born_at(life)
        yield from first_days(life, child.course, child.newborn, moment.hour if moment else 9)
        yield from birth_forms(life, child, child.course, child.newborn)
    if here(life, life.person.birth):
        yield from infant_visits(life)
    yield from _checked(life, child)


def _checked(life: Life, child: Child) -> Iterator[Plan | Form]:
    """Check-ups by age; the family that misses some is drawn once, single ones are missed too."""
    random = life.stream("child-checkups")
    keeps = 0.985 if random.random() < 0.96 else 0.6
    delayed = random.random() < 0.012
    fed = child.newborn.fed if child.newborn else "1"
    for at, stage in enumerate(exam.STAGES):
        missed, late = random.random(), random.expovariate(1 / 9)
        due = life.person.birth + timedelta(days=int(stage * _MONTH + min(late, 45)))
        day = open_day(due if stage < 72 else due - timedelta(days=40))
        if date(2020, 1, 26) <= day < date(2020, 3, 9):
            day = open_day(day + timedelta(days=46))
        if missed > keeps or not here(life, day):
            continue
        following = exam.STAGES[at + 1] if stage < 72 else 0
        yield from _check(life, child, stage, following, day, fed, delayed)


def _check(
    life: Life, child: Child, stage: int, following: int, day: date, fed: str, delayed: bool
) -> Iterator[Plan | Form]:
    random = life.stream(f"child-checkup-{stage}")
    desk = centre_desk(life, "child-health", random.random())
    days = (day - life.person.birth).days
    measured = exam.size(child.frame, days, stage, random)
    values = {
        "随访日期": day.isoformat(),
        "月龄": exam.name_of(stage),
        **measured,
        **exam.examined(life, day, stage, fed, random),
        **exam.guidance(stage, random),
        **exam.between(random),
        "随访医生签名": desk.doctor_name,
    }
    behind = delayed and stage >= 18
    if behind:
        values["发育评估"] = "2"
    if following:
        after = life.person.birth + timedelta(days=int(following * _MONTH))
        values["下次随访日期"] = max(after, day + timedelta(days=14)).isoformat()
    why = _referral(values, behind)
    if why:
        hospital = life.world.place.institution("mch", life.person.village, 0.0)
        values["转诊原因"], values["转诊机构及科别"] = why, f"{hospital.name}儿童保健科"
    yield form(life, desk, morning(random, day), "child_checkup", values)
    yield from _follow(life, day, values, behind and stage in (18, 30))


def _referral(values: dict[str, str], behind: bool) -> str:
    if behind:
        return "发育评估可疑异常"
    if values["体格发育评价"] in ("2", "4"):
        return "生长迟缓" if values["体格发育评价"] == "4" else "低体重"
    if values.get("听力") == "2":
        return "听力筛查未通过"
    if 0 < int(values.get("血红蛋白", "120")) < 100:
        return "中度贫血"
    return "心脏杂音待查" if "杂音" in values["心肺听诊"] else ""


def _follow(life: Life, day: date, values: dict[str, str], behind: bool) -> Iterator[Plan]:
    red = int(values.get("血红蛋白", "120"))
    if red < 110:
        yield from anaemic(life, day, red)
    if behind:
        yield Plan(
            life.person.key, day + timedelta(days=9), "O", "mch", "child-health", (_DELAYED,),
            because="child-development",
        )  # fmt: skip
    if "杂音" in values["心肺听诊"]:
        yield Plan(
            life.person.key, day + timedelta(days=6), "O", "mch", "paediatric",
            (Diagnosis("R01.000", "良性和无害的心脏杂音"),), images={"echo": ""},
            because="heart-murmur",
        )  # fmt: skip
