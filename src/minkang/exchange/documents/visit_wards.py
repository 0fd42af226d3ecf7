"""Documents of operations, deliveries and stays from the facts of a visit, by `ward_tables`.

A data element stands where its table has it if a fact says it: an Observation of that code (of that
label too, where one code has several meanings), of a vital sign LOINC; else the operation, visit,
patient, request, report, family history or allergy. Of several the latest stands, of an admission's
vital signs the earliest; C0020 is of the last time that anything was measured.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from minkang.exchange.documents.facts import refused
from minkang.exchange.documents.layouts import Piece, act, element, section, took_part
from minkang.exchange.documents.ward_diagnoses import diagnoses
from minkang.exchange.documents.ward_tables import Row, tables_of
from minkang.exchange.mappings.cda.fields import begin_of
from minkang.exchange.mappings.cda.newborn import INTERVAL, NEWBORN_ELEMENTS, SCORE
from minkang.exchange.mappings.cda.procedures import ANAESTHESIA, ANAESTHETIST
from minkang.exchange.mappings.cda.said import Said, said
from minkang.exchange.mappings.cda.vital_signs import DIASTOLIC, PACEMAKER, SIGNS, SYSTOLIC
from minkang.fhir import Resource

_BODY: Final = "/ClinicalDocument/component/structuredBody"
_OF_LAST_TIME: Final = "C0020"
_EARLIEST: Final = "C0034"
_SIGNS_BY_LOINC: Final = frozenset({_OF_LAST_TIME, _EARLIEST})
_SEEN_ONLY: Final = frozenset({"57076-2", "11537-8"})
"""Sections whose elements are Observations alone: codes in them mean something else elsewhere."""
_VITAL: Final = "vital-signs"
_OPERATIONS: Final = {"C0015": ("72", "73", "分娩"), "C0016": ("74", "剖宫产")}
"""Begin of the ICD-9-CM-3 code, or words, of the operation that a delivery is."""
_OPERATIVE: Final = frozenset({"C0009", *_OPERATIONS})
_NEEDED: Final = {
    "C0009": ("procedure", "手术操作章节"),
    "C0015": ("57075-4", "新生儿章节"),
    "C0016": ("57075-4", "新生儿章节"),
    "C0020": ("8716-3", "生命体征章节"),
    "C0034": ("10154-3", "主诉章节"),
    "C0045": ("会诊意见", "会诊意见"),
    "C0049": ("出院诊断章节", "出院诊断章节"),
    "C0050": ("死亡原因章节", "死亡原因章节"),
}
"""What is no document of its kind without: code or name of a section, and what it is called."""


class Seen(msgspec.Struct, frozen=True):
    """A fact with what it says."""

    reference: str
    resource: Resource
    says: Said


class Ward:
    """The facts of a visit as the tables ask for them.

    Attributes:
        kind: of the document.
        encounter: the visit.
        seen: Observations that count, oldest first.
        operations: Procedures that the document is about.
        others: whatever else may say a data element.
        conditions: diagnoses that are not refuted.
    """

    def __init__(self, kind: str, encounter: Resource, facts: Mapping[str, Resource]) -> None:
        self.kind = kind
        self.encounter = encounter
        of_type: dict[str, list[Seen]] = {}
        for reference, one in facts.items():
            of_type.setdefault(one["resourceType"], []).append(Seen(reference, one, said(one)))
        self.seen = sorted(of_type.get("Observation", []), key=_moment)
        if kind == _OF_LAST_TIME:
            last = next((_moment(o) for o in reversed(self.seen) if _is_vital(o)), None)
            self.seen = [one for one in self.seen if _moment(one) == last]
        self.operations = [o for o in of_type.get("Procedure", []) if _is_about(kind, o)]
        self.conditions = of_type.get("Condition", [])
        self.others = [*self.operations, *_consultation(of_type)]
        for name in ("Encounter", "Patient", "FamilyMemberHistory", "AllergyIntolerance"):
            self.others += of_type.get(name, [])
        rows = [row for table in tables_of(kind) for row in table.rows]
        codes = [row.code.rpartition(":")[2] for row in rows]
        self.ambiguous = {code for code in codes if codes.count(code) > 1}


def ward_sections(kind: str, encounter: Resource, facts: Mapping[str, Resource]) -> list[Piece]:
    """The sections of a document of a kind in `ward_tables.KINDS`; those that say nothing left out.

    Raises:
        Refused: `required`: what the kind is about is not there.
    """
    ward = Ward(kind, encounter, facts)
    found: list[Piece] = []
    there: set[str] = set()
    for table in tables_of(kind):
        acts = [piece for row in table.rows for piece in _row(ward, row, table.code)]
        if acts:
            found.append(section(table.code, table.name, acts))
            there |= {table.code, table.name}
            there |= {"procedure"} if table.code == "47519-4" and ward.operations else set()
    needed, name = _NEEDED[kind]
    if needed not in there:
        place = f"{_BODY}/component/section[code/@displayName='{name}']"
        raise refused(place, "required", f"缺少{name}的内容，平台中没有这项数据")
    return found


def dated_at(kind: str, facts: Mapping[str, Resource]) -> str | None:
    """What a kind has as its author's time: when was measured last, or the operation was over."""
    seen = [Seen(reference, one, {}) for reference, one in facts.items()]
    if kind in _OPERATIVE:
        for one in seen:
            if one.resource["resourceType"] == "Procedure" and _is_about(kind, one):
                period = one.resource.get("performedPeriod", {})
                end: str | None = period.get("end") or one.resource.get("performedDateTime")
                return end
    if kind == _OF_LAST_TIME:
        signs = [o for o in seen if o.resource["resourceType"] == "Observation" and _is_vital(o)]
        last = max(signs, key=_moment, default=None)
        return last.resource.get("effectiveDateTime") if last else None
    return None


