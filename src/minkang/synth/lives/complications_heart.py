"""The heart: infarction and its stent, angina, failure, fibrillation."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.chronic_medicines import all_medicines, medicines_of
from minkang.synth.lives.chronic_shape import after, at_random, beside, hospital, named, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Condition, Diagnosis, Medicine, Operation, Plan

_ANGIOGRAPHY: Final = Operation("88.5500", "单根导管的冠状动脉造影术", 2, "局部麻醉")
_STENT: Final = Operation("36.0700", "药物洗脱冠状动脉支架置入", 3, "局部麻醉")
_BALLOON: Final = Operation("00.6600", "经皮冠状动脉腔内血管成形术[PTCA]", 3, "局部麻醉")
_PACEMAKER: Final = Operation("37.8000x001", "永久起搏器置入术", 3, "局部麻醉")
_WALLS: Final = {
    "anterior": ("I21.001", "急性前壁心肌梗死"),
    "inferior": ("I21.103", "急性下壁心肌梗死"),
    "lateral": ("I21.210", "急性侧壁心肌梗死"),
}


def plans(life: Life) -> Iterator[Plan]:
    """Infarction, angina, heart failure and fibrillation within the window."""
    random = life.stream("complications-heart")
    conditions = life.body.conditions
    infarct, coronary = conditions.get("infarction"), conditions.get("coronary")
    if infarct is not None and infarct.found is not None:
        yield from _infarct(life, random, infarct)
    if coronary is not None and coronary.found is not None:
        yield from _angina(life, random, coronary)
    failure = conditions.get("heart-failure")
    if failure is not None and failure.found is not None:
        yield from _failure(life, random, failure)
    fluttering = conditions.get("atrial-fibrillation")
    if fluttering is not None and fluttering.found is not None:
        yield from _flutter(life, random, fluttering)


def _infarct(life: Life, random: Random, infarct: Condition) -> Iterator[Plan]:
    """By ambulance to the chest-pain centre; most get a stent on the day (national figures: about
    two in three of those who come in time)."""
    day = infarct.since
    dies = life.person.death == day
    old = life.age(day) > 82
    opened = not dies and random.random() < (0.35 if old else 0.78)
    nights, at, ambulance = random.randint(6, 11), hospital(random, 0.9), random.random() < 0.45
    if within(life, day) and not dies:
        code, name = _WALLS.get(infarct.facts.get("wall", ""), ("I21.900", "急性心肌梗死"))
        yield Plan(
            life.person.key, day, "I", at, "cardiac",
            (Diagnosis(code, name), *beside(life, day, "infarction")),
            symptoms=random.choice((("chest-pain", "sweating"), ("chest-pain", "chest-tightness"),
                                    ("chest-tightness", "breathless"))), lasting=0,
            panels=("heart", "heart-enzymes", "coagulation", "cbc", "renal", "electrolytes",
                    "glucose", "lipids", "liver", "blood-gas"),
            images={"ecg": "st-elevation", "echo": "infarct", "chest-film": "",
                    "coronary-angiography": random.choice(("occlusion", "two-vessel",
                                                           "three-vessel"))},
            medicines=(Medicine("aspirin", 1, "300mg", "st"), Medicine("enoxaparin", 5),
                       *medicines_of(life, "infarction", day, 14)),
            operations=(_ANGIOGRAPHY, _STENT) if opened else (),
            nights=nights, acute={"heart": 0.55 + 0.4 * infarct.severity, "pain": 0.8},
            because="infarction", outcome="好转", ambulance=ambulance, weight=9,
        )  # fmt: skip
    for wait in (30, 90, 185, 370):
        again = after(day, wait + random.randint(-6, 12))
        if within(life, again):
            yield Plan(
                life.person.key, again, "O", at, "cardiac",
                (named(life, infarct, again), *beside(life, again, "infarction", 3)),
                symptoms=("follow-up",) if random.random() < 0.6 else ("chest-tightness",),
                lasting=5, panels=("lipids", "liver", "natriuretic", "renal"),
                images={"ecg": "old-infarct", **({"echo": "old-infarct"} if wait > 60 else {})},
                medicines=all_medicines(life, ("infarction", "hypertension"), again, 28),
                because="infarction", weight=2,
            )  # fmt: skip
    if opened and random.random() < 0.35:
        control = after(day, random.randint(330, 420))
        if within(life, control):
            yield Plan(
                life.person.key, control, "I", at, "cardiac",
                (Diagnosis("I25.200", "陈旧性心肌梗死"), *beside(life, control, "infarction")),
                symptoms=("follow-up",), panels=("cbc", "renal", "lipids", "coagulation", "heart"),
                images={"coronary-angiography": "stent-open", "ecg": "old-infarct"},
                operations=(_ANGIOGRAPHY,), nights=3, because="infarction", weight=3,
                medicines=medicines_of(life, "infarction", control, 14), outcome="好转",
            )  # fmt: skip


def _angina(life: Life, random: Random, coronary: Condition) -> Iterator[Plan]:
    """Worse chest pain sends about one in nine to hospital each year; one in three is stented."""
    found = coronary.found or coronary.since
    rate = 0.10 + 0.24 * coronary.severity
    for day in at_random(life, random, after(found, 10), None, rate, 0.5):
        look = random.random() < (0.55 if life.age(day) < 78 else 0.2)
        stent = look and random.random() < 0.35 + 0.25 * coronary.severity
        seen = ("two-vessel" if coronary.severity > 0.5 else "single-vessel") if stent else "mild"
        yield Plan(
            life.person.key, day, "I", hospital(random, coronary.severity), "cardiac",
            (Diagnosis("I20.000", "不稳定型心绞痛"), *beside(life, day, "")),
            symptoms=random.choice((("chest-pain", "chest-tightness"), ("chest-tightness",),
                                    ("chest-tightness", "palpitations"))),
            lasting=random.randint(1, 10),
            panels=("heart", "cbc", "renal", "electrolytes", "lipids", "glucose", "coagulation",
                    "liver"),
            images={"ecg": "ischaemia", "echo": "coronary", "chest-ct": "",
                    **({"coronary-angiography": seen} if look else {})},
            medicines=(Medicine("nitroglycerin", 7, "", "prn"), Medicine("enoxaparin", 4),
                       *medicines_of(life, "coronary", day, 14)),
            operations=((_ANGIOGRAPHY, _STENT if random.random() < 0.85 else _BALLOON) if stent
                        else (_ANGIOGRAPHY,) if look else ()),
            nights=random.randint(4, 9), acute={"heart": 0.02, "pain": 0.4}, because="coronary",
            ambulance=random.random() < 0.1, weight=4, outcome="好转",
        )  # fmt: skip


def _failure(life: Life, random: Random, failure: Condition) -> Iterator[Plan]:
    """Found in hospital; then decompensation in the cold, more in those who forget their pills."""
    days: list[date] = []
    found = failure.found or failure.since
    if within(life, found) and random.random() < 0.75:
        days.append(found)
    rate = 0.16 + 0.60 * failure.severity * (1.35 - life.body.adherence)
    last: date | None = None
    days += list(at_random(life, random, after(found, 30), None, rate, 0.7))
    for day in days:
        if last is not None and (day - last).days < 25:
            continue
        last = day
        infected = random.random() < 0.35
        yield Plan(
            life.person.key, day, "I", hospital(random, failure.severity), "cardiac",
            (Diagnosis("I50.900x018", "慢性心功能不全急性加重"),
             *beside(life, day, "heart-failure"),
             *((Diagnosis("J18.900", "肺炎"),) if infected else ())),
            symptoms=random.choice((("breathless", "orthopnoea", "oedema"),
                                    ("breathless", "leg-swelling"), ("dyspnoea", "orthopnoea"))),
            lasting=random.randint(2, 14),
            panels=("natriuretic", "heart", "cbc", "renal", "electrolytes", "liver", "inflammation",
                    "blood-gas", "coagulation"),
            images={"chest-ct": "pneumonia-bilateral" if infected else "heart-failure",
                    "echo": "heart-failure", "ecg": "left-hypertrophy"},
            medicines=(Medicine("furosemide-injection", 5), Medicine("potassium-chloride", 7),
                       *((Medicine("ceftriaxone", 7),) if infected else ()),
                       *medicines_of(life, "heart-failure", day, 14)),
            nights=random.randint(6, 13),
            acute={"failing": 0.6, "breathless": 0.5, "infection": 0.4 if infected else 0.05},
            because="heart-failure", ambulance=random.random() < 0.3, weight=5, outcome="好转",
        )  # fmt: skip


def _flutter(life: Life, random: Random, fluttering: Condition) -> Iterator[Plan]:
    """A yearly rate of palpitations at the emergency; few get a pacemaker later."""
    found = fluttering.found or fluttering.since
    for day in at_random(life, random, after(found, 20), None, 0.12):
        yield Plan(
            life.person.key, day, "E", hospital(random), "emergency",
            (Diagnosis("I48.900x004", "心房颤动[心房纤颤]"),
             *beside(life, day, "atrial-fibrillation", 3)),
            symptoms=("palpitations", "chest-tightness"), lasting=0,
            panels=("heart", "electrolytes", "coagulation", "cbc"),
            images={"ecg": "atrial-fibrillation"},
            medicines=(Medicine("metoprolol", 7),), because="atrial-fibrillation", weight=3,
        )  # fmt: skip
    if fluttering.severity > 0.94:
        day = after(found, random.randint(100, 1500))
        if within(life, day):
            yield Plan(
                life.person.key, day, "I", "city", "cardiac",
                (Diagnosis("I49.500", "病态窦房结综合征"), *beside(life, day, "")),
                symptoms=("syncope", "dizziness"), lasting=20,
                panels=("cbc", "coagulation", "electrolytes", "renal", "thyroid"),
                images={"ecg": "sinus-bradycardia", "holter": "atrial-fibrillation", "echo": ""},
                operations=(_PACEMAKER,), nights=6, because="atrial-fibrillation", weight=4,
                outcome="好转",
            )  # fmt: skip
