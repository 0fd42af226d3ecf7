"""The listener answers nobody before it knows who sends."""

import asyncio
from pathlib import Path

import pytest

from minkang.app.listener import listen
from minkang.app.platform import Platform
from minkang.config import Settings
from minkang.crypto import Keys
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
