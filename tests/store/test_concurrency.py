"""Many writers at once: nothing is lost, nothing is made twice, nothing half done stays."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from asyncpg import DivisionByZeroError

from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.fhir.search_syntax import parse_search
from minkang.store import (
    Change,
    Connection,
    Scope,
    Store,
    find,
    history,
    lock_criteria,
    lock_current,
    open_pool,
    open_store,
    read,
    write,
)

WHOLE = Scope.whole()
PATIENCE = 50
"""Seconds after which writers are taken to wait for each other for good."""


def counter(one: str, number: int) -> Resource:
    return {"resourceType": "Basic", "id": one, "code": {"text": str(number)}}


def observation(one: str, system: str, code: str = "c", unit: str = "mg") -> Resource:
    return {
        "resourceType": "Observation",
        "id": one,
        "status": "final",
        "code": {"coding": [{"system": system, "code": code}]},
        "valueQuantity": {"value": 1, "unit": unit, "system": "urn:units", "code": unit},
    }


async def put(store: Store, *changes: Change) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, changes)


async def ids_found(store: Store, text: str, connection: "Connection | None" = None) -> list[str]:
    kind, _, query = text.partition("?")
    name, _, value = query.partition("=")
    search = parse_search((kind,), [(name, value), ("_count", "1000")])
    found = await find(store, WHOLE, search, connection=connection)
    return sorted(one.id for one in found.matches)


@pytest_asyncio.fixture(loop_scope="session")
async def second(database_url: str, keys: Keys) -> AsyncIterator[Store]:
    """Another store over the same database, as another process has it."""
    pool = await open_pool(database_url)
    yield await open_store(pool, keys)
    await pool.close()


async def add_one(store: Store, one: str, random: Random) -> bool:
    """Add one to a counter, if nobody did so since it was read."""
    seen = await read(store, WHOLE, "Basic", one)
    assert seen is not None
    await asyncio.sleep(random.random() / 100)
    async with store.pool.acquire() as connection, connection.transaction():
        locked = await lock_current(store, connection, [("Basic", one)])
        if locked.current["Basic", one].version != seen.version:
            return False
        number = int(seen.resource["code"]["text"]) + 1
        await write(store, connection, [Change(counter(one, number), "h1")], locked)
    return True


async def test_updates_of_a_version_read_before_lose_none(store: Store, second: Store) -> None:
    names = ["n1", "n2", "n3"]
    await put(store, *(Change(counter(one, 0), "h1") for one in names))

    async def writer(number: int) -> list[str]:
        random = Random(number)
        own = (store, second)[number % 2]
        tries = [random.choice(names) for _ in range(15)]
        return [one for one in tries if await add_one(own, one, random)]

    done = await asyncio.gather(*(writer(number) for number in range(8)))
    added = [one for some in done for one in some]
    assert len(added) > len(names)
    for one in names:
        made = added.count(one)
        last = await read(second, WHOLE, "Basic", one)
        assert last is not None
        assert int(last.resource["code"]["text"]) == made
        versions = [version.version for version in await history(store, WHOLE, "Basic", one)]
        assert versions == list(range(made + 1, 0, -1))


async def test_equal_conditional_creates_make_one(store: Store, second: Store) -> None:
    async def create(number: int) -> str:
        own = (store, second)[number % 2]
        async with own.pool.acquire() as connection, connection.transaction():
            await lock_criteria(connection, ["Observation?code=urn:once|once"])
            there = await ids_found(own, "Observation?code=urn:once|once", connection)
            if there:
                return there[0]
            made = observation(f"once-{number}", "urn:once", "once")
            await write(own, connection, [Change(made, "h1")])
            return str(made["id"])

    found = await asyncio.gather(*(create(number) for number in range(10)))
    assert len(set(found)) == 1
    assert await ids_found(store, "Observation?code=urn:once|once") == [found[0]]


async def test_criteria_in_any_order_do_not_wait_in_a_circle(store: Store) -> None:
    texts = [f"Patient?identifier={n}" for n in range(6)]

    async def lock(seed: int) -> None:
        async with store.pool.acquire() as connection, connection.transaction():
            await lock_criteria(connection, Random(seed).sample(texts, 4))
            await asyncio.sleep(0.005)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(lock(seed) for seed in range(20)))


async def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of the store."""
    async with store.pool.acquire() as connection:
        names = await connection.fetch(
            """select c.relname from pg_class c
               where relnamespace = 'store'::regnamespace and c.relkind = 'r'"""
        )
        return {
            name: [
                tuple(row) for row in await connection.fetch(f"select t::text from store.{name} t")
            ]
            for (name,) in names
        }


