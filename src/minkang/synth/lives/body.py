"""The body behind the results: what would be measured on a day, before noise and rounding.

Simple causes, not a simulation: sugar and HbA1c share one curve, drugs pull a value towards its
goal with a time constant and years bring it back, creatinine is the inverse of a filtration that
falls before anybody knows, blood counts follow iron, kidney and pregnancy.
"""

import msgspec

from minkang.synth.draws import stream
from minkang.synth.lives.body_blood import haemoglobin
from minkang.synth.lives.body_frame import LEVELS, Body, Step
from minkang.synth.lives.body_kidney import creatinine, dialysis_from, filtration
from minkang.synth.lives.body_lipids import lipids
from minkang.synth.lives.body_pressure import blood_pressure, pulse
from minkang.synth.lives.body_regimens import regimens_of
from minkang.synth.lives.body_size import height_weight
from minkang.synth.lives.body_sugar import after_meal, glucose, hba1c
from minkang.synth.lives.courses_habits import habits_of
from minkang.synth.lives.growth import frame_of
from minkang.synth.record import Condition, Person, World

__all__ = [
    "Body",
    "Step",
    "after_meal",
    "blood_pressure",
    "body_of",
    "creatinine",
    "dialysis_from",
    "filtration",
    "glucose",
    "haemoglobin",
    "hba1c",
    "height_weight",
    "lipids",
    "pulse",
]


def body_of(world: World, person: Person, conditions: tuple[Condition, ...]) -> Body:
    """The body that world, person and courses give; the first course of a key counts."""
    random = stream(world.seed, "body", person.key)
    levels = tuple(max(-2.6, min(2.6, random.gauss(0, 1))) for _ in range(LEVELS))
    habits = habits_of(person)
    adherence = min(1.0, max(0.1, 0.72 + 0.07 * habits.care + random.gauss(0, 0.18)))
    group = random.choices(("A", "B", "O", "AB"), (27, 31, 31, 11))[0]
    by_key: dict[str, Condition] = {}
    for condition in conditions:
        by_key.setdefault(condition.key, condition)
    young = person.birth.year >= world.begin.year - 20
    body = Body(
        person.sex,
        person.birth.toordinal(),
        adherence,
        habits,
        levels,
        by_key,
        {},
        tuple((p.last_period.toordinal(), p.ended.toordinal()) for p in person.pregnancies),
        frame_of(world.seed, person.key, person.sex) if young else None,
        group + ("-" if random.random() < 0.004 else "+"),
        {case.disease: case.onset.toordinal() for case in reversed(person.infections)},
    )
    if not conditions:
        return body
    end = world.today.toordinal()
    for day in (person.death, person.left):
        if day is not None:
            end = min(end, day.toordinal() + 1)
    return msgspec.structs.replace(
        body, regimens=regimens_of(stream(world.seed, "regimens", person.key), body, end)
    )
