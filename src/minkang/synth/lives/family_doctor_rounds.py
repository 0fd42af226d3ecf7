"""When a managed patient is seen: every quarter, again after a fortnight where it is not well.

The service rule (third edition): four visits a year; whoever is not controlled or has a side effect
is seen again within two weeks, and referred if it is so twice running.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from minkang.synth.lives.desk import open_day
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import Managed

_SHUT = (date(2020, 1, 26), date(2020, 3, 2))


def rounds(life: Life, managed: Managed) -> Iterator[date]:
    """The days of the quarterly follow-ups within the window, in order of time.

    Whoever has both high pressure and sugar is seen for both on one day.
    """
    random = life.stream("rounds")
    day = life.begin + timedelta(days=int(random.random() * 88))
    while day <= life.end:
        jitter, missed = random.uniform(-9, 9), random.random()
        if day >= managed.since and missed < (0.98 if managed.strict else 0.66):
            seen = open_day(day)
            if _SHUT[0] <= seen < _SHUT[1]:
                seen = open_day(seen + timedelta(days=40))
            if seen <= life.end:
                yield seen
        day += timedelta(days=int(91 + jitter))


def way(random: Random, day: date, age: float) -> str:
    """How the patient was met: code of CV06.00.207; mostly by telephone in the spring of 2020."""
    drawn = random.random()
    if date(2020, 2, 1) <= day < date(2020, 5, 1) and drawn < 0.7:
        return "3"
    home = 0.4 if age >= 80 else 0.16
    return "2" if drawn < home else "3" if drawn < home + 0.1 else "1"
