"""An export with `_since` also tells what is gone, and from when the next one has to begin."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from httpx import AsyncClient

from minkang.api.export_run import run_next
from minkang.fhir.validate import check
from minkang.store import Change, Scope, Store, write
from minkang.store.deletions import deletions
from tests.api.asked import identified, observation, patient, refused
from tests.api.test_export import asked, lines, manifest


async def deleted(client: AsyncClient, made: dict[str, Any]) -> set[str]:
    """What the manifest's `deleted` says is gone; each line is a transaction that deletes."""
    found = []
    for one in made["deleted"]:
        assert one["type"] == "Bundle"
        answer = await client.get(one["url"], headers={"accept": "application/fhir+ndjson"})
        bundles = answer.text.splitlines()
        assert len(bundles) == one["count"]
        for line in bundles:
            bundle = json.loads(line)
            assert check(bundle, line.encode()) == []
            assert bundle["type"] == "transaction"
            assert all(each["request"]["method"] == "DELETE" for each in bundle["entry"])
            found += [each["request"]["url"] for each in bundle["entry"]]
    assert len(found) == len(set(found))
    return set(found)


async def test_what_was_deleted_since_is_told(
    system: AsyncClient, other: AsyncClient, store: Store, exports: Path
) -> None:
    """Of what the export is about, and never of what is there again."""
    for one in ("d1", "d2"):
        await system.put(f"Patient/{one}", json=patient(one))
        await system.put(f"Observation/do-{one}", json=observation(one, f"do-{one}"))
    member = {"entity": {"reference": "Patient/d2"}}
    group = {"type": "person", "actual": True, "member": [member]}
    await system.put("Group/dg", json={"resourceType": "Group", "id": "dg", **group})
    await system.put("Location/dl", json={"resourceType": "Location", "id": "dl"})
    await system.delete("Location/dl")
    first = await manifest(system, store, exports, "$export")
    assert first["deleted"] == [], "nothing is told without _since"
    since = first["transactionTime"].replace("+", "%2B")
    await other.put("Patient/yd", json=patient("yd", **identified("yd")))
    await other.delete("Patient/yd")
    await system.put("Location/dm", json={"resourceType": "Location", "id": "dm"})
    for gone in ("Location/dm", "Observation/do-d1", "Observation/do-d2", "Patient/d1"):
        assert (await system.delete(gone)).status_code == 204
    await system.put("Observation/do-d1", json=observation("d1", "do-d1"))
    later = await manifest(system, store, exports, f"$export?_since={since}")
    assert await deleted(system, later) == {"Location/dm", "Observation/do-d2", "Patient/d1"}
    assert await lines(system, later) == {"Observation/do-d1"}
    about = await manifest(system, store, exports, f"Patient/$export?_since={since}")
    assert await deleted(system, about) == {"Observation/do-d2", "Patient/d1"}
    typed = await manifest(system, store, exports, f"$export?_since={since}&_type=Location")
    assert await deleted(system, typed) == {"Location/dm"}
    members = await manifest(system, store, exports, f"Group/dg/$export?_since={since}")
    assert await deleted(system, members) == {"Observation/do-d2"}
    theirs = await manifest(other, store, exports, f"$export?_since={since}")
    assert await deleted(other, theirs) == {"Patient/yd", "Location/dm"}, "places are for all"
    again = later["transactionTime"].replace("+", "%2B")
    assert (await manifest(system, store, exports, f"$export?_since={again}"))["deleted"] == []


async def test_the_files_of_deletions_go_with_the_export(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    await system.put("Location/dz", json={"resourceType": "Location", "id": "dz"})
    await system.delete("Location/dz")
    place = await asked(system, "$export?_since=2020-01-01T00:00:00Z&_type=Location")
    assert await run_next(store, exports)
    (listed,) = (await system.get(place)).json()["deleted"]
    assert (await system.get(listed["url"])).status_code == 200
    assert (await system.delete(place)).status_code == 202
    refused(await system.get(listed["url"]), 404, "not-found")
    assert not (exports / place.rpartition("/")[2]).exists()


async def test_many_deletions_come_in_pages(store: Store, system: AsyncClient) -> None:
    begun = datetime.now(UTC)
    for number in range(7):
        await system.put(
            f"Location/p{number}", json={"resourceType": "Location", "id": f"p{number}"}
        )
        await system.delete(f"Location/p{number}")
    found: list[str] = []
    after = None
    while True:
        page = await deletions(
            store, Scope.whole(), ["Location"], begun, datetime.now(UTC), after=after, limit=3
        )
        found += [one.id for one in page.found]
        after = page.next
        if after is None:
            break
        assert len(page.found) == 3
    assert found == [f"p{number}" for number in range(7)]


async def test_what_is_being_written_meanwhile_belongs_to_the_next_export(
    system: AsyncClient, store: Store, exports: Path
) -> None:
    """A version bears the time of its writing; the export tells a time before it."""
    place = await asked(system, "$export?_type=Location")
    late = {"resourceType": "Location", "id": "late"}
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(late, "MK1")])
        assert await run_next(store, exports)
    first = (await system.get(place)).json()
    assert "Location/late" not in await lines(system, first)
    written = (await system.get("Location/late")).json()["meta"]["lastUpdated"]
    told = datetime.fromisoformat(first["transactionTime"])
    assert told <= datetime.fromisoformat(written)
    since = first["transactionTime"].replace("+", "%2B")
    following = await manifest(system, store, exports, f"$export?_type=Location&_since={since}")
    assert "Location/late" in await lines(system, following)
