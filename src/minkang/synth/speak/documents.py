"""The shared documents of WS/T 500 that the region's hospitals write.

| Kind | Who writes it |
|---|---|
| C0002 outpatient record | departments of haibin with the new record system; chuanran |
| C0004 Western prescription, C0007 laboratory report | chuanran |
| C0005 Chinese prescription | gangcheng |
| C0053 discharge summary | haibin, chuanran |

A system that reports its visits by messages leaves the number of the visit out of its documents
(NA), as record systems do that were bought apart: the same visit would else be told twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from minkang.synth.record import Person, Prescription, Report
from minkang.synth.speak import catalogue, cda
from minkang.synth.speak import documents_parts as part
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.sent import Message
from minkang.synth.speak.setting import Setting


def say_visit(setting: Setting, case: Case, person: Person) -> Iterator[Message]:
    """All documents of a visit, from a system that sends nothing else."""
    visit = case.visit
    for report in visit.reports:
        if any(value.analyte for value in report.values):
            yield laboratory_report(setting, case, person, report)
    for prescription in visit.prescriptions:
        if prescription.lines:
            yield western_prescription(setting, case, person, prescription)
        else:
            yield chinese_prescription(setting, case, person, prescription)
    if visit.end is None:
        return
    at = visit.end + timedelta(minutes=20)
    if visit.kind == "I":
        yield discharge_summary(setting, case, person, at)
    else:
        yield outpatient_record(setting, case, person, at)


def outpatient_record(setting: Setting, case: Case, person: Person, at: datetime) -> Message:
    """C0002 of an outpatient or emergency visit."""
    visit = case.visit
    numbers = (("11", part.visit_number(case)),)
    head = part.head_of(setting, case, ("C0002", "门急诊病历", "岁月天"), at, case.number, numbers)
    allergy = visit.texts.get("allergy", "")
    has = bool(allergy) and not set(allergy) & set("无否未不")
    flag = cda.element(
        "DE02.10.023.00",
        "过敏史标志",
        cda.number("BL", "true" if has else "false"),
        cda.element("DE05.01.022.00", "过敏史", cda.string(allergy or "无")),
    )
    return part.message(
        case,
        person,
        head,
        (
            cda.opened(head),
            cda.person(head, birth=True),
            cda.provider(head),
            "</patientRole></recordTarget>",
            cda.staff(head),
            cda.RELATED,
            "<component><structuredBody>",
            cda.section("48765-2", "过敏史", flag),
            *part.words(case, part.CLINIC),
            cda.section("29548-5", "诊断", *part.diagnoses(visit.diagnoses)),
            cda.section("46209-3", "医嘱", *part.orders(case)),
            cda.END,
        ),
    )


def discharge_summary(setting: Setting, case: Case, person: Person, at: datetime) -> Message:
    """C0053 of an admission that is over."""
    visit = case.visit
    numbers = (("12", part.visit_number(case)), ("19", ""))
    head = part.head_of(setting, case, ("C0053", "出院小结", "岁月天"), at, case.number, numbers)
    code, name = head.institution
    contact = (
        '<participant typeCode="NOT"><associatedEntity classCode="ECON"><telecom value=""/>'
        "<associatedPerson><name/></associatedPerson></associatedEntity></participant>"
    )
    provider = (
        '<providerOrganization classCode="ORG" determinerCode="INSTANCE">'
        f'<id root="{cda.OID}5" extension="{code}"/><name>{cda.text(name)}</name>'
        "</providerOrganization>"
    )
    result = (
        *part.diagnoses(visit.diagnoses, "出院诊断-"),
        *part.entries(case, part.STAY["condition"]),
    )
    course = (*part.entries(case, part.STAY["course"]), *part.stay(case))
    return part.message(
        case,
        person,
        head,
        (
            cda.opened(head),
            part.home(head),
            cda.person(head, birth=True, more=part.civil(person)),
            provider,
            "</patientRole></recordTarget>",
            cda.staff(head),
            contact,
            cda.RELATED,
            part.encounter(head, case),
            "<component><structuredBody>",
            *part.words(case, (part.STAY["admission"],)),
            cda.section("46241-6", "入院诊断", *part.diagnoses(visit.diagnoses[:1], "入院诊断-")),
            cda.section("11535-2", "出院诊断", *result),
            cda.section("47519-4", "手术操作", *part.procedures(case)),
            cda.section("8648-8", "住院过程", *course),
            *part.words(case, (part.STAY["orders"],)),
            cda.END,
        ),
    )


def chinese_prescription(
    setting: Setting, case: Case, person: Person, prescription: Prescription
) -> Message:
    """C0005 of one prescription of Chinese herbs."""
    herbs = " ".join(f"{herb.name}{herb.grams}g" for herb in prescription.herbs)
    formula = cda.element(
        "DE08.50.049.00",
        "中药饮片处方",
        cda.string(herbs),
        cda.element(
            "DE08.50.050.00", "中药饮片剂数", cda.number("PQ", str(prescription.doses), "剂")
        ),
        cda.element("DE08.50.047.00", "中药煎煮法", cda.string("水煎")),
        cda.element("DE06.00.136.00", "中药用药法", cda.string(prescription.usage or "日一剂")),
    )
    kind = cda.element("DE08.50.032.00", "处方类别代码", cda.coded("2", "中药饮片处方", "2.3.2.40"))
    given = (formula, kind)
    return _prescription(
        setting, case, person, prescription, ("C0005", "中药处方", "岁月日"), given
    )


def western_prescription(
    setting: Setting, case: Case, person: Person, prescription: Prescription
) -> Message:
    """C0004 of one prescription of Western or patent medicines."""
    days = max([line.days for line in prescription.lines], default=1)
    valid = cda.element("DE06.00.294.00", "处方有效天数", cda.number("PQ", str(days), "天"))
    given = (*part.drugs(prescription), valid)
    return _prescription(
        setting, case, person, prescription, ("C0004", "西药处方", "岁月天"), given
    )


def _prescription(
    setting: Setting,
    case: Case,
    person: Person,
    prescription: Prescription,
    kind: tuple[str, str, str],
    given: tuple[str, ...],
) -> Message:
    at = prescription.at + timedelta(minutes=2)
    numbers = (("11", part.visit_number(case)), ("20", case.own(prescription.number)))
    head = part.head_of(setting, case, kind, at, prescription.number, numbers)
    cents = sum(line.cents for line in prescription.lines)
    if not cents and case.visit.fees is not None:
        cents = case.visit.fees.classes.get("中草药费", 0)
    yuan = f"{cents / 100:.2f}"
    cost = cda.number("MO", yuan, "元", name="currency")
    chinese = kind[0] == "C0005"
    diagnoses = part.diagnoses(case.visit.diagnoses, qualified=chinese)
    return part.message(
        case,
        person,
        head,
        (
            cda.opened(head),
            cda.person(head, birth=False),
            cda.provider(head),
            "</patientRole></recordTarget>",
            cda.staff(head, author_day=True),
            cda.RELATED,
            "<component><structuredBody>",
            cda.section("29548-5", "诊断", *diagnoses),
            cda.section("10160-0", "用药", *given),
            cda.section("48768-6", "费用", cda.element("DE07.00.004.00", "处方药品金额", cost)),
            cda.END,
        ),
    )


def laboratory_report(setting: Setting, case: Case, person: Person, report: Report) -> Message:
    """C0007 of one panel."""
    visit = case.visit
    mine = part.visit_number(case)
    numbers = (
        ("11", "" if visit.kind == "I" else mine),
        ("12", mine if visit.kind == "I" else ""),
        ("33", report.number),
        ("24", f"A{report.number}"),
        ("14", f"S{report.number}"),
    )
    title = ("C0007", "检验报告", "岁周天")
    head = part.head_of(setting, case, title, report.reported, report.number, numbers)
    panel = cda.string(catalogue.panel(report.panel).name)
    return part.message(
        case,
        person,
        head,
        (
            cda.opened(head),
            _role(case),
            cda.person(head, birth=False),
            "</patientRole></recordTarget>",
            cda.staff(head, author_day=True),
            _requester(case, head),
            cda.RELATED,
            part.encounter_of_report(head, case),
            "<component><structuredBody>",
            cda.section("29548-5", "诊断", *part.diagnoses(visit.diagnoses[:1])),
            cda.section(
                "30954-2",
                "实验室检查",
                cda.element("DE04.30.018.00", "检验类别", panel),
                *_items(case, report),
            ),
            cda.END,
        ),
    )


def _role(case: Case) -> str:
    """Whether an outpatient, an emergency or an inpatient, and the telephone."""
    kind = {"E": ("2", "急诊"), "I": ("3", "住院")}.get(case.visit.kind, ("1", "门诊"))
    return (
        f'<patientType><patienttypeCode code="{kind[0]}" displayName="{kind[1]}" '
        'codeSystem="2.16.156.10011.2.3.1.271" codeSystemName="患者类型代码表"/></patientType>'
        f'<telecom value="{cda.attribute(case.registered.phone)}"/>'
    )


def _requester(case: Case, head: cda.Head) -> str:
    """The department that wants to know."""
    return (
        '<participant typeCode="PRF"><time/><associatedEntity classCode="ASSIGNED">'
        f'<scopingOrganization><id root="{cda.OID}26" extension="NA"/>'
        f"<name>{cda.text(case.department)}</name><asOrganizationPartOf><wholeOrganization>"
        f'<id root="{cda.OID}5" extension="{head.institution[0]}"/>'
        f"<name>{cda.text(head.institution[1])}</name></wholeOrganization></asOrganizationPartOf>"
        "</scopingOrganization></associatedEntity></participant>"
    )


def _items(case: Case, report: Report) -> Iterator[str]:
    """Each item of a panel with its specimen and its result."""
    days = (report.taken.date() - case.registered.birth).days
    begin, end = cda.stamp(report.taken), cda.stamp(report.taken + timedelta(minutes=25))
    between = f'<effectiveTime><low value="{begin}"/><high value="{end}"/></effectiveTime>'
    on = f'<effectiveTime value="{cda.day(report.taken.date())}"/>'
    specimen = cda.string(catalogue.specimen(report.panel))
    nested = cda.element("DE04.50.134.00", "标本类别", specimen, before=between)
    for value in report.values:
        test = catalogue.test(value.analyte, case.institution, case.registered.sex, days)
        item = cda.element(
            "DE04.30.019.00", "检验项目代码", cda.string(_item(test.local)), nested, before=on
        )
        results = part.result(test.unit, value.text, value.flag, below=value.below)
        yield cda.organizer([item, *results])


def _item(code: str) -> str:
    """The code of an item; sodium's NA would say that there is none."""
    return "NA+" if code == "NA" else code
