"""The mind: schizophrenia and bipolar disorder with admissions and relapses, depression.

After the national rules for severe mental disorders: registered, seen monthly to quarterly, free
basic medicines; who stops the tablets relapses. The forms of registration and follow-up are the
family doctor's (`family_doctor_mind`).
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.chronic_shape import after, at_random, beside, named, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Condition, Form, Medicine, Operation, Plan

_SHOCK: Final = Operation("94.2700", "其他电休克治疗", 0, "静脉麻醉")
_PSYCHOTIC: Final = (
    ("delusions", "hallucinations"), ("hallucinations", "agitation"), ("delusions", "insomnia"),
    ("agitation", "insomnia"),
)  # fmt: skip
_MOOD: Final = (("agitation", "insomnia"), ("low-mood", "loss-of-interest"), ("agitation",))
_LOW: Final = (
    ("low-mood", "insomnia"), ("loss-of-interest", "fatigue"), ("insomnia", "anxiety"),
    ("low-mood", "poor-appetite"), ("low-mood", "suicidal"),
)  # fmt: skip


def plans(life: Life) -> Iterator[Plan | Form]:
    """Finding, relapses and controls of each disorder within the window."""
    for key, complaints in (("schizophrenia", _PSYCHOTIC), ("bipolar", _MOOD)):
        ill = life.body.conditions.get(key)
        if ill is not None and ill.found is not None:
            yield from _severe(life, life.stream("mental-" + key), ill, complaints)
    low = life.body.conditions.get("depression")
    if low is not None and low.found is not None:
        yield from _depression(life, life.stream("mental-depression"), low)


def _severe(
    life: Life, random: Random, ill: Condition, complaints: tuple[tuple[str, ...], ...]
) -> Iterator[Plan]:
    found = ill.found or ill.since
    admissions = [found] if within(life, found) and random.random() < 0.7 else []
    if not admissions and within(life, found):
        yield Plan(
            life.person.key, found, "O", "mental", "mental", (named(life, ill, found),),
            symptoms=random.choice(complaints), lasting=random.randint(20, 400),
            panels=("cbc", "liver", "glucose-fasting", "thyroid"), images={"ecg": "", "eeg": ""},
            medicines=medicines_of(life, ill.key, found, 14), because=ill.key, weight=4,
        )  # fmt: skip
    rate = (0.08 + 0.22 * ill.severity) * (1.4 - life.body.adherence)
    last: date | None = None
    for day in [*admissions, *at_random(life, random, after(found, 150), None, rate)]:
        if last is not None and (day - last).days < 90:
            continue
        last = day
        yield _admission(life, random, ill, day, complaints)
    if ill.treated is None:
        return
    at: Care = "mental" if random.random() < 0.75 else "county"
    pace = 32 + 45 * (1 - life.body.adherence)
    day = after(max(ill.treated, life.begin), random.uniform(10, pace))
    count = 0
    while day <= life.end:
        yield _control(life, random, ill, day, at, count)
        count += 1
        day = after(day, pace * random.uniform(0.8, 1.35))


def _admission(
    life: Life, random: Random, ill: Condition, day: date, complaints: tuple[tuple[str, ...], ...]
) -> Plan:
    """Weeks on the ward; a few get convulsive treatment."""
    shock = ill.severity > 0.6 and life.age(day) < 60 and random.random() < 0.2
    return Plan(
        life.person.key, day, "I", "mental", "mental",
        (named(life, ill, day), *beside(life, day, "", 3)),
        symptoms=random.choice(complaints), lasting=random.randint(7, 90),
        panels=("cbc", "liver", "renal", "electrolytes", "glucose", "lipids", "thyroid",
                "hormones", "hepatitis-b", "syphilis", "hiv", "urine"),
        images={"ecg": "", "eeg": "", "chest-film": "", "head-ct": ""},
        medicines=(*medicines_of(life, ill.key, day, 14), Medicine("lorazepam", 7)),
        operations=(_SHOCK,) if shock else (), nights=random.randint(24, 62), because=ill.key,
        weight=6, outcome="好转",
    )  # fmt: skip


def _control(life: Life, random: Random, ill: Condition, day: date, at: Care, count: int) -> Plan:
    drugs = life.body.drugs(ill.key, day)
    panels: tuple[str, ...] = ()
    if count % 4 == 0:
        panels = ("cbc", "liver", "glucose-fasting", "lipids-short")
    if "clozapine" in drugs:
        panels = tuple(dict.fromkeys((*panels, "cbc")))
    if "lithium" in drugs and count % 2 == 0:
        panels = (*panels, "lithium")
    if "valproate" in drugs and count % 3 == 0:
        panels = (*panels, "valproate")
    return Plan(
        life.person.key, day, "O", at, "mental", (named(life, ill, day),),
        symptoms=("refill",) if random.random() < 0.7 else ("insomnia",), lasting=20, panels=panels,
        images={"ecg": ""} if count % 8 == 0 else {},
        medicines=medicines_of(life, ill.key, day, 28 if life.body.adherence > 0.5 else 56),
        because=ill.key,
    )  # fmt: skip


def _depression(life: Life, random: Random, low: Condition) -> Iterator[Plan]:
    """Seen first at a general hospital or the mental one, then for half a year to two."""
    found = low.found or low.since
    at: Care = random.choices(("mental", "county", "city", "tcm"), (45, 30, 17, 8))[0]
    if within(life, found):
        grave = low.severity > 0.9 and random.random() < 0.5
        yield Plan(
            life.person.key, found, "I" if grave else "O", "mental" if grave else at, "mental",
            (named(life, low, found), *beside(life, found, "", 2)),
            symptoms=_LOW[-1] if grave else random.choice(_LOW[:-1]),
            lasting=random.randint(20, 200), panels=("thyroid", "cbc", "liver", "glucose-fasting"),
            images={"ecg": "", **({"head-mri": ""} if random.random() < 0.3 else {})},
            medicines=medicines_of(life, "depression", found, 14),
            nights=random.randint(16, 35) if grave else 0, because="depression", weight=4,
        )  # fmt: skip
    if low.treated is None:
        return
    course = 90 + 560 * life.body.adherence * random.random()
    day = after(low.treated, random.randint(12, 18))
    until = after(low.treated, course if low.over is not None else course * 2.5)
    while day <= min(life.end, until):
        if within(life, day):
            yield Plan(
                life.person.key, day, "O", at, "mental", (named(life, low, day),),
                symptoms=random.choice((("refill",), ("follow-up",), ("insomnia",), ("anxiety",))),
                lasting=20, panels=("liver", "cbc") if random.random() < 0.12 else (),
                medicines=medicines_of(life, "depression", day, 28), because="depression",
            )  # fmt: skip
        day = after(day, random.uniform(26, 45))
