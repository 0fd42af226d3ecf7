"""True values behind the panels, where a course, a pregnancy or something acute moves them.

What is not named here lies where the healthy are (`laboratory`). Counts that a machine calculates
from others (`derived`) follow the numbers that it has just measured, so that a report adds up.
"""

from collections.abc import Callable, Mapping
from datetime import date
from math import exp
from random import Random
from typing import Final

from minkang.synth.lives.body_blood import (
    cell_volume,
    ferritin,
    haemoglobin,
    platelets,
    white_cells,
)
from minkang.synth.lives.body_frame import (
    FILTRATION,
    IRON,
    THYROID,
    Body,
    days_treated,
    months_pregnant,
    toward,
)
from minkang.synth.lives.body_kidney import (
    creatinine,
    estimated_filtration,
    filtration,
    leaking,
    urate,
)
from minkang.synth.lives.body_lipids import lipids
from minkang.synth.lives.body_sugar import after_meal, c_peptide, glucose, hba1c
from minkang.synth.lives.laboratory_organs import (
    clotting,
    gases,
    heart,
    liver,
    markers,
    muscle,
    viruses,
)

Acute = Mapping[str, float]
Known = dict[str, float]


def specials(body: Body, panel: str, day: date, acute: Acute, random: Random) -> Known:
    """The true values of a panel's analytes that are not simply those of the healthy."""
    known: Known = {}
    for maker in _MAKERS.get(panel, ()):
        maker(body, day, acute, random, known)
    return known


