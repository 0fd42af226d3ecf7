"""The patterns of care: who comes when, to whom, for what, and what is ordered."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.courses import COURSES
from minkang.synth.physiology import Body
from minkang.synth.residents import Condition, Resident
from minkang.synth.visits import Diagnosis

CHRONIC: Final = (
    "diabetes", "kidney", "thyroid", "anaemia", "copd", "coronary", "gout", "hypertension",
    "lipids",
)  # fmt: skip
"""Followed together, by what weighs most; the sensitive ones are followed apart."""

CHECK_UP: Final = Diagnosis("Z00.0", "健康查体")
_CHILD_CHECK_UP: Final = Diagnosis("Z00.1", "儿童常规健康检查")

Order = tuple[str, int, float, float]


class Plan(msgspec.Struct, frozen=True):
    """A visit to be. `lead` is the condition it is for; `diagnoses` overrides what is known.

    `orders` are (panel, days after the start, infection 0-1, heart 0-1).
    """

    day: date
    source: str
    specialty: str
    lead: str = ""
    complaint: str = ""
    kind: str = "O"
    nights: int = 0
    diagnoses: tuple[Diagnosis, ...] = ()
    orders: tuple[Order, ...] = ()
    pressure: bool = False
    fingerstick: bool = False


class Life(msgspec.Struct, frozen=True):
    """Whom the patterns are made for: the usual hospital, whether Yunxi's clinic is near."""

    resident: Resident
    body: Body
    random: Random
    hospital: str
    clinic: bool
    start: date
    today: date

    def condition(self, key: str) -> Condition | None:
        """The resident's course of that kind, if any."""
        return self.body.conditions.get(key)


def known_from(condition: Condition) -> date:
    """The day of the diagnosis: long ago where untreated for long, else with the treatment."""
    treated = condition.treated or condition.since
    return condition.since if (treated - condition.since).days > 500 else treated


def _after(day: date, days: float) -> date:
    return day + timedelta(days=round(days))


def _plain(*panels: str, infection: float = 0.0) -> tuple[Order, ...]:
    return tuple((panel, 0, infection, 0.0) for panel in panels)


def chronic(life: Life) -> Iterator[Plan]:
    """Follow-ups at the usual hospital: diabetics about every 95 days, others half-yearly."""
    random = life.random
    mine = [c for key in CHRONIC if (c := life.condition(key)) is not None]
    if not mine:
        return
    begins = {c.key: max(life.start, min(c.since, known_from(c))) for c in mine}
    turns = {
        c.treated for c in mine if c.treated and c.treated > life.start and c.key != "hypertension"
    }
    day, count = _after(min(begins.values()), random.randint(0, 40)), 0
    days: list[date] = sorted(turns)
    while day < life.today:
        if all(abs((day - turn).days) > 20 for turn in turns):
            days.append(day)
        day = _after(day, _interval(life, mine, day))
    for day in sorted(days):
        present = [c for c in mine if begins[c.key] <= day]
        if not present:
            continue
        turning = [c for c in present if c.treated == day]
        lead = (turning or present)[0 if turning else count % len(present)]
        panels = dict.fromkeys(COURSES[lead.key].panels)
        for other in present:
            if other.key == "diabetes" or random.random() < 0.4:
                panels |= dict.fromkeys(COURSES[other.key].panels)
        if count % 3 == 0 and any(c.key in ("diabetes", "hypertension") for c in present):
            panels |= dict.fromkeys(("renal", "lipids"))
        count += 1
        at = life.hospital
        if lead.key != "diabetes" and random.random() < 0.12:
            at = "gangcheng" if at == "haibin" else "haibin"
        course = COURSES[lead.key]
        yield Plan(
            day, at, course.specialty, lead.key, _complaint(random, lead, day),
            orders=_plain(*panels),
        )  # fmt: skip


def _interval(life: Life, mine: list[Condition], day: date) -> float:
    keys = {c.key for c in mine}
    for condition in mine:
        treated = condition.treated
        if treated is None or condition.key not in ("thyroid", "anaemia", "gout", "lipids"):
            continue
        if 0 <= (day - treated).days < 200:
            return life.random.uniform(50, 75)
    if keys & {"diabetes", "kidney"}:
        return life.random.uniform(85, 104)
    return life.random.uniform(140, 200)


def _complaint(random: Random, condition: Condition, day: date) -> str:
    choices = COURSES[condition.key].complaints
    if known_from(condition) >= day:
        return choices[0]
    return random.choice(choices[1:] or choices)


