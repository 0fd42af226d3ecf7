"""What a text is written from: the visit's facts, gathered once, as doctors see them."""

from collections.abc import Sequence
from random import Random

import msgspec

from minkang.synth.record import (
    Condition,
    Done,
    Medicine,
    Person,
    Plan,
    Report,
    Study,
    Vitals,
)
from minkang.synth.texts.style import Style


class Operated(msgspec.Struct, frozen=True, gc=False):
    """An operation of earlier years, as a history tells it."""

    year: int
    name: str


class Case(msgspec.Struct, frozen=True, gc=False):
    """One visit as it is written about.

    `known` are the conditions found by then, `regular` the long-term medicines by their short
    names, `allergy` the drug or food to which there is one ("" where none), `operated` earlier
    operations, `children` how many the patient has borne. `medicines` is what is prescribed now.
    """

    person: Person
    age: float
    plan: Plan
    random: Random
    style: Style
    ordinal: int  # of the day of the visit
    vitals: Vitals
    known: Sequence[Condition] = ()
    regular: Sequence[str] = ()
    allergy: str = ""
    operated: Sequence[Operated] = ()
    pregnancies: tuple[int, int] = (0, 0)  # pregnant, delivered
    smokes: int = 0  # cigarettes a day
    drinks: int = 0  # 0 no - 2 much
    reports: Sequence[Report] = ()
    studies: Sequence[Study] = ()
    medicines: Sequence[Medicine] = ()
    operations: Sequence[Done] = ()
    nights: int = 0
    dead: bool = False

    @property
    def child(self) -> bool:
        """Whether a parent speaks for the patient."""
        return self.age < 12

    @property
    def who(self) -> str:
        """What the record calls the patient."""
        return "患儿" if self.age < 14 else "患者"

    @property
    def way(self) -> int:
        """Which way of saying how long: the same in every paragraph of the visit."""
        return (self.ordinal * 7 + self.plan.lasting * 3 + len(self.plan.symptoms)) % 40

    @property
    def again(self) -> bool:
        """Whether the patient comes after treatment, no longer with the first complaint."""
        return self.plan.facts.get("course") in ("follow-up", "after-discharge")

    def pick(self, ways: Sequence[str]) -> str:
        """One of the ways, by the visit's own stream."""
        return ways[int(self.random.random() * len(ways))]

    def chance(self, share: float) -> bool:
        """True with that share, by the visit's own stream."""
        return self.random.random() < share
