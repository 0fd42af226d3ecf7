"""Check-ups that people seek or their employer pays for; women's screening; before marriage.

Employees are sent every year or two, others go now and then (about 45 % of employees and 8 % of
other adults a year). Women of 35-64 are asked every third year to the free screening for cervical
and breast cancer (plans: at least 88 % over five years). Nine couples in ten are examined before
they marry, and as many before a planned first child (plans: at least 90 %).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.draws import share
from minkang.synth.lives.body import height_weight
from minkang.synth.lives.desk import expecting, here, open_day
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import unaware
from minkang.synth.record import Care, Diagnosis, Plan

_CHECK: Final = Diagnosis("Z00.001", "健康查体")
_BEFORE_MARRIAGE: Final = Diagnosis("Z00.800", "一般性检查，其他的")
_BEFORE_CHILD: Final = Diagnosis("Z31.600", "关于生育的一般咨询和指导")
_CERVIX: Final = Diagnosis("Z12.400", "宫颈肿瘤的特殊筛查")
_BREAST: Final = Diagnosis("Z12.300", "乳房肿瘤的特殊筛查")
_LESION: Final = Diagnosis("N87.001", "宫颈上皮内肿瘤，Ⅰ级")
_LUMP: Final = Diagnosis("N63.x01", "乳房结节")
_LARGE: Final[tuple[str, ...]] = ("cbc", "glucose", "liver", "renal", "lipids", "urine")


def plans(life: Life) -> Iterator[Plan]:
    """Check-ups within the window, each kind with its own rhythm."""
    if life.end < life.begin or life.age(life.end) < 18:
        return
    yield from _general(life)
    yield from _marriage(life)
    if life.person.sex == "F":
        yield from _before_children(life)
        yield from _two_cancers(life)


def _general(life: Life) -> Iterator[Plan]:
    random = life.stream("check-ups")
    employed = life.person.insurance == "职工"
    habit, care = random.random(), _where(random)
    for year in range(life.begin.year, life.end.year + 1):
        chance, at = random.random(), random.random()
        day = open_day(date(year, 3, 5) + timedelta(days=int(at * 260)))
        age = life.age(day)
        if not here(life, day) or not 18 <= age < 90:
            continue
        working = employed and age < (60 if life.person.sex == "M" else 55)
        wish = (0.75 if habit < 0.6 else 0.1) if working else 0.3 if habit < 0.22 else 0.02
        if age >= 65:
            wish *= 0.35  # most use the free one of the centre
        if year == 2020 and day.month < 5:
            wish *= 0.3
        if chance < wish and not unaware(life, day) and not expecting(life, day):
            yield _check_up(life, day, care, working, random)


def _where(random: Random) -> Care:
    drawn = random.random()
    return "county" if drawn < 0.55 else "city" if drawn < 0.85 else "tcm"


def _check_up(life: Life, day: date, care: Care, working: bool, random: Random) -> Plan:
    tall, heavy = height_weight(life.body, day)
    index, age = heavy / (tall / 100) ** 2, life.age(day)
    draw = random.random
    images = {
        "abdomen-ultrasound": "fatty-liver" if draw() < (index - 21) * 0.08
        else "gallstones" if draw() < 0.05 else "liver-cyst" if draw() < (age - 35) * 0.004 else "",
        "ecg": "",
    }  # fmt: skip
    scan = draw() < (0.55 if day.year >= 2020 else 0.25)
    images["chest-ct" if scan else "chest-film"] = (
        "nodule" if scan and draw() < (age - 20) * 0.007 else ""
    )
    if working and draw() < 0.7:
        nodule = draw() < (0.42 if life.person.sex == "F" else 0.26) * min(1.3, age / 45)
        images["thyroid-ultrasound"] = "nodule" if nodule else ""
    panels = _LARGE
    if draw() < 0.5 and age > 35:
        panels = (*_LARGE, "tumour")
    if working and draw() < 0.3:
        panels = (*panels, "thyroid")
    return Plan(
        life.person.key, day, "P", care, "check-up", (_CHECK,), panels=panels, images=images,
        facts={"check": "employer" if working else "own"}, because="check-up",
    )  # fmt: skip


def _marriage(life: Life) -> Iterator[Plan]:
    married = life.person.married
    if married is None:
        return
    couple = "+".join(sorted((life.person.key, life.person.spouse)))
    goes = share(life.world.seed, "before-marriage", couple)
    day = open_day(married - timedelta(days=2 + int(goes * 30)))
    if goes < 0.9 and here(life, day) and life.age(day) < 50 and not expecting(life, day):
        yield Plan(
            life.person.key, day, "P", "mch", "women-health", (_BEFORE_MARRIAGE,),
            panels=("cbc", "urine", "liver", "hepatitis-b", "syphilis", "hiv", "blood-group"),
            images={"chest-film": ""}, facts={"check": "before-marriage"},
            because="before-marriage",
        )  # fmt: skip


def _before_children(life: Life) -> Iterator[Plan]:
    for at, pregnancy in enumerate(life.person.pregnancies):
        drawn = share(life.world.seed, "before-child", life.person.key, at)
        day = open_day(pregnancy.last_period - timedelta(days=20 + int(drawn * 160)))
        if pregnancy.outcome == "ended" or drawn > (0.9 if pregnancy.parity == 0 else 0.5):
            continue
        if here(life, day) and not expecting(life, day):
            yield Plan(
                life.person.key, day, "P", "mch", "women-health", (_BEFORE_CHILD,),
                panels=("cbc", "urine", "glucose", "liver", "renal", "thyroid", "hepatitis-b",
                        "syphilis", "hiv"),
                facts={"check": "before-child"}, because="before-child",
            )  # fmt: skip


def _two_cancers(life: Life) -> Iterator[Plan]:
    """Every third year of the life's own turn; a doubtful finding is looked at in hospital."""
    random = life.stream("two-cancers")
    willing = random.random()
    for year in range(life.begin.year, life.end.year + 1):
        at, misses = random.random(), random.random()
        age = year - life.person.birth.year
        if not 35 <= age <= 64 or (year + life.person.birth.year) % 3 or willing > 0.85:
            continue
        day = open_day(date(year, 4, 6) + timedelta(days=int(at * 200)))
        if misses < 0.12 or not here(life, day) or expecting(life, day):
            continue
        if life.has("breast-cancer", day) or life.has("cervical-cancer", day):
            continue
        virus, lump = random.random() < 0.11, random.random() < 0.16
        yield Plan(
            life.person.key, day, "P", "mch" if at < 0.6 else "town", "women-health",
            (_CERVIX, _BREAST), panels=("hpv", "cervix-cytology"),
            images={"breast-ultrasound": "nodule" if lump else "hyperplasia" if at < 0.35 else ""},
            acute={"hpv": 1.0} if virus else {}, facts={"check": "two-cancers"},
            because="two-cancers",
        )  # fmt: skip
        if virus and random.random() < 0.45:
            yield _looked_at(life, day, random)
        if lump and random.random() < 0.4:
            yield Plan(
                life.person.key, open_day(day + timedelta(days=14 + int(at * 40))), "O", "county",
                "surgery", (_LUMP,), images={"breast-ultrasound": "nodule"},
                because="two-cancers",
            )  # fmt: skip


def _looked_at(life: Life, day: date, random: Random) -> Plan:
    lesion = random.random() < 0.3
    later = open_day(day + timedelta(days=18 + int(random.random() * 30)))
    return Plan(
        life.person.key, later, "O", "mch", "gynaecology",
        (_LESION,) if lesion else (Diagnosis("N72.x00", "宫颈炎性疾病"),),
        facts={"colposcopy": "1", "biopsy": "CIN1" if lesion else "chronic-inflammation"},
        because="two-cancers",
    )  # fmt: skip
