"""Health at work: checks of those exposed to hazards, and of those who handle food.

Exposed workers are examined yearly for their hazard (GBZ 188-2014: audiogram for noise, chest film
and lung function for dust, blood count and liver for solvents); food handlers renew their
certificate each year (food safety law, article 45).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from minkang.synth.draws import share
from minkang.synth.lives.desk import expecting, here, open_day
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Plan

_CHECK: Final = Diagnosis("Z10.000", "职业性健康检查")
_BEFORE: Final = Diagnosis("Z02.100", "就业前接受的检查")
_NOISE: Final = Diagnosis("Z57.000", "职业性暴露于噪声")
_DUST: Final = Diagnosis("Z57.200", "职业性暴露于粉尘")
_POISON: Final = Diagnosis("Z57.500", "职业性暴露于其他工业毒物")
_DEAF: Final = Diagnosis("H83.302", "噪音性耳聋")
_SILICOSIS: Final = Diagnosis("J62.800x003", "矽肺[硅肺]I期")
_SOLVENTS: Final = (
    "苯",
    "甲苯",
    "二甲苯",
    "甲醛",
    "正己烷",
    "铅烟",
    "锰及其化合物",
    "氨",
    "一氧化碳",
)
_FOOD_TRADES: Final = ("餐饮住宿", "水产品加工")


def plans(life: Life) -> Iterator[Plan]:
    """The yearly checks that the workplace asks for within the window."""
    if life.end < life.begin or not life.person.site or not 18 <= life.age(life.end) < 66:
        return
    site = _site(life)
    if site is None or site.kind not in ("employer", "restaurant"):
        return
    random = life.stream("work")
    if site.kind == "restaurant" or site.trade in _FOOD_TRADES:
        if random.random() < 0.55:
            yield from _food(life, random)
    elif site.hazards:
        exposed = random.random() < 0.28
        if exposed:
            yield from _hazards(life, site.key, site.hazards, random)


def _site(life: Life) -> Any:
    try:
        return life.world.place.site(life.person.site)
    except KeyError:
        return None


def _years(life: Life, random: Random, month: int) -> Iterator[date]:
    for year in range(life.begin.year, life.end.year + 1):
        day = open_day(date(year, month, 3) + timedelta(days=int(random.random() * 24)))
        if here(life, day) and 18 <= life.age(day) < 61 and not expecting(life, day):
            yield day


def _food(life: Life, random: Random) -> Iterator[Plan]:
    month = 2 + int(share(life.world.seed, "food-month", life.person.key) * 10)
    for day in _years(life, random, month):
        if random.random() < 0.95:
            yield Plan(
                life.person.key, day, "P", "town", "check-up", (_BEFORE,),
                panels=("stool-culture",), images={"chest-film": ""},
                facts={"check": "food-handler"}, because="food-handler",
            )  # fmt: skip


def _hazards(life: Life, site: str, hazards: tuple[str, ...], random: Random) -> Iterator[Plan]:
    month = 3 + int(share(life.world.seed, "work-month", site) * 8)
    noise = "噪声" in hazards
    dust = next((hazard for hazard in hazards if "尘" in hazard), "")
    solvent = next((hazard for hazard in hazards if hazard in _SOLVENTS), "")
    worn, lung = random.random(), random.random()
    for day in _years(life, random, month):
        if random.random() > 0.93:
            continue
        years = max(0.0, life.age(day) - 22)
        deaf = noise and years > 15 and worn < 0.02 + 0.004 * (years - 15)
        ill = dust == "矽尘" and years > 18 and lung < 0.02 + 0.003 * (years - 18)
        found = [_CHECK]
        if ill:
            found.append(_SILICOSIS)
        if deaf:
            found.append(_DEAF)
        found += [d for d, there in ((_NOISE, noise), (_DUST, dust), (_POISON, solvent)) if there]
        facts = {"check": "occupational", "hazards": "、".join(hazards)}
        if noise:
            facts["hearing-db"] = str(round(12 + years * 0.35 + 18 * deaf + random.gauss(0, 3)))
        if dust:
            facts["fev1-percent"] = str(round(96 - years * 0.2 - 14 * ill + random.gauss(0, 5)))
        yield Plan(
            life.person.key, day, "P", "county", "check-up", tuple(found[:4]),
            panels=("cbc", "liver", "urine") if solvent else ("cbc", "urine"),
            images={"chest-film": "pneumoconiosis" if ill else ""} if dust else {"ecg": ""},
            facts=facts, because="occupational-check",
        )  # fmt: skip
