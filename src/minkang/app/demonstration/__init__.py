"""The demonstration: the practice region on a running platform, as if it were a real city.

Lives here: making the region's files and bringing in its past (`prepare`), sending what comes
later by the real channels (`later`), bringing in further residents behind the running pages
(`behind`, `growth`), its accounts and what the terminal says of them
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

import msgspec

from minkang.app.demonstration.accounts import (
    create_accounts,
    demo_accounts,
    demo_code,
    demo_fhir,
    demo_his,
)
from minkang.app.demonstration.codes import issue_story_code
from minkang.app.demonstration.consents import give_consents, tell_story
from minkang.app.demonstration.geography import plant_map
from minkang.app.demonstration.growth import Growth, progress, read_growth, write_growth
from minkang.app.demonstration.his import register_his
from minkang.app.demonstration.history import finish, load_history, poll_history
from minkang.app.demonstration.region import SEED, Region, candidates, make_region, wish_of
from minkang.app.demonstration.register import name_divisions, soil_extract
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
from minkang.app.linkage_truth import line_of, links_against_truth
from minkang.app.platform import Platform, open_gate, open_platform
from minkang.config import Settings
from minkang.exchange.hl7v2 import frame
from minkang.identity import find_residents
from minkang.store import Scope
from minkang.web.context import Demonstration, Growing, Sent

__all__ = [
    "Region",
    "Size",
    "Story",
    "demo_accounts",
    "demo_code",
    "demo_fhir",
    "demo_his",
    "demonstration",
    "prepare",
    "progress",
    "read_story",
    "region_of",
]

_log = logging.getLogger(__name__)

_ZONE = ZoneInfo("Asia/Shanghai")
_ANSWER_SECONDS = 10
_PANELS_OF = "haibin"


class Size(msgspec.Struct, frozen=True):
    """How large a demonstration is to be.

    Attributes:
        residents: in all; None: as many as were wanted last, or else as many as `first`.
        first: at most so many are there before the pages are; the others come behind them.
        portion: so many of those are made and loaded at a time.
        years: how many years of theirs lie behind, decided by the first start.
    """

    residents: int | None = None
    first: int = 2_000
    portion: int = 500
    years: int = 1


def prepare(settings: Settings, url: str, size: Size) -> None:
    """Make the demonstration's first data and accounts, unless they are there.

    What was cut off is begun again: loading the same once more changes nothing. More residents than
    there are become a wish for `behind`; fewer change nothing.
    """
    story, grown = read_story(settings.home), read_growth(settings.home)
    if story is None:
        write_growth(settings.home, Growth(size.residents or size.first, size.portion))
        _make_first(settings, url, min(size.residents or size.first, size.first), size.years)
        return
    before = grown.residents if grown else story.residents
    wanted = max(before, size.residents or 0)
    write_growth(settings.home, Growth(wanted, size.portion))
    asyncio.run(_people(settings, url, story))


async def _people(settings: Settings, url: str, story: Story) -> None:
    """Those whom a later release has brought along."""
    async with open_platform(settings, url) as platform, open_gate(platform) as gate:
        await create_accounts(platform, gate.log, story.name, story.person)
        await issue_story_code(platform, gate.log, story)
        await register_his(platform, gate.log, story)
        await plant_map(platform, SEED)


def _make_first(settings: Settings, url: str, residents: int, years: int) -> None:
    started = time.monotonic()

    def told(what: str) -> None:
        _log.info("%s by %.1f s", what, time.monotonic() - started)

    today = datetime.now(_ZONE).date()
    made = make_region(settings.home, residents, years, today)
    told(f"{made.residents} lives of {years} years made")
    sent = region_folder(settings.home) / "sent"
    soil_extract(sent, SEED, today)
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
        await name_divisions(platform, SEED)
        await plant_map(platform, SEED)
        await issue_secrets(platform, region_folder(settings.home))
        return await fill_tables(platform, sent)


async def _finish(settings: Settings, url: str, residents: int, years: int, today: date) -> None:
    async with open_platform(settings, url) as platform:
        await finish(platform)
        truth = region_folder(platform.settings.home) / "truth"
        _log.info("%s", line_of(await links_against_truth(platform, truth)))
        await report_counts(platform, region_folder(settings.home) / "sent" / "counts", today)
        await add_target(platform)
        story = await _story(platform, residents, years, today)
        async with open_gate(platform) as gate:
            await create_accounts(platform, gate.log, story.name, story.person)
            await give_consents(platform, gate.log, story)
            await issue_story_code(platform, gate.log, story)
            await tell_story(platform, gate.log, story)
            await register_his(platform, gate.log, story)
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

    def growing() -> Growing | None:
        found = progress(home)
        if found is None or found.loaded >= found.residents:
            return None
        return Growing(found.loaded, found.residents)

    return Demonstration(demo_accounts(), send, growing)


async def _exchange_by_socket(settings: Settings, raw: bytes) -> str:
    reader, writer = await asyncio.open_connection(settings.mllp_host, settings.mllp_port)
    try:
        writer.write(frame(raw))
        await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), _ANSWER_SECONDS)
    finally:
        writer.close()
    return answer.strip(b"\x0b\x1c\r").decode()
