"""The parts that several kinds of documents have: heads, words, diagnoses, drugs, the stay."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from minkang.synth.record import Diagnosis, Person, Prescription
from minkang.synth.speak import catalogue, cda
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.sent import Message
from minkang.synth.speak.setting import Setting

_SYSTEMS: Final = {"icd10": "2.3.3.11", "tcm-disease": "2.3.3.14", "tcm-pattern": "2.3.3.14"}

# Key of the text; section code and name; data element and label.
CLINIC: Final = (
    ("complaint", "10154-3", "主诉", "DE04.01.119.00", "主诉"),
    ("present-illness", "10164-2", "现病史", "DE02.10.071.00", "现病史"),
    ("past-history", "11348-0", "既往史", "DE02.10.099.00", "既往史"),
    ("examination", "29545-1", "体格检查", "DE04.10.258.00", "体格检查"),
    ("advice", "18776-5", "治疗计划", "DE06.00.201.00", "治疗意见"),
)
STAY: Final = {
    "admission": (
        "present-illness", "11450-4", "主要健康问题", "DE05.10.148.00", "入院情况",
    ),
    "course": ("admission-course", "8648-8", "住院过程", "DE06.00.296.00", "诊疗过程描述"),
    "condition": ("discharge-condition", "11535-2", "出院诊断", "DE06.00.193.00", "出院情况"),
    "orders": ("discharge-orders", "46209-3", "医嘱", "DE06.00.287.00", "出院医嘱"),
}  # fmt: skip

Words = tuple[str, str, str, str, str]

# CV06.00.102 routes; 9 stands for the others. CV08.50.002 forms of drugs.
_ROUTES: Final = {
    "口服": ("1", "口服"),
    "舌下含服": ("3", "舌下给药"),
    "皮下注射": ("401", "皮下注射"),
    "皮内注射": ("402", "皮内注射"),
    "肌内注射": ("403", "肌肉注射"),
    "肌肉注射": ("403", "肌肉注射"),
    "静脉滴注": ("404", "静脉注射或静脉滴注"),
    "静脉注射": ("404", "静脉注射或静脉滴注"),
    "吸入": ("5", "吸入给药"),
    "雾化吸入": ("5", "吸入给药"),
    "外用": ("6", "局部用药"),
    "滴眼": ("607", "滴眼"),
    "滴鼻": ("608", "滴鼻"),
}
_OTHER_ROUTE: Final = ("9", "其他用药途径")
_FORMS: Final = {
    "片剂": ("01", "片剂(素片、压制片),浸膏片,非包衣片"),
    "胶囊剂": ("19", "胶囊剂,硬胶囊"),
    "注射剂": ("15", "注射液(水针剂),油针剂,混悬针剂"),
    "注射液": ("15", "注射液(水针剂),油针剂,混悬针剂"),
    "颗粒剂": ("49", "颗粒剂(冲剂),晶剂(结晶,晶体),干糖浆"),
}
_OTHER_FORM: Final = ("99", "其他剂型(空心胶囊,绷带,纱布,胶布)")
_RESULT: Final = {"治愈": "1", "好转": "2", "未愈": "3", "死亡": "4"}
_MARITAL: Final = {
    "未婚": ("10", "未婚"),
    "已婚": ("20", "已婚"),
    "丧偶": ("30", "丧偶"),
    "离婚": ("40", "离婚"),
}
_TIMES: Final = {"qd": "1", "bid": "2", "tid": "3", "qid": "4", "qn": "1"}


def head_of(
    setting: Setting,
    case: Case,
    kind: tuple[str, str, str],
    at: datetime,
    number: str,
    more: tuple[tuple[str, str], ...],
) -> cda.Head:
    """The header: `kind` is code, title and units of the age; `more` the numbers it names.

    The number of the document follows from kind and `number`, so a second writing has it too.
    """
    code, title, units = kind
    institution = setting.institution(case.institution)
    who = cda.Signature(
        case.doctor_code, case.doctor, setting.title(case.institution, case.doctor_code), at
    )
    seed = f"{case.system.id}/{code}/{number}".encode()
    return cda.Head(
        kind=code,
        title=title,
        number=blake2b(seed, digest_size=16).hexdigest(),
        made=at,
        patient=case.registered,
        numbers=more,
        age=cda.age_on(case.registered.birth, case.visit.start.date(), units),
        institution=(f"MK{institution.code[-16:]}", institution.name),
        department=case.department,
        author=who,
        signer=who,
    )


def visit_number(case: Case) -> str:
    """The visit's number, where documents are all that the system sends."""
    return case.number if case.system.way == "documents" else ""


