"""From settled plans to visits: who, where, what was measured, written, prescribed, done and paid.

A person's visits are furnished in order of time, each from a stream of its own, with what the
person brings along from visit to visit: patient numbers, operations had, the year's deductibles,
who sent whom.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from minkang.synth.draws import share, stream
from minkang.synth.lives import fees, furnish_referrals, given, prescribe
from minkang.synth.lives.calendar import Settled, terminal
from minkang.synth.lives.chronic_medicines import all_medicines
from minkang.synth.lives.drugs import drug
from minkang.synth.lives.front_page import front_page
from minkang.synth.lives.furnish_measure import reports_of, studies_of, vitals_of
from minkang.synth.lives.furnish_operations import Seat, operations_of
from minkang.synth.lives.life import Life, usual
from minkang.synth.lives.numbers import ordinal, patient_number, visit_number
from minkang.synth.record import (
    LOCAL,
    Condition,
    Done,
    Form,
    Line,
    Medicine,
    Plan,
    Visit,
    Vitals,
)
from minkang.synth.texts import notes
from minkang.synth.texts.advice import short_drug
from minkang.synth.texts.case import Case, Operated
from minkang.synth.texts.style import style_of
from minkang.synth.texts.symptoms import fitting

_ALLERGIES: Final = (
    "青霉素",
    "青霉素",
    "青霉素",
    "头孢类",
    "磺胺类",
    "头孢类",
    "链霉素",
    "破伤风抗毒素",
    "海鲜",
    "左氧氟沙星",
    "碘造影剂",
    "阿司匹林",
    "芒果",
    "花粉",
    "牛奶",
)
_ALLERGIC: Final = 0.07
_ONE_PLACE: Final = ("pregnancy", "birth")
"""What is seen to in one hospital from beginning to end, as the papers of birth say."""

_ELSEWHERE: Final = 0.07
"""Share of visits at another institution than the usual one for that care."""


class Past(msgspec.Struct, gc=False):
    """What a person brings along from visit to visit."""

    number: int
    allergy: str
    allergic_from: float  # age
    accounts: fees.Accounts
    patients: dict[str, str]
    operated: list[Operated]
    stays: dict[str, int]
    referrals: furnish_referrals.Referrals


def furnish(life: Life, settled: Sequence[Settled], *, slips: bool = True) -> tuple[
    list[Visit], list[Form]
]:  # fmt: skip
    """The visits in order of time, and the forms that come of referrals."""
    past = _past(life)
    today = life.world.today
    midnight = datetime(today.year, today.month, today.day, tzinfo=LOCAL)
    visits: list[Visit] = []
    forms: list[Form] = []
    for one in settled:
        visit, filed = _visit(life, one, past, midnight, slips)
        visits.append(visit)
        forms += filed
    return visits, forms


def _past(life: Life) -> Past:
    seed, key = life.world.seed, life.person.key
    drawn = share(seed, "allergy", key)
    allergy = ""
    if drawn < _ALLERGIC:
        allergy = _ALLERGIES[int(drawn / _ALLERGIC * len(_ALLERGIES))]
    return Past(
        ordinal(life.household, life.person), allergy,
        2 + 40 * share(seed, "allergic-from", key), fees.Accounts(), {}, [], {},
        furnish_referrals.Referrals({}),
    )  # fmt: skip


def _allergy(past: Past, age: float) -> str:
    return past.allergy if age >= past.allergic_from else ""


def _visit(
    life: Life, settled: Settled, past: Past, midnight: datetime, slips: bool
) -> tuple[Visit, list[Form]]:
    plan, start = settled.plan, settled.start
    symptoms = fitting(plan.symptoms, life.person.sex)
    if symptoms is not plan.symptoms:
        plan = msgspec.structs.replace(plan, symptoms=symptoms)
    day = start.date()
    allergy = _allergy(past, life.age(day))
    plan = given.prudent(life, plan, day, allergy)
    random = stream(
        life.world.seed, "visit", life.person.key, start.toordinal(), settled.of_day,
        plan.specialty,
    )  # fmt: skip
    sent = past.referrals.towards(plan, day)
    seat = _seat(life, plan, random, day, sent)
    institution = seat.institution
    number = visit_number(
        institution.key, plan.kind, day.toordinal(), f"{day:%y%m%d}", past.number, settled.of_day
    )
    patient = past.patients.get(institution.key)
    if patient is None:
        patient = patient_number(institution.key, institution.system, past.number)
        past.patients[institution.key] = patient
    dead = terminal(life, plan)
    vitals = vitals_of(life, plan, random, day, institution.rank)
    reports = reports_of(life, settled, random, institution.key, number, midnight)
    studies = studies_of(life, settled, random, institution, number, vitals.pulse, midnight)
    end = settled.end if plan.kind == "I" else _end(random, settled, studies, midnight, dead)
    nights = _nights(settled, midnight)
    operated = list(operations_of(life, settled, seat, random, end or midnight))
    done = [one for one, _ in operated]
    lines, home = _lines(life, plan, day, nights, dead, end, allergy)
    doses = _doses(plan)
    at = start + timedelta(minutes=10 + int(random.random() * 12))
    scripts = prescribe.prescriptions_of(
        lines, plan.herbs, doses, number, at, seat.doctor.code, random.random()
    )
    if home and end is not None:
        more = prescribe.prescriptions_of(
            home, (), 0, number, end - timedelta(minutes=50), seat.doctor.code, 0.0
        )
        scripts += [
            msgspec.structs.replace(one, number=f"{one.number[:-2]}{len(scripts) + at:02d}")
            for at, one in enumerate(more, 1)
        ]
    classes = fees.fees_of(
        plan.kind, institution, seat.doctor.title, reports, studies, scripts, done, nights
    )
    bill = fees.settled(
        classes, plan.kind, institution, life.person.insurance,
        [one.code for one in plan.diagnoses], past.accounts, day.year,
    )  # fmt: skip
    case = _case(life, plan, random, seat, past, day, vitals, nights, dead)
    case = msgspec.structs.replace(case, reports=reports, studies=studies, operations=done)
    assistant = next((name for one, name in operated if one.operation.level), "")
    texts = _texts(life, case, lines, home, seat, assistant, end, slips)
    page = (
        _page(life, plan, random, seat, past, nights, dead, end, done, sent is not None)
        if plan.kind == "I"
        else {}
    )
    visit = Visit(
        number=number, person=life.person.key, patient=patient, institution=institution.key,
        department=seat.department.key, doctor=seat.doctor.code, kind=plan.kind, start=start,
        end=end, diagnoses=plan.diagnoses, texts=texts, vitals=vitals, reports=tuple(reports),
        studies=tuple(studies), prescriptions=tuple(scripts), operations=tuple(done), fees=bill,
        front_page=page, outcome=_outcome(plan, random, dead, end), because=plan.because,
        referred_from=sent.visit if sent is not None else "",
    )  # fmt: skip
    for one in done:
        if one.operation.level >= 2:
            past.operated.append(Operated(day.year, one.operation.name))
    if plan.kind == "I":
        past.stays[institution.key] = past.stays.get(institution.key, 0) + 1
    return past.referrals.filed(life, plan, visit, seat, case, sent)


def _seat(
    life: Life, plan: Plan, random: Random, day: date,
    sent: furnish_referrals.Sent | None,
) -> Seat:  # fmt: skip
    """Mostly where the person always goes, mostly the same doctor for what lasts."""
    place, seed = life.world.place, life.world.seed
    village, person = life.person.village, life.person.key
    if sent is not None and sent.care == plan.care:
        institution = sent.institution
    else:
        pick = random.random() if random.random() < _ELSEWHERE else usual(life, plan.care)
        if plan.because.startswith(_ONE_PLACE):
            pick = usual(life, plan.care)
        institution = place.institution(plan.care, village, pick, plan.specialty)
        if plan.kind == "I" and not institution.beds:
            institution = place.institution("county", village, usual(life, "county"))
    department = place.department(institution, plan.specialty)
    if random.random() < (0.82 if plan.because else 0.35):
        seat = share(seed, "doctor", person, institution.key, department.key)
    else:
        seat = random.random()
    return Seat(institution, department, place.doctor(institution, department, seat, day))


def _end(
    random: Random, settled: Settled, studies: Sequence[Any], midnight: datetime, dead: bool
) -> datetime:
    """When an outpatient leaves: after the results that are waited for."""
    plan = settled.plan
    low, high = {"E": (50, 330), "P": (50, 120), "H": (25, 60)}.get(plan.kind, (10, 40))
    if plan.kind == "O" and (plan.panels or studies):
        low, high = 60, 190
    if plan.kind == "E" and not plan.panels and not studies:
        low, high = 25, 80
    end = settled.start + timedelta(minutes=low + int(random.random() * (high - low)))
    if dead:
        last = settled.start.replace(hour=23, minute=59, second=30)
        return min(end, last)
    return min(end, midnight - timedelta(seconds=1))


def _nights(settled: Settled, midnight: datetime) -> int:
    if settled.plan.kind != "I":
        return 0
    end = settled.end or midnight
    return max(0, (end.date() - settled.start.date()).days)


def _lines(
    life: Life, plan: Plan, day: date, nights: int, dead: bool, end: datetime | None, allergy: str
) -> tuple[list[Line], list[Line]]:
    """What is given now, and what is taken home from an admission."""
    age = life.age(day)
    if plan.kind != "I":
        return prescribe.lines_of(plan.medicines, age), []
    keys = tuple(course.key for course in life.known(day))
    long = given.suited(life, plan, day, allergy, all_medicines(life, keys, day, 14))[:5]
    during = given.on_the_ward(plan, plan.medicines, () if dead else long, nights, allergy)
    lines = prescribe.lines_of(during, age)
    if dead or end is None:
        return lines, []
    oral = tuple(
        Medicine(one.drug, 7, one.dose, one.frequency)
        for one in plan.medicines
        if drug(one.drug).route == "口服" and one.drug not in {each.drug for each in long}
    )
    return lines, prescribe.lines_of((*long, *oral)[:6], age)


def _doses(plan: Plan) -> int:
    said = plan.facts.get("doses", "")
    return int(said) if said.isdigit() else 7 if plan.herbs else 0


def _case(
    life: Life, plan: Plan, random: Random, seat: Seat, past: Past, day: date, vitals: Vitals,
    nights: int, dead: bool,
) -> Case:  # fmt: skip
    known = life.known(day)
    habits = life.body.habits
    age = life.age(day)
    before = [one for one in life.person.pregnancies if one.ended <= day]
    born = sum(len(one.children) > 0 for one in before)
    born = max((born, *(one.parity for one in before)))
    return Case(
        person=life.person,
        age=age,
        plan=plan,
        random=random,
        style=style_of(seat.institution.key, seat.doctor.code),
        ordinal=day.toordinal(),
        vitals=vitals,
        known=known,
        regular=_regular(life, known, day, plan.because),
        allergy=_allergy(past, age),
        operated=tuple(past.operated[-2:]),
        pregnancies=(max(len(before), born), born),
        smokes=habits.daily if age >= 18 and habits.smokes(age) else 0,
        drinks=habits.drinks if age >= 20 else 0,
        medicines=plan.medicines,
        nights=nights,
        dead=dead,
    )


def _regular(life: Life, known: Sequence[Condition], day: date, because: str) -> tuple[str, ...]:
    """Long-term medicines by the names that doctors say, those of the visit's course first."""
    if not known:
        return ()
    found: dict[str, None] = {}
    classes: set[str] = set()
    for course in sorted(known, key=lambda one: one.key != because):
        if course.treated is None or course.treated >= day:
            continue
        for key in life.body.drugs(course.key, day):
            product = drug(key)
            alone = prescribe.ONE_OF.get(product.kind)
            if alone is None or alone not in classes:
                found.setdefault(short_drug(product.key))
            if alone is not None:
                classes.add(alone)
    return tuple(found)


