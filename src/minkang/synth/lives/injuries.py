"""Injuries and what follows them: emergency, operation, weeks of care, for some a disability.

`struck` says what happens when (also to `disability`), `plans` what is done about it. Bites come
with the vaccine against rabies on days 0, 3, 7, 14 and 28 (technical guideline of 2023), a broken
hip with weeks of rehabilitation.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.acute_visits import Acute, sudden
from minkang.synth.lives.frequencies import band
from minkang.synth.lives.frequencies_rare import Table, drawn, table
from minkang.synth.lives.injuries_kinds import CAUSES, KINDS, MECHANISMS
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Diagnosis, Form, Medicine, Operation, Plan

_TABLE: Final[Table[Acute]] = table(KINDS)
_BITES: Final = ("dog-bite", "cat-scratch")
_HIPS: Final = frozenset(("hip-fracture", "trochanter-fracture"))
_VACCINE: Final = Medicine("rabies-vaccine", 1)
_GLOBULIN: Final = Medicine("rabies-immunoglobulin", 1)
_GIVEN: Final = Operation("99.4400", "抗狂犬病接种")
_BITTEN: Final = Diagnosis("Z20.300", "接触和暴露于狂犬病")
_REHABILITATION: Final = Diagnosis("Z50.900x001", "康复医疗")
_FALLERS: Final = ("osteoporosis", "stroke-ischaemic", "parkinson", "dementia")
_FALLING: Final = 1.5  # how much oftener those with one of these are hurt


def struck(life: Life) -> list[tuple[Acute, date]]:
    """The injuries of this life within its days, each with its day, by year."""
    found: list[tuple[Acute, date]] = []
    hips = 0
    for year in range(life.begin.year, life.end.year + 1):
        random = life.stream(f"injuries-{year}")
        middle = date(year, 7, 1)
        age = max(0.0, life.person.age(middle))
        frail = age >= 60 and any(life.has(key, middle) for key in _FALLERS)
        factor = _FALLING if frail else 1.0
        for what, day in drawn(random, _TABLE, life.person.sex, band(age), year, factor):
            if not life.begin <= day <= life.end:
                continue
            if what.key in _HIPS:
                hips += 1
                if hips > 2:
                    continue
            found.append((what, day))
    return found


def plans(life: Life) -> Iterator[Plan | Form]:
    """Visits for all injuries, and for what comes of them."""
    for number, (what, day) in enumerate(struck(life)):
        random = life.stream(f"injury-{number}-{day.isoformat()}")
        facts = _how(random, what)
        if what.key in _BITES:
            yield from _bite(life, random, what, day, facts)
            continue
        last: Plan | None = None
        for plan in sudden(life, random, what, day):
            last = msgspec.structs.replace(plan, facts={**plan.facts, **facts})
            if last.kind == "E" and what.key.endswith("-cut") and random.random() < 0.75:
                last = msgspec.structs.replace(last, operations=(_SUTURE,))
            yield last
        if last is not None and what.key in _HIPS:
            yield from _rehabilitation(life, random, what, day)


_SUTURE: Final = Operation("86.5900x006", "皮肤缝合术", 1, "局部麻醉")


def _how(random: Random, what: Acute) -> dict[str, str]:
    """How it came about: mechanism, code and name of the external cause."""
    ways = CAUSES[what.key]
    way = random.choices([w for w, _ in ways], [share for _, share in ways])[0]
    rows = MECHANISMS[way]
    code, name, _ = random.choices(rows, [row[2] for row in rows])[0]
    return {"mechanism": way, "external-code": code, "external-name": name}


def _bite(
    life: Life, random: Random, what: Acute, day: date, facts: dict[str, str]
) -> Iterator[Plan]:
    """The wound at once, the vaccine five times; grade III gets immunoglobulin, some stop early."""
    grade = random.choices(("I", "II", "III"), (0.04, 0.56, 0.40))[0]
    care: Care = random.choices(("town", "county", "city"), (0.62, 0.28, 0.10))[0]
    facts = facts | {"grade": grade}
    doses = 0 if grade == "I" else random.choices((5, 4, 3, 1), (88, 5, 4, 3))[0]
    days = (0, 3, 7, 14, 28)
    for dose in range(max(1, doses)):
        first = dose == 0
        late = 0 if first else random.choice((0, 0, 0, 0, 1))
        medicines: tuple[Medicine, ...] = (_VACCINE,) if doses else ()
        if first and grade == "III":
            medicines = (_VACCINE, _GLOBULIN)
        yield Plan(
            person=life.person.key,
            day=day + timedelta(days=days[dose] + late),
            kind="O",
            care=care,
            specialty="vaccination" if care == "town" else "emergency",
            diagnoses=(_BITTEN,),
            symptoms=("bite",) if first else ("vaccine-due",),
            lasting=days[dose] + late,
            medicines=medicines,
            operations=(_GIVEN,) if doses else (),
            facts=facts | _dose(dose),
            because=what.key,
            weight=2,
        )


def _dose(dose: int) -> dict[str, str]:
    """Which dose it is; after the first nobody complains of a bite any more."""
    number = {"dose": str(dose + 1)}
    return number | ({"complaint": f"接种狂犬病疫苗第{dose + 1}针"} if dose else {})


def _rehabilitation(life: Life, random: Random, what: Acute, day: date) -> Iterator[Plan]:
    """A third goes on to a Chinese-medicine hospital or a township centre, others come to it."""
    begin = day + timedelta(days=random.randint(16, 30))
    diagnoses = (_REHABILITATION, what.diagnosis)
    if random.random() < 0.34:
        care: Care = random.choice(("tcm", "tcm", "town"))
        yield Plan(
            person=life.person.key,
            day=begin,
            kind="I",
            care=care,
            specialty="rehabilitation",
            diagnoses=diagnoses,
            symptoms=("unable-to-walk", "hip-pain"),
            lasting=(begin - day).days,
            panels=("cbc", "urine", "liver", "renal", "electrolytes"),
            images={"hip-film": "prosthesis"},
            medicines=(Medicine("calcium-vitamin-d", 14), Medicine("celecoxib", 7)),
            operations=(Operation("17.91100", "毫针治疗"), Operation("93.1100", "辅助运动训练")),
            nights=round(random.uniform(10, 21)),
            facts={"course": "rehabilitation"},
            because=what.key,
            weight=3,
        )
        return
    for week in range(random.choice((0, 0, 2, 4))):
        yield Plan(
            person=life.person.key,
            day=begin + timedelta(days=7 * week),
            kind="H" if life.person.age(day) >= 75 else "O",
            care="town",
            specialty="rehabilitation",
            diagnoses=diagnoses,
            symptoms=("unable-to-walk",),
            lasting=(begin - day).days + 7 * week,
            facts={"course": "rehabilitation"},
            because=what.key,
        )
