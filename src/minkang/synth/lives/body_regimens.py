"""Which medicines each course is treated with, in steps, from the day treatment begins.

Pressure and sugar are stepped up when they are not at goal at a visit, though not always (doctors
wait); the others have a usual scheme with few changes. After the Chinese guidelines: hypertension
2018/2024, type 2 diabetes 2020, lipids 2023, coronary syndromes 2018, stroke 2022, heart failure
2018, COPD 2021, tuberculosis WS 288 and the national programme, hepatitis B 2022, HIV 2021.
"""

from datetime import date
from random import Random

import msgspec

from minkang.synth.lives.body_frame import Body, Step
from minkang.synth.lives.body_kidney import filtration
from minkang.synth.lives.body_pressure import blood_pressure
from minkang.synth.lives.body_schemes import (
    ADDED_TO_PRESSURE,
    FIRST_OF_PRESSURE,
    SCHEMES,
    STATINS,
)
from minkang.synth.lives.body_sugar import hba1c
from minkang.synth.record import Condition

Steps = tuple[Step, ...]


def regimens_of(random: Random, body: Body, end: int) -> dict[str, Steps]:
    """The steps of every treated course until the day `end` (ordinal, exclusive)."""
    regimens: dict[str, Steps] = {}
    trial = msgspec.structs.replace(body, regimens=regimens)
    for key, condition in body.conditions.items():
        if condition.treated is None:
            continue
        begun = condition.treated.toordinal()
        if key == "hypertension":
            _pressure(random, trial, condition, regimens, end)
        elif key == "diabetes":
            _sugar(random, trial, condition, regimens, end)
        elif key in _MAKERS:
            regimens[key] = _MAKERS[key](random, body, begun)
        elif key in SCHEMES:
            regimens[key] = (Step(begun, random.choice(SCHEMES[key])),)
    return {key: _changes(steps) for key, steps in regimens.items()}


def _changes(steps: Steps) -> Steps:
    """The steps at which something changes."""
    return tuple(
        step
        for place, step in enumerate(steps)
        if not place or step.drugs != steps[place - 1].drugs
    )


def _pressure(
    random: Random, body: Body, condition: Condition, regimens: dict[str, Steps], end: int
) -> None:
    """One drug, then two, three, four, while pressure stays above 140/90 (130/80 with sugar)."""
    begun = condition.treated or condition.since
    day = begun.toordinal()
    protect = any(
        (other := body.conditions.get(key)) is not None and other.since.toordinal() <= day
        for key in ("diabetes", "diabetes-type-1", "kidney", "heart-failure")
    )
    systolic = blood_pressure(body, begun)[0]
    drugs: tuple[str, ...] = (
        random.choice(("valsartan", "irbesartan", "losartan", "telmisartan", "perindopril"))
        if protect
        else random.choices(*FIRST_OF_PRESSURE)[0],
    )
    if systolic > 168 and drugs[0] != "valsartan-amlodipine" and random.random() < 0.5:
        drugs = _more_for_pressure(random, drugs)
    steps = [Step(day, drugs)]
    regimens[condition.key] = tuple(steps)
    goal = 138 if protect and random.random() < 0.5 else 143
    for _ in range(9):
        day += random.randint(60, 320)
        if day >= end or len(drugs) >= 4:
            break
        if blood_pressure(body, date.fromordinal(day))[0] + random.gauss(0, 9) <= goal:
            continue
        if random.random() < 0.62:
            drugs = _more_for_pressure(random, drugs)
            steps.append(Step(day, drugs))
            regimens[condition.key] = tuple(steps)


def _more_for_pressure(random: Random, drugs: tuple[str, ...]) -> tuple[str, ...]:
    for group in ADDED_TO_PRESSURE:
        if not any(drug in group or "-amlodipine" in drug for drug in drugs) or (
            group is ADDED_TO_PRESSURE[-1]
        ):
            added = random.choice(group)
            return drugs if added in drugs else (*drugs, added)
    return drugs


