"""ORU R01 and OUL R21 to R24: observations of reports (HL7 v2.5.1, 7.3.1, 7.3.5 ff., 7.4.1)."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader, begin_of
from minkang.exchange.mappings.hl7v2.observations import (
    attachment,
    is_document,
    observation,
)
from minkang.exchange.mappings.hl7v2.own_segments import add_own_segment
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.people import doctors
from minkang.exchange.mappings.hl7v2.visit import visit_id
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, reference

RESULTS: Final = ("ORU^R01", "OUL^R21", "OUL^R22", "OUL^R23", "OUL^R24")
# HL7 table 0123.
_STATUS = {
    "": "final",
    "A": "partial",
    "C": "corrected",
    "F": "final",
    "I": "registered",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "registered",
    "X": "cancelled",
}
_NOTE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"


class _Report(msgspec.Struct):
    """An OBR with what belongs to it; `results` are OBX with the notes (NTE) after each."""

    obr: Segment
    orc: Segment | None
    results: list[tuple[Segment, list[str]]]
    notes: list[str]
    own: list[Segment]


def map_oru(context: Context, message: Message) -> list[Contribution]:
    """Contributions of one message: patient, a report for each OBR, its observations.

    Results are ordered by OBR-22 (when the report was issued or changed), the patient by MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(context)
    sent = reader.moment(message.header, 7)
    patient = map_patient(context, reader, message, context.order(sent))
    reports = list(_reports(message))
    if not reports:
        raise Refused([Problem("map", "OBR", "required", "缺少 OBR 段")])
    drafts = {patient.id: patient}
    for report in reports:
        for draft in _report(context, reader, message, patient, report):
            drafts[draft.id] = draft
    reader.check()
    return [one for draft in drafts.values() for one in draft.contributions()]


def _reports(message: Message) -> Iterator[_Report]:
    """The OBR groups. In OUL results before an OBR are those of the patient or the specimen."""
    by_specimen = message.header.value(9) == "OUL"
    report: _Report | None = None
    orc: Segment | None = None
    aside = by_specimen
    for segment in message.segments:
        name = segment.name
        if name == "OBR":
            if report is not None:
                yield report
            report = _Report(segment, orc, [], [], [])
            orc, aside = None, False
        elif name == "ORC":
            # In OUL the order control follows its OBR.
            if by_specimen and report is not None and report.orc is None:
                report.orc = segment
            else:
                orc = segment
        elif name == "SPM" and by_specimen:
            aside = True
        elif name == "OBX" and not aside:
            if report is None:
                text = "OBX 之前没有 OBR 段，结果无所归属"
                raise Refused([Problem("map", segment.label, "order", text)])
            report.results.append((segment, []))
        elif report is not None:
            _beside(report, segment, aside=aside)
    if report is not None:
        yield report


def _beside(report: _Report, segment: Segment, *, aside: bool) -> None:
    if segment.name.startswith("Z"):
        report.own.append(segment)
    elif segment.name == "NTE" and not aside:
        lines = [parts[0].strip() for parts in segment.repetitions(3) if parts[0].strip()]
        if text := "\n".join(line for line in lines if line != '""'):
            (report.results[-1][1] if report.results else report.notes).append(text)


def _report(
    context: Context, reader: Reader, message: Message, patient: Draft, group: _Report
) -> list[Draft]:
    obr = group.obr
    number = obr.part(3) or obr.part(2)
    if not number:
        reader.problem(obr, 3, "required", "缺少报告号（执行者单号）")
    observed, issued = reader.time(obr, 7), reader.time(obr, 22)
    at = begin_of(observed or issued or "") if observed or issued else None
    order = context.order(reader.moment(obr, 22) or reader.moment(message.header, 7))
    shared: dict[str, Any] = {"subject": patient.reference}
    pv1 = message.first("PV1")
    if encounter := visit_id(context, pv1, reader.moment(pv1, 44) or at):
        shared["encounter"] = reference("Encounter", encounter)
    if observed or issued:
        shared["effectiveDateTime"] = observed or issued
    documents = [obx for obx, _ in group.results if is_document(obx)]
    results = [
        observation(context, reader, obx, number, shared, (order, at), notes)
        for obx, notes in group.results
        if obx not in documents
    ]
    report = Draft(context, "DiagnosticReport", number, order, at)
    report.resource.update(shared)
    report.put("identifier", [{"system": context.number_system("report"), "value": number}])
    report.put("status", _STATUS.get(obr.value(25).upper(), "unknown"))
    report.put("code", reader.field_concept(obr, 4) or {"text": "检验报告"})
    report.put("performer", [context.institution()])
    report.put("issued", issued if issued and "T" in issued else None)
    report.put("basedOn", _based_on(context, group))
    readers = [{"display": one} for one in doctors(obr, 32)]
    report.put("resultsInterpreter", readers)
    report.put("result", [one.reference for one in results])
    files = (attachment(reader, obx) for obx in documents)
    report.put("presentedForm", [one for one in files if one is not None])
    for note in group.notes:
        extension = {"url": _NOTE, "valueAnnotation": {"text": note}}
        report.resource.setdefault("extension", []).append(extension)
    for segment in group.own:
        add_own_segment(report, segment)
    return [report, *results]


def _based_on(context: Context, group: _Report) -> list[dict[str, Any]]:
    """The order by its number: whoever has it may be another system than the one that reports."""
    number = group.obr.part(2) or (group.orc.part(2) if group.orc else "")
    if not number:
        return []
    identifier = {"system": context.number_system("order"), "value": number}
    return [{"type": "ServiceRequest", "identifier": identifier}]
