"""Disability: who is assessed for what after which illness or injury, and the care afterwards.

Kinds and grades follow 残疾人残疾分类和分级 (GB/T 26341-2010); an assessment comes half a year
or more after a stroke or an injury, when what remains is plain. Certificates hold ten years.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

import msgspec

from minkang.synth.draws import share
from minkang.synth.lives.injuries import struck
from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Diagnosis, Form, Plan


class Disability(msgspec.Struct, frozen=True):
    """What remained. `kind` and `grade` as the certificate says, `cause` in words."""

    kind: str
    grade: int
    day: date
    cause: str
    diagnosis: Diagnosis


# Condition: kind, chance of an assessment, severity from which it counts, years until it.
_OF_CONDITIONS: Final = {
    "stroke-ischaemic": ("肢体", 0.42, 0.45, (0.55, 1.6), "脑血管疾病"),
    "stroke-haemorrhagic": ("肢体", 0.5, 0.4, (0.55, 1.6), "脑血管疾病"),
    "schizophrenia": ("精神", 0.55, 0.3, (1.0, 4.0), "精神分裂症"),
    "dementia": ("精神", 0.08, 0.6, (1.5, 4.0), "痴呆"),
    "retinopathy": ("视力", 0.4, 0.8, (2.0, 6.0), "糖尿病视网膜病变"),
    "parkinson": ("肢体", 0.2, 0.6, (3.0, 7.0), "帕金森病"),
}
_OF_INJURIES: Final = {
    "hip-fracture": 0.14, "trochanter-fracture": 0.14, "crush": 0.5, "polytrauma": 0.3,
    "subdural": 0.15, "vertebra-fracture": 0.02,
}  # fmt: skip
_FROM_BIRTH: Final = (
    ("听力", "先天性聋", Diagnosis("H90.500", "感音神经性听觉丧失"), 0.0022),
    ("智力", "先天性智力发育迟缓", Diagnosis("F79.900", "精神发育迟缓，未提及行为缺陷"), 0.0032),
    ("肢体", "脑性瘫痪", Diagnosis("G80.900", "大脑性瘫痪［脑瘫］"), 0.0016),
    ("视力", "先天性眼病", Diagnosis("H54.900", "视力缺损，双眼"), 0.0012),
)
_GRADES: Final = ("一级", "二级", "三级", "四级")


def plans(life: Life) -> Iterator[Plan | Form]:
    """The assessment, and the community's care for the gravely disabled once or twice a year."""
    found = disability_of(life)
    if found is None:
        return
    if life.begin <= found.day <= life.end:
        yield _assessment(life, found)
    if found.grade > 2:
        return
    random = life.stream("disability-care")
    day = max(found.day, life.begin) + timedelta(days=random.randint(60, 200))
    while day <= life.end:
        yield Plan(
            person=life.person.key,
            day=day,
            kind="H",
            care="town",
            specialty="rehabilitation",
            diagnoses=(found.diagnosis,),
            symptoms=("unable-to-walk",) if found.kind == "肢体" else ("follow-up",),
            lasting=min(3000, (day - found.day).days),
            facts={"course": "rehabilitation", "disability": found.kind},
            because="disability",
        )
        day += timedelta(days=random.randint(150, 330))


def disability_of(life: Life) -> Disability | None:
    """The first thing that leaves this person disabled, if anything does."""
    found = [*_from_birth(life), *_from_conditions(life), *_from_injuries(life)]
    return min(found, key=lambda one: (one.day, one.kind), default=None)


def _from_birth(life: Life) -> Iterator[Disability]:
    for kind, cause, diagnosis, rate in _FROM_BIRTH:
        drawn = share(life.world.seed, "born-with", cause, life.person.key)
        if drawn < rate:
            day = life.person.birth + timedelta(days=1200 + int(drawn / rate * 1500))
            yield Disability(kind, 1 + int(drawn / rate * 3.99), day, cause, diagnosis)


def _from_conditions(life: Life) -> Iterator[Disability]:
    for condition in life.conditions:
        row = _OF_CONDITIONS.get(condition.key)
        if row is None or condition.found is None:
            continue
        kind, chance, severity, (low, high), cause = row
        random = life.stream(f"disability-{condition.key}")
        if condition.severity < severity or random.random() >= chance:
            continue
        day = condition.found + timedelta(days=int(365 * random.uniform(low, high)))
        grade = _grade(random, condition.severity)
        yield Disability(kind, grade, day, cause, Diagnosis(condition.code, condition.name))


def _from_injuries(life: Life) -> Iterator[Disability]:
    for what, day in struck(life):
        chance = _OF_INJURIES.get(what.key, 0.0)
        random = life.stream(f"disability-{what.key}-{day}")
        if chance and random.random() < chance:
            when = day + timedelta(days=random.randint(190, 420))
            yield Disability("肢体", _grade(random, 0.45), when, "外伤", what.diagnosis)


def _grade(random: Random, severity: float) -> int:
    """1 (gravest) to 4."""
    return min(4, max(1, round(4.6 - 3.2 * severity + random.gauss(0, 0.6))))


def _assessment(life: Life, found: Disability) -> Form:
    random = life.stream("disability-assessment")
    at = datetime.combine(found.day, time(random.choice((9, 10, 14)), random.randrange(60)), LOCAL)
    place: Any = life.world.place
    key = name = doctor = ""
    if place is not None:
        care = "mental" if found.kind in ("精神", "智力") else "county"
        hospital = place.institution(care, life.person.village, 0.0)
        key, name = hospital.key, hospital.name
        department = place.department(hospital, "mental" if care == "mental" else "rehabilitation")
        doctor = place.doctor(hospital, department, 0.0).code
    values = {
        "评定日期": found.day.isoformat(),
        "残疾类别": f"{found.kind}残疾",
        "残疾等级": _GRADES[found.grade - 1],
        "致残原因": found.cause,
        "主要诊断": found.diagnosis.name,
        "主要诊断编码": found.diagnosis.code,
        "评定机构": name,
        "辅助器具需求": "轮椅、助行器" if found.kind == "肢体" and found.grade <= 2 else "",
        "康复需求": "康复训练"
        if found.kind == "肢体"
        else "药物治疗"
        if found.kind == "精神"
        else "",
        "有效期至": found.day.replace(
            year=found.day.year + 10, day=min(found.day.day, 28)
        ).isoformat(),
    }
    return Form(
        person=life.person.key,
        at=at,
        kind="disability_assessment",
        values={column: text for column, text in values.items() if text},
        institution=key,
        doctor=doctor,
        because="disability",
    )
