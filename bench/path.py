"""The way of a message against the bare database."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from bench.intake import haibin
from bench.measure import Place, Result, rate, result
from bench.region import lab_messages
from minkang.exchange import Inbox
from minkang.exchange.channels.door import look_at_hl7v2

_SENDERS = 32
_COUNT = 1_000


async def side_by_side(messages: list[bytes], take: Callable[[bytes], Awaitable[object]]) -> int:
    """Let some senders take messages in turn; gives how many there were."""

    async def sender(own: list[bytes]) -> None:
        for raw in own:
            await take(raw)

    await asyncio.gather(*(sender(messages[n::_SENDERS]) for n in range(_SENDERS)))
    return len(messages)


async def inbox_keep(place: Place) -> Result:
    """Durable messages a second, 32 senders, looked at at the door and committed in groups.

    Reference: the same senders insert and commit one bare row each.
    """
    pool, known = place.store.pool, await haibin(place)
    await pool.execute("create table bare_inbox (hash bytea primary key, body bytea)")
    inbox = Inbox(place.store)

    async def ours() -> int:
        async def take(raw: bytes) -> object:
            return await inbox.keep(look_at_hl7v2(known, place.keys.id_key, raw).arrival)

        return await side_by_side(messages.pop(), take)

    async def bare() -> int:
        async def take(raw: bytes) -> object:
            key = hashlib.sha256(raw).digest()
            return await pool.execute("insert into bare_inbox values ($1, $2)", key, raw)

        return await side_by_side(messages.pop(), take)

    messages = [lab_messages(_COUNT, _COUNT * n) for n in range(6)]
    try:
        reference = await rate(bare)
        return result("inbox_keep", await rate(ours), "messages/s", reference, 0.3)
    finally:
        await inbox.close()
