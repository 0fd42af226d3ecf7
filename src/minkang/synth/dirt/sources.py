"""Sources in trouble for a time: a wrong clock, silence, lost visits, rubbish, new codes."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from minkang.synth.draws import share
from minkang.synth.record import LOCAL, World

LOST_SHARE: Final = 0.1
RUBBISH_SHARE: Final = 0.125
CLOCK_HOURS: Final = 8.0  # a server that believes it stands at Greenwich
_SILENT_DAYS: Final = 35
_CLOCK_DAYS: Final = 90
_RUBBISH_DAYS: Final = 21
_DEAD_DAYS: Final = 3

_PREFERRED: Final = {
    "lossy": ("gangcheng",),
    "rubbish": ("songling",),
}
"""Where named systems exist they are taken, so that a small region shows the trouble, too."""


class Trouble(msgspec.Struct, frozen=True):
    """One source's trouble between two moments."""

    kind: str
    source: str
    begin: datetime
    end: datetime


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def troubles(world: World, speakers: Iterable[str], vendor: dict[str, str]) -> tuple[Trouble, ...]:
    """Who is in trouble when.

    `speakers` are the ids of the systems that send HL7 v2, of a hospital each; `vendor` names the
    maker of each. A kind that finds no source (a region without such hospitals) is left out.
    """
    hospitals = sorted(speakers)
    others = [one for one in hospitals if one not in ("haibin", "gangcheng", "songling")]
    others.sort(key=lambda one: share(world.seed, "trouble", one))
    today, begin = _midnight(world.today), _midnight(world.begin)
    spans = {
        "lossy": (begin, today),
        "rubbish": _span(today, begin, 150, _RUBBISH_DAYS),
        "broken-clock": _span(today, begin, 220, _CLOCK_DAYS),
        "silent": _span(today, begin, 90, _SILENT_DAYS),
    }
    found = []
    free = list(others)
    for kind, span in spans.items():
        if kind not in world.dirt:
            continue
        named = [one for one in _PREFERRED.get(kind, ()) if one in hospitals]
        source = named[0] if named else free.pop(0) if free else ""
        if source:
            found.append(Trouble(kind, source, *span))
    if "changed-codes" in world.dirt and vendor.get("gangcheng"):
        changed = _midnight(
            date(world.today.year - (world.today < date(world.today.year, 7, 2)), 7, 1)
        )
        same = [one for one in hospitals if vendor.get(one) == vendor["gangcheng"]]
        found += [Trouble("changed-codes", one, max(changed, begin), today) for one in same]
    return tuple(found)


def _span(today: datetime, begin: datetime, ago: int, days: int) -> tuple[datetime, datetime]:
    """So many days that began so many days ago, within the window."""
    first = max(begin, today - timedelta(days=ago))
    return first, min(today, first + timedelta(days=days))


def battery_dead(trouble: Trouble, at: datetime) -> bool:
    """Whether the broken clock stood still at its first day, as after a power cut."""
    return at < trouble.begin + timedelta(days=_DEAD_DAYS)
