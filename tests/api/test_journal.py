"""What systems ask for at one moment shares an audit entry; no answer before that is written."""

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from minkang.api import Door, Journal, fhir_application
from minkang.api.named import named_in
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.identity import follow
from minkang.store import Store
from minkang.store.readers import Readers
from tests.api.asked import patient, refused
from tests.api.conftest import BASE


async def entries(store: Store) -> list[Any]:
    rows = await store.pool.fetch(
        """select object_id, detail::text from audit.entry
           where action = 'read-api' and role = 'system' order by at, seq"""
    )
    return [tuple(row.values()) for row in rows]


async def test_each_read_stands_in_an_entry(system: AsyncClient, store: Store) -> None:
    names = [f"j-{number}" for number in range(30)]
    for name in names:
        await system.put(f"Patient/{name}", json=patient(name))
    before = len(await entries(store))
    answers = await asyncio.gather(*(system.get(f"Patient/{name}") for name in names))
    assert {one.status_code for one in answers} == {200}
    written = (await entries(store))[before:]
    told = "".join(object_id + (detail or "") for object_id, detail in written)
    assert all(name in told for name in names)
    assert len(written) < len(names)


async def test_searches_and_writes_share_entries_too(system: AsyncClient, store: Store) -> None:
    before = len(await entries(store))
    answers = await asyncio.gather(*(system.get(f"Patient?_id=s-{n}") for n in range(30)))
    assert {one.status_code for one in answers} == {200}
    written = (await entries(store))[before:]
    told = "".join(object_id + (detail or "") for object_id, detail in written)
    assert told.count("?_id") == 30
    assert len(written) < 30
    since = await store.pool.fetchval("select max(seq) from audit.entry")
    answers = await asyncio.gather(
        *(system.put(f"Patient/w-{n}", json=patient(f"w-{n}")) for n in range(30))
    )
    assert {one.status_code for one in answers} == {201}
    rows = await store.pool.fetch(
        """select object_id, detail::text from audit.entry
           where action = 'write-api' and allowed and seq > $1""",
        since,
    )
    told = "".join(one["object_id"] + (one["detail"] or "") for one in rows)
    assert all(f"w-{n}" in told for n in range(30))
    assert len(rows) < 30


async def test_an_entry_holds_no_more_than_the_log_keeps(system: AsyncClient, store: Store) -> None:
    before = len(await entries(store))
    names = "&".join(f"name:contains=x{n}" for n in range(60)) + "&_elements=" + "a" * 60
    paths = [f"Patient?{names}&_tag{':not' * (n % 2)}=a{n}" for n in range(40)]
    await asyncio.gather(*(system.get(path) for path in paths))
    written = (await entries(store))[before:]
    assert all('"cut"' not in (detail or "") for _, detail in written)


async def test_of_what_is_not_there_the_asking_is_written_down(
    system: AsyncClient, store: Store
) -> None:
    refused(await system.get("Patient/j-never"), 404, "not-found")
    name, detail = (await entries(store))[-1]
    assert (name, "asked" in detail) == ("j-never", False)


async def test_a_read_alone_has_an_entry_of_its_own(system: AsyncClient, store: Store) -> None:
    await system.put("Patient/j-alone", json=patient("j-alone"))
    await system.get("Patient/j-alone")
    name, detail = (await entries(store))[-1]
    assert (name, "asked" in detail) == ("j-alone", False)
    assert '"rules":["system-own","system-directory"]' in detail


async def test_without_its_entry_nothing_is_answered(
    door: Door, system: AsyncClient, store: Store, keys: Keys, tmp_path: Path
) -> None:
    await system.put("Patient/j-closed", json=patient("j-closed"))
    closed = await AuditLog.open(store.pool, keys, tmp_path)
    await closed.close()
    silent = msgspec.structs.replace(
        door, journal=Journal(closed), gate=msgspec.structs.replace(door.gate, log=closed)
    )
    transport = ASGITransport(fhir_application(silent))
    async with AsyncClient(transport=transport, base_url=BASE, headers=system.headers) as asking:
        for answer in (
            await asking.get("Patient/j-closed"),
            await asking.get("Patient?_id=j-closed"),
            await asking.put("Patient/j-closed", json=patient("j-closed", active=True)),
        ):
            refused(answer, 503, "transient")
            assert answer.headers["retry-after"]
            assert "j-closed" not in answer.text
    assert (await system.get("Patient/j-closed")).headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("path", ["Patient/j-0", "Patient?_id=j-0"])
async def test_without_the_database_it_is_503(
    door: Door, system: AsyncClient, store: Store, path: str
) -> None:
    class Gone:
        def get_max_size(self) -> int:
            return 4

        def acquire(self, **_: Any) -> Any:
            raise OSError("gone")

        async def fetchrow(self, *_: Any) -> Any:
            raise OSError("gone")

    gone: Any = Gone()
    lost = msgspec.structs.replace(store, pool=gone, readers=Readers(gone))
    without = msgspec.structs.replace(door, gate=msgspec.structs.replace(door.gate, store=lost))
    transport = ASGITransport(fhir_application(without))
    async with AsyncClient(transport=transport, base_url=BASE, headers=system.headers) as asking:
        refused(await asking.get(path), 503, "transient")


async def test_one_entry_says_what_was_asked_and_whom_the_answer_names(
    system: AsyncClient, store: Store, keys: Keys
) -> None:
    await system.put("Patient/j-named", json=patient("j-named"))
    observation = {
        "resourceType": "Observation",
        "id": "j-about",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/j-named"},
    }
    await system.put("Observation/j-about", json=observation)
    while await follow(store, keys):
        pass
    person = await store.pool.fetchval("select person from identity.link where patient = 'j-named'")
    since = await store.pool.fetchval("select max(seq) from audit.entry")
    assert (await system.get("Observation/j-about")).status_code == 200
    rows = await store.pool.fetch(
        "select object_id, persons from audit.entry where seq > $1 and role = 'system'", since
    )
    assert [tuple(row.values()) for row in rows] == [("j-about", [person])]


@given(
    parts=st.lists(
        st.sampled_from(['"', "/", "Patient/", "Patien", "a1", "-x.", " ", "http://h", "号"])
    )
)
def test_the_patients_that_a_text_names_are_those_of_the_pattern(parts: list[str]) -> None:
    body = "".join(parts).encode()
    pattern = rb'(?<=["/])(?=Patient/([A-Za-z0-9.-]{1,64}))'
    assert list(named_in(body)) == [found.decode() for found in re.findall(pattern, body)]
