"""All that lies sealed, the store's bodies and the inbox's messages: keys made, changed, destroyed.

Whoever calls these has written into the audit log first that they are about to.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from minkang.crypto import KeyFilesMissing, Keys
from minkang.crypto.wrapping import (
    AnyWrapping,
    FileWrapping,
    can_wrap,
    finish_taking,
    has_next_key,
    make_envelope_key,
    make_next_key,
    take_next_key,
)
from minkang.exchange.sealed_messages import MESSAGES
from minkang.store import Pool, Store
from minkang.store.data_keys import KeyInUse, destroy_data_key, make_data_key, rewrap_data_keys
from minkang.store.reseal import (
    FEATURES,
    HISTORY,
    RESOURCES,
    Resealing,
    is_open,
    keys_in_use,
    request_reseal,
    reseal_dictionaries,
    reseal_some,
    resealing,
)

AREAS = (RESOURCES, HISTORY, MESSAGES, FEATURES)
GRACE = timedelta(hours=24)
"""So long a data key stays after it has sealed last; exports may keep theirs longer."""

_PAUSE_SECONDS = 0.01
_TOLD_STEPS = 20


async def rotate_data_key(pool: Pool, keys: Keys) -> int:
    """Make the data key that seals from now on, also the first; its number.

    An installation without an envelope key gets one. Other processes take the new key within half
    a minute.

    Raises:
        KeyFilesMissing: the envelope key can't wrap.
    """
    wrapping = _wrapping(keys)
    if isinstance(wrapping, FileWrapping) and not can_wrap(wrapping.folder):
        await asyncio.to_thread(make_envelope_key, wrapping.folder)
    async with pool.acquire() as connection:
        return await make_data_key(connection, wrapping)


async def rewrap(pool: Pool, keys: Keys) -> int:
    """Let a new envelope key wrap all data keys; how many it wrapped anew.

    Killed at any point it is repeated and goes on. An envelope key is put aside only when nothing
    is wrapped under the one that was aside before. Where a program wraps, the key is changed there,
    and data keys are wrapped anew by it.

    Raises:
        KeyFilesMissing: a key that wrapped one is not here.
        SealBroken: a wrapped key is not what was written.
    """
    wrapping = _wrapping(keys)
    if isinstance(wrapping, FileWrapping):
        await asyncio.to_thread(finish_taking, wrapping.folder)
    async with pool.acquire() as connection:
        caught_up = await rewrap_data_keys(connection, wrapping)
        if not isinstance(wrapping, FileWrapping):
            return caught_up
        if caught_up and not has_next_key(wrapping.folder):
            return caught_up
        await asyncio.to_thread(make_next_key, wrapping.folder)
        await asyncio.to_thread(take_next_key, wrapping.folder)
        return await rewrap_data_keys(connection, wrapping)


async def reseal_all(
    store: Store, tell: Callable[[list[Resealing]], Awaitable[None]] | None = None
) -> list[Resealing]:
    """Seal everything under the newest key, giving way to writers between steps.

    `tell` is called now and then with how far all areas are.

    Raises:
        NothingSeals: there is no data key.
        SealBroken: a dictionary is not what was written.
    """
    await begin_resealing(store)
    step = 0
    for area in AREAS:
        while await reseal_some(store, area):
            step += 1
            if tell is not None and step % _TOLD_STEPS == 0:
                await tell(await how_far(store))
            await asyncio.sleep(_PAUSE_SECONDS)
    return await how_far(store)


async def begin_resealing(store: Store) -> None:
    """Let the worker seal everything anew (`reseal_open`). Raises NothingSeals."""
    await reseal_dictionaries(store)
    await request_reseal(store, AREAS)


async def reseal_open(store: Store) -> bool:
    """Seal anew a little of what was begun and is not finished; whether there was anything."""
    async with store.pool.acquire() as connection:
        waiting = [area for area in AREAS if await is_open(connection, area)]
    for area in waiting[:1]:
        await reseal_some(store, area)
    return bool(waiting)


async def how_far(store: Store) -> list[Resealing]:
    """How far sealing anew is in the areas that were begun."""
    async with store.pool.acquire() as connection:
        return await resealing(connection)


async def check_unused(pool: Pool, version: int) -> None:
    """See that nothing is sealed under a data key; reads all that there is.

    Raises:
        KeyInUse: something is; says where.
    """
    async with pool.acquire() as connection:
        for area in AREAS:
            if version in await keys_in_use(connection, area):
                raise KeyInUse(
                    f"{area.table} has rows under data key {version}: minkang keys reseal"
                )
        dictionaries = await connection.fetchval(
            """select count(*) from store.dictionary
               where sealed and get_byte(content, 0) * 256 + get_byte(content, 1) = $1""",
            version,
        )
        if dictionaries:
            raise KeyInUse(f"a dictionary is sealed under data key {version}: minkang keys reseal")


async def destroy_unused(pool: Pool, version: int, export_hours: int) -> None:
    """Destroy a data key that nothing is sealed under any more.

    Raises:
        KeyInUse: something is, or may be: the error says where.
        KeyFilesMissing: there is no such key.
    """
    await check_unused(pool, version)
    async with pool.acquire() as connection:
        await destroy_data_key(connection, version, max(GRACE, timedelta(hours=export_hours)))


def _wrapping(keys: Keys) -> AnyWrapping:
    if keys.wrapping is None:
        raise KeyFilesMissing("these keys were loaded without the envelope key's folder")
    return keys.wrapping
