"""Index rows are made anew in the background; nothing is lost or delivered twice on the way."""

import hashlib
from importlib import resources
from typing import Any

import asyncpg
import msgspec

from minkang.crypto import Keys
from minkang.fhir import TYPE_CODES, encode
from minkang.fhir.search_syntax import parse_search
from minkang.store import (
    Change,
    Scope,
    Store,
    changes,
    find,
    migrate,
    open_pool,
    open_store,
    write,
)
from minkang.store.feed import head
from minkang.store.reindex import is_stale, progress, reindex
from minkang.store.seen import Seen

WHOLE = Scope.whole()


def condition(one: str, code: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": one,
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "urn:icd", "code": code}]},
        "onsetDateTime": "2024-03",
    }


async def found(store: Store, *pairs: tuple[str, str]) -> list[str]:
    page = await find(store, WHOLE, parse_search(("Condition",), list(pairs)))
    return sorted(one.id for one in page.matches)


async def told(store: Store) -> list[str]:
    """What a search in a process that has just begun says beside its results."""
    begun = msgspec.structs.replace(store, seen=Seen())
    page = await find(begun, WHOLE, parse_search(("Condition",), []))
    return [note.rule for note in page.notes]


async def test_what_was_indexed_by_old_rules_is_found_again(store: Store) -> None:
    made = [condition(f"c{n}", "I10" if n % 2 else "E11") for n in range(7)]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h1") for one in made])
    async with store.pool.acquire() as connection:
        position = await head(connection)
        await connection.execute("update store.resource set indexed = 0, marks = null, present = 0")
        for table in ("term", "span", "string"):
            await connection.execute(f"delete from store.{table}")
        assert await found(store, ("code", "I10")) == []
        assert await is_stale(connection)
        assert (await progress(connection)).left == 7
        assert await told(store) == ["reindexing"]
        assert await reindex(store, limit=3) == 3
        assert (await progress(connection)).left == 4
        assert len(await found(store, ("onset-date", "2024"))) == 3
        while await reindex(store, limit=3):
            pass
        assert not await is_stale(connection)
        assert await told(store) == []
        assert await found(store, ("code", "I10")) == ["c1", "c3", "c5"]
        assert len(await found(store, ("patient", "p1"), ("onset-date", "2024-03"))) == 7
        later = await changes(store, connection, WHOLE, position)
        assert later.versions == ()
        lost = """select count(*) from store.compartment c
                  left join store.resource r using (sequence) where r.id is null"""
        assert await connection.fetchval(lost) == 0


async def test_a_database_of_the_first_release_moves_on_with_its_data(
    empty_database: str, keys: Keys
) -> None:
    first = (resources.files("minkang.store") / "schema" / "0001_resources.sql").read_text()
    connection = await asyncpg.connect(empty_database)
    await connection.execute(first)
    body = b"\x00" + encode({**condition("old", "I10"), "meta": {"versionId": "2"}})
    columns = """(type, id, part, version, updated, deleted, source, grade, patients, dated, {}body
        {}) values
        ($1, 'old', 7, $2, '2025-01-01', false, 'h1', 4, '{{7}}', '2024-03-01', {}$3{})"""
    await connection.execute(
        "insert into store.resource " + columns.format("terms, ", "", "'{1,2}', ", ""),
        TYPE_CODES["Condition"],
        2,
        body,
    )
    await connection.execute(
        "insert into store.history "
        + columns.format("", ", transaction, sequence", "", ", '5'::xid8, 1"),
        TYPE_CODES["Condition"],
        1,
        body,
    )
    await connection.execute(
        "insert into store.compartment values (7, $1, '2024-03-01', 'old', 7)",
        TYPE_CODES["Condition"],
    )
    await connection.execute(
        """create table public.migration (
               package text, name text, checksum text not null,
               applied timestamptz not null default now(), primary key (package, name))"""
    )
    await connection.execute(
        "insert into public.migration values ('minkang.store', '0001_resources.sql', $1)",
        hashlib.sha256(first.encode()).hexdigest(),
    )
    await connection.close()
    done = await migrate(empty_database, ["minkang.store"])
    assert any("0002_search" in one for one in done)
    pool = await open_pool(empty_database)
    store = await open_store(pool, keys)
    while await reindex(store):
        pass
    assert await found(store, ("code", "I10")) == ["old"]
    assert await found(store, ("patient", "p1")) == ["old"]
    assert await pool.fetchval("select count(*) from store.history") == 1
    await pool.close()