def _count(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    infection, virus = acute.get("infection", 0.0), acute.get("virus", 0.0)
    marrow, bleeding = acute.get("marrow", 0.0), acute.get("bleeding", 0.0)
    white, neutro, lymph = white_cells(body, day)
    if infection:
        white += 9.5 * infection
        neutro += (92 - neutro) * min(1.0, 1.15 * infection)
    if virus:
        white *= 1 - 0.22 * virus
        neutro -= 10 * virus
    stress = acute.get("heart", 0.0) + 0.6 * acute.get("pain", 0.0) + 0.8 * bleeding
    if stress:
        white += 3.6 * stress
        neutro += (86 - neutro) * min(1.0, 0.6 * stress)
    if marrow:
        white *= 1 - 0.72 * marrow
        neutro -= 26 * marrow
    allergy = acute.get("allergy", 0.0)
    eosinophils = 1.0 + 1.4 * random.random() + 7 * allergy + (1.2 if body.levels[30] > 1 else 0)
    basophils, monocytes = 0.25 + 0.4 * random.random(), 6.2 + 0.9 * body.levels[31] + 2 * virus
    neutro = min(94.0, max(8.0, neutro + 2 * random.gauss(0, 1)))
    if infection > 0.4 or neutro > 84:
        eosinophils *= 0.3
    lymph = max(2.5, 100 - neutro - eosinophils - basophils - monocytes)
    total = (neutro + lymph + eosinophils + basophils + monocytes) / 100
    red, volume = haemoglobin(body, day), cell_volume(body, day)
    red = (red - 58 * bleeding - 22 * marrow) * (1 + 0.10 * acute.get("dehydration", 0.0))
    red = max(38.0, red)
    count = red / (volume * 0.332)
    cells = platelets(body, day) * (1 + 0.28 * infection - 0.2 * virus - 0.55 * marrow)
    small = max(0.0, 82 - volume)
    known.update(
        wbc=max(0.4, white),
        neutrophils=neutro / total,
        lymphocytes=lymph / total,
        monocytes=monocytes / total,
        eosinophils=eosinophils / total,
        basophils=basophils / total,
        rbc=count,
        haemoglobin=red,
        mcv=volume * random.gauss(1.0, 0.007),
        platelets=max(6.0, cells),
    )
    known["rdw-cv"] = 12.8 + 0.4 * body.levels[32] + 0.32 * small
    known["rdw-sd"] = 42 + 1.6 * body.levels[33] + 0.3 * (volume - 90)
    known["mpv"] = 10.6 + 0.7 * body.levels[34]
    known["pdw"] = 12.4 + 1.4 * body.levels[34]
    known["p-lcr"] = 28 + 5.5 * body.levels[34]


def _inflammation(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    infection, virus = acute.get("infection", 0.0), acute.get("virus", 0.0)
    other = acute.get("pain", 0.0) * 6 + acute.get("heart", 0.0) * 25
    raised = 108 * infection**1.4 + 12 * virus + other
    base = 0.5 + 1.1 * random.random() + 0.07 * max(0.0, body.habits.bmi - 23)
    if body.there("tuberculosis", day) is not None:
        raised += 22 * exp(-_treated_days(body, "tuberculosis", day) / 40)
    if any(body.there(key, day) for key in _WASTING):
        raised += 8
    known["crp"] = base + raised
    known["hs-crp"] = base + raised
    known["procalcitonin"] = 0.018 + 0.015 * random.random() + 5.5 * infection**3.2
    known["il6"] = 2 + 2.4 * random.random() + 70 * infection**1.5 + 12 * virus
    known["saa"] = 3 + 3 * random.random() + 260 * infection + 90 * virus
    known["esr"] = 5 + 0.09 * body.age(day) + 4 * random.random() + 0.45 * min(raised, 90)


_WASTING: Final = ("lung-cancer", "stomach-cancer", "colorectal-cancer", "liver-cancer")


def _treated_days(body: Body, key: str, day: date) -> int:
    condition = body.conditions.get(key)
    return 0 if condition is None else days_treated(condition, day)


def _sugar(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    stress = 0.18 * acute.get("infection", 0.0) + 0.25 * acute.get("heart", 0.0)
    fasting = glucose(body, day)
    known["glucose"] = max(1.9, fasting * (1 + stress))
    known["hba1c"] = hba1c(body, day)
    after = after_meal(body, day)
    if months_pregnant(body, day) > 5:
        after += 0.8 * body.levels[35]
    known["glucose-after"], known["glucose-1h"] = after, after * 1.18 + 0.6
    known["c-peptide"] = c_peptide(body, day)
    known["insulin"] = 48 + 6.5 * (body.habits.bmi - 23) + 9 * body.levels[36]


def _kidney(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    age, dry = body.age(day), acute.get("dehydration", 0.0)
    rate = filtration(body, day)
    rate *= 1 - 0.75 * acute.get("kidney", 0.0) - 0.25 * dry - 0.15 * acute.get("bleeding", 0.0)
    if age >= 18:
        known["creatinine"] = creatinine(max(4.0, rate), body.sex, age)
    elif rate < 60 or dry:
        known["creatinine"] = (18 + 2.6 * age) * (1 + 0.3 * dry)
    else:
        known["creatinine"] = 18 + 2.7 * age + 2.2 * body.levels[FILTRATION]
    if age >= 18:
        known["urea"] = (
            4.7 + 0.018 * max(0.0, age - 40) + max(0.0, 72 - rate) * 0.15 + 6.5 * dry
            + 4 * acute.get("bleeding", 0.0) + 0.5 * body.levels[37]
        )  # fmt: skip
    elif dry:
        known["urea"] = 5.0 + 5 * dry
    if months_pregnant(body, day):
        known["urea"] = 3.3 + 0.3 * body.levels[37]
    known["urate"] = urate(body, day)
    known["cystatin-c"] = 0.80 + max(0.0, 88 - rate) * 0.011 + max(0.0, 40 - rate) * 0.03
    known["beta2-microglobulin"] = 1.7 + max(0.0, 80 - rate) * 0.04
    known["bicarbonate-total"] = 26 - max(0.0, 40 - rate) * 0.16 + 0.9 * body.levels[38]
    albumin = leaking(body, day)
    known["albumin-creatinine"] = albumin
    known["urine-albumin"] = albumin * 0.9
    known["urine-creatinine"] = 8 + 2 * body.levels[39]
    known["urine-protein-day"] = 0.05 + albumin / 900


def _salts(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    rate = filtration(body, day) * (1 - 0.75 * acute.get("kidney", 0.0))
    dry, sugar = acute.get("dehydration", 0.0), max(0.0, glucose(body, day) - 10)
    raised = max(0.0, 40 - rate) * 0.030
    known["potassium"] = 4.12 + 0.2 * body.levels[40] + raised - 0.75 * dry
    known["sodium"] = 140.6 + 1.2 * body.levels[41] + 4.5 * dry * body.levels[42] - 0.3 * sugar
    known["sodium"] -= 3.0 if body.there("heart-failure", day) else 0.0
    known["chloride"] = known["sodium"] - 36.5 - 1.5 * dry
    age = body.age(day)
    if age < 6:
        known["potassium"] += 0.4 if age > 0.5 else 0.8
    if age >= 18:
        known["calcium"] = 2.31 + 0.05 * body.levels[43] - max(0.0, 30 - rate) * 0.01
        known["phosphate"] = 1.13 + 0.1 * body.levels[44] + max(0.0, 35 - rate) * 0.03
    known["magnesium"] = 0.88 + 0.04 * body.levels[45] - 0.08 * dry


def _fats(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    known.update(lipids(body, day))
    known["apo-a1"] = 0.62 + 0.58 * known["hdl"]
    known["apo-b"] = 0.18 + 0.235 * known["ldl"]
    known["lipoprotein-a"] = 95 * 2.3 ** body.levels[46]
    known["homocysteine"] = 11.5 + 2.6 * body.levels[47] + (1.6 if body.sex == "M" else 0)


def _thyroid(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    tsh, ft4 = 2.0 * 1.45 ** body.levels[THYROID], 16.3 - 0.9 * body.levels[THYROID]
    antibody = 12 + 4 * random.random()
    condition = body.there("hypothyroidism", day)
    if condition is not None:
        years = (day - condition.since).days / 365.25
        ill = min(1.0, 0.35 + years / 3)
        days = days_treated(condition, day)
        tsh = toward(6.5 + ill * 34 * condition.severity, 2.6, days, 50)
        ft4 = toward(11.8 - ill * 5 * condition.severity, 15.8, days, 40)
        antibody = 130 + 420 * condition.severity
    if body.there("thyroid-cancer", day) is not None:
        tsh, ft4 = 0.4 * 1.5 ** body.levels[THYROID], 19.2
    months = months_pregnant(body, day)
    if months:
        tsh, ft4 = tsh * (0.55 if months < 4 else 0.85), ft4 * (1 - 0.02 * months)
    known["tsh"], known["ft4"], known["ft3"] = tsh, ft4, 2.0 + ft4 * 0.17
    known["t4"], known["t3"] = ft4 * 6.4, 1.0 + ft4 * 0.052
    known["tpo-antibody"], known["tg-antibody"] = antibody, antibody * 1.7


def _iron(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    stored = ferritin(body, day)
    empty = max(0.0, 1 - stored / 22)
    known["ferritin"] = stored * (1 + 1.2 * acute.get("infection", 0.0))
    known["iron"] = (19 + 3.5 * body.levels[IRON]) * (1 - 0.74 * empty)
    known["tibc"] = 58 + 3 * body.levels[47] + 24 * empty
    known["transferrin"] = 0.045 * known["tibc"]
    known["folate"], known["b12"] = 24 + 6 * body.levels[46], 330 + 80 * body.levels[45]
    known["reticulocytes"] = 1.0 + 0.15 * body.levels[44] + 0.8 * acute.get("bleeding", 0.0)


def _pregnancy(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    weeks = months_pregnant(body, day) * 30.4 / 7
    known["progesterone"] = 2.4
    if body.sex == "F" and not weeks:
        known["hcg"] = 0.4 if acute.get("hcg", 0.0) == 0 else 900 * acute["hcg"]
    elif weeks:
        rising = 12 * exp(2.3 * max(0.0, min(weeks, 9.0) - 3.2))
        known["hcg"] = max(3.0, min(rising, 92_000 * exp(-max(0.0, weeks - 10) / 9) + 14_000))
        known["progesterone"] = 62 + 9 * body.levels[46]
    else:
        known["hcg"] = 0.2


def _levels(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    known["lithium"] = 0.3 + 0.5 * body.adherence if "lithium" in body.drugs("bipolar", day) else 0
    taken = "valproate" in body.drugs("bipolar", day)
    known["valproate"] = 30 + 50 * body.adherence if taken else 0.0
    season = 0.5 + 0.5 * (1 if day.month in (6, 7, 8, 9, 10) else -1) * 0.5
    known["vitamin-d"] = 13 + 12 * season + 4 * body.levels[45]
    known["helicobacter"] = 11 + 9 * random.random() if body.levels[20] > 0.25 else 1.2
    known["amylase"] = 72 + 14 * body.levels[21] + 900 * acute.get("pancreas", 0.0)
    known["lipase"] = 32 + 7 * body.levels[22] + 1100 * acute.get("pancreas", 0.0)
    known["ige"] = 32 * 2.2 ** body.levels[23] + 260 * acute.get("allergy", 0.0)


_MAKERS: Final[dict[str, tuple[Callable[[Body, date, Acute, Random, Known], None], ...]]] = {
    "cbc": (_count,), "cbc-finger": (_count, _inflammation), "reticulocytes": (_iron,),
    "esr": (_inflammation,), "inflammation": (_inflammation,), "infection": (_inflammation,),
    "rheumatism": (_inflammation,), "glucose": (_sugar,), "glucose-fasting": (_sugar,),
    "glucose-after": (_sugar,), "ogtt": (_sugar,), "islet": (_sugar,), "renal": (_kidney,),
    "urine-albumin": (_kidney,), "urine-protein-day": (_kidney,), "electrolytes": (_salts,),
    "liver": (liver,), "liver-short": (liver,), "ammonia": (liver,), "lipids": (_fats,),
    "lipids-short": (_fats,), "homocysteine": (_fats,),
    "biochemistry": (_sugar, _kidney, _salts, liver, _fats, muscle),
    "heart": (heart, muscle), "heart-enzymes": (muscle, liver), "natriuretic": (heart,),
    "coagulation": (clotting,), "inr": (clotting,), "d-dimer": (clotting,),
    "thyroid": (_thyroid,), "thyroid-antibodies": (_thyroid,), "iron": (_iron,),
    "vitamins": (_iron,), "vitamin-d": (_levels,), "hcg": (_pregnancy,),
    "hcg-progesterone": (_pregnancy,), "tumour": (markers,), "tumour-lung": (markers,),
    "tumour-prostate": (markers,), "afp": (markers,), "pancreas": (_levels,),
    "blood-gas": (gases,), "allergy": (_levels,), "t-cells": (viruses,), "hiv-load": (viruses,),
    "hepatitis-b-load": (viruses,), "lithium": (_levels,), "valproate": (_levels,),
    "helicobacter": (_levels,), "urine": (_kidney, _sugar),
}  # fmt: skip


def derived(key: str, written: Mapping[str, float], body: Body, age: float) -> float | None:
    """What the analyser calculates from the numbers before it in the report; None if it can't."""
    rule = _DERIVED.get(key)
    if rule is not None:
        left, right, combine = rule
        if left in written and right in written:
            return combine(written[left], written[right])
    if key == "egfr":
        if age >= 18:
            return estimated_filtration(max(1.0, round(written["creatinine"])), body.sex, age)
        return 118 + 6 * body.levels[FILTRATION]
    if key == "inr" and "pt" in written:
        return float((written["pt"] / 11.6) ** 1.03)
    if key == "pt-activity" and "pt" in written:
        return float(min(140.0, 100 * (11.6 / written["pt"]) ** 1.25))
    if key == "base-excess" and "bicarbonate" in written:
        return written["bicarbonate"] - 24.4 + 14 * (written["ph"] - 7.4)
    return None


_DERIVED: Final[dict[str, tuple[str, str, Callable[[float, float], float]]]] = {
    "neutrophils-count": ("wbc", "neutrophils", lambda white, share: white * share / 100),
    "lymphocytes-count": ("wbc", "lymphocytes", lambda white, share: white * share / 100),
    "monocytes-count": ("wbc", "monocytes", lambda white, share: white * share / 100),
    "eosinophils-count": ("wbc", "eosinophils", lambda white, share: white * share / 100),
    "basophils-count": ("wbc", "basophils", lambda white, share: white * share / 100),
    "mch": ("haemoglobin", "rbc", lambda red, count: red / count),
    "haematocrit": ("rbc", "mcv", lambda count, volume: count * volume / 10),
    "mchc": ("haemoglobin", "haematocrit", lambda red, packed: 100 * red / packed),
    "plateletcrit": ("platelets", "mpv", lambda count, volume: count * volume / 10_000),
    "ast-alt": ("ast", "alt", lambda ast, alt: ast / max(1.0, alt)),
    "bilirubin-indirect": ("bilirubin", "bilirubin-direct", lambda all_, part: all_ - part),
    "globulin": ("protein", "albumin", lambda all_, part: all_ - part),
    "albumin-globulin": ("albumin", "globulin", lambda albumin, rest: albumin / max(8.0, rest)),
    "transferrin-saturation": ("iron", "tibc", lambda iron, all_: 100 * iron / all_),
    "cd4-cd8": ("cd4", "cd8", lambda four, eight: four / eight),
}
