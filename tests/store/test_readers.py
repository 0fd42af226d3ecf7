"""Connections handed from reader to reader: all get one, none is lost, the pool has them back."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from minkang.store import Pool, open_pool
from minkang.store.readers import Readers


@pytest_asyncio.fixture
async def few(database_url: str) -> AsyncIterator[Pool]:
    """A pool of four connections: two for readers, two left to others."""
    made = await open_pool(database_url, maximum=4)
    yield made
    await asyncio.wait_for(made.close(), 10)


async def number(readers: Readers) -> int:
    async with readers.lent() as connection:
        found: int = await connection.fetchval("select pg_backend_pid()")
        return found


async def test_many_readers_share_few_connections(few: Pool) -> None:
    readers = Readers(few)
    backends = await asyncio.gather(*(number(readers) for _ in range(50)))
    assert len(set(backends)) <= 2


async def test_what_is_kept_goes_back_to_the_pool(few: Pool) -> None:
    readers = Readers(few)
    await asyncio.gather(*(number(readers) for _ in range(10)))
    held = [await asyncio.wait_for(few.acquire(), 5) for _ in range(4)]
    for one in held:
        await few.release(one)


async def test_a_failed_query_harms_no_reader_after_it(few: Pool) -> None:
    readers = Readers(few)
    for _ in range(5):
        with pytest.raises(asyncpg.PostgresError):
            async with readers.lent() as connection:
                await connection.fetchval("select 1 / 0")
    with pytest.raises(TimeoutError):
        async with readers.lent() as connection:
            await connection.fetchval("select pg_sleep(5)", timeout=0.05)
    assert len(set(await asyncio.gather(*(number(readers) for _ in range(9))))) <= 2


async def test_a_connection_that_was_lost_is_replaced(few: Pool) -> None:
    readers = Readers(few)
    lost = await number(readers)
    await few.execute("select pg_terminate_backend($1)", lost)
    await asyncio.sleep(0.02)
    assert await number(readers) != lost


async def test_who_gives_up_waiting_takes_nothing_along(few: Pool) -> None:
    readers = Readers(few)
    release = asyncio.Event()

    async def hold() -> None:
        async with readers.lent():
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(number(readers)) for _ in range(6)]
    await asyncio.sleep(0.02)
    release.set()
    await holders[0]
    for one in waiting[:5]:
        one.cancel()  # some have been handed a connection in this very moment
    assert await asyncio.wait_for(waiting[5], 5) > 0
    await holders[1]
    assert len(set(await asyncio.gather(*(number(readers) for _ in range(9))))) <= 2


async def test_without_a_server_all_who_wait_learn_it() -> None:
    class Gone:
        def get_max_size(self) -> int:
            return 3

        async def acquire(self) -> None:
            await asyncio.sleep(0.01)
            raise OSError("gone")

    readers = Readers(Gone())  # type: ignore[arg-type]
    answers = await asyncio.gather(*(number(readers) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, OSError) for one in answers)
