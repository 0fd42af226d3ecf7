"""The worker process: inbox to store, patients to persons, front-end tables to the inbox.

Beside that, what has time: reindexing after an upgrade, coding anew after a map has changed,
judging what was stored.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from minkang.app.judge import judge_and_compare
from minkang.app.keep_audit import keep_audit
from minkang.app.keep_directory import keep_directory
from minkang.app.keep_due import keep_due
from minkang.app.keep_files import keep_files
from minkang.app.keep_region import keep_region
from minkang.app.platform import Platform
from minkang.app.targets import serve_targets
from minkang.app.watch import watch_sources
from minkang.app.watch_folders import watch_folders
from minkang.exchange import Inbox, Source, process_waiting, sources
from minkang.exchange.channels.front_end import poll_table
from minkang.exchange.sealing import reseal_open
from minkang.identity import follow
from minkang.identity.codes.verify import forget_used
from minkang.identity.register import follow_register
from minkang.store import TROUBLE, TooCostly
from minkang.store.codec import train_if_due
from minkang.store.data_keys import rotate_if_due
from minkang.store.reindex import progress, reindex
from minkang.terminology import recode_some

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.1
_RETRY_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
_POLL_SECONDS = 2.0
_POLLS = 2  # tables read at once; each holds up to two connections
_BATCH = 100
_STALE_SECONDS = 30.0  # between looks for what is to be reindexed
_RECODE_SECONDS = 1.0  # between looks for what is to be coded anew
_FORGET_SECONDS = 300.0  # between deletions of used codes
_PAUSE_SECONDS = 0.02  # between batches of background work, so that writers come first


async def work(platform: Platform, stop: asyncio.Event) -> None:
    """Process, link and poll until told to stop; a lost database is waited for."""
    inbox = Inbox(platform.store)
    idle = asyncio.Event()
    beside = [
        asyncio.create_task(_kept_up(name, begin))
        for name, begin in (
            ("polling", lambda: _poll(platform, inbox)),
            ("watching folders", lambda: watch_folders(platform, inbox)),
            ("reindexing", lambda: _reindex(platform)),
            ("recoding", lambda: _recode(platform)),
            ("sealing anew", lambda: _reseal(platform)),
            ("watching sources", lambda: watch_sources(platform)),
            ("judging", lambda: judge_and_compare(platform, idle)),
            ("serving targets", lambda: serve_targets(platform)),
            ("keeping the directory", lambda: keep_directory(platform)),
            ("keeping the audit log", lambda: keep_audit(platform)),
            ("keeping the figures of the region", lambda: keep_region(platform, idle)),
            ("keeping health files", lambda: keep_files(platform, idle)),
            ("keeping who is due", lambda: keep_due(platform, idle)),
            ("forgetting used codes", lambda: _forget_codes(platform)),
        )
    ]
    try:
        while not stop.is_set():
            try:
                busy = await _once(platform)
            except TROUBLE as error:
                _log.warning("database: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if busy:
                idle.clear()
            else:
                idle.set()
                await asyncio.sleep(_IDLE_SECONDS)
    finally:
        for one in beside:
            one.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await inbox.close()


async def _kept_up(name: str, begin: Callable[[], Awaitable[None]]) -> None:
    """Do background work; what ends it unexpectedly is told, and it begins again."""
    while True:
        try:
            await begin()
        except Exception as error:  # noqa: BLE001 - the work beside it must not end for good
            # The text of an unforeseen error may hold what a message says of somebody.
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} in {place.name}, line {place.lineno}"
            _log.error("%s ended: %s; it begins again", name, what)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _once(platform: Platform) -> bool:
    """One turn; whether there was anything to do."""
    processed = await process_waiting(platform.store, platform.keys, _BATCH)
    linked = await follow(platform.store, platform.keys)
    registered = await follow_register(platform.store)
    return bool(processed.messages or linked or registered)


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


async def _recode(platform: Platform) -> None:
    """Code anew what was stored, after somebody decided on a code, a little at a time."""
    while True:
        try:
            if not await recode_some(platform.store):
                await asyncio.sleep(_RECODE_SECONDS)
        except (*TROUBLE, TooCostly) as error:
            _log.warning("recoding: %s: %s", type(error).__name__, error)
            await asyncio.sleep(_RECODE_SECONDS)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _reseal(platform: Platform) -> None:
    """Make the next data key when one is due, and seal anew what somebody asked to have so."""
    while True:
        busy = False
        try:
            async with platform.pool.acquire() as connection:
                made = await rotate_if_due(connection, platform.keys.wrapping)
            if made is not None:
                _log.info("data key %d seals from now on", made)
            busy = await reseal_open(platform.store)
        except TROUBLE as error:
            _log.warning("database: %s", error)
        await asyncio.sleep(_PAUSE_SECONDS if busy else _AGAIN_SECONDS)


async def _forget_codes(platform: Platform) -> None:
    """Forget what was used up and would not count any more."""
    while True:
        try:
            await forget_used(platform.pool, datetime.now(UTC))
        except TROUBLE as error:
            _log.warning("database: %s", error)
        await asyncio.sleep(_FORGET_SECONDS)


async def _poll_one(
    platform: Platform, inbox: Inbox, source: Source, at_once: asyncio.Semaphore
) -> None:
    try:
        async with at_once:
            await poll_table(platform.store, inbox, source, platform.keys.id_key)
    except Exception as error:  # noqa: BLE001 - one bad source must not stop the others
        _log.warning("polling %s: %s: %s", source.id, type(error).__name__, error)


async def _poll(platform: Platform, inbox: Inbox) -> None:
    """Poll the tables of all sources; a slow one does not hold up the others."""
    running: dict[str, asyncio.Task[None]] = {}
    at_once = asyncio.Semaphore(_POLLS)
    try:
        await _poll_all(platform, inbox, running, at_once)
    finally:
        for one in running.values():
            one.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


async def _poll_all(
    platform: Platform,
    inbox: Inbox,
    running: dict[str, asyncio.Task[None]],
    at_once: asyncio.Semaphore,
) -> None:
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
            before = running.get(source.id)
            if source.sends_by("table") and source.table_name and (not before or before.done()):
                polled = _poll_one(platform, inbox, source, at_once)
                running[source.id] = asyncio.create_task(polled)
        await asyncio.sleep(max(0.1, _POLL_SECONDS - (time.monotonic() - started)))