def message(case: Case, person: Person, head: cda.Head, parts: Iterable[str]) -> Message:
    """The document, its parts put together, as it leaves."""
    raw = "".join(parts).encode()
    visit = case.visit.number
    return Message(
        case.system.id, "document", head.made, raw, f"{head.kind}:{head.number}", person.key, visit
    )


def words(case: Case, which: Iterable[Words]) -> list[str]:
    """A section for each text that was written."""
    return [
        cda.section(code, name, cda.element(element, label, cda.string(said)))
        for key, code, name, element, label in which
        if (said := case.visit.texts.get(key))
    ]


def entries(case: Case, which: Words) -> list[str]:
    """A text as an entry of a section that has more."""
    key, _, _, element, label = which
    said = case.visit.texts.get(key)
    return [cda.element(element, label, cda.string(said))] if said else []


def diagnoses(
    given: Iterable[Diagnosis], role: str = "", *, qualified: bool = False
) -> Iterator[str]:
    """Diagnoses by code and name; `role` stands before the label, as C0053 has it."""
    for one in given:
        system = _SYSTEMS[one.system]
        if one.system == "icd10":
            code, name = ("DE05.01.024.00", "西医诊断编码"), ("DE05.01.025.00", "西医诊断名称")
        else:
            side = "病名" if one.system == "tcm-disease" else "证候"
            code = ("DE05.10.130.00", f"中医{side}代码")
            name = ("DE05.10.172.00", f"中医{side}名称")
        if one.code:
            label = role + code[1] if role else code[1]
            value = cda.coded(one.code, one.name, system)
            yield cda.element(code[0], label, value, qualifier=label if qualified else "")
        else:
            yield cda.element(name[0], role + name[1], cda.string(one.name))


def orders(case: Case) -> Iterator[str]:
    """The orders of an outpatient as organizers: what kind, what, when, who."""
    visit = case.visit
    for prescription in visit.prescriptions:
        for line in prescription.lines:
            drug = catalogue.drug(line.drug)
            often = catalogue.frequency(line.frequency)
            said = f"{drug.name} {drug.specification} {line.dose} {often} {line.route}"
            yield _order(case, ("01", "药品类医嘱"), said, prescription.at, line.days)
    for report in visit.reports:
        yield _order(case, ("03", "检验类医嘱"), catalogue.panel(report.panel).name, visit.start, 1)
    for one in visit.studies:
        yield _order(case, ("02", "检查类医嘱"), catalogue.study(one.study).name, visit.start, 1)


def _order(case: Case, kind: tuple[str, str], said: str, at: datetime, days: int) -> str:
    begin, end = cda.stamp(at), cda.stamp(at + timedelta(days=days))
    author = (
        f'<author><time value="{begin}"/><assignedAuthor><id root="{cda.OID}4"/>'
        '<code displayName="医嘱开立者"/><assignedPerson>'
        f"<name>{cda.text(case.doctor)}</name></assignedPerson><representedOrganization>"
        f"<name>{cda.text(case.department)}</name></representedOrganization></assignedAuthor>"
        "</author>"
    )
    between = f'<effectiveTime><low value="{begin}"/><high value="{end}"/></effectiveTime>'
    kinds = cda.element("DE06.00.289.00", "医嘱项目类型", cda.coded(*kind, "2.3.1.268"))
    what = cda.element(
        "DE06.00.288.00",
        "医嘱项目内容",
        cda.string(said),
        qualifier="医嘱项目内容",
        before=between,
        after=author,
    )
    return cda.organizer([kinds, what])


