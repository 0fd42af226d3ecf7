"""The record of a body: own levels, courses, treatment; and how a treatment approaches its goal.

Everything here is true; noise, rounding and reference ranges belong to `laboratory`.
"""

from datetime import date
from math import exp
from typing import Final

import msgspec

from minkang.synth.lives.courses_habits import Habits
from minkang.synth.lives.growth import Frame
from minkang.synth.record import Condition, Sex

YEAR: Final = 365.25
LEVELS: Final = 48
"""How many standard normal numbers a body has of its own."""

# Which of a body's own numbers belongs to what is asked for by name.
SYSTOLIC, DIASTOLIC, SUGAR, FILTRATION, LDL, FAT, HDL, URATE, RED, VOLUME = range(10)
WHITE, PLATELETS, THYROID, HEIGHT, PULSE, IRON, BILE, BRITTLE = range(10, 18)


class Step(msgspec.Struct, frozen=True, gc=False):
    """The medicines of one course from a day (ordinal) on, until the next step."""

    since: int
    drugs: tuple[str, ...]


class Body(msgspec.Struct, frozen=True, gc=False):
    """One person's body over all years. Days are ordinals; `levels` are standard normal.

    `adherence` runs from 0 (takes little) to 1 (takes all). `regimens` has the steps of treatment
    by key of the condition, in order of time. `pregnancies` are (last period, end). `frame` is how
    the child grows or grew, None for those who were grown long before the region's years.
    `met` has the first day of each notifiable infection.
    """

    sex: Sex
    born: int
    adherence: float
    habits: Habits
    levels: tuple[float, ...]
    conditions: dict[str, Condition]
    regimens: dict[str, tuple[Step, ...]]
    pregnancies: tuple[tuple[int, int], ...]
    frame: Frame | None
    blood_group: str
    met: dict[str, int]

    def age(self, day: date) -> float:
        """Years lived on that day."""
        return (day.toordinal() - self.born) / YEAR

    def there(self, key: str, day: date) -> Condition | None:
        """The condition of that key if it is there on that day, found or not."""
        condition = self.conditions.get(key)
        if condition is None or day < condition.since:
            return None
        return condition if condition.over is None or day <= condition.over else None

    def drugs(self, key: str, day: date) -> tuple[str, ...]:
        """What is prescribed for that condition on that day; nothing before treatment."""
        now = day.toordinal()
        condition = self.conditions.get(key)
        if condition is None or (condition.over is not None and day > condition.over):
            return ()
        taken: tuple[str, ...] = ()
        for step in self.regimens.get(key, ()):
            if step.since > now:
                break
            taken = step.drugs
        return taken


def years_since(condition: Condition, day: date) -> float:
    """Years since the course began; negative before."""
    return (day - condition.since).days / YEAR


def days_treated(condition: Condition, day: date) -> int:
    """Days since treatment began, 0 where it has not."""
    if condition.treated is None or day <= condition.treated:
        return 0
    return (day - condition.treated).days


def toward(start: float, goal: float, days: float, constant: float) -> float:
    """From `start` towards `goal`, two thirds of the way after `constant` days."""
    return goal + (start - goal) * exp(-days / constant)


def months_pregnant(body: Body, day: date) -> float:
    """Months since the last period on that day, 0 where not pregnant."""
    if not body.pregnancies:
        return 0.0
    now = day.toordinal()
    for begun, ended in body.pregnancies:
        if begun <= now <= ended:
            return (now - begun) / 30.4
    return 0.0
