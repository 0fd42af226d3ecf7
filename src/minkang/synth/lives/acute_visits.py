"""How a sudden illness becomes visits: seen nearby or brought in, admitted, seen again."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.frequencies_orders import (
    Images,
    Medicines,
    Tests,
    drawn_images,
    drawn_medicines,
    drawn_tests,
    images,
    medicines,
    tests,
)
from minkang.synth.lives.life import Life
from minkang.synth.lives.minor import WARD_PANELS, beside, symptoms_of
from minkang.synth.lives.minor_care import specialty_at, ward_for
from minkang.synth.record import Care, Diagnosis, Operation, Plan


class Acute(msgspec.Struct, frozen=True, gc=False):
    """One kind of sudden illness.

    `rates` per 100,000 person-years by band, `women` and `season` as in `frequencies`. `grave` is
    how bad it is (0-1), `admitted` the share that is admitted for `nights`, `ambulance` the share
    fetched by 120, `operations` what is done with which chance, `reviews` the days after discharge
    of further visits.
    """

    key: str
    diagnosis: Diagnosis
    others: tuple[Diagnosis, ...]
    rates: tuple[float, ...]
    women: float
    season: str
    specialty: str
    symptoms: tuple[str, ...]
    days: tuple[int, int]
    tests: Tests
    images: Images
    medicines: Medicines
    acute: dict[str, float]
    grave: float
    admitted: float
    nights: int
    ambulance: float
    operations: tuple[tuple[Operation, float], ...]
    reviews: tuple[int, ...]
    facts: dict[str, str]


def acute(
    key: str,
    code: str,
    name: str,
    rates: tuple[float, ...],
    specialty: str,
    symptoms: str,
    *,
    women: float = 1.0,
    season: str = "",
    days: tuple[int, int] = (0, 2),
    order: str = "",
    image: str = "",
    drugs: str = "",
    acute: dict[str, float] | None = None,
    grave: float = 0.4,
    admitted: float = 0.0,
    nights: int = 0,
    ambulance: float = 0.05,
    operations: tuple[tuple[Operation, float], ...] = (),
    reviews: tuple[int, ...] = (),
    others: tuple[tuple[str, str], ...] = (),
    facts: dict[str, str] | None = None,
) -> Acute:
    """One row of the tables: its texts are read by `frequencies_orders`."""
    return Acute(
        key, Diagnosis(code, name), tuple(Diagnosis(*other) for other in others), rates, women,
        season, specialty, tuple(symptoms.split()), days, tests(order), images(image),
        medicines(drugs), acute or {}, grave, admitted, nights, ambulance, operations, reviews,
        facts or {},
    )  # fmt: skip


_HOURS: Final = (*range(8, 12), *range(13, 24), *range(17, 23), 0, 1, 3, 5)
"""When emergencies come: all day, most in the evening."""


def sudden(life: Life, random: Random, what: Acute, day: date) -> Iterator[Plan]:
    """The visits of one sudden illness: before, at the worst, and after it."""
    age = life.person.age(day)
    if random.random() >= what.admitted:
        first = _emergency(life, random, what, day, age)
        yield first
        if what.reviews and random.random() < 0.6:
            yield review(life, random, what, day + timedelta(days=min(what.reviews[0], 5)), first)
        return
    if what.ambulance < 0.2 and what.days[1] >= 2 and random.random() < 0.35:
        before = day - timedelta(days=1)
        if before >= life.begin:
            yield _nearby(life, random, what, before, age)
    stay = admission(life, random, what, day, age)
    yield stay
    leaving = day + timedelta(days=stay.nights)
    for wait in what.reviews:
        if random.random() < 0.75:
            yield review(life, random, what, leaving + timedelta(days=wait), stay)


def _nearby(life: Life, random: Random, what: Acute, day: date, age: float) -> Plan:
    """The visit near home from which one is sent on."""
    care: Care = "town" if age < 14 or random.random() < 0.6 else "village"
    return Plan(
        person=life.person.key,
        day=day,
        kind="O",
        care=care,
        specialty=specialty_at(care, "paediatric" if age < 14 else "general"),
        diagnoses=(msgspec.structs.replace(what.diagnosis, certain=False),),
        symptoms=symptoms_of(random, what.symptoms),
        lasting=random.randint(*what.days),
        panels=drawn_tests(random, (("cbc", 0.5),), care),
        acute=what.acute,
        because=what.key,
        outcome="转诊",
        refer="county",
    )


def _emergency(life: Life, random: Random, what: Acute, day: date, age: float) -> Plan:
    care: Care = random.choices(("town", "county", "city"), (0.22, 0.5, 0.28))[0]
    if what.grave > 0.5 and care == "town":
        care = "county"
    return Plan(
        person=life.person.key,
        day=day,
        kind="E",
        care=care,
        specialty="emergency",
        diagnoses=(what.diagnosis, *what.others),
        symptoms=symptoms_of(random, what.symptoms),
        lasting=random.randint(*what.days),
        panels=drawn_tests(random, what.tests, care),
        images=drawn_images(random, what.images, care),
        medicines=drawn_medicines(random, what.medicines),
        acute=what.acute,
        facts=what.facts,
        because=what.key,
        hour=random.choice(_HOURS),
        ambulance=care != "town" and random.random() < what.ambulance,
        weight=2,
    )


def admission(life: Life, random: Random, what: Acute, day: date, age: float) -> Plan:
    """The stay in hospital, with what is done there."""
    care = ward_for(random, age, what.grave)
    done = tuple([operation for operation, chance in what.operations if random.random() < chance])
    if (done or what.grave > 0.55) and care == "town":
        care = "county"
    nights = max(2, round(what.nights * random.lognormvariate(0, 0.28)))
    if age >= 75:
        nights = round(nights * 1.15)
    specialty = "paediatric" if age < 14 and what.specialty in _INNER else what.specialty
    brought = random.random() < what.ambulance
    return Plan(
        person=life.person.key,
        day=day,
        kind="I",
        care=care,
        specialty=specialty_at(care, specialty),
        diagnoses=(what.diagnosis, *what.others, *beside(life, day)),
        symptoms=symptoms_of(random, what.symptoms),
        lasting=random.randint(*what.days),
        panels=tuple(dict.fromkeys((*WARD_PANELS, *drawn_tests(random, what.tests, "city")))),
        images=drawn_images(random, what.images, care),
        medicines=drawn_medicines(random, what.medicines),
        operations=done,
        nights=nights,
        acute=what.acute,
        facts=what.facts,
        because=what.key,
        hour=random.choice(_HOURS) if brought or what.grave > 0.5 else None,
        ambulance=brought,
        weight=4,
    )


def review(life: Life, random: Random, what: Acute, day: date, first: Plan) -> Plan:
    """A visit afterwards, at the department that treated it."""
    specialty = first.specialty
    if specialty == "emergency":
        child = life.person.age(day) < 14 and what.specialty in _INNER
        specialty = "paediatric" if child else what.specialty
    return Plan(
        person=first.person,
        day=day,
        kind="O",
        care=first.care,
        specialty=specialty_at(first.care, specialty),
        diagnoses=first.diagnoses[:1],
        symptoms=first.symptoms[:1],
        lasting=min(400, first.lasting + (day - first.day).days),
        panels=tuple([p for p, c in what.tests if c >= 0.7 and random.random() < 0.5]),
        images={s: "" for s, _, c in what.images if c >= 0.7 and random.random() < 0.35},
        medicines=drawn_medicines(random, what.medicines[:2]),
        facts={"course": "after-discharge" if first.kind == "I" else "follow-up", **what.facts},
        because=what.key,
    )


_INNER: Final = frozenset(
    ("internal", "respiratory", "digestive", "neurology", "infectious", "renal", "cardiac")
)
