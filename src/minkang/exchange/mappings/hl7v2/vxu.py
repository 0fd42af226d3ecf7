"""VXU V04 as Immunization (HL7 v2.5.1, 4A.4.4 RXA; CDC implementation guide for codes)."""

from typing import Any, Final

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, joined, quantity
from minkang.exchange.mappings.hl7v2.order_group import OrderGroup
from minkang.exchange.mappings.hl7v2.own_segments import keep_group_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.people import doctors
from minkang.exchange.mappings.hl7v2.visit import visit_id
from minkang.exchange.mappings.written import decimal
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, reference

_STATUS: Final = {"": "completed", "CP": "completed", "PA": "completed"}
_STATUS.update({"RE": "not-done", "NA": "not-done"})
_NOT_GIVEN: Final = "998"  # CVX: no vaccine administered
_UNKNOWN_DOSE: Final = "999"
_FUNDING, _ELIGIBILITY, _DOSE = "30963-3", "64994-7", "30973-2"


def map_vxu(context: Context, message: Message) -> list[Contribution]:
    """The patient and each vaccination, dated by MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    sent = reader.moment(message.header, 7)
    patient = map_patient(context, reader, message, context.order(sent))
    drafts = {patient.id: patient}
    pv1 = message.first("PV1")
    groups = _groups(message)
    if not groups:
        raise Refused([Problem("map", "RXA", "required", "缺少 RXA 段")])
    for group in groups:
        given = group.first("RXA")
        if given is not None and given.part(5) != _NOT_GIVEN:
            draft = _vaccination(context, reader, group, given, patient)
            at = reader.moment(pv1, 44) or sent
            if encounter := visit_id(context, pv1, at):
                draft.put("encounter", reference("Encounter", encounter))
            drafts[draft.id] = draft
    reader.check()
    return [one for draft in drafts.values() for one in draft.contributions()]


def _groups(message: Message) -> list[OrderGroup]:
    """Each RXA with the ORC before it and what follows."""
    groups: list[list[Segment]] = []
    for segment in message.segments:
        opened = bool(groups) and not any(one.name == "RXA" for one in groups[-1])
        if segment.name == "ORC" or (segment.name == "RXA" and not opened):
            groups.append([segment])
        elif groups:
            groups[-1].append(segment)
    found = [OrderGroup(tuple(group)) for group in groups]
    return [group for group in found if group.first("RXA") is not None]


def _vaccination(
    context: Context, reader: Reader, group: OrderGroup, rxa: Segment, patient: Draft
) -> Draft:
    vaccine = reader.field_concept(rxa, 5)
    if vaccine is None:
        reader.problem(rxa, 5, "required", "缺少疫苗编码和名称")
    when = reader.time(rxa, 3)
    if not rxa.part(3) or rxa.is_null(3):
        reader.problem(rxa, 3, "required", "缺少接种时间")
    own = group.filler or group.placer
    # Without a number of its own: who got what and when.
    number = own or joined(
        (patient.resource["identifier"][0]["value"], rxa.part(5) or rxa.value(5, 2), rxa.part(3)),
        "/",
    )
    given = Draft(context, "Immunization", number, patient.order, reader.moment(rxa, 3))
    if own:
        system = context.number_system("vaccination")
        given.put("identifier", [{"system": system, "value": own}])
    status = _STATUS.get(rxa.value(20).upper(), "completed")
    given.put("status", "entered-in-error" if rxa.value(21).upper() == "D" else status)
    given.put("vaccineCode", vaccine)
    given.put("patient", patient.reference)
    given.put("occurrenceDateTime", when)
    if status == "not-done":
        given.put("statusReason", reader.field_concept(rxa, 18))
    amount = decimal(rxa.part(6))
    if amount is not None and rxa.part(6) != _UNKNOWN_DOSE:
        given.put("doseQuantity", quantity(amount, rxa.value(7, 2) or rxa.value(7)))
    given.put("lotNumber", rxa.value(15))
    expires = reader.time(rxa, 16)
    given.put("expirationDate", expires[:10] if expires else None)
    if maker := rxa.value(17, 2) or rxa.value(17):
        given.put("manufacturer", {"display": maker})
    if place := joined(rxa.part(11, n) for n in (1, 2, 3, 4)):
        given.put("location", {"display": place})
    given.put("performer", [{"actor": {"display": one}} for one in doctors(rxa, 10)])
    _origin(reader, rxa, given)
    if (rxr := group.first("RXR")) is not None:
        given.put("route", reader.field_concept(rxr, 1))
        given.put("site", reader.field_concept(rxr, 2))
    _observed(reader, group, given)
    keep_group_segments(group.segments, given)
    return given


def _origin(reader: Reader, rxa: Segment, given: Draft) -> None:
    """RXA-9 (NIP001): 00 is a new record of who gave it, 01 to 08 are told by others."""
    for notes in reader.concepts(rxa, 9):
        code = notes.get("coding", [{}])[0].get("code", "")
        if code == "00":
            given.put("primarySource", True)
        elif code in ("01", "02", "03", "04", "05", "06", "07", "08"):
            given.resource["primarySource"] = False
            given.put("reportOrigin", notes)
        elif code == "" and notes.get("text"):
            given.put("note", [{"text": notes["text"]}])


def _observed(reader: Reader, group: OrderGroup, given: Draft) -> None:
    """Funding, eligibility and number of the dose, which are told as observations."""
    eligible: list[dict[str, Any]] = []
    for obx in group.all("OBX"):
        code = obx.part(3)
        if code == _DOSE and (dose := obx.value(5)):
            number = reader.integer(obx, 5, 1)
            protocol: dict[str, Any] = (
                {"doseNumberPositiveInt": number} if number else {"doseNumberString": dose}
            )
            given.put("protocolApplied", [protocol])
        elif code in (_FUNDING, _ELIGIBILITY) and (concept := reader.field_concept(obx, 5)):
            if code == _FUNDING:
                given.put("fundingSource", concept)
            else:
                eligible.append(concept)
    given.put("programEligibility", eligible)
