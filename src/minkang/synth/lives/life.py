"""One life, as the modules that plan it see it: who, in which household, ill with what, since when.

A module of plans exposes `plans(life) -> Iterator[Plan | Form]`. It draws only from
`life.stream("<its own name>")`, so that no module changes what another one draws.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING

import msgspec

from minkang.synth.draws import share, stream
from minkang.synth.record import Condition, Household, Person, World

if TYPE_CHECKING:
    from minkang.synth.lives.body import Body


class Life(msgspec.Struct, frozen=True, gc=False):
    """A person with all that their plans follow from.

    `begin` and `end` bound the days within the window on which the person is here: `begin` is the
    first such day (birth, arrival or the first day of the region), `end` the last one (death,
    leaving, or the day before today). Where `end < begin` the person is never here.
    """

    world: World
    person: Person
    household: Household
    conditions: tuple[Condition, ...]
    body: Body
    begin: date
    end: date

    def stream(self, name: str) -> Random:
        """The random stream of this person for one purpose; the same at every call."""
        return stream(self.world.seed, name, self.person.key)

    def has(self, key: str, day: date) -> Condition | None:
        """The condition of that key which is there on that day (found or not), if any."""
        for condition in self.conditions:
            if (
                condition.key == key
                and condition.since <= day
                and (condition.over is None or day <= condition.over)
            ):
                return condition
        return None

    def known(self, day: date) -> tuple[Condition, ...]:
        """What is there on that day and had been found by then, in the order of `conditions`."""
        return tuple(
            condition
            for condition in self.conditions
            if condition.found is not None
            and condition.found <= day
            and (condition.over is None or day <= condition.over)
        )

    def age(self, day: date) -> float:
        """Years lived on that day."""
        return self.person.age(day)

    def member(self, key: str) -> Person | None:
        """Who of the household has that key, if anybody has."""
        for person in self.household.people:
            if person.key == key:
                return person
        return None


def usual(life: Life, care: str) -> float:
    """The share in [0, 1) by which a household chooses among institutions of that care."""
    return share(life.world.seed, "usual", life.household.key, care)


def days_here(world: World, person: Person) -> tuple[date, date]:
    """First and last day of the person within the window; the last may lie before the first."""
    begin = max(world.begin, person.birth, person.arrived or person.birth)
    end = date.fromordinal(world.today.toordinal() - 1)
    if person.death is not None:
        end = min(end, person.death)
    if person.left is not None:
        end = min(end, person.left)
    return begin, end
