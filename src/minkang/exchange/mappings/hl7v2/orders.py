"""Orders: ORM O01, OML O21, OMG O19, OMI O23, OMP O09, OMD O03, RDE, RDS (HL7 v2.5.1, chapter 4).

An ORC begins an order; what follows says what is ordered: OBR or ODS make a ServiceRequest, RXO or
RXE a MedicationRequest (with RXD also a MedicationDispense). The order control code (ORC-1, table
0119) and the order status (ORC-5, table 0038) say what has become of it.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.allergies import map_allergies
from minkang.exchange.mappings.hl7v2.concepts import Concept
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.medication import dispense, medication
from minkang.exchange.mappings.hl7v2.order_group import DETAILS, OrderGroup
from minkang.exchange.mappings.hl7v2.own_segments import keep_group_segments, keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.people import doctor
from minkang.exchange.mappings.hl7v2.visit import visit_id
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, reference

ORDERS: Final = (
    "ORM^O01",
    "OML^O21",
    "OML^O33",
    "OML^O35",
    "OMG^O19",
    "OMI^O23",
    "OMP^O09",
    "OMD^O03",
    "RDE^O01",
    "RDE^O11",
    "RDE^O25",
    "RDS^O01",
    "RDS^O13",
)

Fate = Literal["active", "on-hold", "completed", "cancelled", "stopped", "entered-in-error", ""]
"""What has become of an order; empty: the message does not say."""

# Table 0119. Codes that only ask, link, number or decline a change say nothing of the order.
_CONTROL: Final[dict[str, Fate]] = {
    **dict.fromkeys("NW OK PA CH RO RL OR OE XO XR XX AF OF FU PR NA SN".split(), "active"),
    **dict.fromkeys("HD HR OH".split(), "on-hold"),
    **dict.fromkeys("CA OC CR UA DF".split(), "cancelled"),
    **dict.fromkeys("DC OD DR RP RQ RU".split(), "stopped"),
}
_ENDS: Final = ("cancelled", "stopped", "on-hold")
# Table 0038.
_STATUS: Final[dict[str, Fate]] = {
    "A": "active",
    "CA": "cancelled",
    "CM": "completed",
    "DC": "stopped",
    "ER": "entered-in-error",
    "HD": "on-hold",
    "IP": "active",
    "RP": "stopped",
    "SC": "active",
}
_BEGINS: Final = frozenset("NW SN RO CH PA XX".split())
# ServiceRequest has one word for an order that was withdrawn before and after it had begun.
_SERVICE: Final = {"cancelled": "revoked", "stopped": "revoked"}
_PRIORITIES: Final = {"S": "stat", "A": "asap", "R": "routine", "U": "urgent"}


class _Moment(msgspec.Struct, frozen=True):
    """What every order of a message shares."""

    patient: Draft
    encounter: dict[str, str] | None


def map_orders(context: Context, message: Message) -> list[Contribution]:
    """Contributions of one message: the patient and each order, dated by ORC-9, else MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    sent = reader.moment(message.header, 7)
    patient = map_patient(context, reader, message, context.order(sent))
    pv1 = message.first("PV1")
    encounter = visit_id(context, pv1, reader.moment(pv1, 44) or sent)
    shared = _Moment(patient, reference("Encounter", encounter) if encounter else None)
    groups = list(_groups(message))
    if not groups:
        raise Refused([Problem("map", "ORC", "required", "缺少 ORC 段")])
    drafts = {patient.id: patient}
    for draft in map_allergies(context, reader, _without_orders(message), patient):
        drafts[draft.id] = draft
    for group in groups:
        for draft in _order(context, reader, message, shared, group):
            drafts[draft.id] = draft
    keep_own_segments(_without_orders(message), patient, {})
    reader.check()
    return [one for draft in drafts.values() for one in draft.contributions()]


def _groups(message: Message) -> Iterator[OrderGroup]:
    """The orders of a message. Results of earlier orders, which begin with a second PID, PV1 or
    AL1 (v2.5.1 4.4.6, PATIENT_PRIOR), are none of them.
    """
    segments: list[Segment] = []
    ended = False
    for segment in message.segments:
        name = segment.name
        if segments and name in ("PID", "PD1", "PV1", "AL1"):
            ended = True
        if ended:
            continue
        # A second OBR without an ORC is an order of its own.
        complete = not segments or any(one.name in DETAILS for one in segments)
        if name == "ORC" or (name == "OBR" and complete):
            if segments:
                yield OrderGroup(tuple(segments))
            segments = [segment]
        elif segments:
            segments.append(segment)
    if segments:
        yield OrderGroup(tuple(segments))


