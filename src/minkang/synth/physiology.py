"""The body behind the results: what would be measured on a day, before noise and rounding.

Simple causes, not a simulation: fasting glucose and HbA1c share one curve, a treatment pulls a
value towards its goal with a time constant, creatinine is the inverse of a falling filtration
rate, blood counts follow iron, infection and pregnancy.
"""

from datetime import date
from math import exp
from random import Random

import msgspec

from minkang.synth.residents import Condition, Resident


class Body(msgspec.Struct, frozen=True):
    """A resident's own levels when nothing is wrong, how well treatment works, the illnesses."""

    sex: str
    birth_date: date
    adherence: float  # 0 poor - 1 good
    levels: dict[str, float]
    conditions: dict[str, Condition]

    def age(self, day: date) -> float:
        """Years lived on that day."""
        return (day - self.birth_date).days / 365.25


def body_of(resident: Resident) -> Body:
    """The body that the resident's seed and conditions give."""
    random = Random(f"{resident.seed}/body")
    man = resident.sex == "M"
    levels = {
        "hba1c": random.gauss(5.25, 0.2),
        "egfr": random.gauss(104, 8),
        "ldl": random.gauss(2.7, 0.4),
        "triglyceride": max(0.6, random.gauss(1.25, 0.3)),
        "hdl": random.gauss(1.25 if man else 1.45, 0.18),
        "urate": random.gauss(345 if man else 265, 38),
        "haemoglobin": random.gauss(150 if man else 132, 6),
        "mcv": random.gauss(90, 2.5),
        "wbc": random.gauss(6.3, 0.9),
        "platelets": random.gauss(228, 38),
        "tsh": max(0.6, random.gauss(2.0, 0.6)),
        "ft4": random.gauss(16.5, 1.4),
        "ferritin": max(18.0, random.gauss(140 if man else 60, 25)),
        "sbp": random.gauss(121, 6),
        "dbp": random.gauss(76, 5),
    }
    adherence = min(1.0, max(0.15, random.gauss(0.75, 0.2)))
    conditions = {condition.key: condition for condition in resident.conditions}
    return Body(resident.sex, resident.birth_date, adherence, levels, conditions)


def _days_treated(condition: Condition, day: date) -> int:
    if condition.treated is None or day <= condition.treated:
        return 0
    return (day - condition.treated).days


def _toward(start: float, goal: float, days: int, constant: float) -> float:
    return goal + (start - goal) * exp(-days / constant)


def _has(body: Body, key: str, day: date) -> Condition | None:
    condition = body.conditions.get(key)
    return condition if condition is not None and day >= condition.since else None


def hba1c(body: Body, day: date) -> float:
    """Percent. Rises towards diagnosis, falls within months of treatment, creeps up again."""
    healthy = body.levels["hba1c"] + 0.006 * max(0.0, body.age(day) - 40)
    condition = body.conditions.get("diabetes")
    if condition is None or condition.treated is None:
        return healthy
    worst = 7.9 + 3.4 * condition.severity
    goal = 6.3 + 1.1 * (1 - body.adherence) + 0.5 * condition.severity
    days = _days_treated(condition, day)
    if days > 0:
        creep = (0.10 + 0.25 * (1 - body.adherence)) * max(0.0, days / 365 - 0.5)
        return _toward(worst, goal, days, 70) + creep
    before = (condition.treated - day).days / 365
    return max(healthy + 0.5, worst - 0.8 * before)


def glucose(body: Body, day: date) -> float:
    """Fasting plasma glucose in mmol/L, tied to HbA1c (7 % is about 7.5, 10 % about 12)."""
    return max(3.9, 1.5 * hba1c(body, day) - 2.95)


def filtration(body: Body, day: date) -> float:
    """eGFR in mL/min/1.73m2: falls with age; faster in kidney disease, with high glucose."""
    natural = body.levels["egfr"] - 0.75 * max(0.0, body.age(day) - 35)
    condition = body.conditions.get("kidney")
    if condition is None:
        return max(62.0, natural)
    years = max(0.0, (day - condition.since).days / 365)
    start = min(natural, 66 - 14 * condition.severity)
    slope = 1.4 + 2.6 * condition.severity + (1.2 if "diabetes" in body.conditions else 0.0)
    return max(11.0, start - slope * years)


