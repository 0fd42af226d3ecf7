"""`Patient/$summary`: a document of its own, of all linked Patients, within the caller's right."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.fhir import Resource, encode
from minkang.fhir.validate import check
from tests.api.asked import observation, patient, refused

NOW = datetime.now(UTC)
LOINC = "http://loinc.org"
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
REQUIRED = ["11450-4", "48765-2", "10160-0"]


def concept(code: str, text: str, system: str = "urn:x") -> Resource:
    return {"coding": [{"system": system, "code": code}], "text": text}


def about(patient_id: str, kind: str, resource_id: str, **more: Any) -> Resource:
    name = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    subject = {name: {"reference": f"Patient/{patient_id}"}}
    return {"resourceType": kind, "id": resource_id, **subject, **more}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient) -> None:
    """One life at two Patients that a Person joins, and a Patient of whom nothing is known."""
    active = concept("active", "", "http://terminology.hl7.org/CodeSystem/condition-clinical")
    active.pop("text")
    resolved = {"coding": [{**active["coding"][0], "code": "resolved"}]}
    allergy = {
        "coding": [
            {
                "code": "active",
                "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
            }
        ]
    }
    today = NOW.isoformat(timespec="seconds")
    glucose = {
        "code": concept("14749-6", "葡萄糖", LOINC),
        "effectiveDateTime": today,
        "valueQuantity": {"value": 6.1, "unit": "mmol/L"},
    }
    resources = [
        patient("ips-1", birthDate="1960-05-01"),
        patient("ips-2", birthDate="1960-05-01"),
        patient("ips-3", birthDate="2001-01-01"),
        {
            "resourceType": "Person",
            "id": "ips-p",
            "link": [{"target": {"reference": f"Patient/ips-{n}"}} for n in (1, 2)],
        },
        about("ips-1", "Condition", "ips-c1", code=concept("I10", "高血压"), clinicalStatus=active),
        about("ips-2", "Condition", "ips-c2", code=concept("E11", "<b>糖尿病</b>")),
        about("ips-2", "Condition", "ips-c3", code=concept("J18", "肺炎"), clinicalStatus=resolved),
        about(
            "ips-2",
            "AllergyIntolerance",
            "ips-a1",
            code=concept("x", "青霉素"),
            clinicalStatus=allergy,
            encounter={"reference": "Encounter/nowhere"},
        ),
        about(
            "ips-1",
            "MedicationRequest",
            "ips-m1",
            status="active",
            intent="order",
            authoredOn=today,
            medicationCodeableConcept={"text": "苯磺酸氨氯地平片"},
            dispenseRequest={"expectedSupplyDuration": {"value": 28, "unit": "d"}},
        ),
        about(
            "ips-1",
            "MedicationRequest",
            "ips-m2",
            status="completed",
            intent="order",
            authoredOn=(NOW - timedelta(days=400)).isoformat(timespec="seconds"),
            medicationCodeableConcept={"text": "阿莫西林胶囊"},
        ),
        observation("ips-1", "ips-o1", **{**glucose, "effectiveDateTime": "2020-01-01"}),
        observation("ips-2", "ips-o2", **glucose),
    ]
    for one in resources:
        answer = await system.put(f"{one['resourceType']}/{one['id']}", json=one)
        assert answer.status_code == 201, answer.text


def resources_of(bundle: Resource) -> list[Resource]:
    return [entry["resource"] for entry in bundle["entry"]]


def ids_of(bundle: Resource, kind: str) -> set[str]:
    return {one["id"] for one in resources_of(bundle) if one["resourceType"] == kind}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from references(one)


def sections(bundle: Resource) -> dict[str, Resource]:
    composition = resources_of(bundle)[0]
    return {one["code"]["coding"][0]["code"]: one for one in composition["section"]}


async def test_it_is_a_document_of_the_whole_life(system: AsyncClient) -> None:
    bundle = (await system.get("Patient/ips-1/$summary")).json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "document")
    assert resources_of(bundle)[0]["resourceType"] == "Composition"
    assert resources_of(bundle)[0]["type"]["coding"][0]["code"] == "60591-5"
    assert ids_of(bundle, "Patient") == {"ips-1"}
    assert ids_of(bundle, "Condition") == {"ips-c1", "ips-c2", "ips-c3"}
    assert ids_of(bundle, "AllergyIntolerance") == {"ips-a1"}
    assert ids_of(bundle, "MedicationRequest") == {"ips-m1"}, (
        "what is used up is no medicine of now"
    )
    assert ids_of(bundle, "Observation") == {"ips-o2"}, "the newest of each item"
    assert list(sections(bundle))[:3] == REQUIRED
    assert len(sections(bundle)["11450-4"]["entry"]) == 2
    assert len(sections(bundle)["11348-0"]["entry"]) == 1


async def test_every_reference_leads_to_an_entry_and_all_are_of_one_patient(
    system: AsyncClient,
) -> None:
    bundle = (await system.get("Patient/ips-1/$summary")).json()
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(urls) == len(set(urls))
    assert set(references(bundle)) <= set(urls)
    of_patient = next(
        entry["fullUrl"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    )
    subjects = {
        one[name]["reference"]
        for one in resources_of(bundle)
        for name in ("subject", "patient")
        if name in one
    }
    assert subjects == {of_patient}


async def test_each_resource_and_the_bundle_are_valid(system: AsyncClient) -> None:
    for name in ("ips-1", "ips-3"):
        bundle = (await system.get(f"Patient/{name}/$summary")).json()
        assert check(bundle, encode(bundle)) == []
        answer = await system.post("Bundle/$validate", json=bundle)
        errors = [one for one in answer.json()["issue"] if one["severity"] in ("error", "fatal")]
        assert errors == []


async def test_what_is_not_known_is_said_with_its_code(system: AsyncClient) -> None:
    bundle = (await system.get("Patient/ips-3/$summary")).json()
    assert list(sections(bundle)) == REQUIRED
    said = {
        coding["code"]
        for one in resources_of(bundle)
        for name in ("code", "medicationCodeableConcept")
        for coding in one.get(name, {}).get("coding", [])
        if coding["system"] == ABSENT
    }
    assert said == {"no-problem-info", "no-allergy-info", "no-medication-info"}


async def test_text_from_outside_shows_as_text(system: AsyncClient) -> None:
    bundle = (await system.get("Patient/ips-1/$summary")).json()
    div = sections(bundle)["11450-4"]["text"]["div"]
    assert "&lt;b&gt;糖尿病&lt;/b&gt;" in div
    assert "<b>" not in div


async def test_it_can_be_asked_for_by_post(system: AsyncClient) -> None:
    asked = {"resourceType": "Parameters"}
    answer = await system.post("Patient/ips-1/$summary", json=asked)
    assert answer.status_code == 200
    assert ids_of(answer.json(), "Patient") == {"ips-1"}


@pytest.mark.parametrize("query", ["colour=red", "_since=2020"])
async def test_what_it_does_not_have_is_refused(system: AsyncClient, query: str) -> None:
    assert (await system.get(f"Patient/ips-1/$summary?{query}")).status_code == 400


async def test_nobody_is_nobody(system: AsyncClient) -> None:
    refused(await system.get("Patient/ips-none/$summary"), 404, "not-found")


async def test_nobody_else_reads_it(client: AsyncClient, bearer: Any) -> None:
    assert (await client.get("Patient/ips-1/$summary")).status_code == 401
    stranger = await bearer("doctor", organisation="MK2")
    assert (await client.get("Patient/ips-1/$summary", headers=stranger)).status_code == 403


async def test_the_capability_statement_lists_it(client: AsyncClient) -> None:
    stated = (await client.get("metadata")).json()
    (described,) = [r for r in stated["rest"][0]["resource"] if r["type"] == "Patient"]
    assert "summary" in {one["name"] for one in described["operation"]}
