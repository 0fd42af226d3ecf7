"""The lungs in the long run: COPD found by spirometry, worse in winter, oxygen at last."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.chronic_shape import after, at_random, beside, hospital, named, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Condition, Diagnosis, Form, Medicine, Operation, Plan

_MASK: Final = Operation("93.9000x002", "无创呼吸机辅助通气(双水平气道正压[BiPAP])", 0)


def plans(life: Life) -> Iterator[Plan | Form]:
    """Finding and exacerbations of COPD within the window."""
    copd = life.body.conditions.get("copd")
    if copd is None:
        return
    random = life.stream("respiratory")
    if copd.found is not None and within(life, copd.found):
        yield _found(life, random, copd)
    yield from _unknown(life, random, copd)
    if copd.found is None:
        return
    rate = 0.12 + 1.15 * copd.severity**2 * (1.3 - 0.5 * life.body.adherence)
    days = list(at_random(life, random, after(copd.found, 20), None, rate, 0.9))
    if copd.facts.get("fatal") == "1":  # the last two years are worse
        days += at_random(life, random, max(copd.found, after(life.end, -730)), None, 1.3, 0.4)
    for day in sorted(days):
        grave = random.random() < 0.16 + 0.5 * copd.severity**1.5
        yield _worse(life, random, copd, day) if grave else _mild(life, random, copd, day)


def _found(life: Life, random: Random, copd: Condition) -> Plan:
    day = copd.found or copd.since
    severe = "obstruction-severe" if copd.severity > 0.65 else "obstruction"
    return Plan(
        life.person.key, day, "O", random.choice(("town", "county", "county", "city")),
        "respiratory", (named(life, copd, day), *beside(life, day, "copd", 3)),
        symptoms=random.choice((("chronic-cough", "breathless"), ("breathless", "sputum"),
                                ("chronic-cough", "sputum"))), lasting=random.randint(30, 700),
        panels=("cbc", "inflammation"),
        images={"lung-function": "obstruction-mild" if copd.severity < 0.3 else severe,
                "chest-ct": "emphysema", "ecg": ""},
        medicines=medicines_of(life, "copd", day, 28), because="copd", weight=2,
    )  # fmt: skip


def _unknown(life: Life, random: Random, copd: Condition) -> Iterator[Plan]:
    """Before anybody measures, winters of bronchitis at the village and the town."""
    for day in at_random(life, random, copd.since, copd.found, 0.25 + 0.4 * copd.severity, 0.9):
        village = random.random() < 0.55
        yield Plan(
            life.person.key, day, "O", "village" if village else "town", "general",
            (Diagnosis("J42.x00", "慢性支气管炎"),), symptoms=("cough", "sputum"),
            lasting=random.randint(4, 20), panels=() if village else ("cbc",),
            images={} if village else {"chest-film": "bronchitis"},
            medicines=(Medicine("ambroxol", 7), Medicine("cefuroxime", 5),
                       Medicine("doxofylline", 7)),
            acute={"infection": 0.12}, because="copd",
        )  # fmt: skip


def _mild(life: Life, random: Random, copd: Condition, day: date) -> Plan:
    care: Care = random.choice(("town", "town", "county", "village"))
    return Plan(
        life.person.key, day, "O", care, "general" if care == "village" else "respiratory",
        (Diagnosis("J44.100", "慢性阻塞性肺病伴有急性加重"), *beside(life, day, "copd", 2)),
        symptoms=random.choice((("cough", "sputum", "breathless"), ("breathless", "wheeze"))),
        lasting=random.randint(2, 8),
        panels=() if care == "village" else ("cbc", "inflammation"),
        images={} if care == "village" else {"chest-film": "emphysema"},
        medicines=(Medicine("amoxicillin-clavulanate", 7) if random.random() < 0.5
                   else Medicine("moxifloxacin", 7), Medicine("prednisone", 5),
                   Medicine("ambroxol", 7)),
        acute={"infection": 0.2, "breathless": 0.2}, because="copd", weight=2,
    )  # fmt: skip


def _worse(life: Life, random: Random, copd: Condition, day: date) -> Plan:
    failing = copd.severity > 0.6 and random.random() < 0.5
    pneumonia = random.random() < 0.4
    diagnoses = [Diagnosis("J44.100", "慢性阻塞性肺病伴有急性加重")]
    if pneumonia:
        diagnoses.append(Diagnosis("J18.900", "肺炎"))
    if failing:
        diagnoses.append(Diagnosis("J96.900x003", "Ⅱ型呼吸衰竭"))
    return Plan(
        life.person.key, day, "I", hospital(random, copd.severity), "respiratory",
        (*diagnoses, *beside(life, day, "copd", 4)),
        symptoms=random.choice((("breathless", "cough", "sputum"), ("dyspnoea", "wheeze", "sputum"),
                                ("breathless", "cough", "fever"))), lasting=random.randint(2, 10),
        panels=("cbc", "inflammation", "blood-gas", "renal", "liver", "electrolytes", "coagulation",
                "natriuretic", "sputum-culture"),
        images={"chest-ct": "pneumonia" if pneumonia else "emphysema", "ecg": "sinus-tachycardia",
                "echo": "pulmonary-hypertension" if failing else ""},
        medicines=(Medicine("piperacillin-tazobactam" if pneumonia else "ceftriaxone", 8),
                   Medicine("methylprednisolone-injection", 5), Medicine("budesonide-nebulised", 8),
                   Medicine("ipratropium", 8), Medicine("ambroxol-injection", 7)),
        operations=(_MASK,) if failing else (), nights=random.randint(7, 14),
        acute={"infection": 0.5 if pneumonia else 0.3, "breathless": 0.5 + 0.3 * failing},
        because="copd", ambulance=random.random() < 0.2, weight=5, outcome="好转",
    )  # fmt: skip
