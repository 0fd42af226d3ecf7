"""What of a life's plans can happen, and when: nobody is treated twice at once, or when dead.

Admissions are settled first, the weightier before the others, a terminal one before all; then
everything else finds its day and its hour around them. What belongs to one cause keeps its order.
"""

from bisect import insort
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.desk import open_day
from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Form, Plan

_DAY: Final = timedelta(days=1)
_NEVER_CLOSED: Final = frozenset(("emergency", "obstetric", "neonatal", "intensive"))
_OPEN_ON_SATURDAYS: Final = frozenset(("paediatric", "dental", "vaccination", "child-health"))
_MUST_STAND: Final = 100

_IN_HOSPITAL: Final = frozenset(
    ("immunization", "birth_certificate", "infectious_disease_report", "ems_call",
     "death_certificate", "referral_out", "referral_back", "newborn_visit", "basic_information",
     "family_doctor_contract", "newborn_screening")
)  # fmt: skip
"""Forms that can be filled in while the person lies in hospital."""

_AFTER_DEATH: Final = frozenset(("death_certificate", "infectious_disease_report", "ems_call"))
_LATE: Final = timedelta(days=30)

# Share of outpatients by the hour at which they come.
_HOURS: Final = (8, 9, 10, 11, 13, 14, 15, 16)
_OUTPATIENT: Final = (19, 43, 66, 74, 78, 89, 97, 100)
_CHECK_UP: Final = (48, 86, 98, 100)
_URGENT_HOURS: Final = tuple(range(24))
_URGENT: Final = (
    2, 4, 6, 7, 8, 10, 13, 17, 23, 29, 35, 39, 43, 47, 52, 57, 62, 67, 74, 82, 89, 94, 97, 100,
)  # fmt: skip
_WARD_HOURS: Final = (8, 9, 10, 11, 14, 15, 16)
_WARD: Final = (10, 38, 66, 76, 86, 95, 100)


class Settled(msgspec.Struct, frozen=True, gc=False):
    """A plan with its hour. `end` is the discharge of an admission, None where still there.

    `of_day` counts the person's visits within that day.
    """

    plan: Plan
    start: datetime
    end: datetime | None
    of_day: int = 0


class _Stay(msgspec.Struct, gc=False):
    first: int
    last: int
    plan: Plan
    terminal: bool


def settle(life: Life, plans: Iterable[Plan], forms: Iterable[Form]) -> tuple[
    list[Settled], list[Form]
]:  # fmt: skip
    """What happens, in order of time, and the forms that are filled in."""
    random = life.stream("calendar")
    begin, end = life.begin.toordinal(), life.end.toordinal()
    if end < begin:
        return [], [form for form in forms if _can_file(life, form, [])]
    wanted = [plan for plan in plans if begin <= plan.day.toordinal() <= end]
    wanted.sort(key=_order)
    stays = _stays(life, [plan for plan in wanted if plan.kind == "I"])
    days = _days(life, wanted, stays)
    settled = _hours(life, random, days, stays)
    return settled, [form for form in forms if _can_file(life, form, stays)]


def _order(plan: Plan) -> tuple[date, str, str, str]:
    return plan.day, plan.because, plan.kind, plan.specialty


def terminal(life: Life, plan: Plan) -> bool:
    """Whether the person dies in this plan."""
    return plan.outcome == "死亡" and life.person.death is not None


def _stays(life: Life, admissions: list[Plan]) -> list[_Stay]:
    """Admissions that don't overlap, by their first day."""
    ranked = sorted(admissions, key=lambda plan: (not terminal(life, plan), -plan.weight, plan.day))
    taken: list[_Stay] = []
    today = life.world.today.toordinal()
    for plan in ranked:
        stay = _fitted(life, plan, taken, today)
        if stay is not None:
            insort(taken, stay, key=lambda one: one.first)
    return taken


def _nights(plan: Plan) -> int:
    """How long the stay is: a fifth longer than the illness alone asks for.

    Wards wait for a bed in theatre, for a result, for Monday; births, cycles of a few nights and
    the long stays of mental wards do not.
    """
    nights = max(1, plan.nights)
    if not 4 <= nights <= 20 or plan.because.startswith(("pregnancy", "birth")):
        return nights
    return nights + (nights + 2) // 4