def creatinine(egfr: float, sex: str, age: float) -> float:
    """umol/L that give this eGFR by CKD-EPI 2021 (Inker 2021), inverted; adults' sizes."""
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


def blood_pressure(body: Body, day: date) -> tuple[float, float]:
    """Systolic and diastolic in mmHg."""
    age = body.age(day)
    systolic = body.levels["sbp"] + 0.22 * max(0.0, age - 45) - 1.6 * max(0.0, 18 - age)
    diastolic = body.levels["dbp"] - 1.2 * max(0.0, 18 - age)
    condition = _has(body, "hypertension", day)
    if condition is None:
        return systolic, diastolic
    days = _days_treated(condition, day)
    rise = 28 + 20 * condition.severity
    left = rise * (0.18 + 0.45 * (1 - body.adherence))
    above = _toward(rise, left, days, 60)
    return systolic + above, diastolic + above * 0.45


def lipids(body: Body, day: date) -> dict[str, float]:
    """The four of the panel in mmol/L; LDL + HDL + TG/2.2 about makes the total."""
    ldl, fat, hdl = (body.levels[key] for key in ("ldl", "triglyceride", "hdl"))
    condition = body.conditions.get("lipids")
    if condition is not None:
        days = _days_treated(condition, day)
        high = 3.9 + 1.1 * condition.severity
        ldl = _toward(high, high * (0.52 + 0.25 * (1 - body.adherence)), days, 35)
        fat = _toward(2.1 + 1.2 * condition.severity, 1.5, days, 60)
        hdl -= 0.15
    elif _has(body, "coronary", day):
        ldl *= 0.7  # on a statin since then
    if "diabetes" in body.conditions:
        fat += 0.35
    return {"cholesterol": ldl + hdl + fat / 2.2, "triglyceride": fat, "hdl": hdl, "ldl": ldl}


def blood_count(body: Body, day: date, infection: float) -> dict[str, float]:
    """`infection` runs from 0 (none) to 1 (a severe bacterial one)."""
    age = body.age(day)
    red, volume = body.levels["haemoglobin"], body.levels["mcv"]
    if age < 14:
        red, volume = 124 + age, 82 + age * 0.4
    anaemia = body.conditions.get("anaemia")
    if anaemia is not None and day >= anaemia.since:
        days = _days_treated(anaemia, day)
        red = _toward(96 - 22 * anaemia.severity, red - 5, days, 45)
        volume = _toward(75 - 5 * anaemia.severity, volume - 2, days, 80)
    kidney = filtration(body, day)
    if kidney < 45:
        red -= (45 - kidney) * 0.7
    pregnancy = body.conditions.get("pregnancy")
    if pregnancy is not None and 0 <= (day - pregnancy.since).days < 280:
        red -= 16 * min(1.0, (day - pregnancy.since).days / 200)
    white = body.levels["wbc"] + (1.5 if age < 8 else 0.0) + 8.5 * infection
    count = red / (volume * 0.335)
    return {
        "wbc": white,
        "neutrophils": min(93.0, 57 + 30 * infection),
        "rbc": count,
        "haemoglobin": red,
        "haematocrit": count * volume / 10,
        "mcv": volume,
        "platelets": body.levels["platelets"] * (1 + 0.25 * infection),
    }


def thyroid(body: Body, day: date) -> dict[str, float]:
    """TSH in mIU/L, free hormones in pmol/L."""
    stimulating, free = body.levels["tsh"], body.levels["ft4"]
    condition = body.conditions.get("thyroid")
    if condition is not None and day >= condition.since:
        days = _days_treated(condition, day)
        stimulating = _toward(11 + 28 * condition.severity, 2.4, days, 50)
        free = _toward(10.5 - 4 * condition.severity, 15.5, days, 40)
    return {"tsh": stimulating, "ft3": 2.2 + free * 0.16, "ft4": free}


def urate(body: Body, day: date) -> float:
    """umol/L; gout's falls under treatment, a failing kidney's rises."""
    level = body.levels["urate"] * (0.75 if body.age(day) < 14 else 1.0)
    condition = body.conditions.get("gout")
    if condition is not None and day >= condition.since:
        level = _toward(530 + 110 * condition.severity, 345, _days_treated(condition, day), 60)
    return level + max(0.0, 55 - filtration(body, day)) * 2.2
