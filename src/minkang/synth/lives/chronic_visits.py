"""Refills and controls between the turns of a long illness: village, town, now and then the county.

Who takes medicines comes every one to three months and gets those of all courses at once; the
control is laboratory once or twice a year, HbA1c more often, the eye ground and an ECG yearly. Who
knows but takes nothing comes once in a while. Sensitive courses are not mixed in: see `mental`,
`tuberculosis` and `chronic_others`.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.body import blood_pressure, filtration, glucose, hba1c
from minkang.synth.lives.chronic_medicines import all_medicines
from minkang.synth.lives.chronic_shape import after, at_random, known, named
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Condition, Form, Medicine, Plan

_FOLLOWED: Final = (
    "infarction", "coronary", "heart-failure", "atrial-fibrillation", "stroke-ischaemic",
    "diabetes", "diabetes-type-1", "hypertension", "kidney", "copd", "dyslipidaemia", "parkinson",
    "dementia", "hypothyroidism", "neuropathy", "retinopathy", "gout", "osteoporosis", "anaemia",
    "cirrhosis", "thyroid-cancer",
)  # fmt: skip
_SPECIALTY: Final = {
    "infarction": "cardiac", "coronary": "cardiac", "heart-failure": "cardiac",
    "atrial-fibrillation": "cardiac", "stroke-ischaemic": "neurology", "diabetes": "endocrine",
    "diabetes-type-1": "endocrine", "hypertension": "cardiac", "kidney": "renal",
    "copd": "respiratory", "dyslipidaemia": "internal", "parkinson": "neurology",
    "dementia": "neurology", "hypothyroidism": "endocrine", "neuropathy": "endocrine",
    "retinopathy": "ophthalmology", "gout": "internal", "osteoporosis": "bone",
    "anaemia": "internal", "cirrhosis": "digestive", "thyroid-cancer": "surgery",
}  # fmt: skip
_COMPLAINTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "hypertension": (("dizziness",), ("headache",), ("dizziness", "insomnia")),
    "diabetes": (("thirst",), ("fatigue",), ("numbness",), ("blurred-vision",)),
    "coronary": (("chest-tightness",), ("palpitations",), ("chest-tightness", "breathless")),
    "infarction": (("chest-tightness",), ("breathless",)),
    "heart-failure": (("breathless", "oedema"), ("leg-swelling",), ("breathless",)),
    "atrial-fibrillation": (("palpitations",), ("fatigue",)),
    "stroke-ischaemic": (("limb-weakness",), ("dizziness",), ("numbness",), ("slurred-speech",)),
    "kidney": (("fatigue",), ("nocturia",), ("oedema",)),
    "copd": (("chronic-cough", "breathless"), ("sputum", "breathless"), ("breathless",)),
    "parkinson": (("stiffness",), ("tremor",), ("walking-difficulty",)),
    "dementia": (("memory-loss",), ("insomnia",), ("agitation",)),
    "hypothyroidism": (("fatigue",),),
    "neuropathy": (("numbness",), ("tingling",)),
    "osteoporosis": (("low-back-pain",), ("bone-pain",)),
    "gout": (("toe-pain",),),
    "anaemia": (("fatigue",),),
    "cirrhosis": (("abdominal-distension",), ("fatigue",)),
}
_CONTROLS: Final[dict[str, tuple[str, ...]]] = {
    "hypertension": ("renal", "lipids", "electrolytes", "urine"),
    "diabetes": ("glucose", "renal", "lipids", "liver", "urine-albumin", "urine"),
    "diabetes-type-1": ("glucose", "renal", "lipids", "urine-albumin"),
    "dyslipidaemia": ("lipids", "liver"),
    "coronary": ("lipids", "liver", "renal", "glucose-fasting"),
    "infarction": ("lipids", "liver", "renal", "natriuretic"),
    "heart-failure": ("natriuretic", "renal", "electrolytes", "cbc"),
    "atrial-fibrillation": ("coagulation", "renal", "cbc"),
    "stroke-ischaemic": ("lipids", "liver", "glucose", "homocysteine"),
    "kidney": ("renal", "electrolytes", "urine", "urine-albumin", "cbc"),
    "copd": ("cbc",),
    "hypothyroidism": ("thyroid",),
    "thyroid-cancer": ("thyroid", "electrolytes"),
    "gout": ("renal", "liver"),
    "anaemia": ("cbc", "iron"),
    "osteoporosis": ("electrolytes", "vitamin-d"),
    "cirrhosis": ("liver", "afp", "coagulation", "cbc"),
}
_YEARLY: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "hypertension": (("ecg", ""),),
    "diabetes": (("fundus", ""), ("carotid-ultrasound", "thickening")),
    "coronary": (("ecg", "t-wave-changes"), ("echo", "coronary")),
    "infarction": (("ecg", "old-infarct"), ("echo", "old-infarct")),
    "heart-failure": (("echo", "heart-failure"), ("ecg", "left-hypertrophy")),
    "atrial-fibrillation": (("ecg", "atrial-fibrillation"),),
    "stroke-ischaemic": (("head-ct", "old-infarct"), ("carotid-ultrasound", "plaque")),
    "kidney": (("urinary-ultrasound", "renal-small"),),
    "copd": (("lung-function", "obstruction"), ("chest-ct", "emphysema")),
    "thyroid-cancer": (("thyroid-ultrasound", "after-surgery"),),
    "osteoporosis": (("bone-density", "osteoporosis"),),
    "cirrhosis": (("abdomen-ultrasound", "cirrhosis"),),
}


def plans(life: Life) -> Iterator[Plan | Form]:
    """Refills and controls of all courses, and of those who take nothing."""
    yield from _refills(life)
    yield from _quiet(life)


def _first_treated(life: Life) -> date | None:
    days = [
        condition.treated
        for key in _FOLLOWED
        if (condition := life.body.conditions.get(key)) is not None
        and condition.treated is not None
        and life.body.regimens.get(key)
    ]
    return min(days) if days else None


def _refills(life: Life) -> Iterator[Plan]:
    begin = _first_treated(life)
    if begin is None:
        return
    random = life.stream("chronic-refills")
    adherence, last = life.body.adherence, life.end
    # Who forgets comes seldom; long prescriptions since 2021 make it every two to three months.
    pace = 44 + 62 * (1 - adherence) + random.uniform(-8, 22)
    home: Care = "town" if random.random() < 0.52 else "village"
    day = after(max(begin, life.begin), random.uniform(0.2, 0.9) * pace)
    controlled: date | None = None
    while day <= last:
        treated = _treated(life, day)
        if treated:
            due = controlled is None or (day - controlled).days > 150 + 190 * (1 - adherence)
            plan = _visit(life, random, day, treated, home, due=due)
            if plan.panels and due:
                controlled = day
            yield plan
        wait = random.lognormvariate(0, 0.25) * (pace * 1.25 if day.year >= 2022 else pace)
        if treated and all(condition.key in _LIGHT for condition in treated):
            wait *= 1.9
        if filtration(life.body, day) < 25:
            wait = min(wait, 32)
        day = after(day, max(14, wait))


_LIGHT: Final = frozenset(
    ("dyslipidaemia", "osteoporosis", "hypothyroidism", "gout", "neuropathy", "retinopathy",
     "thyroid-cancer")
)  # fmt: skip
"""Courses for which alone nobody comes every other month."""


def _treated(life: Life, day: date) -> tuple[Condition, ...]:
    return tuple(
        condition
        for condition in known(life, day, _FOLLOWED)
        if condition.treated is not None
        and condition.treated <= day
        and condition.key in life.body.regimens
    )


def _visit(
    life: Life, random: Random, day: date, treated: tuple[Condition, ...], home: Care, *, due: bool
) -> Plan:
    lead = treated[0] if random.random() < 0.55 else random.choice(treated)
    care = _care(random, life, lead, home, day)
    keys = tuple(condition.key for condition in treated)
    symptoms: tuple[str, ...] = ("refill",) if random.random() < 0.55 else ("follow-up",)
    complaints = _COMPLAINTS.get(lead.key)
    if complaints is not None and random.random() < _troubled(life, lead, day):
        symptoms = random.choice(complaints)
    days = 28 if care in ("village", "town") and random.random() < 0.6 else 56
    if care in ("county", "city"):
        days = 28 if random.random() < 0.7 else 14
    first = (lead, *(condition for condition in treated if condition is not lead))
    return Plan(
        life.person.key,
        day,
        "O",
        care,
        "general" if care == "village" else _specialty(care, lead.key),
        tuple(dict.fromkeys(named(life, condition, day) for condition in first[:5])),
        symptoms=symptoms,
        lasting=random.randint(3, 30),
        panels=_controls(random, life, keys, care, day, due=due),
        images=_pictures(random, life, lead.key, care, day) if due else {},
        medicines=_limited(all_medicines(life, keys, day, days)),
        because=lead.key,
        refer="county" if care == "town" and random.random() < 0.015 else None,
    )


def _limited(medicines: tuple[Medicine, ...]) -> tuple[Medicine, ...]:
    """Refills are of what one swallows at home; what is injected in hospital stays out."""
    return tuple(line for line in medicines if line.drug not in _IN_HOSPITAL)[:8]


_IN_HOSPITAL: Final = frozenset(("erythropoietin", "goserelin", "paliperidone-palmitate"))


def _troubled(life: Life, lead: Condition, day: date) -> float:
    """How likely a complaint is: more where the figures are bad."""
    if lead.key == "hypertension":
        return 0.55 if blood_pressure(life.body, day)[0] > 150 else 0.18
    if lead.key == "diabetes":
        return 0.6 if hba1c(life.body, day) > 8.5 else 0.15
    return 0.25 + 0.3 * lead.severity


_FAR: Final = {
    "kidney": 0.5, "infarction": 0.4, "heart-failure": 0.32, "parkinson": 0.5,
    "thyroid-cancer": 0.75, "diabetes-type-1": 0.6, "cirrhosis": 0.6, "atrial-fibrillation": 0.3,
    "dementia": 0.3, "retinopathy": 0.6,
}  # fmt: skip
"""Share of controls at the county or city hospital, by the leading course."""


def _care(random: Random, life: Life, lead: Condition, home: Care, day: date) -> Care:
    far = _FAR.get(lead.key, 0.12)
    chance = random.random()
    if chance < far:
        return "city" if random.random() < 0.3 else "county"
    if chance < far + 0.04:
        return "tcm"
    if lead.key in _NOT_AT_VILLAGE and home == "village":
        return "town"
    return home if random.random() < 0.85 else ("town" if home == "village" else "village")


_NOT_AT_VILLAGE: Final = frozenset(
    ("hypothyroidism", "gout", "osteoporosis", "anaemia", "dyslipidaemia")
)


def _specialty(care: Care, key: str) -> str:
    if care == "town":
        return "general"
    return "tcm" if care == "tcm" else _SPECIALTY[key]


def _controls(
    random: Random, life: Life, keys: tuple[str, ...], care: Care, day: date, *, due: bool
) -> tuple[str, ...]:
    if care == "village":
        sugar = "diabetes" in keys and random.random() < 0.6
        return ("glucose-fasting",) if sugar else ()
    panels: dict[str, None] = {}
    if due:
        for key in keys:
            panels |= dict.fromkeys(_CONTROLS.get(key, ()))
        if len(panels) > 4 and random.random() < 0.4:
            kept = dict.fromkeys(("biochemistry",))
            kept |= {panel: None for panel in panels if panel not in _IN_BIOCHEMISTRY}
            panels = kept
    elif "diabetes" in keys:
        panels["glucose" if random.random() < 0.35 else "glucose-fasting"] = None
        if random.random() < 0.2:
            panels["glucose-after"] = None
    if any("warfarin" in life.body.drugs(key, day) for key in _THINNED):
        panels["inr"] = None
    if "anaemia" in keys:
        panels["cbc"] = None
    if "kidney" in keys and filtration(life.body, day) < 45:
        panels |= dict.fromkeys(("renal", "electrolytes"))
    return tuple(panels)


_THINNED: Final = ("atrial-fibrillation", "stroke-ischaemic")
_IN_BIOCHEMISTRY: Final = frozenset(
    ("renal", "lipids", "liver", "electrolytes", "glucose-fasting", "lipids-short", "liver-short")
)


def _pictures(random: Random, life: Life, key: str, care: Care, day: date) -> dict[str, str]:
    if care == "village" or random.random() < 0.25:
        return {}
    images = dict(_YEARLY.get(key, ()))
    if care == "town":
        images = {study: seen for study, seen in images.items() if study == "ecg"}
    eye = life.has("retinopathy", day)
    if "fundus" in images and eye is not None:
        images["fundus"] = retinopathy_grade(eye, day)
    return images


def retinopathy_grade(eye: Condition, day: date) -> str:
    """The finding of the eye ground by how long and how badly the retina is ill."""
    score = eye.severity * (0.5 + (day - eye.since).days / 3650)
    if score < 0.35:
        return "retinopathy-mild"
    if score < 0.7:
        return "retinopathy-moderate"
    return "retinopathy-severe" if score < 1.0 else "retinopathy-proliferative"


def _quiet(life: Life) -> Iterator[Plan]:
    """Those who know of pressure, sugar or lipids and take nothing: about once in two years."""
    random = life.stream("chronic-quiet")
    for key in ("hypertension", "diabetes", "dyslipidaemia", "osteoporosis", "dementia"):
        condition = life.body.conditions.get(key)
        if condition is None or condition.found is None:
            continue
        for day in at_random(life, random, after(condition.found, 60), condition.treated, 0.5):
            if _treated(life, day):
                continue
            sweet = key == "diabetes" and glucose(life.body, day) > 6
            yield Plan(
                life.person.key, day, "O", "town", "general", (named(life, condition, day),),
                symptoms=random.choice(_COMPLAINTS.get(key, (("checkup",),))),
                lasting=random.randint(5, 60), panels=("glucose",) if sweet else ("lipids-short",),
                because=key,
            )  # fmt: skip