def _texts(
    life: Life, case: Case, lines: Sequence[Line], home: Sequence[Line], seat: Seat,
    assistant: str, end: datetime | None, slips: bool,
) -> dict[str, str]:  # fmt: skip
    key = seat.institution.key
    if case.plan.kind != "I":
        return notes.outpatient(case, lines, key, slips=slips)
    place, day = life.world.place, case.plan.day
    senior = place.doctor(seat.institution, seat.department, 0.0, day).name
    return notes.inpatient(
        case, lines, home, key, (senior, seat.doctor.name, assistant), life.body.habits.family,
        finished=end is not None, slips=slips,
    )  # fmt: skip


def _page(
    life: Life, plan: Plan, random: Random, seat: Seat, past: Past, nights: int, dead: bool,
    end: datetime | None, done: Sequence[Done], sent: bool,
) -> dict[str, str]:  # fmt: skip
    place, institution, department = life.world.place, seat.institution, seat.department
    day = plan.day
    nurse = place.nurse(institution, department, random.random(), day).name
    names = [place.doctor(institution, department, at, day).name for at in (0.0, 0.12, 0.4)]
    coder = place.nurse(institution, department, 0.99, day).name
    source = "3" if sent else "1" if plan.ambulance or plan.acute else "2"
    bed = place.bed(institution, department, random.random())
    return front_page(
        life, plan, random, institution, (*names, seat.doctor.name, nurse, coder),
        nights=nights, stays_before=past.stays.get(institution.key, 0),
        blood_group=life.body.blood_group, allergy=_allergy(past, life.age(day)), dead=dead,
        finished=end is not None, done=done, source=source, department=department.name,
        ward=bed.ward_name if bed is not None else "",
    )  # fmt: skip


def _outcome(plan: Plan, random: Random, dead: bool, end: datetime | None) -> str:
    if dead:
        return "死亡"
    if plan.outcome == "死亡":
        return "好转"
    if plan.outcome:
        return plan.outcome
    if plan.kind == "I" and end is not None:
        cured = 0.55 if plan.operations else 0.25
        drawn = random.random()
        return "治愈" if drawn < cured else "未愈" if drawn > 0.985 else "好转"
    return ""
