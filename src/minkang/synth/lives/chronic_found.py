"""The day a long illness is found: why one came, what was ordered, what was begun."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.chronic_shape import after, beside, named, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Condition, Form, Plan


class Finding(msgspec.Struct, frozen=True, gc=False):
    """How a disease comes to light: chief symptoms by choice, where, what is ordered.

    `care` weighs village, town, county and city; `lasting` is in days.
    """

    symptoms: tuple[tuple[str, ...], ...]
    care: tuple[float, float, float, float]
    specialty: str
    panels: tuple[str, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    lasting: tuple[int, int] = (3, 60)


# fmt: off
_FOUND: Final[dict[str, Finding]] = {
    "hypertension": Finding(
        (("dizziness", "headache"), ("high-blood-pressure",), ("asymptomatic",), ("headache",),
         ("dizziness", "palpitations")), (0.34, 0.42, 0.16, 0.08), "cardiac",
        ("renal", "lipids", "glucose-fasting", "urine", "electrolytes"), (("ecg", ""),)),
    "diabetes": Finding(
        (("thirst", "polyuria", "weight-loss"), ("high-glucose",), ("asymptomatic",),
         ("thirst", "polyuria"), ("fatigue", "weight-loss"), ("blurred-vision",)),
        (0.10, 0.40, 0.34, 0.16), "endocrine",
        ("glucose", "ogtt", "lipids", "renal", "liver", "urine", "urine-albumin"),
        (("fundus", ""), ("ecg", ""))),
    "diabetes-type-1": Finding(
        (("thirst", "polyuria", "weight-loss"), ("vomiting", "abdominal-pain", "thirst")),
        (0, 0, 0.5, 0.5), "endocrine",
        ("glucose", "islet", "blood-gas", "electrolytes", "renal", "urine")),
    "dyslipidaemia": Finding(
        (("high-lipids",), ("asymptomatic",), ("checkup",)), (0.12, 0.55, 0.22, 0.11), "internal",
        ("lipids", "liver", "glucose-fasting"), (("abdomen-ultrasound", "fatty-liver"),)),
    "coronary": Finding(
        (("chest-tightness", "breathless"), ("chest-pain", "chest-tightness"),
         ("chest-tightness", "palpitations")), (0.03, 0.17, 0.55, 0.25), "cardiac",
        ("heart", "lipids", "glucose", "renal", "electrolytes", "coagulation"),
        (("ecg", "t-wave-changes"), ("echo", "coronary"), ("coronary-ct", "plaque"))),
    "atrial-fibrillation": Finding(
        (("palpitations", "chest-tightness"), ("palpitations", "dizziness"), ("fatigue",)),
        (0.04, 0.26, 0.48, 0.22), "cardiac",
        ("thyroid", "electrolytes", "coagulation", "natriuretic", "renal"),
        (("ecg", "atrial-fibrillation"), ("echo", "atrial-fibrillation"))),
    "kidney": Finding(
        (("foamy-urine", "fatigue"), ("oedema", "foamy-urine"), ("nocturia", "fatigue"),
         ("asymptomatic",), ("checkup",)), (0.0, 0.22, 0.53, 0.25), "renal",
        ("renal", "electrolytes", "urine", "urine-albumin", "urine-protein-day", "cbc", "liver"),
        (("urinary-ultrasound", "renal-small"),), (20, 300)),
    "retinopathy": Finding(
        (("blurred-vision",), ("poor-vision",), ("floaters",), ("follow-up",)),
        (0, 0.1, 0.6, 0.3), "ophthalmology", ("glucose",),
        (("fundus", "retinopathy-mild"), ("oct", ""))),
    "neuropathy": Finding(
        (("numbness", "tingling"), ("tingling", "leg-pain"), ("numbness",)),
        (0.05, 0.3, 0.45, 0.2), "endocrine", ("glucose", "vitamins"),
        (("nerve-conduction", "neuropathy"),), (30, 400)),
    "hypothyroidism": Finding(
        (("fatigue", "cold-intolerance"), ("fatigue", "oedema"), ("checkup",),
         ("weight-gain", "constipation")), (0, 0.25, 0.5, 0.25), "endocrine",
        ("thyroid", "thyroid-antibodies", "lipids", "cbc"),
        (("thyroid-ultrasound", "diffuse"),), (30, 300)),
    "anaemia": Finding(
        (("fatigue", "dizziness"), ("pallor", "fatigue"), ("palpitations", "fatigue"),
         ("heavy-menses", "fatigue")), (0.08, 0.42, 0.35, 0.15), "internal",
        ("cbc", "iron", "reticulocytes", "vitamins", "occult-blood"), (), (15, 120)),
    "gout": Finding(
        (("toe-pain", "joint-swelling"), ("ankle-pain", "joint-swelling"), ("foot-pain",)),
        (0.25, 0.37, 0.28, 0.1), "internal",
        ("renal", "cbc", "inflammation", "lipids", "glucose-fasting"),
        (("foot-film", "gout"),), (1, 4)),
    "osteoporosis": Finding(
        (("low-back-pain",), ("back-pain", "height-loss"), ("bone-pain",), ("checkup",)),
        (0.0, 0.25, 0.5, 0.25), "bone", ("electrolytes", "vitamin-d", "liver"),
        (("bone-density", "osteoporosis"), ("lumbar-film", "degeneration")), (60, 700)),
    "parkinson": Finding(
        (("tremor", "slowness"), ("slowness", "stiffness"), ("tremor",)), (0, 0.05, 0.55, 0.4),
        "neurology", ("cbc", "liver", "thyroid"), (("head-mri", "ischaemia"),), (120, 700)),
    "dementia": Finding(
        (("memory-loss",), ("memory-loss", "confusion"), ("memory-loss", "insomnia")),
        (0, 0.1, 0.55, 0.35), "neurology", ("thyroid", "vitamins", "glucose", "syphilis", "cbc"),
        (("head-mri", "atrophy"),), (180, 900)),
    "hepatitis-b": Finding(
        (("checkup",), ("fatigue", "poor-appetite"), ("asymptomatic",)), (0, 0.12, 0.5, 0.38),
        "infectious", ("hepatitis-b", "hepatitis-b-load", "liver", "afp", "cbc"),
        (("abdomen-ultrasound", ""),), (10, 90)),
    "cirrhosis": Finding(
        (("abdominal-distension", "poor-appetite"), ("fatigue", "jaundice"), ("oedema", "ascites")),
        (0, 0.05, 0.55, 0.4), "digestive",
        ("liver", "coagulation", "cbc", "hepatitis-b", "hepatitis-b-load", "afp", "ammonia",
         "electrolytes"), (("abdomen-ultrasound", "cirrhosis"), ("gastroscopy", "varices"))),
}
# fmt: on
_CARES: Final[tuple[Care, ...]] = ("village", "town", "county", "city")
_EVENTS: Final = ("infarction", "stroke-ischaemic", "stroke-haemorrhagic", "heart-failure")


def plans(life: Life) -> Iterator[Plan | Form]:
    """A visit for each course that is found within the window, but for those an admission finds."""
    random = life.stream("chronic-found")
    admitted = [
        condition.found
        for condition in life.conditions
        if condition.key in _EVENTS and condition.found is not None
    ]
    for condition in life.conditions:
        finding = _FOUND.get(condition.key)
        found = condition.found
        if finding is None or found is None or not within(life, found):
            continue
        if any(0 <= (found - day).days < 15 for day in admitted):
            continue
        yield from _first(life, random, condition, finding, found)


def _first(
    life: Life, random: Random, condition: Condition, finding: Finding, found: date
) -> Iterator[Plan]:
    care = random.choices(_CARES, finding.care)[0]
    treated = condition.treated
    at_once = treated is not None and (treated - found).days <= 3
    symptoms = random.choice(finding.symptoms)
    small = care == "village"
    plan = Plan(
        life.person.key,
        found,
        "O",
        care,
        "general" if small else finding.specialty,
        (named(life, condition, found), *beside(life, found, condition.key, 3)),
        symptoms=symptoms,
        lasting=random.randint(*finding.lasting),
        panels=("glucose-fasting",) if small else _panels(random, care, finding.panels),
        images={} if small else _images(life, condition, found, care, finding),
        medicines=medicines_of(life, condition.key, found, 14) if at_once else (),
        acute={"pain": 0.7} if condition.key == "gout" else {},
        because=condition.key,
        refer="county" if care in ("village", "town") and random.random() < 0.12 else None,
    )
    yield plan
    if plan.refer is not None:
        yield msgspec.structs.replace(
            plan,
            day=after(found, random.randint(1, 6)),
            care="county",
            specialty=finding.specialty,
            panels=finding.panels,
            images=dict(finding.images),
            refer=None,
        )
    if treated is not None and not at_once and within(life, treated):
        yield Plan(
            life.person.key, treated, "O", "town" if small else care,
            "internal" if small else finding.specialty, (named(life, condition, treated),),
            symptoms=("follow-up",), panels=finding.panels[:2],
            medicines=medicines_of(life, condition.key, treated, 28), because=condition.key,
        )  # fmt: skip


def _panels(random: Random, care: Care, panels: tuple[str, ...]) -> tuple[str, ...]:
    """Everything at a hospital, a part of it at the town."""
    if care != "town":
        return panels
    kept = tuple(panel for panel in panels if panel not in _NOT_AT_TOWN)
    return kept[: random.randint(2, 4)]


_NOT_AT_TOWN: Final = frozenset(
    ("ogtt", "islet", "thyroid-antibodies", "hepatitis-b-load", "vitamins", "blood-gas", "iron",
     "urine-protein-day", "natriuretic", "ammonia", "syphilis")
)  # fmt: skip
_TOWN_IMAGES: Final = frozenset(
    ("ecg", "abdomen-ultrasound", "urinary-ultrasound", "thyroid-ultrasound", "foot-film",
     "lumbar-film", "fundus")
)  # fmt: skip


def _images(
    life: Life, condition: Condition, day: date, care: Care, finding: Finding
) -> dict[str, str]:
    images = dict(finding.images)
    if care == "town":
        images = {study: found for study, found in images.items() if study in _TOWN_IMAGES}
    if condition.key == "hypertension" and (day - condition.since).days > 3000 and "ecg" in images:
        images["ecg"] = "left-hypertrophy"
    if "fundus" in images and life.has("retinopathy", day) is not None:
        images["fundus"] = "retinopathy-mild"
    return images
