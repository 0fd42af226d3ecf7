"""The header of a document of a visit, as a Composition has it: what follows from the facts."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from minkang.exchange.documents.ages import age_at, units_of
from minkang.exchange.documents.extensions import first
from minkang.exchange.documents.facts import refused
from minkang.exchange.documents.form import form_of
from minkang.exchange.documents.formats import SHANGHAI
from minkang.exchange.documents.visit_body import Visit
from minkang.exchange.documents.visit_wards import dated_at, days_of
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda import layout_terms as terms
from minkang.fhir import Resource, date_range

_OIDS: Final = "urn:oid:"
_CLASSES: Final = {"AMB": ("1", "门诊"), "EMER": ("2", "急诊"), "IMP": ("3", "住院")}
_PATIENT_TYPES: Final = "urn:oid:2.16.156.10011.2.3.1.271"
_REPORT_NUMBERS: Final = {"C0006": ids.EXAMINATION_REPORT, "C0007": ids.LABORATORY_REPORT}
_MODES: Final = {"legal": "legal", "verifier": "professional", "attester": "professional"}
"""Codes of R4's provenance-participant-type to modes of Composition.attester."""
_AGE: Final = "Observation/age"

Extension = dict[str, Any]


def header_of(visit: Visit, now: datetime) -> tuple[Resource, dict[str, Resource]]:
    """Elements of the Composition, and the age as a resource beside the facts.

    Raises:
        Refused: `required`: nobody is known who wrote it.
    """
    found: Resource = {
        "status": "final",
        "date": now.isoformat(timespec="seconds"),
        "author": [_author(visit)],
        "custodian": {
            "display": visit.institution["name"],
            "identifier": {"value": visit.institution["number"]},
        },
    }
    if signed := list(_attesters(visit)):
        found["attester"] = signed
    event: dict[str, Any] = {}
    if period := visit.encounter.get("period"):
        event["period"] = period
    more: dict[str, Resource] = {}
    age = _age(visit, now)
    if age is not None:
        more[_AGE] = age
        event["detail"] = [{"reference": _AGE}]
    if event:
        found["event"] = [event]
    found["extension"] = list(_extensions(visit))
    return found, more


def _extensions(visit: Visit) -> Iterator[Extension]:
    for root, value in _numbers(visit):
        identifier = {"system": f"{_OIDS}{root}", "value": value}
        yield {"url": terms.NUMBER, "valueIdentifier": identifier}
    code, name = _CLASSES.get(visit.encounter.get("class", {}).get("code", ""), ("9", "其他"))
    coding = {"system": _PATIENT_TYPES, "code": code, "display": name}
    yield {"url": terms.PATIENT_TYPE, "valueCodeableConcept": {"coding": [coding]}}
    stay = visit.encounter.get("hospitalization", {})
    if source := stay.get("admitSource"):
        yield {"url": terms.ADMISSION, "valueCodeableConcept": source}
    department = visit.encounter.get("serviceType", {}).get("text", "")
    for url in (terms.PLACE, terms.PROVIDER):
        yield _level(url, "institution", **visit.institution)
        if department:
            yield _level(url, "department", name=department)
    for of, width in days_of(visit.resources) if visit.kind == "C0020" else ():
        parts = [{"url": "of", "valueCode": of}, {"url": "width", "valueQuantity": width}]
        yield {"url": terms.DAYS, "extension": parts}
    yield from _informants(visit)
    for one in visit.encounter.get("location", ()):
        if text := one.get("location", {}).get("display"):
            yield _level(terms.PLACE, "bed", name=text)
            break


def _level(url: str, level: str, **texts: str) -> Extension:
    named = [{"url": key, "valueString": text} for key, text in texts.items() if text]
    return {"url": url, "extension": [{"url": "level", "valueCode": level}, *named]}


