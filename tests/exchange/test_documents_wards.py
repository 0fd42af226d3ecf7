"""Documents of operations, deliveries and stays made of a visit's facts, which never were one."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from minkang.exchange.documents import Facts, check_document, write_document
from minkang.exchange.documents.visit_body import Visit
from minkang.exchange.documents.visit_wards import ward_sections
from minkang.exchange.documents.visits import compose
from minkang.exchange.documents.ward_tables import KINDS, tables_of
from minkang.fhir import Refused
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import after
from tests.exchange.cda_samples import INSTITUTION, V3, Node
from tests.exchange.cda_ward_samples import ward_documents

NOW = datetime(2026, 5, 10, 2, tzinfo=UTC)
DOCTOR = {"individual": {"display": "王海燕"}}


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def stored(kind: str) -> dict[str, Any]:
    """What a full document left in the store of its visit, by reference; itself is not there."""
    return {
        f"{one['resourceType']}/{one['id']}": one
        for several in after(ward_documents()[kind]).values()
        for one in several
        if one["resourceType"] not in ("DocumentReference", "Composition", "Provenance")
    }


SIGNED = {
    "resourceType": "Provenance",
    "id": "p",
    "recorded": "2026-05-03T10:00:00+08:00",
    "agent": [
        {
            "type": {"coding": [{"code": "verifier"}]},
            "role": [{"text": "手术者"}],
            "who": {"display": "王海燕"},
        },
        {
            "type": {"coding": [{"code": "informant"}]},
            "role": [{"coding": [{"code": "1", "display": "配偶"}]}],
            "who": {"display": "林秀英"},
        },
    ],
}
"""Who signed for a visit and who told its history."""


def facts_of(kind: str, resources: dict[str, Any]) -> Facts:
    (encounter,) = (one for one in resources.values() if one["resourceType"] == "Encounter")
    (patient,) = (one for one in resources.values() if one["resourceType"] == "Patient")
    encounter["participant"] = [DOCTOR]
    patient["birthDate"] = "1985-03-15"
    institution = {"number": INSTITUTION, "name": "海滨市人民医院"}
    return compose(Visit(kind, encounter, patient, None, institution, resources), NOW)


def facts_of_body(kind: str, resources: dict[str, Any]) -> Facts:
    """The same under the header that came in: a visit knows less than a document says."""
    (composition,) = after(ward_documents()[kind])["Composition"]
    facts = facts_of(kind, resources)
    laid = {**composition, "section": facts.composition["section"]}
    return Facts(kind, None, laid, facts.patient, facts.encounter, facts.resources)


def elements(root: Node) -> Counter[tuple[str, ...]]:
    """Data elements with their values, times and people of a body."""
    found: Counter[tuple[str, ...]] = Counter()
    (body,) = root.iter(f"{{{V3}}}structuredBody")
    for node in body.iter(f"{{{V3}}}observation"):
        value = node.find(f"{{{V3}}}value")
        parts = ["" if value is None else value.get(n, "") for n in ("value", "unit", "code")]
        text = "" if value is None else (value.text or "")
        found[node.find(f"{{{V3}}}code").get("code"), *parts, text] += 1
    for name in ("low", "high", "effectiveTime"):
        found.update((name, n.get("value")) for n in body.iter(f"{{{V3}}}{name}") if n.get("value"))
    found.update(("name", node.text) for node in body.iter(f"{{{V3}}}name") if node.text)
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_a_document_left_makes_the_same_body_again(kind: str) -> None:
    made = etree.fromstring(write_document(facts_of_body(kind, stored(kind))))
    assert samples.faults(made, kind) == []
    assert elements(made) == elements(ward_documents()[kind])


def written(facts: Facts) -> tuple[bytes, list[tuple[str, str]]]:
    """The document, or rule and place of all that it lacks."""
    try:
        return write_document(facts), []
    except Refused as refusal:
        return b"", [(one.rule, one.place) for one in refusal.problems]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_document_of_a_visit_is_valid(kind: str) -> None:
    raw, lacking = written(facts_of(kind, {**stored(kind), "Provenance/p": SIGNED}))
    assert lacking == []
    assert samples.faults(etree.fromstring(raw), kind) == []
    assert check_document(raw) == []


INFORMANT = "/ClinicalDocument/informant/assignedEntity/code"
SIGNATURE = "/ClinicalDocument/authenticator/time/@value"


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("C0034", [f"{INFORMANT}/@code", f"{INFORMANT}/@displayName"]),
        ("C0009", [SIGNATURE]),
        ("C0020", [SIGNATURE]),
    ],
)
def test_what_nobody_signed_or_told_is_refused_where_it_must_be(
    kind: str, places: list[str]
) -> None:
    raw, lacking = written(facts_of(kind, stored(kind)))
    assert raw == b""
    assert lacking == [("required", place) for place in places]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_visit_without_what_the_kind_is_about_is_refused(kind: str) -> None:
    encounter = {"resourceType": "Encounter", "id": "e"}
    with pytest.raises(Refused) as refusal:
        ward_sections(kind, encounter, {"Encounter/e": encounter})
    (problem,) = refusal.value.problems
    assert problem.rule == "required"
    name = problem.place.partition("@displayName='")[2].removesuffix("']")
    assert name in {table.name for table in tables_of(kind)}


def seen(number: int, code: str, value: str, unit: str, at: str) -> dict[str, Any]:
    """A vital sign as other channels send it: with LOINC, without a data element."""
    coding = {"system": "http://loinc.org", "code": code}
    category = {
        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
        "code": "vital-signs",
    }
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "category": [{"coding": [category]}],
        "code": {"coding": [coding], "text": code},
        "effectiveDateTime": f"2026-05-0{at}:00:00+08:00",
        "valueQuantity": {"value": Decimal(value), "unit": unit},
    }


def test_vital_signs_of_the_last_time_become_c0020() -> None:
    resources = stored("C0020")
    resources = {name: one for name, one in resources.items() if not name.startswith("Obs")}
    signs = [
        seen(1, "8310-5", "38.2", "℃", "3T08"),
        seen(2, "8310-5", "37.4", "℃", "4T08"),
        seen(3, "9279-1", "18", "次/min", "4T08"),
        seen(4, "8867-4", "80", "次/min", "3T20"),
    ]
    resources |= {f"Observation/{one['id']}": one for one in signs}
    facts = facts_of("C0020", resources)
    assert facts.composition["author"][0]["extension"][0]["valueDateTime"] == (
        "2026-05-04T08:00:00+08:00"
    )
    (vital,) = (one for one in facts.composition["section"] if one["title"] == "生命体征章节")
    entries = [one["entry"][0]["reference"] for one in vital["section"]]
    assert entries == ["Observation/o3", "Observation/o2"]


def test_diagnoses_of_a_visit_stand_where_their_use_says() -> None:
    resources = stored("C0049")
    resources = {name: one for name, one in resources.items() if not name.startswith("Cond")}
    (visit,) = (one for one in resources.values() if one["resourceType"] == "Encounter")
    uses = {"c1": "AD", "c2": "DD", "c3": "", "c4": "DD"}
    visit["diagnosis"] = [
        {"condition": {"reference": f"Condition/{one}"}, "use": {"coding": [{"code": use}]}}
        for one, use in uses.items()
    ]
    for one in uses:
        concept = {"coding": [{"system": "urn:oid:1.2", "code": one.upper()}], "text": one}
        resources[f"Condition/{one}"] = {"resourceType": "Condition", "id": one, "code": concept}
    refuted = {"coding": [{"code": "refuted"}]}
    resources["Condition/c4"]["verificationStatus"] = refuted
    sections = {one["title"]: one for one in facts_of("C0049", resources).composition["section"]}

    def named(title: str) -> list[str]:
        entries = [one["entry"][0]["reference"] for one in sections[title]["section"]]
        return [one for one in entries if one.startswith("Condition")]

    assert named("入院诊断章节") == ["Condition/c1"]
    assert named("出院诊断章节") == ["Condition/c2", "Condition/c3"]


def test_a_caesarean_is_told_from_other_operations_by_its_code() -> None:
    resources = stored("C0016")
    other = {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "code": {"coding": [{"system": "urn:oid:1.2", "code": "51.2300"}], "text": "胆囊切除"},
    }
    resources["Procedure/p"] = other
    made = etree.fromstring(write_document(facts_of_body("C0016", resources)))
    codes = [node.text for node in made.iter(f"{{{V3}}}code") if node.text]
    assert codes == ["74.1x01"]
