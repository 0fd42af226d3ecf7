"""A cancer from the first sign to the last control: screening or symptom, staging, operation,
chemotherapy in cycles of three weeks, radiation, targeted tablets, follow-up, recurrence, care at
the end. The stage decides: I is operated on, II and III get cycles besides, IV cycles only.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.chronic_shape import after, beside, within
from minkang.synth.lives.courses_catalogue import CANCERS
from minkang.synth.lives.life import Life
from minkang.synth.lives.oncology_pathways import PATHWAYS, Pathway
from minkang.synth.record import Care, Condition, Diagnosis, Form, Medicine, Operation, Plan

_SPREAD: Final = {
    "brain": Diagnosis("C79.300x002", "脑继发恶性肿瘤"),
    "bone": Diagnosis("C79.500x001", "骨继发恶性肿瘤"),
    "liver": Diagnosis("C78.700", "肝部和肝内胆管继发性恶性肿瘤"),
    "lung": Diagnosis("C78.000", "肺部继发性恶性肿瘤"),
}
_CHEMOTHERAPY: Final = Diagnosis("Z51.102", "手术后恶性肿瘤化学治疗")
_PALLIATIVE: Final = Diagnosis("Z51.104", "姑息性化疗")
_CONTROL: Final = Diagnosis("Z08.900", "恶性肿瘤的治疗后的随诊检查")
_INFUSION: Final = Operation("99.2503", "静脉注射化疗药物", 0)
_PORT: Final = Operation("38.9301", "经外周静脉穿刺中心静脉置管术", 1, "局部麻醉")
_BEAM: Final = Operation("92.2900x001", "放射治疗", 0)
_LOW_COUNTS: Final = Diagnosis("D61.101", "化疗后骨髓抑制")


def plans(life: Life) -> Iterator[Plan | Form]:
    """What each known cancer of this life leads to within the window."""
    for key in CANCERS:
        cancer = life.body.conditions.get(key)
        if cancer is not None and cancer.found is not None:
            yield from _course(life, life.stream("oncology-" + key), cancer, cancer.found)


def _course(life: Life, random: Random, cancer: Condition, found: date) -> Iterator[Plan]:
    way = PATHWAYS[cancer.key]
    at: Care = "city" if random.random() < 0.5 else "county"
    stage = cancer.facts.get("stage", "II")
    yield from _found(life, random, cancer, found, way, at)
    treated = cancer.treated
    if treated is None:
        yield from _comfort(life, random, cancer, way, after(found, 30))
        return
    operated = stage != "IV" and not cancer.facts.get("kind", "").startswith("小细胞")
    yield from _admission(life, random, cancer, treated, way, at, operated=operated)
    day = after(treated, 32)
    cycles = {"I": 0, "II": 4, "III": 6, "IV": 6}[stage]
    if not operated and stage == "I":
        cycles = 4
    if life.age(treated) > 78:
        cycles //= 2
    if way.cycle and cycles:
        palliative = not operated
        drugs = _cycle(cancer, way.cycle)
        yield from _cycles(life, random, cancer, day, way, at, drugs, cycles, palliative=palliative)
        day = after(day, 21 * cycles + 14)
    if way.radiates and stage in ("II", "III", "IV") and random.random() < 0.45:
        yield from _radiation(life, random, cancer, after(day, 14), way, at)
    recurred = cancer.facts.get("recurred")
    again = date.fromisoformat(recurred) if recurred else None
    yield from _controls(life, random, cancer, way, at, after(day, 30), again)
    if again is not None:
        yield from _recurrence(life, random, cancer, way, at, again)
    if cancer.facts.get("fatal") == "1":
        yield from _comfort(life, random, cancer, way, after(life.end, -100))


def _named(cancer: Condition) -> Diagnosis:
    return Diagnosis(cancer.code, cancer.name)


def _facts(cancer: Condition) -> dict[str, str]:
    return {
        "stage": cancer.facts.get("stage", ""),
        "kind": cancer.facts.get("kind", ""),
        "site": cancer.facts.get("site", ""),
        "size": cancer.facts.get("size", ""),
        "side": cancer.facts.get("place", "").split("-")[0],
    }


def _cycle(cancer: Condition, drugs: tuple[str, ...]) -> tuple[str, ...]:
    if cancer.key == "lung-cancer" and cancer.facts.get("kind") == "鳞状细胞癌":
        return ("paclitaxel", "carboplatin")
    return drugs


def _found(
    life: Life, random: Random, cancer: Condition, found: date, way: Pathway, at: Care
) -> Iterator[Plan]:
    """The first visit or screening, and the visit to the hospital that believes it."""
    screened = cancer.facts.get("way") == "screening"
    first = after(found, -random.randint(6, 20))
    symptoms = ("checkup",) if screened else random.choice(way.symptoms)
    suspicious = {"chest-ct": "nodule-suspicious"} if cancer.key == "lung-cancer" else way.first
    if within(life, first) and first >= cancer.since:
        care: Care = "county" if screened or random.random() < 0.5 else "town"
        yield Plan(
            life.person.key, first, "P" if screened else "O", care,
            "check-up" if screened else way.specialty if care == "county" else "general",
            (Diagnosis(cancer.code, cancer.name, certain=False),), symptoms=symptoms,
            lasting=0 if screened else random.randint(14, 150),
            panels=("cbc",) if care == "town" else ("cbc", *way.markers),
            images=_where(cancer, suspicious) if care == "county" else {}, facts=_facts(cancer),
            because=cancer.key, refer=at, weight=3,
        )  # fmt: skip
    if within(life, found):
        yield Plan(
            life.person.key, found, "O", at, way.specialty,
            (_named(cancer), *beside(life, found, "")),
            symptoms=symptoms, lasting=random.randint(10, 90),
            panels=("cbc", "liver", "renal", *way.markers), images=_where(cancer, way.first),
            facts=_facts(cancer), because=cancer.key, weight=4,
        )  # fmt: skip


_IN_RECTUM: Final = {"colonoscopy": "rectal-cancer", "abdomen-ct": "rectal-mass"}


def _where(cancer: Condition, images: Mapping[str, str]) -> dict[str, str]:
    """The studies with the finding at the place where this one grows."""
    found = dict(images)
    if cancer.facts.get("place") == "rectum":
        found |= {
            study: finding for study, finding in _IN_RECTUM.items() if found.get(study)
        }  # fmt: skip
    return found


def _admission(
    life: Life, random: Random, cancer: Condition, day: date, way: Pathway, at: Care, *,
    operated: bool,
) -> Iterator[Plan]:  # fmt: skip
    """Staging with biopsy, and the operation where one helps."""
    if not within(life, day):
        return
    place = cancer.facts.get("place", "")
    operation = way.operations.get(place) or way.operations.get("") or way.biopsy
    spread = cancer.facts.get("spread", "")
    pathology = way.pathology
    kind = cancer.facts.get("kind", "")
    if kind == "鳞状细胞癌":
        pathology = "squamous"
    elif kind == "小细胞癌":
        pathology = "small-cell"
    yield Plan(
        life.person.key, day, "I", at, way.specialty if operated else "oncology",
        (_named(cancer), *((_SPREAD[spread],) if spread else ()), *beside(life, day, "")),
        symptoms=random.choice(way.symptoms), lasting=random.randint(15, 120),
        panels=("cbc", "liver", "renal", "electrolytes", "coagulation", "glucose", "blood-group",
                "before-operation", "urine", *way.markers),
        images={**_where(cancer, way.staging), "ecg": "", "pathology": pathology,
                **({"chest-ct": "metastases"} if spread == "lung" else {}),
                **({"head-mri": "metastases"} if spread == "brain" else {}),
                **({"abdomen-ct": "liver-metastases"} if spread == "liver" else {})},
        medicines=(Medicine("cefuroxime-injection", 3), Medicine("omeprazole-injection", 4),
                   Medicine("flurbiprofen-injection", 3)) if operated else (),
        operations=(operation,) if operated else (way.biopsy,),
        nights=random.randint(9, 17) if operated and operation.level > 3 else random.randint(5, 9),
        acute={"infection": 0.15, "pain": 0.4, "bleeding": 0.08} if operated else {},
        facts=_facts(cancer), because=cancer.key, weight=7, outcome="好转",
    )  # fmt: skip


def _cycles(
    life: Life, random: Random, cancer: Condition, begin: date, way: Pathway, at: Care,
    drugs: tuple[str, ...], count: int, *, palliative: bool,
) -> Iterator[Plan]:  # fmt: skip
    """Cycles of chemotherapy as short admissions; counts fall between them."""
    for number in range(count):
        day = after(begin, 21 * number + random.randint(0, 3))
        if not within(life, day):
            continue
        imaged = number % 2 == 1
        control = dict(way.control if not palliative else way.staging)
        control.pop("colonoscopy", None)
        control.pop("gastroscopy", None)
        yield Plan(
            life.person.key, day, "I", at, "oncology",
            (_PALLIATIVE if palliative else _CHEMOTHERAPY, _named(cancer),
             *beside(life, day, "", 2)),
            symptoms=("follow-up",) if random.random() < 0.5 else random.choice(
                (("fatigue",), ("nausea", "poor-appetite"), ("cough",))),
            lasting=21, panels=("cbc", "liver", "renal", "electrolytes", *way.markers[:imaged]),
            images=control if imaged else {},
            medicines=(*(Medicine(drug, 14 if drug == "capecitabine" else 1) for drug in drugs),
                       Medicine("ondansetron", 2), Medicine("dexamethasone", 1)),
            operations=(_PORT, _INFUSION) if number == 0 else (_INFUSION,),
            nights=random.randint(2, 4), acute={"marrow": 0.18},
            facts={**_facts(cancer), "cycle": str(number + 1)}, because=cancer.key, weight=5,
            outcome="好转",
        )  # fmt: skip
        low = after(day, 10)
        if random.random() < 0.22 and within(life, low):
            yield Plan(
                life.person.key, low, "O", "county", "oncology", (_LOW_COUNTS, _named(cancer)),
                symptoms=("fatigue",), lasting=4, panels=("cbc",), acute={"marrow": 0.6},
                medicines=(Medicine("granulocyte-stimulating", 3),), because=cancer.key, weight=3,
            )  # fmt: skip


def _radiation(
    life: Life, random: Random, cancer: Condition, day: date, way: Pathway, at: Care
) -> Iterator[Plan]:
    if within(life, day):
        yield Plan(
            life.person.key, day, "I", at, "oncology",
            (Diagnosis("Z51.000", "放射治疗疗程"), _named(cancer)), symptoms=("follow-up",),
            lasting=20, panels=("cbc", "liver", "renal"), images={}, operations=(_BEAM,),
            nights=random.randint(26, 38), acute={"marrow": 0.25}, facts=_facts(cancer),
            because=cancer.key, weight=5, outcome="好转",
        )  # fmt: skip


def _controls(
    life: Life, random: Random, cancer: Condition, way: Pathway, at: Care, begin: date,
    until: date | None,
) -> Iterator[Plan]:  # fmt: skip
    """Every three months for two years, half-yearly to five, then yearly."""
    day = begin
    tablets = _tablets(cancer)
    while day <= life.end and (until is None or day < until):
        if within(life, day):
            yield Plan(
                life.person.key, day, "O", at, way.specialty,
                (_CONTROL, _named(cancer), *beside(life, day, "", 2)), symptoms=("follow-up",),
                panels=("cbc", "liver", "renal", *way.markers), images=dict(way.control),
                medicines=tuple(Medicine(drug, 28) for drug in tablets), facts=_facts(cancer),
                because=cancer.key, weight=2,
            )  # fmt: skip
        years = (day - begin).days / 365.25
        day = after(
            day, (92 if years < 2 else 183 if years < 5 else 365) * random.uniform(0.9, 1.15)
        )


def _tablets(cancer: Condition) -> tuple[str, ...]:
    if cancer.key == "breast-cancer":
        return ("letrozole",) if cancer.severity > 0.4 else ("tamoxifen",)
    if cancer.key == "thyroid-cancer":
        return ("levothyroxine",)
    if cancer.key == "prostate-cancer":
        return ("bicalutamide", "goserelin")
    advanced = cancer.facts.get("stage") in ("III", "IV") and cancer.facts.get("kind") == "腺癌"
    if cancer.key == "lung-cancer" and advanced:
        return ("osimertinib" if cancer.since.year >= 2020 else "gefitinib",)
    return ()


def _recurrence(
    life: Life, random: Random, cancer: Condition, way: Pathway, at: Care, day: date
) -> Iterator[Plan]:
    if within(life, day):
        yield Plan(
            life.person.key, day, "I", at, "oncology", (_named(cancer), *beside(life, day, "", 3)),
            symptoms=random.choice((("cancer-pain",), ("weight-loss", "fatigue"),
                                    ("asymptomatic",))),
            lasting=25, panels=("cbc", "liver", "renal", "electrolytes", *way.markers),
            images=dict(way.recurrence), nights=random.randint(5, 9),
            facts={**_facts(cancer), "recurrence": "1"}, because=cancer.key, weight=6,
            outcome="好转",
        )  # fmt: skip
    if way.second:
        yield from _cycles(
            life, random, cancer, after(day, 18), way, at, way.second, 4, palliative=True
        )


def _comfort(
    life: Life, random: Random, cancer: Condition, way: Pathway, begin: date
) -> Iterator[Plan]:
    """Pain relief near home in the last months."""
    day = max(begin, life.begin)
    while day < life.end:
        yield Plan(
            life.person.key, day, "O" if random.random() < 0.6 else "H",
            "town" if random.random() < 0.6 else "county", "general",
            (_named(cancer), *beside(life, day, "", 2)),
            symptoms=random.choice((("cancer-pain", "poor-appetite"), ("cancer-pain", "insomnia"),
                                    ("fatigue", "poor-appetite"))), lasting=20,
            panels=("cbc", "electrolytes") if random.random() < 0.3 else (),
            medicines=(Medicine("morphine" if random.random() < 0.6 else "oxycodone", 10),
                       Medicine("lactulose", 10)),
            acute={"pain": 0.6}, facts={"palliative": "1"}, because=cancer.key, weight=2,
        )  # fmt: skip
        day = after(day, random.randint(10, 30))
