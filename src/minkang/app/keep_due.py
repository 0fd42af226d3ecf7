"""In the background: who is due for a service follows what is stored."""

import asyncio
import logging

from minkang.app.platform import Platform
from minkang.record.due import follow_due
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_BATCH = 200  # versions taken up at once
_IDLE_SECONDS = 2.0
_BUSY_SECONDS = 1.0  # between batches while messages wait: they come first
_PAUSE_SECONDS = 0.05
_RETRY_SECONDS = 0.5


async def keep_due(platform: Platform, idle: asyncio.Event) -> None:
    """Follow until cancelled, slowly unless `idle` is set; a lost database is waited for."""
    while True:
        try:
            count = await follow_due(platform.store, _BATCH)
        except TROUBLE as error:
            _log.warning("database: %s", error)
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        if not count:
            await asyncio.sleep(_IDLE_SECONDS)
        else:
            await asyncio.sleep(_PAUSE_SECONDS if idle.is_set() else _BUSY_SECONDS)
