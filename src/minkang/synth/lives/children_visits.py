"""The newborn's and the small child's own visits: nursery, intensive care, screening, follow-up."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, cast

from minkang.synth.lives.life import Life
from minkang.synth.lives.maternity_course import Course, Newborn
from minkang.synth.record import Care, Diagnosis, Medicine, Plan

_BORN: Final = Diagnosis("Z38.000", "单胎，在医院内出生")
_BORN_TWIN: Final = Diagnosis("Z38.300", "双胎，在医院内出生")
_EARLY: Final = Diagnosis("P07.300x001", "早产儿")
_LIGHT: Final = Diagnosis("P07.101", "低出生体重儿（1500-2499克）")
_LUNGS: Final = Diagnosis("P22.000", "新生儿呼吸窘迫综合征")
_ASPHYXIA: Final = Diagnosis("P21.100", "轻度和中度出生窒息")
_YELLOW: Final = Diagnosis("P59.901", "新生儿高胆红素血症")
_HEARING: Final = Diagnosis("Z01.102", "听力检查")
_ANAEMIA: Final = Diagnosis("D50.900", "缺铁性贫血")
_THYROID: Final = Diagnosis("E03.100", "先天性甲状腺功能减退症不伴有甲状腺肿")
_ROUTINE: Final = Diagnosis("Z00.100", "儿童常规健康检查")
_STAGNATION: Final = Diagnosis("K30.x00", "功能性消化不良")
BECAUSE: Final = "birth"


def first_days(life: Life, course: Course, child: Newborn, hour: int) -> Iterator[Plan]:
    """Screening of the first three days; intensive care or light therapy for those who need it."""
    birth, care = life.person.birth, cast(Care, course.care)
    key = life.person.key
    ill = _intensive(life, course, child, hour)
    if ill is not None:
        yield ill
    yield Plan(
        key, birth + timedelta(days=3 if ill is None else ill.nights + 1), "P", care, "neonatal",
        (_BORN_TWIN if course.twins else _BORN,),
        facts={
            "hearing": "passed" if child.hearing else "refer",
            "heart-screening": "passed" if child.heart else "refer",
            "heel-blood": "taken",
            "birth-weight": str(child.grams),
            "jaundice": f"{child.jaundice * 0.7:.0f}",
        },
        because=BECAUSE,
    )  # fmt: skip
    if ill is None and child.jaundice > 262:
        yield Plan(
            key, birth + timedelta(days=5), "I", care, "neonatal", (_YELLOW,), ("jaundice",), 2,
            ("cbc", "liver", "blood-group"), nights=3, acute={"jaundice": child.jaundice / 400},
            because=BECAUSE, weight=3,
        )  # fmt: skip
    if not child.hearing:
        yield Plan(
            key, birth + timedelta(days=44), "O", "mch", "child-health", (_HEARING,),
            facts={"hearing": "passed"}, because=BECAUSE,
        )  # fmt: skip
    if not child.heart:
        yield Plan(
            key, birth + timedelta(days=9), "O", "mch", "paediatric",
            (Diagnosis("Z13.600", "心血管疾患的特殊筛查"),), images={"echo": ""}, because=BECAUSE,
        )  # fmt: skip
    if child.metabolic:
        yield Plan(
            key, birth + timedelta(days=16), "O", "mch", "paediatric", (_THYROID,), (), 0,
            ("thyroid",), medicines=(Medicine("levothyroxine", 30),), because=BECAUSE,
        )  # fmt: skip


def infant_visits(life: Life) -> Iterator[Plan]:
    """What a family seeks beside the centre's check-ups: the six-week look, development, tuina."""
    random = life.stream("infant-visits")
    weeks, months, rubs = random.random(), random.random(), random.random()
    key, birth = life.person.key, life.person.birth
    if weeks < 0.62:
        yield Plan(
            key, birth + timedelta(days=42 + int(months * 8)), "P", "mch", "child-health",
            (_ROUTINE,), images={"hip-ultrasound": ""} if weeks < 0.25 else {},
            facts={"check": "six-weeks"}, because=BECAUSE,
        )  # fmt: skip
    if months < 0.34:
        yield Plan(
            key, birth + timedelta(days=170 + int(weeks * 30)), "P", "mch", "child-health",
            (_ROUTINE,), facts={"check": "development"}, because=BECAUSE,
        )  # fmt: skip
    if rubs < 0.12:
        first = birth + timedelta(days=200 + int(weeks * 400))
        for at in range(3):
            yield Plan(
                key, first + timedelta(days=at * 2), "O", "tcm", "tcm", (_STAGNATION,),
                ("poor-appetite",), 7, facts={"therapy": "paediatric-tuina"},
                because="paediatric-tuina",
            )  # fmt: skip


def _intensive(life: Life, course: Course, child: Newborn, hour: int) -> Plan | None:
    diagnoses = []
    if child.weeks < 37:
        diagnoses.append(_EARLY)
    if child.weeks < 33:
        diagnoses.insert(0, _LUNGS)
    if child.apgar[0] < 7:
        diagnoses.insert(0, _ASPHYXIA)
    if 1500 <= child.grams < 2500:
        diagnoses.append(_LIGHT)
    if not (child.weeks < 35 or child.apgar[0] < 7 or child.grams < 2000):
        return None
    weeks = child.weeks
    nights = 58 if weeks < 28 else 38 if weeks < 32 else 19 if weeks < 34 else 9
    if weeks >= 35:
        nights = 5
    care: Care = "mch" if course.care != "city" else "city"
    return Plan(
        life.person.key, life.person.birth, "I", care, "neonatal", tuple(diagnoses),
        ("breathless",) if weeks < 34 or child.apgar[0] < 7 else ("poor-feeding",), 0,
        ("cbc", "inflammation", "blood-gas", "liver", "electrolytes"),
        {"chest-film": "respiratory-distress"} if weeks < 33 else {},
        nights=nights, acute={"breathless": 0.6} if weeks < 34 else {},
        facts={"weeks-born": f"{weeks:.0f}", "birth-weight": str(child.grams),
               "apgar": "-".join(map(str, child.apgar))},
        because=BECAUSE, hour=min(23, hour + 1), weight=7,
    )  # fmt: skip


def anaemic(life: Life, day: date, haemoglobin: int) -> Iterator[Plan]:
    """What follows a low haemoglobin at a check-up: iron, and a look after a month."""
    key = life.person.key
    drops = (Medicine("iron-protein-succinylate", 28), Medicine("vitamin-c", 28))
    facts = {"haemoglobin": str(haemoglobin)}
    yield Plan(
        key, day + timedelta(days=3), "O", "mch", "child-health", (_ANAEMIA,), ("pallor",), 14,
        ("cbc", "iron"), medicines=drops, facts=facts, because="child-anaemia",
    )  # fmt: skip
    yield Plan(
        key, day + timedelta(days=34), "O", "town", "paediatric", (_ANAEMIA,), (), 0, ("cbc",),
        medicines=drops[:1], because="child-anaemia",
    )  # fmt: skip
