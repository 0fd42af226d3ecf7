"""The worker's task for outbound targets: what they should have, sending it, asking about it."""

import asyncio
import logging
import time

from minkang.app.platform import Platform, audit_folder, key_folder
from minkang.audit import AuditLog, AuditUnavailable
from minkang.exchange.targets import (
    Target,
    confirm_sent,
    select_changes,
    send_waiting,
    targets,
)
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_ASK_SECONDS = 5.0


async def serve_targets(platform: Platform) -> None:
    """Serve all targets until cancelled; one in trouble does not hold up the others."""
    log: AuditLog | None = None
    try:
        while True:
            try:
                known = await _enabled(platform)
                if known and log is None:
                    folder = audit_folder(platform.settings.home)
                    log = await AuditLog.open(platform.pool, platform.keys, folder)
            except TROUBLE as error:
                known = []
                _log.warning("database: %s", error)
            if log is not None:
                await asyncio.gather(*(_serve(platform, log, one.id) for one in known))
            await asyncio.sleep(_IDLE_SECONDS)
    finally:
        if log is not None:
            await log.close()


async def _enabled(platform: Platform) -> list[Target]:
    async with platform.pool.acquire() as connection:
        return [one for one in (await targets(connection)).values() if one.enabled]


async def _serve(platform: Platform, log: AuditLog, name: str) -> None:
    """All that one target should have by now."""
    secrets = key_folder(platform.settings.home) / "targets"
    store = platform.store
    asked = time.monotonic()
    try:
        while True:
            async with platform.pool.acquire() as connection:
                target = (await targets(connection)).get(name)
            if target is None:
                return
            looked_at = await select_changes(store, target)
            sent = await send_waiting(store, log, target, secrets)
            if not sent or time.monotonic() - asked > _ASK_SECONDS:
                await confirm_sent(store, target, secrets)
                asked = time.monotonic()
            if not (looked_at or sent):
                return
    except (*TROUBLE, AuditUnavailable) as error:
        _log.warning("target %s: %s: %s", name, type(error).__name__, error)
    except Exception as error:  # noqa: BLE001 - one bad target must not stop the others
        _log.error("target %s: %s: %s", name, type(error).__name__, error)
