"""Who is looked after for which long illness, since when and how strictly.

Of those whose pressure or sugar is found, about seven in ten are managed by their family doctor,
the old and the careful more often; three quarters are seen every quarter as the rule wants
(standard management, plans: 60-70 %), the others two or three times a year.
"""

from datetime import date, timedelta
from typing import Final

import msgspec

from minkang.synth.lives.courses_habits import habits_of
from minkang.synth.lives.life import Life

KINDS: Final = ("hypertension", "diabetes", "schizophrenia", "bipolar")


class Managed(msgspec.Struct, frozen=True, gc=False):
    """One long illness under the family doctor's care, from `since` on."""

    key: str
    since: date
    strict: bool


def managed_of(life: Life) -> tuple[Managed, ...]:
    """The illnesses of this life that are managed, also those managed before the window."""
    found = []
    for condition in life.conditions:
        if condition.key not in KINDS or condition.found is None:
            continue
        random = life.stream(f"managed-{condition.key}")
        chance, strict, delay = random.random(), random.random(), random.random()
        age = life.age(condition.found)
        if condition.key in ("schizophrenia", "bipolar"):
            share, keeps = 0.96, 0.93
        else:
            later = max(age, life.age(life.begin))
            share = 0.52 if later < 45 else 0.66 if later < 60 else 0.77 if later < 65 else 0.84
            share += 0.05 * habits_of(life.person).care
            keeps = 0.74
        if chance < share:
            since = condition.found + timedelta(days=15 + int(delay * 160))
            if life.person.arrived is not None:
                since = max(since, life.person.arrived + timedelta(days=40))
            found.append(Managed(condition.key, since, strict < keeps))
    return tuple(found)


def unaware(life: Life, day: date) -> bool:
    """Whether high pressure or sugar has been there for over a year and nobody knows.

    Who is not known to be ill has not been to a check-up, or it would have been seen there; it may
    be seen within the next two months, which is how many are found.
    """
    for key in ("hypertension", "diabetes"):
        ill = life.has(key, day)
        if ill is not None and (day - ill.since).days > 400:
            soon = day + timedelta(days=60)
            if ill.found is None or ill.found > soon:
                return True
    return False


def is_managed(managed: tuple[Managed, ...], key: str, day: date) -> bool:
    """Whether that illness is managed on that day."""
    return any(one.key == key and one.since <= day for one in managed)
