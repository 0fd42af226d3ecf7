"""PV1, PV2 and DG1 as Encounter and Conditions (HL7 v2.5.1, 3.4.3, 3.4.4 and 6.5.2)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.draft import unknown
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, begin_of, joined
from minkang.exchange.mappings.hl7v2.people import doctors, is_number
from minkang.exchange.merge import Order
from minkang.fhir import date_range

Status = Literal["planned", "in-progress", "finished", "cancelled"]

_ACT = f"{TERMINOLOGY}v3-ActCode"
_CLASSES = {
    "I": ("IMP", "住院"),
    "O": ("AMB", "门诊"),
    "E": ("EMER", "急诊"),
    "P": ("PRENC", "预入院"),
    "R": ("AMB", "复诊"),
}
_OF_TABLE = frozenset("BCNU")
_CLINICAL = f"{TERMINOLOGY}condition-clinical"
_VERIFICATION = f"{TERMINOLOGY}condition-ver-status"
_VERIFIED = {"W": "provisional", "F": "confirmed"}
_PARTICIPANTS = ((7, "ATND"), (8, "REF"), (9, "CON"), (17, "ADM"))
_PARTICIPATION = f"{TERMINOLOGY}v3-ParticipationType"


class Event(msgspec.Struct, frozen=True):
    """What an event says of the visit that its message names.

    Attributes:
        status: of the visit from now on; None: it says nothing, and PV1-45 decides.
        ends: whether PV1-45 counts as the end.
        moved: whether PV1-6 is where the patient was before.
    """

    status: Status | None
    ends: bool = True
    moved: bool = False


def visit_number(pv1: Segment | None) -> str:
    """The number of the visit: PV1-19, else the alternate PV1-50."""
    if pv1 is None:
        return ""
    number = pv1.part(19) or pv1.part(50)
    return number if is_number(number) else ""


def visit_id(context: Context, pv1: Segment | None, at: datetime | None) -> str | None:
    """The Encounter id that a PV1 names by its visit number, if it does."""
    number = visit_number(pv1)
    return context.id("Encounter", number, at) if number else None


def map_visit(
    context: Context,
    reader: Reader,
    message: Message,
    patient: Draft,
    event: Event,
) -> list[Draft]:
    """The Encounter and its diagnoses; nothing if the message names no visit."""
    pv1 = message.first("PV1")
    if pv1 is None:
        return []
    number = visit_number(pv1)
    if not number:
        reader.problem(pv1, 19, "required", "缺少就诊号")
    begin, end = reader.time(pv1, 44), reader.time(pv1, 45)
    if begin and end and date_range(end).high < begin_of(begin):
        reader.problem(pv1, 45, "period", "出院（结束）时间早于入院（开始）时间")
    begun = begin_of(begin) if begin else None
    visit = Draft(context, "Encounter", number, patient.order, begun)
    visit.resource["identifier"] = [{"system": context.number_system("visit"), "value": number}]
    visit.resource["subject"] = patient.reference
    visit.resource["serviceProvider"] = context.institution()
    _status(visit, event, end)
    _class(reader, visit, pv1)
    _period(visit, pv1, event, begin, end)
    department = pv1.value(3, 2) or pv1.value(3)
    visit.put_or_erase("serviceType", {"text": department} if department else None, pv1, 3)
    visit.put("location", _locations(pv1, event))
    visit.put("participant", list(_participants(pv1)))
    visit.put("hospitalization", _hospitalization(reader, pv1))
    diagnoses = _diagnoses(context, reader, message.all("DG1"), (number, begun), visit, patient)
    _reasons(reader, message.first("PV2"), visit, diagnoses)
    return [visit, *(one for one, _ in diagnoses)]


def _status(visit: Draft, event: Event, end: str | None) -> None:
    if event.status is not None:
        visit.put("status", event.status)
    elif end:
        visit.put("status", "finished")
    else:
        # An update says nothing of it: a visit that was cancelled stays cancelled.
        visit.suppose("status", "in-progress")


def _class(reader: Reader, visit: Draft, pv1: Segment) -> None:
    code = pv1.value(2)
    if code.upper() in _CLASSES:
        act, display = _CLASSES[code.upper()]
        visit.put("class", {"system": _ACT, "code": act, "display": display})
    elif code.upper() in _OF_TABLE:
        visit.put("class", reader.table("0004", code.upper()))
    elif code:
        system = reader.own_system("patient-class")
        visit.put("class", {"system": system, "code": " ".join(code.split())})
    else:
        visit.suppose("class", unknown())


def _period(visit: Draft, pv1: Segment, event: Event, begin: str | None, end: str | None) -> None:
    """Begin and end each stand for themselves: a discharge need not repeat the admission."""
    period: dict[str, Any] = {}
    if begin:
        period["start"] = begin
    elif pv1.is_null(44):
        visit.erase("period.start")
    if not event.ends or pv1.is_null(45):
        visit.erase("period.end")
    elif end:
        period["end"] = end
    visit.put("period", period)
    visit.part_of("period")


def _locations(pv1: Segment, event: Event) -> list[dict[str, Any]]:
    """Where the patient is (PV1-3), after a transfer also where they were (PV1-6)."""
    found = []
    for field, status in ((3, "active"), (6, "completed")):
        text = joined(pv1.part(3 if field == 3 else 6, n) for n in (1, 2, 3))
        if text and (field == 3 or event.moved):
            one: dict[str, Any] = {"location": {"display": text}}
            found.append({**one, "status": status} if event.moved else one)
    return found


def _participants(pv1: Segment) -> Iterable[dict[str, Any]]:
    for field, code in _PARTICIPANTS:
        for display in doctors(pv1, field):
            coding = {"system": _PARTICIPATION, "code": code}
            yield {"type": [{"coding": [coding]}], "individual": {"display": display}}


def _hospitalization(reader: Reader, pv1: Segment) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if number := pv1.part(5):
        found["preAdmissionIdentifier"] = {"value": number}
    for element, field in (
        ("reAdmission", 13),
        ("admitSource", 14),
        ("dischargeDisposition", 36),
    ):
        if concept := reader.field_concept(pv1, field):
            found[element] = concept
    if text := joined((pv1.part(37), pv1.part(37, 2))):
        found["destination"] = {"display": text}
    return found


def _reasons(
    reader: Reader, pv2: Segment | None, visit: Draft, diagnoses: list[tuple[Draft, Segment]]
) -> None:
    """Why: the diagnoses with their codes, which make a visit as sensitive as they are."""
    current = [one for one in diagnoses if "clinicalStatus" in one[0].resource]
    reasons = [one.resource["code"] for one, _ in current]
    if pv2 is not None and (complaint := reader.field_concept(pv2, 3)):
        known = complaint.get("coding")
        reasons.append({"text": complaint["text"]} if not known else complaint)
    visit.put("reasonCode", reasons)
    listed = []
    for one, segment in current:
        entry: dict[str, Any] = {"condition": one.reference}
        if kind := segment.value(6).upper():
            entry["use"] = {"coding": [reader.table("0052", kind)]}
        if rank := reader.integer(segment, 15, 1):
            entry["rank"] = rank
        listed.append(entry)
    visit.put("diagnosis", listed)


def _diagnoses(
    context: Context,
    reader: Reader,
    segments: Iterable[Segment],
    visit_of: tuple[str, datetime | None],
    visit: Draft,
    patient: Draft,
) -> list[tuple[Draft, Segment]]:
    """Each diagnosis once, as its last segment has it."""
    found: dict[str, tuple[Draft, Segment]] = {}
    for segment in segments:
        one = _diagnosis(context, reader, segment, visit_of, visit.reference, patient)
        found[one.id] = (one, segment)
    return list(found.values())


def _diagnosis(
    context: Context,
    reader: Reader,
    segment: Segment,
    visit_of: tuple[str, datetime | None],
    encounter: dict[str, str],
    patient: Draft,
) -> Draft:
    number, begun = visit_of
    order: Order = patient.order
    concept = reader.field_concept(segment, 3) or {}
    text = segment.value(4)
    if not concept:
        if not text:
            reader.problem(segment, 3, "required", "缺少诊断编码和名称")
        concept = {"text": text}
    code = concept.get("coding", [{}])[0].get("code") or concept["text"]
    condition = Draft(context, "Condition", f"{number}/{code}", order, begun)
    condition.put("code", concept)
    condition.put("subject", patient.reference)
    condition.put("encounter", encounter)
    condition.put("recorder", {"display": context.source.name})
    condition.put("recordedDate", reader.time(segment, 5))
    condition.put("asserter", next(({"display": one} for one in doctors(segment, 16)), None))
    if segment.value(21).upper() == "D":
        condition.put("verificationStatus", _coded(_VERIFICATION, "entered-in-error"))
        condition.erase("clinicalStatus")
        return condition
    condition.put("clinicalStatus", _coded(_CLINICAL, "active"))
    if verified := _VERIFIED.get(segment.value(6).upper()):
        condition.put("verificationStatus", _coded(_VERIFICATION, verified))
    return condition


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
