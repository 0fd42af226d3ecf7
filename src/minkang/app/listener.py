"""The listener process: HL7 v2 over MLLP into the inbox."""

import asyncio
import logging

from minkang.app.platform import Platform
from minkang.exchange import Inbox, Source, sources
from minkang.exchange.channels.mllp import MllpListener
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_REFRESH_SECONDS = 5.0


async def listen(platform: Platform, stop: asyncio.Event) -> None:
    """Listen until told to stop; newly registered sources are known within seconds."""
    known: dict[str, Source] = {}
    await _refresh(platform, known)
    inbox = Inbox(platform.store)
    settings = platform.settings
    listener = MllpListener(inbox, platform.keys.id_key, known, settings.message_bytes)
    await listener.start(settings.mllp_host, settings.mllp_port)
    try:
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), _REFRESH_SECONDS)
            except TimeoutError:
                await _refresh(platform, known)
    finally:
        await listener.stop()
        await inbox.close()


async def _refresh(platform: Platform, known: dict[str, Source]) -> None:
    try:
        async with platform.pool.acquire() as connection:
            fresh = await sources(connection)
    except TROUBLE as error:
        _log.warning("database: %s", error)
        return
    known.update(fresh)
    for gone in known.keys() - fresh.keys():
        del known[gone]
