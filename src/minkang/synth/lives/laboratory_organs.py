"""True values of liver, heart, muscle, clotting, blood gas, tumour markers and viruses."""

from collections.abc import Mapping
from datetime import date
from math import exp
from random import Random
from typing import Final

from minkang.synth.lives.body_frame import BILE, Body, days_treated, months_pregnant
from minkang.synth.lives.body_kidney import filtration, leaking
from minkang.synth.lives.body_tumour import burden

Acute = Mapping[str, float]
Known = dict[str, float]


def liver(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """Enzymes, bilirubin and proteins."""
    man, age = body.sex == "M", body.age(day)
    ill = max(acute.get("liver", 0.0), 0.5 * acute.get("jaundice", 0.0))
    fatty = max(0.0, body.habits.bmi - 25) * 1.7 + (4 if body.there("dyslipidaemia", day) else 0)
    drink = 1.0 if body.habits.drinks == 2 and man and age > 25 else 0.0
    alt = (21 if man else 16) * 1.28 ** body.levels[BILE] + fatty + 5 * drink
    ast = 20 + 0.32 * (alt - 20) + 1.5 * body.levels[21] + 6 * drink
    yellow = 400 * acute.get("jaundice", 0.0)  # of the newborn: nearly all of it indirect
    bilirubin = (12.6 if man else 10.6) * 1.3 ** body.levels[22] + yellow
    albumin, protein = 46.0 + 1.6 * body.levels[23], 73.5 + 2.4 * body.levels[24]
    albumin -= 0.07 * max(0.0, age - 60)
    if age < 18:
        alt, ast, albumin, protein = min(alt, 24), ast + 10 * max(0.0, 1 - age / 10), 45.0, 69.0
    hepatitis, cirrhosis = body.there("hepatitis-b", day), body.there("cirrhosis", day)
    if hepatitis is not None and hepatitis.severity > 0.45 and age > 20:
        active = exp(-days_treated(hepatitis, day) / 90)
        alt += 95 * (hepatitis.severity - 0.4) * active
        ast += 60 * (hepatitis.severity - 0.4) * active
    if cirrhosis is not None:
        years = max(0.0, (day - cirrhosis.since).days / 365.25)
        bilirubin += 16 * cirrhosis.severity + 2.4 * min(years, 8)
        albumin -= 6 + 7 * cirrhosis.severity
        ast += 26
    if ill:
        alt, ast, bilirubin = alt + 900 * ill**1.6, ast + 700 * ill**1.6, bilirubin + 95 * ill**1.5
    if body.drugs("tuberculosis", day):
        alt, ast = alt + 9 + 9 * body.levels[25] ** 2, ast + 6 + 6 * body.levels[25] ** 2
    ast += 130 * acute.get("heart", 0.0) ** 1.5
    if body.there("kidney", day) is not None:
        albumin -= min(16.0, leaking(body, day) / 150)
    months = months_pregnant(body, day)
    if months:
        albumin, protein = albumin - 1.0 * months, protein - 1.0 * months
    albumin -= 7 * acute.get("infection", 0.0) + 4 * _wasting(body, day)
    known.update(alt=alt, ast=ast, bilirubin=bilirubin, albumin=max(15.0, albumin))
    known["protein"] = max(known["albumin"] + 15, protein + (albumin - 46) * 0.75)
    known["bilirubin-direct"] = (bilirubin - yellow) * (0.27 + 0.3 * ill) + 0.05 * yellow
    known["ggt"] = (24 if man else 16) * 1.35 ** body.levels[26] + 2 * fatty + 42 * drink + 60 * ill
    if age < 18:
        known["ggt"] = 11.5 * 1.25 ** body.levels[26] + (70 if age < 0.4 else 0) + 60 * ill
    known["bile-acids"] = 4 * 1.4 ** body.levels[27] + 30 * ill + (22 if cirrhosis else 0)
    known["ammonia"] = 34 + 6 * body.levels[28] + (38 if cirrhosis else 0)
    if months > 6 or age < 18:
        return
    known["alp"] = 74 + 13 * body.levels[28] + 60 * ill + 0.3 * max(0.0, age - 50)


def _wasting(body: Body, day: date) -> float:
    return max(
        (burden(ill, day) for key in _TUMOURS if (ill := body.there(key, day)) is not None),
        default=0.0,
    )


def heart(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """Troponin and natriuretic peptide."""
    age, infarct = body.age(day), acute.get("heart", 0.0)
    known["troponin"] = 0.005 + 0.003 * random.random() + 9.0 * infarct**2.2
    rate = filtration(body, day)
    peptide = 45 + 2.4 * max(0.0, age - 45) + 14 * body.levels[29] + max(0.0, 45 - rate) * 55
    failure = body.there("heart-failure", day)
    if failure is not None:
        treated = 0.55 if body.drugs("heart-failure", day) else 1.0
        peptide += (650 + 3200 * failure.severity) * treated
    if body.there("atrial-fibrillation", day) is not None:
        peptide += 420
    known["nt-probnp"] = max(12.0, peptide + 2400 * infarct + 5200 * acute.get("failing", 0.0))
    if acute.get("failing"):
        known["troponin"] += 0.03


def muscle(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """Enzymes of the heart and of muscles."""
    infarct = acute.get("heart", 0.0)
    known["ck"] = (118 if body.sex == "M" else 82) * 1.3 ** body.levels[30] + 1500 * infarct**1.5
    known["ck-mb"] = 11 + 2.5 * body.levels[31] + 150 * infarct**1.5
    known["myoglobin"] = 38 + 9 * body.levels[32] + 420 * infarct
    known["ldh"] = 178 + 18 * body.levels[33] + 380 * infarct + 90 * acute.get("infection", 0.0)
    known["ldh"] += 130 * _wasting(body, day) if body.age(day) > 18 else 40.0
    known["hbdh"] = known["ldh"] * 0.72


def clotting(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """Clotting times, fibrinogen and D-dimer."""
    time = 11.4 + 0.45 * body.levels[34]
    if (cirrhosis := body.there("cirrhosis", day)) is not None:
        time += 2 + 3 * cirrhosis.severity
    if any(
        "warfarin" in body.drugs(key, day) for key in ("atrial-fibrillation", "stroke-ischaemic")
    ):
        time = 19 + 9 * body.adherence * random.betavariate(3, 3)
    time += 3 * acute.get("liver", 0.0)
    infection = acute.get("infection", 0.0)
    known["pt"], known["aptt"] = time, 30 + 2 * body.levels[35] + 0.6 * (time - 11.4)
    known["fibrinogen"] = 2.85 + 0.35 * body.levels[36] + 2.2 * infection
    known["fibrinogen"] += 0.18 * months_pregnant(body, day)
    clot = acute.get("clot", 0.0)
    known["d-dimer"] = (
        0.22 * 1.4 ** body.levels[37] + 0.006 * max(0.0, body.age(day) - 50) + 6 * clot
        + 1.1 * infection + 0.16 * months_pregnant(body, day) + 0.9 * _wasting(body, day)
    )  # fmt: skip
    known["fdp"] = 1.2 + 2.7 * known["d-dimer"]


def gases(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """Arterial blood gas; a severe COPD holds carbon dioxide."""
    breath, age = acute.get("breathless", 0.0), body.age(day)
    copd = body.there("copd", day)
    holding = 0.0 if copd is None else max(0.0, copd.severity - 0.3)
    carbon = 39.5 + 1.6 * body.levels[38] + 26 * holding + (14 * holding - 5) * breath
    oxygen = max(38.0, 95 - 0.22 * max(0.0, age - 40) - 32 * breath - 18 * holding)
    sour = (
        acute.get("acid", 0.0) + 0.4 * acute.get("kidney", 0.0) + 0.2 * acute.get("dehydration", 0)
    )
    base = 24.6 + 0.8 * body.levels[39] + 0.30 * max(0.0, carbon - 42) - 15 * min(1.0, sour)
    carbon -= 11 * min(1.0, sour)
    ph = 7.405 + 0.35 * (base - 24.5) / 24 - 0.0072 * (carbon - 39.5)
    known.update(ph=min(7.62, max(6.95, ph)), pco2=max(14.0, carbon), po2=oxygen)
    known["bicarbonate"] = max(5.0, base)
    known["saturation"] = min(99.0, 100 / (1 + (27 / oxygen) ** 2.7))
    known["lactate"] = 1.0 + 0.2 * body.levels[40] + 2.4 * breath**2 + 4 * acute.get("shock", 0.0)


_TUMOURS: Final = {
    # what a cancer raises, and by how much at the worst
    "lung-cancer": (("cea", 22.0), ("cyfra", 9.0), ("nse", 12.0), ("ca125", 40.0)),
    "stomach-cancer": (("cea", 18.0), ("ca199", 90.0), ("ca724", 30.0)),
    "colorectal-cancer": (("cea", 45.0), ("ca199", 110.0)),
    "liver-cancer": (("afp", 900.0),),
    "oesophagus-cancer": (("scc", 4.5), ("cyfra", 5.0)),
    "breast-cancer": (("ca153", 60.0), ("cea", 10.0)),
    "cervical-cancer": (("scc", 7.0),),
    "prostate-cancer": (("psa", 60.0), ("psa-free", 6.0)),
    "pancreas-cancer": (("ca199", 700.0), ("cea", 15.0)),
}


def markers(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """Tumour markers: low in the healthy, raised by what is there of a tumour."""
    own, age = body.levels, body.age(day)
    smoke = 1.0 if body.habits.smokes(age) else 0.0
    known["afp"] = 2.6 * 1.35 ** own[41]
    known["cea"] = 1.6 * 1.4 ** own[42] + 0.9 * smoke + 0.01 * max(0.0, age - 50)
    known["ca125"], known["ca199"] = 11 * 1.35 ** own[43], 9 * 1.45 ** own[44]
    known["ca153"], known["ca724"] = 9.5 * 1.3 ** own[45], 1.8 * 1.5 ** own[46]
    known["cyfra"], known["nse"] = 1.7 * 1.3 ** own[47], 10.5 + 1.6 * own[20]
    known["scc"] = 0.75 * 1.3 ** own[21]
    known["psa"] = 0.65 * 1.5 ** own[22] * (1 + 0.03 * max(0.0, age - 45))
    known["psa-free"] = known["psa"] * 0.27
    months = months_pregnant(body, day)
    if months:
        known["afp"] += 9 * months**1.4
    for key, raised in _TUMOURS.items():
        condition = body.there(key, day)
        if condition is not None:
            grown = burden(condition, day)
            for marker, most in raised:
                known[marker] += most * grown * 1.5 ** own[23]
    if body.there("cirrhosis", day) is not None:
        known["afp"] += 6


def viruses(body: Body, day: date, acute: Acute, random: Random, known: Known) -> None:
    """T cells, and the loads of HIV and hepatitis B, before and under treatment."""
    known["cd8"] = 560 + 70 * body.levels[24]
    known["hiv-load"] = 0.0
    hiv = body.there("hiv", day)
    if hiv is not None:
        years = (day - hiv.since).days / 365.25
        treated = days_treated(hiv, day)
        low = max(40.0, 620 - 75 * years * (0.6 + hiv.severity))
        if hiv.treated is not None and treated:
            at_start = (hiv.treated - hiv.since).days / 365.25
            low = max(40.0, 620 - 75 * at_start * (0.6 + hiv.severity))
            low = low + (640 - low) * (1 - exp(-treated / 900)) * (0.5 + 0.5 * body.adherence)
        known["cd4"], known["cd8"] = low, 850 + 90 * body.levels[24]
        known["cd3"] = known["cd4"] + known["cd8"] + 60
        taken = body.adherence > 0.35 and treated > 0
        known["hiv-load"] = 61_000 * 2 ** body.levels[25] * (exp(-treated / 12) if taken else 1.0)
    hepatitis = body.there("hepatitis-b", day)
    known["hbv-load"] = known["hbsag-level"] = 0.0
    if hepatitis is not None:
        high = 10 ** (2.5 + 4.5 * hepatitis.severity)
        known["hbv-load"] = high * exp(-days_treated(hepatitis, day) / 22)
        known["hbsag-level"] = 400 * 3 ** body.levels[26]
