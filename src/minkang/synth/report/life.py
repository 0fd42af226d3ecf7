"""One life, from birth to today, as a page of readable Chinese: for teachers and a clinician's eye.

It shows the truth: what somebody had before anybody knew, and every visit as it was written down.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from minkang.synth.lives.analytes import ANALYTES, PANELS
from minkang.synth.lives.drugs import DRUGS, FREQUENCY_WORDS
from minkang.synth.people.diseases import DISEASES
from minkang.synth.record import (
    Condition,
    Diagnosis,
    Form,
    Lived,
    Person,
    Visit,
    Vitals,
    World,
)
from minkang.synth.texts.imaging import STUDIES

_KINDS: Final = {"O": "门诊", "E": "急诊", "I": "住院", "H": "上门", "P": "体检"}
_OUTCOMES: Final = {"live": "活产", "still": "死产", "miscarried": "自然流产", "ended": "人工终止"}
_TEXTS: Final = {
    "complaint": "主诉",
    "present-illness": "现病史",
    "past-history": "既往史",
    "examination": "查体",
    "advice": "处理",
    "admission-course": "诊疗经过",
    "discharge-condition": "出院情况",
    "discharge-orders": "出院医嘱",
}
FORMS: Final = {
    "basic_information": "个人基本信息表",
    "health_checkup": "健康体检",
    "hypertension_followup": "高血压随访",
    "diabetes_followup": "糖尿病随访",
    "family_doctor_contract": "家庭医生签约",
    "referral_out": "转出",
    "referral_back": "转回",
    "birth_certificate": "出生医学证明",
    "newborn_visit": "新生儿访视",
    "child_checkup": "儿童健康检查",
    "first_antenatal_visit": "首次产前随访",
    "antenatal_visit": "产前随访",
    "postnatal_visit": "产后访视",
    "postnatal_42_day_visit": "产后42天检查",
    "mental_disorder_registration": "严重精神障碍登记",
    "mental_disorder_followup": "严重精神障碍随访",
    "immunization": "预防接种",
    "infectious_disease_report": "传染病报告卡",
    "death_certificate": "死亡医学证明",
    "ems_call": "120呼救",
    "blood_donation": "献血",
}
"""Names of the forms."""

_SHOWN: Final = 14  # values of a form that are shown


def life_of(world: World, lived: Lived, person: Person) -> Iterator[str]:
    """The lines of one member of a household."""
    yield from _head(world, person)
    yield from _truth(person, lived.conditions.get(person.key, ()))
    yield ""
    yield "## 经过"
    events: list[tuple[datetime, int, Visit | Form]] = [
        (visit.start, 0, visit) for visit in lived.visits if visit.person == person.key
    ]
    events += [(form.at, 1, form) for form in lived.forms if form.person == person.key]
    year = 0
    for at, _, event in sorted(events, key=lambda one: one[:2]):
        if at.year != year:
            year = at.year
            yield f"\n### {year} 年（{int(person.age(at.date()))} 岁）"
        lines = _visit(world, event) if isinstance(event, Visit) else _form(event)
        yield from lines
    if not events:
        yield "（期间没有就诊，也没有公共卫生服务记录）"


def _head(world: World, one: Person) -> Iterator[str]:
    sex = "男" if one.sex == "M" else "女"
    village = world.place.village(one.village)
    yield f"# {one.name}，{sex}，{one.birth} 出生（合成数据，人物虚构）"
    yield f"编号 {one.key}　身份证 {one.id_number}　电话 {one.phone}"
    yield f"{village.name}　{one.address}　{one.relation}"
    words = (one.nation, one.education, one.occupation, one.marital, one.insurance)
    yield "　".join(word for word in words if word)
    for day, text in (
        (one.arrived, "迁入"),
        (one.moved, f"市内搬家，原住 {one.former_address}"),
        (one.married, "结婚"),
        (one.left, "迁出"),
        (one.death, "去世"),
    ):
        if day is not None:
            yield f"{day} {text}"


def _truth(person: Person, conditions: tuple[Condition, ...]) -> Iterator[str]:
    yield ""
    yield "## 真值"
    for one in conditions:
        parts = [f"{one.since} 起", f"{one.name}（{one.code}）", f"程度 {one.severity:.2f}"]
        parts.append(f"{one.found} 发现" if one.found else "一直未被发现")
        if one.treated:
            parts.append(f"{one.treated} 开始治疗")
        if one.over:
            parts.append(f"{one.over} 结束")
        if one.cause:
            parts.append(f"继发于 {one.cause}")
        parts += [f"{key}={value}" for key, value in one.facts.items()]
        yield "- " + "，".join(parts)
    for pregnancy in person.pregnancies:
        outcome = _OUTCOMES.get(pregnancy.outcome, pregnancy.outcome)
        yield f"- 妊娠：末次月经 {pregnancy.last_period}，{pregnancy.ended} {outcome}"
    for infection in person.infections:
        disease = DISEASES.get(infection.disease)
        name = disease.name if disease else infection.disease
        source = f"，暴发 {infection.origin}" if infection.origin else ""
        yield f"- {infection.onset} 感染{name}，程度 {infection.severity:.2f}{source}"


def _visit(world: World, one: Visit) -> Iterator[str]:
    institution = world.place.by_key[one.institution]
    department = next((d.name for d in institution.departments if d.key == one.department), "")
    when = f"{one.start:%m-%d %H:%M}"
    if one.end is not None and one.end.date() != one.start.date():
        when += f" 至 {one.end:%m-%d}"
    cost = f"　{one.fees.total / 100:.2f} 元" if one.fees else ""
    yield f"\n**{when}　{institution.name}　{department}　{_KINDS[one.kind]}**{cost}"
    signs = _signs(one.vitals)
    if signs:
        yield f"  体征：{signs}"
    for key, name in _TEXTS.items():
        if text := one.texts.get(key):
            yield f"  {name}：{text}"
    yield "  诊断：" + "；".join(_diagnosis(each) for each in one.diagnoses)
    for report in one.reports:
        values = "，".join(_value(value) for value in report.values)
        yield f"  检验 {PANELS[report.panel].name}（{report.reported:%m-%d %H:%M}）：{values}"
    for study in one.studies:
        name = STUDIES[study.study].name
        yield f"  检查 {name}：{study.findings}　结论：{study.impression}"
    for prescription in one.prescriptions:
        for line in prescription.lines:
            yield "  处方：" + _line(line)
        if prescription.herbs:
            herbs = " ".join(f"{herb.name}{herb.grams}g" for herb in prescription.herbs)
            yield f"  中药 {prescription.doses} 剂：{herbs}　{prescription.usage}"
    for done in one.operations:
        operation = done.operation
        yield f"  手术 {done.begin:%m-%d %H:%M}：{operation.name}（{operation.code}）"
    if one.refer:
        yield f"  转往 {world.place.by_key[one.refer].name}"
    if one.outcome:
        yield f"  转归：{one.outcome}"


def _diagnosis(one: Diagnosis) -> str:
    code = f"（{one.code}）" if one.code else ""
    return f"{one.name}{'' if one.certain else '？'}{code}"


def _signs(one: Vitals) -> str:
    parts = []
    if one.systolic is not None:
        parts.append(f"血压 {one.systolic}/{one.diastolic}")
    for value, text in (
        (one.pulse, "脉搏 {}"),
        (one.breaths, "呼吸 {}"),
        (one.celsius, "体温 {}"),
        (one.saturation, "血氧 {}%"),
        (one.height, "身高 {} cm"),
        (one.weight, "体重 {} kg"),
        (one.glucose, "血糖 {}"),
    ):
        if value is not None:
            parts.append(text.format(value))
    return "，".join(parts)


def _value(one: Any) -> str:
    analyte = ANALYTES[one.analyte]
    flag = {"H": "↑", "L": "↓"}.get(one.flag, "")
    return f"{analyte.name} {'<' if one.below else ''}{one.text}{flag}"


def _line(one: Any) -> str:
    drug = DRUGS[one.drug]
    often = FREQUENCY_WORDS.get(one.frequency, one.frequency)
    return f"{drug.name} {drug.specification}　{one.dose} {often}　{one.days} 天　{one.quantity}"


def _form(one: Form) -> Iterator[str]:
    name = FORMS.get(one.kind, one.kind)
    values = [f"{key} {value}" for key, value in one.values.items() if value][:_SHOWN]
    more = " …" if len(one.values) > _SHOWN else ""
    yield f"\n**{one.at:%m-%d %H:%M}　{name}**　{'，'.join(values)}{more}"


def member_of(lived: Lived, at: int) -> Person:
    """The member of that number in the household, from 1; 0 is the one with the most to tell.

    Raises:
        IndexError: the household has not so many.
    """
    people = lived.household.people
    if at:
        return people[at - 1]
    counts = {person.key: 0 for person in people}
    for visit in lived.visits:
        counts[visit.person] += 1
    for form in lived.forms:
        counts[form.person] += 1
    return max(people, key=lambda person: counts[person.key])
