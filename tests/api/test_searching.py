"""Search over HTTP: pages, links, POST, compartments, parts of resources, refusals."""

import pytest
import pytest_asyncio
from httpx import AsyncClient

from tests.api.asked import ids, links, observation, patient, refused

LOINC = "http://loinc.org|14749-6"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient) -> None:
    """Two patients, a practitioner, seven observations of the first, one of the second."""
    for one in ("s1", "s2"):
        await system.put(f"Patient/{one}", json=patient(one, gender="female"))
    doctor = {"resourceType": "Practitioner", "id": "sdoc", "name": [{"text": "王医生"}]}
    await system.put("Practitioner/sdoc", json=doctor)
    for number in range(7):
        seen = observation("s1", f"so-{number}", effectiveDateTime=f"2026-02-0{number + 1}")
        seen["performer"] = [{"reference": "Practitioner/sdoc"}]
        await system.put(f"Observation/so-{number}", json=seen)
    await system.put("Observation/so-x", json=observation("s2", "so-x"))


async def test_pages_follow_each_other_without_gap_or_repetition(system: AsyncClient) -> None:
    seen: list[str] = []
    path: str | None = "Observation?patient=s1&_count=3"
    while path:
        page = await system.get(path)
        assert len(ids(page)) <= 3
        seen += ids(page)
        path = links(page).get("next")
    assert sorted(seen) == [f"so-{n}" for n in range(7)]


async def test_a_page_says_how_it_was_asked_for(system: AsyncClient) -> None:
    page = await system.get(f"Observation?code={LOINC}&patient=Patient/s1&_count=3")
    again = await system.get(links(page)["self"])
    assert ids(again) == ids(page)
    entries = page.json()["entry"]
    assert entries[0]["fullUrl"] == f"http://minkang.test/fhir/Observation/{ids(page)[0]}"
    assert page.json()["type"] == "searchset"


async def test_an_empty_answer_has_no_entries_and_a_total_only_if_asked(
    system: AsyncClient,
) -> None:
    page = (await system.get("Observation?_id=none")).json()
    assert "entry" not in page
    assert "total" not in page
    counted = (await system.get("Observation?patient=s1&_total=accurate&_count=2")).json()
    assert (counted["total"], len(counted["entry"])) == (7, 2)
    for query in ("_summary=count", "_count=0"):
        number = (await system.get(f"Observation?patient=s1&{query}")).json()
        assert number["total"] == 7
        assert "entry" not in number


async def test_a_search_by_post_is_the_same_search(system: AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    posted = await system.post(
        "Observation/_search?_count=100", content="patient=Patient%2Fs1", headers=form
    )
    got = await system.get("Observation?patient=s1&_count=100")
    assert sorted(ids(posted)) == sorted(ids(got))
    everywhere = await system.post(
        "_search", content="_type=Patient,Practitioner&_id=s1,sdoc", headers=form
    )
    assert sorted(ids(everywhere)) == ["s1", "sdoc"]
    inside = await system.post("Patient/s1/Observation/_search", content="_id=so-1", headers=form)
    assert ids(inside) == ["so-1"]
    refused(await system.post("Observation/_search", json={}), 415, "not-supported")


async def test_a_compartment_holds_what_is_about_its_patient(system: AsyncClient) -> None:
    assert ids(await system.get("Patient/s2/Observation")) == ["so-x"]
    assert ids(await system.get("Patient/s2/Observation?_id=so-1")) == []
    assert sorted(ids(await system.get("Patient/s2/*"))) == ["s2", "so-x"]
    assert ids(await system.get("Patient/s2/*?_type=Patient")) == ["s2"]
    refused(await system.get("Patient/s2/Location"), 404, "not-supported")


async def test_what_a_match_names_comes_along(system: AsyncClient) -> None:
    for path in ("Observation?_id=so-1&", "Patient/s1/Observation?_id=so-1&"):
        page = await system.get(
            f"{path}_include=Observation:performer&_include=Observation:subject"
        )
        assert ids(page) == ["so-1"]
        assert sorted(ids(page, "include")) == ["s1", "sdoc"]
    back = await system.get("Patient?_id=s2&_revinclude=Observation:patient")
    assert (ids(back), ids(back, "include")) == (["s2"], ["so-x"])


async def test_only_the_elements_asked_for_come(system: AsyncClient) -> None:
    page = await system.get("Observation?_id=so-1&_elements=subject")
    (found,) = [one["resource"] for one in page.json()["entry"]]
    assert set(found) == {"resourceType", "id", "meta", "status", "code", "subject"}
    assert found["meta"]["tag"][0]["code"] == "SUBSETTED"


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("colour=red", "colour"),
        ("patient=s1&birthdate=2024", "birthdate"),
        ("date=yesterday", "date"),
        ("_count=many", "_count"),
        ("_sort=colour", "_sort"),
        ("_after=nonsense", "_after"),
        ("_include=Nonsense:x", "_include"),
    ],
)
async def test_what_is_not_understood_is_refused_and_named(
    system: AsyncClient, query: str, place: str
) -> None:
    answer = await system.get(f"Observation?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["issue"][0]["expression"][0].startswith(place)


async def test_a_lenient_search_says_what_it_left_out(system: AsyncClient) -> None:
    page = await system.get(
        "Observation?_id=so-1&colour=red", headers={"prefer": "handling=lenient"}
    )
    assert ids(page) == ["so-1"]
    (note,) = [one for one in page.json()["entry"] if one["search"]["mode"] == "outcome"]
    assert note["resource"]["issue"][0]["severity"] == "warning"
    assert "colour" in note["resource"]["issue"][0]["diagnostics"]
    strict = {"prefer": "handling=strict"}
    refused(await system.get("Observation?colour=red", headers=strict), 400, "not-supported")
    odd = {"prefer": "handling=perhaps, wait=10"}
    refused(await system.get("Observation?colour=red", headers=odd), 400, "not-supported")
    assert ids(await system.get("Observation?_id=so-1", headers=odd)) == ["so-1"]


async def test_types_are_searched_together(system: AsyncClient) -> None:
    page = await system.get("?_type=Patient,Practitioner&_id=s1,sdoc,so-1")
    assert sorted(ids(page)) == ["s1", "sdoc"]
    refused(await system.get("?_type=Nonsense"), 400, "value")


async def test_newest_first_if_so_sorted(system: AsyncClient) -> None:
    page = await system.get("Observation?patient=s1&_sort=-date&_count=3")
    assert ids(page) == ["so-6", "so-5", "so-4"]
    following = await system.get(links(page)["next"])
    assert ids(following) == ["so-3", "so-2", "so-1"]