def sensitive(life: Life) -> Iterator[Plan]:
    """Depression and HIV: only at the people's hospital, only in their own department."""
    for key, low, high in (("depression", 35, 60), ("hiv", 80, 100)):
        condition = life.condition(key)
        if condition is None:
            continue
        course, count = COURSES[key], 0
        day = max(life.start, known_from(condition))
        while day < life.today and count < 14:
            orders = _plain(*course.panels)
            if count == 0 and key == "depression":
                orders = _plain("thyroid")
            complaint = course.complaints[min(count, len(course.complaints) - 1)]
            yield Plan(day, "haibin", course.specialty, key, complaint, orders=orders)
            count += 1
            day = _after(day, life.random.uniform(low, high))


def village_follow_up(life: Life) -> Iterator[Plan]:
    """Blood pressure and fingerstick glucose at the clinic round the corner, every ten weeks."""
    if not life.clinic:
        return
    mine = [c for key in ("hypertension", "diabetes") if (c := life.condition(key)) is not None]
    if not mine:
        return
    day, count = max(life.start, min(known_from(c) for c in mine)), 0
    sugar = any(c.key == "diabetes" for c in mine)
    while True:
        day = _after(day, life.random.uniform(55, 90))
        if day >= life.today:
            return
        lead = mine[count % len(mine)]
        if known_from(lead) > day:
            lead = min(mine, key=known_from)
        count += 1
        text = "高血压随访" if lead.key == "hypertension" else "糖尿病随访"
        yield Plan(day, "yunxi", "general", lead.key, text, pressure=True, fingerstick=sugar)


def acute(life: Life) -> Iterator[Plan]:
    """Pneumonia, a broken wrist, an exacerbation, an angina: emergencies and admissions."""
    yield from _pneumonia(life)
    yield from _fracture(life)
    random = life.random
    copd = life.condition("copd")
    if copd is not None and random.random() < 0.25 + 0.5 * copd.severity:
        winter = date(life.today.year - random.randint(0, 2), random.choice((1, 2, 12)), 12)
        if winter > copd.since:
            yield Plan(
                _after(winter, random.randint(-10, 15)), "haibin", "respiratory", "copd",
                "咳嗽、咳痰、气喘加重5天", "I", random.randint(7, 12),
                (Diagnosis("J44.1", "慢性阻塞性肺疾病伴有急性加重"),),
                (*_plain("cbc", "inflammation", "chest-film", infection=0.35),
                 ("cbc", 5, 0.08, 0.0)),
            )  # fmt: skip
    coronary = life.condition("coronary")
    if coronary is not None and random.random() < 0.35:
        day = _after(max(life.start, coronary.since), random.randint(5, 500))
        infarct = coronary.severity > 0.7
        named = ("I21.9", "急性心肌梗死") if infarct else ("I20.0", "不稳定型心绞痛")
        heart = 0.85 if infarct else 0.03
        yield Plan(
            day, "haibin", "cardiac", "coronary", "突发胸痛3小时", "I", random.randint(5, 9),
            (Diagnosis(*named), Diagnosis("I25.1", COURSES["coronary"].name)),
            (("heart", 0, 0.0, heart), ("lipids", 1, 0.0, 0.0), ("renal", 1, 0.0, 0.0),
             ("heart", 3, 0.0, heart / 4)),
        )  # fmt: skip


def _pneumonia(life: Life) -> Iterator[Plan]:
    condition = life.condition("pneumonia")
    if condition is None:
        return
    child = life.resident.age(condition.since) < 14
    specialty = "paediatric" if child else "respiratory"
    worst = 0.5 + 0.45 * condition.severity
    nights = life.random.randint(6, 10)
    panels = ("cbc", "inflammation", "chest-film")
    yield Plan(
        condition.since, "haibin", specialty, "pneumonia",
        life.random.choice(COURSES["pneumonia"].complaints), "I", nights,
        (Diagnosis(condition.code, condition.name),),
        (*_plain(*panels, infection=worst), ("cbc", 4, worst * 0.35, 0.0),
         ("inflammation", 4, worst * 0.35, 0.0)),
    )  # fmt: skip
    yield Plan(
        _after(condition.since, nights + 14), "haibin", specialty, "pneumonia",
        "肺炎治疗后复查", diagnoses=(Diagnosis(condition.code, condition.name),),
        orders=(("cbc", 0, 0.0, 0.0), ("inflammation", 0, 0.0, 0.0), ("chest-film", 0, 0.15, 0.0)),
    )  # fmt: skip


def _fracture(life: Life) -> Iterator[Plan]:
    condition = life.condition("fracture")
    if condition is None:
        return
    named = (Diagnosis(condition.code, condition.name),)
    complaint = life.random.choice(COURSES["fracture"].complaints)
    yield Plan(
        condition.since, life.hospital, "emergency", "fracture", complaint, "E", 0, named,
        _plain("wrist-film"),
    )  # fmt: skip
    for weeks in (2, 6):
        day = _after(condition.since, weeks * 7)
        yield Plan(
            day, life.hospital, "bone", "fracture", f"桡骨骨折外固定后{weeks}周复查",
            diagnoses=named, orders=_plain("wrist-film") if weeks == 6 else (),
        )  # fmt: skip


