"""Which nursery, school and class a child attends on a day."""

from datetime import date
from typing import Final

import msgspec

from minkang.synth.draws import share
from minkang.synth.place import Place, Site
from minkang.synth.record import Person

_STAGES: Final = (("nursery", 3, 3), ("primary", 6, 6), ("middle", 12, 3), ("high", 15, 3))
"""Stage, age reached by the last of August in which it begins, years (6-3-3)."""

_NURSERY: Final = 0.91
"""Share of the children of three to five who go to a nursery (Shandong 2020: about 90 %)."""

_HIGH: Final = 0.95


class Schooling(msgspec.Struct, frozen=True):
    """A child's place at school: `grade` counts from 0 within the site's grades."""

    site: Site
    stage: str
    grade: int
    number: int  # of the class within the grade, from 0

    @property
    def class_key(self) -> str:
        """The same for all children of one class on one day."""
        return f"{self.site.key}/{self.grade}/{self.number}"

    @property
    def class_name(self) -> str:
        """As the school writes it: 三年级(2)班."""
        return self.site.class_of(self.grade, self.number)


def school_age(birth: date, day: date) -> int:
    """Age reached by the last 31 August before the school year of that day."""
    year = day.year if day.month >= 9 else day.year - 1
    return year - birth.year - (birth.month >= 9)


def schooling(place: Place, seed: int, person: Person, day: date) -> Schooling | None:
    """Where the person learns on that day (holidays included); None for who does not.

    The answer rests on key, birth and village alone, so it holds for any day of a life.
    """
    return attending(place, seed, person.key, person.village, person.birth, day)


def attending(
    place: Place, seed: int, key: str, village: str, birth: date, day: date
) -> Schooling | None:
    """As `schooling`, of somebody by key, village and birth."""
    age = school_age(birth, day)
    found = [(stage, first) for stage, first, years in _STAGES if first <= age < first + years]
    if not found:
        return None
    stage, first = found[0]
    chance = share(seed, "schooling", key, stage)
    if (stage == "nursery" and chance > _NURSERY) or (stage == "high" and chance > _HIGH):
        return None
    number = int(chance * 1_000_003)
    site = place.school_for(village, stage, number)
    return Schooling(site, stage, age - first, number // 10 % max(site.classes, 1))
