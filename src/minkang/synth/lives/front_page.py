"""What only the front page of an admission holds (住院病案首页, 卫医政发〔2011〕84号, with codes
as the page prints them).

Keys are the page's own words; further diagnoses are numbered from 1 in the order of the visit's.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Done, Plan

_CAUSES: Final = {
    "fall": ("W19.901", "跌倒"), "traffic": ("V89.200x001", "机动车交通事故"),
    "burn": ("X12.x00", "热液烫伤"), "cut": ("W26.x00", "刀具割伤"),
    "bite": ("W54.x00", "犬咬伤"), "drowning": ("W74.x00", "溺水"),
    "poison": ("X49.x00", "意外中毒"),
}  # fmt: skip


def front_page(
    life: Life, plan: Plan, random: Random, institution: Any, doctors: Sequence[str], *,
    nights: int, stays_before: int, blood_group: str, allergy: str, dead: bool,
    finished: bool, done: Sequence[Done], source: str, department: str, ward: str,
) -> dict[str, str]:  # fmt: skip
    """The page's further fields; those that are only known at discharge once it is over.

    `doctors` are names: head of department, senior, attending, resident, nurse, coder. `source` is
    how the patient came: 1 emergency, 2 outpatient, 3 from another institution.
    """
    head, senior, attending, resident, nurse, coder = doctors
    page = {
        "住院次数": str(stays_before + 1),
        "入院途径": source,
        "入院科别": department,
        "入院病房": ward,
        "医疗付款方式": {"职工": "1", "居民": "2"}.get(life.person.insurance, "7"),
        "婚姻": life.person.marital,
        "职业": life.person.occupation,
        "民族": life.person.nation,
        "年龄": _age(life, plan),
        "联系人姓名": "",
        "ABO血型": {"A": "1", "B": "2", "O": "3", "AB": "4"}.get(blood_group.rstrip("+-"), "5"),
        "RH血型": "1" if blood_group.endswith("-") else "2",
        "药物过敏": "2" if allergy else "1",
        "过敏药物": allergy,
        "科主任": head,
        "主任（副主任）医师": senior,
        "主治医师": attending,
        "住院医师": resident,
        "责任护士": nurse,
    }
    _contact(life, page)
    page |= _diagnoses(plan, random)
    if finished:
        page |= _at_discharge(plan, random, nights, dead, coder, senior, nurse)
        page["出院科别"], page["出院病房"] = department, ward
        page |= _operations(random, done)
    return {key: value for key, value in page.items() if value}


def _age(life: Life, plan: Plan) -> str:
    days = (plan.day - life.person.birth).days
    if days < 28:
        return f"{days}天"
    if days < 365:
        return f"{days // 30}月"
    return f"{int(life.age(plan.day))}岁"


def _contact(life: Life, page: dict[str, str]) -> None:
    person = life.person
    for key, relation in (
        (person.spouse, "配偶"),
        (person.mother, "母亲"),
        (person.father, "父亲"),
    ):
        other = life.member(key) if key else None
        if other is not None and other.here(life.begin):
            page["联系人姓名"], page["联系人关系"] = other.name, relation
            page["联系人电话"] = other.phone
            return
    for other in life.household.people:
        if other.key != person.key and person.key in (other.mother, other.father):
            page["联系人姓名"], page["联系人电话"] = other.name, other.phone
            page["联系人关系"] = "子" if other.sex == "M" else "女"
            return


def _diagnoses(plan: Plan, random: Random) -> dict[str, str]:
    """入院病情 of each diagnosis: 1 there on admission, 2 suspected, 3 unclear, 4 not there."""
    western = [one for one in plan.diagnoses if one.system == "icd10"]
    if not western:
        return {}
    page = {
        "门（急）诊诊断": western[0].name,
        "门（急）诊诊断编码": western[0].code,
        "入院病情": "1" if western[0].certain and random.random() < 0.85 else "2",
    }
    for number, one in enumerate(western[1:], 1):
        page[f"其他诊断{number}入院病情"] = _on_admission(one, random)
    first = western[0].code[:1]
    if first in ("S", "T"):
        facts = plan.facts
        cause = _CAUSES.get(facts.get("cause", "fall"), _CAUSES["fall"])
        if facts.get("external-code"):
            cause = facts["external-code"], facts.get("external-name", "")
        page["损伤、中毒的外部原因编码"], page["损伤、中毒的外部原因"] = cause
    if first == "C" and (plan.operations or "pathology" in plan.images):
        page["病理诊断"] = western[0].name
    return page


def _on_admission(diagnosis: Diagnosis, random: Random) -> str:
    if not diagnosis.certain:
        return "2"
    return "1" if random.random() < 0.93 else "4"


def _at_discharge(
    plan: Plan, random: Random, nights: int, dead: bool, coder: str, senior: str, nurse: str
) -> dict[str, str]:
    again = plan.facts.get("again")
    special = plan.facts.get("intensive", "")
    first = min(nights, 2 + len(plan.operations) * 2) if plan.acute or plan.operations else 0
    page = {
        "实际住院天数": str(max(1, nights)),
        "离院方式": "5" if dead else "2" if plan.refer in ("town", "county", "city") else "1",
        "是否有出院31天内再住院计划": "2" if again else "1",
        "目的": again or "",
        "死亡患者尸检": "2" if dead else "",
        "特级护理天数": special or "0",
        "一级护理天数": str(first),
        "二级护理天数": str(max(0, nights - first)),
        "三级护理天数": "0",
        "病案质量": "1" if random.random() < 0.94 else "2",
        "质控医师": senior,
        "质控护士": nurse,
        "编码员": coder,
    }
    coma = plan.facts.get("coma")
    if coma or any(one.code.startswith("S06") for one in plan.diagnoses):
        before = coma or ("0" if random.random() < 0.6 else str(random.randint(1, 30)))
        page["颅脑损伤患者昏迷时间入院前"] = f"0天0小时{before}分钟"
        page["颅脑损伤患者昏迷时间入院后"] = "0天0小时0分钟"
    if "grams" in plan.facts:
        page["新生儿出生体重"] = plan.facts["grams"]
        page["新生儿入院体重"] = plan.facts["grams"]
    return page


def _operations(random: Random, done: Sequence[Done]) -> dict[str, str]:
    """Level, incision and healing of each operation (I, Ⅱ, Ⅲ by cleanness; 甲, 乙, 丙)."""
    page: dict[str, str] = {}
    for number, one in enumerate(done, 1):
        operation = one.operation
        page[f"手术及操作{number}级别"] = str(operation.level or 1)
        if operation.level:
            cut = _incision(operation.code)
            healing = "甲" if random.random() < 0.97 else "乙"
            page[f"手术及操作{number}切口愈合等级"] = "0/" if cut == "0" else f"{cut}/{healing}"
    return page


def _incision(code: str) -> str:
    """By the chapter of ICD-9-CM-3: gut and airways are not clean, endoscopes make no cut."""
    chapter = code[:2]
    if chapter in ("42", "43", "44", "45", "46", "47", "48", "51", "57", "67", "68", "74"):
        return "Ⅱ" if not code.startswith(("45.1", "45.2", "45.4", "44.1", "51.1")) else "0"
    return "0" if code.startswith(("36.0", "00.6", "88.5", "39.9", "99.", "87.", "88.")) else "I"
