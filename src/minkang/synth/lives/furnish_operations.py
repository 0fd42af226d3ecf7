"""Operations of a visit: when they begin and end, who operates, helps and gives the anaesthetic."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from minkang.synth.lives.calendar import Settled
from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Done, Operation, Plan

_OPERATION_MINUTES: Final = (25, 45, 80, 130, 200)
"""How long an operation of that level takes in the mean."""


class Seat(msgspec.Struct, frozen=True, gc=False):
    """Where a visit takes place and with whom: entities of the place."""

    institution: Any
    department: Any
    doctor: Any


def operations_of(
    life: Life, settled: Settled, seat: Seat, random: Random, end: datetime
) -> Iterator[tuple[Done, str]]:
    """What is done, with times within the visit and a team, beside the assistant's name.

    Urgent ones are done soon, planned ones on the second morning or later.
    """
    plan, place = settled.plan, life.world.place
    at = settled.start
    for number, operation in enumerate(plan.operations):
        at = _theatre(plan, random, at, number)
        minutes = _OPERATION_MINUTES[min(4, max(0, operation.level))] * random.lognormvariate(
            0, 0.3
        )
        finish = at + timedelta(minutes=int(max(8, minutes)))
        if finish >= end:
            room = max(10, int((end - settled.start).total_seconds() / 60) - 20)
            at = settled.start + timedelta(minutes=max(1, room // 3))
            finish = min(at + timedelta(minutes=int(max(8, minutes))), end - timedelta(minutes=2))
        if finish <= at or finish >= end:
            continue
        yield _done(place, seat, operation, at, finish, random)
        at = finish


def _theatre(plan: Plan, random: Random, after: datetime, number: int) -> datetime:
    minutes = int(random.random() * 60)
    said = plan.facts.get("operation-at")
    if said and not number:
        planned = datetime.fromisoformat(said).replace(tzinfo=LOCAL)
        return max(after + timedelta(minutes=10), planned)
    if plan.kind != "I" or number:
        return after + timedelta(minutes=15 + minutes // 2)
    if plan.acute or plan.nights <= 1 or plan.specialty == "obstetric":
        return after + timedelta(minutes=90 + minutes * 4)
    days = 1 if plan.nights < 4 else 1 + int(random.random() * 2)
    hour = (8, 9, 9, 10, 11, 13, 14)[int(random.random() * 7)]
    return (after + timedelta(days=days)).replace(hour=hour, minute=minutes, second=0)


def _done(
    place: Any, seat: Seat, operation: Operation, begin: datetime, end: datetime, random: Random
) -> tuple[Done, str]:
    day = begin.date()
    second = place.doctor(seat.institution, seat.department, random.random(), day)
    sleeper = ""
    if operation.anaesthesia not in ("", "局麻", "局部麻醉"):
        department = place.department(seat.institution, "anaesthesia")
        sleeper = place.doctor(seat.institution, department, random.random(), day).code
    helps = second.code != seat.doctor.code and operation.level >= 2
    done = Done(operation, begin, end, seat.doctor.code, second.code if helps else "", sleeper)
    return done, second.name if helps else ""
