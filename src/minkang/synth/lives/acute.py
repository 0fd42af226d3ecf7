"""Sudden illness: what strikes in a year of life, and what is then done.

Rates are those of `acute_illnesses`; who has chronic lung disease gets more pneumonia, who has had
a stroke or is demented inhales more, who takes part in drinking drinks (men of working age).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from minkang.synth.lives.acute_illnesses import ILLNESSES
from minkang.synth.lives.acute_visits import Acute, sudden
from minkang.synth.lives.frequencies import band
from minkang.synth.lives.frequencies_rare import Table, drawn, table
from minkang.synth.lives.life import Life
from minkang.synth.record import Form, Plan

_TABLE: Final[Table[Acute]] = table(ILLNESSES)

# Key of an illness: conditions one of which must be there, else it mostly does not strike.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "aspiration": ("stroke-ischaemic", "stroke-haemorrhagic", "dementia", "parkinson"),
}
_SPARED: Final = 0.3  # of those without such a condition, the share whom it strikes all the same
_WEAK: Final = ("copd", "heart-failure", "diabetes", "lung-cancer")
_FRAIL: Final = 1.75  # how much oftener those with one of these fall ill suddenly, and others
_ROBUST: Final = 1.3


def plans(life: Life) -> Iterator[Plan | Form]:
    """All sudden illnesses within the days of this life, each calendar year from its own stream."""
    once: set[str] = set()
    for year in range(life.begin.year, life.end.year + 1):
        random = life.stream(f"acute-{year}")
        middle = date(year, 7, 1)
        age = max(0.0, life.person.age(middle))
        factor = _FRAIL if any(life.has(key, middle) for key in _WEAK) else _ROBUST
        for what, day in drawn(random, _TABLE, life.person.sex, band(age), year, factor):
            spared = random.random()
            if not life.begin <= day <= life.end or (day - life.person.birth).days < 20:
                continue
            if what.key in once or (spared > _SPARED and not _possible(life, what, day)):
                continue
            if what.key in _ONCE:
                once.add(what.key)
            yield from sudden(life, random, what, day)


_ONCE: Final = frozenset(("appendicitis", "cholecystitis", "testicular-torsion", "nephrotic"))
"""What nobody has twice, mostly because it is then out."""


def _possible(life: Life, what: Acute, day: date) -> bool:
    needs = _NEEDS.get(what.key)
    return needs is None or any(life.has(key, day) for key in needs)
