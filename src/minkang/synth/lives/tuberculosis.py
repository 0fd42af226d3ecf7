"""Tuberculosis from cough to cure: suspicion, sputum, six months of tablets under eyes, controls.

After the national programme and WS 288: found ones are sent to the designated hospital, sputum is
looked at again at the end of months two, five and six, the liver each month.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.chronic_shape import after, beside, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Condition, Diagnosis, Form, Medicine, Plan

_SYMPTOMS: Final = (
    ("chronic-cough", "low-fever", "night-sweats"), ("chronic-cough", "sputum", "weight-loss"),
    ("haemoptysis", "chronic-cough"), ("chronic-cough", "fatigue"), ("checkup",),
)  # fmt: skip


def plans(life: Life) -> Iterator[Plan | Form]:
    """Suspicion, diagnosis, treatment and its end, within the window."""
    ill = life.body.conditions.get("tuberculosis")
    if ill is None or ill.found is None:
        return
    random = life.stream("tuberculosis")
    symptoms = random.choice(_SYMPTOMS)
    diagnosis = Diagnosis(ill.code, ill.name)
    yield from _suspected(life, random, ill, symptoms, ill.found)
    if within(life, ill.found):
        yield Plan(
            life.person.key, ill.found, "O", "infectious", "infectious",
            (diagnosis, *beside(life, ill.found, "", 2)), symptoms=symptoms,
            lasting=max(7, (ill.found - ill.since).days),
            panels=("tb", "tb-culture", "igra", "cbc", "esr", "liver", "renal", "hiv", "urine"),
            images={"chest-ct": "tuberculosis"}, because="tuberculosis", weight=5,
            facts={"smear": ill.facts.get("smear", "")},
        )  # fmt: skip
    if ill.treated is not None:
        yield from _treatment(life, random, ill, diagnosis, ill.treated)


def _suspected(
    life: Life, random: Random, ill: Condition, symptoms: tuple[str, ...], found: date
) -> Iterator[Plan]:
    """A first visit near home that takes it for bronchitis or sends it on."""
    first = after(found, -random.randint(2, max(3, min(25, (found - ill.since).days))))
    if within(life, first) and first >= ill.since and symptoms[0] != "checkup":
        sent = random.random() < 0.6
        yield Plan(
            life.person.key, first, "O", "town", "general",
            (Diagnosis("A16.200x002", "肺结核", certain=False) if sent
             else Diagnosis("J20.900", "急性支气管炎"),),
            symptoms=symptoms,
            lasting=max(5, (first - ill.since).days), panels=("cbc",),
            images={"chest-film": "tuberculosis" if sent else "bronchitis"},
            medicines=() if sent else (Medicine("cefuroxime", 5), Medicine("ambroxol", 7)),
            because="tuberculosis", refer="infectious" if sent else None, weight=3,
        )  # fmt: skip


def _treatment(
    life: Life, random: Random, ill: Condition, diagnosis: Diagnosis, begin: date
) -> Iterator[Plan]:
    admitted = ill.facts.get("smear") == "positive" or random.random() < 0.3
    if admitted and within(life, begin):
        yield Plan(
            life.person.key, begin, "I", "infectious", "infectious",
            (diagnosis, *beside(life, begin, "", 3)),
            symptoms=("chronic-cough", "low-fever"), lasting=30,
            panels=("tb", "cbc", "liver", "renal", "esr", "electrolytes", "coagulation", "urine",
                    "before-operation", "glucose"),
            images={"chest-ct": "tuberculosis", "ecg": "", "abdomen-ultrasound": ""},
            medicines=medicines_of(life, "tuberculosis", begin, 28), nights=random.randint(12, 24),
            because="tuberculosis", weight=6, outcome="好转",
        )  # fmt: skip
    months = int(ill.facts.get("months", "6"))
    for month in range(0 if not admitted else 1, months + 1):
        day = after(begin, month * 30.4 + random.randint(-2, 4))
        if month == months:
            day = after(begin, months * 30.4 - 1)
        if not within(life, day) or (ill.over is not None and day > ill.over):
            continue
        sputum = month in (2, 5, months)
        last = month == months
        yield Plan(
            life.person.key, day, "O", "infectious", "infectious", (diagnosis,),
            symptoms=("follow-up",), panels=("liver", "cbc", "renal", *(("tb",) if sputum else ())),
            images={"chest-ct": "old-tuberculosis" if last else "tuberculosis"} if sputum else {},
            medicines=() if last else medicines_of(life, "tuberculosis", day, 30),
            facts={"month": str(month), "outcome": "完成疗程" if last else ""},
            because="tuberculosis", weight=4, outcome="治愈" if last else "",
        )  # fmt: skip
    yield from _hurt_liver(life, random, begin, diagnosis)


def _hurt_liver(life: Life, random: Random, begin: date, diagnosis: Diagnosis) -> Iterator[Plan]:
    """One in twelve gets a drug-induced hepatitis in the first two months."""
    day = after(begin, random.randint(18, 60))
    if random.random() < 0.08 and within(life, day):
        yield Plan(
            life.person.key, day, "O", "infectious", "infectious",
            (Diagnosis("K71.901", "药物性肝损害"), diagnosis),
            symptoms=("poor-appetite", "nausea"), lasting=5, panels=("liver", "coagulation"),
            medicines=(Medicine("diammonium-glycyrrhizinate", 14), Medicine("bicyclol", 14)),
            acute={"liver": 0.25}, because="tuberculosis", weight=4,
        )  # fmt: skip
