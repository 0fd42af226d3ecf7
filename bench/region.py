"""Messages of the practice region, for measuring what takes them in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from minkang.app.demonstration import Region
from minkang.app.synth import Wish
from minkang.synth.people import households_for
from minkang.synth.record import Lived
from minkang.synth.speak.say import everything
from minkang.synth.speak.sent import CONTROL, Message

_SOURCE = "haibin"


def _region(residents: int, years: int) -> Region:
    wish = Wish(residents, Path("unused"), date(2026, 11, 1), seed=7, years=years, dirt="none")
    return Region(wish)


def _lives(region: Region, residents: int) -> Iterator[Lived]:
    return (region.household(number) for number in range(households_for(residents)))


def lab_messages(count: int, since: int = 0) -> list[bytes]:
    """Laboratory results of a hospital, all different; `since` of them were made before."""
    region = _region(60, 3)
    people = {
        visit.person
        for lived in _lives(region, 60)
        for visit in lived.visits
        if region.setting.system(visit.institution).id == _SOURCE
    }
    known = sorted(people)
    start = datetime(2026, 11, 2, tzinfo=UTC)
    return [
        region.fresh(_SOURCE, known[n % len(known)], start + timedelta(seconds=n), f"B{n}", {})
        for n in range(since, since + count)
    ]


def whole_lives(residents: int, most: int = 100_000) -> Iterator[bytes]:
    """All that the hospital sends of three years of its patients' lives."""
    region = _region(residents, 3)
    said = (
        one.raw
        for lived in _lives(region, residents)
        for one in everything(region.setting, lived)
        if isinstance(one, Message) and one.source == _SOURCE and one.channel == "mllp"
    )
    numbered = enumerate(islice(said, most))
    return (raw.replace(CONTROL, f"W{number}".encode()) for number, raw in numbered)
