"""What a bundle holds of results and medicines: resources under the hospital's own numbers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from minkang.synth.record import LOCAL, Line, Prescription, Report, Study
from minkang.synth.speak import catalogue
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.hl7_results import measured
from minkang.synth.speak.setting import Setting

_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_LOINC: Final = "http://loinc.org"
_FLAGS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

Resource = dict[str, Any]


def moment(at: datetime) -> str:
    """A dateTime of the region's clock."""
    m = at if at.tzinfo is LOCAL else at.astimezone(LOCAL)
    return m.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def own(case: Case, kind: str, number: str) -> dict[str, str]:
    """A number of the hospital's own as Identifier."""
    return {"system": f"urn:minkang:source:{case.system.id}:{kind}", "value": number}


def shared(case: Case) -> Resource:
    """Whom and which visit a resource is about."""
    return {
        "subject": {"reference": f"Patient/{case.patient}"},
        "encounter": {"reference": f"Encounter/{case.number}"},
    }


def vital_signs(case: Case) -> Iterator[Resource]:
    """What the nurse measured."""
    at = moment(case.visit.start + timedelta(minutes=6))
    category = [{"coding": [{"system": _CATEGORY, "code": "vital-signs"}]}]
    for code, name, text, unit in measured(case.visit.vitals):
        yield {
            "resourceType": "Observation",
            "id": f"{case.number}-V{code}",
            "status": "final",
            "category": category,
            "code": {"coding": [{"system": _LOINC, "code": code}], "text": name},
            "effectiveDateTime": at,
            "valueQuantity": _quantity(text, unit),
            **shared(case),
        }


def _quantity(text: str, unit: str) -> Resource:
    found: Resource = {"value": msgspec.Raw(text.encode())}
    return {**found, "unit": unit} if unit else found


def laboratory(case: Case, report: Report) -> Iterator[Resource]:
    """A panel: its results, its order, its report."""
    panel = catalogue.panel(report.panel)
    results = [_result(case, report, number) for number in range(1, len(report.values) + 1)]
    yield from results
    yield {
        "resourceType": "ServiceRequest",
        "id": f"A{report.number}",
        "status": "completed",
        "intent": "order",
        "code": {"text": panel.name},
        "authoredOn": moment(case.visit.start),
        "requester": {"display": case.doctor},
        **shared(case),
    }
    yield {
        "resourceType": "DiagnosticReport",
        "id": report.number,
        "identifier": [own(case, "report", report.number)],
        "basedOn": [{"reference": f"ServiceRequest/A{report.number}"}],
        "status": "final",
        "code": {"text": panel.name},
        "effectiveDateTime": moment(report.taken),
        "issued": moment(report.reported),
        "result": [{"reference": f"Observation/{one['id']}"} for one in results],
        **shared(case),
    }


def _result(case: Case, report: Report, number: int) -> Resource:
    """One result of a panel, by its place in it, from 1."""
    value = report.values[number - 1]
    days = (report.taken.date() - case.registered.birth).days
    test = catalogue.test(value.analyte, case.institution, case.registered.sex, days)
    codings = [{"system": f"urn:minkang:source:{case.system.id}:code:l", "code": test.local}]
    if test.loinc:
        codings.insert(0, {"system": _LOINC, "code": test.loinc})
    found: Resource = {
        "resourceType": "Observation",
        "id": f"{report.number}-{number}",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
        "code": {"coding": codings, "text": test.name},
        "effectiveDateTime": moment(report.taken),
        **shared(case),
    }
    if test.kind == "NM":
        found["valueQuantity"] = _quantity(value.text, test.unit)
        if value.below:
            found["valueQuantity"]["comparator"] = "<"
    else:
        found["valueString"] = value.text
    if value.flag:
        found["interpretation"] = [{"coding": [{"system": _FLAGS, "code": value.flag}]}]
    if test.range:
        found["referenceRange"] = [{"text": test.range}]
    return found


def study_of(setting: Setting, case: Case, study: Study) -> Iterator[Resource]:
    """A study: what was seen, and what it means."""
    kind, taken = catalogue.study(study.study), moment(study.taken)
    yield {
        "resourceType": "Observation",
        "id": f"{study.number}-1",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "imaging"}]}],
        "code": {"coding": [{"system": _LOINC, "code": "59776-5"}], "text": "检查所见"},
        "effectiveDateTime": taken,
        "valueString": study.findings,
        **shared(case),
    }
    yield {
        "resourceType": "DiagnosticReport",
        "id": study.number,
        "identifier": [own(case, "report", study.number)],
        "status": "final",
        "code": {"text": kind.name},
        "effectiveDateTime": taken,
        "issued": moment(study.reported),
        "result": [{"reference": f"Observation/{study.number}-1"}],
        "resultsInterpreter": [{"display": setting.name_of(case.institution, study.doctor)}],
        "conclusion": study.impression,
        **shared(case),
    }


def medicines(setting: Setting, case: Case, given: Prescription) -> Iterator[Resource]:
    """A prescription: a MedicationRequest for each line, one for a Chinese formula."""
    common = {
        "status": "completed",
        "intent": "order",
        "groupIdentifier": own(case, "prescription", given.number),
        "authoredOn": moment(given.at),
        "requester": {"display": setting.name_of(case.institution, given.doctor)},
        **shared(case),
    }
    for number, line in enumerate(given.lines, 1):
        yield {
            "resourceType": "MedicationRequest",
            "id": f"{given.number}-{number}",
            **_line(case, line),
            **common,
        }
    if given.herbs:
        formula = "、".join(f"{herb.name}{herb.grams}g" for herb in given.herbs)
        dosage = {"dosageInstruction": [{"text": given.usage}]} if given.usage else {}
        yield {
            "resourceType": "MedicationRequest",
            "id": f"{given.number}-1",
            "medicationCodeableConcept": {"text": f"中药饮片：{formula}"},
            **dosage,
            "dispenseRequest": {"quantity": {"value": given.doses, "unit": "剂"}},
            **common,
        }


def _line(case: Case, line: Line) -> Resource:
    """Drug, dose, how often and how much of a line."""
    drug = catalogue.drug(line.drug)
    count, unit = catalogue.amount(line.quantity)
    dose, of = catalogue.amount(line.dose)
    coding = {
        "system": f"urn:minkang:source:{case.system.id}:code:drug",
        "code": drug.code,
        "display": drug.name,
    }
    often = catalogue.frequency(line.frequency)
    dosage: Resource = {
        "text": f"{line.route} 每次{line.dose} {often}",
        "timing": {"code": {"text": often}},
        "route": {"text": line.route},
    }
    if dose:
        dosage["doseAndRate"] = [{"doseQuantity": _quantity(dose, of)}]
    supply: Resource = {"expectedSupplyDuration": {"value": line.days, "unit": "d"}}
    if count:
        supply["quantity"] = _quantity(count, unit)
    return {
        "medicationCodeableConcept": {"coding": [coding], "text": drug.name},
        "dosageInstruction": [dosage],
        "dispenseRequest": supply,
    }