def _sugar(
    random: Random, body: Body, condition: Condition, regimens: dict[str, Steps], end: int
) -> None:
    """Metformin, a second tablet, a third, then insulin, while HbA1c stays above 7.1 %."""
    begun = condition.treated or condition.since
    day = begun.toordinal()
    value = hba1c(body, begun)
    weak = filtration(body, begun) < 45
    first = "linagliptin" if weak else random.choices(
        ("metformin", "metformin-extended", "acarbose", "gliclazide"), (60, 18, 12, 10)
    )[0]  # fmt: skip
    drugs: tuple[str, ...] = (first,)
    if value > 10.2 and random.random() < 0.75:
        drugs = (
            first,
            random.choice(("insulin-premixed", "insulin-glargine", "insulin-aspart-30")),
        )
    elif value > 8.6:
        drugs = (first, random.choice(("glimepiride", "gliclazide", "sitagliptin")))
    steps = [Step(day, drugs)]
    regimens[condition.key] = tuple(steps)
    for _ in range(14):
        day += random.randint(100, 420)
        if day >= end:
            break
        now = date.fromordinal(day)
        if filtration(body, now) < 30 and any(drug.startswith("metformin") for drug in drugs):
            drugs = ("linagliptin", *(d for d in drugs if not d.startswith("metformin")))[:3]
        elif hba1c(body, now) + random.gauss(0, 0.4) > 7.1 and random.random() < 0.5:
            drugs = _more_for_sugar(random, drugs, now.year)
        else:
            continue
        if drugs != steps[-1].drugs:
            steps.append(Step(day, drugs))
            regimens[condition.key] = tuple(steps)


def _more_for_sugar(random: Random, drugs: tuple[str, ...], year: int) -> tuple[str, ...]:
    insulin = any(drug.startswith("insulin") for drug in drugs)
    tablets = [drug for drug in drugs if not drug.startswith("insulin")]
    if not insulin and len(tablets) < 3 and random.random() < 0.85:
        newer = ("sitagliptin", "dapagliflozin", "empagliflozin", "linagliptin")
        older = ("glimepiride", "gliclazide", "acarbose", "pioglitazone", "repaglinide")
        pool = newer + older if year >= 2019 else older
        added = random.choice([drug for drug in pool if drug not in drugs])
        if added in ("gliclazide", "glimepiride", "repaglinide") and any(
            drug in ("gliclazide", "glimepiride", "repaglinide") for drug in drugs
        ):
            added = "acarbose" if "acarbose" not in drugs else "pioglitazone"
        return (*drugs, added)
    if not insulin and random.random() < 0.5:
        return drugs
    if not insulin:
        kept = tuple(drug for drug in tablets if drug not in ("gliclazide", "glimepiride"))[:2]
        return (*kept, random.choice(("insulin-glargine", "insulin-premixed", "insulin-aspart-30")))
    if "insulin-glargine" in drugs and "insulin-aspart" not in drugs:
        return (*drugs, "insulin-aspart")
    if year >= 2021 and "semaglutide" not in drugs and len(drugs) < 4 and random.random() < 0.3:
        return (*drugs, "semaglutide")
    return drugs


def _infarct(random: Random, body: Body, begun: int) -> Steps:
    """Two platelet inhibitors for a year, then one; statin, beta blocker, ACE inhibitor."""
    second = random.choices(("ticagrelor", "clopidogrel"), (45, 55))[0]
    keep = (
        random.choice(STATINS),
        "metoprolol-succinate",
        random.choice(("perindopril", "valsartan")),
    )
    return (
        Step(begun, ("aspirin", second, *keep)),
        Step(begun + random.randint(360, 400), ("aspirin", *keep)),
    )


def _coronary(random: Random, body: Body, begun: int) -> Steps:
    base = ["aspirin" if random.random() < 0.9 else "clopidogrel", random.choice(STATINS)]
    if random.random() < 0.55:
        base.append("metoprolol-succinate" if random.random() < 0.7 else "bisoprolol")
    if body.conditions["coronary"].severity > 0.35 and random.random() < 0.6:
        base.append("isosorbide-mononitrate")
    if random.random() < 0.35:
        base.append(random.choice(("compound-danshen", "shexiang-baoxin", "tongxinluo")))
    return (Step(begun, tuple(base)),)


def _stroke(random: Random, body: Body, begun: int) -> Steps:
    """Aspirin and clopidogrel for three weeks, then one; anticoagulated where the atria flutter."""
    fat = random.choice(("atorvastatin", "rosuvastatin"))
    fluttering = body.conditions.get("atrial-fibrillation")
    if fluttering is not None and fluttering.found and fluttering.found.toordinal() <= begun + 30:
        return (Step(begun + 10, (random.choice(("rivaroxaban", "dabigatran", "warfarin")), fat)),)
    later = "aspirin" if random.random() < 0.6 else "clopidogrel"
    extra = ("butylphthalide",) if random.random() < 0.4 else ()
    return (
        Step(begun, ("aspirin", "clopidogrel", fat, *extra)),
        Step(begun + 21, (later, fat, *extra)),
        Step(begun + 90, (later, fat)),
    )


