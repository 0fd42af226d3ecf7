"""Bodies are sealed for their row: out comes what went in, or an error that names the row."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from minkang.app import PACKAGES
from minkang.crypto import KeyFilesMissing, Keys, SealBroken, load_keys
from minkang.crypto.wrapping import make_next_key, take_next_key
from minkang.fhir import Resource
from minkang.store import Change, Scope, Store, changes, migrate, open_pool, open_store, read, write
from minkang.store.codec import train_if_due
from minkang.store.data_keys import (
    BLOCK,
    DUE_BLOCKS,
    MOST_BLOCKS,
    KeyInUse,
    data_keys,
    destroy_data_key,
    make_data_key,
    rewrap_data_keys,
    rotate_if_due,
)
from minkang.store.feed import start
from minkang.store.read import history
from minkang.store.reseal import (
    HISTORY,
    RESOURCES,
    keys_in_use,
    reseal_dictionaries,
    reseal_some,
    resealing,
)
from minkang.store.vault import KeyExhausted

NAME = "须封存的名字"


def made(one: str, text: str = NAME) -> Resource:
    return {"resourceType": "Organization", "id": one, "name": text, "alias": [text] * 9}


@asynccontextmanager
async def opened(url: str, keys: Keys) -> AsyncIterator[Store]:
    await migrate(url, PACKAGES)
    pool = await open_pool(url, maximum=4)
    try:
        yield await open_store(pool, keys)
    finally:
        pool.terminate()


@pytest.fixture
def own(tmp_path: Path) -> Keys:
    """Keys that a test may change."""
    return load_keys(tmp_path / "keys", create=True)


async def add(store: Store, *resources: Resource) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h") for one in resources])


async def next_key(store: Store, keys: Keys) -> int:
    assert keys.wrapping is not None
    async with store.pool.acquire() as connection:
        version = await make_data_key(connection, keys.wrapping)
        await store.codec.load(connection)
    return version


async def heads(store: Store, table: str = "store.resource") -> set[bytes]:
    rows = await store.pool.fetch(f"select distinct substr(body, 1, 3) as head from {table}")
    return {row["head"] for row in rows}


async def name_of(store: Store, one: str) -> str:
    version = await read(store, Scope.whole(), "Organization", one)
    assert version is not None
    return str(version.resource["name"])


async def reseal(store: Store) -> None:
    for area in (RESOURCES, HISTORY):
        while await reseal_some(store, area, window=7):
            pass


async def test_old_and_new_bodies_are_read_and_sealed_anew_and_the_feed_tells_nobody(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await add(store, *(made(f"a{number}") for number in range(20)))
        await add(store, *(made(f"a{number}", "改后") for number in range(5)))
        assert await next_key(store, own) == 1
        await add(store, *(made(f"b{number}") for number in range(20)), made("a7", "再改"))
        assert await next_key(store, own) == 2
        await add(store, made("c1"))
        kinds = {head[:1] for head in await heads(store)}
        assert kinds == {b"\x01", b"\x03"}
        async with store.pool.acquire() as connection:
            before = await changes(store, connection, Scope.whole(), await start(connection))
            assert await keys_in_use(connection, RESOURCES) == {0, 1, 2}
        await reseal(store)
        assert await heads(store) == await heads(store, "store.history") == {b"\x03\x00\x02"}
        async with store.pool.acquire() as connection:
            after = await changes(store, connection, Scope.whole(), before.position)
            assert after.versions == ()
            assert await keys_in_use(connection, RESOURCES) == {2}
            done = {one.area: one for one in await resealing(connection)}
        assert done["resource"].changed == 40
        assert done["history"].changed == 6
        assert done["resource"].finished
        # Another process, from what lies in the database alone.
        async with opened(empty_database, own) as other:
            assert [await name_of(other, one) for one in ("a1", "a7", "b1", "c1")] == [
                "改后",
                "再改",
                NAME,
                NAME,
            ]
            versions = await history(other, Scope.whole(), "Organization", "a1")
            assert [one.resource["name"] for one in versions] == ["改后", NAME]


async def test_no_text_of_a_body_lies_in_its_row(empty_database: str, own: Keys) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await add(store, made("x", "A" * 40))
        body = await store.pool.fetchval("select body from store.resource")
        assert b"AAAA" not in body
        assert b"Organization" not in body


async def test_bodies_that_change_rows_or_bits_are_refused_by_name(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await add(store, made("one"), made("two", "另一个"))
        await store.pool.execute(
            """update store.resource r set body = o.body from store.resource o
               where r.id = 'one' and o.id = 'two'"""
        )
        with pytest.raises(SealBroken, match="Organization/one version 1"):
            await read(store, Scope.whole(), "Organization", "one")
        assert await name_of(store, "two") == "另一个"
        await store.pool.execute(
            """update store.resource set body = set_byte(body, 25, 255 - get_byte(body, 25))
               where id = 'two'"""
        )
        with pytest.raises(SealBroken, match="Organization/two version 1"):
            await read(store, Scope.whole(), "Organization", "two")


async def test_a_former_version_can_not_stand_in_for_the_current_one(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await add(store, made("one", "从前"))
        await add(store, made("one", "现在"))
        await store.pool.execute(
            "update store.resource r set body = h.body from store.history h where h.id = r.id"
        )
        with pytest.raises(SealBroken, match="Organization/one version 2"):
            await read(store, Scope.whole(), "Organization", "one")


async def test_other_processes_take_the_next_key(
    empty_database: str, own: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        monkeypatch.setattr("minkang.store.codec._LOOK_SECONDS", 0.0)
        writer = await open_store(store.pool, own)
        await next_key(store, own)
        await add(writer, made("new"))
        assert await heads(store) == {b"\x03\x00\x02"}


async def test_a_reader_hears_of_a_key_from_the_body_that_needs_it(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        reader = await open_store(store.pool, own)
        await next_key(store, own)
        await add(store, made("new"))
        assert reader.codec.vault.version == 0
        assert await name_of(reader, "new") == NAME


async def test_without_the_envelope_key_nothing_is_opened_and_the_error_says_so(
    empty_database: str, own: Keys, tmp_path: Path
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        (tmp_path / "keys" / "envelope.key").unlink()
        with pytest.raises(KeyFilesMissing, match="no envelope key of fingerprint"):
            await open_store(store.pool, own)


async def test_data_keys_are_wrapped_anew_and_no_body_is_touched(
    empty_database: str, own: Keys, tmp_path: Path
) -> None:
    assert own.wrapping is not None
    async with opened(empty_database, own) as store:
        for one in ("a", "b"):
            await next_key(store, own)
            await add(store, made(one))
        before = await store.pool.fetch("select id, body from store.resource order by id")
        make_next_key(tmp_path / "keys")
        take_next_key(tmp_path / "keys")
        async with store.pool.acquire() as connection:
            assert await rewrap_data_keys(connection, own.wrapping) == 2
            assert await rewrap_data_keys(connection, own.wrapping) == 0
        (tmp_path / "keys" / "envelope.previous.key").unlink()
        assert before == await store.pool.fetch("select id, body from store.resource order by id")
        other = await open_store(store.pool, own)
        assert [await name_of(other, one) for one in ("a", "b")] == [NAME, NAME]


async def test_a_key_is_destroyed_only_when_it_seals_no_more_and_then_for_good(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await add(store, made("old"))
        async with store.pool.acquire() as connection:
            with pytest.raises(KeyInUse, match="data key 1 seals"):
                await destroy_data_key(connection, 1, timedelta(0))
        await next_key(store, own)
        async with store.pool.acquire() as connection:
            with pytest.raises(KeyInUse, match="ago"):
                await destroy_data_key(connection, 1, timedelta(hours=1))
            await destroy_data_key(connection, 1, timedelta(0))
        other = await open_store(store.pool, own)
        with pytest.raises(SealBroken, match="Organization/old version 1: data key 1 is not here"):
            await read(other, Scope.whole(), "Organization", "old")


async def test_sealings_are_taken_before_they_are_used_and_end_in_time(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        with pytest.raises(KeyExhausted):
            store.codec.pack(b"x", b"y")
        await add(store, made("one"))
        async with store.pool.acquire() as connection:
            (key,) = await data_keys(connection)
            assert key.sealings >= BLOCK
            assert await rotate_if_due(connection, own.wrapping) is None
            await connection.execute("select setval('store.seal_block', $1)", MOST_BLOCKS + 5)
        fresh = await open_store(store.pool, own)
        with pytest.raises(KeyExhausted, match="keys rotate"):
            await add(fresh, made("two"))
        async with store.pool.acquire() as connection:
            await connection.execute("select setval('store.seal_block', $1)", DUE_BLOCKS + 5)
            assert await rotate_if_due(connection, own.wrapping) == 2
            assert await rotate_if_due(connection, own.wrapping) is None


async def test_dictionaries_are_sealed_and_sealed_anew(empty_database: str, own: Keys) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await add(store, *(made(f"d{number}", f"{NAME}{number}") for number in range(1_100)))
        async with store.pool.acquire() as connection:
            assert await train_if_due(connection, store.codec)
        await add(store, made("by"))
        await next_key(store, own)
        assert await reseal_dictionaries(store) == 1
        assert await reseal_dictionaries(store) == 0
        content = await store.pool.fetchval("select content from store.dictionary")
        assert content[:2] == b"\x00\x02"
        assert NAME.encode() not in content
        assert await name_of(await open_store(store.pool, own), "by") == NAME


async def test_dictionaries_that_another_process_has_sealed_under_its_new_key(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await add(store, *(made(f"d{number}", f"{NAME}{number}") for number in range(1_100)))
        async with store.pool.acquire() as connection:
            assert await train_if_due(connection, store.codec)
        await reseal_dictionaries(store)
        other = await open_store(store.pool, own)
        await next_key(other, own)
        assert await reseal_dictionaries(other) == 1
        assert await reseal_dictionaries(store) == 0


async def test_a_server_without_the_newest_key_is_noticed(empty_database: str, own: Keys) -> None:
    async with opened(empty_database, own) as store:
        await next_key(store, own)
        await next_key(store, own)
        assert store.codec.vault.version == 2
        # A standby took over that had not heard of the second key; connections are new.
        await store.pool.execute("delete from store.data_key where version = 2")
        await store.pool.execute("update store.data_key set retired = null where version = 1")
        await store.pool.expire_connections()
        await add(store, made("after"))
        assert await heads(store) == {b"\x03\x00\x01"}
        assert await name_of(await open_store(store.pool, own), "after") == NAME


_RESEALS = """
import asyncio, sys
from pathlib import Path
from minkang.crypto import load_keys
from minkang.store import open_pool, open_store
from minkang.store.reseal import RESOURCES, reseal_some

