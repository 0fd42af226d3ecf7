"""The hospital's side of a pregnancy: antenatal clinic, complications, and losses."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final, cast

import msgspec

from minkang.synth.lives import maternity_diagnoses as dx
from minkang.synth.lives.life import Life
from minkang.synth.lives.maternity_course import COLOURS, Course
from minkang.synth.record import Care, Diagnosis, Medicine, Operation, Plan


class Clinic(msgspec.Struct, frozen=True, gc=False):
    """An antenatal visit by its week (guideline on antenatal care 2018): tests and ultrasound."""

    week: float
    panels: tuple[str, ...]
    study: str = ""


_CLINICS: Final = (
    Clinic(6.6, ("hcg",), "early"),
    Clinic(12.3, ("cbc", "urine", "liver", "renal", "glucose", "thyroid", "hepatitis-b",
                  "syphilis", "hiv", "blood-group"), "nt"),
    Clinic(16.5, ("urine",)),
    Clinic(23.2, ("cbc", "urine"), "detailed"),
    Clinic(25.4, ("urine",)),
    Clinic(29.6, ("cbc", "urine", "liver"), "growth"),
    Clinic(32.2, ("urine",), "growth"),
    Clinic(34.1, ("cbc", "urine")),
    Clinic(36.2, ("cbc", "urine", "coagulation", "liver", "renal"), "growth"),
    Clinic(37.2, ("urine",)),
    Clinic(38.2, ("urine",), "growth"),
    Clinic(39.2, ("urine",)),
    Clinic(40.2, ("urine",), "growth"),
)  # fmt: skip


def because(course: Course) -> str:
    """The name under which all of a pregnancy's plans and forms stand."""
    return f"pregnancy-{course.pregnancy.last_period.isoformat()}"


def weeks_of(course: Course, day: date) -> tuple[int, int]:
    """Completed weeks and the days beyond."""
    return divmod((day - course.pregnancy.last_period).days, 7)


def antenatal(life: Life, course: Course, hepatitis: bool) -> Iterator[Plan]:
    """The visits to the antenatal clinic until the pregnancy is over."""
    random = life.stream(f"antenatal-{course.pregnancy.last_period.toordinal()}")
    last = course.pregnancy.ended - timedelta(days=2)
    for clinic in _CLINICS:
        missed, shift = random.random(), random.uniform(-0.35, 0.35)
        day = course.pregnancy.last_period + timedelta(days=int((clinic.week + shift) * 7))
        if day > last or missed < 0.06 or (course.pregnancy.outcome == "ended" and clinic.week > 8):
            continue
        yield _clinic(life, course, clinic, day, hepatitis)
    yield from _troubles(life, course, random, last)


def _clinic(life: Life, course: Course, clinic: Clinic, day: date, hepatitis: bool) -> Plan:
    weeks, days = weeks_of(course, day)
    first = clinic.week < 8
    also = dx.carried(course, weeks, hepatitis)
    if first:
        lead = dx.CONFIRMED
    elif also:
        lead = dx.HIGH_RISK
    elif course.age >= 35:
        lead = dx.OLD_FIRST if course.parity == 0 else dx.HIGH_RISK
    else:
        lead = dx.FIRST if course.parity == 0 else dx.NORMAL
    colour, why, purple = course.risks(weeks, hepatitis)
    facts = {
        "weeks": f"{weeks}+{days}" if days else str(weeks),
        "gravida": str(course.gravida),
        "parity": str(course.parity),
        "risk-colour": COLOURS[colour] + ("、紫色" if purple else ""),
        "risk-reason": "；".join(why),
    }
    if clinic.week == 25.4:
        facts["ogtt"] = f"{course.fasting}-{course.one}-{course.two}"
    return Plan(
        life.person.key,
        day,
        "O",
        cast(Care, course.care),
        "obstetric",
        (lead, *also[:3]) if not first else (lead,),
        ("amenorrhoea",) if first else (),
        (day - course.pregnancy.last_period).days if first else 0,
        clinic.panels,
        {"obstetric-ultrasound": _finding(course, clinic)} if clinic.study else {},
        _medicines(course, clinic.week),
        acute=raised(course, weeks),
        facts=facts,
        because=because(course),
    )


