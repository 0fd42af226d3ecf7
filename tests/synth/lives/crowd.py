"""A crowd of invented people of all ages, two years each, and what the tables of codes say."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from minkang.synth.lives.body import Body, body_of
from minkang.synth.lives.courses import conditions_of
from minkang.synth.lives.life import Life, days_here
from minkang.synth.place import build_place
from minkang.synth.record import Household, Person, World

TODAY = date(2026, 11, 23)
BEGIN = date(2024, 11, 23)
_TABLES = Path(__file__).parents[4] / "shared" / "data" / "terminology"
# Weihai's shape at the census of 2020, in broad strokes: weight of each age.
_AGES = [9 if age < 15 else 10 if age < 30 else 14 if age < 70 else 6 for age in range(95)]


@cache
def world() -> World:
    """Two years of a region."""
    return World(7, BEGIN, TODAY, build_place(7))


def people(count: int, *, dying: bool = False, seed: int = 1) -> Iterator[Person]:
    """People of all ages, each alone in a household; all of them die where `dying`, mostly old."""
    random = Random(seed)
    for number in range(count):
        age = random.choices(range(95), _AGES)[0] if not dying else _age_at_death(random)
        village = world().place.villages[number % 60].code
        death = None
        birth = TODAY - timedelta(days=int(age * 365.25) + random.randrange(365))
        if dying:
            death = BEGIN + timedelta(days=random.randrange(700))
            birth = death - timedelta(days=int(age * 365.25) + random.randrange(300))
        sex: Any = random.choice("MF")
        yield Person(
            key=f"{village}-{number:05d}-1", household=f"{village}-{number:05d}", surname="慕",
            given="试", sex=sex, birth=birth, id_number="", phone=f"154{number:08d}",
            village=village, address="试验路1号", nation="汉族", death=death,
        )  # fmt: skip


def _age_at_death(random: Random) -> int:
    if random.random() < 0.01:
        return 0
    return min(99, max(1, round(random.gauss(76, 13))))


def lives(count: int, *, dying: bool = False, ill: bool = False, seed: int = 1) -> Iterator[Life]:
    """Their lives; with the courses of their own where `ill` or `dying`, else without any."""
    for number, one in enumerate(people(count, dying=dying, seed=seed)):
        home = Household(one.household, number, one.village, (one,))
        begin, end = days_here(world(), one)
        if not (ill or dying):
            yield Life(world(), one, home, (), _body(), begin, end)
            continue
        known = conditions_of(world(), home, one)
        yield Life(world(), one, home, known, body_of(world(), one, known), begin, end)


@cache
def _body() -> Body:
    """One sound body for all who have no courses: it is made slowly and asked for little here."""
    return body_of(world(), next(people(1)), ())


@cache
def national(table: str) -> dict[str, set[str]]:
    """Names by code of `icd10` or `icd9cm3`; skips where the table is not at hand."""
    path = _TABLES / f"{table}_cn_insurance.csv"
    if not path.exists():
        pytest.skip("NOT RUN: the national tables of codes are not at hand")
    found: dict[str, set[str]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["code"], set()).add(row["name"])
    return found
