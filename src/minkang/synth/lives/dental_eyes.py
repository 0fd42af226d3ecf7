"""Teeth and eyes looked after without complaint: scaling, sealants, fluoride, implants, glasses.

What hurts is in the long tail, cataracts in planned surgery. Shares follow the fourth national oral
health survey (2017), blown up for a coastal city.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Diagnosis, Form, Operation, Plan

_SCALING: Final = Operation("96.5401", "超声洁牙术")
_SEALANT: Final = Operation("24.9900", "其他牙手术")
_IMPLANT: Final = Operation("23.6x00x003", "义齿种植一期手术(种植体固定钉置入术)", 2, "局部麻醉")
_TARTAR: Final = Diagnosis("K03.601", "牙石")
_LOOK: Final = Diagnosis("Z01.200", "牙科检查")
_GAP: Final = Diagnosis("K08.104", "牙列部分缺失")
_CARES: Final[tuple[Care, ...]] = ("private", "town", "county", "city")


def plans(life: Life) -> Iterator[Plan | Form]:
    """Visits to the dentist that nobody was driven to by pain."""
    heed = life.stream("teeth").random()
    for year in range(life.begin.year, life.end.year + 1):
        random = life.stream(f"teeth-{year}")
        day = date(year, random.randint(1, 12), random.randint(1, 28))
        drawn = random.random()
        if not life.begin <= day <= life.end:
            continue
        age = life.person.age(day)
        if 20 <= age < 70 and heed < 0.22 and drawn < 0.3:
            yield _visit(life, random, day, _TARTAR, (_SCALING,), "gum-bleeding", "scaling")
        elif 6 <= age < 9.5 and drawn < 0.16:
            yield _visit(life, random, _summer(day), _LOOK, (_SEALANT,), "tooth-check", "sealant")
        elif 45 <= age < 78 and heed < 0.1 and drawn < 0.06:
            yield from _implant(life, random, day)


def _summer(day: date) -> date:
    """Children are brought in the holidays."""
    return day.replace(month=7 + day.month % 2)


def _visit(
    life: Life, random: Random, day: date, diagnosis: Diagnosis, done: tuple[Operation, ...],
    symptom: str, key: str,
) -> Plan:  # fmt: skip
    return Plan(
        person=life.person.key,
        day=day,
        kind="O",
        care=random.choices(_CARES, (0.6, 0.16, 0.16, 0.08))[0],
        specialty="dental",
        diagnoses=(diagnosis,),
        symptoms=(symptom,),
        lasting=random.randint(10, 200),
        operations=done,
        because=key,
    )


def _implant(life: Life, random: Random, day: date) -> Iterator[Plan]:
    """The screw, the stitches out, the crown after three months and more."""
    first = _visit(life, random, day, _GAP, (_IMPLANT,), "missing-tooth", "implant")
    yield first
    for wait in (9, random.randint(95, 150)):
        later = day + timedelta(days=wait)
        if later <= life.end:
            yield Plan(
                person=life.person.key,
                day=later,
                kind="O",
                care=first.care,
                specialty="dental",
                diagnoses=(_GAP,),
                symptoms=("missing-tooth",),
                lasting=min(900, first.lasting + wait),
                facts={"course": "after-surgery"},
                because="implant",
            )
