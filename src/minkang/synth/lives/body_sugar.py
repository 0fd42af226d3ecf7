"""Sugar: HbA1c and fasting glucose share one curve; drugs lower it, years bring it back.

Metformin takes about 1.1 % off a value of 8 %, a second tablet 0.7-1.0 %, insulin brings most to
about 7.3 % (Chinese guideline of type 2 diabetes 2020 quotes these); it creeps up by 0.1-0.3 %
a year, more in those who forget their tablets.
"""

from datetime import date
from math import exp
from typing import Final

from minkang.synth.lives.body_frame import SUGAR, Body, months_pregnant
from minkang.synth.record import Condition

_LOWERS: Final = {
    "metformin": 0.39, "metformin-extended": 0.39, "gliclazide": 0.35, "glimepiride": 0.35,
    "gliquidone": 0.29, "glipizide": 0.33, "repaglinide": 0.29, "acarbose": 0.23,
    "pioglitazone": 0.31, "sitagliptin": 0.25, "linagliptin": 0.25, "dapagliflozin": 0.26,
    "empagliflozin": 0.26, "liraglutide": 0.44, "semaglutide": 0.55, "insulin-glargine": 0.55,
    "insulin-degludec": 0.55, "insulin-aspart": 0.52, "insulin-aspart-30": 0.62,
    "insulin-premixed": 0.62, "insulin-regular": 0.52, "xiaoke-wan": 0.26,
}  # fmt: skip
_CONDITIONS: Final = ("diabetes", "diabetes-type-1")


def course(body: Body) -> Condition | None:
    """The diabetes of this body, if any."""
    return body.conditions.get("diabetes") or body.conditions.get("diabetes-type-1")


def untreated_hba1c(body: Body, day: date) -> float:
    """Per cent, if no medicine were taken: the years before diagnosis raise it slowly."""
    healthy = 5.15 + 0.16 * body.levels[SUGAR] + 0.0065 * max(0.0, body.age(day) - 35)
    healthy += 0.022 * (body.habits.bmi - 24)
    condition = course(body)
    if condition is None:
        return min(healthy, 6.15)
    years = (day - condition.since).days / 365.25
    if condition.key == "diabetes-type-1":
        return healthy if years < 0 else min(12.5, 8.5 + 14 * years)
    if years < 0:
        return min(6.3, healthy + 0.5 * max(0.0, 1 + years / 6))
    pace = 0.05 + 0.25 * condition.severity
    return min(8.6 + 3.4 * condition.severity, 6.35 + 0.4 * condition.severity + pace * years)


def hba1c(body: Body, day: date) -> float:
    """Per cent, under the medicines of that day."""
    value = untreated_hba1c(body, day)
    condition = course(body)
    if condition is None:
        return value
    steps = body.regimens.get(condition.key, ())
    now, left, begun = day.toordinal(), 1.0, 0
    for step in steps:
        if step.since > now:
            break
        begun, left = step.since, 1.0
        for drug in step.drugs:
            left *= 1 - _LOWERS.get(drug, 0.0) * (0.35 + 0.65 * body.adherence)
    if not begun:
        return value
    left *= 0.90  # what they eat and walk, once they know
    floor = 5.5 + 0.4 * body.levels[SUGAR] + 0.5 * (1 - body.adherence)
    ramp = 1 - exp(-(now - begun + 25) / 60)
    above = max(0.0, value - floor) * (1 - ramp * (1 - left))
    return min(13.5, floor + above) if value > floor else value


def glucose(body: Body, day: date) -> float:
    """Fasting plasma glucose in mmol/L, tied to HbA1c (5.3 % is 5.1, 7 % is 7.3, 10 % is 12.1)."""
    bound = hba1c(body, day)
    value = 5.1 + 1.15 * (bound - 5.3) if bound < 6.5 else 6.48 + 1.6 * (bound - 6.5)
    value = max(3.9, value)
    return value - 0.4 if months_pregnant(body, day) > 2 and course(body) is None else value


def after_meal(body: Body, day: date) -> float:
    """Plasma glucose two hours after 75 g of glucose or a meal, in mmol/L."""
    return max(4.2, 2.55 * hba1c(body, day) - 6.9 + 0.5 * body.levels[SUGAR])


def c_peptide(body: Body, day: date) -> float:
    """Fasting C-peptide in nmol/L: little in type 1, waning with years of type 2."""
    condition = course(body)
    if condition is None or day < condition.since:
        return 0.62 + 0.05 * (body.habits.bmi - 24)
    if condition.key == "diabetes-type-1":
        return 0.08
    years = (day - condition.since).days / 365.25
    return max(0.15, 0.85 - 0.025 * years * (0.5 + condition.severity))