async def main():
    keys = load_keys(Path(sys.argv[2]), create=False)
    store = await open_store(await open_pool(sys.argv[1]), keys)
    while await reseal_some(store, RESOURCES, window=3):
        print("some", flush=True)

asyncio.run(main())
"""


async def test_who_is_killed_while_sealing_anew_loses_nothing_and_goes_on(
    empty_database: str, own: Keys, tmp_path: Path
) -> None:
    async with opened(empty_database, own) as store:
        await add(store, *(made(f"k{number}", f"{NAME}{number}") for number in range(120)))
        await next_key(store, own)
        process = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-c", _RESEALS, empty_database, str(tmp_path / "keys")],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        for _ in range(6):
            assert await asyncio.to_thread(process.stdout.readline) == b"some\n"
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        process.stdout.close()
        assert await heads(store) > {b"\x03\x00\x01"}
        for number in range(120):
            assert await name_of(store, f"k{number}") == f"{NAME}{number}"
        await reseal(store)
        assert await heads(store) == {b"\x03\x00\x01"}
        for number in range(120):
            assert await name_of(store, f"k{number}") == f"{NAME}{number}"


async def test_sealing_anew_never_waits_for_a_writer_and_finds_the_row_later(
    empty_database: str, own: Keys
) -> None:
    async with opened(empty_database, own) as store:
        await add(store, made("held"), made("free"))
        await next_key(store, own)
        async with store.pool.acquire() as connection:
            holding = connection.transaction()
            await holding.start()
            await connection.execute("select from store.resource where id = 'held' for update")
            assert await reseal_some(store, RESOURCES)
            assert len(await heads(store)) == 2
            await holding.rollback()
        await reseal(store)
        assert await heads(store) == {b"\x03\x00\x01"}