def raised(course: Course, week: float) -> dict[str, float]:
    """Pressure and protein of pregnancy's own illnesses, as measurements know them."""
    if not course.pressure or week < 31:
        return {}
    if course.pressure == "gestational":
        return {"pressure": 1.2}
    grave = course.pressure == "severe"
    return {"pressure": 1.9 if grave else 1.4, "pre-eclampsia": 1.0 if grave else 0.5}


def _finding(course: Course, clinic: Clinic) -> str:
    if clinic.study in ("early", "nt") and not (course.twins and clinic.study == "nt"):
        return clinic.study
    if course.twins:
        return "twins"
    if course.placenta and clinic.week > 22:
        return "placenta-praevia"
    if course.breech and clinic.week > 30:
        return "breech"
    if course.reason == "oligohydramnios" and clinic.week > 36:
        return "oligohydramnios"
    if course.cord and clinic.week > 30:
        return "cord"
    return ""


def _medicines(course: Course, week: float) -> tuple[Medicine, ...]:
    """What is handed out at the visit: folic acid early, calcium from 20 weeks, iron, thyroxine."""
    found = []
    if week < 13:
        found.append(Medicine("folic-acid", 31))
    elif week > 20 and int(week) % 4 != 1:
        found.append(Medicine("calcium-vitamin-d", 30))
    if course.anaemia and week > 28:
        found.append(Medicine("iron-polysaccharide", 30))
    if course.thyroid and week > 12:
        found.append(Medicine("levothyroxine", 30))
    if course.pressure and week > 32:
        found.append(Medicine("labetalol", 14))
    if course.insulin and week > 26:
        found.append(Medicine("insulin-aspart", 14))
    return tuple(found)


def _troubles(life: Life, course: Course, random: Random, last: date) -> Iterator[Plan]:
    """Bleeding and vomiting early, diabetes and pressure later: extra visits and admissions."""
    bleeds, vomits, early = random.random(), random.random(), random.uniform(6.8, 10.5)
    start = course.pregnancy.last_period
    if bleeds < 0.08 and course.pregnancy.outcome != "ended":
        day = start + timedelta(days=int(early * 7))
        if day <= last:
            yield _visit(
                life, course, day, (dx.THREATENED,), ("vaginal-bleeding", "abdominal-pain"), 1,
                ("hcg",), {"obstetric-ultrasound": "early"},
                (Medicine("dydrogesterone", 10), Medicine("folic-acid", 31)),
            )  # fmt: skip
    if vomits < 0.018:
        day = start + timedelta(days=int((early + 1) * 7))
        if day + timedelta(days=5) <= last:
            yield _visit(
                life, course, day, (dx.VOMITING,), ("nausea", "vomiting"), 7,
                ("cbc", "electrolytes", "urine", "liver"), {},
                (Medicine("glucose-saline", 4), Medicine("vitamin-b6-injection", 4)),
                "I", 4, acute={"dehydration": 0.5},
            )  # fmt: skip
    if course.diabetes:
        for week in (27.5, 31.2, 35.1):
            day = start + timedelta(days=int(week * 7 + random.random() * 4))
            if day <= last:
                drugs = (Medicine("insulin-aspart", 14),) if course.insulin else ()
                yield _visit(life, course, day, (dx.DIABETES,), (), 0, ("glucose",), {}, drugs)
    if course.pressure and course.weeks >= 30:
        yield from _pressed(life, course, last)