def procedures(case: Case) -> Iterator[str]:
    """The operations of a stay as C0053 has them."""
    for done in case.visit.operations:
        one = done.operation
        level = str(one.level)
        name = {"1": "一级手术", "2": "二级手术", "3": "三级手术", "4": "四级手术"}.get(level)
        inner = [cda.element("DE06.00.094.00", "手术及操作名称", cda.string(one.name))]
        if name:
            inner.append(
                cda.element("DE06.00.255.00", "手术级别代码", cda.coded(level, name, "2.3.1.258"))
            )
        nested = "".join(
            [f'<entryRelationship typeCode="COMP">{o}</entryRelationship>' for o in inner]
        )
        yield (
            f'<procedure classCode="PROC" moodCode="EVN"><code code="{cda.attribute(one.code)}" '
            f'displayName="{cda.attribute(one.name)}" codeSystem="2.16.156.10011.2.3.3.12" '
            'codeSystemName="手术(操作)代码表（ICD-9-CM）"/><statusCode/>'
            f'<effectiveTime value="{cda.stamp(done.begin)}"/>{nested}</procedure>'
        )


def stay(case: Case) -> Iterator[str]:
    """What became of it, and how many days it took."""
    visit = case.visit
    if (code := _RESULT.get(visit.outcome)) is not None:
        yield cda.element(
            "DE05.10.113.00", "治疗结果代码", cda.coded(code, visit.outcome, "2.3.1.148")
        )
    if visit.end is not None:
        days = max(1, (visit.end.date() - visit.start.date()).days)
        yield cda.element("DE06.00.310.00", "实际住院天数", cda.number("PQ", str(days), "天"))


def drugs(prescription: Prescription) -> Iterator[str]:
    """Each line as substanceAdministration: usage, route, dose, how often, form, drug, total."""
    for line in prescription.lines:
        drug = catalogue.drug(line.drug)
        route = _ROUTES.get(line.route, _OTHER_ROUTE)
        form = _FORMS.get(drug.form, _OTHER_FORM)
        dose, unit = catalogue.amount(line.dose)
        often = catalogue.frequency(line.frequency)
        inner = (
            cda.element("DE08.50.043.00", "药物规格", cda.string(drug.specification)),
            cda.element("DE06.00.135.00", "药物使用总剂量", cda.number("PQ", str(line.days), "天")),
        )
        nested = "".join(
            [f'<entryRelationship typeCode="COMP">{o}</entryRelationship>' for o in inner]
        )
        yield (
            '<substanceAdministration classCode="SBADM" moodCode="EVN">'
            f"<text>{cda.text(f'{often} {line.route}，共{line.days}天')}</text>"
            f'<routeCode code="{route[0]}" displayName="{route[1]}" '
            'codeSystem="2.16.156.10011.2.3.1.158" codeSystemName="用药途径代码表"/>'
            f'<doseQuantity value="{dose or "1"}" unit="{cda.attribute(unit)}"/>'
            f'<rateQuantity value="{_TIMES.get(line.frequency, "1")}" unit="次/日"/>'
            f'<administrationUnitCode code="{form[0]}" displayName="{form[1]}" '
            'codeSystem="2.16.156.10011.2.3.1.211" codeSystemName="药物剂型代码表"/>'
            "<consumable><manufacturedProduct><manufacturedLabeledDrug>"
            f"<code>{drug.code}</code><name>{cda.text(drug.name)}</name>"
            "</manufacturedLabeledDrug></manufacturedProduct></consumable>"
            f"{nested}</substanceAdministration>"
        )