class Stopped(Exception):  # noqa: N818 - it stops a transaction
    """What a test raises in the middle."""


async def half_done(store: Store, connection: Connection) -> None:
    """A write of three kinds that succeeds; its transaction still has to."""
    changes = [
        Change(observation("f1", "urn:never", "d", "unheard"), "h2"),
        Change(observation("f2", "urn:f"), "h1", deleted=True),
        Change(observation("f3", "urn:never"), "h1"),
    ]
    await write(store, connection, changes)
    assert await ids_found(store, "Observation?code=d", connection) == ["f1"]


async def stopped(store: Store) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await half_done(store, connection)
        raise Stopped


async def refused(store: Store) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await half_done(store, connection)
        await write(store, connection, [Change(observation("not an id", "urn:f"), "h1")])


async def failing_statement(store: Store) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await half_done(store, connection)
        await connection.execute("select 1 / 0")


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    await put(store, Change(observation("f1", "urn:f"), "h1"))
    await put(store, Change(observation("f2", "urn:f"), "h1"))
    before = await everything(store)
    with pytest.raises(Stopped):
        await stopped(store)
    with pytest.raises(ValueError, match="not a FHIR id"):
        await refused(store)
    with pytest.raises(DivisionByZeroError):
        await failing_statement(store)
    assert await everything(store) == before
    # What the failed one had seen is not taken for known.
    await put(store, Change(observation("f1", "urn:never", "d", "unheard"), "h2"))
    assert await ids_found(store, "Observation?code=d") == ["f1"]
    assert await ids_found(store, "Observation?value-quantity=1||unheard") == ["f1"]


async def test_two_stores_on_one_database_are_one(store: Store, second: Store) -> None:
    await put(store, Change(observation("s1", "urn:first", "both", "drop"), "h1"))
    await put(second, Change(observation("s2", "urn:second", "both", "drop"), "h1"))
    await put(second, Change(observation("s3", "urn:first", "both", "spoon"), "h1"))
    await put(store, Change(observation("s4", "urn:second", "both", "spoon"), "h1"))
    for own in (store, second):
        assert await ids_found(own, "Observation?code=both") == ["s1", "s2", "s3", "s4"]
        assert await ids_found(own, "Observation?value-quantity=1||spoon") == ["s3", "s4"]
        assert await ids_found(own, "Observation?value-quantity=1||drop") == ["s1", "s2"]
    await put(second, Change(observation("s1", "urn:second", "other", "spoon"), "h1"))
    for own in (store, second):
        assert await ids_found(own, "Observation?code=both") == ["s2", "s3", "s4"]
        assert await ids_found(own, "Observation?code=other") == ["s1"]


async def test_writers_of_the_same_new_systems_do_not_wait_in_a_circle(
    store: Store, second: Store
) -> None:
    async def writer(number: int) -> None:
        random = Random(number)
        systems = random.sample(range(30), 30)
        made = [observation(f"w{number}-{n}", f"urn:new-{n}", "new", f"u{n}") for n in systems]
        await put((store, second)[number % 2], *(Change(one, "h1") for one in made))

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(writer(number) for number in range(10)))
    assert len(await ids_found(store, "Observation?code=new")) == 300


async def test_a_large_write_beside_small_ones_does_not_dead_lock(
    store: Store, second: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("minkang.store.write"), "_MANY_LOCKS", 1_000)
    names = [f"l{n}" for n in range(1_300)]

    async def write_all(own: Store, number: int, some: Sequence[str]) -> None:
        await put(own, *(Change(counter(one, number), "h1") for one in some))

    async def small(seed: int) -> None:
        random = Random(seed)
        for number in range(5):
            own = random.choice((store, second))
            await write_all(own, 1_000 * seed + number, random.sample(names, 20))

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(
            *(small(seed) for seed in range(1, 7)),
            write_all(store, 100_000, names),
            write_all(second, 200_000, list(reversed(names))),
        )
    for one in names[:100]:
        versions = [version.version for version in await history(store, WHOLE, "Basic", one)]
        assert versions == list(range(len(versions), 0, -1))
        assert len(versions) >= 2
