"""The residents after the first ones: made and taken in behind the running pages, part by part.

A process of its own, of low priority. Each part is made into a folder and taken in by the doors of
the bulk load; its rows are put into the front-end tables and read there. Then it waits until the
platform has caught up, so that the inbox does not grow. It may be killed at any moment, and is when
the platform stops: it begins with the part that it was in, and taking in the same once more changes
nothing.
"""

import asyncio
import gc
import logging
import math
import os
import shutil
import time
from datetime import datetime
from typing import Final

import msgspec

from minkang.app.demonstration.consents import give_consents
from minkang.app.demonstration.figures import add_figures
from minkang.app.demonstration.growth import (
    Part,
    Progress,
    next_part,
    parts,
    parts_folder,
    progress,
)
from minkang.app.demonstration.history import message_files
from minkang.app.demonstration.later import wait_until_caught_up
from minkang.app.demonstration.region import SEED, wish_of
from minkang.app.demonstration.register import soil_extract
from minkang.app.demonstration.sources import add_to_tables, register_new, report_counts
from minkang.app.demonstration.story import Story, read_story, region_folder
from minkang.app.load_messages import load_messages
from minkang.app.platform import Platform, open_gate
from minkang.app.synth import Wish, make
from minkang.exchange import Inbox, InboxUnavailable, Source, process_waiting, sources
from minkang.exchange.channels.front_end import read_rows
from minkang.identity import follow
from minkang.identity.register import follow_register
from minkang.store import TROUBLE
from minkang.store.feed import lags
from minkang.synth.people import residents_in
from minkang.synth.record import LOCAL

_log = logging.getLogger(__name__)

_NICENESS: Final = 10
_ROWS: Final = 500  # rows of a table that are read, then processed
_CHUNK: Final = 100  # messages
_LOOK_SECONDS: Final = 1.0
_RETRY_SECONDS: Final = 5.0
_CONSUMER: Final = "identity"
_ABREAST_SECONDS: Final = 5.0


async def load_behind(platform: Platform) -> None:
    """Bring in what is wanted beyond the first residents; returns when all of it is there.

    Begins when the first residents are: when all they had to send has been sent. A lost database is
    waited for.
    """
    os.nice(_NICENESS)
    # What is made of lives and messages holds few circles: looking for them costs an eighth.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    home = platform.settings.home
    await asyncio.to_thread(wait_until_caught_up, home, math.inf)
    story = read_story(home)
    if story is None:
        raise RuntimeError("the demonstration's data are not complete; run `minkang demo`")
    while (part := next_part(home, story)) is not None:
        try:
            await _bring(platform, story, part)
        except (*TROUBLE, InboxUnavailable) as error:
            _log.warning("households %d-%d: %s; once more", part.begin, part.end - 1, error)
            await asyncio.sleep(_RETRY_SECONDS)


async def _bring(platform: Platform, story: Story, part: Part) -> None:
    """Make a part and take it in; its file of what comes later is there at the end."""
    home, sent = platform.settings.home, part.folder / "sent"
    started = time.monotonic()
    before = next((one.folder for one in reversed(parts(home))), region_folder(home) / "sent")
    _clear(platform)
    wish = _wish(platform, story, part)
    await asyncio.to_thread(make, wish)
    made = time.monotonic()
    soil_extract(sent, SEED, story.today)
    await register_new(platform, sent)
    added = await add_to_tables(platform, sent)
    async with platform.pool.acquire() as connection:
        known = {one.id: one for one in (await sources(connection)).values() if one.enabled}
    # Who was switched off meanwhile sends nothing.
    files = [one for one in message_files(sent) if one.source in known]
    report = await load_messages(platform.settings, platform.url, files)
    loaded = time.monotonic()
    await _read(platform, [(known[one], keys) for one, keys in added.items() if one in known])
    await _caught_up(platform)
    async with open_gate(platform) as gate:
        await give_consents(platform, gate.log, story)
    add_figures(before / "counts", sent / "counts", part.folder / "counts")
    await report_counts(platform, part.folder / "counts", story.today)
    shutil.rmtree(sent)
    assert wish.later is not None  # noqa: S101 - `_wish`
    wish.later[1].replace(part.later)
    _log.info(
        "households %d-%d made in %.1f s, %d messages taken in by %.1f s, %d rows by %.1f s; %s",
        part.begin, part.end - 1, made - started, report.accepted, loaded - started,
        sum(map(len, added.values())), time.monotonic() - started, _words(progress(home)),
    )  # fmt: skip


def _words(found: Progress | None) -> str:
    return f"{found.loaded} of {found.residents} residents" if found else ""


def _clear(platform: Platform) -> None:
    """Remove what was left of a part that was cut off."""
    home = platform.settings.home
    kept = {one.folder for one in parts(home)}
    folder = parts_folder(home)
    folder.mkdir(exist_ok=True)
    for one in folder.iterdir():
        if one not in kept:
            shutil.rmtree(one)


def _wish(platform: Platform, story: Story, part: Part) -> Wish:
    """What is to be made; what leaves from now on is sent when its time comes."""
    first = wish_of(platform.settings.home, story.residents, story.years, story.today)
    return msgspec.structs.replace(
        first,
        first=part.begin,
        residents=residents_in(part.end - part.begin),
        out=part.folder,
        processes=1,
        later=(datetime.now(LOCAL), part.folder / "later.made"),
        daily=False,
    )


async def _read(platform: Platform, added: list[tuple[Source, list[str]]]) -> None:
    """Read the rows that were added: they lie before the places that polling has reached."""
    inbox = Inbox(platform.store)
    try:
        for source, keys in added:
            for begin in range(0, len(keys), _ROWS):
                some = keys[begin : begin + _ROWS]
                await read_rows(platform.store, inbox, source, some, platform.keys.id_key)
                while (await process_waiting(platform.store, platform.keys, _CHUNK)).messages:
                    pass
    finally:
        await inbox.close()


async def _caught_up(platform: Platform) -> None:
    """Return when no message waits, and all Patients are linked."""
    while True:
        processed = await process_waiting(platform.store, platform.keys, _CHUNK)
        linked = await follow(platform.store, platform.keys)
        registered = await follow_register(platform.store)
        if processed.messages or linked or registered:
            continue
        async with platform.pool.acquire() as connection:
            waiting = await connection.fetchval(
                "select exists (select from exchange.message where state = 'waiting')"
            )
            behind = (await lags(connection)).get(_CONSUMER, 0.0)
        if not waiting and behind < _ABREAST_SECONDS:
            return
        await asyncio.sleep(_LOOK_SECONDS)
