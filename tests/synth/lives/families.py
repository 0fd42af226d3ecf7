"""Invented families as small as a test needs them, in a village of the practice region."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from minkang.synth.lives.body import body_of
from minkang.synth.lives.courses import conditions_of
from minkang.synth.lives.life import Life, days_here
from minkang.synth.place import build_place
from minkang.synth.record import Form, Household, Person, Plan, Pregnancy, World

BEGIN, TODAY = date(2016, 11, 23), date(2026, 11, 23)


@cache
def world(seed: int = 7) -> World:
    """Ten years of the region of that seed."""
    return World(seed, BEGIN, TODAY, build_place(seed))


def person(number: int, member: int, sex: Any, birth: date, **other: Any) -> Person:
    """Somebody of household `number`, living in one of the first villages."""
    village = world().place.villages[number % 4].code
    serial = f"{(number * 7 + member) % 500 * 2 + (sex == 'M'):03d}"
    return Person(
        key=f"{village}-{number:04d}-{member:02d}",
        household=f"{village}-{number:04d}",
        surname="慕",
        given="试",
        sex=sex,
        birth=birth,
        id_number=f"371098{birth:%Y%m%d}{serial}X",
        phone=f"154{number:06d}{member:02d}",
        village=village,
        address="试验路1号",
        marital="已婚" if birth.year < 2000 else "未婚",
        **other,
    )


def life_of(number: int, people: tuple[Person, ...], at: int = 0) -> Life:
    """The life of one member of a household of these people."""
    one, home = people[at], Household(people[0].household, number, people[0].village, people)
    conditions = conditions_of(world(), home, one)
    begin, end = days_here(world(), one)
    return Life(world(), one, home, conditions, body_of(world(), one, conditions), begin, end)


def family(
    number: int, born: date, weeks: float = 39.2, outcome: str = "live"
) -> tuple[Life, Life]:
    """Mother and child of a birth on that day; the child's life is not there where none lives."""
    last_period = born - timedelta(days=int(weeks * 7))
    mother = person(number, 1, "F", date(born.year - 29, 5, 6))
    father = person(number, 2, "M", date(born.year - 31, 3, 4))
    child = person(
        number, 3, "F" if number % 2 else "M", born, mother=mother.key, father=father.key
    )
    key = (child.key,) if outcome in ("live", "still") else ()
    pregnancy = Pregnancy(last_period, born, outcome, key)
    mother = _with(mother, pregnancies=(pregnancy,), spouse=father.key)
    people = (mother, father, child)
    return life_of(number, people, 0), life_of(number, people, 2)


def _with(one: Person, **other: Any) -> Person:
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    return Person(**{**fields, **other})


def old_people(count: int, year: int = 1948) -> Iterator[Life]:
    """Men and women born in that year and the four after, each with the courses of their own."""
    for number in range(count):
        one = person(number, 1, "MF"[number % 2], date(year + number % 5, 4, 1 + number % 28))
        yield life_of(number, (one,))


def forms(made: Iterator[Plan | Form], kind: str = "") -> list[Form]:
    """The forms among what a module makes, all or those of a kind, in order of time."""
    found = [one for one in made if isinstance(one, Form) and kind in ("", one.kind)]
    return sorted(found, key=lambda one: one.at)


def visits(made: Iterator[Plan | Form]) -> list[Plan]:
    """The plans among what a module makes, in order of time."""
    return sorted((one for one in made if isinstance(one, Plan)), key=lambda one: one.day)


def stays_within(life: Life, plans: Callable[[Life], Iterator[Plan | Form]]) -> bool:
    """Whether no form lies outside the days on which the person is here."""
    return all(life.begin <= one.at.date() <= life.end for one in forms(plans(life)))
