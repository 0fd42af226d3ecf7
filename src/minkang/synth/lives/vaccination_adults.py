"""Vaccination beside the programme: covid-19 in 2021 and 2022, influenza, pneumococci, zoster, HPV.

The waves of covid-19 vaccination follow the national order: adults from March 2021, 12-17 years in
August, 3-11 years in November, third doses from November for adults and for the old, fourth ones in
December 2022. The others are paid for and rare (influenza about 4 % of all and 15-20 % of the old).
"""

from datetime import date, timedelta
from random import Random

from minkang.synth.lives.desk import Desk, expecting, open_day
from minkang.synth.lives.life import Life
from minkang.synth.lives.vaccination_card import Given

_COVID_END = date(2022, 12, 31)


def of_adults(life: Life, desk: Desk) -> list[Given]:
    """The doses in order of time. `desk` is the centre's, whose batches are used."""
    random = life.stream("vaccination-adults")
    found: list[Given] = []
    if life.begin <= _COVID_END and life.end >= date(2021, 3, 1):
        found += _covid(life, random)
    found += _influenza(life, random)
    found += _once(life, random)
    if life.person.sex == "F":
        found += _papilloma(life, random)
    found.sort(key=lambda given: (given.day, given.vaccine))
    late = {_series(given) for given in found if expecting(life, given.day)}
    if not late:
        return found
    return [one for one in found if _series(one) not in late or not _after(life, found, one)]


def _series(given: Given) -> str:
    """What the doses are counted in: vaccines against covid-19 go on with one another."""
    return "covid" if given.vaccine.startswith("covid") else given.vaccine


def _after(life: Life, found: list[Given], one: Given) -> bool:
    """Whether this dose, or one of the same vaccine before it, falls into a pregnancy."""
    return any(
        _series(given) == _series(one) and given.day <= one.day and expecting(life, given.day)
        for given in found
    )


def _covid(life: Life, random: Random) -> list[Given]:
    age = life.age(date(2021, 6, 30))
    willing, delay, kind = random.random(), random.random(), random.random()
    third, fourth, spread = random.random(), random.random(), random.random()
    if age >= 18:
        share = 0.95 if age < 60 else 0.9 if age < 80 else 0.66
        first = date(2021, 3, 29) + timedelta(days=int((delay**0.8) * (140 if age < 60 else 200)))
    elif age >= 12:
        share, first = 0.96, date(2021, 7, 28) + timedelta(days=int(delay * 40))
    else:
        share, first = 0.94, date(2021, 11, 1) + timedelta(days=int(delay * 45))
        if life.age(first) < 3:
            return []
    if willing > share:
        return []
    first = open_day(first)
    if age >= 18 and kind < 0.03:
        days, vaccine = [first], "covid-ad5"
    elif age >= 18 and kind < 0.11:
        days = [first, open_day(first + timedelta(days=32)), open_day(first + timedelta(days=65))]
        vaccine = "covid-cho"
    else:
        vaccine = "covid-vero"
        days = [first, open_day(first + timedelta(days=22 + int(spread * 18)))]
    given = [Given(vaccine, n + 1, day) for n, day in enumerate(days)]
    if age >= 18 and third < (0.88 if age < 70 else 0.75):
        day = open_day(max(date(2021, 11, 3), days[-1] + timedelta(days=181 + int(third * 60))))
        given.append(Given("covid-vero", len(given) + 1, day, "加强免疫"))
        if fourth < (0.22 if age >= 60 else 0.05):
            day = open_day(date(2022, 12, 14) + timedelta(days=int(spread * 12)))
            if (day - given[-1].day).days > 180:
                given.append(Given("covid-cho", len(given) + 1, day, "第二剂次加强免疫"))
    return given


def _influenza(life: Life, random: Random) -> list[Given]:
    """Autumns of those who have made it a habit; more of the old."""
    habit = random.random()
    found = []
    for year in range(life.begin.year, life.end.year + 1):
        chance, when = random.random(), random.random()
        age = year - life.person.birth.year
        share = 0.26 if age >= 65 else 0.12 if age >= 60 else 0.04 if age >= 6 else 0.0
        if habit < share and chance < 0.72:
            day = open_day(date(year, 10, 9) + timedelta(days=int(when * 60)))
            found.append(Given("flu", 1, day))
    return found


def _once(life: Life, random: Random) -> list[Given]:
    """Pneumococci at sixty and over, zoster at fifty and over: few, and once in a life."""
    lung, skin, when = random.random(), random.random(), random.random()
    found = []
    span = (life.end - life.begin).days
    day = open_day(life.begin + timedelta(days=int(when * max(0, span))))
    if life.age(day) >= 60 and lung < 0.11:
        found.append(Given("ppv23", 1, day))
    if life.age(day) >= 50 and skin < 0.035 and day >= date(2020, 7, 1):
        first = open_day(day + timedelta(days=21))
        found += [
            Given("zoster", 1, first),
            Given("zoster", 2, open_day(first + timedelta(days=62))),
        ]
    return found


def _papilloma(life: Life, random: Random) -> list[Given]:
    """Nine-valent vaccine that women of 16 to 40 pay for, three doses in half a year."""
    chance, when = random.random(), random.random()
    year = life.person.birth.year
    if not 1978 <= year <= 2009 or chance > (0.28 if year > 1992 else 0.12):
        return []
    low = max(date(2018, 6, 1), date(year + 16, 1, 1), life.begin)
    if low > life.end:
        return []
    first = open_day(low + timedelta(days=int(when * (life.end - low).days)))
    days = (0, 61, 184)
    return [Given("hpv9", n + 1, open_day(first + timedelta(days=d))) for n, d in enumerate(days)]
