"""Chronic disease outside the refills: the infectious clinic, attacks of gout, runaway pressure."""

from collections.abc import Iterator
from random import Random

from minkang.synth.lives.body import blood_pressure
from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.chronic_shape import after, at_random, beside, named, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Form, Medicine, Plan


def plans(life: Life) -> Iterator[Plan | Form]:
    """The infectious clinic, gout and hypertensive crises within the window."""
    yield from _infectious(life)
    yield from _gout(life)
    yield from _pressure(life)


def _pressure(life: Life) -> Iterator[Plan]:
    """A crisis at the emergency or a short admission when pressure runs away."""
    hypertension = life.body.conditions.get("hypertension")
    if hypertension is None or hypertension.found is None:
        return
    random = life.stream("chronic-pressure")
    rate = 0.03 + 0.06 * hypertension.severity * (1.4 - life.body.adherence)
    for day in at_random(life, random, after(hypertension.found, 30), None, rate, 0.6):
        if blood_pressure(life.body, day)[0] < 138:
            continue
        admitted = random.random() < 0.55
        yield Plan(
            life.person.key, day, "I" if admitted else "E",
            random.choice(("town", "county", "county", "city")),
            "cardiac" if admitted else "emergency",
            (Diagnosis("I10.x05", "高血压3级"), *beside(life, day, "hypertension", 4)),
            symptoms=random.choice((("dizziness", "headache"), ("headache", "vomiting"),
                                    ("high-blood-pressure", "dizziness"))),
            lasting=random.randint(0, 5),
            panels=("cbc", "biochemistry", "urine", "heart", "thyroid") if admitted
            else ("electrolytes", "heart"),
            images={"ecg": "left-hypertrophy", "head-ct": "lacunes" if life.age(day) > 60 else "",
                    **({"echo": "hypertensive"} if admitted else {})},
            medicines=(Medicine("urapidil", 1), *medicines_of(life, "hypertension", day, 14)),
            nights=random.randint(4, 8) if admitted else 0, acute={"pressure": 0.6},
            because="hypertension", weight=3, outcome="好转" if admitted else "",
        )  # fmt: skip


def _infectious(life: Life) -> Iterator[Plan]:
    """Hepatitis B half-yearly, HIV quarterly, in their own clinics."""
    random = life.stream("chronic-infectious")
    hepatitis = life.body.conditions.get("hepatitis-b")
    if hepatitis is not None and hepatitis.found is not None:
        pace = 175 if hepatitis.treated is not None else 420
        day = after(max(hepatitis.found, life.begin), random.uniform(20, pace))
        while day <= life.end:
            treated = hepatitis.treated is not None and hepatitis.treated <= day
            yield Plan(
                life.person.key, day, "O", "infectious" if random.random() < 0.45 else "county",
                "infectious", (named(life, hepatitis, day),), symptoms=("follow-up",),
                panels=("liver", "hepatitis-b-load", "afp", *(("hepatitis-b",) * (not treated))),
                images={"abdomen-ultrasound": "fatty-liver" if random.random() < 0.25 else ""},
                medicines=medicines_of(life, "hepatitis-b", day, 84), because="hepatitis-b",
            )  # fmt: skip
            day = after(day, pace * random.uniform(0.8, 1.3))
    yield from _hiv(life, random)


def _hiv(life: Life, random: Random) -> Iterator[Plan]:
    hiv = life.body.conditions.get("hiv")
    if hiv is None or hiv.found is None:
        return
    if within(life, hiv.found):
        yield Plan(
            life.person.key, hiv.found, "O", "infectious", "infectious",
            (named(life, hiv, hiv.found),), symptoms=("low-fever", "weight-loss"), lasting=40,
            panels=("hiv", "hiv-confirmation", "hiv-load", "syphilis", "hepatitis-b",
                    "hepatitis-c", "cbc", "liver"), because="hiv",
        )  # fmt: skip
    day, count = max(after(hiv.found, 14), life.begin), 0
    while day <= life.end:
        treated = hiv.treated is not None and hiv.treated <= day
        yield Plan(
            life.person.key, day, "O", "infectious", "infectious", (named(life, hiv, day),),
            symptoms=("follow-up",), because="hiv",
            panels=("hiv-load", "cbc", "liver", "renal") if count % 2 == 0 else ("cbc", "liver"),
            medicines=medicines_of(life, "hiv", day, 90) if treated else (),
        )  # fmt: skip
        count += 1
        day = after(day, random.uniform(28, 34) if count < 3 else random.uniform(82, 98))


def _gout(life: Life) -> Iterator[Plan]:
    gout = life.body.conditions.get("gout")
    if gout is None or gout.found is None:
        return
    random = life.stream("chronic-gout")
    rate = (0.9 if gout.treated is None else 0.35) * (0.4 + gout.severity)
    for day in at_random(life, random, after(gout.found, 30), gout.over, rate):
        yield Plan(
            life.person.key, day, "O", random.choice(("village", "town", "town", "county")),
            "internal", (named(life, gout, day),),
            symptoms=random.choice((("toe-pain", "joint-swelling"), ("ankle-pain",),
                                    ("knee-pain", "joint-swelling"))),
            lasting=random.randint(1, 3), panels=("renal", "cbc") if random.random() < 0.5 else (),
            medicines=(Medicine("colchicine", 5), Medicine("etoricoxib", 5)),
            acute={"pain": 0.7}, because="gout",
        )  # fmt: skip