def result(unit: str, written: str, flag: str, *, below: bool) -> Iterator[str]:
    """Result as code and as number; a text or a limit stands as the unit's remark."""
    code = ("2", "异常") if flag in ("H", "L") else ("1", "正常")
    yield cda.element("DE04.30.017.00", "检验结果代码", cda.coded(*code, "2.3.2.38"))
    try:
        amount = f"{float(written):.4f}"
    except ValueError:
        return
    if not below and len(amount) <= 10:
        yield cda.element(
            "DE04.30.015.00",
            "检验定量结果",
            cda.number("REAL", amount),
            cda.element("DE04.30.016.00", "检查定量结果计量单位", cda.string(unit or "-")),
        )


def home(head: cda.Head) -> str:
    """Address and telephone of C0053's patient."""
    street = head.patient.address.removeprefix("威海市")
    return (
        f'<addr use="H"><houseNumber>{cda.text(street)}</houseNumber><streetName/>'
        "<township/><county/><city>威海市</city><state>山东省</state>"
        "<postalCode>264200</postalCode></addr>"
        f'<telecom value="{cda.attribute(head.patient.phone)}"/>'
    )


def civil(person: Person) -> str:
    """Marriage and work of C0053's patient, with the age between them."""
    code, name = _MARITAL.get(person.marital, ("90", "未说明的婚姻状况"))
    work = catalogue.employment(person.occupation)
    return (
        f'<maritalStatusCode code="{code}" displayName="{name}" '
        'codeSystem="2.16.156.10011.2.3.3.5" codeSystemName="婚姻状况代码表(GB/T 2261.2)"/>{age}'
        f'<occupation><occupationCode code="{work[0]}" codeSystem="2.16.156.10011.2.3.3.13" '
        f'codeSystemName="从业状况(个人身体)代码表(GB/T 2261.4)" displayName="{work[1]}"/>'
        "</occupation>"
    )


def encounter(head: cda.Head, case: Case) -> str:
    """The stay: when, and the chain of places from bed to institution."""
    visit = case.visit
    begin, end = cda.stamp(visit.start), cda.stamp(visit.end or head.made)
    ward, room, bed = case.bed
    code, name = head.institution
    chain = ""
    places = (("5", code, name), ("27", ward, ward), ("26", "", case.department))
    for root, number, called in (*places, ("21", room, room), ("22", bed, bed)):
        chain = _within(root, number, f"<name>{cda.text(called or 'NA')}</name>", chain)
    return (
        '<componentOf typeCode="COMP"><encompassingEncounter classCode="ENC" moodCode="EVN">'
        f'<effectiveTime><low value="{begin}"/><high value="{end}"/></effectiveTime>'
        '<location typeCode="LOC"><healthCareFacility classCode="SDLOC">'
        '<serviceProviderOrganization classCode="ORG" determinerCode="INSTANCE">'
        f"{chain}</serviceProviderOrganization></healthCareFacility></location>"
        "</encompassingEncounter></componentOf>"
    )


def encounter_of_report(head: cda.Head, case: Case) -> str:
    """The same as C0007 has it: room and bed without names, one time, no attributes."""
    ward, room, bed = case.bed
    code, name = head.institution
    chain = _within("5", code, f"<name>{cda.text(name)}</name>", "")
    chain = _within("27", ward, f"<name>{cda.text(ward or 'NA')}</name>", chain)
    chain = _within("26", "", f"<name>{cda.text(case.department)}</name>", chain)
    chain = _within("22", bed, "", _within("21", room, "", chain))
    return (
        "<componentOf><encompassingEncounter>"
        f"<effectiveTime>{cda.stamp(case.visit.start)}</effectiveTime><location>"
        f"<healthCareFacility><serviceProviderOrganization>{chain}"
        "</serviceProviderOrganization></healthCareFacility></location></encompassingEncounter>"
        "</componentOf>"
    )


def _within(root: str, number: str, name: str, whole: str) -> str:
    """A place that belongs to another (`whole`)."""
    return (
        '<asOrganizationPartOf classCode="PART"><wholeOrganization classCode="ORG" '
        f'determinerCode="INSTANCE"><id root="{cda.OID}{root}" '
        f'extension="{cda.attribute(number or "NA")}"/>{name}{whole}</wholeOrganization>'
        "</asOrganizationPartOf>"
    )
