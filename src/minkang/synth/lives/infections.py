"""Notifiable infections: who goes where, what is found, what is reported, late or never.

People are struck at the rates of reported cases, so nearly all of the usual season are seen and
reported; of planted outbreaks the lighter ones stay at home. A card comes within 24 hours of the
diagnosis (2 hours for class A), a few late; suspected and clinical ones are corrected when the
laboratory has answered, deaths added (传染病信息报告管理规范 2026年版).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from minkang.synth.lives.infections_card import card
from minkang.synth.lives.infections_care import LASTING, PROOFS, TREATED, Treated
from minkang.synth.lives.life import Life
from minkang.synth.lives.minor import WARD_PANELS, beside, symptoms_of
from minkang.synth.lives.minor_care import care_for, specialty_at
from minkang.synth.record import LOCAL, Care, Form, Infection, Plan

_SEEN: Final = 0.995  # of the usual season's: they are counted because they were seen
_REPORTED: Final = 0.97  # of those seen; the others never reach the system


def plans(life: Life) -> Iterator[Plan | Form]:
    """Visits and cards of all infections of this life, those of planted outbreaks included."""
    # The region's people carry planted infections already; invented ones of tests may not.
    planted = life.world.struck.get(life.person.key, ())
    struck = dict.fromkeys((*life.person.infections, *planted))
    for number, infection in enumerate(struck):
        random = life.stream(f"infection-{infection.disease}-{infection.onset}-{number}")
        if infection.disease in LASTING:
            yield from _lasting(life, random, infection)
        elif infection.disease in TREATED:
            yield from _seen(life, random, infection, TREATED[infection.disease])


def seeks_care(random: Random, infection: Infection) -> bool:
    """Whether anybody sees it: in an outbreak by how bad it is, else nearly always."""
    if not infection.origin:
        return random.random() < _SEEN
    return random.random() < min(0.97, 0.25 + 1.1 * infection.severity)


def _seen(life: Life, random: Random, infection: Infection, how: Treated) -> Iterator[Plan | Form]:
    seeks = seeks_care(random, infection)
    day = infection.onset + timedelta(days=random.randint(*how.delay))
    if life.person.death is not None:
        day = min(day, life.person.death)
    if not seeks or not life.begin <= day <= life.end:
        return
    age = life.person.age(day)
    worse = infection.severity / 0.35
    if infection.disease in ("influenza", "covid-19"):
        worse *= 1.8 if age >= 70 else 0.35 if age >= 7 else 1.0
    admitted = random.random() < min(1.0, how.admitted * worse)
    proved = random.random() < how.proved
    first = _visit(life, random, infection, how, day, admitted, proved)
    yield first
    leaving = day + timedelta(days=first.nights)
    for wait in how.again:
        if random.random() < 0.7 and leaving + timedelta(days=wait) <= life.end:
            yield _later(first, random, leaving + timedelta(days=wait))
    yield from _cards(life, random, infection, first, proved)


def _visit(
    life: Life, random: Random, infection: Infection, how: Treated, day: date, admitted: bool,
    proved: bool,
) -> Plan:  # fmt: skip
    age = life.person.age(day)
    care = _care(random, how, age, admitted)
    specialty = "paediatric" if age < 14 and how.specialty in _CHILDREN else how.specialty
    tests = tuple(panel for panel, chance in how.tests if random.random() < chance)
    acute = how.acute
    if proved and infection.disease in PROOFS:
        panel, agent = random.choice(PROOFS[infection.disease])
        tests, acute = (panel, *(t for t in tests if t != panel)), acute | {agent: 1.0}
    return Plan(
        person=life.person.key,
        day=day,
        kind="I" if admitted else "O",
        care=care,
        specialty=specialty_at(care, specialty),
        diagnoses=(how.diagnosis, *(beside(life, day) if admitted else ())),
        symptoms=symptoms_of(random, how.symptoms),
        lasting=(day - infection.onset).days,
        panels=tuple(dict.fromkeys((*WARD_PANELS, *tests))) if admitted else tests,
        images={"chest-ct": "pneumonia-both"} if infection.severity > 0.6 and admitted else {},
        medicines=tuple(m for m, chance in how.medicines if random.random() < chance),
        nights=max(2, round(how.nights * random.lognormvariate(0, 0.25))) if admitted else 0,
        acute=acute,
        facts={"infection": infection.disease, "origin": infection.origin},
        because=because(infection),
        outcome="",
        weight=5 if admitted else 2,
    )


def because(infection: Infection) -> str:
    """What visits and cards of an infection are because of: disease and day of onset."""
    return f"{infection.disease}:{infection.onset}"


_CHILDREN: Final = frozenset(("internal", "infectious", "paediatric", "skin"))


def _care(random: Random, how: Treated, age: float, admitted: bool) -> Care:
    if admitted:
        if how.specialty == "infectious" and random.random() < 0.45:
            return "infectious"
        return random.choice(("county", "county", "city"))
    care = care_for(random, how.care, age)
    if care == "village" and how.proved > 0.3:
        return "town"
    return "county" if care in ("tcm", "mental", "private") else care


def _later(first: Plan, random: Random, day: date) -> Plan:
    return Plan(
        person=first.person,
        day=day,
        kind="O",
        care=first.care,
        specialty=first.specialty,
        diagnoses=first.diagnoses[:1],
        symptoms=first.symptoms[:1],
        lasting=first.lasting + (day - first.day).days,
        panels=tuple(p for p in first.panels if p not in WARD_PANELS and random.random() < 0.6),
        medicines=first.medicines[:1],
        facts={"course": "follow-up"},
        because=first.because,
    )


def _cards(
    life: Life, random: Random, infection: Infection, visit: Plan, proved: bool
) -> Iterator[Form]:
    """The first card and its correction; none where it is never reported."""
    if random.random() >= _REPORTED:
        return
    seen = datetime.combine(
        visit.day,
        time(visit.hour or random.choice((8, 9, 10, 14, 15)), random.randrange(60)),
        LOCAL,
    )
    diagnosed = seen + timedelta(minutes=random.randint(40, 300))
    tested = proved and not _at_once(infection)
    state = "3" if proved and not tested else "2" if random.random() < 0.9 else "1"
    filed = diagnosed + timedelta(minutes=_wait(random, infection))
    yield card(life, infection, visit, diagnosed, filed, state, number=1)
    death = life.person.death
    fatal = death is not None and 0 <= (death - infection.onset).days <= 45 and (
        infection.severity >= 0.9
    )  # fmt: skip
    if tested or state == "1":
        confirmed = filed + timedelta(hours=random.randint(20, 90))
        final = "3" if proved else "2"
        yield card(life, infection, visit, confirmed, confirmed, final, number=2)
    if fatal and death is not None:
        told = datetime.combine(death, time(9, 30), LOCAL) + timedelta(days=1)
        yield card(life, infection, visit, diagnosed, max(told, filed), "3", number=2, died=True)


def _at_once(infection: Infection) -> bool:
    """Whether the test that proves it is read on the spot, so that the first card is final."""
    return infection.disease in ("influenza", "covid-19", "syphilis", "gonorrhoea", "hepatitis-c")


def _wait(random: Random, infection: Infection) -> int:
    """Minutes from diagnosis to card: within a day for 97 %, the others late."""
    if random.random() < 0.03:
        return random.randint(1500, 6000)
    return min(1430, round(random.lognormvariate(4.6, 1.1)))


def _lasting(life: Life, random: Random, infection: Infection) -> Iterator[Plan | Form]:
    """The card alone: the visits are those of the condition, from the day it is found."""
    key = LASTING[infection.disease]
    condition = next((c for c in life.conditions if c.key == key), None)
    day = infection.onset + timedelta(days=random.randint(5, 40))
    if condition is not None and condition.found is not None and condition.found >= infection.onset:
        day = condition.found
    if not life.begin <= day <= life.end or random.random() >= _REPORTED:
        return
    diagnosed = datetime.combine(day, time(random.choice((9, 10, 14)), 20), LOCAL)
    filed = diagnosed + timedelta(minutes=_wait(random, infection))
    state = "3" if random.random() < {"tuberculosis": 0.5}.get(infection.disease, 0.93) else "2"
    yield card(life, infection, None, diagnosed, filed, state, number=1)
