"""The long tail: what brings everybody to the doctor now and then, year by year.

Each calendar year of a life has a stream of its own, so that a region that has lived on for a month
has had the same years before.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from math import exp
from random import Random
from typing import Final

from minkang.synth.lives.chinese import chinese_visit
from minkang.synth.lives.frequencies import AGES, Ailment, Mix, band, mix, months
from minkang.synth.lives.frequencies_children import CHILDREN
from minkang.synth.lives.frequencies_inner import INNER
from minkang.synth.lives.frequencies_orders import drawn_images, drawn_medicines, drawn_tests
from minkang.synth.lives.frequencies_outer import OUTER
from minkang.synth.lives.life import Life
from minkang.synth.lives.minor_care import care_for, specialty_at, ward_for
from minkang.synth.record import Care, Diagnosis, Form, Plan, Sex

AILMENTS: Final = CHILDREN + INNER + OUTER
"""All rows of the long tail."""

_FRAILTY: Final = 2.4  # shape of the gamma by which people differ in how often they go
_MENARCHE: Final = 12.5
_MENOPAUSE: Final = 50.5
_LAST_DAYS: Final = 75
_APART: Final = 40  # days within which the same complaint is still the same episode
_ADMITTED: Final = (0.75, 0.9, 0.8, 0.5, 0.45, 0.55, 0.95, 1.45, 1.8)


@cache
def _mix(sex: Sex, number: int) -> Mix:
    return mix(AILMENTS, sex, number)


def plans(life: Life) -> Iterator[Plan | Form]:
    """All visits of the long tail, in no particular order within a year."""
    if life.end < life.begin:
        return
    frailty = life.stream("minor-frailty").gammavariate(_FRAILTY, 1 / _FRAILTY)
    had: list[Ailment] = []
    last: dict[str, date] = {}
    for year in range(life.begin.year, life.end.year + 1):
        random = life.stream(f"minor-{year}")
        yield from _year(life, random, year, frailty, had, last)


def _year(
    life: Life, random: Random, year: int, frailty: float, had: list[Ailment],
    last: dict[str, date],
) -> Iterator[Plan]:  # fmt: skip
    person = life.person
    age = max(0.0, (date(year, 7, 1) - person.birth).days / 365.25)
    number = band(age)
    table = _mix(person.sex, number)
    for _ in range(poisson(random, table.rate * frailty)):
        ailment = _which(random, table, number, had)
        day = day_of(random, year, ailment.season)
        if ailment.ages == "newborn":
            day = person.birth + timedelta(days=random.randint(5, 24))
        if not life.begin <= day <= life.end or (day - person.birth).days < 5:
            continue
        if _dying(life, day) and random.random() < 0.75:
            continue
        if ailment.ages == "fertile" and not _MENARCHE <= person.age(day) < _MENOPAUSE:
            continue
        before = last.get(ailment.key)
        if before is not None and abs((day - before).days) < _APART:
            continue
        last[ailment.key] = day
        if ailment.recurs:
            had.append(ailment)
        yield from visits_for(life, random, ailment, day)


def _dying(life: Life, day: date) -> bool:
    """Whether so near to death that a sore tooth is nothing; those who die suddenly don't know."""
    death = life.person.death
    return death is not None and (death - day).days < _LAST_DAYS and len(life.known(day)) > 0


def _which(random: Random, table: Mix, number: int, had: list[Ailment]) -> Ailment:
    """Something new, or one's old complaint again."""
    if had:
        again = had[random.randrange(len(had))]
        fits = again.rate and number_fits(again, number)
        if fits and random.random() < again.recurs * 0.9:
            return again
    return random.choices(table.ailments, cum_weights=table.cumulative)[0]


def number_fits(ailment: Ailment, number: int) -> bool:
    """Whether somebody of that age band can have it at all."""
    return AGES[ailment.ages][number] > 0


def visits_for(life: Life, random: Random, ailment: Ailment, day: date) -> Iterator[Plan]:
    """The first visit for an ailment, an admission where it needs one, the visits after it."""
    age = life.person.age(day)
    chance, nights = ailment.admit
    if chance and random.random() < chance * _ADMITTED[band(age)]:
        yield from _admission(life, random, ailment, day, nights)
        return
    care = care_for(random, ailment.care, age)
    if care == "village" and _needs_a_test(ailment):
        care = "town"
    first = None
    if ailment.chinese:
        first = chinese_visit(life, random, ailment, day, care)
    if first is not None:
        yield from first
        return
    plan = _visit(life, random, ailment, day, care)
    yield plan
    mean, gap = ailment.again
    later = day
    for _ in range(poisson(random, mean) if mean else 0):
        later += timedelta(days=max(1, round(gap * random.uniform(0.7, 1.4))))
        if later <= life.end:
            yield _further(random, ailment, plan, later)


