"""`$validate` says what is wrong with a resource and keeps nothing."""

from typing import Any

from httpx import AsyncClient

from tests.api.asked import identified, ids, patient, refused


def issues(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    return [(one["severity"], one.get("expression", [""])[0]) for one in answer.json()["issue"]]


async def test_what_is_valid_is_said_to_be_and_not_kept(system: AsyncClient) -> None:
    answer = await system.post("Patient/$validate", json=patient("val", **identified("val-1")))
    assert issues(answer) == [("information", "")]
    assert ids(await system.get("Patient?identifier=val-1")) == []


async def test_every_rule_broken_is_an_issue(system: AsyncClient) -> None:
    wrong = patient(birthDate="2023-02-29", gender="人")
    for body in (
        wrong,
        {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "mode", "valueCode": "create"},
                {"name": "resource", "resource": wrong},
            ],
        },
    ):
        found = issues(await system.post("Patient/$validate", json=body))
        assert {place for severity, place in found if severity == "error"} == {
            "Patient.birthDate",
            "Patient.gender",
        }


async def test_invariants_are_judged_too(system: AsyncClient) -> None:
    nobody = patient(contact=[{"gender": "male"}])
    (issue,) = (await system.post("Patient/$validate", json=nobody)).json()["issue"]
    assert issue["code"] == "invariant"
    assert "pat-1" in issue["diagnostics"]
    assert issue["expression"] == ["Patient.contact[0]"]


async def test_what_is_kept_can_be_judged_and_its_successor(system: AsyncClient) -> None:
    await system.put("Patient/val-2", json=patient("val-2"))
    assert issues(await system.get("Patient/val-2/$validate")) == [("information", "")]
    path = "Patient/val-2/$validate?mode=update"
    assert issues(await system.post(path, json=patient("val-2"))) == [("information", "")]
    assert issues(await system.post(path, json=patient("other"))) == [("error", "Patient.id")]
    gone = "Patient/val-2/$validate?mode=delete"
    assert issues(await system.post(gone, json=patient("val-2"))) == [("information", "")]
    refused(await system.get("Patient/val-none/$validate"), 404, "not-found")


async def test_a_call_that_makes_no_sense_is_refused(system: AsyncClient) -> None:
    empty = {"resourceType": "Parameters", "parameter": [{"name": "x", "valueString": "y"}]}
    refused(await system.post("Patient/$validate", json=empty), 400, "required")
    odd = "Patient/$validate?mode=perhaps"
    refused(await system.post(odd, json=patient()), 400, "value")
    profile = "Patient/$validate?profile=http://example.org/mine"
    refused(await system.post(profile, json=patient()), 400, "not-supported")
    other = {"resourceType": "Group"}
    assert issues(await system.post("Patient/$validate", json=other)) == [("error", "resourceType")]
