"""What the MLLP listener grants, and what it does to those who want more."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from minkang.app.listener import listener_of
from minkang.config import Settings
from minkang.exchange.channels.hl7v2_intake import Hl7Intake
from minkang.exchange.channels.mllp import Limits, MllpListener
from minkang.exchange.channels.mllp_tls import TlsError, tls_context
from minkang.exchange.hl7v2 import frame
from minkang.exchange.pace import Pace
from tests.certificates import Authority
from tests.exchange.conftest import Exchange
from tests.exchange.messages import adt, oru
from tests.exchange.test_mllp import code, count, talk

ROOMY = Limits(message_bytes=1_000_000)


@asynccontextmanager
async def listening(
    exchange: Exchange,
    limits: Limits = ROOMY,
    tls: ssl.SSLContext | None = None,
    *,
    as_asked: bool = True,
) -> AsyncIterator[int]:
    intake = Hl7Intake(
        exchange.inbox, exchange.keys.id_key, exchange.sources, Pace(), as_asked=as_asked
    )
    listener = MllpListener(intake, limits, tls=tls)
    try:
        yield await listener.start("127.0.0.1", 0)
    finally:
        await listener.stop()


async def until_kept(exchange: Exchange, control_id: str, state: str) -> bool:
    for _ in range(200):
        if await count(exchange, control_id, state):
            return True
        await asyncio.sleep(0.02)
    return False


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Everything until the listener closes."""
    return await asyncio.wait_for(reader.read(), 10)


async def test_one_connection_too_many_is_closed_and_the_others_go_on(exchange: Exchange) -> None:
    async with listening(exchange, Limits(message_bytes=100_000, connections=2)) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await rest(reader) == b""
        writer.close()
        own, out = held[0]
        out.write(frame(adt(control="lim1", visit="LIM1")))
        assert code(await asyncio.wait_for(own.readuntil(b"\x1c\r"), 10)) == "AA"
        for _, one in held:
            one.close()
        await asyncio.sleep(0.05)
        (answer,) = await talk(port, frame(adt(control="lim2", visit="LIM2")))
        assert code(answer) == "AA"


