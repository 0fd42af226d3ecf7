"""Short ways to say what the tests of the FHIR base send and look at."""

from typing import Any

from httpx import Response


def patient(resource_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A Patient."""
    return _resource("Patient", resource_id, more)


def observation(about: str, resource_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A valid Observation about a Patient."""
    code = {"coding": [{"system": "http://loinc.org", "code": "14749-6"}]}
    content = {"status": "final", "code": code, "subject": {"reference": f"Patient/{about}"}}
    return _resource("Observation", resource_id, {**content, **more})


def identified(value: str) -> dict[str, Any]:
    """The element `identifier` with one value."""
    return {"identifier": [{"system": "urn:example", "value": value}]}


def transaction(*entries: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    """A Bundle to be carried out."""
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(
    method: str,
    url: str,
    resource: dict[str, Any] | None = None,
    full_url: str | None = None,
    **conditions: str,
) -> dict[str, Any]:
    """An entry of such a Bundle."""
    made: dict[str, Any] = {"request": {"method": method, "url": url, **conditions}}
    if resource is not None:
        made["resource"] = resource
    if full_url is not None:
        made["fullUrl"] = full_url
    return made


def refused(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The first issue of a refusal, which must have this status and code."""
    assert answer.status_code == status, answer.text
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    issue: dict[str, Any] = outcome["issue"][0]
    assert issue["code"] == code, outcome
    assert issue["diagnostics"]
    return issue


def ids(answer: Response, mode: str = "match") -> list[str]:
    """Ids in a searchset, in order."""
    assert answer.status_code == 200, answer.text
    entries = answer.json().get("entry", [])
    return [one["resource"]["id"] for one in entries if one["search"]["mode"] == mode]


def links(answer: Response) -> dict[str, str]:
    """The links of a Bundle by relation."""
    return {one["relation"]: one["url"] for one in answer.json().get("link", [])}


def _resource(kind: str, resource_id: str | None, content: dict[str, Any]) -> dict[str, Any]:
    named = {} if resource_id is None else {"id": resource_id}
    return {"resourceType": kind, **named, **content}
