"""Rows of the tables that small systems offer: visits in full, visits in one flat line, forms.

Every value is text, as such tables hold it; times are the region's clock without a zone.
"""

from datetime import datetime, timedelta
from typing import Final

from minkang.synth.record import LOCAL, Form, Household, Person, Visit
from minkang.synth.speak import catalogue
from minkang.synth.speak.form_columns import COLUMNS, KEYS
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.registration import Registered
from minkang.synth.speak.sent import Row
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.systems import FORM_SYSTEM, form_source

FLAT_COLUMNS: Final = (
    "visit_no",
    "patient_no",
    "name",
    "id_number",
    "sex",
    "birth_date",
    "phone",
    "visit_time",
    "department",
    "doctor",
    "diagnosis_code",
    "diagnosis_name",
    "chief_complaint",
    "sbp",
    "dbp",
    "glucose",
    "updated_at",
)
"""A small vendor's table of visits, in the order of its CREATE TABLE."""

FLAT: Final = "clinic_visits"
WIDE: Final = "visit_records"

_SEXES: Final = {"M": "男", "F": "女"}
_KINDS: Final = {"O": "门诊", "E": "急诊", "I": "住院", "H": "出诊", "P": "体检"}
_MOST: Final = {"diagnoses": 6, "medicines": 12, "studies": 4, "operations": 4}
_TEXTS: Final = {
    "complaint": "主诉",
    "present-illness": "现病史",
    "past-history": "既往史",
    "examination": "体格检查",
    "advice": "处理意见",
    "admission-course": "诊疗经过",
    "discharge-condition": "出院情况",
    "discharge-orders": "出院医嘱",
}
_VITALS: Final = (
    ("systolic", "收缩压"),
    ("diastolic", "舒张压"),
    ("pulse", "脉率"),
    ("breaths", "呼吸"),
    ("celsius", "体温"),
    ("saturation", "血氧饱和度"),
    ("height", "身高"),
    ("weight", "体重"),
    ("glucose", "指尖血糖"),
)


def clock(moment: datetime) -> str:
    """A moment as tables have it: 2024-03-01 09:15:00."""
    m = moment if moment.tzinfo is LOCAL else moment.astimezone(LOCAL)
    return f"{m.year:04d}-{m.month:02d}-{m.day:02d} {m.hour:02d}:{m.minute:02d}:{m.second:02d}"


def flat_row(case: Case, person: Person) -> Row:
    """A visit in one line: the first diagnosis, pressure and sugar, nothing of what was given."""
    visit = case.visit
    at = (visit.end or visit.start) + timedelta(minutes=5)
    who, number = case.registered, case.number
    first, vitals = visit.diagnoses[0], visit.vitals
    values = {
        "visit_no": number,
        "patient_no": case.patient,
        "name": who.name,
        "id_number": who.id_number,
        "sex": _SEXES.get(who.sex, "未知"),
        "birth_date": who.birth.isoformat(),
        "phone": who.phone,
        "visit_time": clock(visit.start),
        "department": case.department,
        "doctor": case.doctor,
        "diagnosis_code": first.code,
        "diagnosis_name": first.name,
        "chief_complaint": visit.texts.get("complaint", ""),
        "sbp": "" if vitals.systolic is None else str(vitals.systolic),
        "dbp": "" if vitals.diastolic is None else str(vitals.diastolic),
        "glucose": "" if vitals.glucose is None else str(vitals.glucose),
        "updated_at": clock(at),
    }
    filled = {column: text for column, text in values.items() if text}
    return Row(case.system.id, FLAT, at, number, filled, person.key, visit.number)


def wide_row(setting: Setting, case: Case, household: Household, person: Person) -> Row:
    """A visit with all that the system keeps of it but its laboratory results."""
    visit = case.visit
    institution = setting.institution(visit.institution)
    at = _final(visit) + timedelta(minutes=6)
    number = case.number
    values = {
        "就诊流水号": number,
        "患者编号": case.patient,
        "机构代码": institution.code,
        "机构名称": institution.name,
        "就诊类别": _KINDS[visit.kind],
        "就诊状态": "2" if visit.end is None else "1",
        "就诊时间": clock(visit.start),
        "科室": case.department,
        "医生": case.doctor,
        "更新时间": clock(at),
        **_person(case.registered),
    }
    if institution.rank == "grassroots":
        values["健康档案编号"] = setting.health_record(household, person)
    if visit.end is not None:
        values["结束时间"] = clock(visit.end)
    if visit.kind == "I":
        values["病区床位"] = " ".join(case.bed)
        values["转归"] = visit.outcome
    for key, column in _TEXTS.items():
        if said := visit.texts.get(key):
            values[column] = said
    for field, column in _VITALS:
        if (measured := getattr(visit.vitals, field)) is not None:
            values[column] = str(measured)
    _diagnoses(values, visit)
    _medicines(values, case)
    _done(setting, values, case)
    _fees(values, visit)
    filled = {column: text for column, text in values.items() if text}
    return Row(case.system.id, WIDE, at, number, filled, person.key, visit.number)


def _final(visit: Visit) -> datetime:
    """When the last of what the row holds was there."""
    times = [visit.end or visit.start, *(one.reported for one in visit.studies)]
    return max(times)


