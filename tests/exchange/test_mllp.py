"""The MLLP listener on a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from minkang.crypto import Keys
from minkang.exchange import Arrival, Inbox, InboxUnavailable
from minkang.exchange.channels.hl7v2_intake import Hl7Intake
from minkang.exchange.channels.mllp import Limits, MllpListener
from minkang.exchange.hl7v2 import frame
from minkang.exchange.pace import Pace
from minkang.store import Pool, Store, open_pool, open_store
from tests.exchange.conftest import Exchange
from tests.exchange.messages import adt, oru

LIMIT = 200_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port(exchange: Exchange) -> AsyncIterator[int]:
    intake = Hl7Intake(exchange.inbox, exchange.keys.id_key, exchange.sources, Pace())
    listener = MllpListener(intake, Limits(message_bytes=LIMIT))
    yield await listener.start("127.0.0.1", 0)
    await listener.stop()


async def talk(port: int, *chunks: bytes, answers: int = 1) -> list[bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0.01)
    found = [await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10) for _ in range(answers)]
    writer.close()
    return found


def code(answer: bytes) -> str:
    line = next(line for line in answer.split(b"\r") if line.startswith(b"MSA"))
    return line.split(b"|")[1].decode()


async def count(exchange: Exchange, control_id: str, state: str) -> int:
    return int(
        await exchange.store.pool.fetchval(
            "select count(*) from exchange.message where control_id = $1 and state = $2",
            control_id,
            state,
        )
    )


async def test_an_accepted_message_is_in_the_inbox_when_the_answer_comes(
    exchange: Exchange, port: int
) -> None:
    (answer,) = await talk(port, frame(adt(control="m1")))
    assert code(answer) == "AA"
    assert b"MSA|AA|m1" in answer
    assert await count(exchange, "m1", "waiting") == 1


async def test_a_message_in_pieces_and_two_in_one_piece_are_both_understood(port: int) -> None:
    raw = frame(adt(control="m2"))
    (answer,) = await talk(port, raw[:7], raw[7:90], raw[90:])
    assert b"|m2" in answer
    both = await talk(port, frame(adt(control="m3")) + frame(oru(control="m4")), answers=2)
    assert [b"|m3" in both[0], b"|m4" in both[1]] == [True, True]


async def test_gb18030_is_answered_in_gb18030(port: int) -> None:
    raw = adt(control="m5", charset="GB18030", diagnosis="DG1|1|||", visit="VM5")
    (answer,) = await talk(port, frame(raw))
    assert code(answer) == "AE"
    assert "缺少诊断编码和名称".encode("gb18030") in answer


async def test_content_that_is_wrong_gets_ae_with_the_place_and_lies_in_quarantine(
    exchange: Exchange, port: int
) -> None:
    (answer,) = await talk(port, frame(oru(control="m6", value="abc")))
    assert code(answer) == "AE"
    assert b"ERR|OBX^1^5^102&number&HL70357|OBX^1^5^1|102^number^HL70357|E" in answer
    assert await count(exchange, "m6", "quarantined") == 1


async def test_garbage_gets_ar_and_a_place_in_quarantine(exchange: Exchange, port: int) -> None:
    for garbage in (b"\x0bGET / HTTP/1.1\x1c\r", b"\x0b\x1c\r", b"\x0b\x00\xff\xfe\x1c\r"):
        (answer,) = await talk(port, garbage)
        assert code(answer) == "AR"
    kinds = await exchange.store.pool.fetch(
        """select kind from exchange.message m join exchange.problem p on p.message = m.id
           where p.rule = 'no-header'"""
    )
    assert len(kinds) == 3


async def test_a_message_with_nul_in_its_header_is_kept_like_any_other(
    exchange: Exchange, port: int
) -> None:
    """No text column holds NUL; refusing it would have the sender try for ever."""
    nul = [
        oru(control="n\x00ul", report="LNUL1"),
        oru(control="nul2", report="LNUL2").replace(b"ORU^R01", b"ORU^R\x0001", 1),
        oru(control="nul3", report="LNUL3").replace(b"|haibin|", b"|hai\x00bin|", 1),
    ]
    answers = await talk(port, *map(frame, nul), answers=3)
    assert [code(answer) for answer in answers] == ["AA", "AA", "AR"]
    assert not any(b"unavailable" in answer for answer in answers)
    assert await count(exchange, "n\ufffdul", "waiting") == 1
    assert await count(exchange, "nul2", "waiting") == 1
    assert await count(exchange, "nul3", "quarantined") == 1


async def test_an_arrival_that_breaks_the_inbox_does_not_stop_it(exchange: Exchange) -> None:
    broken = Arrival("haibin", "mllp", "?", "broken", "no bytes")  # type: ignore[arg-type]
    with pytest.raises(InboxUnavailable):
        await exchange.inbox.keep(broken)
    kept = await asyncio.wait_for(
        exchange.inbox.keep(Arrival("haibin", "mllp", "?", "after", b"MSH|after")), 10
    )
    assert not kept.repeated


async def test_a_cut_connection_leaves_what_came_in_quarantine(
    exchange: Exchange, port: int
) -> None:
    await talk(port, frame(adt(control="m7"))[:120], answers=0)
    for _ in range(100):
        if await count(exchange, "m7", "quarantined"):
            break
        await asyncio.sleep(0.02)
    assert await count(exchange, "m7", "quarantined") == 1


async def test_a_huge_message_is_refused_and_its_beginning_kept(
    exchange: Exchange, port: int
) -> None:
    raw = oru(control="m8", extra="NTE|1||" + "x" * (LIMIT + 10))
    (answer,) = await talk(port, b"\x0b" + raw)
    assert code(answer) == "AR"
    assert b"too-large" in answer
    assert await count(exchange, "m8", "quarantined") == 1


async def test_a_message_sent_again_is_acknowledged_again_but_kept_once(
    exchange: Exchange, port: int
) -> None:
    raw = frame(adt(control="m9"))
    answers = await talk(port, raw, raw, raw, answers=3)
    assert [code(answer) for answer in answers] == ["AA"] * 3
    assert await count(exchange, "m9", "waiting") == 1


async def test_nothing_is_acknowledged_that_could_not_be_kept(
    database_url: str, keys: Keys, exchange: Exchange
) -> None:
    pool: Pool = await open_pool(database_url, maximum=2)
    store: Store = await open_store(pool, keys)
    inbox = Inbox(store)
    intake = Hl7Intake(inbox, keys.id_key, exchange.sources, Pace())
    listener = MllpListener(intake, Limits(message_bytes=LIMIT))
    port = await listener.start("127.0.0.1", 0)
    await pool.close()
    (answer,) = await talk(port, frame(adt(control="m10")))
    assert code(answer) == "AE"
    assert b"unavailable" in answer
    assert await count(exchange, "m10", "waiting") == 0
    await listener.stop()
    await inbox.close()


async def test_a_message_with_nul_bytes_harms_nobody_else(exchange: Exchange, port: int) -> None:
    hostile = adt(control="z\x001", visit="VZ").replace("欧阳小明".encode(), b"\x00\x00")
    answers = await asyncio.gather(
        talk(port, frame(hostile)), talk(port, frame(oru(control="z2", report="LZ2")))
    )
    assert [code(one) for (one,) in answers] == ["AA", "AA"]
    assert await count(exchange, "z\ufffd1", "waiting") == 1
    await exchange.process()
    assert await count(exchange, "z2", "stored") == 1


async def test_many_connections_at_once(exchange: Exchange, port: int) -> None:
    async def one(number: int) -> str:
        raw = frame(oru(control=f"n{number}", report=f"LN{number}"))
        return code((await talk(port, raw))[0])

    assert set(await asyncio.gather(*(one(number) for number in range(80)))) == {"AA"}