def _kidney(random: Random, body: Body, begun: int) -> Steps:
    """Herbal and protective first; binders, iron and hormone as filtration falls."""
    steps = [Step(begun, (random.choice(("niaoduqing", "bailing", "huangkui")),))]
    for below, drugs in (
        (40.0, ("compound-alpha-ketoacid", "niaoduqing")),
        (25.0, ("compound-alpha-ketoacid", "niaoduqing", "sodium-bicarbonate", "calcitriol")),
        (14.0, ("erythropoietin", "sevelamer", "calcitriol", "iron-polysaccharide")),
    ):
        day = begun
        for _ in range(40):
            if filtration(body, date.fromordinal(day)) < below:
                steps.append(Step(day, drugs))
                break
            day += 180
    return tuple(sorted(steps, key=lambda step: step.since))


def _tuberculosis(random: Random, body: Body, begun: int) -> Steps:
    """Two months of four drugs, four of two; the resistant ones longer with others (WS 288)."""
    condition = body.conditions["tuberculosis"]
    if condition.facts.get("resistant"):
        drugs = ("levofloxacin", "linezolid", "pyrazinamide", "ethambutol")
        return (Step(begun, drugs), Step(begun + 183, drugs[:1] + drugs[2:]))
    fixed = random.random() < 0.7
    first = ("hrze-fixed",) if fixed else ("isoniazid", "rifampicin", "pyrazinamide", "ethambutol")
    second = ("hr-fixed",) if fixed else ("isoniazid", "rifampicin")
    turn = 61 if condition.facts.get("months") == "6" else 92
    return (Step(begun, (*first, "huganpian")), Step(begun + turn, second))


def _copd(random: Random, body: Body, begun: int) -> Steps:
    severity = body.conditions["copd"].severity
    if severity < 0.35:
        return (Step(begun, (random.choice(("theophylline", "tiotropium")), "ambroxol")),)
    first = (random.choice(("tiotropium", "budesonide-formoterol")), "salbutamol")
    more = (
        random.choice(("budesonide-formoterol", "salmeterol-fluticasone")),
        "tiotropium",
        "salbutamol",
        "carbocisteine",
    )
    if severity < 0.6:
        return (Step(begun, first),)
    return (Step(begun, first), Step(begun + random.randint(200, 900), more))


def _schizophrenia(random: Random, body: Body, begun: int) -> Steps:
    first = random.choice(("olanzapine", "risperidone", "aripiprazole", "amisulpride"))
    steps = [Step(begun, (first,))]
    if random.random() < 0.5:
        second = random.choice(("olanzapine", "risperidone", "quetiapine"))
        steps.append(Step(begun + random.randint(60, 700), (second,)))
    if body.conditions["schizophrenia"].severity > 0.65:
        last: tuple[str, ...] = ("clozapine",)
        if random.random() < 0.3:
            last = ("paliperidone-palmitate",)
        steps.append(Step(begun + random.randint(800, 1600), last))
    if random.random() < 0.25:
        drugs = (*steps[-1].drugs, "trihexyphenidyl")
        steps.append(Step(steps[-1].since + random.randint(30, 200), drugs))
    return tuple(steps)


def _depression(random: Random, body: Body, begun: int) -> Steps:
    first = random.choice(("escitalopram", "sertraline", "paroxetine", "venlafaxine"))
    steps = [Step(begun, (first, "estazolam") if random.random() < 0.4 else (first,))]
    if random.random() < 0.3:
        second = random.choice(("duloxetine", "mirtazapine", "venlafaxine"))
        steps.append(Step(begun + random.randint(45, 120), (second,)))
    return tuple(steps)


def _thyroid_removed(random: Random, body: Body, begun: int) -> Steps:
    return (Step(begun + 5, ("levothyroxine",)),)


_MAKERS = {
    "infarction": _infarct,
    "coronary": _coronary,
    "stroke-ischaemic": _stroke,
    "kidney": _kidney,
    "tuberculosis": _tuberculosis,
    "copd": _copd,
    "schizophrenia": _schizophrenia,
    "depression": _depression,
    "thyroid-cancer": _thyroid_removed,
}
