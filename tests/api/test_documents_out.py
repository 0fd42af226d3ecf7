"""`$wst500`: documents out of the FHIR base, as XML or as a refusal in FHIR's form."""

from typing import Any

import pytest_asyncio
from httpx import AsyncClient
from lxml import etree

from minkang.exchange.documents import check_document
from tests.api.asked import patient, refused

TESTED = "http://terminology.hl7.org/CodeSystem/observation-category"
LOCAL = "urn:example:items"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient) -> None:
    """A visit with a laboratory report, written as FHIR."""
    code = {"system": "urn:oid:2.16.156.10011.1.5", "value": "91371000MA3C000001"}
    about = {"subject": {"reference": "Patient/w-1"}, "encounter": {"reference": "Encounter/w-e"}}
    resources: list[dict[str, Any]] = [
        {"resourceType": "Organization", "id": "w-org", "name": "医院", "identifier": [code]},
        patient("w-1", name=[{"text": "李伟"}], gender="male", birthDate="1985-03-15"),
        {
            "resourceType": "Encounter",
            "id": "w-e",
            "status": "finished",
            "class": {"system": "urn:example", "code": "AMB"},
            "subject": {"reference": "Patient/w-1"},
            "identifier": [{"system": "urn:example:visit", "value": "MZ900"}],
            "serviceProvider": {"reference": "Organization/w-org"},
            "period": {"start": "2026-05-01T08:00:00+08:00"},
        },
        {
            "resourceType": "Observation",
            "id": "w-o",
            "status": "final",
            "category": [{"coding": [{"system": TESTED, "code": "laboratory"}]}],
            "code": {"coding": [{"system": LOCAL, "code": "GLU"}], "text": "葡萄糖"},
            "valueQuantity": {"value": 7.9, "unit": "mmol/L"},
            **about,
        },
        {
            "resourceType": "DiagnosticReport",
            "id": "w-r",
            "status": "final",
            "code": {"text": "生化"},
            "issued": "2026-05-01T10:00:00+08:00",
            "resultsInterpreter": [{"display": "赵敏"}],
            "result": [{"reference": "Observation/w-o"}],
            **about,
        },
        {
            "resourceType": "DocumentReference",
            "id": "w-d",
            "status": "current",
            "subject": {"reference": "Patient/w-1"},
            "content": [{"attachment": {"title": "文书"}}],
        },
    ]
    for one in resources:
        answer = await system.put(f"{one['resourceType']}/{one['id']}", json=one)
        assert answer.status_code == 201, answer.text


async def test_a_report_of_a_visit_comes_as_xml(system: AsyncClient) -> None:
    answer = await system.get("Encounter/w-e/$wst500?kind=C0007", headers={"accept": "text/xml"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    assert check_document(answer.content) == []
    assert root.xpath("//*[local-name()='value']/@value")[-1] == "7.9000"


async def test_what_can_t_be_written_is_refused_in_fhirs_form(system: AsyncClient) -> None:
    issue = refused(await system.get("Encounter/w-e/$wst500?kind=C0053"), 422, "invalid")
    assert "出院诊断" in issue["diagnostics"]
    assert issue["expression"][0].startswith("/ClinicalDocument/component")
    issue = refused(await system.get("DocumentReference/w-d/$wst500"), 422, "invalid")
    assert "layout" in issue["diagnostics"]


async def test_what_is_asked_wrongly_is_refused(system: AsyncClient) -> None:
    refused(await system.get("Encounter/w-e/$wst500"), 400, "required")
    refused(await system.get("Encounter/w-e/$wst500?kind=X"), 400, "value")
    refused(await system.get("Encounter/w-e/$wst500?kind=C0007&kind=C0006"), 400, "not-supported")
    refused(await system.get("Encounter/nobody/$wst500?kind=C0007"), 404, "not-found")
    refused(await system.get("DocumentReference/nobody/$wst500"), 404, "not-found")


async def test_nobody_gets_a_document_without_a_token(client: AsyncClient) -> None:
    refused(await client.get("Encounter/w-e/$wst500?kind=C0007"), 401, "login")