def _person(who: Registered) -> dict[str, str]:
    return {
        "姓名": who.name,
        "性别": _SEXES.get(who.sex, "未知"),
        "出生日期": who.birth.isoformat(),
        "身份证号": who.id_number,
        "联系电话": who.phone,
        "住址": who.address,
    }


def _diagnoses(values: dict[str, str], visit: Visit) -> None:
    western = [one for one in visit.diagnoses if one.system == "icd10"]
    for number, one in enumerate(western[: _MOST["diagnoses"]], 1):
        values[f"诊断{number}编码"] = one.code
        values[f"诊断{number}名称"] = one.name
        values[f"诊断{number}状态"] = "1" if one.certain else "2"
    for one in visit.diagnoses:
        if one.system != "icd10":
            column = "中医病名" if one.system == "tcm-disease" else "中医证型"
            values.setdefault(column, one.name)
            values.setdefault(f"{column}编码", one.code)


def _medicines(values: dict[str, str], case: Case) -> None:
    number = 0
    for prescription in case.visit.prescriptions:
        for line in prescription.lines:
            number += 1
            if number > _MOST["medicines"]:
                return
            drug, column = catalogue.drug(line.drug), f"药品{number}"
            values[f"{column}处方号"] = case.own(prescription.number)
            values[f"{column}编码"] = drug.code
            values[f"{column}名称"] = drug.name
            values[f"{column}规格"] = drug.specification
            often = catalogue.frequency(line.frequency)
            values[f"{column}用法"] = f"{line.route} 每次{line.dose} {often}"
            if catalogue.amount(line.dose)[0]:
                values[f"{column}单次剂量"] = line.dose
            values[f"{column}频次"] = often
            values[f"{column}途径"] = line.route
            values[f"{column}天数"] = str(line.days)
            if catalogue.amount(line.quantity)[0]:
                values[f"{column}数量"] = line.quantity
        if prescription.herbs:
            herbs = "、".join(f"{herb.name}{herb.grams}g" for herb in prescription.herbs)
            values.setdefault("中药饮片处方", herbs)
            values.setdefault("中药处方号", case.own(prescription.number))
            values.setdefault("中药用法", prescription.usage)
            values.setdefault("中药剂数", str(prescription.doses))


def _done(setting: Setting, values: dict[str, str], case: Case) -> None:
    """Studies and operations."""
    visit = case.visit
    for number, study in enumerate(visit.studies[: _MOST["studies"]], 1):
        column = f"检查{number}"
        values[f"{column}单号"] = case.own(study.number)
        values[f"{column}名称"] = catalogue.study(study.study).name
        values[f"{column}时间"] = clock(study.taken)
        values[f"{column}所见"] = study.findings
        values[f"{column}结论"] = study.impression
        values[f"{column}医生"] = setting.name_of(visit.institution, study.doctor)
    for number, done in enumerate(visit.operations[: _MOST["operations"]], 1):
        column = f"手术{number}"
        values[f"{column}编码"] = done.operation.code
        values[f"{column}名称"] = done.operation.name
        values[f"{column}开始"] = clock(done.begin)
        values[f"{column}结束"] = clock(done.end)
        values[f"{column}术者"] = setting.name_of(visit.institution, done.surgeon)


def _fees(values: dict[str, str], visit: Visit) -> None:
    fees = visit.fees
    if fees is None:
        return
    values["总费用"] = f"{fees.total / 100:.2f}"
    values["医保支付"] = f"{fees.insured / 100:.2f}"
    values["费用明细"] = "；".join(
        f"{name}{cents / 100:.2f}元" for name, cents in fees.classes.items() if cents
    )


_PREFIXES: Final = {
    "antenatal_visit": "CQ", "basic_information": "JD", "birth_certificate": "CS",
    "blood_donation": "XX", "child_checkup": "ET", "death_certificate": "SW",
    "diabetes_followup": "TN", "disability_assessment": "CP", "ems_call": "JJ",
    "family_doctor_contract": "QY",
    "first_antenatal_visit": "SC", "health_checkup": "TJ", "hypertension_followup": "GY",
    "immunization": "JZ", "infectious_disease_report": "BK", "mental_disorder_followup": "JS",
    "mental_disorder_registration": "JB", "newborn_visit": "XF", "postnatal_42_day_visit": "CF",
    "postnatal_visit": "CH", "referral_back": "ZH", "referral_out": "ZC",
}  # fmt: skip


def form_row(setting: Setting, household: Household, person: Person, form: Form, count: int) -> Row:
    """A form as the row of its table.

    `count` tells forms of one kind, person and day apart: the row's number holds it.
    """
    kind = form.kind
    system = FORM_SYSTEM[kind]
    record = setting.health_record(household, person)
    day = form.at.date()
    number = f"{_PREFIXES[kind]}{record}{day:%y%m%d}{count}"
    key = form.institution or setting.place.primary(person.village).key
    institution = setting.institution(key)
    who = setting.desk(setting.world, household, person, institution, form.at)
    columns = COLUMNS[kind]
    at = form.at + timedelta(minutes=8)
    known = {
        KEYS[kind]: number,
        "健康档案编号": record,
        "姓名": who.name,
        "性别": _SEXES.get(who.sex, "未知"),
        "出生日期": who.birth.isoformat(),
        "身份证号": who.id_number,
        "机构代码": institution.code,
        **form.values,
        "更新时间": clock(at),
    }
    values = {column: text for column in columns if (text := known.get(column))}
    return Row(form_source(system, kind), kind, at, number, values, person.key)
