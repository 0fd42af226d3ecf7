"""What sugar and a failing kidney lead to: admissions, laser, feet, dialysis, sudden lows."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.body import dialysis_from, filtration, hba1c
from minkang.synth.lives.chronic_medicines import all_medicines, medicines_of
from minkang.synth.lives.chronic_shape import after, at_random, beside, hospital, named, within
from minkang.synth.lives.chronic_visits import retinopathy_grade
from minkang.synth.lives.life import Life
from minkang.synth.record import Condition, Diagnosis, Medicine, Operation, Plan

_LASER: Final = Operation("14.2402", "视网膜病损激光凝固术", 2, "表面麻醉")
_INJECTION: Final = Operation("14.7903", "玻璃体药物注射术", 2, "表面麻醉")
_DEBRIDEMENT: Final = Operation("86.2200x011", "皮肤和皮下坏死组织切除清创术", 2, "神经阻滞麻醉")
_TOE: Final = Operation("84.1100", "趾截断术", 2, "神经阻滞麻醉")
_FISTULA: Final = Operation("39.2700x001", "为肾透析的动静脉造瘘术", 3, "局部麻醉")
_CATHETER: Final = Operation("38.9502", "为肾透析的临时静脉插管术", 2, "局部麻醉")
_DIALYSIS: Final = Operation("39.9500", "血液透析", 0)


def plans(life: Life) -> Iterator[Plan]:
    """Poor control, lows, eyes, feet and the kidney within the window."""
    random = life.stream("complications-sugar")
    conditions = life.body.conditions
    sugar = conditions.get("diabetes") or conditions.get("diabetes-type-1")
    if sugar is not None and sugar.found is not None:
        yield from _uncontrolled(life, random, sugar)
        yield from _lows(life, random, sugar)
        yield from _eyes(life, random)
        yield from _feet(life, random)
    kidney = conditions.get("kidney")
    if kidney is not None and kidney.found is not None:
        yield from _kidney(life, random, kidney)


def _uncontrolled(life: Life, random: Random, sugar: Condition) -> Iterator[Plan]:
    """Admission to set up insulin or for ketosis: more likely the higher HbA1c."""
    found = sugar.found or sugar.since
    begins = [found] if random.random() < 0.16 and within(life, found) else []
    days = [*begins, *at_random(life, random, after(found, 60), None, 0.42)]
    for day in days:
        value = hba1c(life.body, day)
        if random.random() > max(0.0, (value - 6.9) / 4):
            continue
        ketosis = value > 9.5 and random.random() < 0.3
        first = Diagnosis("E11.103", "2型糖尿病性酮症") if ketosis else named(life, sugar, day)
        if sugar.key == "diabetes-type-1" and ketosis:
            first = Diagnosis("E10.103", "1型糖尿病酮症")
        yield Plan(
            life.person.key, day, "I", hospital(random, 0.3), "endocrine",
            (first, *beside(life, day, sugar.key, 5)),
            symptoms=random.choice((("thirst", "polyuria", "weight-loss"), ("high-glucose",),
                                    ("fatigue", "thirst"))), lasting=random.randint(5, 90),
            panels=("glucose", "islet", "renal", "electrolytes", "liver", "lipids", "urine",
                    "urine-albumin", "cbc", "thyroid", *(("blood-gas",) if ketosis else ())),
            images={"fundus": "retinopathy-mild" if life.has("retinopathy", day) else "",
                    "carotid-ultrasound": "plaque", "ecg": "", "abdomen-ultrasound": "fatty-liver",
                    "nerve-conduction": "neuropathy" if life.has("neuropathy", day) else ""},
            medicines=(Medicine("insulin-regular", 4), Medicine("sodium-chloride", 3),
                       *medicines_of(life, sugar.key, day, 14)),
            nights=random.randint(6, 10),
            acute={"acid": 0.5, "ketones": 1.0, "dehydration": 0.4} if ketosis else {},
            because=sugar.key, weight=4, outcome="好转",
        )  # fmt: skip


def _lows(life: Life, random: Random, sugar: Condition) -> Iterator[Plan]:
    """A low from insulin or sulphonylureas, seen at the emergency."""
    for day in at_random(life, random, sugar.found or sugar.since, None, 0.05):
        drugs = life.body.drugs(sugar.key, day)
        if any(drug.startswith(("insulin", "gli")) for drug in drugs):
            yield Plan(
                life.person.key, day, "E", random.choice(("town", "county", "county", "city")),
                "emergency", (Diagnosis("E16.000x001", "药物性低血糖"), *beside(life, day, "", 3)),
                symptoms=("hypoglycaemia", "sweating", "palpitations"), lasting=0,
                panels=("electrolytes", "renal"), images={"ecg": "sinus-tachycardia"},
                medicines=(Medicine("glucose-50", 1, "", "st"),), because=sugar.key, weight=3,
                ambulance=random.random() < 0.35,
            )  # fmt: skip


def _eyes(life: Life, random: Random) -> Iterator[Plan]:
    eye = life.body.conditions.get("retinopathy")
    if eye is None or eye.found is None:
        return
    for day in at_random(life, random, after(eye.found, 90), None, 1.1):
        grade = retinopathy_grade(eye, day)
        grave = grade in ("retinopathy-severe", "retinopathy-proliferative")
        operations: tuple[Operation, ...] = ()
        if grave and random.random() < 0.5:
            operations = (_LASER if random.random() < 0.7 else _INJECTION,)
        yield Plan(
            life.person.key, day, "O", hospital(random, 0.4), "ophthalmology",
            (named(life, eye, day), *beside(life, day, "retinopathy", 2)),
            symptoms=("blurred-vision",) if grave else ("follow-up",), lasting=30,
            images={"fundus": grade, "oct": "oedema" if grave else ""}, operations=operations,
            medicines=medicines_of(life, "retinopathy", day, 28), because="retinopathy", weight=2,
        )  # fmt: skip


def _feet(life: Life, random: Random) -> Iterator[Plan]:
    """An ulcer that heals in weeks, or takes a toe; it comes back in one of five a year."""
    foot = life.body.conditions.get("diabetic-foot")
    if foot is None or foot.found is None:
        return
    begins = [foot.found] if within(life, foot.found) else []
    for day in [*begins, *at_random(life, random, after(foot.found, 120), None, 0.2)]:
        grave = foot.severity > 0.5 and random.random() < 0.6
        toe = grave and random.random() < 0.3
        yield Plan(
            life.person.key, day, "I" if grave else "O", hospital(random, foot.severity),
            "endocrine" if not toe else "surgery",
            (named(life, foot, day), *beside(life, day, "diabetic-foot", 5)),
            symptoms=("foot-ulcer", *(("fever",) if grave else ())), lasting=random.randint(10, 60),
            panels=("glucose", "cbc", "inflammation", *(("renal", "liver", "electrolytes",
                    "coagulation", "culture") if grave else ())),
            images={"foot-film": "osteomyelitis" if toe else "",
                    "leg-artery-ultrasound": "stenosis"},
            medicines=(Medicine("cefoperazone-sulbactam" if grave else "levofloxacin", 9),
                       *medicines_of(life, "diabetic-foot", day, 14)),
            operations=((_TOE,) if toe else (_DEBRIDEMENT,)) if grave else (),
            nights=random.randint(10, 22) if grave else 0,
            acute={"infection": 0.35 if grave else 0.12}, because="diabetic-foot", weight=4,
            outcome="好转" if grave else "",
        )  # fmt: skip


def _kidney(life: Life, random: Random, kidney: Condition) -> Iterator[Plan]:
    """The renal clinic every three months once filtration is below 45; then dialysis."""
    found = kidney.found or kidney.since
    start = dialysis_from(life.body)
    if start is not None:
        start = max(start, after(found, 30))
    day = max(after(found, 30), life.begin)
    end = life.end if start is None else min(life.end, start)
    while day <= end:
        rate = filtration(life.body, day)
        if rate < 45:
            yield Plan(
                life.person.key, day, "O", hospital(random, 0.4), "renal",
                (named(life, kidney, day), *beside(life, day, "kidney", 4)),
                symptoms=random.choice((("follow-up",), ("fatigue",), ("oedema",), ("nocturia",))),
                lasting=30, because="kidney", weight=2,
                panels=("renal", "electrolytes", "cbc", "urine", "urine-albumin", "iron"),
                medicines=all_medicines(life, ("kidney", "hypertension"), day, 28),
            )  # fmt: skip
        day = after(day, random.uniform(75, 110) if rate < 45 else random.uniform(300, 420))
    if start is not None and start <= life.end:
        yield from _dialysis(life, random, kidney, start)


def _dialysis(life: Life, random: Random, kidney: Condition, start: date) -> Iterator[Plan]:
    """An admission to begin, then three sessions a week at the same hospital; blood monthly."""
    at = hospital(random, 0.3)
    diagnosis = Diagnosis("N18.500", "慢性肾脏病5期")
    if within(life, start):
        yield Plan(
            life.person.key, start, "I", at, "renal",
            (diagnosis, Diagnosis("N18.900x012+D63.8*", "肾性贫血"),
             *beside(life, start, "kidney", 4)),
            symptoms=("nausea", "oedema", "fatigue"), lasting=random.randint(7, 30),
            panels=("renal", "electrolytes", "cbc", "liver", "coagulation", "iron",
                    "before-operation", "blood-gas", "natriuretic"),
            images={"urinary-ultrasound": "renal-small", "echo": "hypertensive", "ecg": "",
                    "chest-film": "cardiomegaly"},
            operations=(_CATHETER, _FISTULA, _DIALYSIS), nights=random.randint(10, 16),
            medicines=all_medicines(life, ("kidney", "hypertension"), start, 14),
            acute={"kidney": 0.2}, because="kidney", weight=6, outcome="好转",
        )  # fmt: skip
    session = max(after(start, 18), life.begin)
    pattern = (0, 2, 4) if random.random() < 0.5 else (1, 3, 5)
    month = 0
    for ordinal in range(session.toordinal(), life.end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if day.weekday() not in pattern:
            continue
        control = day.month != month
        month = day.month
        yield Plan(
            life.person.key, day, "O", at, "renal",
            (diagnosis, Diagnosis("Z49.101", "血液透析")), symptoms=("follow-up",),
            panels=("renal", "electrolytes", "cbc") if control else (),
            medicines=(Medicine("erythropoietin", 1), Medicine("heparin", 1, "", "st"),
                       *(medicines_of(life, "kidney", day, 28)[1:] if control else ())),
            operations=(_DIALYSIS,), because="kidney",
        )  # fmt: skip
