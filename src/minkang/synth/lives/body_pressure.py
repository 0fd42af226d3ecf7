"""Blood pressure and pulse: what age, salt and weight make, what the drugs take off.

A drug at full dose lowers systolic pressure by about a quarter of what lies above 115 mmHg; a
second adds four fifths of that (Law 2009). Winter is 3 mmHg above the year, summer 3 below.
"""

from datetime import date
from math import cos, exp
from typing import Final

from minkang.synth.lives.body_frame import DIASTOLIC, PULSE, SYSTOLIC, Body, months_pregnant

_LOWERS: Final = {
    "amlodipine": 1.0, "nifedipine-controlled": 1.05, "nifedipine": 0.9, "felodipine": 0.95,
    "valsartan": 1.0, "losartan": 0.9, "irbesartan": 1.0, "telmisartan": 1.05, "candesartan": 1.0,
    "olmesartan": 1.05, "enalapril": 0.95, "perindopril": 1.0, "captopril": 0.85,
    "benazepril": 0.95, "sacubitril-valsartan": 1.1, "hydrochlorothiazide": 0.7, "indapamide": 0.8,
    "compound-reserpine": 0.8, "metoprolol": 0.6, "metoprolol-succinate": 0.6, "bisoprolol": 0.65,
    "spironolactone": 0.6, "furosemide": 0.3, "valsartan-amlodipine": 1.8,
    "irbesartan-hydrochlorothiazide": 1.6, "labetalol": 0.8, "methyldopa": 0.7,
}  # fmt: skip
_PRESSED: Final = ("hypertension", "heart-failure", "infarction", "coronary", "kidney")


def untreated_pressure(body: Body, day: date) -> tuple[float, float]:
    """Systolic and diastolic in mmHg if no medicine were taken, without season."""
    age = body.age(day)
    if age < 18:
        return (
            96 + 1.25 * max(0.0, age) + 5 * body.levels[SYSTOLIC],
            56 + 0.85 * max(0.0, age) + 4 * body.levels[DIASTOLIC],
        )
    habits = body.habits
    systolic = 114.5 + 0.24 * max(0.0, age - 40) + 0.55 * (habits.bmi - 24) + 1.2 * habits.salt
    diastolic = 74.5 + 0.10 * min(20.0, max(0.0, age - 30)) - 0.22 * max(0.0, age - 60)
    systolic += 5.5 * body.levels[SYSTOLIC]
    diastolic += 4.5 * body.levels[DIASTOLIC] + 0.3 * (habits.bmi - 24)
    condition = body.conditions.get("hypertension")
    if condition is None or day < condition.since:
        return min(systolic, 136.0), min(diastolic, 87.0)
    years = (day - condition.since).days / 365.25
    full = 19 + 24 * condition.severity + 0.3 * min(years, 25)
    excess = full * (0.62 + 0.38 * min(1.0, years / 5))
    goal = max(systolic, 118.0) + excess
    young = 1.0 if age < 55 else max(0.35, 1 - (age - 55) / 45)
    return min(goal, 212.0), min(diastolic + 0.52 * excess * young + 2, 122.0)


def taken_off(body: Body, day: date, untreated: float) -> float:
    """mmHg of systolic pressure that the drugs of all courses take off on that day."""
    if not body.regimens:
        return 0.0
    now, strength, seen = day.toordinal(), 0.0, set[str]()
    for key in _PRESSED:
        steps = body.regimens.get(key)
        if not steps or now < steps[0].since:
            continue
        step = steps[0]
        for later in steps:
            if later.since <= now:
                step = later
        ramp = 1 - exp(-(now - step.since + 8) / 16)
        for drug in step.drugs:
            effect = _LOWERS.get(drug)
            if effect is not None and drug not in seen:
                seen.add(drug)
                strength += effect * ramp * 0.82 ** max(0, len(seen) - 1)
    share = 0.26 * strength * (0.30 + 0.70 * body.adherence)
    return max(0.0, untreated - 112) * min(0.8, share)


def blood_pressure(body: Body, day: date) -> tuple[float, float]:
    """Systolic and diastolic in mmHg at rest on that day, before any measuring error."""
    systolic, diastolic = untreated_pressure(body, day)
    off = taken_off(body, day, systolic)
    season = 3.0 * cos((day.toordinal() - 735978) * 0.0172024)  # highest in the middle of January
    months = months_pregnant(body, day)
    if months:
        systolic -= 5.0 * (1 - abs(months - 5) / 5)
        diastolic -= 6.0 * (1 - abs(months - 5) / 5)
    return systolic - off + season, diastolic - 0.52 * off + 0.5 * season


def pulse(body: Body, day: date) -> float:
    """Beats a minute at rest."""
    age = body.age(day)
    if age < 16:
        return 138 - 26 * min(1.0, age / 2) - 2.3 * max(0.0, age - 2) + 6 * body.levels[PULSE]
    rate = 74 + 7 * body.levels[PULSE] + (0 if body.sex == "M" else 2)
    now = day.toordinal()
    if body.there("atrial-fibrillation", day) is not None:
        rate += 12
    for steps in body.regimens.values():
        for step in steps:
            if step.since <= now and any(drug.startswith("metoprolol") for drug in step.drugs):
                return max(54.0, rate - 9)
    return max(52.0, rate)
