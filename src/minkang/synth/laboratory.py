"""What the laboratory prints for a panel: the body's value, noise, rounding, flag, text."""

from datetime import date
from random import Random
from typing import Final

from minkang.synth import physiology
from minkang.synth.analytes import PANELS, Value, written
from minkang.synth.physiology import Body

# Coefficient of variation of one measurement, within the person and the machine together.
_SPREAD: Final = {
    "hba1c": 0.018, "glucose": 0.05, "creatinine": 0.035, "urea": 0.09, "urate": 0.05,
    "potassium": 0.05, "cholesterol": 0.04, "triglyceride": 0.14, "hdl": 0.05, "ldl": 0.05,
    "wbc": 0.09, "neutrophils": 0.06, "rbc": 0.02, "haemoglobin": 0.018, "haematocrit": 0.02,
    "mcv": 0.008, "platelets": 0.07, "tsh": 0.12, "ft3": 0.05, "ft4": 0.05, "ferritin": 0.1,
    "cd4": 0.08, "hcg": 0.1,
}  # fmt: skip

_COMMENTS: Final = (
    "标本合格，结果已复核。",
    "轻度溶血，结果仅供参考。",
    "建议结合临床，必要时复查。",
)


def measured(
    body: Body, panel: str, day: date, random: Random, *, infection: float = 0.0, heart: float = 0.0
) -> tuple[Value, ...]:
    """The results of a panel on a day.

    `infection` and `heart` are how acute things are, 0 to 1 (bacterial infection, infarction).
    """
    if panel == "urine":
        return (Value("urine-protein", _urine_protein(body, day)),)
    if panel == "chest-film":
        return (Value("chest-film", _chest(infection)),)
    if panel == "wrist-film":
        return (
            Value("wrist-film", "桡骨远端骨质连续性中断，断端轻度向背侧移位。\n腕关节对应关系可。"),
        )
    true = _true_values(body, panel, day, random, infection, heart)
    noisy = {
        key: max(0.0, number * random.gauss(1.0, _SPREAD.get(key, 0.0)))
        for key, number in true.items()
    }
    if panel == "renal" and body.age(day) >= 18:
        noisy["egfr"] = physiology.estimated_filtration(
            round(noisy["creatinine"]), body.sex, body.age(day)
        )
    return tuple(
        written(key, noisy[key], body.sex) for key in PANELS[panel].analytes if key in noisy
    )


def comment(random: Random) -> Value:
    """The technician's remark under a report."""
    return Value("comment", random.choice(_COMMENTS))


def _true_values(
    body: Body, panel: str, day: date, random: Random, infection: float, heart: float
) -> dict[str, float]:
    match panel:
        case "glucose":
            stress = 1 + 0.15 * infection
            return {
                "glucose": physiology.glucose(body, day) * stress,
                "hba1c": physiology.hba1c(body, day),
            }
        case "renal":
            return _renal(body, day)
        case "lipids":
            return physiology.lipids(body, day)
        case "cbc":
            return physiology.blood_count(body, day, infection)
        case "thyroid":
            return physiology.thyroid(body, day)
        case "iron":
            return {"ferritin": _ferritin(body, day)}
        case "inflammation":
            return {
                "crp": 0.3 + random.random() + 110 * infection**1.5,
                "procalcitonin": 0.02 + 0.02 * random.random() + 3.0 * infection**3,
            }
        case "heart":
            return {
                "troponin": 0.004 + 2.4 * heart**2,
                "nt-probnp": 60 + 2 * max(0.0, body.age(day) - 50) + 1500 * heart,
            }
        case "hcg":
            return {"hcg": random.uniform(3_000, 60_000)}
        case "hiv":
            return _hiv(body, day)
        case _:
            raise ValueError(f"no laboratory measures the panel {panel!r}")


def _renal(body: Body, day: date) -> dict[str, float]:
    age, rate = body.age(day), physiology.filtration(body, day)
    adult = age >= 18
    amount = physiology.creatinine(rate, body.sex, age) if adult else 20 + 2.4 * age
    return {
        "creatinine": amount,
        "urea": 4.6 + max(0.0, 70 - rate) * 0.14,
        "urate": physiology.urate(body, day),
        "potassium": 4.15 + max(0.0, 45 - rate) * 0.025,
    }


def _ferritin(body: Body, day: date) -> float:
    condition = body.conditions.get("anaemia")
    if condition is None or condition.treated is None:
        return body.levels["ferritin"]
    days = max(0, (day - condition.treated).days)
    return 5 + 4 * (1 - condition.severity) + min(45.0, days * 0.3)


def _hiv(body: Body, day: date) -> dict[str, float]:
    condition = body.conditions.get("hiv")
    days = (
        0
        if condition is None or condition.treated is None
        else max(0, (day - condition.treated).days)
    )
    return {
        "cd4": min(620.0, 190 + 0.42 * days),
        "hiv-load": 84_000.0 if days == 0 else (900.0 if days < 60 else 5.0),
    }


def _urine_protein(body: Body, day: date) -> str:
    rate = physiology.filtration(body, day)
    if "kidney" not in body.conditions or rate > 58:
        return "阴性(-)"
    return "1+" if rate > 45 else "2+"


def _chest(infection: float) -> str:
    if infection > 0.4:
        return "右下肺野见斑片状模糊影，边界不清。\n心影大小正常，双侧肋膈角锐利。"
    if infection > 0.1:
        return "右下肺野斑片影较前明显吸收。\n心影大小正常。"
    return "双肺纹理增多、紊乱，未见明显实变影。\n心影大小正常。"
