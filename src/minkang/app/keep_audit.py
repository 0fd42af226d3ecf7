"""What the worker does for the audit log: indexes, verifications, archiving."""

import asyncio
import logging
from datetime import UTC, datetime

from minkang.app.platform import Platform, audit_folder
from minkang.audit import AuditLog, AuditUnavailable, NotArchived, archive_until
from minkang.audit.indexes import build_search_indexes
from minkang.audit.runs import ask_nightly, run_next
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_ARCHIVE_SECONDS = 24 * 3600.0


async def keep_audit(platform: Platform) -> None:
    """Make the indexes, then look for verifications that are asked for; archive once a day."""
    await build_search_indexes(platform.url)
    loop = asyncio.get_running_loop()
    archived = loop.time() - _ARCHIVE_SECONDS
    while True:
        try:
            async with platform.pool.acquire() as connection:
                await ask_nightly(connection, datetime.now(UTC))
            folder = audit_folder(platform.settings.home)
            await run_next(platform.pool, platform.keys, folder, platform.url)
            if loop.time() - archived >= _ARCHIVE_SECONDS:
                archived = loop.time()
                await archive_old(platform, datetime.now(UTC))
        except (*TROUBLE, AuditUnavailable) as error:
            _log.warning("audit: %s: %s", type(error).__name__, error)
        await asyncio.sleep(_LOOK_SECONDS)


async def archive_old(platform: Platform, now: datetime) -> int:
    """Archive what is older than the setting says; how many entries went.

    Raises:
        AuditUnavailable, asyncpg.PostgresError, OSError: tomorrow is another day.
    """
    until = months_before(now, platform.settings.audit_months)
    async with platform.pool.acquire() as connection:
        old = await connection.fetchval(
            "select exists (select from audit.entry where at < $1)", until
        )
    if not old:
        return 0
    folder = audit_folder(platform.settings.home)
    log = await AuditLog.open(platform.pool, platform.keys, folder)
    try:
        made = await archive_until(log, platform.pool, platform.keys, folder, until)
    except NotArchived as error:
        _log.error("audit: nothing was archived: %s", error)
        return 0
    finally:
        await log.close()
    return made.entries if made else 0


def months_before(now: datetime, months: int) -> datetime:
    """The first moment of the month that many months ago."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
