"""The birth: when the mother comes, when the child is born, what is done, how long she stays."""

from datetime import date, timedelta
from typing import Final, cast

import msgspec

from minkang.synth.draws import stream
from minkang.synth.lives import maternity_diagnoses as dx
from minkang.synth.lives.life import Life
from minkang.synth.lives.maternity_course import Course
from minkang.synth.lives.maternity_visits import because, raised, weeks_of
from minkang.synth.record import Care, Medicine, Plan

_PLANNED: Final = ("scar", "breech", "twins", "macrosomia", "wish", "oligohydramnios")


class Birth(msgspec.Struct, frozen=True, gc=False):
    """When the mother came to hospital, when the child was born, how many nights she stayed."""

    admitted: date
    hour: int
    born: int  # minutes after midnight of the day on which the pregnancy ended
    nights: int


def birth_of(seed: int, mother: str, course: Course) -> Birth:
    """The times of the birth, the same for mother and child."""
    random = stream(seed, "birth", mother, course.pregnancy.ended.toordinal())
    ended = course.pregnancy.ended
    before, at, stay = random.random(), random.random(), random.random()
    if course.mode == "caesarean" and course.reason in _PLANNED:
        admitted, hour, born = ended - timedelta(days=1), 8 + int(at * 3), 530 + int(before * 320)
    elif before < 0.55:
        admitted, hour, born = ended - timedelta(days=1), 9 + int(at * 14), 20 + int(stay * 900)
    else:
        hour = int(at * 15)
        admitted, born = ended, min(1365, hour * 60 + 100 + int(stay * 480))
    nights = (ended - admitted).days + (4 if course.mode == "caesarean" else 2 + int(stay * 2))
    return Birth(admitted, hour, born, nights + (2 if course.pressure == "severe" else 0))


def delivery(life: Life, course: Course, hepatitis: bool) -> Plan:
    """The mother's admission for the birth."""
    birth = birth_of(life.world.seed, life.person.key, course)
    weeks, days = weeks_of(course, course.pregnancy.ended)
    planned = course.mode == "caesarean" and course.reason in _PLANNED
    heavy = course.loss >= (1000 if course.mode == "caesarean" else 500)
    drugs = [Medicine("oxytocin", 2)]
    if course.mode == "caesarean":
        drugs.append(Medicine("cefazolin", 1))
    if heavy:
        drugs.append(Medicine("carboprost", 1))
    if course.pressure:
        drugs.append(Medicine("labetalol", 5))
    minutes, begins = birth.born, birth.born - (12 if course.mode == "caesarean" else 18)
    ended = course.pregnancy.ended.isoformat()
    return Plan(
        person=life.person.key,
        day=birth.admitted,
        kind="I",
        care=cast(Care, course.care),
        specialty="obstetric",
        diagnoses=dx.of_delivery(course, hepatitis),
        symptoms=("antenatal",) if planned else _beginning(course),
        lasting=0,
        panels=("cbc", "coagulation", "urine", "blood-group", "liver", "renal"),
        images={"obstetric-ultrasound": "breech" if course.breech else ""},
        medicines=tuple(drugs),
        operations=dx.operations_of(course),
        nights=birth.nights,
        acute=raised(course, 40) | ({"bleeding": min(1.0, course.loss / 2500)} if heavy else {}),
        facts={
            "weeks": f"{weeks}+{days}" if days else str(weeks),
            "gravida": str(course.gravida),
            "parity": str(course.parity),
            "delivery": course.mode,
            "blood-loss": str(course.loss),
            "birth-time": f"{ended} {minutes // 60:02d}:{minutes % 60:02d}",
            "operation-at": f"{ended} {begins // 60:02d}:{begins % 60:02d}:00",
            "analgesia": "1" if course.analgesia and course.mode == "vaginal" else "0",
        },
        because=because(course),
        hour=birth.hour,
        weight=6,
    )


def _beginning(course: Course) -> tuple[str, ...]:
    """What brings a woman to the delivery room."""
    if course.pregnancy.outcome == "still":
        return ("less-movement",)
    return ("waters-broken",) if course.early_rupture else ("labour-pain",)
