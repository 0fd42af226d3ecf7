"""Bulk export: asked for, waited for, fetched, taken away; survives a crash of its runner."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.api.export_run import clean, run_exports, run_next
from minkang.crypto import SealBroken
from minkang.store import Store
from tests.api.asked import identified, observation, patient, refused
from tests.api.conftest import Bearer

LATER = {"prefer": "respond-async"}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient, other: AsyncClient) -> None:
    """Two patients of one organisation with observations, one of another, a clinic, a group."""
    for one in ("x1", "x2"):
        await system.put(f"Patient/{one}", json=patient(one))
        await system.put(f"Observation/xo-{one}", json=observation(one, f"xo-{one}"))
    loose = {**observation("x", "xo-loose"), "subject": {"reference": "Location/xl"}}
    await system.put("Observation/xo-loose", json=loose)
    await system.put("Location/xl", json={"resourceType": "Location", "id": "xl"})
    member = {"entity": {"reference": "Patient/x2"}}
    group = {"type": "person", "actual": True, "member": [member]}
    await system.put("Group/xg", json={"resourceType": "Group", "id": "xg", **group})
    await other.put("Patient/y1", json=patient("y1", **identified("y1")))


async def asked(client: AsyncClient, path: str) -> str:
    answer = await client.get(path, headers=LATER)
    assert answer.status_code == 202, answer.text
    place: str = answer.headers["content-location"]
    return place


async def manifest(client: AsyncClient, store: Store, exports: Path, path: str) -> dict[str, Any]:
    place = await asked(client, path)
    assert await run_next(store, exports)
    answer = await client.get(place)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["expires"]
    found: dict[str, Any] = answer.json()
    return found


async def lines(client: AsyncClient, made: dict[str, Any]) -> set[str]:
    """Type and id of all that the files of a manifest hold, which must be as many as it says."""
    found = []
    for one in made["output"]:
        answer = await client.get(one["url"], headers={"accept": "application/fhir+ndjson"})
        assert answer.headers["content-type"] == "application/fhir+ndjson"
        resources = [json.loads(line) for line in answer.text.splitlines()]
        assert len(resources) == one["count"]
        assert {resource["resourceType"] for resource in resources} == {one["type"]}
        found += [f"{resource['resourceType']}/{resource['id']}" for resource in resources]
    assert len(found) == len(set(found))
    return set(found)


async def test_an_export_is_waited_for_and_holds_what_its_caller_may_see(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    place = await asked(system, "$export")
    waiting = await system.get(place)
    assert waiting.status_code == 202
    assert waiting.headers["x-progress"] == "waiting"
    assert int(waiting.headers["retry-after"]) > 0
    assert await run_next(store, exports)
    assert not await run_next(store, exports)
    done = (await system.get(place)).json()
    assert done["requiresAccessToken"] is True
    assert done["request"] == "http://minkang.test/fhir/$export"
    assert done["error"] == []
    assert await lines(system, done) == {
        "Patient/x1", "Patient/x2", "Observation/xo-x1", "Observation/xo-x2",
        "Observation/xo-loose", "Location/xl", "Group/xg",
    }  # fmt: skip


async def test_patients_and_groups_bring_what_is_about_them(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    about = await manifest(system, store, exports, "Patient/$export")
    everyone = {"Patient/x1", "Patient/x2", "Observation/xo-x1", "Observation/xo-x2"}
    assert everyone <= await lines(system, about) <= everyone | {"Group/xg"}
    group = await manifest(system, store, exports, "Group/xg/$export?_type=Patient,Observation")
    assert await lines(system, group) == {"Patient/x2", "Observation/xo-x2"}
    refused(await system.get("Group/none/$export", headers=LATER), 404, "not-found")
    refused(await system.get("Group/$export", headers=LATER), 400, "required")


async def test_an_export_can_be_narrowed_down(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    only = await manifest(system, store, exports, "$export?_type=Location")
    assert await lines(system, only) == {"Location/xl"}
    later = await manifest(system, store, exports, "$export?_since=2999-01-01T00:00:00Z")
    assert later["output"] == []
    format_ = "$export?_type=Patient&_outputFormat=application/fhir%2Bndjson"
    named = await manifest(system, store, exports, format_)
    assert await lines(system, named) == {"Patient/x1", "Patient/x2"}


async def test_another_organisation_sees_nothing_of_it(
    system: AsyncClient, other: AsyncClient, store: Store, exports: Path
) -> None:
    place = await asked(system, "$export?_type=Patient")
    await run_next(store, exports)
    done = (await system.get(place)).json()
    refused(await other.get(place), 404, "not-found")
    refused(await other.delete(place), 404, "not-found")
    refused(await other.get(done["output"][0]["url"]), 404, "not-found")
    own = await manifest(other, store, exports, "Patient/$export")
    assert await lines(other, own) == {"Patient/y1"}


@pytest.mark.parametrize("name", ["../x", "Patient.2.ndjson", "%2e%2e%2fkeys"])
async def test_only_files_of_the_manifest_are_served(
    system: AsyncClient, store: Store, exports: Path, name: str
) -> None:
    made = await manifest(system, store, exports, "$export?_type=Patient")
    folder = made["output"][0]["url"].rpartition("/")[0]
    assert (await system.get(f"{folder}/{name}")).status_code == 404


async def test_an_export_can_be_taken_away(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    place = await asked(system, "$export?_type=Patient")
    await run_next(store, exports)
    url = (await system.get(place)).json()["output"][0]["url"]
    assert (await system.delete(place)).status_code == 202
    for gone in (place, url):
        refused(await system.get(gone), 404, "not-found")
    assert not (exports / place.rpartition("/")[2]).exists()
    waiting = await asked(system, "$export")
    assert (await system.delete(waiting)).status_code == 202
    assert not await run_next(store, exports)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("_type=Nonsense", "_type"),
        ("_since=yesterday", "_since"),
        ("_outputFormat=csv", "_outputFormat"),
        ("_typeFilter=Patient%3Fgender%3Dmale", "_typeFilter"),
    ],
)
async def test_what_it_does_not_have_is_refused(
    system: AsyncClient, query: str, place: str
) -> None:
    answer = await system.get(f"$export?{query}", headers=LATER)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [place]


async def test_it_is_asked_for_by_systems_and_asynchronously_only(
    system: AsyncClient, client: AsyncClient, bearer: Bearer
) -> None:
    refused(await system.get("$export"), 400, "required")
    doctor = await bearer("doctor", organisation="MK1")
    refused(await client.get("$export", headers={**doctor, **LATER}), 403, "forbidden")
    for path in ("$export-status/none", "$export-status/6f1d1c1e-0000-4000-8000-000000000001"):
        refused(await system.get(path), 404, "not-found")


async def test_a_kick_off_by_post_takes_parameters(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_type", "valueString": "Location"}],
    }
    answer: Response = await system.post("$export", json=body, headers=LATER)
    assert answer.status_code == 202
    await run_next(store, exports)
    done = (await system.get(answer.headers["content-location"])).json()
    assert await lines(system, done) == {"Location/xl"}


async def test_what_a_dead_runner_left_is_begun_again(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    place = await asked(system, "$export?_type=Patient")
    job = place.rpartition("/")[2]
    await store.pool.execute(
        "update api.export set state = 'running', started = now(), alive = now() where id = $1", job
    )
    half = exports / job
    half.mkdir()
    (half / "Patient.1.ndjson").write_text('{"resourceType":"Pat')
    assert not await run_next(store, exports)
    assert (await system.get(place)).status_code == 202
    await store.pool.execute(
        "update api.export set alive = now() - $2::interval where id = $1",
        job,
        timedelta(seconds=61),
    )
    assert await run_next(store, exports)
    done = (await system.get(place)).json()
    assert await lines(system, done) == {"Patient/x1", "Patient/x2"}


async def test_too_many_unfinished_ones_are_refused(system: AsyncClient) -> None:
    places = [await asked(system, "$export") for _ in range(5)]
    throttled = await system.get("$export", headers=LATER)
    refused(throttled, 429, "throttled")
    assert throttled.headers["retry-after"]
    for place in places:
        await system.delete(place)


async def test_old_ones_are_cleaned_away(system: AsyncClient, store: Store, exports: Path) -> None:
    made = await manifest(system, store, exports, "$export?_type=Patient")
    job = made["output"][0]["url"].split("/")[-2]
    (exports / "6f1d1c1e-0000-4000-8000-000000000001").mkdir()
    await store.pool.execute(
        "update api.export set ended = now() - interval '25 hours' where id = $1", job
    )
    await clean(store, exports, 24)
    assert not (exports / job).exists()
    assert not (exports / "6f1d1c1e-0000-4000-8000-000000000001").exists()
    refused(await system.get(made["output"][0]["url"]), 404, "not-found")


async def test_the_runner_takes_up_what_comes_and_stops_when_told(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(run_exports(store, exports, 24, stop))
    place = await asked(system, "$export?_type=Location")
    for _ in range(200):
        answer = await system.get(place)
        if answer.status_code != 202:
            break
        await asyncio.sleep(0.05)
    assert answer.json()["output"][0]["type"] == "Location"
    stop.set()
    await running


async def test_files_lie_sealed_and_a_changed_one_is_not_sent_whole(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    made = await manifest(system, store, exports, "Patient/$export")
    (one,) = [file for file in made["output"] if file["type"] == "Patient"]
    path = exports / Path(*one["url"].split("/")[-2:])
    content = path.read_bytes()
    assert content.startswith(b"MKSEAL1\n")
    assert b"resourceType" not in content
    answer = await system.get(one["url"])
    assert len(answer.content) == int(answer.headers["content-length"])
    path.write_bytes(content[:-30] + bytes([content[-30] ^ 1]) + content[-29:])
    with pytest.raises(SealBroken):
        await system.get(one["url"])
