"""PV1 and DG1 as Encounter and Conditions (HL7 v2.5.1, 3.4.3 and 6.5.2)."""

from datetime import datetime
from typing import Any

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import date_range, reference

_CLASS_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES = {
    "I": ("IMP", "住院"),
    "O": ("AMB", "门诊"),
    "E": ("EMER", "急诊"),
    "P": ("PRENC", "预入院"),
    "R": ("AMB", "复诊"),
}
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def visit_id(context: Context, pv1: Segment | None, at: datetime | None) -> str | None:
    """The Encounter id that a PV1 names by its visit number, if it does."""
    number = pv1.value(19) if pv1 else ""
    return context.id("Encounter", number, at) if number else None


def map_visit(
    context: Context, reader: Reader, message: Message, patient_id: str, order: Order
) -> list[Contribution]:
    """The Encounter and its diagnoses; nothing if the message names no visit."""
    pv1 = message.first("PV1")
    if pv1 is None:
        return []
    number = reader.required(pv1, 19, "就诊号")
    begin, end = reader.time(pv1, 44), reader.time(pv1, 45)
    begun = date_range(begin).low if begin else None
    if begin and end and date_range(end).high < date_range(begin).low:
        reader.problem(pv1, 45, "period", "出院（结束）时间早于入院（开始）时间")
    encounter = context.start("Encounter", context.id("Encounter", number, begun))
    encounter["identifier"] = [{"system": context.number_system("visit"), "value": number}]
    encounter["status"] = "finished" if end else "in-progress"
    encounter["subject"] = reference("Patient", patient_id)
    encounter["serviceProvider"] = context.institution()
    code = pv1.value(2).upper()
    if code in _CLASSES:
        act, display = _CLASSES[code]
        encounter["class"] = {"system": _CLASS_SYSTEM, "code": act, "display": display}
    else:
        reader.problem(pv1, 2, "code", f"就诊类别 {code[:20]!r} 不在代码表 0004 中")
    if period := {k: v for k, v in (("start", begin), ("end", end)) if v}:
        encounter["period"] = period
    if department := pv1.value(3):
        encounter["serviceType"] = {"text": pv1.value(3, 2) or department}
    if doctor := "".join(pv1.components(7)[1:3]).strip() or pv1.value(7):
        encounter["participant"] = [{"individual": {"display": doctor}}]
    pv2 = message.first("PV2")
    diagnoses = [
        _diagnosis(context, reader, segment, (number, encounter["id"], patient_id), begun, order)
        for segment in message.all("DG1")
    ]
    # The codes come along: they are what makes a visit as sensitive as its diagnosis.
    reasons = [c.resource["code"] for c in diagnoses if "code" in c.resource]
    if pv2 and (complaint := pv2.value(3, 2) or pv2.value(3)):
        reasons.append({"text": complaint})
    if reasons:
        encounter["reasonCode"] = reasons
    return [Contribution(encounter, order), *diagnoses]


def _diagnosis(
    context: Context,
    reader: Reader,
    segment: Segment,
    visit: tuple[str, str, str],
    begun: datetime | None,
    order: Order,
) -> Contribution:
    number, encounter_id, patient_id = visit
    concept: dict[str, Any] = reader.concept(segment.components(3)) or {}
    if not concept:
        text = segment.value(4)
        if not text:
            reader.problem(segment, 3, "required", "缺少诊断编码和名称")
        concept = {"text": text}
    code = concept.get("coding", [{}])[0].get("code") or concept["text"]
    condition = context.start("Condition", context.id("Condition", f"{number}/{code}", begun))
    condition["clinicalStatus"] = {"coding": [{"system": _CLINICAL, "code": "active"}]}
    condition["code"] = concept
    condition["subject"] = reference("Patient", patient_id)
    condition["encounter"] = reference("Encounter", encounter_id)
    condition["recorder"] = {"display": context.source.name}
    if recorded := reader.time(segment, 5):
        condition["recordedDate"] = recorded
    return Contribution(condition, order)