def _pressed(life: Life, course: Course, last: date) -> Iterator[Plan]:
    """High pressure is watched; severe pre-eclampsia is admitted some weeks before the birth."""
    day = max(
        course.pregnancy.last_period + timedelta(days=231),
        course.pregnancy.ended - timedelta(days=24),
    )
    diagnoses = tuple(d for d in dx.carried(course, 33, False) if d.code[:3] in ("O13", "O14"))
    if course.pressure == "severe" and day + timedelta(days=6) <= last:
        yield _visit(
            life, course, day, diagnoses, ("headache", "leg-swelling"), 3,
            ("cbc", "urine", "liver", "renal", "coagulation"), {"obstetric-ultrasound": ""},
            (Medicine("labetalol", 5), Medicine("magnesium-sulfate", 3)), "I", 5,
            acute=raised(course, 40),
        )  # fmt: skip
    elif day <= last:
        yield _visit(
            life, course, day, diagnoses, ("dizziness",), 3, ("urine", "liver", "renal"), {},
            (Medicine("labetalol", 14),), acute=raised(course, 40),
        )  # fmt: skip


def _visit(
    life: Life,
    course: Course,
    day: date,
    diagnoses: tuple[Diagnosis, ...],
    symptoms: tuple[str, ...],
    lasting: int,
    panels: tuple[str, ...],
    images: dict[str, str],
    medicines: tuple[Medicine, ...],
    kind: str = "O",
    nights: int = 0,
    acute: dict[str, float] | None = None,
) -> Plan:
    weeks, days = weeks_of(course, day)
    return Plan(
        person=life.person.key,
        day=day,
        kind="I" if kind == "I" else "O",
        care=cast(Care, course.care),
        specialty="obstetric",
        diagnoses=diagnoses,
        symptoms=symptoms,
        lasting=lasting,
        panels=panels,
        images=images,
        medicines=medicines,
        nights=nights,
        acute=acute or {},
        facts={
            "weeks": f"{weeks}+{days}" if days else str(weeks),
            "gravida": str(course.gravida),
            "parity": str(course.parity),
        },
        because=because(course),
        weight=3 if kind == "I" else 1,
    )


def loss(life: Life, course: Course) -> Iterator[Plan]:
    """What is done where a pregnancy ends before a birth."""
    random = life.stream(f"loss-{course.pregnancy.ended.toordinal()}")
    kind, day = random.random(), course.pregnancy.ended
    weeks = course.weeks
    if course.pregnancy.outcome == "ended":
        if weeks >= 13:
            yield _ended(life, course, day, (dx.LATE_ABORTION,), dx.MID_ABORTION, 4, "")
        else:
            yield _ended(
                life, course, day, (dx.EARLY_ABORTION,), dx.SUCTION, int(kind < 0.4),
                "early-pregnancy",
            )  # fmt: skip
    elif kind < 0.06 and weeks < 11:
        yield _ended(life, course, day, (dx.ECTOPIC,), dx.SALPINGECTOMY, 5, "ectopic")
    elif kind < 0.5:
        yield _ended(life, course, day, (dx.MISSED,), dx.CURETTAGE, 2, "miscarriage")
    elif kind < 0.75:
        yield _ended(life, course, day, (dx.INCOMPLETE,), dx.CURETTAGE, 1, "retained")
    else:
        plan = _ended(life, course, day, (dx.MISCARRIED,), None, 0, "")
        yield msgspec.structs.replace(plan, medicines=(Medicine("shenghua-keli", 7),))


def _ended(
    life: Life,
    course: Course,
    day: date,
    diagnoses: tuple[Diagnosis, ...],
    operation: Operation | None,
    nights: int,
    finding: str,
) -> Plan:
    wanted = course.pregnancy.outcome == "ended"
    plan = _visit(
        life, course, day, diagnoses,
        ("amenorrhoea",) if wanted else ("vaginal-bleeding", "abdominal-pain"),
        (day - course.pregnancy.last_period).days if wanted else 2,
        ("cbc", "coagulation", "hcg", "blood-group") if nights else ("cbc", "hcg"),
        {"gynae-ultrasound": finding}, (Medicine("yimucao", 7),) if nights else (),
        "I" if nights else "O", nights,
    )  # fmt: skip
    return msgspec.structs.replace(
        plan,
        specialty="gynaecology",
        operations=(operation,) if operation else (),
        weight=4,
    )
