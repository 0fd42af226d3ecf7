"""Thirty households over three years, lived once for all tests that look at them."""

from datetime import date
from functools import cache

from minkang.synth.lives.life import Life
from minkang.synth.lives.live import life_of, live
from minkang.synth.place import build_place
from minkang.synth.record import Diagnosis, Household, Lived, Person, Plan, World

BEGIN = date(2023, 9, 1)
TODAY = date(2026, 9, 1)


@cache
def world() -> World:
    """Three years of a region."""
    return World(11, BEGIN, TODAY, build_place(11))


@cache
def lived() -> tuple[Lived, ...]:
    """The first thirty households."""
    return tuple(live(world(), number) for number in range(30))


def somebody(death: date | None = None, left: date | None = None) -> Life:
    """A man of 1950 who lives alone in the first village."""
    village = world().place.villages[0].code
    person = Person(
        f"{village}-0001-01", f"{village}-0001", "于", "海", "M", date(1950, 4, 2), "", "",
        village, "", death=death, left=left,
    )  # fmt: skip
    home = Household(f"{village}-0001", 0, village, (person,))
    return life_of(world(), home, person)


def plan(day: date, kind: str = "O", **more: object) -> Plan:
    """A plan for somebody, with what differs from a visit to the county hospital's clinic."""
    base = Plan("", day, "O", "county", "internal", (Diagnosis("I10.x00", "高血压"),))
    fields = {name: getattr(base, name) for name in base.__struct_fields__}
    return Plan(**{**fields, "kind": kind, **more})