def pregnancy(life: Life) -> Iterator[Plan]:
    """Antenatal care at the people's hospital, the birth, the visit six weeks after."""
    condition = life.condition("pregnancy")
    if condition is None:
        return
    named = (Diagnosis(condition.code, condition.name),)
    for days in (47, 88, 125, 160, 190, 215, 240, 258, 270):
        panels = ("hcg", "cbc") if days == 47 else ("cbc", "urine") if days % 2 == 0 else ("urine",)
        yield Plan(
            _after(condition.since, days + life.random.randint(-3, 3)), "haibin", "obstetric",
            "pregnancy", f"停经{days // 7}周，产前检查", diagnoses=named, orders=_plain(*panels),
        )  # fmt: skip
    birth = _after(condition.since, life.random.gauss(278, 6))
    yield Plan(
        birth, "haibin", "obstetric", "pregnancy", "停经9月余，规律腹痛3小时", "I", 3,
        (Diagnosis("O80.9", "单胎自然分娩"),), (("cbc", 0, 0.05, 0.0), ("cbc", 2, 0.1, 0.0)),
    )  # fmt: skip
    yield Plan(
        _after(birth, 43), "haibin", "obstetric", "pregnancy", "产后42天复查",
        diagnoses=(Diagnosis("Z39.2", "常规产后随诊"),), orders=_plain("cbc"),
    )  # fmt: skip


_COLDS: Final = ("鼻塞、流涕、咽痛2天", "发热、咽痛1天", "咳嗽、流涕3天")
_MINOR: Final = (
    ("digestive", "K29.5", "慢性胃炎", ("上腹隐痛、反酸2周", "饭后腹胀半月")),
    ("bone", "M54.5", "下背痛", ("腰痛1周，弯腰加重", "劳累后腰部酸痛")),
)  # fmt: skip


def minor(life: Life) -> Iterator[Plan]:
    """Colds in the cold season, stomachs and backs of grown-ups."""
    random = life.random
    young = life.resident.age(life.today) < 15
    for _ in range(random.choice((0, 1, 1, 2, 3) if young else (0, 1, 1, 2))):
        day = _random_day(life)
        if day.month in (5, 6, 7, 8, 9) and random.random() < 0.6:
            day = _after(day, 150)
        child = life.resident.age(day) < 14
        at = "yunxi" if life.clinic and random.random() < 0.75 else life.hospital
        panels = ("cbc", "inflammation") if random.random() < 0.5 else ()
        yield Plan(
            day, at, "paediatric" if child else "general", complaint=random.choice(_COLDS),
            diagnoses=(Diagnosis("J06.9", "急性上呼吸道感染"),),
            orders=_plain(*panels, infection=0.06),
        )  # fmt: skip
    if life.resident.age(life.today) < 25:
        return
    for specialty, code, name, complaints in _MINOR:
        if random.random() < 0.3:
            at = "yunxi" if life.clinic and random.random() < 0.4 else "gangcheng"
            yield Plan(
                _random_day(life), at, specialty, complaint=random.choice(complaints),
                diagnoses=(Diagnosis(code, name),),
            )  # fmt: skip


def check_ups(life: Life) -> Iterator[Plan]:
    """Yearly for most of the old, now and then for others, small children more often."""
    age = life.resident.age(life.today)
    chance = 0.6 if age >= 65 or age < 7 else 0.22
    for year in range(3):
        if life.random.random() < chance:
            day = _after(life.start, 365 * year + life.random.randint(20, 340))
            yield _check_up(life, day)


def one_check_up(life: Life, source: str | None = None) -> Plan:
    """A check-up on some day, for a life that has been too quiet; at `source` if given."""
    plan = _check_up(life, _random_day(life))
    return plan if source is None else msgspec.structs.replace(plan, source=source)


def _check_up(life: Life, day: date) -> Plan:
    at = "yunxi" if life.clinic and life.random.random() < 0.5 else life.hospital
    if life.resident.age(day) < 14:
        return Plan(
            day, at, "paediatric", complaint="儿童健康体检", diagnoses=(_CHILD_CHECK_UP,),
            orders=_plain("cbc"),
        )  # fmt: skip
    return Plan(
        day, at, "check-up", complaint="健康体检", diagnoses=(CHECK_UP,),
        orders=_plain("cbc", "glucose", "lipids", "renal"), pressure=True, fingerstick=True,
    )  # fmt: skip


def _random_day(life: Life) -> date:
    return _after(life.start, life.random.randint(0, max(1, (life.today - life.start).days - 3)))
