"""Who fills in a form of public health, where, and when: the desks of a resident's own centre.

Desks are open on working days from eight to half past four. A day that falls on a weekend, the
Spring Festival week or the first week of October is put off to the next working day; what would
come to pass after the resident has left or died never does.
"""

from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

import msgspec

from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Form

_DAY: Final = timedelta(days=1)

# Chinese New Year's days (calendar of the Purple Mountain Observatory).
_NEW_YEARS: Final = frozenset(
    date(*day)
    for day in (
        (2014, 1, 31), (2015, 2, 19), (2016, 2, 8), (2017, 1, 28), (2018, 2, 16), (2019, 2, 5),
        (2020, 1, 25), (2021, 2, 12), (2022, 2, 1), (2023, 1, 22), (2024, 2, 10), (2025, 1, 29),
        (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13), (2030, 2, 3), (2031, 1, 23),
    )
)  # fmt: skip
_CLOSED: Final = frozenset(
    day + timedelta(days=offset) for day in _NEW_YEARS for offset in range(-1, 7)
)


class Desk(msgspec.Struct, frozen=True, gc=False):
    """A desk of an institution: whose it is, and who signs there."""

    institution: str
    name: str
    doctor: str
    doctor_name: str


def centre_desk(life: Life, specialty: str, seat: float = 0.0) -> Desk:
    """The desk of that specialty at the resident's township or community centre.

    `seat` in [0, 1) says which of the staff sits there; the same seat is the same person.
    """
    return _centre_desk(life.world.place, life.person.village, specialty, int(seat * 4) / 4)


@cache
def _centre_desk(place: Any, village: str, specialty: str, seat: float) -> Desk:
    centre = place.centre(village)
    staff = place.doctor(centre, place.department(centre, specialty), seat)
    return Desk(centre.key, centre.name, staff.code, staff.name)


def family_desk(life: Life) -> Desk:
    """The resident's family doctor at the primary institution of the village or quarter."""
    place: Any = life.world.place
    primary = place.primary(life.person.village)
    staff = place.family_doctor(life.person.village, life.household.number)
    return Desk(primary.key, primary.name, staff.code, staff.name)


def open_day(day: date) -> date:
    """That day, or the next on which a desk is open."""
    while (
        day.weekday() > 4
        or day in _CLOSED
        or (day.month == 10 and day.day < 8)
        or (day.day == 1 and day.month in (1, 5))
    ):
        day += _DAY
    return day


def morning(random: Random, day: date) -> datetime:
    """A moment of a desk's hours, mornings twice as often as afternoons."""
    if random.random() < 0.68:
        minute = 480 + int(random.random() * 205)
    else:
        minute = 815 + int(random.random() * 165)
    return datetime(
        day.year, day.month, day.day, minute // 60, minute % 60, int(random.random() * 60),
        tzinfo=LOCAL,
    )  # fmt: skip


def later(day: date, days: float) -> date:
    """So many days after, rounded down."""
    return day + timedelta(days=int(days))


def here(life: Life, day: date) -> bool:
    """Whether the resident can be seen on that day within the window."""
    return life.begin <= day <= life.end


def expecting(life: Life, day: date) -> bool:
    """Whether she is with child on that day: no X-ray then, no vaccine that can wait."""
    return any(one.last_period <= day <= one.ended for one in life.person.pregnancies)


def form(
    life: Life, desk: Desk, at: datetime, kind: str, values: dict[str, str], because: str = ""
) -> Form:
    """The form of this resident as the desk files it; columns left empty are left out."""
    return Form(
        person=life.person.key,
        at=at,
        kind=kind,
        values={column: text for column, text in values.items() if text},
        institution=desk.institution,
        doctor=desk.doctor,
        because=because,
    )
