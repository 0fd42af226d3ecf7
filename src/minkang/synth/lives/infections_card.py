"""The infectious disease report card (传染病报告卡, WS/T 483) filled in by a hospital or centre."""

from datetime import datetime
from typing import Any, Final

from minkang.synth.draws import share
from minkang.synth.lives.life import Life
from minkang.synth.people.diseases import DISEASES
from minkang.synth.people.schooling import schooling
from minkang.synth.record import Care, Form, Infection, Person, Plan

_BESIDE: Final = frozenset(("varicella",))
"""Watched beside the list: they stand in the field for other diseases, too."""


def card(
    life: Life, infection: Infection, visit: Plan | None, diagnosed: datetime, filed: datetime,
    state: str, *, number: int, died: bool = False,
) -> Form:  # fmt: skip
    """One card. `state` is the code of 病例分类1, `number` 1 for the first card, 2 a correction."""
    disease = DISEASES[infection.disease]
    person = life.person
    site, learns = _site(life, diagnosed)
    values = {
        "填卡日期": filed.strftime("%Y-%m-%d %H:%M:%S"),
        "报卡类别": str(number),
        **_age(person, infection),
        **_household(life),
        "工作单位": site,
        "联系电话": person.phone,
        "病人属于": "1",
        "现住址": person.address,
        "现住址国标码": person.village[:9],
        "人群分类": group_of(person, diagnosed, learns),
        "病例分类1": state,
        "病例分类2": _acute(infection),
        "发病日期": infection.onset.isoformat(),
        "诊断日期": diagnosed.strftime("%Y-%m-%d %H:%M:%S"),
        "传染病名称": _CODES.get(infection.disease, disease.code) or disease.name,
        "其他法定管理以及重点监测传染病": disease.name if infection.disease in _BESIDE else "",
        "密切接触者有无相同症状": "2" if infection.infector or infection.origin else "1",
        "备注": "订正报告" if number == 2 and not died else "死亡报告" if died else "",
    }
    if died and person.death is not None:
        values["死亡日期"] = person.death.isoformat()
    institution, doctor, extra = _desk(life, visit, diagnosed)
    return Form(
        person=person.key,
        at=filed,
        kind="infectious_disease_report",
        values={column: text for column, text in (values | extra).items() if text},
        institution=institution,
        doctor=doctor,
        because=f"{infection.disease}:{infection.onset}",
    )


_CODES: Final = {"hepatitis-e": "2034"}
"""Codes of CV05.01.017 where the disease's own is another one's (2034 is 戊型, 2035 未分型)."""


def _age(person: Person, infection: Infection) -> dict[str, str]:
    """Whole years, or months for those under one, or days for those under a month."""
    days = (infection.onset - person.birth).days
    if days < 31:
        return {"日龄": str(max(days, 0))}
    if days < 365:
        return {"月龄": str(days * 12 // 365)}
    return {"实足年龄": str(int(person.age(infection.onset)))}


def _household(life: Life) -> dict[str, str]:
    """The parent's name, asked for up to fourteen."""
    if life.person.age(life.end) > 14:
        return {}
    for key in (life.person.mother, life.person.father):
        parent = life.member(key)
        if parent is not None:
            return {"患儿家长姓名": parent.name}
    return {}


def _site(life: Life, at: datetime) -> tuple[str, bool]:
    """School with class, or employer, at that time; whether it is a school or nursery."""
    place: Any = life.world.place
    if place is None:
        return "", False
    school = schooling(place, life.world.seed, life.person, at.date())
    if school is not None:
        return school.site.name + school.class_name, True
    grown = life.person.age(at.date()) >= 18
    if not grown or not life.person.site:
        return "", False
    return str(place.site(life.person.site).name), False


def group_of(person: Person, at: datetime, learns: bool) -> str:
    """The code of CV02.01.202 for what somebody does."""
    age = person.age(at.date())
    words = person.occupation
    if age < 7:
        return "01" if learns else "02"
    if learns or age < 16 or "学生" in words:
        return "03"
    for word, code in _GROUPS:
        if word in words:
            return code
    if age >= 60:
        return "15" if person.insurance == "职工" else "11"
    return "16"


_GROUPS: Final = (
    ("教师", "04"), ("厨", "06"), ("餐", "06"), ("商", "07"), ("售", "07"), ("医", "08"),
    ("护士", "08"), ("农民工", "10"), ("工人", "09"), ("农", "11"), ("渔", "13"), ("干部", "14"),
    ("职员", "14"), ("退", "15"), ("家务", "16"),
)  # fmt: skip


def _acute(infection: Infection) -> str:
    if infection.disease == "hepatitis-b":
        return "2" if infection.severity < 0.6 else "1"
    if infection.disease in ("hepatitis-a", "hepatitis-e"):
        return "1"
    return "2" if infection.disease == "hepatitis-c" else "3"


def _desk(life: Life, visit: Plan | None, diagnosed: datetime) -> tuple[str, str, dict[str, str]]:
    """Institution, doctor's code and what the card prints of them; nothing without a place."""
    place: Any = life.world.place
    if place is None:
        return "", "", {}
    care: Care = visit.care if visit is not None else "infectious"
    specialty = visit.specialty if visit is not None else "infectious"
    seed = life.world.seed
    pick = share(seed, "usual", life.household.key, care)
    institution = place.institution(care, life.person.village, pick)
    department = place.department(institution, specialty)
    seat = share(seed, "doctor", life.person.key, institution.key, department.key)
    doctor = place.doctor(institution, department, seat, diagnosed.date())
    extra = {
        "报告单位": institution.name,
        "报告单位联系电话": institution.phone,
        "填卡医生": doctor.name,
    }
    return institution.key, doctor.code, extra
