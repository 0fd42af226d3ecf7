"""The runner of TestScripts judges: what should fail fails, and what it can't do it says."""

from typing import Any

import httpx
import pytest

from tests.conformance.runner import Unsupported, contains, run

PATIENT = {"resourceType": "Patient", "id": "a", "active": True, "birthDate": "1970-01-01"}


def client(*, status: int = 200, body: Any = PATIENT) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(
            status, json=body, headers={"content-type": "application/fhir+json;charset=utf-8"}
        )

    return httpx.Client(base_url="http://there/fhir", transport=httpx.MockTransport(answer))


def script(*assertions: dict[str, Any], **more: Any) -> dict[str, Any]:
    operation = {"operation": {"type": {"code": "read"}, "resource": "Patient", "params": "/a"}}
    actions = [operation, *({"assert": one} for one in assertions)]
    return {"resourceType": "TestScript", "test": [{"name": "it", "action": actions}], **more}


@pytest.mark.parametrize(
    "assertion",
    [
        {"responseCode": "201"},
        {"response": "gone"},
        {"operator": "notIn", "responseCode": "200,204"},
        {"contentType": "xml"},
        {"headerField": "ETag", "operator": "notEmpty"},
        {"resource": "Observation"},
        {"expression": "Patient.active", "operator": "equals", "value": "false"},
        {"expression": "Patient.birthDate > @1980-01-01", "operator": "eval"},
        {"expression": "Patient.name.count()", "operator": "greaterThan", "value": "0"},
        {"operator": "matchesRegex", "responseBody": '"resourceType":"Bundle"'},
        {"requestMethod": "post"},
        {"navigationLinks": True},
    ],
)
def test_what_does_not_hold_fails(assertion: dict[str, Any]) -> None:
    report = run(script({"label": "x", **assertion}), client())
    assert len(report.failures) == 1
    assert report.failures[0].startswith("it: x: ")
    milder = run(script({**assertion, "warningOnly": True}), client())
    assert (milder.failures, len(milder.warnings)) == ([], 1)


def test_a_variable_comes_from_an_answer_a_header_or_its_default() -> None:
    made = script(
        {"expression": "Patient.id", "value": "${id}"},
        {"headerField": "Content-Type", "value": "${type}"},
        {"expression": "Patient.birthDate", "value": "${day}"},
        variable=[
            {"name": "id", "expression": "Patient.id"},
            {"name": "type", "headerField": "content-type"},
            {"name": "day", "defaultValue": "1970-01-01"},
        ],
    )
    assert run(made, client()).failures == []
    with pytest.raises(Unsupported, match="variable other"):
        run(script({"expression": "Patient.id", "value": "${other}"}), client())


def test_a_profile_is_noted_and_a_json_path_refused() -> None:
    report = run(script({"validateProfileId": "p"}), client())
    assert (report.failures, len(report.notes)) == ([], 1)
    with pytest.raises(Unsupported, match="JSONPath"):
        run(script({"path": "$.id", "value": "a"}), client())


def test_a_minimum_holds_if_everything_of_it_is_there() -> None:
    assert contains({"a": [{"b": 1, "c": 2}, 3]}, {"a": [3, {"c": 2}]})
    assert not contains({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"c": 2}]})