def _without_orders(message: Message) -> Message:
    """The segments before the first order."""
    head: list[Segment] = []
    for segment in message.segments:
        if segment.name in ("ORC", "OBR"):
            break
        head.append(segment)
    return Message(tuple(head))


def _order(
    context: Context, reader: Reader, message: Message, shared: _Moment, group: OrderGroup
) -> list[Draft]:
    detail = group.detail
    if detail is None:
        text = "医嘱缺少 OBR、ODS、RXO 或 RXE 段，无法判断是检查检验还是用药"
        reader.problems.append(Problem("map", group.segments[0].label, "required", text))
        return []
    number = group.number
    if not number:
        place = group.segments[0]
        reader.problem(place, 2, "required", "缺少医嘱号（ORC-2、ORC-3）")
        return []
    orc = group.orc
    order = context.order(
        (reader.moment(orc, 9) if orc else None) or reader.moment(message.header, 7)
    )
    medicine = detail.name in ("RXO", "RXE")
    draft = Draft(context, "MedicationRequest" if medicine else "ServiceRequest", number, order)
    resource = draft.resource
    draft.put("identifier", group.identifiers(context))
    resource["intent"] = "order"
    resource["subject"] = shared.patient.reference
    draft.put("encounter", shared.encounter)
    fate = _fate(orc)
    if fate:
        draft.put("status", fate if medicine else _SERVICE.get(fate, fate))
    else:
        draft.suppose("status", "unknown")
    if orc is not None:
        if orc.value(1).upper() in _BEGINS:
            draft.put("authoredOn", reader.time(orc, 9))
        draft.put("requester", doctor(orc, 12))
        if medicine:
            draft.put("statusReason", reader.field_concept(orc, 16))
    draft.put("priority", _PRIORITIES.get(group.priority))
    draft.put("note", [{"text": note} for note in group.notes])
    if group_number := group.group_number:
        same = {"system": context.number_system("order-group"), "value": group_number}
        draft.put("groupIdentifier" if medicine else "requisition", same)
    reasons = [one for segment in group.all("DG1") if (one := _reason(reader, segment))]
    draft.put("reasonCode", reasons)
    keep_group_segments(group.segments, draft)
    if medicine:
        medication(reader, group, draft)
        return [draft, *dispense(context, reader, group, draft)]
    _service(reader, group, detail, draft)
    return [draft]


def _fate(orc: Segment | None) -> Fate:
    if orc is None:
        return ""
    control = _CONTROL.get(orc.value(1).upper(), "")
    if control in _ENDS:
        return control
    return _STATUS.get(orc.value(5).upper(), "") or control


def _reason(reader: Reader, dg1: Segment) -> Concept | None:
    text = dg1.value(4)
    return reader.field_concept(dg1, 3) or ({"text": text} if text else None)


def _service(reader: Reader, group: OrderGroup, detail: Segment, draft: Draft) -> None:
    """OBR (4.5.3) or ODS (4.8.1) as ServiceRequest."""
    if detail.name == "ODS":
        draft.put("code", reader.field_concept(detail, 3))
        texts = [parts[0].strip() for parts in detail.repetitions(4)]
        draft.put("patientInstruction", "\n".join(text for text in texts if text))
        return
    draft.put("code", reader.field_concept(detail, 4))
    if "requester" not in draft.resource:
        draft.put("requester", doctor(detail, 16))
    draft.put("occurrenceDateTime", group.wanted_at(reader))
    reasons = [*draft.resource.get("reasonCode", []), *reader.concepts(detail, 31)]
    draft.put("reasonCode", reasons)
    if told := detail.value(13):
        draft.put("note", [{"text": told}, *draft.resource.get("note", [])])
    if identifiers := _specimens(group):
        draft.put("specimen", identifiers)


def _specimens(group: OrderGroup) -> list[dict[str, Any]]:
    """What is to be examined (SPM-4), as references that only have a name and a number."""
    found = []
    for spm in group.all("SPM"):
        one: dict[str, Any] = {}
        if text := spm.value(4, 2) or spm.value(4):
            one["display"] = text
        if number := spm.part(2) or spm.part(2, 2):
            one["identifier"] = {"value": number}
        if one:
            found.append({"type": "Specimen", **one})
    return found
