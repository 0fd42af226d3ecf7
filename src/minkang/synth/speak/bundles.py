"""FHIR R4 bundles: what a hospital with a modern system posts of a visit when it is over.

A bundle is a batch of PUTs under the hospital's own numbers; its timestamp is the order of what
it says. An admission is told twice: when it begins, and whole when it ends.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from minkang.synth.record import Diagnosis, Person, Report, Study
from minkang.synth.speak import bundle_facts as facts
from minkang.synth.speak.bundle_facts import Resource
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.sent import Message
from minkang.synth.speak.setting import Setting

_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES: Final = {"O": "AMB", "E": "EMER", "I": "IMP", "H": "HH", "P": "AMB"}
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_LOINC: Final = "http://loinc.org"
_OPERATIONS: Final = "urn:oid:2.16.156.10011.2.3.3.12"
_DIAGNOSES: Final = {
    "icd10": "urn:oid:2.16.156.10011.2.3.3.11",
    "tcm-disease": "urn:oid:2.16.156.10011.2.3.3.14",
    "tcm-pattern": "urn:oid:2.16.156.10011.2.3.3.14",
}


def say_visit(setting: Setting, case: Case, person: Person) -> Iterator[Message]:
    """The bundles of one visit."""
    visit = case.visit
    if visit.kind == "I":
        yield _bundle(case, person, visit.start + timedelta(minutes=2), _begun(case))
    if visit.end is None:
        return
    results: list[Report | Study] = [*visit.reports, *visit.studies]
    times = [visit.end, *(one.reported for one in results)]
    at = max(times) + timedelta(minutes=15)
    yield _bundle(case, person, at, list(_whole(setting, case)))


def _bundle(case: Case, person: Person, at: datetime, resources: list[Resource]) -> Message:
    entries = [
        {
            "resource": one,
            "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
        }
        for one in [_patient(case), *resources]
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "timestamp": facts.moment(at),
        "entry": entries,
    }
    raw = msgspec.json.encode(bundle)
    return Message(case.system.id, "fhir", at, raw, "Bundle", person.key, case.visit.number)


def _patient(case: Case) -> Resource:
    who = case.registered
    identifiers = [facts.own(case, "patient", case.patient)]
    if who.id_number:
        identifiers.append({"system": "urn:oid:2.16.156.10011.1.3", "value": who.id_number})
    found: Resource = {
        "resourceType": "Patient",
        "id": case.patient,
        "identifier": identifiers,
        "name": [{"use": "official", "text": who.name}],
        "gender": {"M": "male", "F": "female"}.get(who.sex, "unknown"),
        "birthDate": who.birth.isoformat(),
    }
    if who.phone:
        found["telecom"] = [{"system": "phone", "value": who.phone, "use": "mobile"}]
    if who.address:
        found["address"] = [{"use": "home", "text": who.address}]
    return found


def _encounter(case: Case, *, over: bool) -> Resource:
    visit = case.visit
    period = {"start": facts.moment(visit.start)}
    if over and visit.end is not None:
        period["end"] = facts.moment(visit.end)
    reasons = [_diagnosis(one) for one in visit.diagnoses]
    if complaint := visit.texts.get("complaint"):
        reasons.append({"text": complaint})
    found: Resource = {
        "resourceType": "Encounter",
        "id": case.number,
        "identifier": [facts.own(case, "visit", case.number)],
        "status": "finished" if over else "in-progress",
        "class": {"system": _ACT, "code": _CLASSES[visit.kind]},
        "subject": {"reference": f"Patient/{case.patient}"},
        "period": period,
        "serviceType": {"text": case.department},
        "participant": [{"individual": {"display": case.doctor}}],
        "reasonCode": reasons,
        "serviceProvider": {"reference": f"Organization/{case.system.organisation}"},
    }
    if visit.kind == "I":
        found["location"] = [{"location": {"display": " ".join(case.bed)}}]
        if over and visit.outcome:
            found["hospitalization"] = {"dischargeDisposition": {"text": visit.outcome}}
    return found


def _diagnosis(one: Diagnosis) -> Resource:
    if not one.code:
        return {"text": one.name}
    coding = {"system": _DIAGNOSES[one.system], "code": one.code, "display": one.name}
    return {"coding": [coding], "text": one.name}


def _begun(case: Case) -> list[Resource]:
    return [_encounter(case, over=False)]


def _whole(setting: Setting, case: Case) -> Iterator[Resource]:
    visit = case.visit
    yield _encounter(case, over=True)
    for number, one in enumerate(visit.diagnoses, 1):
        yield {
            "resourceType": "Condition",
            "id": f"{case.number}-D{number}",
            "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
            "verificationStatus": {
                "coding": [
                    {"system": _VERIFIED, "code": "confirmed" if one.certain else "provisional"}
                ]
            },
            "code": _diagnosis(one),
            "recordedDate": facts.moment(visit.start),
            **facts.shared(case),
        }
    yield from facts.vital_signs(case)
    for report in visit.reports:
        yield from facts.laboratory(case, report)
    for study in visit.studies:
        yield from facts.study_of(setting, case, study)
    for prescription in visit.prescriptions:
        yield from facts.medicines(setting, case, prescription)
    for number, done in enumerate(visit.operations, 1):
        coding = {
            "system": _OPERATIONS,
            "code": done.operation.code,
            "display": done.operation.name,
        }
        yield {
            "resourceType": "Procedure",
            "id": f"{case.number}-P{number}",
            "status": "completed",
            "code": {"coding": [coding], "text": done.operation.name},
            "performedPeriod": {"start": facts.moment(done.begin), "end": facts.moment(done.end)},
            "performer": [{"actor": {"display": setting.name_of(case.institution, done.surgeon)}}],
            **facts.shared(case),
        }
    yield from _words(case)
    yield from _fees(case)


_TITLES: Final = (
    ("complaint", "主诉", "10154-3"),
    ("present-illness", "现病史", "10164-2"),
    ("past-history", "既往史", "11348-0"),
    ("examination", "体格检查", "29545-1"),
    ("advice", "处理意见", "18776-5"),
    ("admission-course", "诊疗经过", "8648-8"),
    ("discharge-condition", "出院情况", "10184-0"),
    ("discharge-orders", "出院医嘱", "8653-8"),
)


def _words(case: Case) -> Iterator[Resource]:
    """The record in words as a Composition with a section for each text."""
    sections = [
        {
            "title": title,
            "code": {"coding": [{"system": _LOINC, "code": code}], "text": title},
            "text": {"status": "additional", "div": _narrative(said)},
        }
        for key, title, code in _TITLES
        if (said := case.visit.texts.get(key))
    ]
    if not sections:
        return
    title = "出院小结" if case.visit.kind == "I" else "门诊病历"
    yield {
        "resourceType": "Composition",
        "id": f"{case.number}-R",
        "status": "final",
        "type": {"text": title},
        "date": facts.moment(case.visit.end or case.visit.start),
        "author": [{"display": case.doctor}],
        "title": title,
        "section": sections,
        **facts.shared(case),
    }


def _narrative(text: str) -> str:
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{safe}</div>'


def _fees(case: Case) -> Iterator[Resource]:
    given = case.visit.fees
    if given is None:
        return
    lines = [
        {
            "chargeItemCodeableConcept": {"text": name},
            "priceComponent": [{"type": "base", "amount": _money(cents)}],
        }
        for name, cents in given.classes.items()
        if cents
    ]
    found: Resource = {
        "resourceType": "Invoice",
        "id": f"{case.number}-F",
        "identifier": [facts.own(case, "invoice", f"{case.number}-F")],
        "status": "issued",
        "subject": {"reference": f"Patient/{case.patient}"},
        "date": facts.moment(case.visit.end or case.visit.start),
        "totalGross": _money(given.total),
    }
    if lines:
        found["lineItem"] = lines
    yield found


def _money(cents: int) -> Resource:
    return {"value": msgspec.Raw(f"{cents // 100}.{cents % 100:02d}".encode()), "currency": "CNY"}
