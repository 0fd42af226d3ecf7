"""What is wrong with the sources, once a minute, and the on-call command told of it.

Between, what came on trial while its source went live is taken over.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from minkang.app.platform import Platform
from minkang.exchange.alarms import Alarm, note_told, untold, watch
from minkang.exchange.trial import take_over
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 60.0
_TAKE_OVER_SECONDS = 5.0
_COMMAND_SECONDS = 30.0


async def watch_sources(platform: Platform) -> None:
    """Watch until cancelled; a lost database is waited for."""
    looked = -_EVERY_SECONDS
    while True:
        try:
            async with platform.pool.acquire() as connection:
                await take_over(connection)
            if time.monotonic() - looked >= _EVERY_SECONDS:
                looked = time.monotonic()
                await look_once(platform)
        except TROUBLE as error:
            _log.warning("database: %s", error)
        await asyncio.sleep(_TAKE_OVER_SECONDS)


async def look_once(platform: Platform) -> None:
    """Begin and end alarms as they are now, and tell the on-call command of the new ones.

    A command that fails is run again at the next look.
    """
    command = platform.settings.alarm_command
    async with platform.pool.acquire() as connection:
        await watch(connection, datetime.now(UTC))
        waiting = await untold(connection) if command else []
    for alarm in waiting:
        if await _told(command, alarm):
            async with platform.pool.acquire() as connection:
                await note_told(connection, alarm.id, datetime.now(UTC))


async def _told(command: Sequence[str], alarm: Alarm) -> bool:
    """Run the command with the alarm as JSON on its standard input; whether it took it."""
    said = {name: getattr(alarm, name) for name in ("id", "kind", "source", "since", "text")}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        _log.error("the alarm command can't be run: %s", error)
        return False
    try:
        _, complaint = await asyncio.wait_for(
            process.communicate(msgspec.json.encode(said)), _COMMAND_SECONDS
        )
    except TimeoutError:
        process.kill()
        await process.wait()
        _log.error("the alarm command took longer than %d s", _COMMAND_SECONDS)
        return False
    if process.returncode:
        words = complaint.decode(errors="replace")[:500]
        _log.error("the alarm command ended with %d: %s", process.returncode, words)
    return process.returncode == 0
