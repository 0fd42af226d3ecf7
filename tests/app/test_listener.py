"""The listener answers nobody before it knows who sends, and queries as well as messages."""

import asyncio
from pathlib import Path

import pytest

from minkang.app.listener import listen
from minkang.app.platform import Platform
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.exchange import Source, save_source
from minkang.exchange.hl7v2 import frame
from minkang.store import Store
from tests.e2e.installation import free_ports


async def connects(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_nobody_is_answered_before_the_sources_are_known(
    store: Store, keys: Keys, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good message answered as of an unknown sender would never be sent again."""
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    (port,) = free_ports(1)
    settings = Settings(home=tmp_path, mllp_port=port)
    platform = Platform(settings, database_url, keys, store.pool, store)
    stop = asyncio.Event()
    await store.pool.execute("alter table exchange.source rename to source_away")
    listening = asyncio.create_task(listen(platform, stop))
    try:
        await asyncio.sleep(0.7)
        assert not await connects(port)
        await store.pool.execute("alter table exchange.source_away rename to source")
        for _ in range(50):
            if await connects(port):
                break
            await asyncio.sleep(0.1)
        assert await connects(port)
    finally:
        stop.set()
        await listening


async def test_a_query_is_answered_by_the_process_that_listens(
    store: Store, keys: Keys, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    (port,) = free_ports(1)
    settings = Settings(home=tmp_path, mllp_port=port)
    platform = Platform(settings, database_url, keys, store.pool, store)
    async with store.pool.acquire() as connection:
        source = Source(id="asking", name="一院", organisation="MK1", channels=("mllp",))
        await save_source(connection, source)
    stop = asyncio.Event()
    listening = asyncio.create_task(listen(platform, stop))
    try:
        for _ in range(100):
            if await connects(port):
                break
            await asyncio.sleep(0.1)
        head = "MSH|^~\\&|asking|MK1|MINKANG|REGION|20260501080000||QBP^Q23^QBP_Q21|q1|P|2.5"
        query = f"{head}\rQPD|IHE PIX Query|tag|P404^^^asking|\rRCP|I\r"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(query.encode()))
        answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10)
        assert b"RSP^K23^RSP_K23" in answer
        assert b"QAK|tag|AE|IHE PIX Query" in answer
        writer.close()
        await writer.wait_closed()
    finally:
        stop.set()
        await listening
