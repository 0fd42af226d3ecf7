"""The way of a message against the bare database."""

import asyncio
import hashlib
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bench.measure import Place, Result, rate, result
from minkang.exchange import Inbox, Source, process_waiting, register
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.sources import sources
from minkang.synth import INSTITUTIONS, generate, new_lab_message

_SENDERS = 32
_COUNT = 1_000
_control = itertools.count()


def _messages(count: int) -> list[bytes]:
    region = generate(40, 7, datetime(2026, 11, 1, tzinfo=UTC).date())
    people = [one for one in region.residents if "haibin" in one.numbers]
    start = datetime(2026, 11, 2, tzinfo=UTC)
    return [
        new_lab_message(
            "haibin",
            people[n % len(people)],
            start + timedelta(seconds=n),
            f"B{next(_control)}",
        )
        for n in range(count)
    ]


async def _sources(place: Place) -> dict[str, Source]:
    haibin = INSTITUTIONS["haibin"]
    await register(
        place.store,
        Source(id="haibin", name=haibin.name, organisation=haibin.code, channels=("mllp",)),
    )
    async with place.store.pool.acquire() as connection:
        return await sources(connection)


async def _side_by_side(messages: list[bytes], take: Callable[[bytes], Awaitable[object]]) -> int:
    async def sender(own: list[bytes]) -> None:
        for raw in own:
            await take(raw)

    await asyncio.gather(*(sender(messages[n::_SENDERS]) for n in range(_SENDERS)))
    return len(messages)


async def inbox_keep(place: Place) -> Result:
    """Durable messages a second, 32 senders, looked at at the door and committed in groups.

    Reference: the same senders insert and commit one bare row each.
    """
    pool, known = place.store.pool, await _sources(place)
    await pool.execute("create table bare_inbox (hash bytea primary key, body bytea)")
    inbox = Inbox(place.store)

    async def ours() -> int:
        async def take(raw: bytes) -> object:
            return await inbox.keep(look_at_hl7v2(known, place.keys.id_key, raw).arrival)

        return await _side_by_side(messages.pop(), take)

    async def bare() -> int:
        async def take(raw: bytes) -> object:
            key = hashlib.sha256(raw).digest()
            return await pool.execute("insert into bare_inbox values ($1, $2)", key, raw)

        return await _side_by_side(messages.pop(), take)

    messages = [_messages(_COUNT) for _ in range(6)]
    try:
        reference = await rate(bare)
        return result("inbox_keep", await rate(ours), "messages/s", reference, 0.3)
    finally:
        await inbox.close()


async def message_process(place: Place) -> Result:
    """Messages a second from the inbox into the record; reference: keeping them in the inbox."""
    known = await _sources(place)
    inbox = Inbox(place.store)

    async def keep() -> int:
        async def take(raw: bytes) -> object:
            return await inbox.keep(look_at_hl7v2(known, place.keys.id_key, raw).arrival)

        return await _side_by_side(messages.pop(), take)

    async def process() -> int:
        count = 0
        while count < _COUNT:
            count += (await process_waiting(place.store, place.keys)).messages
        return count

    messages = [_messages(_COUNT) for _ in range(3)]
    rates = []
    kept = []
    try:
        while (await process_waiting(place.store, place.keys)).messages:
            pass
        while messages:
            kept.append(await rate(keep, 1))
            rates.append(await rate(process, 1))
    finally:
        await inbox.close()
    return result("message_process", sorted(rates)[1], "messages/s", sorted(kept)[1], 0.4)
