"""Mothers: every pregnancy of the window from the first test to six weeks after the birth."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

import msgspec

from minkang.synth.lives import maternity_diagnoses as dx
from minkang.synth.lives.body import haemoglobin
from minkang.synth.lives.life import Life
from minkang.synth.lives.maternity_birth import birth_of, delivery
from minkang.synth.lives.maternity_course import Course, course_of
from minkang.synth.lives.maternity_forms import antenatal_forms, postnatal_forms
from minkang.synth.lives.maternity_visits import antenatal, because, loss
from minkang.synth.record import Care, Form, Plan


def plans(life: Life) -> Iterator[Plan | Form]:
    """Visits and forms of the woman's pregnancies, in no order of time."""
    if life.person.sex != "F" or not life.person.pregnancies:
        return
    for at, pregnancy in enumerate(life.person.pregnancies):
        if pregnancy.ended < life.begin - timedelta(days=90) or pregnancy.last_period > life.end:
            continue
        course = _with_blood(life, course_of(life.world.seed, life.person, at))
        hepatitis = life.has("hepatitis-b", pregnancy.last_period) is not None
        yield from antenatal_forms(life, course, hepatitis)
        yield from antenatal(life, course, hepatitis)
        if course.born:
            yield delivery(life, course, hepatitis)
            if pregnancy.outcome == "live":
                yield from postnatal_forms(life, course)
            yield from _six_weeks_at_hospital(life, course)
        elif pregnancy.ended <= life.end:
            yield from loss(life, course)


def _with_blood(life: Life, course: Course) -> Course:
    """The course with the haemoglobin of the third trimester, if it is low."""
    if course.weeks < 28:
        return course
    day = course.pregnancy.last_period + timedelta(days=212)
    red = round(haemoglobin(life.body, day))
    return msgspec.structs.replace(course, anaemia=red) if red < 110 else course


def _six_weeks_at_hospital(life: Life, course: Course) -> Iterator[Plan]:
    """Many see the hospital's own doctor once more, for the scar or the pelvic floor."""
    random = life.stream(f"after-birth-{course.pregnancy.ended.toordinal()}")
    going, late = random.random(), random.random()
    if going > (0.6 if course.mode == "caesarean" else 0.4):
        return
    birth = birth_of(life.world.seed, life.person.key, course)
    day: date = birth.admitted + timedelta(days=birth.nights + 40 + int(late * 10))
    yield Plan(
        person=life.person.key,
        day=day,
        kind="O",
        care=cast(Care, course.care),
        specialty="obstetric",
        diagnoses=(dx.AFTERCARE,),
        panels=("cbc", "urine") if course.loss > 500 or course.anaemia else ("urine",),
        because=because(course),
        facts={"days-after-birth": str((day - course.pregnancy.ended).days)},
    )
