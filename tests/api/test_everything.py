"""`Patient/$everything`: the compartment and whom it names, nothing of anybody else."""

import pytest
import pytest_asyncio
from httpx import AsyncClient

from tests.api.asked import ids, links, observation, patient, refused


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient) -> None:
    """A patient with four observations and a condition, and somebody else."""
    clinic = {"resourceType": "Organization", "id": "e-org", "name": "诊所"}
    await system.put("Organization/e-org", json=clinic)
    manager = {"managingOrganization": {"reference": "Organization/e-org"}}
    await system.put("Patient/e-1", json=patient("e-1", **manager))
    await system.put("Patient/e-2", json=patient("e-2"))
    doctor = {"resourceType": "Practitioner", "id": "e-doc"}
    await system.put("Practitioner/e-doc", json=doctor)
    for number in range(4):
        seen = observation("e-1", f"e-o{number}", effectiveDateTime=f"202{number}-06-01")
        seen["performer"] = [{"reference": "Practitioner/e-doc"}]
        await system.put(f"Observation/e-o{number}", json=seen)
    await system.put("Observation/e-other", json=observation("e-2", "e-other"))
    condition = {"resourceType": "Condition", "id": "e-c", "subject": {"reference": "Patient/e-1"}}
    await system.put("Condition/e-c", json=condition)


ALL = ["e-1", "e-c", "e-o0", "e-o1", "e-o2", "e-o3"]


async def test_all_of_one_life_and_nothing_else(system: AsyncClient) -> None:
    answer = await system.get("Patient/e-1/$everything")
    assert sorted(ids(answer)) == ALL
    assert ids(answer)[0] == "e-1"
    assert sorted(ids(answer, "include")) == ["e-doc", "e-org"]


async def test_a_life_comes_in_pages(system: AsyncClient) -> None:
    seen: list[str] = []
    path: str | None = "Patient/e-1/$everything?_count=2"
    while path:
        page = await system.get(path)
        seen += ids(page)
        path = links(page).get("next")
    assert sorted(seen) == ALL


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("_type=Condition", ["e-c"]),
        ("_type=Patient,Condition", ["e-1", "e-c"]),
        ("start=2021-01-01&end=2022-12-31&_type=Observation", ["e-o1", "e-o2"]),
        ("start=2023&_type=Observation", ["e-o3"]),
        ("end=2020-06-01&_type=Observation", ["e-o0"]),
        ("_since=2999-01-01T00:00:00Z", []),
        ("start=2999", ["e-1", "e-c"]),
    ],
)
async def test_a_life_can_be_narrowed_down(
    system: AsyncClient, query: str, found: list[str]
) -> None:
    assert sorted(ids(await system.get(f"Patient/e-1/$everything?{query}"))) == found


@pytest.mark.parametrize(
    "query", ["start=soon", "_count=0", "_type=Nonsense", "colour=red", "_since=x"]
)
async def test_what_it_does_not_have_is_refused(system: AsyncClient, query: str) -> None:
    assert (await system.get(f"Patient/e-1/$everything?{query}")).status_code == 400


async def test_nobody_is_nobody(system: AsyncClient) -> None:
    refused(await system.get("Patient/e-none/$everything"), 404, "not-found")
