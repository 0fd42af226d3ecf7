"""What a filled form says, as resources of the record.

Observations follow from the Questionnaire itself (Structured Data Capture, observation-based
extraction): an item marked so becomes one, a group marked so one with components. Visit, disease,
care, medicines, referral, the next follow-up and the document are those of the same form when it
comes in a table of a township system, so that the record shows both alike.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from minkang.fhir import Resource
from minkang.record.questionnaires.answers import Answers, Value
from minkang.record.questionnaires.definitions import Form, Item
from minkang.record.writing.about import (
    About,
    account_reference,
    organisation_reference,
)

_HL7: Final = "http://terminology.hl7.org/CodeSystem"
_UCUM: Final = "http://unitsofmeasure.org"
_VITAL: Final = frozenset(
    {
        "85354-9", "29463-7", "8302-2", "8867-4", "39156-5", "8310-5", "9279-1", "9843-4",
        "8280-0",
    }
)  # fmt: skip
_WAYS: Final = {"1": "AMB", "2": "HH", "3": "VR"}
FORM_SYSTEM: Final = "urn:minkang:form"


class _Disease(msgspec.Struct, frozen=True):
    code: str
    name: str
    care: str


DISEASES: Final = {
    "hypertension-followup": _Disease("I10.x00x002", "高血压", "高血压患者健康管理"),
    "diabetes-followup": _Disease("E11.900", "2型糖尿病", "2型糖尿病患者健康管理"),
}


def resources_of(answers: Answers, about: About) -> list[Resource]:
    """Everything the answers say but the response itself, the document last."""
    found = [
        _visit(answers, about),
        *_observations(answers, about),
        *_size(answers, about),
        *_disease(answers.form, about),
        *_medicines(answers, about),
        *_requests(answers, about),
    ]
    return [*found, _document(answers.form, about, found)]


def standing_of(form: Form, about: About) -> set[tuple[str, str]]:
    """Disease and care are of the patient, not of one follow-up: written once, then left alone."""
    return {(one["resourceType"], one["id"]) for one in _disease(form, about)}


def _visit(answers: Answers, about: About) -> Resource:
    form = answers.form
    types: list[dict[str, Any]] = [{"text": form.title.zh}]
    if form.has("way"):
        types.append(_concept(answers, form.item("way"), answers.text("way")))
    care = {"episodeOfCare": [{"reference": f"EpisodeOfCare/{_standing(form, about)}-care"}]}
    return {
        "resourceType": "Encounter",
        "id": f"{about.key}-visit",
        "status": "finished",
        "class": {"system": f"{_HL7}/v3-ActCode", "code": _WAYS.get(answers.text("way"), "AMB")},
        "type": types,
        "subject": _subject(about),
        **(care if form.key in DISEASES else {}),
        "period": {"start": about.start, "end": about.start},
        "participant": [{"individual": account_reference(about)}],
        "serviceProvider": organisation_reference(about),
    }


def _observations(answers: Answers, about: About) -> Iterator[Resource]:
    for item in answers.form.each():
        if not item.extract or item.link not in answers.asked:
            continue
        said = _said(answers, item)
        if said:
            yield _observation(about, item.link, _code(item), said, _codes(item))


def _said(answers: Answers, item: Item) -> dict[str, Any]:
    """The value of an Observation, or its components; nothing without an answer."""
    if item.kind == "group":
        parts = [
            {"code": _code(one), **_value(answers, one, answers.values[one.link])}
            for one in item.items
            if one.link in answers.values
        ]
        return {"component": parts} if parts else {}
    if item.repeats:
        parts = [
            {
                "code": {"text": item.words.zh},
                "valueCodeableConcept": _concept(answers, item, code),
            }
            for code in answers.chosen(item.link)
        ]
        return {"component": parts} if parts else {}
    value = answers.values.get(item.link)
    return {} if value is None else _value(answers, item, value)


def _value(answers: Answers, item: Item, value: Value) -> dict[str, Any]:
    if isinstance(value, Decimal):
        return {"valueQuantity": _quantity(value, item.unit, ucum=item.ucum)}
    if item.kind == "choice":
        return {"valueCodeableConcept": _concept(answers, item, str(value))}
    return {"valueString": str(value)}


def _quantity(value: Decimal, unit: str, *, ucum: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"value": value, "unit": unit}
    return {**found, "system": _UCUM, "code": unit} if ucum else found


def _code(item: Item) -> dict[str, Any]:
    if item.code is None:
        return {"text": item.words.zh}
    system, code = item.code
    return {"coding": [{"system": system, "code": code}], "text": item.words.zh}


def _codes(item: Item) -> str:
    return item.code[1] if item.code else ""


def _concept(answers: Answers, item: Item, code: str) -> dict[str, Any]:
    option = next(one for one in item.options if one.code == code)
    system = option.system or f"urn:minkang:form:{answers.form.key}:{item.link}"
    return {
        "coding": [{"system": system, "code": code, "display": option.words.zh}],
        "text": option.words.zh,
    }


def _observation(
    about: About, name: str, code: dict[str, Any], said: dict[str, Any], loinc: str
) -> Resource:
    found: Resource = {"resourceType": "Observation", "id": f"{about.key}-{name}"}
    found["status"] = "final" if about.version == 0 else "amended"
    if loinc in _VITAL:
        coding = {"system": f"{_HL7}/observation-category", "code": "vital-signs"}
        found["category"] = [{"coding": [coding]}]
    return {
        **found,
        "code": code,
        "subject": _subject(about),
        "encounter": _encounter(about),
        "effectiveDateTime": about.start,
        "performer": [account_reference(about), organisation_reference(about)],
        **said,
    }


def _size(answers: Answers, about: About) -> Iterator[Resource]:
    """The body-mass index (体质指数), from weight and height, to one digit."""
    weight, height = answers.number("weight"), answers.number("height")
    if weight is None or height is None:
        return
    index = (weight / (height / 100) ** 2).quantize(Decimal("0.1"))
    code = {"coding": [{"system": "http://loinc.org", "code": "39156-5"}], "text": "体质指数"}
    said = {"valueQuantity": _quantity(index, "kg/m2", ucum=True)}
    yield _observation(about, "bmi", code, said, "39156-5")


def _disease(form: Form, about: About) -> Iterator[Resource]:
    disease = DISEASES.get(form.key)
    if disease is None:
        return
    name = _standing(form, about)
    icd = {"system": "urn:oid:2.16.156.10011.2.3.3.11", "code": disease.code}
    yield {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": {"coding": [{"system": f"{_HL7}/condition-clinical", "code": "active"}]},
        "code": {"coding": [{**icd, "display": disease.name}], "text": disease.name},
        "subject": _subject(about),
        "recordedDate": about.start,
    }
    yield {
        "resourceType": "EpisodeOfCare",
        "id": f"{name}-care",
        "status": "active",
        "type": [{"text": disease.care}],
        "diagnosis": [{"condition": {"reference": f"Condition/{name}"}}],
        "patient": _subject(about),
        "managingOrganization": organisation_reference(about),
        "period": {"start": about.start},
    }


def _standing(form: Form, about: About) -> str:
    """The id of what stands for the patient at this institution, whoever writes it."""
    text = f"{about.institution}|{about.patient}|{form.key}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _medicines(answers: Answers, about: About) -> Iterator[Resource]:
    values = answers.values
    rows = answers.form.item("medicines").rows if answers.form.has("medicines") else 0
    for row in range(rows):
        name = values.get(f"medicine-name.{row}")
        if name is None:
            continue
        dosage: dict[str, Any] = {}
        if dose := values.get(f"medicine-dose.{row}"):
            dosage["text"] = str(dose)
        if isinstance(times := values.get(f"medicine-times.{row}"), Decimal):
            dosage["timing"] = {"repeat": {"frequency": int(times), "period": 1, "periodUnit": "d"}}
        yield {
            "resourceType": "MedicationStatement",
            "id": f"{about.key}-medicine{row + 1}",
            "status": "active",
            "medicationCodeableConcept": {"text": str(name)},
            "subject": _subject(about),
            "context": _encounter(about),
            "effectiveDateTime": about.start,
            "informationSource": account_reference(about),
            **({"dosage": [dosage]} if dosage else {}),
        }


def _requests(answers: Answers, about: About) -> Iterator[Resource]:
    if answers.text("referral") == "2":
        yield {
            **_request(about, "referral", "order", "转诊"),
            "reasonCode": [{"text": answers.text("referral-reason")}],
            "performer": [{"display": answers.text("referral-to")}],
        }
    following = answers.day("next")
    if following is not None:
        yield {
            **_request(about, "next", "plan", "随访"),
            "occurrenceDateTime": following.isoformat(),
            "instantiatesUri": [answers.form.canonical.partition("|")[0]],
        }


def _request(about: About, name: str, intent: str, words: str) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": f"{about.key}-{name}",
        "status": "active",
        "intent": intent,
        "code": {"text": words},
        "subject": _subject(about),
        "encounter": _encounter(about),
        "authoredOn": about.start,
        "requester": organisation_reference(about),
    }


_SECTIONS: Final = (
    ("观察与检查", ("Observation",)),
    ("诊断与疾病史", ("Condition",)),
    ("用药", ("MedicationStatement",)),
    ("转诊与下次随访", ("ServiceRequest",)),
    ("管理", ("EpisodeOfCare",)),
)


def _document(form: Form, about: About, parts: list[Resource]) -> Resource:
    sections = []
    for title, types in _SECTIONS:
        inside = [one for one in parts if one["resourceType"] in types]
        if inside:
            entry = [{"reference": f"{one['resourceType']}/{one['id']}"} for one in inside]
            sections.append({"title": title, "entry": entry})
    coding = {"system": "urn:oid:2.16.156.10011.2.4", "code": form.code}
    return {
        "resourceType": "Composition",
        "id": f"{about.key}-document",
        "identifier": {"system": FORM_SYSTEM, "value": about.key},
        "status": "final" if about.version == 0 else "amended",
        "type": {**({"coding": [coding]} if form.code else {}), "text": form.title.zh},
        "subject": _subject(about),
        "encounter": _encounter(about),
        "date": about.start,
        "author": [account_reference(about), organisation_reference(about)],
        "title": form.title.zh,
        "custodian": organisation_reference(about),
        "section": sections,
    }


def _subject(about: About) -> dict[str, str]:
    return {"reference": f"Patient/{about.patient}"}


def _encounter(about: About) -> dict[str, str]:
    return {"reference": f"Encounter/{about.key}-visit"}
