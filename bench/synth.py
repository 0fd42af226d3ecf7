"""The practice region: how fast lives are made, how full they are, and what ten times as many cost.

All by the processor time of one process, so that what else runs on the machine does not count.
"""

import gc
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from bench.measure import Place, Result, result
from minkang.app.synth import Wish, make, world_of
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import encode_row
from minkang.exchange.sources import Source
from minkang.synth.lives.life import days_here
from minkang.synth.lives.live import live
from minkang.synth.people import household, thin_blocks
from minkang.synth.record import World
from minkang.synth.speak.registry import registered
from minkang.synth.speak.say import everything
from minkang.synth.speak.sent import CONTROL, Message, Sent
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.write import columns_of

_TODAY: Final = date(2026, 11, 1)
_SAMPLE, _YEARS, _ROUNDS = 30, 3, 3
_THIN_HOUSEHOLDS: Final = 20_000
_RESIDENTS: Final = 100
_RESOURCES_MARK, _FULL_MARK, _PERSONS_MARK, _GROWTH_MARK = 5_000.0, 40.0, 20_000.0, 11.0


async def synth(place: Place) -> list[Result]:
    """Full lives, thin lives, growth.

    `synth_lives`: FHIR resources of which a sample of households tells, for each second in which
    their lives were made and said; mapping them, which counts them, is not timed. Households are
    others in each round. `synth_fullness`: the same resources for each year of a resident.
    `synth_thin`: thin persons. All three against their marks, which are fixed. `synth_growth`:
    everything that `minkang synth` writes for ten times the residents, against one time.
    """
    world = _world(place.home)
    setting = Setting(world)
    for number in range(2):  # catalogues are read with the first lives
        list(everything(setting, live(world, number)))
    rounds = [_lives(setting, range(at * _SAMPLE, (at + 1) * _SAMPLE)) for at in range(_ROUNDS)]
    rates = sorted(resources / seconds for resources, _, seconds in rounds)
    fullness = sum(one[0] for one in rounds) / sum(one[1] for one in rounds)
    _cost(place.home / "warm", _RESIDENTS // 10)
    one, ten = (_cost(place.home / f"region-{n}", n) for n in (_RESIDENTS, 10 * _RESIDENTS))
    return [
        result("synth_lives", rates[len(rates) // 2], "resources/s", _RESOURCES_MARK, 1.0),
        result("synth_fullness", fullness, "resources", _FULL_MARK, 1.0),
        result("synth_thin", _thin(world), "persons/s", _PERSONS_MARK, 1.0),
        result("synth_growth", ten, "s", one, _GROWTH_MARK, at_most=True),
    ]


def _world(home: Path) -> World:
    return world_of(Wish(1, home, _TODAY, years=_YEARS, dirt="none"))


def _lives(setting: Setting, numbers: range) -> tuple[int, float, float]:
    """Resources, years of residents, and seconds of these households."""
    gc.collect()
    begun = time.process_time()
    sent = [one for number in numbers for one in everything(setting, live(setting.world, number))]
    seconds = time.process_time() - begun
    return len(set(_resources(setting, sent))), _years(setting.world, numbers), seconds


def _resources(setting: Setting, sent: list[Sent]) -> Iterator[tuple[str, str, str]]:
    """Source, type and id of all that a receiver makes of it."""
    known: dict[str, dict[str, Any]] = registered(setting)
    sources = {
        name: Source(**{**given, "channels": tuple(given["channels"])})
        for name, given in known.items()
    }
    for one in sent:
        context = Context(sources[one.source], b"k" * 32, datetime.now(UTC), b"h" * 32)
        if isinstance(one, Message):
            made = map_message(context, one.channel, one.raw.replace(CONTROL, b"C1"))
        else:
            row = {column: one.values.get(column) or None for column in columns_of(one.table)}
            made = map_message(context, "table", encode_row(row))
        yield from ((one.source, *contribution.key) for contribution in made)


def _years(world: World, numbers: range) -> float:
    days = 0
    for number in numbers:
        for person in household(world, number).people:
            begin, end = days_here(world, person)
            days += max(0, (end - begin).days + 1)
    return days / 365.25


def _thin(world: World) -> float:
    """Thin persons a second."""
    for _ in thin_blocks(world, 1):  # what is counted once for all households
        pass
    begun = time.process_time()
    count = sum(len(block.key) for block in thin_blocks(world, _THIN_HOUSEHOLDS))
    return count / (time.process_time() - begun)


def _cost(out: Path, residents: int) -> float:
    """Seconds of a region of a year with all its dirt and truth."""
    gc.collect()
    begun = time.process_time()
    make(Wish(residents, out, _TODAY, years=1, base=False))
    return time.process_time() - begun
