"""The brain: stroke as an emergency, rehabilitation after it, the next one."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.chronic_shape import after, at_random, beside, hospital, named, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Condition, Diagnosis, Medicine, Operation, Plan

_LYSIS: Final = Operation("99.1000", "血栓溶解药的注射或输注", 0)
_CLOT_OUT: Final = Operation("39.7400x002", "经皮颅内动脉取栓术", 4, "全身麻醉")
_EVACUATION: Final = Operation("01.2408", "颅内血肿清除术", 4, "全身麻醉")
_DRAIN: Final = Operation("01.0900x006", "颅内血肿硬通道穿刺引流术", 3, "局部麻醉")
_SIGNS: Final = (
    ("weakness-left", "slurred-speech"), ("weakness-right", "slurred-speech"), ("limb-weakness",),
    ("slurred-speech", "facial-palsy"), ("vertigo", "vomiting", "gait"),
    ("numbness", "weakness-left"),
)  # fmt: skip
_BLED: Final = (
    ("severe-headache", "vomiting", "weakness-right"), ("weakness-left", "severe-headache"),
    ("unconscious",), ("severe-headache", "vomiting"),
)  # fmt: skip
_PLACES: Final = (
    ("I63.900", "脑梗死"), ("I63.906", "基底节脑梗死"), ("I63.801", "腔隙性脑梗死"),
    ("I63.901", "脑干梗死"), ("I63.905", "多发性脑梗死"),
)  # fmt: skip
_REHABILITATION: Final = Operation("93.8900", "康复", 0)


def plans(life: Life) -> Iterator[Plan]:
    """Strokes and what follows them within the window."""
    random = life.stream("complications-brain")
    for key in ("stroke-ischaemic", "stroke-haemorrhagic"):
        stroke = life.body.conditions.get(key)
        if stroke is None:
            continue
        event = _clot if key == "stroke-ischaemic" else _bleeding
        if within(life, stroke.since) and life.person.death != stroke.since:
            yield event(life, random, stroke, stroke.since, again=False)
            yield from _recovery(life, random, stroke, stroke.since)
        rate = 0.035 + 0.03 * (1 - life.body.adherence)
        if key == "stroke-haemorrhagic":
            rate *= 0.4
        yield from _later(life, random, stroke)
        last = stroke.since
        for day in at_random(life, random, after(stroke.since, 120), None, rate, 0.3):
            if (day - last).days > 150:
                last = day
                yield event(life, random, stroke, day, again=True)
                yield from _recovery(life, random, stroke, day)


def _later(life: Life, random: Random, stroke: Condition) -> Iterator[Plan]:
    """Winters in which survivors are admitted for dizziness and weakness, with the usual drips."""
    if stroke.found is None:
        return
    for day in at_random(life, random, after(stroke.since, 200), None, 0.22, 0.5):
        yield Plan(
            life.person.key, day, "I", random.choice(("town", "county", "county", "tcm")),
            "neurology", (named(life, stroke, day), *beside(life, day, stroke.key, 4)),
            symptoms=random.choice((("dizziness", "limb-weakness"), ("limb-weakness", "numbness"),
                                    ("dizziness", "headache"))), lasting=random.randint(3, 20),
            panels=("cbc", "biochemistry", "coagulation", "homocysteine", "urine"),
            images={"head-ct": "old-infarct" if stroke.key == "stroke-ischaemic" else "lacunes",
                    "ecg": "t-wave-changes", "carotid-ultrasound": "plaque"},
            medicines=(Medicine("xueshuantong", 8), Medicine("citicoline", 8),
                       *medicines_of(life, stroke.key, day, 14)),
            nights=random.randint(6, 11), because=stroke.key, weight=3, outcome="好转",
        )  # fmt: skip


def _clot(life: Life, random: Random, stroke: Condition, day: date, *, again: bool) -> Plan:
    """Ischaemic: about one in eight is early enough for lysis, one in forty for a catheter."""
    chance = random.random()
    young = life.age(day) < 85
    code, name = random.choice(_PLACES)
    operations: tuple[Operation, ...] = ()
    if chance < 0.13 and young:
        operations = (_LYSIS,)
    elif chance < 0.16 and young:
        operations = (_CLOT_OUT,)
    signs = random.choice(_SIGNS)
    mri = random.random() < 0.75
    return Plan(
        life.person.key, day, "I", hospital(random, stroke.severity), "neurology",
        (Diagnosis(code, name), *(d for d in beside(life, day, "") if d.code[:3] != "I63")),
        symptoms=signs, lasting=random.choice((0, 0, 0, 1, 1, 2, 3)),
        panels=("cbc", "coagulation", "glucose", "renal", "electrolytes", "lipids", "liver",
                "homocysteine", "heart-enzymes", "urine"),
        images={"head-ct": "old-infarct" if again else "lacunes", "ecg": "t-wave-changes",
                **({"head-mri": "infarct-brainstem" if "vertigo" in signs else "infarct"} if mri
                   else {}),
                "carotid-ultrasound": random.choice(("plaque", "stenosis", "thickening"))},
        medicines=(Medicine("butylphthalide", 10), Medicine("edaravone", 10),
                   *medicines_of(life, "stroke-ischaemic", day, 14)),
        operations=operations, nights=random.randint(8, 15), acute={"pain": 0.1, "clot": 0.15},
        facts={"side": "left" if "weakness-right" in signs else "right"},
        because="stroke-ischaemic", ambulance=random.random() < 0.4, weight=8, outcome="好转",
    )  # fmt: skip


def _bleeding(life: Life, random: Random, stroke: Condition, day: date, *, again: bool) -> Plan:
    """Haemorrhagic: pressure down, a quarter operated on."""
    operated = stroke.severity > 0.35 and random.random() < 0.28
    operation = _DRAIN if random.random() < 0.6 else _EVACUATION
    return Plan(
        life.person.key, day, "I", hospital(random, 0.9), "neurology",
        (Diagnosis(stroke.code, stroke.name), Diagnosis("I10.x05", "高血压3级"),
         *(d for d in beside(life, day, "", 3) if d.code[:3] not in ("I61", "I10"))),
        symptoms=random.choice(_BLED), lasting=0,
        panels=("cbc", "coagulation", "glucose", "renal", "electrolytes", "liver", "blood-group",
                "before-operation", "urine"),
        images={"head-ct": "haemorrhage", "ecg": "left-hypertrophy", "chest-ct": "bronchitis"},
        medicines=(Medicine("mannitol", 7), Medicine("urapidil", 3),
                   Medicine("omeprazole-injection", 7)),
        operations=(operation,) if operated else (), nights=random.randint(12, 24),
        acute={"pain": 0.6, "infection": 0.15}, because="stroke-haemorrhagic",
        ambulance=random.random() < 0.6, weight=8, outcome="好转",
    )  # fmt: skip


def _recovery(life: Life, random: Random, stroke: Condition, day: date) -> Iterator[Plan]:
    """Rehabilitation in hospital for the graver, then visits with needles and exercise."""
    left = after(day, random.randint(16, 26))
    diagnosis = Diagnosis("I69.300x003", "脑梗死恢复期")
    if stroke.key == "stroke-haemorrhagic":
        diagnosis = Diagnosis("I69.100x002", "脑出血恢复期")
    if stroke.severity > 0.45 and random.random() < 0.4 and within(life, left):
        yield Plan(
            life.person.key, left, "I", random.choice(("county", "tcm", "town")), "rehabilitation",
            (diagnosis, *beside(life, left, stroke.key, 3)),
            symptoms=("limb-weakness", "rehabilitation"), lasting=20,
            panels=("cbc", "renal", "liver", "electrolytes"), images={},
            medicines=medicines_of(life, stroke.key, left, 14), operations=(_REHABILITATION,),
            nights=random.randint(14, 28), because=stroke.key, weight=4, outcome="好转",
        )  # fmt: skip
    for wait in (45, 95, 190):
        again = after(day, wait + random.randint(-5, 15))
        if within(life, again):
            yield Plan(
                life.person.key, again, "O", random.choice(("county", "county", "tcm", "city")),
                "neurology", (named(life, stroke, again) if wait > 90 else diagnosis,
                              *beside(life, again, stroke.key, 3)),
                symptoms=random.choice((("limb-weakness",), ("follow-up",), ("slurred-speech",),
                                        ("dizziness",))), lasting=wait,
                panels=("lipids", "liver", "glucose") if wait > 60 else (),
                images={"head-ct": "old-infarct" if stroke.key == "stroke-ischaemic"
                        else "haemorrhage-resolving"} if wait == 95 else {},
                medicines=medicines_of(life, stroke.key, again, 28), because=stroke.key, weight=2,
            )  # fmt: skip
