"""Absence from school: what a class teacher enters each morning.

Children of the region who are ill are absent by their illness; the rest of the roll is drawn from
the usual rates: 1.2 per cent absent of illness on a school day, half as much again in the cold
months and on Mondays, and 0.6 per cent for other reasons (order of magnitude of published absence
surveillance in Chinese primary schools; not a local figure).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.outbreaks.school_days import is_school_day
from minkang.synth.people import schooling
from minkang.synth.record import Household, World

COLUMNS: Final = ("日期", "学校", "班级", "应到", "缺勤", "因病缺勤", "症状")
_SCHOOLS: Final = ("nursery", "primary", "middle", "high")

_ILL: Final = 0.012
_ELSE: Final = 0.006
_MONTHS: Final = (1.5, 1.3, 1.2, 1.0, 0.9, 0.8, 0.7, 0.7, 0.9, 1.0, 1.2, 1.6)

_STAYS: Final = {
    "influenza": (0.9, 5),
    "covid-19": (0.9, 6),
    "hand-foot-mouth": (1.0, 10),
    "infectious-diarrhoea": (0.8, 3),
    "varicella": (1.0, 12),
    "mumps": (1.0, 12),
    "scarlet-fever": (1.0, 7),
    "pertussis": (0.9, 14),
    "measles": (1.0, 12),
    "rubella": (1.0, 7),
    "dysentery": (0.9, 6),
    "unknown-pneumonia": (1.0, 10),
}
"""Share of the ill children who stay at home, and days that most do, by disease."""

SYMPTOMS: Final = {
    "influenza": "发热", "covid-19": "发热", "hand-foot-mouth": "皮疹",
    "infectious-diarrhoea": "呕吐、腹泻", "varicella": "皮疹", "mumps": "腮腺肿大",
    "scarlet-fever": "发热、皮疹", "pertussis": "咳嗽", "measles": "发热、皮疹",
    "rubella": "皮疹", "dysentery": "腹泻", "unknown-pneumonia": "发热、咳嗽",
}  # fmt: skip
"""What a class teacher notes, by disease."""

_USUAL: Final = ("发热", "咳嗽", "感冒", "腹痛", "呕吐", "牙痛", "头痛", "腹泻")


class Away(msgspec.Struct, frozen=True, gc=False):
    """A child who is ill: from the day on which it is missed at school."""

    site: str
    room: str
    first: date
    days: int
    disease: str


def away(world: World, households: Iterable[Household]) -> list[Away]:
    """The children of the households whom a notifiable or planted infection keeps from school."""
    found = []
    for household in households:
        for person in household.people:
            for infection in person.infections:
                onset = infection.onset
                learns = schooling(world.place, world.seed, person, onset)
                if learns is None or not person.here(onset):
                    continue
                share, days = _STAYS.get(infection.disease, (0.5, 3))
                draw = stream(world.seed, "away", person.key, onset.isoformat())
                if draw.random() < share:
                    late = draw.random() < 0.55  # fell ill in the course of a day at school
                    length = round(days * (0.5 + infection.severity) * draw.uniform(0.6, 1.2))
                    first = onset + timedelta(days=int(late))
                    room = learns.class_name
                    one = Away(learns.site.key, room, first, max(1, length), infection.disease)
                    found.append(one)
    return found


def school_absence(
    world: World, towns: Iterable[str], absent: Iterable[Away], since: date
) -> Iterator[dict[str, str]]:
    """Rows of COLUMNS for every class and school day of the towns' schools, by day and school."""
    ill: dict[tuple[str, str, date], list[str]] = {}
    for one in absent:
        for after in range(one.days):
            day = one.first + timedelta(days=after)
            ill.setdefault((one.site, one.room, day), []).append(one.disease)
    schools = [s for town in towns for s in world.place.sites_in(town) if s.kind in _SCHOOLS]
    rooms = [(school, _rooms(school)) for school in schools]
    day = since
    while day < world.today:
        if is_school_day(day):
            for school, own in rooms:
                yield from _of_day(world.seed, school, own, day, ill)
        day += timedelta(days=1)


def _rooms(school: Any) -> list[tuple[str, int]]:
    """The classes of a school with the children on their rolls, which add up to its size."""
    names = [
        school.class_of(grade, number)
        for grade in range(len(school.grades))
        for number in range(max(school.classes, 1))
    ]
    each, more = divmod(max(school.size, len(names)), max(len(names), 1))
    return [(name, each + (at < more)) for at, name in enumerate(names)]


def _of_day(
    seed: int, school: Any, rooms: list[tuple[str, int]], day: date,
    ill: dict[tuple[str, str, date], list[str]],
) -> Iterator[dict[str, str]]:  # fmt: skip
    random = stream(seed, "absence", school.key, day.toordinal())
    factor = _MONTHS[day.month - 1] * (1.35 if day.weekday() == 0 else 0.93)
    usual = _few(random, [roll * _ILL * factor for _, roll in rooms])
    other = _few(random, [roll * _ELSE for _, roll in rooms])
    for (room, roll), sick, elsewhere in zip(rooms, usual, other, strict=True):
        known = ill.get((school.key, room, day), [])
        count = min(roll, sick + len(known))
        words = [SYMPTOMS.get(disease, "发热") for disease in known]
        words += [random.choice(_USUAL) for _ in range(count - len(known))]
        yield {
            "日期": day.isoformat(),
            "学校": school.name,
            "班级": room,
            "应到": str(roll),
            "缺勤": str(min(roll, count + elsewhere)),
            "因病缺勤": str(count),
            "症状": "；".join(dict.fromkeys(words)),
        }


def _few(random: Random, means: list[float]) -> list[int]:
    """A Poisson number for each mean, by inversion; the means are small."""
    found = []
    for mean in means:
        chance, count = random.random(), 0
        term = total = 2.718281828459045**-mean
        while chance > total and count < 40:
            count += 1
            term *= mean / count
            total += term
        found.append(count)
    return found