def _fitted(life: Life, plan: Plan, taken: list[_Stay], today: int) -> _Stay | None:
    """The plan's days where it fits: as wished, later by some days, shorter, or not at all."""
    first = plan.day.toordinal()
    if plan.operations and plan.hour is None and not plan.acute:
        first = max(first, open_day(plan.day).toordinal())
    last = first + _nights(plan)
    death, left = life.person.death, life.person.left
    ends = terminal(life, plan)
    if ends and death is not None:
        last = death.toordinal()
        return _Stay(min(first, last), last, plan, True)
    for other in taken:
        if first <= other.last and last >= other.first:
            if other.terminal or first < other.first:
                last = other.first - 1  # discharged the day before
            else:
                length = last - first
                first = other.last + (3 if plan.weight < 3 else 1)
                last = first + length
    if first - plan.day.toordinal() > 40 or last <= first:
        return None
    if any(first <= other.last and last >= other.first for other in taken):
        return None
    bound = life.end.toordinal()
    if death is not None:
        bound = death.toordinal() - 1
    if left is not None:
        bound = min(bound, left.toordinal())
    if (death is not None or left is not None) and bound < today - 1:
        last = min(last, bound)
    if last <= first or first >= today:
        return None
    return _Stay(first, last, plan, False)


def _days(life: Life, wanted: list[Plan], stays: list[_Stay]) -> list[tuple[int, Plan]]:
    """The day of everything that happens, admissions included, causes before effects."""
    settled_stays = {id(stay.plan): stay for stay in stays}
    begin, end = life.begin.toordinal(), life.end.toordinal()
    died = life.person.death.toordinal() if life.person.death is not None else 0
    latest: dict[str, int] = {}
    found: list[tuple[int, Plan]] = []
    seen: set[tuple[int, str, str]] = set()
    for plan in wanted:
        if plan.kind == "I":
            stay = settled_stays.get(id(plan))
            if stay is not None:
                found.append((stay.first, plan))
                latest[plan.because] = max(latest.get(plan.because, 0), stay.first)
            continue
        day = _opened(plan, max(plan.day.toordinal(), latest.get(plan.because, 0)))
        moved = _around(plan, day, stays)
        if moved is None or not begin <= moved <= end or moved - plan.day.toordinal() > 45:
            continue
        if moved != day:
            moved = _opened(plan, moved)
            again = _around(plan, moved, stays)
            if again != moved or moved > end:
                continue
        if moved == died and plan.kind in ("O", "P") and not terminal(life, plan):
            continue
        key = (moved, plan.care, plan.specialty)
        if key in seen and plan.weight < _MUST_STAND:
            continue
        seen.add(key)
        if plan.because:
            latest[plan.because] = moved
        found.append((moved, plan))
    return found


def _opened(plan: Plan, day: int) -> int:
    """The day, or the next on which such a place is open."""
    if (
        plan.kind in ("E", "H") or plan.hour is not None or plan.specialty in _NEVER_CLOSED
        or plan.care == "village" or plan.weight >= _MUST_STAND
    ):  # fmt: skip
        return day
    weekday = (day - 1) % 7
    if weekday == 5 and plan.specialty in _OPEN_ON_SATURDAYS:
        return day
    if plan.lasting <= 3 and plan.acute and plan.care in ("town", "county", "city", "private"):
        return day  # there is a doctor on duty
    return open_day(date.fromordinal(day)).toordinal()


def _around(plan: Plan, day: int, stays: list[_Stay]) -> int | None:
    """The day itself where the person is free, the day after discharge, or None."""
    for stay in stays:
        if stay.first < day <= stay.last or (
            stay.first == day and plan.because != stay.plan.because and plan.kind != "E"
        ):
            waits = stay.last + 2 - day
            routine = plan.kind in ("O", "P", "H") and not plan.acute and waits <= 30
            return None if stay.terminal or not routine else stay.last + 2
    return day


