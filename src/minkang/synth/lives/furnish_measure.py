"""What is measured at a visit: vital signs, laboratory panels, imaging and other studies."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.body import blood_pressure, glucose, height_weight
from minkang.synth.lives.body import pulse as resting_pulse
from minkang.synth.lives.calendar import Settled
from minkang.synth.lives.laboratory import measured
from minkang.synth.lives.life import Life
from minkang.synth.lives.numbers import part_number
from minkang.synth.record import Plan, Report, Study, Vitals
from minkang.synth.texts.imaging import STUDIES, report

_FEVERISH: Final = {"fever": 0.55, "high-fever": 0.85, "low-fever": 0.3, "travel-fever": 0.6}
_PRESSED: Final = frozenset(
    ("hypertension", "diabetes", "coronary", "stroke-ischaemic", "stroke-haemorrhagic", "kidney",
     "heart-failure", "infarction", "atrial-fibrillation")
)  # fmt: skip
_NO_VITALS: Final = frozenset(("dental", "ophthalmology", "skin", "vaccination", "imaging"))
_URGENT_STUDIES: Final = frozenset(("ecg", "head-ct", "chest-ct", "coronary-angiography"))
_DAY: Final = timedelta(days=1)

# Pulse and breaths of a child by the age below which they hold.
_CHILDS: Final = ((0.1, 138, 44), (1, 126, 36), (3, 112, 28), (7, 98, 24), (12, 88, 20))


def vitals_of(life: Life, plan: Plan, random: Random, day: date, rank: str) -> Vitals:
    """What the nurse writes down at such a visit; the truth of the body with the moment's noise."""
    age = life.age(day)
    whole = plan.kind in ("I", "E", "P")
    if plan.specialty in _NO_VITALS and not whole:
        return Vitals()
    draw = random.random
    acute: Mapping[str, float] = plan.acute
    if plan.outcome == "死亡":
        acute = {"failing": 0.7, **acute}
    hot = _heat(plan)
    warm = whole or hot > 0 or age < 14 or draw() < 0.35
    pressed = age >= 7 and (
        whole or plan.kind == "H" or plan.because in _PRESSED or plan.specialty == "obstetric"
        or (age >= 35 and draw() < (0.75 if rank == "grassroots" else 0.5))
    )  # fmt: skip
    systolic = diastolic = None
    if pressed:
        systolic, diastolic = _pressure(life, acute, random, day)
    pulse = breaths = None
    if warm or pressed:
        pulse, breaths = _pulse(life, acute, random, day, age, hot)
    celsius = round(36.3 + 0.5 * draw() + 3.3 * hot * (0.75 + 0.5 * draw()), 1) if warm else None
    if celsius is not None:
        celsius = min(41.2, celsius)
    saturation = None
    if plan.kind in ("I", "E") or "breathless" in acute:
        short = max(acute.get("breathless", 0.0), 0.7 * acute.get("failing", 0.0))
        saturation = min(100, round(98.4 - 14 * short * (0.6 + 0.6 * draw()) - draw() * 1.5))
    height = weight = None
    if plan.kind in ("I", "P") or age < 14 or (plan.specialty == "obstetric" and draw() < 0.9):
        height, weight = _size(life, random, day, plan, age)
    return Vitals(
        systolic, diastolic, pulse, breaths, celsius, saturation, height, weight,
        _fingerprick(life, plan, random, day, rank),
    )  # fmt: skip


def _heat(plan: Plan) -> float:
    hot = plan.acute.get("fever", 0.0)
    if plan.facts.get("course") in ("follow-up", "after-discharge"):
        return hot * 0.2
    for key in plan.symptoms:
        hot = max(hot, _FEVERISH.get(key, 0.0))
    return hot


