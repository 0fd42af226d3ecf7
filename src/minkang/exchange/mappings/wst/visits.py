"""Visits: registered, admitted, transferred, discharged; or only mentioned. Encounter, Condition.

A visit is numbered by its serial number (2.16.156.10011.2.5.1.9), else by the outpatient or
inpatient number together with how often the patient has come.
"""

from typing import Any, Final

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import INSTITUTIONS
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft, unknown
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    extension,
    number_of,
    numbers_of,
    period_of,
    time_of,
    value_of,
)
from minkang.exchange.mappings.wst.patient import VISIT, VISIT_COUNT, mentioned
from minkang.exchange.mappings.wst.people import practitioner, record, stated
from minkang.exchange.mappings.wst.places import department_of, places, stay

_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES: Final = {"1": ("AMB", "门诊"), "2": ("EMER", "急诊"), "3": ("IMP", "住院")}
_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/condition-category"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_KINDS: Final = {
    VISIT: "visit",
    ids.OUTPATIENT: "outpatient",
    ids.INPATIENT: "inpatient",
}


class Visit(msgspec.Struct, frozen=True):
    """A visit that a message names: its resource and its number."""

    draft: Draft
    number: str


def map_visit(case: Case) -> None:
    """OutPatientInfo and InPatientInfo (Add, Update): the Encounter.

    Raises:
        Refused: patient or visit has no number.
    """
    event, patient, visit = _event(case)
    draft = visit.draft
    draft.suppose("status", "in-progress")
    _admission(case, event, draft)
    _whereabouts(case, event, draft)
    _diagnoses(case, event.all("reason"), visit, patient)
    _responsible(case, event.first("admitter"), draft, "ATND")


def map_discharge(case: Case) -> None:
    """DischargeInfoAdd, DischargeInfoUpdate: the Encounter is finished.

    Raises:
        Refused: patient or visit has no number.
    """
    event, patient, visit = _event(case)
    draft = visit.draft
    draft.put("status", "finished")
    _admission(case, event, draft)
    _whereabouts(case, event, draft)
    _diagnoses(case, event.all("reason"), visit, patient)
    _responsible(case, event.first("admitter"), draft, "ATND")
    record(case, draft, stated(case, "enterer", event.first("discharger")), patient)


def map_transfer(case: Case) -> None:
    """TransferInfoAdd, TransferInfoUpdate: where the patient was and where they are now.

    Raises:
        Refused: patient or visit has no number.
    """
    event, _, visit = _event(case)
    draft = visit.draft
    draft.suppose("status", "in-progress")
    before, after = event.first("location2"), event.first("location1")
    for location, status in ((before, "completed"), (after, "active")):
        if location is None:
            continue
        draft.add("location", stay(case, location, status))
        unit = department_of(case, places(case, location), location)
        if unit and status == "active" and unit.get("display"):
            draft.put("serviceType", {"text": unit["display"]})
        if unit:
            name = "department" if status == "active" else "department-before"
            draft.add("extension", extension(name, "Reference", unit))


def visit_of(case: Case, encounter: Element | None, patient: Draft) -> Visit | None:
    """The visit that an order or a status belongs to, with what it happens to say of it."""
    if encounter is None:
        return None
    visit = _numbered(case, encounter, patient)
    if visit is None:
        return None
    draft = visit.draft
    draft.suppose("status", "unknown")
    if kind := _class_of(case, encounter):
        draft.suppose("class", kind)
    location = encounter.first("location")
    if location is not None:
        if where := stay(case, location):
            draft.suppose("location", [where])
        unit = department_of(case, places(case, location), location)
        if unit and unit.get("display"):
            draft.suppose("serviceType", {"text": unit["display"]})
    if period := period_of(case.reader, encounter.first("effectiveTime")):
        draft.suppose("period", period)
    return visit


def diagnosis(
    case: Case, node: Element | None, visit: Visit | None, patient: Draft
) -> Draft | None:
    """An observationDx as Condition; None if it names no disease."""
    if node is None:
        return None
    concept = case.reader.concept(node.first("value"), "diagnosis")
    if concept is None:
        return None
    named = concept.get("coding", [{}])[0].get("code") or concept["text"]
    key = visit.number if visit else patient.resource["id"]
    condition = case.draft("Condition", f"{key}/{named}")
    condition.put("subject", patient.reference)
    condition.put("encounter", visit.draft.reference if visit else None)
    condition.put("code", concept)
    condition.put("clinicalStatus", {"coding": [{"system": _CLINICAL, "code": "active"}]})
    category: dict[str, Any] = {"coding": [{"system": _CATEGORY, "code": "encounter-diagnosis"}]}
    kinds = [category]
    if kind := case.reader.concept(node.first("code"), "diagnosis-type"):
        kinds.append(kind)
    condition.put("category", kinds)
    condition.put("recordedDate", time_of(case.reader, node.first("effectiveTime")))
    condition.put("recorder", practitioner(case, node.first("author", "assignedEntity")))
    return condition


