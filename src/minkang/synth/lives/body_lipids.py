"""Blood fats: LDL cholesterol, triglycerides, HDL; statins take a third to a half of LDL off."""

from datetime import date
from math import exp
from typing import Final

from minkang.synth.lives.body_frame import FAT, HDL, LDL, Body, months_pregnant

_LOWERS: Final = {
    "atorvastatin": (0.40, 0.18), "rosuvastatin": (0.43, 0.18), "simvastatin": (0.32, 0.12),
    "pravastatin": (0.26, 0.1), "pitavastatin": (0.36, 0.15), "ezetimibe": (0.18, 0.05),
    "fenofibrate": (0.06, 0.38), "evolocumab": (0.55, 0.1), "xuezhikang": (0.25, 0.12),
}  # fmt: skip
_WITH_STATIN: Final = ("dyslipidaemia", "coronary", "infarction", "stroke-ischaemic")


def lipids(body: Body, day: date) -> dict[str, float]:
    """cholesterol, triglyceride, hdl and ldl in mmol/L."""
    man, age = body.sex == "M", body.age(day)
    low_density = 2.55 + 0.45 * body.levels[LDL] + 0.008 * max(0.0, min(age, 65) - 25)
    if not man and age > 51:
        low_density += 0.3
    fat = max(0.45, 1.15 + 0.3 * body.levels[FAT] + 0.045 * (body.habits.bmi - 24))
    high_density = max(0.7, (1.22 if man else 1.42) + 0.2 * body.levels[HDL])
    high_density = max(0.68, high_density - 0.018 * (body.habits.bmi - 24))
    if age < 18:
        low_density, fat = 2.15 + 0.4 * body.levels[LDL], max(0.4, 0.85 + 0.2 * body.levels[FAT])
    low_density = min(max(1.1, low_density), 3.6)
    condition = body.there("dyslipidaemia", day)
    if condition is not None:
        mixed = (body.levels[FAT] + body.levels[LDL]) > 0.4
        low_density = max(low_density, 3.5) + 1.1 * condition.severity * (0.7 if mixed else 1.1)
        fat = max(fat, 1.4) + (1.9 * condition.severity if mixed else 0.3)
        high_density = max(0.68, high_density - 0.14)
    if (sugar := body.there("diabetes", day)) is not None:
        fat += 0.25 + 0.35 * sugar.severity
        high_density = max(0.66, high_density - 0.06)
    months = months_pregnant(body, day)
    low_density, fat = low_density * (1 + 0.045 * months), fat * (1 + 0.13 * months)
    low_density, fat = _treated(body, day, low_density, min(fat, 11.0))
    total = low_density + high_density + min(fat, 6.0) / 2.2
    return {"cholesterol": total, "triglyceride": fat, "hdl": high_density, "ldl": low_density}


def _treated(body: Body, day: date, low_density: float, fat: float) -> tuple[float, float]:
    now, seen = day.toordinal(), set[str]()
    for key in _WITH_STATIN:
        steps = body.regimens.get(key, ())
        if not steps or steps[0].since > now:
            continue
        ramp = 1 - exp(-(now - steps[0].since) / 25)
        for drug in body.drugs(key, day):
            effect = _LOWERS.get(drug)
            if effect is None or drug in seen or (seen and "statin" in drug):
                continue
            seen.add(drug)
            taken = ramp * (0.3 + 0.7 * body.adherence)
            low_density *= 1 - effect[0] * taken
            fat *= 1 - effect[1] * taken
    return max(0.6, low_density), max(0.4, fat)
