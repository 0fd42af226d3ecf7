"""MDM T01 to T11: documents (HL7 v2.5.1, chapter 9).

| Event | |
|---|---|
| T01, T02 | a document, without and with its content |
| T03, T04 | its status has changed |
| T05, T06 | an addendum (TXA-12) to another (TXA-13): `relatesTo` |
| T07, T08 | an edit: the same number, new content |
| T09, T10 | a replacement (TXA-12) of another (TXA-13), which is superseded: `relatesTo` |
| T11 | cancelled: entered in error |
"""

import base64
from typing import Any, Final

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.draft import unknown
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, joined
from minkang.exchange.mappings.hl7v2.observations import attachment, is_document
from minkang.exchange.mappings.hl7v2.own_segments import keep_own_segments
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.people import doctors
from minkang.exchange.mappings.hl7v2.visit import visit_id
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, reference

EVENTS: Final = tuple(f"T{number:02d}" for number in range(1, 12))
_RELATIONS: Final = {"T05": "appends", "T06": "appends", "T09": "replaces", "T10": "replaces"}
# Table 0271; what is not finished yet is preliminary.
_COMPLETION: Final = {
    "AU": "final",
    "LA": "final",
    "DI": "preliminary",
    "DO": "preliminary",
    "IN": "preliminary",
    "IP": "preliminary",
    "PA": "preliminary",
}
# Table 0272 by its own words: usual control, restricted, very restricted.
_CONFIDENTIALITY: Final = {"U": "N", "UC": "N", "R": "R", "RE": "R", "V": "V", "VR": "V"}
_STORED: Final = {"OB": "superseded", "CA": "entered-in-error"}


def map_mdm(context: Context, message: Message) -> list[Contribution]:
    """The patient and the document, dated by EVN-2, else MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    event = message.kind.partition("^")[2]
    said = reader.moment(message.first("EVN"), 2) or reader.moment(message.header, 7)
    patient = map_patient(context, reader, message, context.order(said))
    txa = message.first("TXA")
    if txa is None:
        raise Refused([Problem("map", "TXA", "required", "缺少 TXA 段")])
    number = txa.part(12)
    if not number:
        reader.problem(txa, 12, "required", "缺少文档唯一号")
    document = Draft(context, "DocumentReference", number, patient.order)
    drafts = [patient, document]
    _header(context, reader, message, (patient, document), txa)
    document.put("status", "entered-in-error" if event == "T11" else _STORED.get(txa.value(19)))
    document.suppose("status", "current")
    contents = _contents(reader, message, txa)
    document.put("content", contents)
    document.suppose("content", [{"attachment": _announced(reader, txa) or unknown()}])
    parent = txa.part(13)
    if parent and parent != number and (relation := _RELATIONS.get(event)):
        before = Draft(context, "DocumentReference", parent, patient.order)
        document.put("relatesTo", [{"code": relation, "target": before.reference}])
        if relation == "replaces":
            before.put("status", "superseded")
            before.put("subject", patient.reference)
            before.suppose("content", [{"attachment": unknown()}])
            drafts.append(before)
    keep_own_segments(message, document, {})
    reader.check()
    return [one for draft in drafts for one in draft.contributions()]


def _header(
    context: Context,
    reader: Reader,
    message: Message,
    about: tuple[Draft, Draft],
    txa: Segment,
) -> None:
    patient, document = about
    system = context.number_system("document")
    document.put("identifier", [{"system": system, "value": txa.part(12)}])
    document.put("masterIdentifier", {"system": system, "value": txa.part(12)})
    document.put("subject", patient.reference)
    document.put("custodian", context.institution())
    document.put("docStatus", _COMPLETION.get(txa.value(17).upper()))
    kind = reader.field_concept(txa, 2)
    if kind is not None and not txa.value(2, 3):
        # A bare code is of table 0270.
        coding = kind.get("coding", [{}])[0]
        kind = {**kind, "coding": [{**coding, "system": f"{TERMINOLOGY}v2-0270"}]}
    document.put("type", kind)
    obr = message.first("OBR")
    title = txa.value(25) or (obr.value(4, 2) or obr.value(4) if obr else "")
    document.put("description", title)
    document.put("date", reader.instant(txa, 7) or reader.instant(txa, 6))
    authors = dict.fromkeys([*doctors(txa, 9), *doctors(txa, 5)])
    document.put("author", [{"display": one} for one in authors])
    signed = next(doctors(txa, 22), None)
    document.put("authenticator", {"display": signed} if signed else None)
    if code := txa.value(18).upper():
        known = _CONFIDENTIALITY.get(code)
        coding = (
            {"system": f"{TERMINOLOGY}v3-Confidentiality", "code": known}
            if known
            else reader.table("0272", code)
        )
        document.put("securityLabel", [{"coding": [coding]}])
    pv1 = message.first("PV1")
    active = reader.time(txa, 4)
    said = reader.moment(pv1, 44) or reader.moment(txa, 4) or reader.moment(message.header, 7)
    within: dict[str, Any] = {}
    if encounter := visit_id(context, pv1, said):
        within["encounter"] = [reference("Encounter", encounter)]
    if active:
        within["period"] = {"start": active}
    if placed := txa.part(14):
        identifier = {"system": context.number_system("order"), "value": placed}
        within["related"] = [{"type": "ServiceRequest", "identifier": identifier}]
    document.put("context", within)


def _announced(reader: Reader, txa: Segment) -> dict[str, Any]:
    """What is known of a content that does not come along."""
    found = {"title": txa.value(16), "creation": reader.time(txa, 6)}
    return {key: value for key, value in found.items() if value}


def _contents(reader: Reader, message: Message, txa: Segment) -> list[dict[str, Any]]:
    """Each file as an attachment, and all lines of text together as one."""
    lines: list[str] = []
    files: list[dict[str, Any]] = []
    for obx in message.all("OBX"):
        if is_document(obx):
            if file := attachment(reader, obx):
                files.append({"attachment": file})
        elif text := _line(obx):
            lines.append(text)
    if lines:
        text = "\n".join(lines)
        found: dict[str, Any] = {
            "contentType": "text/plain; charset=utf-8",
            "data": base64.b64encode(text.encode()).decode(),
            **_announced(reader, txa),
        }
        files.insert(0, {"attachment": found})
    return files


def _line(obx: Segment) -> str:
    """A line of text; what is not text is written with its name and unit."""
    if obx.is_null(5):
        return ""
    text = "\n".join(joined(parts) for parts in obx.repetitions(5))
    if not text.strip() or obx.value(2).upper() == "HD":
        return ""
    if obx.value(2).upper() in ("", "TX", "FT", "ST"):
        return text
    name = obx.value(3, 2) or obx.value(3)
    return joined((f"{name}:" if name else "", text, obx.value(6)))
