"""Chinese medicine: formulas by pattern, and courses of needles, moxa, cups and hands.

About three in ten visits at village rooms, township and community centres are of Chinese medicine
(the yearbook's share of primary visits; the plans want it to rise). What a visit of the long tail
is turned into is decided here; those who come for their constitution alone, or in the dog days for
plasters against winter's coughs, are planned by `plans`.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.chinese_formulas import FORMULAS
from minkang.synth.lives.chinese_patterns import DISEASES, Chinese, Pattern
from minkang.synth.lives.frequencies import Ailment
from minkang.synth.lives.frequencies_orders import drawn_images, drawn_medicines
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Diagnosis, Form, Herb, Operation, Plan

_SHARE: Final[dict[Care, float]] = {
    "village": 0.46, "town": 0.54, "county": 0.12, "city": 0.08, "tcm": 0.92, "private": 0.3,
    "mch": 0.10,
}  # fmt: skip
"""Of the visits for an ailment that Chinese medicine treats, the share that it does."""

THERAPIES: Final = {
    "needle": Operation("17.91100", "毫针治疗"),
    "electro": Operation("17.912A0", "电针治疗"),
    "scalp": Operation("17.91110", "头针治疗"),
    "ear": Operation("17.91210", "耳针治疗"),
    "fire": Operation("17.91240", "火针治疗"),
    "warm-needle": Operation("17.91350", "温针灸治疗"),
    "moxa": Operation("17.91330", "悬灸治疗"),
    "dog-days": Operation("17.91340", "三伏天灸治疗"),
    "cupping": Operation("17.94100", "拔罐治疗"),
    "plaster": Operation("17.95150", "穴位贴敷治疗"),
    "massage": Operation("17.92500", "基本手法推拿治疗"),
    "neck-massage": Operation("17.92110", "颈椎病推拿治疗"),
    "stroke-massage": Operation("17.92130", "中风后遗症推拿治疗"),
    "child-massage": Operation("17.92750", "小儿捏脊治疗"),
    "sinew": Operation("17.97410", "理筋手法治疗"),
}
"""Therapies by key, with their codes of ICD-9-CM-3 (national insurance edition, 17.9)."""

_QI: Final = Diagnosis("R53.x00x002", "乏力")


def plans(life: Life) -> Iterator[Plan | Form]:
    """Dog-day plasters, and tonics for the weak: what people ask for without being ill."""
    for year in range(life.begin.year, life.end.year + 1):
        yield from _dog_days(life, year)


def _dog_days(life: Life, year: int) -> Iterator[Plan]:
    """Three plasters ten days apart from mid-July: mostly for coughing children and the old."""
    random = life.stream(f"dog-days-{year}")
    first = date(year, 7, random.randint(12, 21))
    age = life.person.age(first)
    chance = 0.03 if age < 3 else 0.06 if age < 14 else 0.012 if age < 55 else 0.035
    if random.random() >= chance or not life.begin <= first <= life.end:
        return
    disease = DISEASES["child-cough" if age < 14 else "cough"]
    care: Care = random.choice(("town", "town", "tcm"))
    for visit in range(random.choice((1, 3, 3, 4))):
        yield _by_hand(
            life, first + timedelta(days=10 * visit), care, disease, disease.patterns[-1], None,
            (THERAPIES["dog-days"],), ("cough",), 0, visit,
        )  # fmt: skip


def chinese_visit(
    life: Life, random: Random, ailment: Ailment, day: date, care: Care
) -> list[Plan] | None:
    """The visits for an ailment where Chinese medicine treats it this time, else None."""
    share = _SHARE.get(care, 0.0)
    if ailment.specialty == "tcm":
        share = 0.8
    if random.random() >= share:
        return None
    disease = DISEASES[ailment.chinese]
    pattern = _pattern(random, disease)
    lasting = random.randint(*ailment.days)
    symptoms = _symptoms(random, ailment)
    if disease.hands and random.random() < disease.by_hand:
        return _course(life, random, ailment, day, care, disease, pattern, symptoms, lasting)
    return _formula(life, random, ailment, day, care, disease, pattern, symptoms, lasting)


def _pattern(random: Random, disease: Chinese) -> Pattern:
    """The commonest pattern in nearly half of the cases, else another."""
    patterns = disease.patterns
    return patterns[0] if random.random() < 0.42 else random.choice(patterns)


def _symptoms(random: Random, ailment: Ailment) -> tuple[str, ...]:
    chief, *others = [s for s in ailment.symptoms if s != "asymptomatic"] or ailment.symptoms
    return (chief, *[s for s in others if random.random() < 0.45])


def _formula(
    life: Life, random: Random, ailment: Ailment, day: date, care: Care, disease: Chinese,
    pattern: Pattern, symptoms: tuple[str, ...], lasting: int,
) -> list[Plan]:  # fmt: skip
    """A formula for five to fourteen days, often changed a little at a second visit."""
    doses = random.choice((3, 5, 5, 7, 7, 7, 10, 14))
    visits = 1 + (random.random() < 0.3) + (random.random() < 0.12)
    western = drawn_medicines(random, ailment.medicines) if random.random() < 0.3 else ()
    made = []
    for visit in range(visits):
        made.append(
            Plan(
                person=life.person.key,
                day=day,
                kind="O",
                care=care,
                specialty="tcm",
                diagnoses=(disease.diagnosis, pattern.diagnosis, ailment.diagnosis),
                symptoms=symptoms if visit == 0 else symptoms[:2],
                lasting=lasting,
                images=drawn_images(random, ailment.images, care) if visit == 0 else {},
                medicines=western if visit == 0 else (),
                herbs=herbs_of(random, pattern.formula, disease.extra),
                acute=ailment.acute if visit == 0 else {},
                facts=_facts(pattern, visit, doses),
                because=ailment.key,
            )
        )
        step = doses + random.randint(0, 3)
        day, lasting = day + timedelta(days=step), lasting + step
    return made


def _course(
    life: Life, random: Random, ailment: Ailment, day: date, care: Care, disease: Chinese,
    pattern: Pattern, symptoms: tuple[str, ...], lasting: int,
) -> list[Plan]:  # fmt: skip
    """Needles or hands: mostly once or thrice, sometimes a course of ten, every other day."""
    sessions = random.choices((1, 2, 3, 5, 7, 10), (34, 24, 22, 11, 6, 3))[0]
    if life.person.age(day) < 14:
        sessions = min(sessions, 5)
    keys = list(disease.hands)
    chosen = [THERAPIES[key] for key in keys if random.random() < 0.55] or [THERAPIES[keys[0]]]
    made = []
    for session in range(sessions):
        made.append(
            _by_hand(
                life, day, care, disease, pattern, ailment, tuple(chosen[:3]),
                symptoms if session == 0 else symptoms[:1], lasting, session,
            )
        )  # fmt: skip
        step = random.choice((1, 1, 2, 2, 3))
        day, lasting = day + timedelta(days=step), lasting + step
    return made


def _by_hand(
    life: Life, day: date, care: Care, disease: Chinese, pattern: Pattern,
    ailment: Ailment | None, therapies: tuple[Operation, ...], symptoms: tuple[str, ...],
    lasting: int, session: int,
) -> Plan:  # fmt: skip
    return Plan(
        person=life.person.key,
        day=day,
        kind="O",
        care=care,
        specialty="tcm",
        diagnoses=(
            disease.diagnosis,
            pattern.diagnosis,
            ailment.diagnosis if ailment is not None else _QI,
        ),
        symptoms=symptoms,
        lasting=lasting,
        operations=therapies,
        facts=_facts(pattern, session, 0),
        because=ailment.key if ailment is not None else "dog-days",
    )


def _facts(pattern: Pattern, visit: int, doses: int) -> dict[str, str]:
    facts = {"formula": pattern.formula, "tongue": pattern.tongue, "pulse": pattern.pulse}
    if visit:
        facts["course"] = "follow-up"
    if doses:
        facts["doses"] = str(doses)
    else:
        del facts["formula"]
    return facts


def herbs_of(
    random: Random, formula: str, extra: tuple[tuple[str, int], ...] = ()
) -> tuple[Herb, ...]:
    """The formula as it is modified: some herbs out, some in, some doses other than the book's."""
    herbs = list(FORMULAS[formula])
    for _ in range(random.choice((0, 0, 1, 1, 2))):
        if len(herbs) > 5:
            del herbs[random.randrange(len(herbs) // 2, len(herbs))]
    there = {herb.name for herb in herbs}
    for name, grams in extra:
        if name not in there and random.random() < 0.4:
            herbs.append(Herb(name, grams))
    if random.random() < 0.5:
        at = random.randrange(len(herbs))
        herb = herbs[at]
        if herb.grams >= 10:
            herbs[at] = msgspec.structs.replace(herb, grams=herb.grams + random.choice((-2, 3, 5)))
    return tuple(herbs)
