"""Every process decides by the version in force: it is told of a change, and asks now and then."""

import asyncio
import contextlib
import logging
from typing import Any, Final

from minkang.fhir import Refused
from minkang.policy.decide import in_force, put_in_force
from minkang.policy.versions import CHANNEL, number_in_force, table_in_force
from minkang.store import TROUBLE, Pool

_SECONDS: Final = 2.0
_log = logging.getLogger(__name__)


class _Taken:
    """Which version this process decides by; 0: what the release brings."""

    number = 0


_taken: Final = _Taken()


async def take_up(pool: Pool) -> None:
    """Decide by the version in force from now on, in this process.

    A version that this release can't read leaves the one before in force, and says so.
    """
    number = await number_in_force(pool)
    if number is None or number == _taken.number:
        return
    try:
        table = await table_in_force(pool)
    except Refused as error:
        _log.error("policy version %s can't be read by this release: %s", number, error)
        return
    if table is not None:
        put_in_force(table)
        _taken.number = table.version
        _log.info("policy version %s is in force", in_force().version)


async def follow_policy(pool: Pool, stop: asyncio.Event) -> None:
    """Take up every change until told to stop: at once by NOTIFY, else within two seconds."""
    changed = asyncio.Event()

    def told(*_: Any) -> None:
        changed.set()

    while not stop.is_set():
        try:
            async with pool.acquire() as connection:
                await connection.add_listener(CHANNEL, told)
                try:
                    await _until_stopped(pool, stop, changed)
                finally:
                    with contextlib.suppress(*TROUBLE):
                        await connection.remove_listener(CHANNEL, told)
        except TROUBLE as error:
            _log.warning("the policy can't be asked for: %s", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SECONDS)


async def _until_stopped(pool: Pool, stop: asyncio.Event, changed: asyncio.Event) -> None:
    while not stop.is_set():
        await take_up(pool)
        changed.clear()
        waiting = [asyncio.ensure_future(one.wait()) for one in (stop, changed)]
        await asyncio.wait(waiting, timeout=_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
