"""The years that are past, brought in from files and front-end tables by several processes."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from minkang.app.load_files import Kind
from minkang.app.load_messages import MessageFile, load_messages
from minkang.app.load_report import Report
from minkang.app.platform import Platform, open_platform
from minkang.config import Settings
from minkang.exchange import Inbox, process_waiting, sources
from minkang.exchange.channels.front_end import poll_table
from minkang.identity import follow
from minkang.identity.register import follow_register
from minkang.store.codec import train_if_due

_CHUNK: Final = 200
_WORTH_PROCESSES: Final = 5_000  # rows
_ENDS: Final[dict[str, Kind]] = {".hl7": "hl7v2", ".xml": "cda", ".ndjson": "fhir"}


def processes() -> int:
    """How many work beside each other."""
    return os.cpu_count() or 1


def message_files(sent: Path) -> Iterator[MessageFile]:
    """Messages, documents and bundles of all sources; each folder is named by its source."""
    for folder in sorted(one for one in sent.iterdir() if one.is_dir()):
        for file in sorted(folder.rglob("*")):
            if kind := _ENDS.get(file.suffix):
                yield MessageFile(file, kind, folder.name)


async def load_history(settings: Settings, url: str, sent: Path) -> Report:
    """All files of all sources."""
    return await load_messages(settings, url, list(message_files(sent)), workers=processes())


def poll_history(settings: Settings, url: str, filled: dict[str, int]) -> None:
    """All rows of the front-end tables, which were filled before: how many each has, by source."""
    if sum(filled.values()) < _WORTH_PROCESSES:
        asyncio.run(_poll(settings, url, tuple(filled)))
        return
    # The longest first, so that nobody waits for it at the end.
    several = sorted(filled, key=lambda source: -filled[source])
    with ProcessPoolExecutor(processes(), get_context("spawn")) as pool:
        list(pool.map(partial(_poll_apart, settings, url), several))


def _poll_apart(settings: Settings, url: str, source: str) -> None:
    asyncio.run(_poll(settings, url, (source,)))


async def _poll(settings: Settings, url: str, filled: Sequence[str]) -> None:
    async with open_platform(settings, url, connections=4) as platform:
        async with platform.pool.acquire() as connection:
            known = await sources(connection)
        inbox = Inbox(platform.store)
        try:
            for source in filled:
                await poll_table(platform.store, inbox, known[source], platform.keys.id_key)
        finally:
            await inbox.close()
        while (await process_waiting(platform.store, platform.keys, _CHUNK)).messages:
            pass


async def finish(platform: Platform) -> None:
    """Whatever still waits, and who is who."""
    while (await process_waiting(platform.store, platform.keys, _CHUNK)).messages:
        pass
    while await follow(platform.store, platform.keys):
        pass
    while await follow_register(platform.store):
        pass
    async with platform.pool.acquire() as connection:
        await train_if_due(connection, platform.store.codec)
        await connection.execute("analyze")
