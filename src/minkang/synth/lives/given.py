"""What is really given: a plan's medicines without those that harm, and what goes with them.

Plans ask for what treats the illness; whoever prescribes also looks at the patient: age, pregnancy,
kidneys, stomach and heart, allergy, and what is given already. On a ward the medicines of the long
courses go on, and an operation has its antibiotic and its relief of pain.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from minkang.synth.lives.body_kidney import filtration
from minkang.synth.lives.desk import expecting
from minkang.synth.lives.drugs import Drug, drug
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Medicine, Plan

_PAIN: Final = "解热镇痛抗炎药"
_BETA: Final = ("青霉素类", "头孢菌素类", "碳青霉烯类")
_MILD: Final = frozenset(("paracetamol", "paracetamol-drops"))
_GUT: Final = ("K25", "K26", "K27", "K92.2")
_TWO_ALLOWED: Final = ("A1", "A3", "A4", "B98", "J12", "J13", "J14", "J15", "J16", "J18", "J85",
                       "K2", "K35", "K65", "N7")  # fmt: skip
"""Where two antibiotics together are usual: pneumonia, sepsis, Helicobacter, the belly."""

_NO_PAIN_KILLER: Final = frozenset(("heart-failure", "kidney", "cirrhosis", "ulcer"))
_NO_COXIB: Final = frozenset(("coronary", "infarction", "stroke-ischaemic"))
_THINNED: Final = frozenset(("warfarin", "rivaroxaban", "dabigatran"))
_NOT_EXPECTING: Final = (
    "血管紧张素", "他汀", "喹诺酮类", "四环素类", "复方降压药", "双胍类", "磺脲类",
    "DPP-4", "SGLT2", "抗病毒药", "氨基糖苷类",
)  # fmt: skip
_ALLERGY: Final = {
    "青霉素": ("青霉素类", ""), "头孢类": ("头孢菌素类", ""), "磺胺类": ("磺胺类", "sulf"),
    "左氧氟沙星": ("喹诺酮类", ""), "阿司匹林": ("", "aspirin"),
    "链霉素": ("氨基糖苷类", ""),
}  # fmt: skip
"""By allergy: part of the class, and part of the key of what is not given then."""

_LEAST_FILTRATION: Final = 30.0  # mL/min/1.73 m2, below which metformin is stopped
_CLEAN: Final = ("cefazolin", "cefuroxime-injection", "clindamycin")


def prudent(life: Life, plan: Plan, day: date, allergy: str) -> Plan:
    """The plan as a careful doctor writes it: each diagnosis once, no medicine that harms."""
    diagnoses = _once(plan.diagnoses)
    medicines = suited(life, plan, day, allergy, plan.medicines)
    if diagnoses == plan.diagnoses and medicines == plan.medicines:
        return plan
    return msgspec.structs.replace(plan, diagnoses=diagnoses, medicines=medicines)


_SAID_ONCE: Final = frozenset(("I10", "I25", "I50", "J18", "J44", "K74", "N18"))


def _once(diagnoses: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    """Without what a diagnosis before has said more exactly."""
    seen: set[str] = set()
    kept = []
    for one in diagnoses:
        group = one.code[:3]
        if group in _SAID_ONCE and group in seen:
            continue
        seen.add(group)
        kept.append(one)
    return tuple(kept)


def suited(
    life: Life, plan: Plan, day: date, allergy: str, medicines: Sequence[Medicine]
) -> tuple[Medicine, ...]:  # fmt: skip
    """Those of the medicines that this patient can be given on that day, in their order."""
    age = life.age(day)
    known = {course.key for course in life.known(day)}
    codes = [one.code for one in plan.diagnoses]
    if any(code.startswith(_GUT) for code in codes):
        known.add("ulcer")
    with_child = life.person.sex == "F" and expecting(life, day)
    thin = any(one.drug in _THINNED for one in medicines)
    pair = any(code.startswith(_TWO_ALLOWED) for code in codes)
    found: list[Medicine] = []
    classes: set[str] = set()
    for wished in medicines:
        one, product = wished, drug(wished.drug)
        if _antibiotic(product) and _allergic(product, allergy):
            one = Medicine("azithromycin-injection" if plan.kind == "I" else "azithromycin", 3)
            product = drug(one.drug)
        if _hurts(product, age, with_child, allergy) or _fails(life, product, day):
            continue
        if plan.kind == "O" and product.kind == "抗凝药" and product.route == "皮下注射":
            continue  # against clots while in bed, not for those who walk
        kind = _class_of(product)
        if kind == "pain":
            one = _milder(one, product, age, known, with_child=with_child, thin=thin)
        if kind and _enough(kind, classes, 2 if pair else 1):
            continue
        classes.add(kind)
        found.append(one)
    return tuple(found)


def _class_of(product: Drug) -> str:
    """What it counts as where of one class only one is given; empty for all others."""
    if product.kind == _PAIN and product.route != "外用":
        return "pain"
    if not _antibiotic(product):
        return ""
    return "beta抗菌药" if any(part in product.kind for part in _BETA) else product.kind


def _enough(kind: str, classes: set[str], most: int) -> bool:
    """Whether one of the class is given already, or as many antibiotics as can be."""
    if kind in classes:
        return True
    return kind != "pain" and sum(one.endswith("抗菌药") for one in classes) >= most


def _antibiotic(product: Drug) -> bool:
    """Whether it counts as the one antibiotic; what is for anaerobes may go with another."""
    return product.kind.endswith("抗菌药") and not product.kind.startswith("硝基咪唑")


def _hurts(product: Drug, age: float, with_child: bool, allergy: str) -> bool:
    if product.key == "aspirin" and age < 16:
        return True
    if 12 <= age < 18 and product.kind.startswith("喹诺酮类"):
        return True
    if with_child and any(part in product.kind for part in _NOT_EXPECTING):
        return True
    return _allergic(product, allergy)


def _allergic(product: Drug, allergy: str) -> bool:
    kind, key = _ALLERGY.get(allergy, ("", ""))
    return bool((kind and kind in product.kind) or (key and key in product.key))


def _fails(life: Life, product: Drug, day: date) -> bool:
    """Whether the kidneys no longer let it out."""
    metformin = product.kind.startswith("双胍类")
    return metformin and filtration(life.body, day) < _LEAST_FILTRATION


def _milder(
    one: Medicine, product: Drug, age: float, known: set[str], *, with_child: bool, thin: bool
) -> Medicine:
    """The pain killer, or paracetamol for whom it would harm."""
    if product.key in _MILD:
        return one
    harms = bool(known & _NO_PAIN_KILLER) or with_child or thin or age < 0.5
    selective = product.key in ("celecoxib", "etoricoxib", "diclofenac") and known & _NO_COXIB
    if harms or selective:
        return Medicine("paracetamol", min(one.days, 5), "", "prn")
    return one


def on_the_ward(
    plan: Plan, medicines: Sequence[Medicine], long: Sequence[Medicine], nights: int, allergy: str
) -> tuple[Medicine, ...]:
    """All that is given during a stay, each for so many days of it.

    `medicines` are the plan's, `long` those of the known courses, which go on.
    """
    stay = max(1, nights)
    going = {one.drug for one in long}
    found = [
        Medicine(one.drug, stay if one.drug in going else max(1, min(one.days, stay)), one.dose,
                 one.frequency)
        for one in medicines
    ]  # fmt: skip
    there = {one.drug for one in found}
    found += [
        Medicine(one.drug, stay, one.dose, one.frequency)
        for one in long[:5]
        if one.drug not in there
    ]
    if any(one.level >= 3 for one in plan.operations):
        found += _around_operation(found, stay, allergy)
    return tuple(found)


def _around_operation(given: Sequence[Medicine], stay: int, allergy: str) -> list[Medicine]:
    """One antibiotic for a day or two, and relief of pain, where the plan has none."""
    products = [drug(one.drug) for one in given]
    added = []
    if not any(_antibiotic(product) for product in products):
        clean = _CLEAN[2] if allergy in ("青霉素", "头孢类") else _CLEAN[0]
        added.append(Medicine(clean, min(2, stay)))
    if not any(product.kind in (_PAIN, "麻醉性镇痛药", "镇痛药") for product in products):
        added.append(Medicine("flurbiprofen-injection", min(3, stay)))
    return added
