"""The demonstration: the practice region on a running platform, as if it were a real city.

Lives here: making the region's files and bringing in its past (`prepare`), sending what comes
later by the real channels (`later`), its accounts and what the terminal says of them
(`accounts`), one fresh message at the press of a button (`demonstration`). Does not live here: the
region itself (`synth`).
"""

import asyncio
import logging
import time
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from minkang.app.demonstration.accounts import create_accounts, demo_accounts, demo_fhir
from minkang.app.demonstration.history import finish, load_history, poll_history
from minkang.app.demonstration.region import Region, candidates, make_region, wish_of
from minkang.app.demonstration.sources import (
    fill_tables,
    issue_secrets,
    register_all,
    report_counts,
)
from minkang.app.demonstration.story import (
    Story,
    read_story,
    region_folder,
    write_story,
)
from minkang.app.demonstration.targets import add_target
from minkang.app.platform import Platform, open_gate, open_platform
from minkang.config import Settings
from minkang.exchange.hl7v2 import frame
from minkang.identity import find_residents
from minkang.store import Scope
from minkang.web.context import Demonstration, Sent

__all__ = [
    "Region",
    "Story",
    "demo_accounts",
    "demo_fhir",
    "demonstration",
    "prepare",
    "read_story",
    "region_of",
]

_log = logging.getLogger(__name__)

_ZONE = ZoneInfo("Asia/Shanghai")
_ANSWER_SECONDS = 10
_PANELS_OF = "haibin"


def prepare(settings: Settings, url: str, residents: int, years: int) -> None:
    """Make the demonstration's data and accounts, unless they are there.

    What was cut off is begun again: loading the same once more changes nothing.
    """
    if read_story(settings.home) is not None:
        return
    started = time.monotonic()

    def told(what: str) -> None:
        _log.info("%s by %.1f s", what, time.monotonic() - started)

    today = datetime.now(_ZONE).date()
    made = make_region(settings.home, residents, years, today)
    told(f"{made.residents} lives of {years} years made")
    sent = region_folder(settings.home) / "sent"
    filled = asyncio.run(_register(settings, url, sent))
    report = asyncio.run(load_history(settings, url, sent))
    told(f"{report.accepted} messages and documents taken in, {report.refused} refused,")
    poll_history(settings, url, filled)
    told("all rows taken in")
    asyncio.run(_finish(settings, url, residents, years, today))
    told("all in the record")


async def _register(settings: Settings, url: str, sent: Path) -> dict[str, int]:
    async with open_platform(settings, url) as platform:
        await register_all(platform, sent)
        await issue_secrets(platform, region_folder(settings.home))
        return await fill_tables(platform, sent)


async def _finish(settings: Settings, url: str, residents: int, years: int, today: date) -> None:
    async with open_platform(settings, url) as platform:
        await finish(platform)
        await report_counts(platform, region_folder(settings.home) / "sent")
        await add_target(platform)
        story = await _story(platform, residents, years, today)
        async with open_gate(platform) as gate:
            await create_accounts(platform, gate.log, story.name, story.person)
        write_story(settings.home, story)


async def _story(platform: Platform, residents: int, years: int, today: date) -> Story:
    """Whom the demonstration is about: the best of those who have come through."""
    truth = region_folder(platform.settings.home) / "truth"
    days = platform.settings.visit_relation_days
    for key, name, number in candidates(truth, datetime.now(UTC), days):
        found = await find_residents(platform.store, Scope.whole(), number)
        if found.residents:
            person = found.residents[0].person
            return Story(key, person, name, residents, years, today)
    raise RuntimeError("no resident of the demonstration has come through")


def region_of(home: Path) -> Region:
    """The region of the demonstration in a state folder.

    Raises:
        RuntimeError: its data are not complete.
    """
    story = read_story(home)
    if story is None:
        raise RuntimeError("the demonstration's data are not complete; run `minkang demo`")
    return Region(wish_of(home, story.residents, story.years, story.today))


def demonstration(platform: Platform) -> Demonstration:
    """The demonstration of a running platform; its button sends one message by socket."""
    home = platform.settings.home
    region, story = region_of(home), read_story(home)
    assert story is not None  # noqa: S101 - `region_of`

    async def send() -> Sent:
        now = datetime.now(UTC)
        control_id = f"DEMO{now:%Y%m%d%H%M%S}{Random().randrange(1000):03}"  # noqa: S311
        raw = await asyncio.to_thread(region.fresh, _PANELS_OF, story.resident, now, control_id, {})
        sent_ms = time.time_ns() // 1_000_000
        answer = await _exchange_by_socket(platform.settings, raw)
        line = next((part for part in answer.split("\r") if part.startswith("MSA")), "")
        return Sent(
            _PANELS_OF,
            control_id,
            story.person,
            story.name,
            line,
            sent_ms,
            time.time_ns() // 1_000_000,
        )

    return Demonstration(demo_accounts(), send)


async def _exchange_by_socket(settings: Settings, raw: bytes) -> str:
    reader, writer = await asyncio.open_connection(settings.mllp_host, settings.mllp_port)
    try:
        writer.write(frame(raw))
        await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), _ANSWER_SECONDS)
    finally:
        writer.close()
    return answer.strip(b"\x0b\x1c\r").decode()