def _numbers(visit: Visit) -> Iterator[tuple[str, str]]:
    """OID and number of visit, report, order and medical record, as far as there are any."""
    inpatient = visit.encounter.get("class", {}).get("code") == "IMP"
    for one in visit.encounter.get("identifier", ())[:1]:
        yield (ids.INPATIENT if inpatient else ids.OUTPATIENT), one.get("value", "")
    for one in visit.patient.get("identifier", ()):
        if one.get("system", "").endswith(":medical-record"):
            yield ids.MEDICAL_RECORD, one["value"]
    report = visit.report
    if report is not None and visit.kind in _REPORT_NUMBERS:
        for one in report.get("identifier", ())[:1]:
            yield _REPORT_NUMBERS[visit.kind], one["value"]
        for asked in report.get("basedOn", ())[:1]:
            if number := asked.get("identifier", {}).get("value"):
                yield ids.APPLICATION, number
    if visit.kind == "C0004":
        groups = {
            one.get("groupIdentifier", {}).get("value", "")
            for _, one in visit.all("MedicationRequest")
        }
        if len(groups) == 1 and (number := groups.pop()):
            yield ids.PRESCRIPTION, number


def _author(visit: Visit) -> dict[str, Any]:
    """Who answers for what the document says, and when they wrote it.

    Raises:
        Refused: nobody is named.
    """
    who: dict[str, Any] | None
    time: str | None = None
    if visit.report is not None:
        who = next(iter(visit.report.get("resultsInterpreter", ())), None)
        time = visit.report.get("issued")
    else:
        people = [one.get("individual", {}) for one in visit.encounter.get("participant", ())]
        who = next((one for one in people if one.get("display")), None)
        if visit.kind == "C0002":
            time = visit.encounter.get("period", {}).get("start")
        time = time or dated_at(visit.kind, visit.resources)
    if visit.kind == "C0004":
        for _, one in visit.all("MedicationRequest"):
            who, time = one.get("requester") or who, one.get("authoredOn") or time
    if who is None or not who.get("display"):
        place = "/ClinicalDocument/author/assignedAuthor/assignedPerson/name"
        raise refused(place, "required", "缺少作者：平台中不知道由谁书写")
    more = [{"url": terms.SIGNED, "valueDateTime": time}] if time else []
    return {"display": who["display"], "extension": more}


def _attesters(visit: Visit) -> Iterator[dict[str, Any]]:
    """Who signed the visit: agents of a Provenance of it, with when and as what they signed."""
    for _, provenance in visit.all("Provenance"):
        for agent in provenance.get("agent", ()):
            mode = next((_MODES[one] for one in _codes(agent) if one in _MODES), None)
            if mode is None:
                continue
            time = first(agent, terms.SIGNED) or provenance.get("recorded")
            signed: dict[str, Any] = {"mode": mode, "party": agent.get("who", {})}
            if time:
                signed["time"] = time
            if role := next((one["text"] for one in agent.get("role", ()) if "text" in one), ""):
                signed["extension"] = [{"url": terms.ROLE, "valueString": role}]
            yield signed


def _informants(visit: Visit) -> Iterator[Extension]:
    """Who told the history (C0034): an agent `informant` of a Provenance of the visit."""
    for _, provenance in visit.all("Provenance"):
        for agent in provenance.get("agent", ()):
            if "informant" not in _codes(agent):
                continue
            name = agent.get("who", {}).get("display", "")
            parts: list[Extension] = [{"url": "name", "valueString": name}] if name else []
            relations = (one for one in agent.get("role", ()) if "coding" in one)
            parts += [{"url": "relation", "valueCodeableConcept": one} for one in relations][:1]
            yield {"url": terms.INFORMANT, "extension": parts}


def _codes(agent: Mapping[str, Any]) -> list[str]:
    return [one.get("code", "") for one in agent.get("type", {}).get("coding", ())]


def _age(visit: Visit, now: datetime) -> Resource | None:
    """The age at the beginning of the visit, as an Observation that is not stored."""
    birth = visit.patient.get("birthDate", "")
    if len(birth) != len("2026-05-03"):
        return None
    start = visit.encounter.get("period", {}).get("start")
    moment = date_range(start).low if start else now
    units = units_of(form_of(visit.kind))
    age = age_at(date.fromisoformat(birth), moment.astimezone(SHANGHAI).date(), units)
    if age is None:
        return None
    return {"resourceType": "Observation", "valueQuantity": {"value": age[0], "unit": age[1]}}