async def test_a_silent_connection_is_closed(exchange: Exchange) -> None:
    async with listening(exchange, Limits(message_bytes=100_000, idle_seconds=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await rest(reader) == b""
        writer.close()


async def test_a_slow_sender_is_refused_and_what_came_is_kept(exchange: Exchange) -> None:
    async with listening(exchange, Limits(message_bytes=100_000, frame_seconds=0.3)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        raw = frame(adt(control="slow1", visit="SLOW1"))
        for begin in range(0, 150, 30):
            writer.write(raw[begin : begin + 30])
            await asyncio.sleep(0.02)
        answer = await rest(reader)
        assert b"MSA|AR|slow1" in answer
        assert b"truncated" in answer
        writer.close()
    assert await count(exchange, "slow1", "quarantined") == 1


async def test_a_storm_of_connections_that_break_leaves_the_listener_alive(
    exchange: Exchange,
) -> None:
    async with listening(exchange, Limits(message_bytes=100_000, connections=20)) as port:

        async def break_off(number: int) -> None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(frame(adt(control=f"storm{number}"))[: number % 60])
                writer.transport.abort()
            except OSError:
                pass

        await asyncio.gather(*(break_off(number) for number in range(150)))
        for _ in range(100):
            try:
                (answer,) = await talk(port, frame(adt(control="calm", visit="CALM")))
                break
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.02)
        assert code(answer) == "AA"


async def test_many_messages_in_one_piece_are_answered_in_their_order(exchange: Exchange) -> None:
    raw = b"".join(frame(oru(control=f"pipe{n}", report=f"PIPE{n}")) for n in range(40))
    async with listening(exchange) as port:
        answers = await talk(port, raw, answers=40)
    assert [answer.split(b"MSA|AA|")[1].split(b"\r")[0] for answer in answers] == [
        f"pipe{n}".encode() for n in range(40)
    ]


async def test_a_large_message_does_not_hold_up_the_others(exchange: Exchange) -> None:
    large = oru(control="large", report="LARGE", extra="NTE|1||" + "长" * 100_000)
    async with listening(exchange) as port:
        (first,), (second,) = await asyncio.gather(
            talk(port, frame(large)), talk(port, frame(oru(control="small", report="SMALL")))
        )
    assert (code(first), code(second)) == ("AA", "AA")


def enhanced(control: str, accept: str, application: str, value: str = "5.6") -> bytes:
    raw = oru(control=control, report=control, value=value)
    return raw.replace(b"|P|2.4||||||", f"|P|2.4|||{accept}|{application}||".encode(), 1)


async def test_enhanced_mode_commits_first_and_then_says_what_is_wrong(exchange: Exchange) -> None:
    async with listening(exchange) as port:
        answers = await talk(port, frame(enhanced("enh1", "AL", "AL", "abc")), answers=2)
        assert [code(answer) for answer in answers] == ["CA", "AE"]
        assert b"OBX^1^5" in answers[1]
        (answer,) = await talk(port, frame(enhanced("enh2", "AL", "NE")))
        assert code(answer) == "CA"
        # Nothing is answered to the first, which asks for nothing; it is kept all the same.
        both = frame(enhanced("enh3", "NE", "NE")) + frame(enhanced("enh4", "", ""))
        (answer,) = await talk(port, both)
        assert b"|enh4" in answer
    assert await count(exchange, "enh1", "quarantined") == 1
    assert await count(exchange, "enh3", "waiting") == 1


async def test_the_original_mode_can_be_held_to(exchange: Exchange) -> None:
    async with listening(exchange, as_asked=False) as port:
        (answer,) = await talk(port, frame(enhanced("enh5", "AL", "NE")))
    assert code(answer) == "AA"


async def test_a_batch_is_kept_message_by_message_and_answered_as_one(exchange: Exchange) -> None:
    good, bad = adt(control="bat1", visit="BAT1"), oru(control="bat2", report="B2", value="x")
    raw = b"BHS|^~\\&|haibin|MKHAIBIN|||||||batch1\r" + good + bad + b"BTS|3\r"
    async with listening(exchange) as port:
        (answer,) = await talk(port, frame(raw))
    assert b"MSA|AA|bat1" in answer
    assert b"MSA|AE|bat2" in answer
    assert b"batch-count" in answer
    assert answer.startswith(b"\x0bBHS")
    assert await count(exchange, "bat1", "waiting") == 1
    assert await count(exchange, "bat2", "quarantined") == 1
    assert await count(exchange, "batch1", "quarantined") == 1


async def test_a_batch_of_too_many_messages_is_put_aside_whole(exchange: Exchange) -> None:
    raw = b"BHS|^~\\&|haibin|MKHAIBIN\r" + b"MSH|^~\\&|haibin\r" * 2_001
    async with listening(exchange) as port:
        (answer,) = await talk(port, frame(raw))
    assert code(answer) == "AR"
    assert b"too-many" in answer


# --- TLS ---


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def speak(port: int, context: ssl.SSLContext, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    writer.write(frame(raw))
    answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10)
    writer.close()
    return answer


async def test_messages_come_over_tls_and_not_beside_it(
    exchange: Exchange, authority: Authority
) -> None:
    tls = tls_context(authority.certificate("server"), None, None)
    trusting = ssl.create_default_context(cafile=authority.file)
    async with listening(exchange, tls=tls) as port:
        assert code(await speak(port, trusting, adt(control="tls1", visit="TLS1"))) == "AA"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(adt(control="plain")))
        assert b"MSA" not in await rest(reader)
        writer.close()
    assert await count(exchange, "plain", "waiting") == 0


async def test_a_sender_must_show_a_certificate_made_out_to_its_source(
    exchange: Exchange, authority: Authority
) -> None:
    tls = tls_context(authority.certificate("server"), None, authority.file)
    async with listening(exchange, tls=tls) as port:
        for name, expected in (("haibin", "AA"), ("MKHAIBIN", "AA"), ("yunxi", "AR")):
            context = ssl.create_default_context(cafile=authority.file)
            context.load_cert_chain(authority.certificate(name))
            raw = adt(control=f"tls-{name}", visit=f"TLS{name}")
            answer = await speak(port, context, raw)
            assert code(answer) == expected
        assert b"wrong-certificate" in answer
        bare = ssl.create_default_context(cafile=authority.file)
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await speak(port, bare, adt(control="tls-none"))
    assert await count(exchange, "tls-none", "waiting") == 0


def test_a_certificate_that_cannot_be_used_names_its_file(tmp_path: Path) -> None:
    file = tmp_path / "none.pem"
    with pytest.raises(TlsError, match=r"none\.pem"):
        tls_context(file, None, None)
    file.write_text("no certificate")
    with pytest.raises(TlsError, match=r"none\.pem"):
        tls_context(file, None, None)


def test_the_listener_is_made_as_the_operator_wants_it(
    exchange: Exchange, authority: Authority
) -> None:
    server = authority.certificate("server")
    settings = Settings(home=server.parent, mllp_tls_certificate=server)
    assert isinstance(listener_of(settings, exchange.inbox, b"k", {}), MllpListener)
    wrong = Settings(home=server.parent, mllp_tls_certificate=server.parent / "none.pem")
    with pytest.raises(TlsError):
        listener_of(wrong, exchange.inbox, b"k", {})
