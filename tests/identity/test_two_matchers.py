"""Two matchers at once make the same Persons as one alone; one that dies leaves nothing half."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from minkang.app import PACKAGES
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow
from minkang.identity.online import register
from minkang.store import Change, Store, migrate, open_pool, open_store
from minkang.store.data_keys import begin_sealing
from minkang.store.terms import resource_hash
from tests.conftest import new_database
from tests.identity.linking import linked, links, number, patient, person_of, put, send

_NAMES = ("高渐离", "高健离", "高离渐", "荆轲", "秦舞阳", "樊於期")


def region(seed: int, size: int) -> list[Resource]:
    """Registrations of few people by many hands: missing, wrong and shared numbers, other names."""
    draw = random.Random(seed)
    made = []
    for at in range(size):
        who = draw.randrange(size // 3)
        birth, sex = f"19{30 + who % 60}-0{1 + who % 9}-1{who % 10}", ("male", "female")[who % 2]
        card: str | None = number(birth, sex, 1 + who % 7)
        if draw.random() < 0.3:
            card = None
        elif draw.random() < 0.1:
            card = number("1990-01-01", "male", 1)
        name = _NAMES[who % len(_NAMES)] if draw.random() < 0.8 else draw.choice(_NAMES)
        phone = f"138000{who:05}" if draw.random() < 0.6 else ""
        made.append(patient(f"z{at}", name, birth, sex, id_number=card, phone=phone))
    return made


def persons(found: dict[str, str]) -> set[frozenset[str]]:
    """Who is together with whom."""
    groups = defaultdict(set)
    for one, person in found.items():
        groups[person].add(one)
    return {frozenset(group) for group in groups.values()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def elsewhere(server_url: str, keys: Keys) -> AsyncIterator[Store]:
    """Another installation with the same keys."""
    url = await asyncio.to_thread(new_database, server_url)
    await migrate(url, PACKAGES)
    pool = await open_pool(url)
    await begin_sealing(url, keys.wrapping)
    yield await open_store(pool, keys)
    pool.terminate()


@pytest_asyncio.fixture(loop_scope="session")
async def second(database_url: str, keys: Keys) -> AsyncIterator[Store]:
    """The same database as another process has it."""
    pool = await open_pool(database_url)
    yield await open_store(pool, keys)
    pool.terminate()


async def test_two_at_once_make_the_persons_of_one_alone(
    store: Store, second: Store, elsewhere: Store, keys: Keys
) -> None:
    everybody = region(20261122, 120)
    for one in everybody:
        await register(elsewhere, keys, [Change(one, "h")])
    halves = everybody[::2], everybody[1::2]

    async def matcher(own: Store, some: list[Resource]) -> None:
        for begin in range(0, len(some), 7):
            await register(own, keys, [Change(one, "h") for one in some[begin : begin + 7]])

    async def follower(own: Store) -> None:
        for _ in range(20):
            await follow(own, keys)
            await asyncio.sleep(0)

    await asyncio.gather(
        matcher(store, halves[0]),
        matcher(second, halves[1]),
        follower(store),
        follower(second),
    )
    await linked(store, keys)
    together, alone = await links(store), await links(elsewhere)
    assert persons(together) == persons(alone)
    assert len(persons(alone)) < len(everybody)
    numbered = {one["id"] for one in everybody if "identifier" in one}
    of_numbers = {one for one in numbered if together[one] == alone[one]}
    # Ids of Persons hang on who came first only where nobody has a number.
    assert len(of_numbers) > 40


async def test_each_person_resource_says_what_the_links_say(store: Store) -> None:
    rows = await store.pool.fetch(
        """select p.person, array_agg(p.patient order by p.patient) as patients
           from identity.link p group by 1"""
    )
    assert rows
    for row in rows[:40]:
        assert await person_of(store, row["patients"][0]) == row["person"]


async def test_a_matcher_that_dies_leaves_nothing_half(
    store: Store, second: Store, keys: Keys
) -> None:
    one = patient("kill-1", "聂政", "1955-05-05")
    await put(store, keys, one)
    home = await person_of(store, "kill-1")
    await send(store, patient("kill-2", "聂政", "1955-05-05"))
    tables = ("feature", "blocking", "edge", "link", "link_history", "review", "link_change")

    async def state() -> list[str]:
        counts = [await store.pool.fetchval(f"select count(*) from identity.{t}") for t in tables]
        change = await store.pool.fetchval("select number from identity.link_change")
        return [*map(str, counts), str(change)]

    before = await state()
    # Somebody else writes this Person: the matcher has made its links, and waits for it.
    async with store.pool.acquire() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("select pg_advisory_xact_lock($1)", resource_hash("Person", home))
        matcher = asyncio.create_task(follow(second, keys))
        waiting = None
        while waiting is None:
            waiting = await store.pool.fetchval(
                """select pid from pg_stat_activity where wait_event_type = 'Lock'
                   and datname = current_database() limit 1"""
            )
            assert not matcher.done()
        await store.pool.execute("select pg_terminate_backend($1)", waiting)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await matcher
        await transaction.rollback()
    assert await state() == before
    await linked(store, keys)
    assert await person_of(store, "kill-2") == home
