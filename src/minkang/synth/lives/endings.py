"""The end of a life: where and how somebody dies, the visits before it, and the certificate.

Six in ten die at home here, more in villages, as vital statistics of the province say; hospitals
send many home on the last days (自动出院). Certificates follow the form of 国卫规划发〔2013〕
57号: within some days of death, by the hospital where one died, else by the town's centre
after asking the family.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.endings_causes import chain_of
from minkang.synth.lives.endings_certificate import certificate
from minkang.synth.lives.endings_chain import Chain
from minkang.synth.lives.life import Life
from minkang.synth.lives.minor import WARD_PANELS, beside
from minkang.synth.record import LOCAL, Care, Diagnosis, Form, Medicine, Plan

BECAUSE: Final = "death"
"""What visits of the last days are because of."""


class Ending(msgspec.Struct, frozen=True):
    """How a life ended. `place` is ward, emergency, home, arrival (dead on arrival) or outside.

    `admitted` is the day of the last admission (None without one), `home` whether one left
    hospital to die at home; `ambulance` whether 120 was called.
    """

    at: datetime
    chain: Chain
    place: str
    care: Care
    admitted: date | None
    ambulance: bool


# Where people die, by course of dying: ward, emergency, home, arrival, outside.
_PLACES: Final = {
    "sudden": (0.03, 0.24, 0.55, 0.18, 0.0),
    "short": (0.42, 0.10, 0.46, 0.02, 0.0),
    "long": (0.23, 0.02, 0.75, 0.0, 0.0),
}
_OF_INJURY: Final = {
    "sudden": (0.02, 0.34, 0.04, 0.2, 0.4),
    "short": (0.78, 0.18, 0.04, 0.0, 0.0),
    "long": (0.35, 0.02, 0.63, 0.0, 0.0),
}
_WORDS: Final = ("ward", "emergency", "home", "arrival", "outside")
_SPECIALTY: Final = {
    "heart": "cardiac", "brain": "neurology", "lungs": "respiratory", "cancer": "oncology",
    "liver": "digestive", "diabetes": "endocrine", "kidney": "renal", "nerves": "neurology",
    "injury": "intensive", "birth": "neonatal", "other": "intensive", "infection": "infectious",
}  # fmt: skip
_SYMPTOMS: Final = {
    "heart": ("chest-pain", "breathless", "leg-swelling"),
    "brain": ("unconscious", "limb-weakness", "vomiting"),
    "lungs": ("breathless", "cough", "fever"),
    "cancer": ("weight-loss", "abdominal-pain", "poor-appetite", "fatigue"),
    "liver": ("unconscious", "jaundice", "abdominal-distension"),
    "diabetes": ("fever", "unconscious", "poor-appetite"),
    "kidney": ("breathless", "leg-swelling", "fatigue"),
    "nerves": ("fever", "poor-appetite", "cough"),
    "injury": ("trauma", "unconscious"),
    "birth": ("breathless", "poor-feeding"),
    "infection": ("fever", "breathless", "fatigue"),
    "other": ("unconscious", "fever", "abdominal-pain"),
}
_OF_SITES: Final = {
    "C34": ("breathless", "cough", "weight-loss", "poor-appetite"),
    "C15": ("dysphagia", "weight-loss", "fatigue"),
    "C22": ("abdominal-distension", "jaundice", "poor-appetite"),
    "C50": ("bone-pain", "weight-loss", "fatigue"),
    "C61": ("bone-pain", "weight-loss", "fatigue"),
    "C95": ("fever", "fatigue", "bleeding-tendency"),
}
"""Of cancers by the first three characters of the code, what they make suffer of at the end."""

_BEDRIDDEN: Final = ("fever", "cough", "poor-appetite")
"""Whoever has lain for months after a stroke dies of the lungs."""

_ACUTE: Final[dict[str, dict[str, float]]] = {
    "heart": {"heart": 0.9, "breathless": 0.6},
    "brain": {"pain": 0.2},
    "lungs": {"breathless": 0.9, "infection": 0.8, "fever": 0.5},
    "cancer": {"pain": 0.7, "infection": 0.3},
    "liver": {"bleeding": 0.5},
    "diabetes": {"infection": 0.85, "dehydration": 0.5},
    "kidney": {"breathless": 0.5},
    "nerves": {"infection": 0.7, "fever": 0.5},
    "injury": {"bleeding": 0.8, "pain": 0.9},
    "birth": {"breathless": 0.8},
    "infection": {"infection": 0.95, "fever": 0.8},
    "other": {"infection": 0.7, "dehydration": 0.5},
}


def ending_of(life: Life) -> Ending | None:
    """How this life ended, the same at every call; None where it has not within the window."""
    death = life.person.death
    if death is None or death < life.begin or death > life.end:
        return None
    chain = chain_of(life)
    if chain is None:
        return None
    random = life.stream("ending")
    at = datetime.combine(death, time(_hour(random, chain), random.randrange(60)), LOCAL)
    weights = (_OF_INJURY if chain.injury else _PLACES)[chain.course]
    if chain.group == "birth":
        weights = (0.72, 0.1, 0.1, 0.08, 0.0)
    place = random.choices(_WORDS, weights)[0]
    care = _care(random, life, chain)
    admitted = _last_admission(random, life, chain, place, at.date())
    called = {"ward": 0.35, "emergency": 0.8, "home": 0.08, "arrival": 0.75, "outside": 0.85}
    ambulance = random.random() < called[place]
    if place == "home" and chain.course == "sudden":
        ambulance = random.random() < 0.45
    if admitted is not None and admitted < life.begin:
        admitted = None
        place = "home" if place == "ward" else place
    return Ending(at, chain, place, care, admitted, ambulance)


def _hour(random: Random, chain: Chain) -> int:
    """Sudden deaths of the heart peak in the morning, others spread over day and night."""
    if chain.group == "heart" and random.random() < 0.4:
        return random.randint(4, 10)
    return random.randrange(24)


def _care(random: Random, life: Life, chain: Chain) -> Care:
    age = life.person.age(life.end)
    if age < 14:
        return random.choice(("city", "county"))
    city = 0.45 if age < 65 else 0.28
    return random.choices(
        ("county", "city", "tcm", "town"), (0.55, city, 0.07, 0.12 if age > 75 else 0.0)
    )[0]


def _last_admission(
    random: Random, life: Life, chain: Chain, place: str, death: date
) -> date | None:
    """The day of the last stay in hospital: to the end, or until the family took one home."""
    longest = max(1.0, chain.links[-1].days)
    if chain.group == "birth":
        day = max(life.person.birth, death - timedelta(days=int(min(longest, 20))))
        return day if place in ("ward", "home") else None
    if place == "ward":
        spans = {"sudden": 1, "short": random.randint(1, 9), "long": random.randint(4, 24)}
        nights = min(spans[chain.course], int(longest) + (0 if chain.course == "sudden" else 1))
        return death - timedelta(days=max(nights, 0))
    if place == "home" and chain.course == "short" and random.random() < 0.75:
        return death - timedelta(days=max(1, min(int(longest), random.randint(1, 10))))
    if place == "home" and chain.course == "long" and random.random() < 0.72:
        return death - timedelta(days=random.randint(8, 60))
    return None


def plans(life: Life) -> Iterator[Plan | Form]:
    """The last visits and the certificate; nothing where nobody has died."""
    ending = ending_of(life)
    if ending is None:
        return
    random = life.stream("ending-visits")
    yield from _last_stay(life, random, ending)
    if ending.place == "home" and ending.chain.course == "long":
        yield from _at_home(life, random, ending)
    if ending.place in ("emergency", "arrival"):
        yield _last_hour(life, ending)
    yield certificate(life, ending)


def diagnoses_of(chain: Chain) -> tuple[Diagnosis, ...]:
    """What a ward writes: the disease first, then what came of it; no external causes."""
    links = [link for link in chain.links if link.code[0] not in "VWXY"]
    own = [Diagnosis(link.code, link.name) for link in links]
    root = next((d for d in own if d.code == chain.underlying.code), own[-1])
    return (root, *(d for d in own if d.code != root.code), *chain.others)


def _symptoms(chain: Chain) -> tuple[str, ...]:
    if chain.group == "cancer":
        return _OF_SITES.get(chain.underlying.code[:3], _SYMPTOMS["cancer"])
    if chain.group == "brain" and chain.course == "long":
        return _BEDRIDDEN
    return _SYMPTOMS[chain.group]


def _last_stay(life: Life, random: Random, ending: Ending) -> Iterator[Plan]:
    day = ending.admitted
    if day is None:
        return
    chain, death = ending.chain, ending.at.date()
    dying = ending.place == "ward"
    nights = (death - day).days
    if not dying:
        stay = random.randint(4, 14) if chain.course == "long" else nights
        nights = max(1, min(nights, stay))
    group = chain.group
    specialty = _SPECIALTY[group]
    if group != "birth" and life.person.age(day) < 14:
        specialty = "paediatric"
    yield Plan(
        person=life.person.key,
        day=day,
        kind="I",
        care=ending.care,
        specialty="intensive" if dying and chain.course != "long" else specialty,
        diagnoses=tuple(dict.fromkeys((*diagnoses_of(chain), *beside(life, day))))[:8],
        symptoms=_symptoms(chain),
        lasting=max(0, min(30, int(chain.links[0].days))),
        panels=(*WARD_PANELS, "inflammation", "heart", "blood-gas"),
        images=_images(chain),
        medicines=_medicines(_treated_as(chain)),
        nights=nights,
        acute=_ACUTE[group],
        facts={"ending": "death" if dying else "taken-home"},
        because=BECAUSE,
        outcome="死亡" if dying else "未愈",
        hour=min(ending.at.hour, 3) if dying and nights == 0 else None,
        ambulance=ending.ambulance and dying,
        weight=9,
    )


def _treated_as(chain: Chain) -> str:
    """The group whose treatment the last stay is: pneumonia of the bedridden as of the lungs."""
    return "lungs" if chain.group == "brain" and chain.course == "long" else chain.group


def _images(chain: Chain) -> dict[str, str]:
    """What the last pictures show."""
    if chain.group == "brain" and chain.course != "long":
        bleeding = chain.underlying.code.startswith("I61")
        return {"head-ct": "haemorrhage" if bleeding else "infarct"}
    if chain.group == "heart":
        infarct = chain.underlying.code.startswith("I21")
        return {"ecg": "infarct" if infarct else "t-wave-changes", "echo": "heart-failure"}
    if chain.group == "cancer" and chain.underlying.code[:3] in ("C34", "C50"):
        return {"chest-ct": "metastases"}
    return {
        "lungs": {"chest-ct": "emphysema"},
        "brain": {"chest-ct": "pneumonia-severe"},
        "nerves": {"chest-ct": "pneumonia-severe"},
        "injury": {"head-ct": "contusion"},
    }.get(chain.group, {"chest-film": ""})


def _medicines(group: str) -> tuple[Medicine, ...]:
    drugs = {
        "heart": ("furosemide", "aspirin"),
        "brain": ("mannitol",),
        "lungs": ("piperacillin-tazobactam", "doxofylline"),
        "cancer": ("morphine", "megestrol"),
        "liver": ("omeprazole", "lactulose"),
        "diabetes": ("insulin-glargine", "meropenem"),
        "kidney": ("furosemide",),
        "nerves": ("piperacillin-tazobactam",),
    }.get(group, ("meropenem",))
    return tuple(Medicine(drug, 5) for drug in drugs)


def _at_home(life: Life, random: Random, ending: Ending) -> Iterator[Plan]:
    """The village or community doctor looks in: pain, drips, bedsores."""
    death = ending.at.date()
    cancer = ending.chain.group == "cancer"
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        day = death - timedelta(days=random.randint(1, 26))
        if day < life.begin:
            continue
        yield Plan(
            person=life.person.key,
            day=day,
            kind="H",
            care="village" if random.random() < 0.7 else "town",
            specialty="general",
            diagnoses=diagnoses_of(ending.chain)[:2],
            symptoms=_symptoms(ending.chain)[:2],
            lasting=random.randint(7, 60),
            medicines=(Medicine("morphine", 5),) if cancer else (Medicine("vitamin-b-complex", 5),),
            facts={"course": "palliative"},
            because=BECAUSE,
            weight=3,
        )


def _last_hour(life: Life, ending: Ending) -> Plan:
    """The emergency room where it ended, or where death was only stated on arrival."""
    chain = ending.chain
    care: Care = "county" if ending.care in ("tcm", "town") else ending.care
    return Plan(
        person=life.person.key,
        day=ending.at.date(),
        kind="E",
        care=care,
        specialty="emergency",
        diagnoses=tuple(dict.fromkeys((diagnoses_of(chain)[0], Diagnosis("I46.900", "心脏停搏")))),
        symptoms=("unconscious", *[s for s in _symptoms(chain)[:1] if s != "unconscious"]),
        lasting=0,
        panels=() if ending.place == "arrival" else ("blood-gas", "cbc", "heart"),
        images={"ecg": "asystole"},
        medicines=() if ending.place == "arrival" else (Medicine("epinephrine", 1),),
        acute=_ACUTE[chain.group],
        facts={"ending": "arrival" if ending.place == "arrival" else "death"},
        because=BECAUSE,
        outcome="死亡",
        hour=max(0, ending.at.hour - 1),
        ambulance=ending.ambulance,
        weight=9,
    )
