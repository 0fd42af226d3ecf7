"""The visit that a document belongs to, as Encounter.

By the outpatient or inpatient number; a document that has neither belongs to no visit that could
be found again. The Encounter is numbered together with the patient: documents of one visit do not
all have the patient's identity card, and a visit must not change hands.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import attribute_of, begin_of, text_of
from minkang.exchange.mappings.draft import Draft, unknown
from minkang.fhir import date_range

_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES: Final = {
    "1": ("AMB", "门诊"),
    "2": ("EMER", "急诊"),
    "3": ("IMP", "住院"),
}
# Kinds that are only written in one class of visit; of the others the document itself says it.
_INPATIENT: Final = frozenset(f"C{number:04d}" for number in (23, 25, *range(32, 54)))
_KINDS: Final = {"C0002": "1", "C0003": "2", **dict.fromkeys(_INPATIENT, "3")}
_BY_AUTHOR: Final = frozenset({"C0020", "C0045"})
"""Kinds whose author's time is when it took place: a measurement, a consultation."""


def map_visit(case: Case) -> None:
    """Give the case its visit, if the document names one, and when what it reports took place.

    Problems: rule `period` where the end is before the begin.
    """
    encounter = case.root.first("componentOf", "encompassingEncounter")
    start, end = _period(case, encounter)
    written = case.reader.time(case.root.first("author", "time"))
    if case.kind == "C0002" and start is None:
        start = written
    case.performed = (written if case.kind in _BY_AUTHOR else None) or start
    role = case.root.first("recordTarget", "patientRole")
    numbers = ids.numbers(role.all("id") if role is not None else [])
    kind, number = _number(case, role, numbers)
    if not number:
        return
    visit = case.draft("Encounter", f"{number}/{case.patient_key}", begin_of(start))
    case.visit = visit
    visit.put("identifier", [case.own("visit", number)])
    for root, other in ((ids.OUTPATIENT, "outpatient"), (ids.INPATIENT, "inpatient")):
        if numbers.get(root) not in (None, number):
            visit.add("identifier", case.own(other, numbers[root]))
    visit.put("subject", case.patient.reference)
    visit.put("serviceProvider", case.context.institution())
    if kind in _CLASSES:
        act, display = _CLASSES[kind]
        visit.put("class", {"system": _ACT, "code": act, "display": display})
    visit.suppose("class", unknown())
    if end:
        visit.put("status", "finished")
    visit.suppose("status", "unknown")
    period = {"start": start, "end": end}
    visit.put("period", {key: value for key, value in period.items() if value})
    visit.part_of("period")
    _place(case, visit, encounter, role)


def _number(case: Case, role: Element | None, numbers: dict[str, str]) -> tuple[str, str]:
    """Class of the visit (1 outpatient, 2 emergency, 3 inpatient, else unknown) and its number."""
    code = role.first("patientType", "patienttypeCode") if role is not None else None
    said = attribute_of(code, "code") or _KINDS.get(case.kind, "")
    outpatient, inpatient = numbers.get(ids.OUTPATIENT, ""), numbers.get(ids.INPATIENT, "")
    if said in ("1", "2") and outpatient:
        return said, outpatient
    if inpatient and said not in ("1", "2"):
        return "3", inpatient
    if outpatient and not inpatient:
        return said or "", outpatient
    return said, inpatient or outpatient


def _period(case: Case, encounter: Element | None) -> tuple[str | None, str | None]:
    time = encounter.first("effectiveTime") if encounter is not None else None
    if time is None:
        return None, None
    reader = case.reader
    low, high = time.first("low"), time.first("high")
    start = reader.time(low) if low is not None else reader.time(time)
    end = reader.time(high)
    if start and end and high is not None and date_range(end).high < date_range(start).low:
        reader.problem(high, "period", "出院（结束）时间早于入院（开始）时间", "value")
    return start, end


def _place(case: Case, visit: Draft, encounter: Element | None, role: Element | None) -> None:
    """Department, ward, room and bed, wherever in the chain of organizations they stand."""
    found: dict[str, str] = {}
    chains = [one for one in (encounter, role) if one is not None]
    for chain in chains:
        for node in chain.walk():
            if node.name in ("wholeOrganization", "providerOrganization"):
                number = node.first("id")
                text = text_of(node.first("name")) or attribute_of(number, "extension")
                if number is not None and text:
                    found.setdefault(number.get("root"), text)
    if department := found.get(ids.DEPARTMENT):
        visit.put("serviceType", {"text": department})
    parts = [found[root] for root in (ids.WARD, ids.ROOM, ids.BED) if root in found]
    if parts:
        location: dict[str, Any] = {"location": {"display": " ".join(parts)}}
        visit.put("location", [location])
