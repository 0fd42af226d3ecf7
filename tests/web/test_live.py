"""An open page is told of everything since it was read, and of nothing else."""

import asyncio

from minkang.store import Change, write
from minkang.web import Web


async def arrives(web: Web, name: str, patient: str) -> None:
    observation = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"text": "血糖"},
        "subject": {"reference": f"Patient/{patient}"},
    }
    async with web.store.pool.acquire() as connection, connection.transaction():
        await write(web.store, connection, [Change(observation, "MKTEST")])


async def test_what_arrived_between_reading_and_connecting_is_told_at_once(web: Web) -> None:
    mark = await web.live.mark()
    await arrives(web, "live-1", "one")
    async with web.live.watch(frozenset(["one"]), mark) as changed:
        assert changed.is_set()
    async with web.live.watch(frozenset(["two"]), mark) as changed:
        assert not changed.is_set()


async def test_what_was_there_before_is_no_news_and_what_comes_then_is(web: Web) -> None:
    await arrives(web, "live-2", "three")
    async with web.live.watch(frozenset(["three"]), await web.live.mark()) as changed:
        assert not changed.is_set()
        await arrives(web, "live-3", "three")
        await asyncio.wait_for(changed.wait(), 10)


async def test_a_mark_that_means_nothing_counts_as_old(web: Web) -> None:
    for mark in ("", "x", "0.1", "1.", "1.-1", "1." + "9" * 40, "1.' or 1=1"):
        async with web.live.watch(frozenset(["four"]), mark) as changed:
            assert changed.is_set(), mark
