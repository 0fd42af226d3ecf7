"""RXO, RXE, RXR and RXD as MedicationRequest and MedicationDispense (HL7 v2.5.1, 4.14)."""

from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.draft import unknown
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, quantity
from minkang.exchange.mappings.hl7v2.order_group import OrderGroup
from minkang.exchange.mappings.hl7v2.people import doctor
from minkang.exchange.mappings.written import decimal


def medication(reader: Reader, group: OrderGroup, draft: Draft) -> None:
    """What is to be given, how, and how much of it."""
    rxo, rxe = group.first("RXO"), group.first("RXE")
    drug = None
    for segment, field in ((rxe, 2), (rxo, 1)):
        if segment is not None and drug is None:
            drug = reader.field_concept(segment, field)
    if drug is None:
        # A cancellation may come without it, and before the order.
        draft.suppose("medicationCodeableConcept", unknown())
    draft.put("medicationCodeableConcept", drug)
    draft.put("dosageInstruction", _dosages(reader, group, rxo, rxe))
    draft.put("dispenseRequest", _supply(reader, group, rxo, rxe))
    for segment in (rxe, rxo):
        if segment is not None and (code := segment.value(9)):
            allowed = {"coding": [reader.table("0167", code.upper())]}
            draft.put("substitution", {"allowedCodeableConcept": allowed})
            break


def _dosages(
    reader: Reader, group: OrderGroup, rxo: Segment | None, rxe: Segment | None
) -> list[dict[str, Any]]:
    dosage: dict[str, Any] = {}
    if text := _texts(rxe, 7) or _texts(rxo, 7):
        dosage["text"] = text
    if advice := _texts(rxo, 6):
        dosage["patientInstruction"] = advice
    timing: dict[str, Any] = {}
    tq1 = group.first("TQ1")
    pattern = ""
    for segment, field, component in ((tq1, 3, 1), (group.orc, 7, 2), (rxe, 1, 2)):
        if segment is not None and not pattern:
            pattern = segment.part(field, component)
    if pattern:
        timing["code"] = {"text": pattern}
    if tq1 is not None and (start := reader.time(tq1, 7)):
        period = {"start": start}
        if end := reader.time(tq1, 8):
            period["end"] = end
        timing["repeat"] = {"boundsPeriod": period}
    if timing:
        dosage["timing"] = timing
    route = group.first("RXR")
    for element, field in (("route", 1), ("site", 2), ("method", 4)):
        if route is not None and (concept := reader.field_concept(route, field)):
            dosage[element] = concept
    if dose := _dose(reader, rxe, (3, 4, 5)) or _dose(reader, rxo, (2, 3, 4)):
        dosage["doseAndRate"] = [dose]
    return [dosage] if dosage else []


def _dose(reader: Reader, segment: Segment | None, fields: tuple[int, int, int]) -> dict[str, Any]:
    if segment is None:
        return {}
    least, most, unit = fields
    name = segment.value(unit, 2) or segment.value(unit)
    low, high = segment.part(least), segment.part(most)
    if low and (number := reader.number(segment, least, low)) is not None:
        if high and high != low and (top := reader.number(segment, most, high)) is not None:
            return {"doseRange": {"low": quantity(number, name), "high": quantity(top, name)}}
        return {"doseQuantity": quantity(number, name)}
    return {}


def _supply(
    reader: Reader, group: OrderGroup, rxo: Segment | None, rxe: Segment | None
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for segment, amount, unit, refills in ((rxe, 10, 11, 12), (rxo, 11, 12, 13)):
        if segment is None:
            continue
        number = decimal(segment.part(amount))
        if number is not None and "quantity" not in found:
            name = segment.value(unit, 2) or segment.value(unit)
            found["quantity"] = quantity(number, name)
        times = reader.integer(segment, refills)
        if times is not None and "numberOfRepeatsAllowed" not in found:
            found["numberOfRepeatsAllowed"] = times
    return found


def dispense(context: Context, reader: Reader, group: OrderGroup, order: Draft) -> list[Draft]:
    """What was handed out (RXD) by the number of the order and of the dispense (RXD-1)."""
    found = []
    for rxd in group.all("RXD"):
        counted = rxd.value(1) or rxd.value(3)
        draft = Draft(context, "MedicationDispense", f"{group.number}/{counted}", order.order)
        draft.put("status", "completed")
        draft.put("subject", order.resource["subject"])
        draft.put("context", order.resource.get("encounter"))
        draft.put("authorizingPrescription", [order.reference])
        drug = reader.field_concept(rxd, 2)
        if drug is None:
            reader.problem(rxd, 2, "required", "缺少发出的药品")
        draft.put("medicationCodeableConcept", drug)
        if rxd.part(4) and (number := reader.number(rxd, 4, rxd.part(4))) is not None:
            draft.put("quantity", quantity(number, rxd.value(5, 2) or rxd.value(5)))
        draft.put("whenHandedOver", reader.time(rxd, 3))
        if actor := doctor(rxd, 10):
            draft.put("performer", [{"actor": actor}])
        if number_of := rxd.part(7):
            system = context.number_system("prescription")
            draft.put("identifier", [{"system": system, "value": number_of}])
        draft.put("note", [{"text": text}] if (text := _texts(rxd, 9)) else None)
        found.append(draft)
    return found


def _texts(segment: Segment | None, field: int) -> str:
    """The texts of a coded or plain field, one line a repetition."""
    if segment is None:
        return ""
    lines = []
    for parts in segment.repetitions(field):
        cleaned = [part.strip() for part in [*parts, ""]]
        line = cleaned[1] or cleaned[0]
        if line and line != '""':
            lines.append(line)
    return "\n".join(lines)
