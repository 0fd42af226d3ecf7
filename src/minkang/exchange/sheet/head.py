"""What stands above the sections of a document, as on its paper form, and who signed it."""

from collections.abc import Iterator
from typing import Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.sheet.block import Line
from minkang.exchange.sheet.words import code_words, plain, span_words

_NUMBERS: Final = (
    (ids.OUTPATIENT, "门（急）诊号"),
    (ids.INPATIENT, "住院号"),
    (ids.MEDICAL_RECORD, "病案号"),
    (ids.HEALTH_RECORD, "健康档案号"),
    (ids.LABORATORY_REPORT, "检验报告单号"),
    (ids.EXAMINATION_REPORT, "检查报告单号"),
    (ids.APPLICATION, "申请单号"),
    (ids.SPECIMEN, "标本号"),
    (ids.PRESCRIPTION, "处方号"),
    (ids.CONSENT, "知情同意书号"),
)
_PLACES: Final = (
    (ids.DEPARTMENT, "科室"),
    (ids.WARD, "病区"),
    (ids.ROOM, "病房"),
    (ids.BED, "病床"),
)
_SIGNERS: Final = (
    ("author", "文档创建者"),
    ("dataEnterer", "录入者"),
    ("authenticator", "签名"),
    ("legalAuthenticator", "审核"),
)


def head_of(root: Element) -> tuple[Line, ...]:
    """Patient, visit, institution; identity and telephone numbers do not stand on a page."""
    return tuple((label, plain(text)) for label, text in _head(root) if text)


def _head(root: Element) -> Iterator[Line]:
    role = root.first("recordTarget", "patientRole")
    patient = role.first("patient") if role is not None else None
    if role is not None and patient is not None:
        yield "姓名", text_of(patient.first("name"))
        yield "性别", code_words(patient.first("administrativeGenderCode"))
        age = patient.first("age")
        yield "年龄", attribute_of(age, "value") + attribute_of(age, "unit")
        yield "出生日期", span_words(patient.first("birthTime"))
        yield "患者类型", code_words(role.first("patientType", "patienttypeCode"))
        known = ids.numbers(role.all("id"))
        for oid, label in _NUMBERS:
            yield label, known.get(oid, "")
    keeper = ("custodian", "assignedCustodian", "representedCustodianOrganization", "name")
    yield "机构", text_of(root.first(*keeper))
    visit = root.first("componentOf", "encompassingEncounter")
    if visit is not None:
        places = {one.get("root"): one for one in visit.below("id")}
        for oid, label in _PLACES:
            if (number := places.get(oid)) is not None and number.parent is not None:
                yield (
                    label,
                    text_of(number.parent.first("name")) or attribute_of(number, "extension"),
                )
        yield "就诊时间", span_words(visit.first("effectiveTime"))
    yield "文档时间", span_words(root.first("effectiveTime"))


def signed_by(root: Element) -> tuple[Line, ...]:
    """Who wrote and who signed, each as (role, name and when)."""
    found = []
    for tag, usual in _SIGNERS:
        for one in root.all(tag):
            role = next((said for code in one.below("code") if (said := code_words(code))), "")
            name = next((said for node in one.below("name") if (said := text_of(node))), "")
            if name:
                found.append(
                    (role or usual, plain(f"{name} {span_words(one.first('time'))}").strip())
                )
    return tuple(dict.fromkeys(found))
