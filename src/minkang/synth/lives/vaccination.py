"""Vaccination of a life: the programme of childhood with its delays, and what is paid for besides.

Families differ: most come within a fortnight, some late, a few refuse; a dose that was forgotten is
found when the certificate is looked at on entering nursery or school, and mostly made up for. The
desks were closed for six weeks in early 2020. Coverage comes to 96-99 % of the doses of infancy
(national reported coverage is above 98 %, plans ask for 90-95 %).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.children_birth import born_at, hospital_of_birth
from minkang.synth.lives.desk import centre_desk, here, morning, open_day
from minkang.synth.lives.life import Life
from minkang.synth.lives.vaccination_adults import of_adults
from minkang.synth.lives.vaccination_card import Given, card_of, entry, feverish
from minkang.synth.lives.vaccines import GIRLS_FROM, VACCINES, Due, programme
from minkang.synth.record import Diagnosis, Form, Medicine, Plan

_MONTH: Final = 30.4375
_SHUT: Final = (date(2020, 1, 26), date(2020, 3, 9))
_SERIES: Final = {"ipv": "polio", "opv": "polio", "mena": "meningo", "menac": "meningo",
                  "mr": "measles", "mmr": "measles", "penta": "dtap"}  # fmt: skip
_REACTION: Final = Diagnosis("T88.102", "免疫接种后反应")


class Family(msgspec.Struct, frozen=True, gc=False):
    """How a family keeps to the schedule: days of delay on average, share of doses forgotten."""

    delay: float
    forgets: float
    refuses: bool


def plans(life: Life) -> Iterator[Plan | Form]:
    """Entries of the vaccination card, and visits for a fever after a dose."""
    if life.end < life.begin:
        return
    if life.age(life.begin) < 16:
        yield from _written(life, _childhood(life))
    if life.age(life.end) >= 3:
        desk = centre_desk(life, "vaccination")
        yield from _written(life, of_adults(life, desk))


def _written(life: Life, doses: list[Given]) -> Iterator[Plan | Form]:
    """The doses of the days on which the resident is here, those of one day after another."""
    doses = [given for given in doses if here(life, given.day)]
    if not doses:
        return
    random = life.stream("vaccination-card")
    desks = [centre_desk(life, "vaccination", seat) for seat in (0.0, 0.5)]
    cards = [card_of(life, desk) for desk in desks]
    reaction, last, at, place = "", None, _moment(life, random, doses[0].day), 0
    for given in doses:
        if given.day != last:
            last, at, place = given.day, _moment(life, random, given.day), 0
            card = cards[int(random.random() * 2)]
        yield entry(life, card, given, at, place, reaction)
        place += 1
        fever = feverish(random, given)
        if fever is not None and here(life, given.day + timedelta(days=1)):
            yield _fever(life, given, fever)
            if fever >= 39.2:
                product = VACCINES[given.vaccine].product
                reaction = f"接种{product}后发热{fever}℃，1天后退热"


def _moment(life: Life, random: Random, day: date) -> datetime:
    """When the desk is open; in the hospital of birth some hours after it, at any time of day."""
    if (day - life.person.birth).days <= 1:
        born = born_at(life)
        if born is not None:
            return born + timedelta(minutes=200)
    return morning(random, day)


def _fever(life: Life, given: Given, celsius: float) -> Plan:
    child = life.age(given.day) < 14
    return Plan(
        life.person.key,
        given.day + timedelta(days=1),
        "O",
        "town",
        "paediatric" if child else "general",
        (_REACTION,),
        ("fever",),
        1,
        medicines=(Medicine("ibuprofen-suspension" if child else "ibuprofen", 2),),
        acute={"fever": (celsius - 37) / 4},
        facts={"vaccine": VACCINES[given.vaccine].product, "temperature": f"{celsius}"},
    )


def _childhood(life: Life) -> list[Given]:
    """All doses from birth to fifteen, in order of time, also those before the window."""
    random = life.stream("vaccination")
    family = _family(random)
    wanted = _wanted(life, random)
    refused = frozenset(due.vaccine for due in programme(life.person.birth))
    delays: dict[float, float] = {}
    born = born_at(life)
    first = (
        life.person.birth + timedelta(days=1)
        if born is None
        else (born + timedelta(minutes=200)).date()
    )
    last: dict[str, date] = {}
    lost: set[str] = set()
    found: list[Given] = []
    for due in wanted:
        chance, lateness = random.random(), random.expovariate(1)
        series = _SERIES.get(due.vaccine, due.vaccine)
        if series in lost or (family.refuses and due.vaccine in refused and due.months > 0):
            continue
        delay = delays.setdefault(due.months, lateness * family.delay if due.months else 0.0)
        day = life.person.birth + timedelta(days=int(due.months * _MONTH + delay))
        remark = ""
        if due.months and chance < family.forgets:
            made_up = _made_up(random, life.person.birth, due)
            if made_up is None:
                lost.add(series)
                continue
            day, remark = made_up, "补种"
        if series in last:
            day = max(day, last[series] + timedelta(days=_gap(due)))
        day = _when_open(life, random, day) if due.months else first
        last[series] = day
        found.append(Given(due.vaccine, due.dose, day, remark, _birth_place(life, due)))
    found += _papilloma(life, random)
    found.sort(key=lambda given: (given.day, given.vaccine))
    return found


def _gap(due: Due) -> int:
    """Least days since the dose before; a year between the two kinds of meningococcal vaccine."""
    return 365 if due.vaccine == "menac" and due.dose == 3 else VACCINES[due.vaccine].gap


def _family(random: Random) -> Family:
    kind, refuses = random.random(), random.random() < 0.003
    if kind < 0.80:
        return Family(5.0, 0.006, refuses)
    if kind < 0.96:
        return Family(17.0, 0.025, refuses)
    return Family(55.0, 0.09, refuses)


def _wanted(life: Life, random: Random) -> list[Due]:
    """Programme and what this family pays for, by the age at which it is due.

    The five-in-one vaccine stands in for pertussis, polio and Hib of the first eighteen months.
    """
    birth = life.person.birth
    rich = random.gauss(0.04 * (birth.year - 2018), 1)
    draws = [random.random() for _ in range(6)]
    doses = list(programme(birth))
    if rich > 0.8 and draws[0] < 0.75:
        doses = [
            due
            for due in doses
            if not (due.vaccine in ("dtap", "ipv") and due.months < 24)
            and not (due.vaccine == "opv" and due.months < 24)
        ]
        doses += (Due("penta", n + 1, m) for n, m in enumerate((2, 3, 4, 18)))
    elif rich > 0.1 and draws[0] < 0.7:
        doses += (Due("hib", n + 1, m) for n, m in enumerate((2.5, 4.5, 6.5, 18.5)))
    if rich > 0.4 and draws[1] < 0.75 and birth >= date(2017, 6, 1):
        doses += (Due("pcv13", n + 1, m) for n, m in enumerate((2.5, 4.5, 6.5, 13)))
    if rich > 0.2 and draws[2] < 0.7 and birth >= date(2018, 10, 1):
        doses += (Due("rota", n + 1, m) for n, m in enumerate((1.6, 2.6, 3.6)))
    if rich > -1.2 and draws[3] < 0.93:
        doses.append(Due("varicella", 1, 12.5))
        if draws[3] < 0.72:
            doses.append(Due("varicella", 2, 48.5))
    if rich > 0 and draws[4] < 0.7 and birth >= date(2016, 3, 1):
        doses += (Due("ev71", n + 1, m) for n, m in enumerate((7, 8.4)))
    if rich > 0.5:
        doses += _flu(birth, random)
    doses.sort(key=lambda due: (due.months, due.vaccine))
    return doses


def _flu(birth: date, random: Random) -> Iterator[Due]:
    """Autumns before the sixth birthday: two doses in the first, one in others."""
    first = True
    for year in range(birth.year, birth.year + 6):
        day = date(year, 10, 8) + timedelta(days=int(random.random() * 45))
        months = (day - birth).days / _MONTH
        if months < 6 or random.random() > 0.55:
            continue
        vaccine = "flu-child" if months < 36 else "flu"
        yield Due(vaccine, 1, months)
        if first and vaccine == "flu-child":
            yield Due(vaccine, 2, months + 1)
        first = False


def _made_up(random: Random, birth: date, due: Due) -> date | None:
    """When a forgotten dose was made up for: soon, or on entering nursery or school; or never."""
    chance, delay = random.random(), random.random()
    if chance < 0.55:
        return birth + timedelta(days=int(due.months * _MONTH + 60 + delay * 150))
    if chance < 0.93:
        year = birth.year + (3 if due.months < 34 else 7 if due.months < 72 else 8)
        return date(year, 9, 5) + timedelta(days=int(delay * 80))
    return None


def _when_open(life: Life, random: Random, day: date) -> date:
    """The next day on which the desk is open: daily in towns, some weekdays in the country."""
    if _SHUT[0] <= day < _SHUT[1]:
        day = _SHUT[1] + timedelta(days=int(random.random() * 35))
    day = open_day(day)
    village = life.world.place.village(life.person.village)
    if not village.urban:
        days = (1, 3) if int(village.town[-1]) % 2 else (0, 2, 4)
        while day.weekday() not in days:
            day = open_day(day + timedelta(days=1))
    return day


def _birth_place(life: Life, due: Due) -> str:
    """The first doses are given where the child is born."""
    if due.months:
        return ""
    return hospital_of_birth(life) + "产科"


def _papilloma(life: Life, random: Random) -> list[Given]:
    """Two doses for girls who turn thirteen since the programme has them."""
    person = life.person
    if person.sex != "F" or person.birth.replace(day=1) < GIRLS_FROM.replace(year=2011, day=1):
        return []
    chance, lateness = random.random(), random.random()
    day = max(person.birth + timedelta(days=4749), GIRLS_FROM)
    if chance > 0.88 or life.end < day:
        return []
    first = _when_open(life, random, day + timedelta(days=int(lateness * 70)))
    second = _when_open(life, random, first + timedelta(days=183))
    return [Given("hpv2", 1, first), Given("hpv2", 2, second)]
