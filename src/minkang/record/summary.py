"""A life as an International Patient Summary: one document Bundle that stands by itself.

HL7 FHIR International Patient Summary 1.1.0 and 2.0.0 (`hl7.fhir.uv.ips`): problems, allergies and
medicines always have a section, with the code for "no information" where nothing is known; the
others appear when there is something to tell. The facts of all linked Patients are told of the one
Patient whom the document is about. References that lead out of the Bundle are reduced to what they
say in words, so that every `reference` resolves within it.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.record.fact import concept_code, concept_text
from minkang.record.life import Life
from minkang.record.medicines import medicines_of
from minkang.record.results import is_result, results_of, series_of
from minkang.record.summary_text import narrative
from minkang.store import Stored

TYPES: Final = (
    "AllergyIntolerance", "Condition", "DiagnosticReport", "Immunization", "MedicationDispense",
    "MedicationRequest", "MedicationStatement", "Observation", "Procedure",
)  # fmt: skip
_ABSENT: Final = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_PREGNANCY: Final = frozenset({"82810-3", "11778-8", "11779-6", "11780-4", "8665-2", "11996-6"})
_WRONG: Final = frozenset({"entered-in-error", "refuted", "not-done", "cancelled"})
_ENDED: Final = frozenset({"inactive", "resolved", "remission"})
_MOST: Final = 100


class Section(msgspec.Struct, frozen=True):
    """A section of the document; `absent` is the code of IPS for "no information", if any."""

    code: str
    display: str
    title: str
    entries: tuple[Resource, ...]
    absent: str = ""


def summary_bundle(life: Life, patient: Stored, now: datetime) -> Resource:
    """The document about a Patient, from what was gathered of the life (`TYPES`).

    Args:
        life: within the caller's scope; a life longer than a page holds has its newest facts here.
        patient: the Patient whom the document is about.
        now: when it is made; what reaches to now is a medicine of now.
    """
    sections = _sections(life, now)
    sources = {_source_of(life, one) for section in sections for one in section.entries}
    makers = [_organisation(one, life.names) for one in sorted(sources - {""})]
    about = {
        "resourceType": "Composition",
        "id": str(uuid5(NAMESPACE_URL, f"minkang/ips/{patient.id}/{now.isoformat()}")),
        "status": "final",
        "type": _coded("http://loinc.org", "60591-5", "Patient summary Document"),
        "subject": {"reference": f"Patient/{patient.id}"},
        "date": now.isoformat(timespec="seconds"),
        "author": [{"reference": f"Device/{_DEVICE['id']}"}],
        "title": "国际患者摘要 International Patient Summary",
        "confidentiality": "N",
        "section": [_section(one) for one in sections],
    }
    told = [_plain(patient.resource), _DEVICE, *makers]
    told += [one for section in sections for one in section.entries]
    resources = [about, *({(r["resourceType"], r["id"]): r for r in told}.values())]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{about['id']}"},
        "type": "document",
        "timestamp": now.isoformat(timespec="seconds"),
        "entry": _entries(resources, patient.id),
    }


_DEVICE: Final[Resource] = {
    "resourceType": "Device",
    "id": "minkang",
    "deviceName": [{"name": "Minkang 民康", "type": "user-friendly-name"}],
    "type": {"text": "区域全民健康信息平台"},
}


def _sections(life: Life, now: datetime) -> list[Section]:
    active, past = _problems(life.of("Condition"))
    observations = _newest_observations(life)
    vital = [one for one in observations if _has_category(one, "vital-signs")]
    required = [
        Section("11450-4", "Problem list - Reported", "健康问题", active, "no-problem-info"),
        Section(
            "48765-2",
            "Allergies and adverse reactions Document",
            "过敏与不良反应",
            _known(life.of("AllergyIntolerance"), "code"),
            "no-allergy-info",
        ),
        Section(
            "10160-0",
            "History of Medication use Narrative",
            "用药",
            _medicines(life, now),
            "no-medication-info",
        ),
    ]
    optional = [
        Section(
            "11369-6",
            "History of Immunization Narrative",
            "预防接种",
            _known(life.of("Immunization"), "vaccineCode"),
        ),
        Section(
            "30954-2",
            "Relevant diagnostic tests/laboratory data Narrative",
            "检验结果",
            tuple(one for one in observations if one not in vital),
        ),
        Section(
            "47519-4",
            "History of Procedures Document",
            "手术与操作",
            _known(life.of("Procedure"), "code"),
        ),
        Section("8716-3", "Vital signs", "生命体征", tuple(vital)),
        Section("11348-0", "History of Past illness Narrative", "既往疾病", past),
        Section("10162-6", "History of pregnancies Narrative", "妊娠", _pregnancy(life)),
    ]
    return [_with_absent(one) for one in required] + [one for one in optional if one.entries]


def _problems(conditions: Sequence[Stored]) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
    """The newest Condition of each disease: active, and over."""
    newest: dict[str, Resource] = {}
    for stored in conditions:
        one = stored.resource
        key = concept_code(one.get("code")) or concept_text(one.get("code"))
        if key and concept_code(one.get("verificationStatus")) not in _WRONG:
            newest.setdefault(key, _problem(stored))
    active = [r for r in newest.values() if concept_code(r.get("clinicalStatus")) not in _ENDED]
    over = [r for r in newest.values() if r not in active]
    return tuple(active[:_MOST]), tuple(over[:_MOST])


def _problem(stored: Stored) -> Resource:
    """A Condition, with the clinical status that one of IPS must have (con-3)."""
    made = _plain(stored.resource)
    if "clinicalStatus" not in made:
        system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
        made["clinicalStatus"] = _coded(system, "active", "Active")
    return made


def _known(several: Iterable[Stored], name: str) -> tuple[Resource, ...]:
    """What has that element and took place, newest first."""
    kept = []
    for stored in several:
        one = stored.resource
        states = {one.get("status"), concept_code(one.get("verificationStatus"))}
        if one.get(name) and not states & _WRONG:
            kept.append(_dated(_plain(one)))
    return tuple(kept[:_MOST])


_DATED: Final = {
    "Immunization": ("occurrence", "occurrenceDateTime"),
    "Procedure": ("performed", "performedDateTime"),
    "MedicationStatement": ("effective", "effectiveDateTime"),
    "Observation": ("effective", "effectiveDateTime"),
}


def _dated(resource: Resource) -> Resource:
    """With the reason why a time is absent that IPS demands."""
    begins, element = _DATED.get(resource["resourceType"], ("", ""))
    if begins and not any(name.startswith(begins) for name in resource):
        resource[f"_{element}"] = {"extension": [{"url": _REASON, "valueCode": "unknown"}]}
    return resource


def _medicines(life: Life, now: datetime) -> tuple[Resource, ...]:
    """The newest prescription or statement of each medicine of now."""
    kinds = ("MedicationRequest", "MedicationStatement")
    stored = {(one.type, one.id): one for kind in kinds for one in life.of(kind)}
    found = []
    for medicine in medicines_of(stored.values(), life.names, now):
        given = next((one for one in medicine.given if one.until >= now), None)
        if given is not None:
            found.append(_dated(_plain(stored[given.origin.type, given.origin.id].resource)))
    return tuple(found[:_MOST])


def _newest_observations(life: Life) -> list[Resource]:
    """The newest result of each item, whole: a blood pressure keeps both components."""
    stored = {one.id: one for one in life.of("Observation") if is_result(one)}
    series = series_of(results_of(stored.values(), life.names))
    ids = dict.fromkeys(one.results[0].origin.id for one in series)
    found = []
    for one in [stored[name] for name in ids][:_MOST]:
        made = _dated(_plain(one.resource))
        if not made.get("performer") and one.source:
            made["performer"] = [{"reference": f"Organization/{one.source}"}]
        found.append(made)
    return found


def _has_category(resource: Resource, code: str) -> bool:
    return any(
        coding.get("code") == code and coding.get("system") == _CATEGORY
        for concept in resource.get("category", [])
        for coding in concept.get("coding", [])
    )


def _pregnancy(life: Life) -> tuple[Resource, ...]:
    newest: dict[str, Resource] = {}
    for stored in life.of("Observation"):
        code = concept_code(stored.resource.get("code"))
        if code in _PREGNANCY and stored.resource.get("status") not in _WRONG:
            newest.setdefault(code, _dated(_plain(stored.resource)))
    return tuple(newest.values())


def _with_absent(section: Section) -> Section:
    """A section with nothing known gets the resource that says so (IPS: absent data)."""
    if section.entries:
        return section
    system = "http://terminology.hl7.org/CodeSystem/"
    said = _coded(_ABSENT, section.absent, _ABSENT_WORDS[section.absent])
    made: Resource = {"id": section.absent}
    if section.absent == "no-problem-info":
        made |= {"resourceType": "Condition", "code": said, "subject": {}}
        made["clinicalStatus"] = _coded(f"{system}condition-clinical", "active", "Active")
    elif section.absent == "no-allergy-info":
        made |= {"resourceType": "AllergyIntolerance", "code": said, "patient": {}}
        made["clinicalStatus"] = _coded(f"{system}allergyintolerance-clinical", "active", "Active")
    else:
        made |= {"resourceType": "MedicationStatement", "status": "unknown", "subject": {}}
        made["medicationCodeableConcept"] = said
        made = _dated(made)
    return msgspec.structs.replace(section, entries=(made,))


_ABSENT_WORDS: Final = {
    "no-problem-info": "No information about problems",
    "no-allergy-info": "No information about allergies",
    "no-medication-info": "No information about medications",
}


def _section(section: Section) -> Resource:
    return {
        "title": section.title,
        "code": _coded("http://loinc.org", section.code, section.display),
        "text": narrative(section.title, section.entries),
        "entry": [{"reference": f"{one['resourceType']}/{one['id']}"} for one in section.entries],
    }


def _entries(resources: Sequence[Resource], patient: str) -> list[Resource]:
    """Every resource under a URN of its own, its references led to those of the Bundle."""
    urns = {f"{one['resourceType']}/{one['id']}": f"urn:uuid:{_urn(one)}" for one in resources}
    entries = []
    for one in resources:
        made = _led(copy.deepcopy(one), urns)
        for name in ("subject", "patient"):
            if name in made:
                made[name] = {"reference": urns[f"Patient/{patient}"]}
        entries.append({"fullUrl": urns[f"{one['resourceType']}/{one['id']}"], "resource": made})
    return entries


def _urn(resource: Resource) -> str:
    if resource["resourceType"] == "Composition":
        return str(resource["id"])
    return str(uuid5(NAMESPACE_URL, f"minkang/{resource['resourceType']}/{resource['id']}"))


def _led(value: Any, urns: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_led(one, urns) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("reference"), str) and not value["reference"].startswith("#"):
        return _reference(value, urns)
    return {name: _led(one, urns) for name, one in value.items()}


def _reference(value: dict[str, Any], urns: Mapping[str, str]) -> dict[str, Any]:
    target = local_reference(value)
    urn = urns.get("/".join(target[:2])) if target else None
    rest = {name: one for name, one in value.items() if name != "reference"}
    if urn is not None:
        return {"reference": urn, **rest}
    return rest if {"display", "identifier"} & rest.keys() else {**rest, "display": "未随摘要提供"}


def _organisation(organisation: str, names: Mapping[str, str]) -> Resource:
    return {
        "resourceType": "Organization",
        "id": organisation,
        "name": names.get(organisation, organisation),
    }


def _source_of(life: Life, resource: Resource) -> str:
    """The institution that the performer added to a result names; empty for other resources."""
    performers = resource.get("performer") or [{}]
    named = performers[0].get("reference", "") if isinstance(performers, list) else ""
    kind, _, found = str(named).partition("/")
    return found if kind == "Organization" and found in life.names else ""


def _plain(resource: Resource) -> Resource:
    """A copy without what belongs to the store: meta data and a narrative made elsewhere."""
    return {name: value for name, value in resource.items() if name not in ("meta", "text")}


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}
