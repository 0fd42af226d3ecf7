"""What a person does and inherits, drawn once: smoke, drink, salt, weight, family, care.

Shares after China's surveys: smoking (2018 adult tobacco survey: 50.5 % of men, 2.1 % of women of
15 and over), drinking and body mass (nutrition and chronic disease report 2020; Shandong is among
the heavier and saltier provinces).
"""

from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.record import Person

_DUSTY: Final = ("矿", "石", "铸造", "水泥", "粉尘", "焊", "建筑", "采")
_SALTY: Final = ("渔", "农", "养殖")


class Habits(msgspec.Struct, frozen=True, gc=False):
    """`bmi` is the adult's own set point in kg/m2. Ages are in years; 0 where there is none.

    `salt` and `care` are standard normal: how salty the kitchen, how readily one sees a doctor.
    `family` holds keys of diseases that run in the family. `drinks` is 0 never, 1 now and then,
    2 most days.
    """

    smokes_from: float
    smokes_until: float
    daily: int  # cigarettes
    drinks: int
    salt: float
    bmi: float
    active: bool
    care: float
    family: tuple[str, ...]
    dust: bool

    def smokes(self, age: float) -> bool:
        """Whether a smoker at that age."""
        return 0 < self.smokes_from <= age < self.smokes_until

    def pack_years(self, age: float) -> float:
        """Packs a day times years smoked until that age."""
        if not self.smokes_from or age <= self.smokes_from:
            return 0.0
        return (min(age, self.smokes_until) - self.smokes_from) * self.daily / 20


def habits_of(person: Person) -> Habits:
    """The habits of that person, always the same: drawn from the person's own key and number."""
    random = stream(0, "habits", person.key, person.id_number)
    kitchen = stream(0, "kitchen", person.household)
    man = person.sex == "M"
    begin, end, daily = _smoking(random, man)
    chance = random.random()
    drinks = (2 if chance < 0.14 else 1 if chance < 0.5 else 0) if man else int(chance < 0.11)
    salt = 0.7 * kitchen.gauss(0, 1) + 0.6 * random.gauss(0, 1)
    work = person.occupation
    if any(mark in work for mark in _SALTY):
        salt += 0.3
    bmi = random.gauss(24.9, 3.2) if man else random.gauss(24.0, 3.4)
    family = tuple(
        key
        for key, share in (
            ("hypertension", 0.32),
            ("diabetes", 0.16),
            ("coronary", 0.10),
            ("stroke", 0.13),
            ("cancer", 0.14),
        )
        if random.random() < share
    )
    return Habits(
        begin,
        end,
        daily,
        drinks,
        salt,
        min(42.0, max(17.0, bmi + 0.3 * salt)),
        random.random() < (0.24 if person.birth.year > 1970 else 0.35),
        random.gauss(0 if man else 0.3, 1),
        family,
        man and any(mark in work for mark in _DUSTY),
    )


def _smoking(random: Random, man: bool) -> tuple[float, float, int]:
    """Ages of first and last cigarette, and how many a day."""
    ever, begin = random.random() < (0.6 if man else 0.027), random.gauss(19.5, 3.2)
    span, daily = random.expovariate(1 / 75), random.choice((5, 10, 10, 15, 20, 20, 20, 30))
    if not ever:
        return 0.0, 0.0, 0
    begin = max(13.0, begin)
    return begin, begin + max(2.0, span), daily