def _pressure(life: Life, acute: Mapping[str, float], random: Random, day: date) -> tuple[int, int]:
    systolic, diastolic = blood_pressure(life.body, day)
    systolic += random.gauss(0, 6) + 26 * acute.get("pressure", 0) + 8 * acute.get("pain", 0)
    lost = 26 * acute.get("bleeding", 0) + 12 * acute.get("dehydration", 0)
    lost += 40 * acute.get("shock", 0)
    systolic -= lost
    diastolic += random.gauss(0, 4) + 14 * acute.get("pressure", 0) - lost * 0.5
    systolic -= 34 * acute.get("failing", 0)
    upper = int(max(60, min(240, systolic)))
    return upper, int(max(35, min(upper - 18, diastolic)))


def _pulse(
    life: Life, acute: Mapping[str, float], random: Random, day: date, age: float, hot: float
) -> tuple[int, int]:
    beats, breaths = resting_pulse(life.body, day), 17.5
    for limit, child_beats, child_breaths in _CHILDS:
        if age < limit:
            beats, breaths = child_beats, child_breaths
            break
    beats += random.gauss(0, 5) + 24 * hot + 30 * acute.get("bleeding", 0)
    beats += 18 * acute.get("breathless", 0) + 10 * acute.get("pain", 0)
    beats += 16 * acute.get("dehydration", 0) + 28 * acute.get("failing", 0)
    breaths += random.gauss(0, 1.1) + 3 * hot + 13 * acute.get("breathless", 0)
    breaths += 8 * acute.get("failing", 0)
    return int(max(42, min(200, beats))), int(max(11, min(70, breaths)))


def _size(
    life: Life, random: Random, day: date, plan: Plan, age: float
) -> tuple[float | None, float]:
    tall, heavy = height_weight(life.body, day)
    heavy = max(1.0, heavy * (1 + random.gauss(0, 0.006)))
    grams = plan.facts.get("birth-weight", "")
    if grams.isdigit() and age < 0.03:
        heavy = int(grams) / 1000 * (0.94 + 0.05 * random.random())  # the loss of the first days
    weight = round(heavy, 2 if age < 2 else 1)
    tall_there = plan.kind == "P" or (plan.kind == "I" and age >= 3)
    return (round(tall + random.gauss(0, 0.3), 1) if tall_there else None), weight


def _fingerprick(life: Life, plan: Plan, random: Random, day: date, rank: str) -> float | None:
    if "glucose" in plan.panels or rank != "grassroots":
        return None
    sick = life.body.there("diabetes", day) or life.body.there("diabetes-type-1", day)
    if sick is None or sick.found is None or sick.found > day or random.random() > 0.7:
        return None
    return round(max(2.8, glucose(life.body, day) * random.gauss(1, 0.07)), 1)


def reports_of(
    life: Life, settled: Settled, random: Random, institution: str, visit: str, midnight: datetime
) -> list[Report]:
    """The laboratory reports of a visit that are there before `midnight` of the last day.

    On a ward what was abnormal is measured again every four days until discharge, easing.
    """
    plan, found = settled.plan, list[Report]()
    if not plan.panels:
        return found
    first = settled.start + timedelta(minutes=12 + int(random.random() * 32))
    if plan.kind == "I" and not plan.acute and settled.start.hour >= 8:
        first = _morning(random, settled.start + _DAY)
        if settled.end is not None and first > settled.end:
            first = settled.start + timedelta(minutes=30)
    small = life.age(settled.start.date()) < 3 and not plan.operations
    for panel in plan.panels:
        if small and panel in _NOT_OF_INFANTS:
            continue
        _add(life, found, random, panel, first, plan.acute, institution, visit, midnight)
    if plan.kind == "I":
        _again(life, found, random, settled, first, institution, visit, midnight)
    return found


_NOT_OF_INFANTS: Final = frozenset(("glucose", "coagulation", "lipids", "tumour"))
"""Panels of a grown-up's admission for which nobody draws an infant's blood."""

_REPEATED: Final = frozenset(
    ("cbc", "inflammation", "electrolytes", "renal", "liver", "heart", "blood-gas", "coagulation",
     "glucose")
)  # fmt: skip


