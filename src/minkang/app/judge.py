"""In the background: what was stored is judged, and compared with what sources say they sent."""

import asyncio
import logging
import time

from minkang.app.platform import Platform
from minkang.exchange.quality import follow
from minkang.exchange.reconciliation import settle
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_BATCH = 200  # resources judged at once: some ten milliseconds in which nothing else is done
_DAYS = 500  # days and kinds compared at once, the newest first
_IDLE_SECONDS = 1.0
_BUSY_SECONDS = 1.0  # between batches while messages wait: they come first
_PAUSE_SECONDS = 0.02
_SETTLE_SECONDS = 5.0
_REST = 4  # times as long as comparing took, nothing is compared
_RETRY_SECONDS = 0.5


async def judge_and_compare(platform: Platform, idle: asyncio.Event) -> None:
    """Judge until cancelled, slowly unless `idle` is set; a lost database is waited for.

    Days of which something has changed are compared anew every few seconds, not at each change;
    less often where there is much to compare.
    """
    due = 0.0
    while True:
        try:
            count = await follow(platform.store, platform.keys, _BATCH)
            begun = time.monotonic()
            if begun >= due:
                async with platform.pool.acquire() as connection:
                    compared = await settle(connection, _DAYS)
                now = time.monotonic()
                # What is left over goes on soon.
                due = now + max((now - begun) * _REST, 0 if compared == _DAYS else _SETTLE_SECONDS)
        except TROUBLE as error:
            _log.warning("database: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        if not count:
            await asyncio.sleep(_IDLE_SECONDS)
        elif not idle.is_set():
            await asyncio.sleep(_BUSY_SECONDS)
        else:
            await asyncio.sleep(_PAUSE_SECONDS)