def _hours(
    life: Life, random: Random, days: list[tuple[int, Plan]], stays: list[_Stay]
) -> list[Settled]:
    """Everything with its hour; what happens on one day follows one another."""
    of = {id(stay.plan): stay for stay in stays}
    timed = _in_order([(_moment(random, plan, day), plan) for day, plan in days])
    timed.sort(key=lambda one: (one[0].date(), one[1].kind == "I", one[0], one[1].because))
    midnight = datetime(
        life.world.today.year, life.world.today.month, life.world.today.day, tzinfo=LOCAL
    )
    found: list[Settled] = []
    before, on, of_day = None, None, 0
    for moment, plan in timed:
        start = moment
        if plan.kind == "I" and on == start.date() and before is not None:
            start = max(start, before + timedelta(minutes=random.randint(40, 150)))
        elif on == start.date() and before is not None and start < before + timedelta(minutes=50):
            start = before + timedelta(minutes=random.randint(55, 100))
        if start.date() != moment.date() or start >= midnight:
            start = moment if start.date() != moment.date() else start
        if start >= midnight or (found and start <= found[-1].start) or of_day > 8:
            continue
        of_day = of_day + 1 if on == start.date() else 0
        end = None
        if plan.kind == "I":
            end = _discharge(random, life, of[id(plan)], start)
            if end is not None and end >= midnight:
                end = None
        found.append(Settled(plan, start, end, of_day))
        before, on = start, start.date()
        if terminal(life, plan):
            break
    return found


def _in_order(timed: list[tuple[datetime, Plan]]) -> list[tuple[datetime, Plan]]:
    """The same, but that plans of one cause on one day come in the order in which they stand."""
    groups: dict[tuple[str, date], list[int]] = {}
    for at, (moment, plan) in enumerate(timed):
        if plan.because:
            groups.setdefault((plan.because, moment.date()), []).append(at)
    for places in groups.values():
        if len(places) > 1:
            moments = sorted(timed[at][0] for at in places)
            for at, moment in zip(places, moments, strict=True):
                timed[at] = (moment, timed[at][1])
    return timed


def _moment(random: Random, plan: Plan, day: int) -> datetime:
    when = date.fromordinal(day)
    if plan.hour is not None:
        hour = plan.hour
    elif plan.kind == "E" or (plan.kind == "I" and (plan.ambulance or plan.acute)):
        hour = random.choices(_URGENT_HOURS, cum_weights=_URGENT)[0]
    elif plan.kind == "I":
        hour = random.choices(_WARD_HOURS, cum_weights=_WARD)[0]
    elif plan.kind == "P":
        hour = random.choices(_HOURS[:4], cum_weights=_CHECK_UP)[0]
    else:
        hour = random.choices(_HOURS, cum_weights=_OUTPATIENT)[0]
    draw = random.random
    return datetime(
        when.year, when.month, when.day, hour, int(draw() * 60), int(draw() * 60), tzinfo=LOCAL
    )


def _discharge(random: Random, life: Life, stay: _Stay, start: datetime) -> datetime | None:
    """Mid-morning of the last day; the hour of death where the person dies there."""
    last = date.fromordinal(stay.last)
    minute = 570 + int(random.random() * 110)
    if stay.terminal:
        minute = int(random.random() * 1439)
        earliest = start + timedelta(minutes=70)
        end = datetime(last.year, last.month, last.day, minute // 60, minute % 60, tzinfo=LOCAL)
        if end < earliest:
            midnight = datetime(last.year, last.month, last.day, 23, 59, tzinfo=LOCAL)
            end = min(max(end, earliest), midnight)
        return end if end > start else start + timedelta(minutes=1)
    return datetime(last.year, last.month, last.day, minute // 60, minute % 60, tzinfo=LOCAL)


def _can_file(life: Life, form: Form, stays: list[_Stay]) -> bool:
    """Whether the form can be filled in: the person is here, alive, and where it is filled in."""
    day = form.at.date()
    person = life.person
    if day >= life.world.today or day < life.world.begin or day < person.birth:
        return False
    if person.death is not None and day > person.death:
        return form.kind in _AFTER_DEATH and day <= person.death + _LATE
    if (person.arrived is not None and day < person.arrived) or (
        person.left is not None and day > person.left
    ):
        return False
    if form.kind in _IN_HOSPITAL:
        return True
    now = day.toordinal()
    return not any(stay.first < now < stay.last for stay in stays)
