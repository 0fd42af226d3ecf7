"""What stands in which section, by kind, where the facts never were a document.

Section codes and labels after WS/T 500-2016, parts 2, 4, 6, 7, 32 and 53; those of operations,
deliveries and stays are in `ward_tables`. A section for which
there is nothing is left out; what makes no document of its kind without is refused.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from minkang.exchange.documents.facts import refused
from minkang.exchange.documents.layouts import (
    ELEMENTS,
    Piece,
    act,
    element,
    given,
    section,
    took_part,
    when,
)
from minkang.exchange.documents.visit_wards import ward_sections
from minkang.exchange.documents.ward_tables import KINDS as WARD_KINDS
from minkang.exchange.mappings.cda.said import FLAGS, said
from minkang.fhir import Resource

_BODY: Final = "/ClinicalDocument/component/structuredBody"
_FLAG_TABLE: Final = "urn:oid:2.16.156.10011.2.3.2.38"
_ADMISSION: Final = frozenset({"AD", "A", "W"})
"""Roles of a diagnosis on admission: R4 diagnosis-role, HL7 v2 table 0052."""
_REFUTED: Final = frozenset({"refuted", "entered-in-error"})
_VOID: Final = frozenset({"entered-in-error", "cancelled", "not-done", "revoked"})
_TOLD: Final = {
    "DE04.01.119.00": ("10154-3", "主诉"),
    "DE02.10.071.00": ("10164-2", "现病史"),
    "DE02.10.099.00": ("11348-0", "既往史"),
    "DE04.10.258.00": ("29545-1", "体格检查"),
    "DE05.10.148.00": ("11450-4", "入院情况"),
    "DE06.00.193.00": ("11535-2", "出院情况"),
    "DE06.00.296.00": ("8648-8", "诊疗过程描述"),
    "DE06.00.310.00": ("8648-8", "实际住院天数"),
    "DE06.00.287.00": ("46209-3", "出院医嘱"),
    "DE06.00.300.00": ("18776-5", "治则治法"),
}
"""Data elements that stand by themselves: section and label."""


class Visit(msgspec.Struct, frozen=True):
    """The facts of a visit, by reference."""

    kind: str
    encounter: Resource
    patient: Resource
    report: Resource | None
    institution: Mapping[str, str]
    resources: Mapping[str, Resource]

    def all(self, *types: str) -> Iterator[tuple[str, Resource]]:
        """The resources of some types that count, with their references."""
        for reference, one in self.resources.items():
            if one["resourceType"] in types and one.get("status") not in _VOID:
                yield reference, one


def body_of(visit: Visit) -> list[Piece]:
    """The sections of a document of the visit.

    Raises:
        Refused: `kind`: not made of visits; `required`: what the kind is about is not there.
    """
    if visit.kind in WARD_KINDS:
        standing = {r: one for r, one in visit.resources.items() if one.get("status") not in _VOID}
        return ward_sections(visit.kind, visit.encounter, standing)
    make = _KINDS.get(visit.kind)
    if make is None:
        known = "、".join(sorted({*_KINDS, *WARD_KINDS}))
        text = f"{visit.kind[:20]} 不能由就诊数据生成，可生成的类别：{known}"
        raise refused("/ClinicalDocument/code/@code", "kind", text)
    return [one for one in make(visit) if one.get("section")]


def _outpatient(visit: Visit) -> Iterator[Piece]:
    yield section("48765-2", "过敏史章节", _allergies(visit))
    yield from _told(visit, "10154-3", "10164-2", "11348-0", "29545-1")
    diagnoses = _required(_diagnoses(visit), "诊断记录章节")
    yield section("29548-5", "诊断记录章节", diagnoses)
    yield from _told(visit, "18776-5")
    orders = (
        act("organizer", [element("DE06.00.288.00", "医嘱项目内容", reference)])
        for reference, one in visit.all("ServiceRequest")
        if said(one).get("DE06.00.288.00")
    )
    yield section("46209-3", "医嘱章节", orders)


def _prescription(visit: Visit) -> Iterator[Piece]:
    yield section("29548-5", "诊断记录章节", _required(_coded_only(visit), "诊断记录章节"))
    drugs = [_drug(reference, one) for reference, one in visit.all("MedicationRequest")]
    yield section("10160-0", "用药章节", _required(drugs, "用药章节"))


def _laboratory(visit: Visit) -> Iterator[Piece]:
    yield section("29548-5", "诊断章节", _coded_only(visit))
    tests = _required(_tests(visit, "检验"), "实验室检查章节")
    yield section("30954-2", "实验室检查章节", [*_class(visit, "检验类别"), *tests])
    yield section("", "检验报告章节", _conclusion(visit, "DE04.50.130.00", "检验报告"))


def _examination(visit: Visit) -> Iterator[Piece]:
    yield section("29548-5", "诊断章节", _coded_only(visit))
    tests = list(_tests(visit, "检查", numbers=True))
    yield section("29545-1", "体格检查章节", [*_class(visit, "检查类别"), *tests])
    seen = [
        element("DE04.50.131.00", "检查报告结果-客观所见", reference, key="DE04.30.015.00/0")
        for reference, one in _results(visit)
        if "valueString" in one
    ]
    concluded = _conclusion(visit, "DE04.50.132.00", "检查报告")
    if not seen and not tests and "conclusion" not in (visit.report or {}):
        _required([], "检查报告章节")
    yield section("", "检查报告章节", [*seen, *concluded])


def _front_page(visit: Visit) -> Iterator[Piece]:
    triples = (act("organizer", pair) for pair in _pairs(visit, on_admission=False))
    yield section("11535-2", "出院诊断章节", _required(list(triples), "出院诊断章节"))
    yield section("47519-4", "手术操作章节", _procedures(visit, performed=True))


def _discharge(visit: Visit) -> Iterator[Piece]:
    yield from _told(visit, "11450-4")
    yield section("46241-6", "入院诊断章节", _coded_only(visit, on_admission=True))
    discharged = _required(_coded_only(visit, on_admission=False), "出院诊断章节")
    yield section("11535-2", "出院诊断章节", [*discharged, *_elements(visit, "11535-2")])
    yield section("47519-4", "手术操作章节", _procedures(visit, performed=False))
    yield from _told(visit, "8648-8", "46209-3")


def _required(found: Iterable[Piece], name: str) -> list[Piece]:
    """What a kind is about.

    Raises:
        Refused: there is none.
    """
    made = list(found)
    if not made:
        place = f"{_BODY}/component/section[code/@displayName='{name}']"
        raise refused(place, "required", f"缺少{name}的内容，平台中没有这项数据")
    return made


# -- diagnoses, operations, allergies, drugs ---------------------------------------------------


def _conditions(visit: Visit, on_admission: bool | None) -> Iterator[tuple[str, Resource]]:
    """Diagnoses that stand, those of admission or the others; in the order of the visit."""
    listed = {
        one["condition"].get("reference"): one for one in visit.encounter.get("diagnosis", ())
    }
    found = [
        (reference, one)
        for reference, one in visit.all("Condition")
        if not _REFUTED & set(_codes(one.get("verificationStatus")))
    ]
    order = list(listed)
    found.sort(key=lambda pair: order.index(pair[0]) if pair[0] in listed else len(order))
    for reference, one in found:
        admitted = bool(_ADMISSION & set(_codes(listed.get(reference, {}).get("use"))))
        if on_admission is None or admitted == on_admission:
            yield reference, one


def _codes(concept: Mapping[str, Any] | None) -> list[str]:
    return [one.get("code", "") for one in (concept or {}).get("coding", ())]


def _coded_only(visit: Visit, on_admission: bool | None = None) -> list[Piece]:
    label = {None: "诊断代码", True: "入院诊断-西医诊断编码", False: "出院诊断-西医诊断编码"}
    return [
        element("DE05.01.024.00", label[on_admission], reference)
        for reference, one in _conditions(visit, on_admission)
        if said(one).get("DE05.01.024.00")
    ]


def _pairs(visit: Visit, on_admission: bool | None = None) -> Iterator[list[Piece]]:
    """Name and code of each diagnosis."""
    for reference, one in _conditions(visit, on_admission):
        has = said(one)
        yield [
            element(code, label, reference)
            for code, label in (("DE05.01.025.00", "诊断名称"), ("DE05.01.024.00", "诊断代码"))
            if has.get(code)
        ]


def _diagnoses(visit: Visit) -> list[Piece]:
    return [piece for pair in _pairs(visit) for piece in reversed(pair)]


def _procedures(visit: Visit, *, performed: bool) -> Iterator[Piece]:
    for reference, one in visit.all("Procedure"):
        time = one.get("performedDateTime") or one.get("performedPeriod", {}).get("start")
        more = [when(time)] if time else []
        people = one.get("performer", ()) if performed else ()
        for at, who in enumerate(people):
            name = who.get("actor", {}).get("display", "")
            role = who.get("function", {}).get("text", "")
            kind = "participant" if at else "performer"
            more.append(took_part(kind, person=name, role=role))
        name_of = element("DE06.00.094.00", "手术（操作）名称", reference)
        yield act("procedure", [name_of], heads=[("#code", reference)], more=more)


def _allergies(visit: Visit) -> Iterator[Piece]:
    for reference, _ in visit.all("AllergyIntolerance"):
        history = element("DE05.01.022.00", "过敏史", reference)
        yield given("DE02.10.023.00", "过敏史标志", {"valueBoolean": True}, [history])


def _drug(reference: str, resource: Resource) -> Piece:
    has = said(resource)
    keys = ("#drug", "#drug-code", "#route", "#dose", "#rate", "#form", "#text")
    total = [element("DE06.00.135.00", "药物使用总剂量", reference)]
    return act(
        "substanceAdministration",
        total if has.get("DE06.00.135.00") else [],
        heads=[(key, reference) for key in keys if has.get(key)],
    )


# -- reports -----------------------------------------------------------------------------------


def _results(visit: Visit) -> Iterator[tuple[str, Resource]]:
    """The results of the report, in its order."""
    for one in (visit.report or {}).get("result", ()):
        found = visit.resources.get(one.get("reference", ""))
        if found is not None and found.get("status") not in _VOID:
            yield one["reference"], found


def _tests(visit: Visit, what: str, *, numbers: bool = False) -> Iterator[Piece]:
    for reference, one in _results(visit):
        has = said(one)
        if not has.get("DE04.30.019.00") or (numbers and "valueString" in one):
            continue
        specimen = one.get("specimen", {}).get("reference", "")
        kind = visit.resources.get(specimen, {}).get("type", {}).get("text")
        inner = [element("DE04.50.134.00", "标本类别", specimen)] if kind else []
        item = element("DE04.30.019.00", f"{what}项目代码", reference, inner)
        parts = [item, *_flag(one, what)]
        if has.get("DE04.30.015.00"):
            unit = [element("DE04.30.016.00", f"{what}定量结果计量单位", reference)]
            amount = unit if has.get("DE04.30.016.00") else []
            parts.append(element("DE04.30.015.00", f"{what}定量结果", reference, amount))
        yield act("organizer", parts)


def _flag(resource: Resource, what: str) -> Iterator[Piece]:
    """正常 or 异常, where the result is flagged: these two are all that documents know."""
    for concept in resource.get("interpretation", ()):
        for coding in concept.get("coding", ()):
            if coding.get("system") == FLAGS and coding.get("code"):
                normal = coding["code"] == "N"
                code, name = ("1", "正常") if normal else ("2", "异常")
                one = {"system": _FLAG_TABLE, "code": code, "display": name}
                value = {"valueCodeableConcept": {"coding": [one], "text": name}}
                yield given("DE04.30.017.00", f"{what}结果代码", value)
                return


def _class(visit: Visit, label: str) -> list[Piece]:
    report = visit.report
    if report is None or not report.get("code", {}).get("text"):
        return []
    return [element("DE04.30.018.00", label, f"DiagnosticReport/{report['id']}")]


def _conclusion(visit: Visit, code: str, what: str) -> list[Piece]:
    report = visit.report or {}
    found: list[Piece] = []
    if report.get("conclusion"):
        found.append(element(code, f"{what}结果", f"DiagnosticReport/{report['id']}"))
    if name := visit.institution.get("name"):
        found.append(given("DE08.10.013.00", f"{what}机构名称", {"valueString": name}))
    return found


# -- data elements that stand by themselves ----------------------------------------------------


def _told(visit: Visit, *sections: str) -> Iterator[Piece]:
    for code in sections:
        title = next(label for one, label in _TOLD.values() if one == code)
        yield section(code, f"{title}章节", _elements(visit, code))


def _elements(visit: Visit, section_code: str) -> list[Piece]:
    """Observations named by a data element of a section."""
    return [
        element(coding["code"], _TOLD[coding["code"]][1], reference)
        for reference, one in visit.all("Observation")
        for coding in one.get("code", {}).get("coding", ())
        if coding.get("system") == ELEMENTS
        and _TOLD.get(coding.get("code", ""), ("",))[0] == section_code
    ]


_KINDS: Final[Mapping[str, Callable[[Visit], Iterator[Piece]]]] = {
    "C0002": _outpatient,
    "C0004": _prescription,
    "C0006": _examination,
    "C0007": _laboratory,
    "C0032": _front_page,
    "C0053": _discharge,
}

OF_A_REPORT: Final = frozenset({"C0006", "C0007"})
"""Kinds that are of one DiagnosticReport, not of the whole visit."""
