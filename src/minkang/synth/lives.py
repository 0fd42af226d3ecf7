"""From illnesses to visits: three years of one life, in order of time."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth import episodes
from minkang.synth.courses import COURSES, YEARS
from minkang.synth.episodes import Plan
from minkang.synth.institutions import INSTITUTIONS
from minkang.synth.laboratory import measured
from minkang.synth.physiology import Body, blood_pressure, body_of, filtration, glucose
from minkang.synth.residents import Condition, Resident
from minkang.synth.visits import LOCAL, Diagnosis, Report, Visit, own_doctor, working_time

_AT_YUNXI: Final = {"云溪镇": 0.95, "碧湾镇": 0.5}
_STAGES: Final = ((60, "2"), (30, "3"), (15, "4"), (0, "5"))


def visits_of(resident: Resident, today: date) -> list[Visit]:
    """At least two visits, all before `today` begins, none after another's admission began.

    `today` is a day of Asia/Shanghai; the resident has a `seed` and `conditions`.
    """
    random = Random(f"{resident.seed}/visits")
    body = body_of(resident)
    hospital = "haibin" if random.random() < 0.55 else "gangcheng"
    clinic = random.random() < _AT_YUNXI.get(resident.town, 0.1)
    start = max(
        today - timedelta(days=int(YEARS * 365.25)), resident.birth_date + timedelta(days=60)
    )
    life = episodes.Life(resident, body, random, hospital, clinic, start, today)
    makers: tuple[Callable[[episodes.Life], Iterable[Plan]], ...] = (
        episodes.acute,
        episodes.pregnancy,
        episodes.chronic,
        episodes.sensitive,
        episodes.village_follow_up,
        episodes.minor,
        episodes.check_ups,
    )
    plans = [plan for make in makers for plan in make(life) if start <= plan.day < today]
    visits = _without_clashes([_visit(life, plan) for plan in plans], today)
    for source in resident.as_written:  # who is known wrongly somewhere has been there
        while all(visit.source != source for visit in visits):
            extra = episodes.one_check_up(life, source)
            visits = _without_clashes([*visits, _visit(life, extra)], today)
    while len(visits) < 2:
        extra = episodes.one_check_up(life)
        visits = _without_clashes([*visits, _visit(life, extra)], today)
    return visits


def diagnosis_of(condition: Condition, body: Body, day: date) -> Diagnosis:
    """The code as a doctor gives it that day; kidney disease by its stage then."""
    if condition.key != "kidney":
        return Diagnosis(condition.code, condition.name)
    rate = filtration(body, day)
    stage = next(name for floor, name in _STAGES if rate >= floor)
    return Diagnosis(f"N18.{stage}", f"慢性肾脏病{stage}期")


def _visit(life: episodes.Life, plan: Plan) -> Visit:
    random, body = life.random, life.body
    source, department = _place(plan)
    begin = working_time(random, plan.day, any_hour=_urgent(plan))
    end: datetime | None = begin + timedelta(minutes=random.randint(15, 55))
    if plan.kind == "I":
        end = datetime.combine(plan.day + timedelta(days=plan.nights), time(10, 20), LOCAL)
    reports: list[Report] = []
    pressure = fingerstick = None
    if source == "yunxi":
        if plan.pressure:
            systolic, diastolic = blood_pressure(body, plan.day)
            pressure = (
                round(systolic + random.gauss(0, 5)),
                round(diastolic + random.gauss(0, 3.5)),
            )
        if plan.fingerstick:
            fingerstick = f"{glucose(body, plan.day) * random.gauss(1, 0.07):.1f}"
    else:
        for panel, offset, infection, heart in plan.orders:
            reports.append(_report(life, begin, panel, offset, infection, heart))
    return Visit(
        person=life.resident.key,
        source=source,
        kind=plan.kind,
        department=department,
        doctor=own_doctor(life.resident, source, department),
        start=begin,
        end=end,
        diagnoses=plan.diagnoses or _known(life, plan),
        complaint=plan.complaint,
        reports=tuple(report for report in reports if report.values),
        pressure=pressure,
        fingerstick=fingerstick,
    )


def _urgent(plan: Plan) -> bool:
    return plan.kind == "E" or (plan.kind == "I" and plan.lead in ("pregnancy", "coronary"))


def _place(plan: Plan) -> tuple[str, str]:
    department = INSTITUTIONS[plan.source].department(plan.specialty)
    if department is not None:
        return plan.source, department
    department = INSTITUTIONS["haibin"].departments[plan.specialty]
    return "haibin", department


def _known(life: episodes.Life, plan: Plan) -> tuple[Diagnosis, ...]:
    """The lead condition first, then what else is known by then (nothing sensitive)."""
    known = [
        condition
        for condition in life.resident.conditions
        if episodes.known_from(condition) <= plan.day
        and (condition.key == plan.lead or condition.key in episodes.CHRONIC)
    ]
    known.sort(key=lambda condition: condition.key != plan.lead)
    if plan.lead and COURSES[plan.lead].sensitive:
        known = known[:1]
    if not known:
        return (episodes.CHECK_UP,)
    return tuple(diagnosis_of(condition, life.body, plan.day) for condition in known[:4])


def _report(
    life: episodes.Life, begin: datetime, panel: str, offset: int, infection: float, heart: float
) -> Report:
    observed = begin + timedelta(days=offset, minutes=life.random.randint(15, 50))
    reported = observed + timedelta(minutes=life.random.randint(50, 260))
    values = measured(
        life.body, panel, observed.date(), life.random, infection=infection, heart=heart
    )
    return Report(panel, observed, reported, values)


def _without_clashes(visits: list[Visit], today: date) -> list[Visit]:
    """In order; nobody is an outpatient on a day in hospital, or twice a day at one place."""
    midnight = datetime.combine(today, time(), LOCAL)
    kept: list[Visit] = []
    stays = [visit for visit in visits if visit.kind == "I"]
    for visit in sorted(visits, key=lambda visit: (visit.start, visit.kind)):
        if visit.start >= midnight - timedelta(hours=6):
            continue
        if visit.kind != "I" and any(_within(visit.start, stay) for stay in stays):
            continue
        if any(
            (other.kind == "I" and _within(visit.start, other))
            or (other.source == visit.source and other.start.date() == visit.start.date())
            for other in kept
        ):
            continue
        kept.append(_cut(visit, midnight))
    return kept


def _within(moment: datetime, stay: Visit) -> bool:
    first = stay.start.date()
    last = stay.end.date() if stay.end else date.max
    return first <= moment.date() <= last


def _cut(visit: Visit, midnight: datetime) -> Visit:
    """What has not happened before today is not there yet."""
    if visit.kind != "I":
        return visit
    return msgspec.structs.replace(
        visit,
        end=visit.end if visit.end and visit.end < midnight else None,
        reports=tuple(report for report in visit.reports if report.reported < midnight),
    )
