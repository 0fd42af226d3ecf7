"""Which illnesses a life carries: rates by age and sex, and how they hang together."""

from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.residents import Condition, Resident

YEARS = 3
"""How far back the lives reach."""


class Course(msgspec.Struct, frozen=True):
    """A kind of illness: its ICD-10 code (WHO), Chinese name, the specialty that follows it."""

    key: str
    code: str
    name: str
    specialty: str
    panels: tuple[str, ...]  # ordered at follow-ups
    complaints: tuple[str, ...]
    sensitive: bool = False


COURSES: Final = {
    course.key: course
    for course in (
        Course("hypertension", "I10", "原发性高血压", "cardiac", (),
               ("头晕、头胀1周", "高血压病随访，规律服药", "自测血压偏高3天", "高血压复诊取药")),
        Course("diabetes", "E11.9", "2型糖尿病不伴并发症", "endocrine", ("glucose",),
               ("口干、多饮、多尿", "血糖控制情况复查", "空腹血糖偏高", "糖尿病复诊取药")),
        Course("lipids", "E78.5", "高脂血症", "cardiac", ("lipids",),
               ("体检发现血脂升高", "服用他汀后复查血脂")),
        Course("kidney", "N18.9", "慢性肾脏病", "renal", ("renal", "urine"),
               ("肾功能异常复查", "双下肢轻度水肿", "乏力、夜尿增多")),
        Course("thyroid", "E03.9", "甲状腺功能减退症", "endocrine", ("thyroid",),
               ("怕冷、乏力2月", "甲减服药后复查")),
        Course("anaemia", "D50.9", "缺铁性贫血", "blood", ("cbc", "iron"),
               ("头晕、乏力、面色苍白", "补铁治疗后复查血常规")),
        Course("copd", "J44.9", "慢性阻塞性肺疾病", "respiratory", ("cbc",),
               ("反复咳嗽、咳痰，活动后气短", "慢阻肺随访")),
        Course("coronary", "I25.1", "冠状动脉粥样硬化性心脏病", "cardiac", ("lipids",),
               ("活动后胸闷", "冠心病复诊取药", "间断胸痛，休息后缓解")),
        Course("gout", "M10.9", "痛风", "rheumatic", ("renal",),
               ("右足第一跖趾关节红肿疼痛1天", "痛风降尿酸治疗复查")),
        Course("pneumonia", "J18.9", "肺炎", "respiratory", (),
               ("发热、咳嗽、咳黄痰4天", "高热伴胸痛2天")),
        Course("fracture", "S52.5", "桡骨下端骨折", "bone", (),
               ("摔倒后右腕部肿痛、活动受限2小时", "滑倒致左腕疼痛1小时")),
        Course("pregnancy", "Z34.9", "正常妊娠监督", "obstetric", ("cbc",),
               ("停经后产前检查", "孕期常规产检")),
        Course("depression", "F32.1", "中度抑郁发作", "mental", (),
               ("情绪低落、眠差2月", "情绪好转，复诊取药"), sensitive=True),
        Course("hiv", "B24", "人类免疫缺陷病毒[HIV]病", "infectious", ("hiv",),
               ("抗病毒治疗随访",), sensitive=True),
    )
}  # fmt: skip

# Age from which, then the rate for men and for women; the last row whose age is reached counts.
_RATES: Final[dict[str, tuple[tuple[int, float, float], ...]]] = {
    "hypertension": ((18, 0.05, 0.03), (35, 0.16, 0.09), (45, 0.36, 0.30), (60, 0.56, 0.58)),
    "diabetes": ((25, 0.03, 0.02), (40, 0.11, 0.08), (55, 0.21, 0.19), (75, 0.20, 0.20)),
    "lipids": ((25, 0.08, 0.04), (40, 0.20, 0.13), (55, 0.26, 0.30)),
    "kidney": ((40, 0.01, 0.01), (60, 0.05, 0.05), (75, 0.10, 0.10)),
    "thyroid": ((25, 0.01, 0.04), (50, 0.02, 0.07)),
    "anaemia": ((15, 0.01, 0.09), (50, 0.02, 0.03), (70, 0.06, 0.06)),
    "copd": ((45, 0.07, 0.02), (60, 0.15, 0.05)),
    "coronary": ((45, 0.05, 0.03), (60, 0.15, 0.12), (75, 0.20, 0.18)),
    "gout": ((25, 0.06, 0.0), (50, 0.08, 0.02)),
    "pneumonia": ((1, 0.10, 0.10), (8, 0.01, 0.01), (65, 0.09, 0.07)),
    "fracture": ((6, 0.02, 0.01), (55, 0.02, 0.06)),
    "pregnancy": ((22, 0.0, 0.28), (38, 0.0, 0.0)),
    "depression": ((16, 0.02, 0.04), (70, 0.01, 0.02)),
}

_SHORT_LIVED: Final = frozenset(("pneumonia", "fracture", "pregnancy"))

HIV_AT: Final = 47
"""One in three hundred, at a fixed place so that every demo has exactly its share."""


def conditions_of(resident: Resident, index: int, today: date) -> tuple[Condition, ...]:
    """The illnesses of this life, oldest first; fixed by the resident's own seed."""
    random = Random(f"{resident.seed}/courses")
    age = resident.age(today)
    had: dict[str, Condition] = {}
    for key, rows in _RATES.items():
        rate = 0.0
        for from_age, men, women in rows:
            if age >= from_age:
                rate = men if resident.sex == "M" else women
        if random.random() < rate * _risk(key, had):
            had[key] = _begin(key, resident, random, today)
    if index % 300 == HIV_AT and age >= 18:
        had["hiv"] = _begin("hiv", resident, random, today)
    return tuple(sorted(had.values(), key=lambda condition: (condition.since, condition.key)))


def _risk(key: str, had: dict[str, Condition]) -> float:
    """How what one has raises what comes of it."""
    factor = 1.0
    if key in ("diabetes", "lipids", "coronary") and "hypertension" in had:
        factor *= 1.5
    if key in ("lipids", "coronary", "kidney") and "diabetes" in had:
        factor *= 1.8
    if key == "kidney" and "hypertension" in had:
        factor *= 2.0
    if key == "pneumonia" and "copd" in had:
        factor *= 2.5
    return factor


def _begin(key: str, resident: Resident, random: Random, today: date) -> Condition:
    """When it begins and when treatment does.

    Diabetes, thyroid, anaemia, lipids and gout come under (better) treatment within the window,
    so that a curve shows the turn; other chronic ones may be old.
    """
    course = COURSES[key]
    window = int(YEARS * 365.25)
    severity = random.random()
    start = today - timedelta(days=window)
    earliest = max(start, resident.birth_date + timedelta(days=60))
    span = max(1, (today - earliest).days)
    treated: date | None
    if key in _SHORT_LIVED:
        since = earliest + timedelta(days=random.randint(span // 12, span - span // 12))
        treated = since
    elif key in ("diabetes", "thyroid", "anaemia", "lipids", "gout", "hiv"):
        treated = start + timedelta(days=random.randint(200, 480))
        known_before = random.random() < (0.6 if key == "diabetes" else 0.2)
        years = random.uniform(2, 9) if known_before else random.uniform(0.3, 0.6)
        since = treated - timedelta(days=int(years * 365))
    else:
        since = today - timedelta(days=random.randint(120, 365 * 11))
        treated = since + timedelta(days=random.randint(0, 40))
    return Condition(key, course.code, course.name, since, treated, severity)
