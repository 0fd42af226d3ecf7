"""SIU S12 to S22 and S26 as Appointment (HL7 v2.5.1, chapter 10)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.draft import unknown
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, joined
from minkang.exchange.mappings.hl7v2.own_segments import keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.people import doctors
from minkang.exchange.mappings.written import decimal
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, date_range

EVENTS: Final = (*(f"S{number}" for number in range(12, 23)), "S26")
_STATUS: Final = {
    "S12": "booked",
    "S13": "booked",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "entered-in-error",
    "S26": "noshow",
}
# Table 0278 (SCH-25).
_FILLED: Final = {
    "BOOKED": "booked",
    "CANCELLED": "cancelled",
    "COMPLETE": "fulfilled",
    "DC": "cancelled",
    "DELETED": "entered-in-error",
    "NOSHOW": "noshow",
    "OVERBOOK": "booked",
    "PENDING": "pending",
    "STARTED": "arrived",
    "WAITLIST": "waitlist",
}
_MINUTES: Final = {"": 1.0, "M": 1.0, "MIN": 1.0, "MINUTE": 1.0, "MINUTES": 1.0, "分": 1.0}
_MINUTES.update({"分钟": 1.0, "S": 1 / 60, "SEC": 1 / 60, "秒": 1 / 60})
_MINUTES.update({"H": 60.0, "HR": 60.0, "HOUR": 60.0, "小时": 60.0})


def map_siu(context: Context, message: Message) -> list[Contribution]:
    """The patient and the appointment, dated by MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    event = message.kind.partition("^")[2]
    order = context.order(reader.moment(message.header, 7))
    patient = map_patient(context, reader, message, order)
    sch = message.first("SCH")
    if sch is None:
        raise Refused([Problem("map", "SCH", "required", "缺少 SCH 段")])
    number = sch.part(2) or sch.part(1)
    if not number:
        reader.problem(sch, 2, "required", "缺少预约号（SCH-2、SCH-1）")
    draft = Draft(context, "Appointment", number, order)
    draft.put("identifier", _identifiers(context, sch))
    status = _STATUS.get(event) or _FILLED.get(sch.value(25).upper())
    # A change of details does not revive an appointment that was cancelled.
    draft.put("status", status)
    draft.suppose("status", "booked")
    _times(reader, message, sch, draft)
    draft.put("serviceType", _services(reader, message))
    draft.put("appointmentType", reader.field_concept(sch, 8))
    if reason := reader.field_concept(sch, 7):
        draft.put("reasonCode", [reason])
    if draft.resource.get("status") in ("cancelled", "noshow"):
        draft.put("cancelationReason", reader.field_concept(sch, 6))
    draft.put("comment", "\n".join(_notes(message)))
    draft.put("participant", list(_participants(message, patient)))
    if placed := sch.part(26):
        identifier = {"system": context.number_system("order"), "value": placed}
        draft.put("basedOn", [{"type": "ServiceRequest", "identifier": identifier}])
    keep_own_segments(message, draft, {})
    reader.check()
    return [one for item in (patient, draft) for one in item.contributions()]


def _identifiers(context: Context, sch: Segment) -> list[dict[str, str]]:
    found = []
    for field, kind in ((2, "appointment"), (1, "placer-appointment")):
        if number := sch.part(field):
            found.append({"system": context.number_system(kind), "value": number})
    return found


def _times(reader: Reader, message: Message, sch: Segment, draft: Draft) -> None:
    """Start and end: TQ1-7 and -8, else SCH-11 (up to v2.6), else AIS-4 or AIP-6 and its duration.

    FHIR wants both or neither; what can't be one goes to `requestedPeriod`.
    """
    start, end = None, None
    places = (("TQ1", (7, 1), (8, 1)), ("SCH", (11, 4), (11, 5)), ("AIS", (4, 1), None))
    for name, begins, ends in (*places, ("AIP", (6, 1), None)):
        segment = message.first(name)
        if segment is not None and start is None:
            start = reader.time(segment, *begins)
            end = reader.time(segment, *ends) if ends else None
    minutes = _minutes(sch, 9, 10)
    for name, amount, unit in (("AIS", 7, 8), ("AIP", 9, 10)):
        segment = message.first(name)
        minutes = minutes or (_minutes(segment, amount, unit) if segment else None)
    if minutes:
        draft.put("minutesDuration", minutes)
    if start and "T" in start and not (end and "T" in end) and minutes:
        last = date_range(start).low + timedelta(minutes=minutes)
        end = last.isoformat() if last.year < 9998 else None
    whole = start and end and "T" in start and "T" in end
    for element, value in (("start", start), ("end", end)):
        if whole:
            draft.put(element, value)
            draft.erase(f"_{element}")
        else:
            # A booked appointment has them, known or not (R4 app-3).
            draft.suppose(f"_{element}", unknown())
    if whole:
        return
    if period := {k: v for k, v in (("start", start), ("end", end)) if v}:
        draft.put("requestedPeriod", [period])


def _minutes(segment: Segment, amount: int, unit: int) -> int | None:
    number = decimal(segment.part(amount))
    factor = _MINUTES.get(segment.part(unit).upper())
    if number is None or factor is None:
        return None
    minutes = round(float(number) * factor)
    return minutes if 0 < minutes < 1_000_000 else None


def _services(reader: Reader, message: Message) -> list[dict[str, Any]]:
    found = (reader.field_concept(segment, 3) for segment in message.all("AIS"))
    return [concept for concept in found if concept is not None]


def _notes(message: Message) -> Iterator[str]:
    """The notes on the whole appointment: those before its resources."""
    for segment in message.segments:
        if segment.name == "RGS":
            return
        if segment.name == "NTE":
            for parts in segment.repetitions(3):
                if parts[0].strip() not in ("", '""'):
                    yield parts[0].strip()


def _participants(message: Message, patient: Draft) -> Iterator[dict[str, Any]]:
    """The patient, and people, places and things as they are called.

    Whether somebody agreed is not said in these messages but for those that are booked.
    """
    yield {"actor": patient.reference, "status": "accepted"}
    for segment in message.segments:
        if segment.name == "AIP":
            named, state = list(doctors(segment, 3)), segment.value(12)
        elif segment.name == "AIL":
            named = [joined(segment.part(3, n) for n in (1, 2, 3))]
            state = segment.value(12)
        elif segment.name == "AIG":
            named, state = [segment.value(3, 2) or segment.value(3)], segment.value(14)
        else:
            continue
        agreed = "accepted" if state.upper() in ("BOOKED", "COMPLETE") else "needs-action"
        for display in named:
            if display:
                yield {"actor": {"display": display}, "status": agreed}
