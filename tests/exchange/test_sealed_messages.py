"""Messages lie sealed in the inbox; one that was changed there is put aside, and never stored."""

import pytest

from minkang.crypto import SealBroken
from minkang.exchange.log import detail
from tests.exchange.conftest import Exchange
from tests.exchange.messages import PID, oru


def pid(number: str) -> str:
    return PID.replace("P001", number)


async def test_a_message_lies_sealed_and_is_shown_as_it_came(exchange: Exchange) -> None:
    raw = oru(pid=pid("S1"), report="S1")
    (kept,) = await exchange.send(raw)
    pool = exchange.store.pool
    body = await pool.fetchval("select body from exchange.message where id = $1", kept.id)
    assert body[:1] == b"\x03"
    assert b"PID" not in body
    async with pool.acquire() as connection:
        found = await detail(exchange.store, connection, kept.id)
    assert found is not None
    assert found.raw == raw


async def test_messages_can_not_change_places_and_a_changed_one_is_put_aside(
    exchange: Exchange,
) -> None:
    one, other = await exchange.send(
        oru(pid=pid("S2"), report="S2", control="s2"), oru(pid=pid("S3"), report="S3", control="s3")
    )
    pool = exchange.store.pool
    await pool.execute(
        """update exchange.message m set body = o.body from exchange.message o
           where m.id = $1 and o.id = $2""",
        one.id,
        other.id,
    )
    async with pool.acquire() as connection:
        with pytest.raises(SealBroken):
            await detail(exchange.store, connection, one.id)
    for _ in range(8):
        await exchange.process()
    assert await exchange.state(one.id) == "quarantined"
    assert await exchange.rules(one.id) == [("-", "internal-error")]
    assert await exchange.state(other.id) == "stored"