def _again(
    life: Life, found: list[Report], random: Random, settled: Settled, first: datetime,
    institution: str, visit: str, midnight: datetime,
) -> None:  # fmt: skip
    plan = settled.plan
    small = life.age(settled.start.date()) < 3 and not plan.operations
    last = settled.end or midnight
    worse = plan.outcome == "死亡"
    taken, eased = first, 1.0
    for _ in range(4):
        taken = _morning(random, taken + (3 + int(random.random() * 2)) * _DAY)
        if taken + timedelta(hours=5) > last:
            return
        eased *= 1.15 if worse else 0.4
        acute = {key: min(1.0, level * eased) for key, level in plan.acute.items()}
        for panel in plan.panels:
            if small and panel in _NOT_OF_INFANTS:
                continue
            if panel in _REPEATED and (plan.acute or random.random() < 0.25):
                _add(life, found, random, panel, taken, acute, institution, visit, midnight)


def _morning(random: Random, moment: datetime) -> datetime:
    minute = int(random.random() * 60)
    return moment.replace(hour=6, minute=minute, second=int(random.random() * 60))


def _add(
    life: Life, found: list[Report], random: Random, panel: str, taken: datetime,
    acute: Mapping[str, float], institution: str, visit: str, midnight: datetime,
) -> None:  # fmt: skip
    if panel not in PANELS:
        return
    hours = PANELS[panel].hours
    reported = taken + timedelta(minutes=int(hours * 60 * (0.75 + 0.5 * random.random())))
    if reported >= midnight:
        return
    values = measured(life.body, panel, taken.date(), random, acute, laboratory=institution)
    if values:
        number = part_number("JY", visit, len(found) + 1)
        found.append(Report(number, panel, taken, reported, values))


_MENDED: Final = (
    "骨折断端对位、对线可，骨痂形成，骨折线模糊。周围软组织未见明显肿胀。",
    "骨折复查，对位可，愈合中。",
)  # fmt: skip


def _mending(plan: Plan) -> bool:
    """Whether a film looks at a break that is healing."""
    code = plan.diagnoses[0].code if plan.diagnoses else ""
    again = plan.facts.get("course") in ("follow-up", "after-discharge")
    return again and code.startswith("S") and code[2:3] == "2"


def studies_of(
    life: Life, settled: Settled, random: Random, institution: Any, visit: str,
    pulse: int | None, midnight: datetime,
) -> list[Study]:  # fmt: skip
    """The studies of a visit with their reports, as far as these are there before `midnight`."""
    plan, place, found = settled.plan, life.world.place, list[Study]()
    diagnosis = plan.diagnoses[0].name if plan.diagnoses else ""
    side = {"left": "左", "right": "右", "bilateral": "双"}.get(plan.facts.get("side", ""), "")
    for study, wished in plan.images.items():
        kind = STUDIES[study]
        finding = "" if wished == "prostate" and life.person.sex == "F" else wished
        wait = 18 + int(random.random() * 45)
        if plan.kind == "I" and study not in _URGENT_STUDIES and not plan.acute:
            wait += 60 * int(2 + random.random() * 20)
        taken = settled.start + timedelta(minutes=wait)
        if plan.kind == "I" and (taken.hour < 7 or taken.hour > 20) and not plan.acute:
            taken = (taken + _DAY if taken.hour > 20 else taken).replace(hour=9)
        if plan.kind == "I" and settled.end is not None and taken >= settled.end:
            taken = settled.start + timedelta(minutes=25)
        reported = taken + timedelta(minutes=int(kind.minutes * (0.7 + 0.7 * random.random())))
        if reported >= midnight:
            continue
        seen, said = report(
            random, study, finding, side=side, pulse=pulse if kind.key == "ecg" else None,
            diagnosis=diagnosis,
        )  # fmt: skip
        if not finding and kind.modality == "DX" and _mending(plan):
            seen, said = _MENDED
        specialty = {"ES": plan.specialty, "SM": "pathology", "OP": "ophthalmology",
                     "AU": "ent"}.get(kind.modality, "imaging")  # fmt: skip
        department = place.department(institution, specialty)
        reader = place.doctor(institution, department, random.random(), taken.date())
        found.append(
            Study(
                part_number("JC", visit, len(found) + 1), study, taken, reported, seen, said,
                reader.code,
            )
        )  # fmt: skip
    return found
