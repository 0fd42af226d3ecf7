"""Bodies come out as they went in, whatever dictionaries were made in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from minkang.app import PACKAGES
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.store import Change, Scope, Store, migrate, open_pool, open_store, read, write
from minkang.store.codec import Codec, train_if_due

WORDS = [f"{place}{what}" for place in "海滨东山西河南桥" for what in ("卫生院", "医院", "诊所")]


@asynccontextmanager
async def grown(url: str, keys: Keys, count: int = 1_100) -> AsyncIterator[Store]:
    """A store with so many resources."""
    await migrate(url, PACKAGES)
    pool = await open_pool(url)
    store = await open_store(pool, keys)
    await add(store, *(made(f"d{number}", number) for number in range(count)))
    yield store
    await pool.close()


def made(one: str, number: int) -> Resource:
    words = Random(number).choices(WORDS, k=9)
    return {"resourceType": "Organization", "id": one, "name": words[0], "alias": words}


async def add(store: Store, *resources: Resource) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h") for one in resources])


async def trained(store: Store) -> bool:
    async with store.pool.acquire() as connection:
        return await train_if_due(connection, store.codec)


async def three_times_as_large(store: Store) -> None:
    await store.pool.execute("select setval('store.sequence', 3 * last_value) from store.sequence")


async def head_of(store: Store, one: str) -> bytes:
    """Codec byte and dictionary version of a body."""
    body: bytes = await store.pool.fetchval("select body from store.resource where id = $1", one)
    return body[:3]


async def test_a_dictionary_is_made_whenever_the_store_has_grown_threefold(
    empty_database: str, keys: Keys
) -> None:
    async with grown(empty_database, keys) as store:
        assert [await trained(store), await trained(store)] == [True, False]
        await add(store, made("second", 2))
        await three_times_as_large(store)
        assert [await trained(store), await trained(store)] == [True, False]
        await add(store, made("third", 3))
        assert await head_of(store, "d5") == b"\x01" + b"\x28\xb5"
        assert await head_of(store, "second") == b"\x02\x00\x01"
        assert await head_of(store, "third") == b"\x02\x00\x02"
        for number, one in ((5, "d5"), (2, "second"), (3, "third")):
            version = await read(store, Scope.whole(), "Organization", one)
            assert version is not None
            assert version.resource["alias"] == made(one, number)["alias"]


async def test_a_small_store_has_no_dictionary(empty_database: str, keys: Keys) -> None:
    async with grown(empty_database, keys, count=990) as store:
        await three_times_as_large(store)
        assert not await trained(store)


async def test_of_several_processes_one_makes_the_dictionary(
    empty_database: str, keys: Keys
) -> None:
    async with grown(empty_database, keys) as store:
        others = [await open_store(store.pool, keys) for _ in range(4)]
        assert sorted(await asyncio.gather(*map(trained, others))) == [False, False, False, True]
        assert await store.pool.fetchval("select count(*) from store.dictionary") == 1
        locks = "select count(*) from pg_locks where locktype = 'advisory'"
        assert await store.pool.fetchval(locks) == 0


async def test_writers_and_readers_hear_of_a_dictionary_that_another_process_made(
    empty_database: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with grown(empty_database, keys) as store:
        monkeypatch.setattr("minkang.store.codec._LOOK_SECONDS", 0.0)
        writer, reader = [await open_store(store.pool, keys) for _ in range(2)]
        monkeypatch.undo()
        assert await trained(store)
        await add(writer, made("new", 7))
        assert await head_of(store, "new") == b"\x02\x00\x01"
        assert reader.codec.version == 0
        version = await read(reader, Scope.whole(), "Organization", "new")
        assert version is not None
        assert reader.codec.version == 1


async def test_a_writer_asks_for_dictionaries_now_and_then_only(
    empty_database: str, keys: Keys
) -> None:
    async with grown(empty_database, keys) as store:
        writer = await open_store(store.pool, keys)
        await add(writer, made("before", 7))  # it has looked on this connection
        assert await trained(store)
        await add(writer, made("soon", 8))
        assert await head_of(store, "soon") == b"\x01" + b"\x28\xb5"


def test_a_body_of_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="codec byte"):
        Codec().unpack(b"\x09abc", b"")


async def test_a_server_without_the_newest_dictionary_is_noticed(
    empty_database: str, keys: Keys
) -> None:
    async with grown(empty_database, keys) as store:
        assert await trained(store)
        await three_times_as_large(store)
        assert await trained(store)
        assert store.codec.version == 2
        # A standby took over that had not heard of the second one; connections are new.
        await store.pool.execute("delete from store.dictionary where version = 2")
        await store.pool.expire_connections()
        await add(store, made("after", 3))
        assert store.codec.version == 1
        assert await head_of(store, "after") == b"\x02\x00\x01"
        found = await read(store, Scope.whole(), "Organization", "after")
        assert found is not None
