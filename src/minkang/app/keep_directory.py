"""Keeping the FHIR directory in step where nobody changed anything: posts begin and end by date,
and sources tell of people who are known already."""

import asyncio
import logging

from minkang.accounts.fhir_directory import sync_directory
from minkang.app.platform import Platform
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_SECONDS = 3600.0


async def keep_directory(platform: Platform) -> None:
    """Write once an hour what differs; changes made on a page or by command are written at once."""
    while True:
        await asyncio.sleep(_SECONDS)
        try:
            done = await sync_directory(platform.store)
        except TROUBLE as error:
            _log.warning("directory: %s", error)
            continue
        if done.written:
            _log.info("directory: %s of %s resources written", done.written, done.resources)
