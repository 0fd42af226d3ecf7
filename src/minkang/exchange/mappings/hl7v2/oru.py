"""ORU R01: observations of a report (HL7 v2.5.1, 7.3.1, 7.4.1, 7.4.2)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.patient import map_patient
from minkang.exchange.mappings.hl7v2.visit import visit_id
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, date_range, reference

_STATUS = {"P": "preliminary", "F": "final", "C": "corrected", "R": "registered", "X": "cancelled"}
_DELETED = ("D", "W")
_FLAGS = {"H", "L", "HH", "LL", "N", "A", "AA"}
_FLAG_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_LOINC = "http://loinc.org"
_COMPARATORS = {"<", "<=", ">", ">="}
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-{1,2}|~|～|—)\s*(-?\d+(?:\.\d+)?)\s*")
_LIMIT = re.compile(r"\s*(<|≤|<=|>|≥|>=)\s*(-?\d+(?:\.\d+)?)\s*")


def map_oru(context: Context, message: Message) -> list[Contribution]:
    """Contributions of one ORU message: patient, a report for each OBR, its observations.

    Results are ordered by OBR-22 (when the report was issued or changed), the patient by MSH-7.

    Raises:
        Refused: with all problems of the message.
    """
    reader = Reader(f"urn:minkang:source:{context.source.id}")
    sent = reader.moment(message.header, 7)
    patient = map_patient(context, reader, message, context.order(sent))
    reports = list(_reports(message))
    if not reports:
        raise Refused([Problem("map", "OBR", "required", "缺少 OBR 段")])
    contributions = {patient.key: patient}
    for obr, results in reports:
        for contribution in _report(context, reader, message, patient, obr, results):
            contributions[contribution.key] = contribution
    reader.check()
    return list(contributions.values())


def _reports(message: Message) -> Iterator[tuple[Segment, list[Segment]]]:
    obr: Segment | None = None
    results: list[Segment] = []
    for segment in message.segments:
        if segment.name == "OBR":
            if obr is not None:
                yield obr, results
            obr, results = segment, []
        elif segment.name == "OBX":
            if obr is None:
                raise Refused(
                    [Problem("map", segment.label, "order", "OBX 之前没有 OBR 段，结果无所归属")]
                )
            results.append(segment)
    if obr is not None:
        yield obr, results


def _report(
    context: Context,
    reader: Reader,
    message: Message,
    patient: Contribution,
    obr: Segment,
    results: list[Segment],
) -> list[Contribution]:
    number = obr.value(3) or obr.value(2)
    if not number:
        reader.problem(obr, 3, "required", "缺少报告号（执行者单号）")
    observed = reader.time(obr, 7)
    issued = reader.time(obr, 22)
    at = date_range(observed or issued or "2000").low if observed or issued else None
    order = context.order(reader.moment(obr, 22) or reader.moment(message.header, 7))
    shared: dict[str, Any] = {"subject": reference("Patient", patient.resource["id"])}
    pv1 = message.first("PV1")
    if encounter := visit_id(context, pv1, reader.moment(pv1, 44) or at):
        shared["encounter"] = reference("Encounter", encounter)
    if observed or issued:
        shared["effectiveDateTime"] = observed or issued
    observations = [
        _observation(context, reader, segment, number, dict(shared), at) for segment in results
    ]
    report = context.start("DiagnosticReport", context.id("DiagnosticReport", number, at))
    report.update(shared)
    report["identifier"] = [{"system": context.number_system("report"), "value": number}]
    report["status"] = _STATUS.get(obr.value(25) or "F", "final")
    report["code"] = reader.concept(obr.components(4)) or {"text": "检验报告"}
    report["performer"] = [context.institution()]
    if issued and "T" in issued:
        report["issued"] = issued
    report["result"] = [reference("Observation", one["id"]) for one in observations]
    return [Contribution(report, order), *(Contribution(one, order) for one in observations)]


def _observation(
    context: Context,
    reader: Reader,
    obx: Segment,
    report: str,
    shared: dict[str, Any],
    at: Any,
) -> dict[str, Any]:
    concept = reader.concept(obx.components(3))
    if concept is None:
        reader.problem(obx, 3, "required", "缺少检验项目")
        concept = {"text": ""}
    code = concept.get("coding", [{}])[0].get("code") or concept["text"]
    number = "/".join(part for part in (report, code, obx.value(4)) if part)
    observation = context.start("Observation", context.id("Observation", number, at))
    observation.update(shared)
    status = obx.value(11) or "F"
    observation["status"] = (
        "entered-in-error" if status in _DELETED else _STATUS.get(status, "final")
    )
    observation["category"] = [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}]
    observation["code"] = _with_standard_code(context, concept)
    observation["performer"] = [context.institution()]
    if own := reader.time(obx, 14):
        observation["effectiveDateTime"] = own
    _add_value(reader, obx, observation)
    if flag := obx.value(8).upper():
        if flag in _FLAGS:
            coding = {"system": _FLAG_SYSTEM, "code": flag}
            observation["interpretation"] = [{"coding": [coding]}]
        else:
            observation["interpretation"] = [{"text": obx.value(8)}]
    if text := obx.value(7):
        observation["referenceRange"] = [_range(text, obx.value(6))]
    return observation


def _with_standard_code(context: Context, concept: dict[str, Any]) -> dict[str, Any]:
    """Adds LOINC where the source's code list names it and the message does not."""
    codings = concept.get("coding", [])
    if any(coding["system"] == _LOINC for coding in codings):
        return concept
    for coding in codings:
        if standard := context.source.codes.get(coding["code"]):
            return {**concept, "coding": [{"system": _LOINC, "code": standard}, *codings]}
    return concept


def _add_value(reader: Reader, obx: Segment, observation: dict[str, Any]) -> None:
    kind, text = obx.value(2).upper(), obx.value(5)
    if not obx.raw(5) or text == '""':
        return
    if kind == "NM":
        number = reader.number(obx, 5, text)
        if number is not None:
            observation["valueQuantity"] = _quantity(number, obx.value(6))
    elif kind == "SN":
        comparator, first, *rest = [part.strip() for part in [*obx.components(5), "", ""]]
        if rest and any(rest[:2]):
            observation["valueString"] = "".join(part for part in (comparator, first, *rest))
            return
        number = reader.number(obx, 5, first)
        if number is not None:
            quantity = _quantity(number, obx.value(6))
            if comparator in _COMPARATORS:
                quantity["comparator"] = comparator
            observation["valueQuantity"] = quantity
    elif kind in ("CE", "CWE", "CNE"):
        observation["valueCodeableConcept"] = reader.concept(obx.components(5))
    elif kind in ("DT", "TS", "DTM"):
        if time := reader.time(obx, 5):
            observation["valueDateTime"] = time
    else:
        lines = [" ".join(filter(None, parts)) for parts in obx.repetitions(5)]
        observation["valueString"] = "\n".join(lines)


def _quantity(value: Decimal, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit} if unit else {"value": value}


def _range(text: str, unit: str) -> dict[str, Any]:
    found: dict[str, Any] = {"text": text}
    if match := _RANGE.fullmatch(text):
        found["low"] = _quantity(Decimal(match[1]), unit)
        found["high"] = _quantity(Decimal(match[2]), unit)
    elif match := _LIMIT.fullmatch(text):
        found["low" if match[1] in (">", "≥", ">=") else "high"] = _quantity(
            Decimal(match[2]), unit
        )
    return found
