"""What the base says of itself is what it does."""

from typing import Any

import pytest_asyncio
from httpx import AsyncClient

from minkang.api.routes import ROUTES
from minkang.fhir import TYPE_CODES
from minkang.fhir.search_parameters import parameters_of
from tests.api.asked import patient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rest(client: AsyncClient) -> dict[str, Any]:
    """The statement's part about REST."""
    answer = await client.get("metadata")
    assert answer.status_code == 200
    statement = answer.json()
    assert (statement["resourceType"], statement["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert statement["patchFormat"] == ["application/json-patch+json"]
    found: dict[str, Any] = statement["rest"][0]
    return found


async def test_all_types_and_their_parameters_are_listed(rest: dict[str, Any]) -> None:
    described = {one["type"]: one for one in rest["resource"]}
    assert set(described) == set(TYPE_CODES)
    for kind in ("Patient", "Observation", "Medication"):
        listed = {one["name"]: one["type"] for one in described[kind]["searchParam"]}
        assert listed == {one.code: one.kind for one in parameters_of(kind).values()}
    assert {one["name"] for one in rest["searchParam"]} >= {"_id", "_lastUpdated"}


async def test_interactions_named_are_those_of_the_routes(rest: dict[str, Any]) -> None:
    codes = {one["code"] for one in rest["resource"][0]["interaction"]}
    wanted = {
        "read": ("/{type}/{id}", "GET"),
        "vread": ("/{type}/{id}/_history/{version}", "GET"),
        "update": ("/{type}/{id}", "PUT"),
        "patch": ("/{type}/{id}", "PATCH"),
        "delete": ("/{type}/{id}", "DELETE"),
        "history-instance": ("/{type}/{id}/_history", "GET"),
        "history-type": ("/{type}/_history", "GET"),
        "create": ("/{type}", "POST"),
        "search-type": ("/{type}", "GET"),
    }
    assert codes == set(wanted)
    assert all(method in ROUTES[pattern] for pattern, method in wanted.values())


async def test_the_statement_is_valid_itself(client: AsyncClient, system: AsyncClient) -> None:
    statement = (await client.get("metadata")).json()
    answer = await system.post("CapabilityStatement", json=statement)
    assert answer.status_code == 201, answer.text


async def test_every_parameter_named_can_be_searched_by(system: AsyncClient) -> None:
    await system.put("Patient/cap", json=patient("cap"))
    for kind in ("Patient", "Encounter"):
        for parameter in parameters_of(kind).values():
            answer = await system.get(f"{kind}?{parameter.code}:missing=true&_count=1")
            assert answer.status_code == 200, (parameter.code, answer.text)


async def test_operations_named_are_those_of_the_routes(rest: dict[str, Any]) -> None:
    described = {one["type"]: one["operation"] for one in rest["resource"]}
    for kind in ("Patient", "Person"):
        names = {one["name"] for one in described[kind]}
        of_type = {
            path.rpartition("/")[2].removeprefix("$")
            for path in ROUTES
            if path.startswith(f"/{kind}/") and "$" in path
        }
        assert of_type <= names
