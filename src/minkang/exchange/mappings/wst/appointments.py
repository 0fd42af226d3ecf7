"""Appointments: with a doctor, for an examination, for an operation.

R4 wants begin and end of a booked appointment (app-3); what can't be both goes to
`requestedPeriod`.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft, unknown
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    extension,
    name_of,
    number_of,
    numbers_of,
    period_of,
    time_of,
    value_of,
)
from minkang.exchange.mappings.wst.patient import VISIT, VISIT_COUNT, mentioned
from minkang.exchange.mappings.wst.people import department, practitioner
from minkang.exchange.mappings.wst.requests import withdrawn

_CANCELLED: Final = "1"


def map_booking(case: Case) -> None:
    """OutPatientAppointStatusInfoAdd, OutPatientAppointStatusInfoUpdate: with a doctor.

    Raises:
        Refused: patient or appointment has no number.
    """
    booking = case.subject("encounterAppointment")
    patient = mentioned(case, case.subject("encounterAppointment", "subject", "patient"))
    number = number_of(booking.first("id"))
    case.required(booking.first("id"), booking, "预约号", number)
    draft = _appointment(case, number)
    device = booking.first("reusableDevice")
    state = device.first("assignedDevice", "code") if device is not None else None
    cancelled = attribute_of(state, "code") == _CANCELLED or withdrawn(booking.first("statusCode"))
    draft.put("status", "cancelled" if cancelled else "booked")
    intent = booking.first("arrivedBy", "transportationIntent")
    slot = intent.first("effectiveTime") if intent is not None else None
    day = time_of(case.reader, booking.first("effectiveTime"))
    _times(draft, period_of(case.reader, slot), day)
    _state(draft, booking)
    participants = [_participant(patient.reference)]
    performer = booking.first("performer")
    if performer is not None:
        participants += _people(case, performer)
        entered = time_of(case.reader, performer.first("time"))
        draft.add("extension", extension("entered", "DateTime", entered))
    draft.put("participant", participants)
    source = number_of(intent.first("id")) if intent is not None else ""
    if source:
        draft.add("extension", extension("slot", "Identifier", case.own("slot", source)))
    if device is not None:
        draft.put("created", time_of(case.reader, device.first("time")))
        system = number_of(device.first("assignedDevice", "id"))
        if system:
            draft.add("extension", extension("booked-by", "Identifier", case.own("system", system)))


def map_act_booking(case: Case) -> None:
    """CheckAppointStatusInfo, OperationScheduleInfo (Add, Update): for what was applied for.

    Raises:
        Refused: patient or appointment has no number.
    """
    act = case.subject("actAppointment")
    element = case.subject("actAppointment", "subject", "patient")
    patient = mentioned(case, element)
    number = number_of(act.first("id"))
    case.required(act.first("id"), act, "预约（排班）号", number)
    draft = _appointment(case, number)
    draft.put("status", "cancelled" if withdrawn(act.first("statusCode")) else "booked")
    if kind := case.reader.concept(act.first("code"), "visit-class"):
        draft.put("serviceType", [kind])
    time = act.first("effectiveTime")
    period = period_of(case.reader, time)
    _times(draft, period, None if period else time_of(case.reader, time))
    _state(draft, act)
    participants = [_participant(patient.reference)]
    for performer in act.all("performer"):
        participants += _people(case, performer)
    device = act.first("reusableDevice", "manufacturedDevice", "manufacturedDevice")
    participants += _device(case, device)
    where = act.first("location", "serviceDeliveryLocation")
    participants += [_participant(unit) for unit in _units(case, where)]
    draft.put("participant", participants)
    for order in act.all("referencedOrder", "actOrder"):
        _ordered(case, draft, order, patient)
    _visit(case, draft, element)


def _appointment(case: Case, number: str) -> Draft:
    draft = case.draft("Appointment", number)
    draft.put("identifier", [case.own("appointment", number)])
    return draft


def _state(draft: Draft, act: Element) -> None:
    """The state in the source's own words, beside what it means."""
    code = attribute_of(act.first("statusCode"), "code")
    draft.add("extension", extension("status", "String", code))


def _times(draft: Draft, period: dict[str, str], day: str | None) -> None:
    start, end = period.get("start", ""), period.get("end", "")
    if "T" in start and "T" in end:
        draft.put("start", start)
        draft.put("end", end)
    else:
        draft.suppose("_start", unknown())
        draft.suppose("_end", unknown())
        if period:
            draft.put("requestedPeriod", [period])
    if day:
        draft.add("extension", extension("appointment-date", "DateTime", day))


def _participant(actor: dict[str, str], role: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"type": [{"text": role}]} if role else {}
    return {**found, "actor": actor, "status": "accepted"}


def _people(case: Case, performer: Element) -> list[dict[str, Any]]:
    person = performer.first("assignedPerson")
    who = practitioner(case, person)
    if who is None or person is None:
        return []
    return [_participant(who, value_of(person.first("code", "displayName")))]


def _device(case: Case, device: Element | None) -> list[dict[str, Any]]:
    if device is None:
        return []
    number, name = number_of(device.first("id")), name_of(device.first("name"))
    if not number:
        return [_participant({"display": name})] if name else []
    draft = case.draft("Device", number)
    draft.suppose("identifier", [case.own("device", number)])
    if name:
        draft.suppose("deviceName", [{"name": name, "type": "user-friendly-name"}])
    draft.suppose("owner", case.context.institution())
    return [_participant({**draft.reference, "display": name} if name else draft.reference)]


def _units(case: Case, where: Element | None) -> list[dict[str, str]]:
    """The department as a Location, for an appointment has no organizations; and the room."""
    if where is None:
        return []
    unit = department(case, where)
    room = name_of(where.first("location", "name"))
    number = number_of(where.first("id"))
    found = []
    if unit is not None and number:
        draft = case.draft("Location", f"department/{number}")
        draft.suppose("identifier", [case.own("department", number)])
        draft.suppose("name", unit.get("display") or number)
        draft.suppose("managingOrganization", unit)
        found.append({**draft.reference, "display": unit.get("display") or number})
    elif unit is not None:
        found.append(unit)
    return [*found, {"display": room}] if room else found


def _ordered(case: Case, draft: Draft, order: Element, patient: Draft) -> None:
    for oid, number in numbers_of(order.first("id")).items():
        kind = "order" if oid and oid != ids.APPLICATION else "application"
        request = case.draft("ServiceRequest", number)
        request.suppose("identifier", [case.own(kind, number)])
        request.put("subject", patient.reference)
        request.suppose("status", "unknown")
        request.suppose("intent", "order")
        draft.add("basedOn", request.reference)


def _visit(case: Case, draft: Draft, element: Element) -> None:
    """Numbers of the visit, which stand beside the patient's; and the patient's department."""
    for oid, number in numbers_of(element.first("id")).items():
        name = {
            VISIT: "visit",
            VISIT_COUNT: "visit-count",
            ids.OUTPATIENT: "outpatient",
            ids.INPATIENT: "inpatient",
        }.get(oid)
        if name:
            draft.add("extension", extension(name, "Identifier", case.own(name, number)))
    unit = department(case, element.first("providerOrganization"))
    draft.add("extension", extension("department", "Reference", unit))
