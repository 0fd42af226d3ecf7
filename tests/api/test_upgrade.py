"""The tables of a new release come while the old one still works: nothing is lost, nobody waits.

The release to come is invented here: a package with a migration that changes the tables of the
store and says that everything is found by old rules. The release that writes is the present one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from minkang.api.metrics import metrics_application
from minkang.app import PACKAGES, worker
from minkang.app.platform import Platform
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.fhir import TYPE_CODES
from minkang.fhir.search_syntax import parse_search
from minkang.store import MigrationError, Scope, Store, find, migrate, open_pool, open_store
from minkang.store.connection import Connection
from minkang.store.figures import figures
from minkang.store.reindex import reindex
from minkang.store.seen import Seen
from tests.api.asked import identified, ids, observation, patient

NEXT = """
    alter table store.resource add column {0} integer;
    create index on store.resource ({0}) where {0} is not null;
    update store.resource set indexed = 0;
"""
WHOLE = Scope.whole()


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The package that a release to come brings."""
    name = f"release_{tmp_path.name.replace('-', '_')}"
    schema = tmp_path / name / "schema"
    schema.mkdir(parents=True)
    (tmp_path / name / "__init__.py").write_text("", encoding="utf-8")
    (schema / "0001_next.sql").write_text(NEXT.format(name), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


@asynccontextmanager
async def held(url: str) -> AsyncIterator[Connection]:
    """A reader that has read the resources and does not end its transaction."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.fetchval("select count(*) from store.resource")
            yield connection
    finally:
        await connection.close()


async def waited_for(other: Connection) -> None:
    """Until somebody waits for a lock."""
    while True:
        if await other.fetchval("select exists (select from pg_locks where not granted)"):
            return
        await asyncio.sleep(0.01)


async def begun(store: Store) -> Store:
    """The store as a process has it that was started just now."""
    return msgspec.structs.replace(store, seen=Seen())


async def told(store: Store) -> list[str]:
    """What a search says beside its results."""
    page = await find(await begun(store), WHOLE, parse_search(("Patient",), []))
    return [note.rule for note in page.notes]


async def left(store: Store) -> tuple[int, int]:
    """How much is to be indexed anew, by the page of the store and by the metrics."""
    async with store.pool.acquire() as connection:
        page = (await figures(connection)).reindexing.left
    transport = ASGITransport(metrics_application(store.pool), client=("127.0.0.1", 1))
    async with AsyncClient(transport=transport, base_url="http://minkang.test") as client:
        lines = (await client.get("/metrics")).text.splitlines()
    (line,) = [one for one in lines if one.startswith("minkang_reindex_left ")]
    return page, int(float(line.split()[1]))


async def test_what_is_acknowledged_while_the_tables_change_stays(
    system: AsyncClient, store: Store, database_url: str, release: str
) -> None:
    """And what is indexed anew meanwhile is told, until it is done."""
    versions: dict[str, int] = {}
    stop, acknowledged = asyncio.Event(), asyncio.Event()

    async def keep_writing(writer: int) -> None:
        number = 0
        while not stop.is_set():
            one = f"u{writer}-{number % 20}"
            body = patient(one, **identified(f"{one}-{number}"))
            answer = await system.put(f"Patient/{one}", json=body)
            if answer.status_code in (200, 201):
                versions[one] = int(answer.json()["meta"]["versionId"])
                acknowledged.set()
            else:
                assert answer.status_code in (409, 503), answer.text
            number += 1

    async def until_acknowledged(more: int) -> None:
        for _ in range(more):
            acknowledged.clear()
            await acknowledged.wait()

    writing = [asyncio.create_task(keep_writing(one)) for one in range(4)]
    try:
        async with asyncio.timeout(120):
            await until_acknowledged(60)
            assert await migrate(database_url, [*PACKAGES, release]) == [f"{release}/0001_next.sql"]
            assert await told(store) == ["reindexing"]
            page, metric = await left(store)
            assert page > 0
            assert metric > 0
            await until_acknowledged(20)
            while await reindex(store, limit=10):
                pass
            await until_acknowledged(20)
    finally:
        stop.set()
        await asyncio.gather(*writing)
    assert await reindex(store) == 0
    assert await told(store) == []
    assert await left(store) == (0, 0)
    for one, version in versions.items():
        found = (await system.get(f"Patient/{one}")).json()
        assert int(found["meta"]["versionId"]) == version
        value = found["identifier"][0]["value"]
        assert ids(await system.get(f"Patient?identifier=urn:example|{value}")) == [one]
        history = await system.get(f"Patient/{one}/_history?_count=1000")
        assert len(history.json()["entry"]) == version


async def test_while_a_migration_waits_others_read_and_write(
    system: AsyncClient, database_url: str, release: str
) -> None:
    """Somebody reads for long; whoever comes later does not wait for the one who waits for that."""
    await system.put("Patient/waits", json=patient("waits"))
    async with asyncio.timeout(60), held(database_url) as other:
        running = asyncio.create_task(migrate(database_url, [*PACKAGES, release]))
        for number in range(3):
            await waited_for(other)
            assert (await system.get("Patient/waits")).status_code == 200
            body = patient("waits", **identified(str(number)))
            assert (await system.put("Patient/waits", json=body)).status_code == 200
            assert ids(await system.get(f"Patient?identifier=urn:example|{number}")) == ["waits"]
        assert not running.done()
    assert await running == [f"{release}/0001_next.sql"]


async def test_a_migration_that_never_gets_its_tables_says_so(
    system: AsyncClient, database_url: str, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("minkang.store.migrate")
    monkeypatch.setattr(module, "_ATTEMPTS", 2)
    monkeypatch.setattr(module, "_WAIT", "20ms")
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    async with held(database_url) as other:
        with pytest.raises(MigrationError, match=r"0001_next\.sql: others keep its tables busy"):
            await migrate(database_url, [*PACKAGES, release])
        known = "select count(*) from migration where package = $1"
        assert await other.fetchval(known, release) == 0
    assert (await system.get("Patient?_count=1")).status_code == 200
    assert await migrate(database_url, [*PACKAGES, release])


async def copied(old: Connection, new: Connection, table: str) -> None:
    """Rows of a table of the store in a database that is a release behind."""
    columns = "select column_name from information_schema.columns where table_schema = 'store'"
    columns += f" and table_name = '{table}'"
    both = [{row[0] for row in await one.fetch(columns)} for one in (old, new)]
    shared = ", ".join(sorted(both[0] & both[1]))
    rows = await old.fetchval(
        f"select json_agg(t)::text from (select {shared} from store.{table}) t"
    )
    await new.execute(
        f"""insert into store.{table} ({shared})
            select {shared} from json_populate_recordset(null::store.{table}, $1::json)""",
        rows or "[]",
    )


async def with_data_keys(old_url: str, new_url: str) -> None:
    """What was copied lies sealed, as everything in these tests does: its keys go along."""
    old, new = await asyncpg.connect(old_url), await asyncpg.connect(new_url)
    try:
        await copied(old, new, "data_key")
    finally:
        await old.close()
        await new.close()


async def test_a_database_one_release_behind_is_found_the_same(
    system: AsyncClient,
    store: Store,
    database_url: str,
    empty_database: str,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the last migration of the store is: up to the one before it, then with it."""
    for number in range(12):
        one = f"b{number}"
        body = patient(
            one, **identified(one), name=[{"text": f"王{number}"}], birthDate="1980-02-03"
        )
        await system.put(f"Patient/{one}", json=body)
        seen = observation(one, f"bo{number}", effectiveDateTime=f"2024-01-{number + 1:02}")
        await system.put(f"Observation/bo{number}", json=seen)
        await system.put(f"Patient/{one}", json={**body, "active": True})
    module = import_module("minkang.store.migrate")
    whole = module._migrations

    def but_the_last(package: str) -> Any:
        found = whole(package)
        return found[:-1] if package == "minkang.store" else found

    with monkeypatch.context() as patched:
        patched.setattr(module, "_migrations", but_the_last)
        await migrate(empty_database, PACKAGES)
    old, new = await asyncpg.connect(database_url), await asyncpg.connect(empty_database)
    try:
        for table in ("resource", "history", "dictionary"):
            await copied(old, new, table)
        await new.execute("update store.resource set indexed = 0, marks = null, present = 0")
        number = await old.fetchval("select nextval('store.sequence')")
        await new.execute("select setval('store.sequence', $1)", number)
    finally:
        await old.close()
        await new.close()
    (last,) = await migrate(empty_database, PACKAGES)
    assert last.startswith("minkang.store/")
    await with_data_keys(database_url, empty_database)
    pool = await open_pool(empty_database)
    try:
        behind = await open_store(pool, keys)
        assert await told(behind) == ["reindexing"]
        while await reindex(behind, limit=7):
            pass
        assert await told(behind) == []
        for kind, *pairs in (
            ("Patient", ("identifier", "urn:example|b3")),
            ("Patient", ("name", "王1")),
            ("Patient", ("birthdate", "1980-02"), ("active", "true")),
            ("Observation", ("patient", "b7")),
            ("Observation", ("code", "http://loinc.org|14749-6"), ("date", "ge2024-01-05")),
            ("Observation", ("status", "final"), ("subject:Patient.identifier", "b5")),
        ):
            search = parse_search((kind,), [*pairs, ("_count", "100")])
            expected, found = [
                sorted(one.id for one in (await find(each, WHOLE, search)).matches)
                for each in (store, behind)
            ]
            assert found == expected
            assert found, pairs
        versions = "select count(*) from store.history"
        assert await pool.fetchval(versions) == await store.pool.fetchval(versions)
    finally:
        await pool.close()


async def test_what_an_older_release_writes_later_is_noticed(
    system: AsyncClient,
    store: Store,
    database_url: str,
    keys: Keys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker never stops looking, and a web process asks again after a while."""
    monkeypatch.setattr(worker, "_STALE_SECONDS", 0.01)
    platform = Platform(Settings(home=tmp_path), database_url, keys, store.pool, store)
    working = asyncio.create_task(worker._reindex(platform))
    stale = "update store.resource set indexed = 0 where type = $1 and id = 'older'"
    await system.put("Patient/older", json=patient("older"))
    try:
        async with asyncio.timeout(60):
            for _ in range(2):
                await store.pool.execute(stale, TYPE_CODES["Patient"])
                while await told(store):
                    assert not working.done()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    long_running = await begun(store)
    search = parse_search(("Patient",), [("_id", "older")])
    assert (await find(long_running, WHOLE, search)).notes == ()
    await store.pool.execute(stale, TYPE_CODES["Patient"])
    assert (await find(long_running, WHOLE, search)).notes == (), "believed for a minute"
    long_running.seen._reindexed_until = 0.0
    (note,) = (await find(long_running, WHOLE, search)).notes
    assert note.rule == "reindexing"
    assert await reindex(store) == 1
