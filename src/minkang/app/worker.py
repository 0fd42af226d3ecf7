"""The worker process: inbox to store, patients to persons, front-end tables to the inbox."""

import asyncio
import logging
import time

from minkang.app.platform import Platform
from minkang.exchange import Inbox, Source, process_waiting, sources
from minkang.exchange.channels.front_end import poll_table
from minkang.identity import follow
from minkang.store import TROUBLE
from minkang.store.codec import train_if_due
from minkang.store.reindex import progress, reindex

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.1
_RETRY_SECONDS = 0.5
_POLL_SECONDS = 2.0
_BATCH = 100
_STALE_SECONDS = 30.0  # between looks for what is to be reindexed
_PAUSE_SECONDS = 0.02  # between batches of reindexing, so that writers come first


async def work(platform: Platform, stop: asyncio.Event) -> None:
    """Process, link and poll until told to stop; a lost database is waited for."""
    inbox = Inbox(platform.store)
    polling = asyncio.create_task(_poll(platform, inbox))
    indexing = asyncio.create_task(_reindex(platform))
    try:
        while not stop.is_set():
            try:
                busy = await _once(platform)
            except TROUBLE as error:
                _log.warning("database: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if not busy:
                await asyncio.sleep(_IDLE_SECONDS)
    finally:
        polling.cancel()
        indexing.cancel()
        await asyncio.gather(polling, indexing, return_exceptions=True)
        await inbox.close()


async def _once(platform: Platform) -> bool:
    """One turn; whether there was anything to do."""
    processed = await process_waiting(platform.store, platform.keys, _BATCH)
    linked = await follow(platform.store, platform.keys)
    return bool(processed.messages or linked)


async def _reindex(platform: Platform) -> None:
    """Index anew what an older release wrote, a little at a time, and say how far it is.

    It never ends for good: elsewhere the older release may still be running, and writing.
    """
    done = 0
    while True:
        try:
            count = await reindex(platform.store)
            if not count:
                if done:
                    _log.info("reindexing is complete: %d resources", done)
                done = 0
                await asyncio.sleep(_STALE_SECONDS)
                continue
            done += count
            if done % 10_000 < count:
                async with platform.pool.acquire() as connection:
                    left = await progress(connection)
                _log.info("reindexing: %d of %d resources left", left.left, left.total)
        except TROUBLE as error:
            _log.warning("database: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _poll_one(platform: Platform, inbox: Inbox, source: Source) -> None:
    try:
        await poll_table(platform.store, inbox, source, platform.keys.id_key)
    except Exception as error:  # noqa: BLE001 - one bad source must not stop the others
        _log.warning("polling %s: %s: %s", source.id, type(error).__name__, error)


async def _poll(platform: Platform, inbox: Inbox) -> None:
    while True:
        started = time.monotonic()
        try:
            async with platform.pool.acquire() as connection:
                known = await sources(connection)
                await train_if_due(connection, platform.store.codec)
        except TROUBLE as error:
            known = {}
            _log.warning("database: %s", error)
        for source in known.values():
            if source.sends_by("table") and source.table_name:
                await _poll_one(platform, inbox, source)
        await asyncio.sleep(max(0.1, _POLL_SECONDS - (time.monotonic() - started)))
