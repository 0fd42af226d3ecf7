"""Chains with types and modifiers, and logical references, through every door that searches."""

from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from tests.api.asked import entry, identified, ids, observation, patient, refused, transaction

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient) -> None:
    """Two patients with a practitioner each, what was observed, one observation by identifier."""
    for one, family in (("a", "赵"), ("b", "钱")):
        doctor = {"resourceType": "Practitioner", "id": f"k{one}", **identified(f"D{one}")}
        doctor["name"] = [{"family": f"医{family}"}]
        about = patient(
            f"p{one}",
            **identified(f"P{one}"),
            name=[{"family": family, "given": ["小明"]}],
            generalPractitioner=[{"reference": f"Practitioner/k{one}"}],
            gender="male" if one == "a" else "female",
        )
        await system.put(f"Practitioner/k{one}", json=doctor)
        await system.put(f"Patient/p{one}", json=about)
        await system.put(f"Observation/o{one}", json=observation(f"p{one}", f"o{one}"))
    logical = {"type": "Patient", "identifier": {"system": "urn:example", "value": "Pc"}}
    loose = {**observation("", "oc"), "subject": logical}
    assert (await system.put("Observation/oc", json=loose)).status_code == 201


CHAINS = [
    ("Observation", "patient:Patient.identifier", "urn:example|Pa", ["oa"]),
    ("Observation", "patient.identifier", "urn:example|Pa,urn:example|Pb", ["oa", "ob"]),
    ("Observation", "subject:Patient.identifier", "Pb", ["ob"]),
    ("Observation", "subject:Patient.name", "赵", ["oa"]),
    ("Observation", "subject:Patient.name:exact", "赵", ["oa"]),
    ("Observation", "subject:Patient.name:exact", "小", []),
    ("Observation", "subject:Patient.name:contains", "明", ["oa", "ob"]),
    ("Observation", "subject:Patient.gender:not", "male", ["ob"]),
    ("Observation", "subject:Patient.general-practitioner:missing", "true", []),
    ("Observation", "subject:Patient.general-practitioner:missing", "false", ["oa", "ob"]),
    ("Observation", "subject:Device.identifier", "Pa", []),
    ("Patient", "general-practitioner:Practitioner.identifier", "urn:example|Db", ["pb"]),
    ("Patient", "general-practitioner:Practitioner.name:contains", "赵", ["pa"]),
    (
        "Observation",
        "subject:Patient.general-practitioner:Practitioner.identifier",
        "urn:example|Da",
        ["oa"],
    ),
    ("Patient", "_has:Observation:patient:code", "14749-6", ["pa", "pb"]),
    ("Observation", "patient:identifier", "urn:example|Pc", ["oc"]),
    ("Observation", "subject:identifier", "urn:example|Pc", ["oc"]),
    ("Observation", "subject:identifier", "Pc", ["oc"]),
    ("Observation", "subject:identifier", "urn:example|Pc,urn:example|Pz", ["oc"]),
    ("Observation", "subject:identifier", "urn:other|Pc", []),
    ("Observation", "patient:identifier", "urn:example|Pa", []),
]


@pytest.mark.parametrize(("kind", "name", "value", "expected"), CHAINS)
async def test_a_chain_finds_the_same_by_get_and_by_post(
    system: AsyncClient, kind: str, name: str, value: str, expected: list[str]
) -> None:
    """A reference by identifier is found by that alone, and never by the Patient's own."""
    got = await system.get(kind, params={name: value})
    assert sorted(ids(got)) == expected
    posted = await system.post(f"{kind}/_search", data={name: value}, headers=FORM)
    assert sorted(ids(posted)) == expected
    again = await system.get(got.json()["link"][0]["url"])
    assert sorted(ids(again)) == expected, "the link to itself asks the same"


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("Observation?patient:identifier=urn:example|Pc", "Observation/oc"),
        ("Observation?subject:Patient.identifier=urn:example|Pa", "Observation/oa"),
        ("Patient?general-practitioner:Practitioner.identifier=urn:example|Db", "Patient/pb"),
        ("Patient?identifier=urn:example|Pa", "Patient/pa"),
    ],
)
async def test_a_conditional_reference_may_chain(
    system: AsyncClient, condition: str, meant: str
) -> None:
    made = {"resourceType": "List", "status": "current", "mode": "working"}
    made["entry"] = [{"item": {"reference": condition}}]  # type: ignore[assignment]
    answer = await system.post("", json=transaction(entry("POST", "List", made)))
    assert answer.status_code == 200, answer.text
    place = answer.json()["entry"][0]["response"]["location"].partition("/fhir/")[2]
    stored = (await system.get(place)).json()
    assert stored["entry"][0]["item"]["reference"] == meant


async def test_a_conditional_reference_by_a_chain_that_fits_two_is_refused(
    system: AsyncClient,
) -> None:
    made: dict[str, Any] = {"resourceType": "List", "status": "current", "mode": "working"}
    chain = "Observation?subject:Patient.name:contains=明"
    made["entry"] = [{"item": {"reference": chain}}]
    answer = await system.post("", json=transaction(entry("POST", "List", made)))
    refused(answer, 412, "multiple-matches")


async def test_conditional_writes_select_by_chains(system: AsyncClient) -> None:
    again = {**observation("", "oc"), "subject": {"identifier": {"value": "Pc"}}, "status": "final"}
    again["subject"]["identifier"]["system"] = "urn:example"
    again["note"] = [{"text": "again"}]
    answer = await system.put("Observation?patient:identifier=urn:example|Pc", json=again)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == "oc"
    assert answer.json()["meta"]["versionId"] == "2"
    condition = {"If-None-Exist": "patient:Patient.identifier=urn:example|Pa"}
    kept = await system.post("Observation", json=observation("pa"), headers=condition)
    assert (kept.status_code, kept.json()["id"]) == (200, "oa")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subject:Practitioner.name=x", "not-supported"),
        ("subject:identifier=", "structure"),
        ("subject:identifier=a|b|c", "value"),
        ("code:identifier=1", "not-supported"),
        ("subject:Patient.name:nonsense=x", "not-supported"),
        ("code.identifier=1", "not-supported"),
    ],
)
async def test_chains_that_make_no_sense_are_refused(
    system: AsyncClient, query: str, code: str
) -> None:
    issue = refused(await system.get(f"Observation?{query}"), 400, code)
    assert issue["expression"]
