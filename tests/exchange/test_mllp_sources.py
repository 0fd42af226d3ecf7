"""What a source may do at the MLLP listener: from where, whether at all, how fast."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from minkang.exchange.channels.hl7v2_intake import Hl7Intake
from minkang.exchange.channels.mllp import Limits, MllpListener
from minkang.exchange.hl7v2 import frame
from minkang.exchange.pace import Pace
from tests.exchange.conftest import HAIBIN, Exchange
from tests.exchange.messages import adt
from tests.exchange.test_mllp import code, count, talk


@asynccontextmanager
async def listening(exchange: Exchange, **limits: Any) -> AsyncIterator[int]:
    """A listener to which the source has these limits."""
    source = msgspec.structs.replace(HAIBIN, **limits)
    intake = Hl7Intake(exchange.inbox, exchange.keys.id_key, {source.id: source}, Pace())
    listener = MllpListener(intake, Limits(message_bytes=100_000))
    try:
        yield await listener.start("127.0.0.1", 0)
    finally:
        await listener.stop()


async def answers(exchange: Exchange, control: str, many: int = 1, **limits: Any) -> list[bytes]:
    async with listening(exchange, **limits) as port:
        return await talk(port, *several(control, many), answers=many)


def several(control: str, many: int) -> list[bytes]:
    return [frame(adt(control=f"{control}{n}", visit=f"{control}{n}")) for n in range(many)]


async def test_from_another_address_it_is_refused_and_kept(exchange: Exchange) -> None:
    (answer,) = await answers(exchange, "ad", addresses=("10.1.2.0/24",))
    assert (code(answer), b"wrong-address" in answer) == ("AR", True)
    assert await count(exchange, "ad0", "quarantined") == 1
    (answer,) = await answers(exchange, "ae", addresses=("10.1.2.0/24", "127.0.0.1"))
    assert code(answer) == "AA"


async def test_a_source_that_is_switched_off_is_told_so(exchange: Exchange) -> None:
    (answer,) = await answers(exchange, "of", enabled=False)
    assert (code(answer), b"source-disabled" in answer) == ("AR", True)
    assert await count(exchange, "of0", "quarantined") == 1


async def test_a_source_that_is_too_fast_waits_for_its_answer(exchange: Exchange) -> None:
    """No error, nothing kept before its time: the sender's own queue grows, not ours."""
    found = await answers(exchange, "pa", many=4, messages_per_minute=600)
    assert [code(one) for one in found] == ["AA"] * 4
    async with listening(exchange, messages_per_minute=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for raw in several("pb", 2):
            writer.write(raw)
            await writer.drain()
            await asyncio.sleep(0.1)
        assert code(await reader.readuntil(b"\x1c\r")) == "AA"
        assert [await count(exchange, f"pb{n}", "waiting") for n in range(2)] == [1, 0]
        writer.close()