def _event(case: Case) -> tuple[Element, Draft, Visit]:
    event = case.subject("encounterEvent")
    patient = mentioned(case, case.subject("encounterEvent", "subject", "patient"))
    visit = _numbered(case, event, patient)
    if visit is None:
        raise case.missing(event.first("id") or event, "就诊流水号")
    if kind := _class_of(case, event):
        visit.draft.put("class", kind)
    count = numbers_of(event.first("id")).get(VISIT_COUNT)
    visit.draft.add("extension", extension("visit-count", "String", count))
    return event, patient, visit


def _numbered(case: Case, encounter: Element, patient: Draft) -> Visit | None:
    found = numbers_of(encounter.first("id"))
    count = found.get(VISIT_COUNT, "")
    number = found.get(VISIT, "")
    if not number:
        number = found.get(ids.INPATIENT) or found.get(ids.OUTPATIENT) or ""
        number = number or next((n for oid, n in found.items() if oid != VISIT_COUNT), "")
        number = f"{number}/{count}" if number and count else number
    if not number:
        return None
    draft = case.draft("Encounter", number)
    identifiers = [case.own("visit", number)]
    identifiers += [
        case.own(_KINDS.get(oid, "visit-other"), value)
        for oid, value in found.items()
        if oid != VISIT_COUNT and value != number
    ]
    draft.put("subject", patient.reference)
    draft.suppose("class", unknown())
    draft.suppose("identifier", identifiers)
    draft.suppose("serviceProvider", case.context.institution())
    if count:
        draft.suppose("extension", [extension("visit-count", "String", count)])
    return Visit(draft, number)


def _class_of(case: Case, encounter: Element) -> dict[str, str] | None:
    node = encounter.first("code")
    code = attribute_of(node, "code")
    if code in _CLASSES:
        act, display = _CLASSES[code]
        return {"system": _ACT, "code": act, "display": display}
    return case.reader.coding(node, "visit-class") if node is not None and code else None


def _admission(case: Case, event: Element, draft: Draft) -> None:
    """Begin and end, why, how insured, how long or how often."""
    reader = case.reader
    period = period_of(reader, event.first("effectiveTime"))
    draft.put("period", period)
    draft.part_of("period")
    reasons = [
        {"text": text}
        for item in event.all("reasonCode", "item")
        if (text := value_of(item.first("originalText")))
    ]
    draft.put("reasonCode", reasons)
    insured = reader.concept(event.first("admissionReferralSourceCode"), "insurance")
    draft.add("extension", extension("insurance", "CodeableConcept", insured))
    length = event.first("lengthOfStayQuantity")
    quantity = reader.quantity(length)
    if quantity and attribute_of(length, "unit") == "天":
        days = {"system": "http://unitsofmeasure.org", "code": "d"}
        draft.put("length", {**quantity, **days})
    elif quantity:
        draft.add("extension", extension("admission-count", "Quantity", quantity))


def _whereabouts(case: Case, event: Element, draft: Draft) -> None:
    location = event.first("location") or event.first("departedBy", "transportation", "location")
    if location is None:
        return
    where = stay(case, location)
    if where:
        draft.put("location", [where])
    state = attribute_of(location.first("statusCode"), "code")
    draft.add("extension", extension("location-status", "String", state))
    unit = department_of(case, places(case, location), location)
    if unit:
        if unit.get("display"):
            draft.put("serviceType", {"text": unit["display"]})
        draft.add("extension", extension("department", "Reference", unit))
    code = number_of(location.first("serviceDeliveryLocation", "serviceProviderOrganization", "id"))
    if code:
        identifier = {"system": INSTITUTIONS, "value": code}
        draft.put("serviceProvider", {**case.context.institution(), "identifier": identifier})


def _diagnoses(case: Case, reasons: list[Element], visit: Visit, patient: Draft) -> None:
    listed: list[dict[str, Any]] = []
    for reason in reasons:
        condition = diagnosis(case, reason.first("observationDx"), visit, patient)
        if condition is not None:
            listed.append({"condition": condition.reference, "rank": len(listed) + 1})
    visit.draft.put("diagnosis", listed)


def _responsible(case: Case, node: Element | None, draft: Draft, kind: str) -> None:
    who = practitioner(case, node.first("assignedPerson")) if node is not None else None
    if who is None or node is None:
        return
    coding = {"system": _PARTICIPATION, "code": kind}
    found: dict[str, Any] = {"type": [{"coding": [coding]}], "individual": who}
    if time := time_of(case.reader, node.first("time")):
        found["period"] = {"start": time}
    draft.put("participant", [found])