def days_of(facts: Mapping[str, Resource]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Days of the stay (`visit`) and since operation or birth (`event`), as last said."""
    for of, name in (("visit", "实际住院天数"), ("event", "手术或分娩后天数")):
        found = [
            Seen(reference, one, {})
            for reference, one in facts.items()
            if one["resourceType"] == "Observation" and one.get("code", {}).get("text") == name
        ]
        last = max(found, key=_moment, default=None)
        if last is not None and "valueQuantity" in last.resource:
            yield of, last.resource["valueQuantity"]


def _row(ward: Ward, row: Row, section_code: str) -> Iterator[Piece]:
    if not row.code.startswith("@"):
        found = list(_saying(ward, row, section_code))
        earliest = ward.kind == _EARLIEST and row.code in SIGNS
        for one, key in found[:1] if earliest else found[-1:]:
            yield _piece(one, row, key)
        return
    name, _, more = row.code[1:].partition(":")
    if name == "each":
        plain = msgspec.structs.replace(row, code=more)
        for one, key in _saying(ward, plain, section_code):
            yield _piece(one, plain, key)
    elif name in _MAKERS:
        yield from _MAKERS[name](ward)
    else:
        pairs = [(one.reference, one.resource) for one in ward.conditions]
        yield from diagnoses(name, more, row.label, pairs, ward.encounter)


def _saying(ward: Ward, row: Row, section_code: str) -> Iterator[tuple[Seen, str]]:
    """The facts that say a data element, each with the key under which it does."""
    found = False
    for one in ward.seen:
        if row.code in one.says and (row.code not in ward.ambiguous or _is_called(one, row)):
            found = True
            yield one, ""
    if not found and row.code in SIGNS and ward.kind in _SIGNS_BY_LOINC:
        loinc = SIGNS[row.code][0]
        for one in ward.seen if PACEMAKER not in row.label else ():
            if loinc in one.says:
                found = True
                yield one, f"{loinc}/0"
    if not found and section_code not in _SEEN_ONLY:
        yield from ((one, "") for one in ward.others if row.code in one.says)


def _piece(one: Seen, row: Row, key: str) -> Piece:
    inner = [element(x.code, x.label, one.reference) for x in row.inner if x.code in one.says]
    return element(row.code, row.label, one.reference, inner, key=key)


def _is_called(one: Seen, row: Row) -> bool:
    """Whether an Observation is called as a data element is, marks aside."""
    return _plain(one.resource.get("code", {}).get("text", "")) == _plain(row.label)


def _plain(label: str) -> str:
    return "".join(one for one in label if one.isalnum()).lower()


def _moment(one: Seen) -> str:
    """When something was seen, so that it can be put in order; what has no time comes first."""
    resource = one.resource
    time = resource.get("effectiveDateTime") or resource.get("effectivePeriod", {}).get("start")
    begin = begin_of(time)
    return begin.isoformat() if begin else ""


def _is_vital(one: Seen) -> bool:
    groups = one.resource.get("category", ())
    return any(coding.get("code") == _VITAL for group in groups for coding in group["coding"])


def _is_about(kind: str, one: Seen) -> bool:
    """Whether a Procedure is what a kind is about: of a delivery by its code or its name."""
    if kind not in _OPERATIONS:
        return True
    *begins, words = _OPERATIONS[kind]
    code = one.resource.get("code", {})
    codes = [coding.get("code", "") for coding in code.get("coding", ())]
    text = code.get("text", "")
    return words in text or any(each.startswith(tuple(begins)) for each in (*codes, text))


def _consultation(of_type: Mapping[str, list[Seen]]) -> list[Seen]:
    """The last consultation, and what was asked of it."""
    reports = [
        one
        for one in of_type.get("DiagnosticReport", [])
        if any(c.get("code") == "C0045" for c in one.resource["code"].get("coding", ()))
    ][-1:]
    asked = [
        target.get("reference") for one in reports for target in one.resource.get("basedOn", ())
    ]
    requests = [one for one in of_type.get("ServiceRequest", []) if one.reference in asked]
    return [*reports, *requests]


# -- what no table can say ----------------------------------------------------------------------


def _pressure(ward: Ward) -> Iterator[Piece]:
    """Both numbers of a blood pressure, by data element or by LOINC."""
    names = ((SYSTOLIC, "收缩压"), (DIASTOLIC, "舒张压"))
    found = []
    for one in ward.seen:
        keys = [next((k for k in (code, SIGNS[code][0]) if k in one.says), "") for code, _ in names]
        if all(keys):
            found.append((one, keys))
    for one, keys in found[:1] if ward.kind == _EARLIEST else found[-1:]:
        parts = [
            element(code, label, one.reference, key="" if key == code else f"{key}/0")
            for (code, label), key in zip(names, keys, strict=True)
        ]
        yield act("organizer", parts)


def _procedure(ward: Ward) -> Iterator[Piece]:
    for one in ward.operations:
        more: list[dict[str, Any]] = []
        if period := one.resource.get("performedPeriod"):
            more.append({"url": "urn:minkang:cda:time", "valuePeriod": period})
        for at, who in enumerate(one.resource.get("performer", ())):
            role = who.get("function", {}).get("text", "")
            name = who.get("actor", {}).get("display", "")
            if role != ANAESTHETIST:
                more.append(took_part("participant" if at else "performer", person=name, role=role))
        rows = (
            ("DE06.00.094.00", "手术（操作）名称"),
            ("DE06.00.256.00", "患者实施手术所在的手术室编号"),
            ("DE06.00.255.00", "手术级别"),
        )
        parts = [element(code, label, one.reference) for code, label in rows if code in one.says]
        yield act("procedure", parts, heads=[("#code", one.reference)], more=more)


def _code(ward: Ward) -> Iterator[Piece]:
    for one in ward.operations:
        if "#code-text" in one.says:
            yield act("procedure", heads=[("#code-text", one.reference)])


def _anaesthesia(ward: Ward) -> Iterator[Piece]:
    for one in ward.operations:
        if ANAESTHESIA not in one.says:
            continue
        piece = element(ANAESTHESIA, "麻醉方式代码", one.reference)
        piece["extension"] = [
            took_part("performer", person=who["actor"].get("display", ""))
            for who in one.resource.get("performer", ())
            if who.get("function", {}).get("text") == ANAESTHETIST
        ]
        yield piece


def _newborn(ward: Ward) -> Iterator[Piece]:
    """All of one child, then all of the next."""
    found = [
        (_child(one), place, one, code, label)
        for one in ward.seen
        for place, (code, label) in enumerate(NEWBORN_ELEMENTS)
        if code in one.says and _child(one)
    ]
    for _, _, one, code, label in sorted(found, key=lambda each: each[:2]):
        yield element(code, label, one.reference)


def _apgar(ward: Ward) -> Iterator[Piece]:
    scores = [one for one in ward.seen if SCORE in one.says and INTERVAL in one.says]
    for one in sorted(scores, key=_child):
        yield element(INTERVAL, "Apgar评分间隔时间代码", one.reference)
        yield element(SCORE, "Apgar评分值", one.reference)
    for code, label in (
        ("DE06.00.026.00", "分娩结局代码"),
        ("DE05.10.160.00", "新生儿异常情况代码"),
    ):
        for one in ward.seen:
            if code in one.says:
                yield element(code, label, one.reference)


def _child(one: Seen) -> str:
    """Which newborn an Observation is about, in words."""
    return next((focus.get("display", "") for focus in one.resource.get("focus", ())), "")


_MAKERS: Final[Mapping[str, Callable[[Ward], Iterator[Piece]]]] = {
    "anaesthesia": _anaesthesia,
    "apgar": _apgar,
    "code": _code,
    "newborn": _newborn,
    "pressure": _pressure,
    "procedure": _procedure,
}
