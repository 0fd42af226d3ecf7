"""History of a resource, of a type, of everything."""

import pytest
from httpx import AsyncClient

from tests.api.asked import links, patient, refused


async def test_versions_come_newest_first_with_what_made_them(system: AsyncClient) -> None:
    for gender in ("male", "female"):
        await system.put("Patient/h-1", json=patient("h-1", gender=gender))
    await system.delete("Patient/h-1")
    bundle = (await system.get("Patient/h-1/_history")).json()
    assert bundle["type"] == "history"
    shown = [
        (one["request"]["method"], one["response"]["etag"], one.get("resource", {}).get("gender"))
        for one in bundle["entry"]
    ]
    assert shown == [
        ("DELETE", 'W/"3"', None),
        ("PUT", 'W/"2"', "female"),
        ("PUT", 'W/"1"', "male"),
    ]
    assert bundle["entry"][2]["response"]["status"] == "201 Created"
    refused(await system.get("Patient/h-none/_history"), 404, "not-found")


@pytest.mark.parametrize("path", ["Patient/_history", "_history"])
async def test_histories_are_paged(system: AsyncClient, path: str) -> None:
    for number in range(5):
        await system.put(f"Patient/hp-{number}", json=patient(f"hp-{number}"))
    seen: list[str] = []
    following: str | None = f"{path}?_count=2"
    while following:
        page = await system.get(following)
        assert len(page.json()["entry"]) <= 2
        seen += [one["fullUrl"] for one in page.json()["entry"]]
        following = links(page).get("next")
    made = [f"http://minkang.test/fhir/Patient/hp-{n}" for n in (4, 3, 2, 1, 0)]
    assert [one for one in seen if one in made][:5] == made


async def test_only_what_came_since_is_listed(system: AsyncClient) -> None:
    first = await system.put("Patient/hs-1", json=patient("hs-1"))
    moment = first.json()["meta"]["lastUpdated"]
    await system.put("Patient/hs-1", json=patient("hs-1", active=True))
    every = (await system.get("Patient/hs-1/_history")).json()["entry"]
    later = every[0]["resource"]["meta"]["lastUpdated"]
    assert moment < later
    page = await system.get("Patient/hs-1/_history", params={"_since": later})
    assert [one["response"]["etag"] for one in page.json()["entry"]] == ['W/"2"']


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("_since=yesterday", "_since"),
        ("_at=2024-13", "_at"),
        ("_count=x", "_count"),
        ("_after=" + "x" * 300, "_after"),
        ("colour=red", "colour"),
    ],
)
async def test_what_history_does_not_have_is_refused(
    system: AsyncClient, query: str, place: str
) -> None:
    answer = await system.get(f"Patient/_history?{query}")
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [place]