def _needs_a_test(ailment: Ailment) -> bool:
    """Whether nobody would say it without a laboratory or a picture."""
    tests = max((chance for _, chance in ailment.tests), default=0.0)
    return tests >= 0.85 or max((chance for _, _, chance in ailment.images), default=0.0) >= 0.85


def _visit(life: Life, random: Random, ailment: Ailment, day: date, care: Care) -> Plan:
    child = life.person.age(day) < 14
    return Plan(
        person=life.person.key,
        day=day,
        kind="E" if ailment.specialty == "emergency" else "O",
        care=care,
        specialty=_specialty(ailment, care, child),
        diagnoses=(ailment.diagnosis,),
        symptoms=symptoms_of(random, ailment.symptoms),
        lasting=random.randint(*ailment.days),
        panels=drawn_tests(random, ailment.tests, care),
        images=drawn_images(random, ailment.images, care),
        medicines=drawn_medicines(random, ailment.medicines),
        acute=ailment.acute,
        because=ailment.key,
        hour=random.choice((20, 21, 22, 2)) if ailment.specialty == "emergency" else None,
    )


def _further(random: Random, ailment: Ailment, first: Plan, day: date) -> Plan:
    """A later visit for the same: better mostly, fewer tests, what helped once more."""
    tests = tuple([panel for panel in first.panels if random.random() < 0.45])
    repeat = tuple([m for m in first.medicines if random.random() < 0.65])
    return Plan(
        person=first.person,
        day=day,
        kind="O",
        care=first.care,
        specialty=first.specialty if first.specialty != "emergency" else "paediatric",
        diagnoses=first.diagnoses,
        symptoms=first.symptoms[:2],
        lasting=min(365, first.lasting + (day - first.day).days),
        panels=tests,
        medicines=repeat,
        facts={"course": "follow-up"},
        because=ailment.key,
    )


def _admission(
    life: Life, random: Random, ailment: Ailment, day: date, nights: int
) -> Iterator[Plan]:
    age = life.person.age(day)
    severity = max(ailment.acute.values(), default=0.3)
    care = ward_for(random, age, severity)
    if ailment.specialty == "mental":
        care = "mental"
    yield Plan(
        person=life.person.key,
        day=day,
        kind="I",
        care=care,
        specialty=_specialty(ailment, care, age < 14),
        diagnoses=(ailment.diagnosis, *beside(life, day)),
        symptoms=symptoms_of(random, ailment.symptoms),
        lasting=random.randint(*ailment.days),
        panels=tuple(dict.fromkeys((*WARD_PANELS, *(p for p, c in ailment.tests if c >= 0.3)))),
        images=drawn_images(random, ailment.images, "county"),
        medicines=drawn_medicines(random, ailment.medicines),
        nights=max(2, round(nights * random.lognormvariate(0, 0.3))),
        acute=ailment.acute,
        because=ailment.key,
        weight=3,
    )


WARD_PANELS: Final = ("cbc", "urine", "liver", "renal", "electrolytes", "coagulation", "glucose")
"""What everybody gets on admission."""


def beside(life: Life, day: date, most: int = 4) -> tuple[Diagnosis, ...]:
    """What else is known on that day, as the further diagnoses of an admission."""
    return tuple([Diagnosis(c.code, c.name) for c in life.known(day)][:most])


def symptoms_of(random: Random, symptoms: tuple[str, ...]) -> tuple[str, ...]:
    """The chief symptom first, mostly the commonest, and some of the others."""
    if len(symptoms) == 1:
        return symptoms
    if "asymptomatic" in symptoms:
        if random.random() < 0.6:
            return ("asymptomatic",)
        symptoms = tuple([s for s in symptoms if s != "asymptomatic"])
        if len(symptoms) == 1:
            return symptoms
    chief = symptoms[0] if random.random() < 0.65 else symptoms[random.randrange(2)]
    return (chief, *[s for s in symptoms if s != chief and random.random() < 0.42])


def _specialty(ailment: Ailment, care: Care, child: bool) -> str:
    specialty = ailment.specialty
    if child and specialty in ("internal", "respiratory", "digestive", "infectious", "renal"):
        specialty = "paediatric"
    return specialty_at(care, specialty)


def day_of(random: Random, year: int, season: str) -> date:
    """A day of that year, by the season's shares of the months."""
    month = random.choices(_MONTHS, cum_weights=months(season))[0]
    return date(year, month, random.randint(1, 28 if month == 2 else 30))


_MONTHS: Final = tuple(range(1, 13))


def poisson(random: Random, mean: float) -> int:
    """A Poisson draw for small means, by products of uniforms (Knuth)."""
    limit, product, count = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
