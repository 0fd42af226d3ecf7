"""The kidney: filtration falls with age, faster in disease; creatinine is its inverse.

In chronic kidney disease the rate has been falling for years when it is found. Stages are KDIGO's
(2012); creatinine and rate are tied by CKD-EPI 2021 (Inker 2021).
"""

from datetime import date
from typing import Final

from minkang.synth.lives.body_frame import FILTRATION, URATE, Body, months_pregnant, toward

DIALYSIS_BELOW: Final = 8.5
"""mL/min/1.73m2 at which dialysis begins (Chinese practice: 6-10, by symptoms)."""


_SILENT: Final = 8.0
"""Years over which filtration leaves the healthy's before the disease is there by definition."""


def slope(body: Body) -> float:
    """How fast the diseased kidney fails, in mL/min/1.73m2 a year."""
    condition = body.conditions["kidney"]
    sugar = body.conditions.get("diabetes")
    faster = 0.0 if sugar is None else 0.3 + 0.7 * sugar.severity
    steep = condition.severity**2
    return float(0.55 + 4.0 * steep * steep + faster * (0.2 + steep))


def filtration(body: Body, day: date) -> float:
    """eGFR in mL/min/1.73m2; adults' sizes."""
    age = body.age(day)
    natural = 107 + 7 * body.levels[FILTRATION] - 0.70 * max(0.0, age - 34)
    months = months_pregnant(body, day)
    if months:
        natural += 22 * min(1.0, months / 4)
    condition = body.conditions.get("kidney")
    natural = max(61.0, natural)
    if condition is None:
        return natural
    years = (day - condition.since).days / 365.25
    start = min(natural, 74 - 12 * condition.severity)
    if years < 0:
        return start + (natural - start) * min(1.0, -years / _SILENT)
    return max(5.0, start - slope(body) * years)


def dialysis_from(body: Body) -> date | None:
    """The day on which filtration falls below what keeps alive; None within sixty years."""
    condition = body.conditions.get("kidney")
    if condition is None:
        return None
    if filtration(body, date.fromordinal(condition.since.toordinal() + 60 * 365)) > DIALYSIS_BELOW:
        return None
    low, high = condition.since.toordinal(), condition.since.toordinal() + 60 * 365
    while high - low > 7:
        middle = (low + high) // 2
        if filtration(body, date.fromordinal(middle)) > DIALYSIS_BELOW:
            low = middle
        else:
            high = middle
    return date.fromordinal(high)


def creatinine(egfr: float, sex: str, age: float) -> float:
    """umol/L that give this rate by CKD-EPI 2021 (Inker 2021), inverted; grown bodies."""
    kappa, alpha = (0.9, -0.302) if sex == "M" else (0.7, -0.241)
    scale = 142 * 0.9938**age * (1.0 if sex == "M" else 1.012)
    ratio = egfr / scale
    relative: float = ratio ** (1 / -1.2) if ratio < 1 else ratio ** (1 / alpha)
    return 88.42 * kappa * relative


def estimated_filtration(umol: float, sex: str, age: float) -> float:
    """eGFR from a measured creatinine in umol/L by CKD-EPI 2021 (Inker 2021)."""
    kappa, alpha = (0.9, -0.302) if sex == "M" else (0.7, -0.241)
    relative = umol / 88.42 / kappa
    scale = 142 * 0.9938**age * (1.0 if sex == "M" else 1.012)
    return float(scale * min(relative, 1.0) ** alpha * max(relative, 1.0) ** -1.2)


def leaking(body: Body, day: date) -> float:
    """Albumin to creatinine in urine, mg/g: first sign of a diabetic or hypertensive kidney."""
    condition = body.conditions.get("kidney")
    base = 7 + 2.5 * abs(body.levels[FILTRATION])
    if condition is None:
        sugar = body.conditions.get("diabetes")
        if sugar is not None and day > sugar.since:
            base += 2.2 * sugar.severity * (day - sugar.since).days / 365.25
        return base
    years = (day - condition.since).days / 365.25
    if years < -4:
        return base
    return min(3500.0, 30 + (22 + 190 * condition.severity**2) * (years + 4))


def urate(body: Body, day: date) -> float:
    """umol/L; gout's falls under treatment, a failing kidney's rises."""
    man, age = body.sex == "M", body.age(day)
    level = (352 if man else 268 + (24 if age > 52 else 0)) + (46 if man else 40) * body.levels[
        URATE
    ]
    level = min(level + 5 * (body.habits.bmi - 24), 450.0 if man else 380.0)
    if age < 14:
        level = 225 + 6 * age + 28 * body.levels[URATE]
    condition = body.there("gout", day)
    if condition is not None:
        high = 505 + 115 * condition.severity
        level = high
        lowering = condition.treated
        if lowering is not None and day > lowering:
            goal = 400 - 75 * body.adherence
            level = toward(high, goal, (day - lowering).days, 60)
    return max(120.0, level + max(0.0, 55 - filtration(body, day)) * 2.1)
