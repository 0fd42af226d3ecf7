"""In the background: the figures of the region follow what is stored."""

import asyncio
import logging
import time
from datetime import UTC, datetime

from minkang.app.platform import Platform
from minkang.record.region import follow_region, refresh, settle_days
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_BATCH = 200  # versions taken up at once
_IDLE_SECONDS = 5.0
_BUSY_SECONDS = 1.0  # between batches while messages wait: they come first
_PAUSE_SECONDS = 0.05
_REFRESH_SECONDS = 15.0
_RETRY_SECONDS = 0.5


async def keep_region(platform: Platform, idle: asyncio.Event) -> None:
    """Follow and count until cancelled, slowly unless `idle` is set; a lost database is waited
    for."""
    due = 0.0
    while True:
        try:
            count = await follow_region(platform.store, _BATCH)
            if not count:
                count = await settle_days(platform.store)
            if time.monotonic() >= due:
                await refresh(platform.store, datetime.now(UTC))
                due = time.monotonic() + _REFRESH_SECONDS
        except TROUBLE as error:
            _log.warning("database: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        if not count:
            await asyncio.sleep(_IDLE_SECONDS)
        else:
            await asyncio.sleep(_PAUSE_SECONDS if idle.is_set() else _BUSY_SECONDS)
