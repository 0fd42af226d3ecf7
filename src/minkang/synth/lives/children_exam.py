"""What is looked at in a child of each age: the columns of the check-up form (HSDB01.03).

Which items belong to which age follows the service rule (third edition, 0-6 years): fontanelle and
neck in infancy, gait from one year, sight from four, haemoglobin at 8, 18 and 30 months and yearly
from three, Chinese medicine twice a year until three.
"""

from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.body import haemoglobin
from minkang.synth.lives.eyesight import sight
from minkang.synth.lives.growth import (
    Frame,
    head_at,
    index_at,
    length_at,
    z_index,
    z_length,
    z_weight,
)
from minkang.synth.lives.life import Life

STAGES: Final = (1, 3, 6, 8, 12, 18, 24, 30, 36, 48, 60, 72)
_NAMES: Final = {1: "满月", 3: "3月龄", 6: "6月龄", 8: "8月龄", 12: "12月龄", 18: "18月龄",
                 24: "24月龄", 30: "30月龄", 36: "3岁", 48: "4岁", 60: "5岁",
                 72: "6岁"}  # fmt: skip
_BLOOD: Final = frozenset((8, 18, 30, 36, 48, 60, 72))
_CLEAR: Final = "未见异常"


def name_of(stage: int) -> str:
    """What the form calls the check-up at that age in months."""
    return _NAMES[stage]


def size(frame: Frame, days: int, stage: int, random: Random) -> dict[str, str]:
    """Weight, length and head as measured, and how they are judged.

    Upper and lower are the two per cent beyond two deviations of Chinese children, who lie
    half a deviation above the WHO medians; the verdict on growth follows the WHO limits.
    """
    tall = length_at(frame, days) + random.gauss(0, 0.25)
    index = index_at(frame, days)
    heavy = index * (tall / 100) ** 2 + random.gauss(0, 0.05)
    by_weight, by_length = z_weight(frame.sex, days, heavy), z_length(frame.sex, days, tall)
    by_index = z_index(frame.sex, days, heavy / (tall / 100) ** 2)
    verdict = "1"
    if by_length < -2:
        verdict = "4"
    elif by_weight < -2:
        verdict = "2"
    elif by_index < -2:
        verdict = "3"
    elif by_index > 2:
        verdict = "5"
    found = {
        "体重": f"{heavy:.2f}" if stage < 12 else f"{heavy:.1f}",
        "体重评价": _third(by_weight - 0.35),
        "身长": f"{tall:.1f}",
        "身长评价": _third(by_length - 0.45),
        "体格发育评价": verdict,
    }
    if stage >= 36:
        found["体重身长比评价"] = _third(by_index - 0.2)
        found["体质指数"] = f"{heavy / (tall / 100) ** 2:.1f}"
    else:
        found["头围"] = f"{head_at(frame, days) + random.gauss(0, 0.2):.1f}"
    return found


def _third(z: float) -> str:
    return "1" if z > 2 else "3" if z < -2 else "2"


def examined(life: Life, day: date, stage: int, fed: str, random: Random) -> dict[str, str]:
    """The examination beside the measures."""
    found = {"面色": "1", "皮肤": _CLEAR, "眼睛": _CLEAR, "耳外观": _CLEAR}
    draw = random.random
    if stage < 36:
        found |= _infant(stage, fed, random)
    if stage in (6, 12, 24, 36):
        found["听力"] = "1" if draw() < 0.994 else "2"
    if stage >= 48:
        seen = sight(life.world.seed, life.person, day)
        found["左眼视力"], found["右眼视力"] = f"{seen.left:.1f}", f"{seen.right:.1f}"
    if stage >= 6:
        teeth = min(20, max(0, round((stage - 6) * 0.85 + random.gauss(0, 1.3))))
        found["出牙数"] = str(teeth if stage < 30 else 20)
        found["龋齿数"] = str(_decayed(life, stage))
    found["胸部"] = _CLEAR
    found["心肺听诊"] = _CLEAR if draw() < 0.993 else "心前区可闻及2/6级收缩期杂音"
    found["腹部触诊"] = _CLEAR
    found["四肢"] = _CLEAR
    if stage >= 12:
        found["步态"] = "1"
    found["肛门或外生殖器"] = _CLEAR
    if stage in _BLOOD:
        found["血红蛋白"] = str(round(haemoglobin(life.body, day) + random.gauss(0, 2.5)))
    return found


def _infant(stage: int, fed: str, random: Random) -> dict[str, str]:
    found = {}
    if stage <= 6:
        found["喂养方式"] = fed if stage < 6 else ("1" if fed == "1" and stage == 3 else "2")
    if stage <= 18:
        size = 1.9 - stage * 0.115 + random.gauss(0, 0.25)
        closed = stage >= 12 and size < 0.55
        found["前囟"] = "1" if closed else "2"
        if not closed:
            found["前囟长"] = found["前囟宽"] = f"{max(0.5, size):.1f}"
    if stage <= 8:
        found["颈部包块"] = "无"
    if stage <= 3:
        found["口腔"] = _CLEAR if random.random() < 0.97 else "鹅口疮"
        found["脐部"] = "2" if random.random() < 0.99 else "3"
    if stage >= 3:
        restless = random.random()
        found["可疑佝偻病症状"] = "1" if restless < 0.86 else "3" if restless < 0.96 else "2"
        found["可疑佝偻病体征"] = "04" if stage <= 12 and random.random() < 0.05 else "01"
    return found


def _decayed(life: Life, stage: int) -> int:
    """Decayed milk teeth at that age in months.

    Prevalence 50.8 % at three, 63.6 % at four and 71.9 % at five years (fourth oral survey 2015).
    """
    own = life.stream("teeth")
    prone, speed = own.random(), own.expovariate(0.8)
    begins = 18 + 42 * prone / 0.72
    if prone > 0.8 or stage < begins:
        return 0
    return min(12, 1 + int((stage - begins) / 12 * speed))


def guidance(stage: int, random: Random) -> dict[str, str]:
    """Advice, vitamin D, hours out of doors, and Chinese medicine by age."""
    found = {
        "指导": "1、2、3、4、5" if random.random() < 0.8 else "1、2、3、4",
        "户外活动": str(1 if stage <= 3 else random.choice((1, 2, 2, 3))),
    }
    if stage <= 24:
        found["服用维生素D"] = "400" if random.random() < 0.93 else "0"
    if stage in (6, 12):
        found["中医药健康管理服务"] = "3"
    elif stage in (18, 24):
        found["中医药健康管理服务"] = "4"
    elif stage in (30, 36):
        found["中医药健康管理服务"] = "5"
    return found


def between(random: Random) -> dict[str, str]:
    """Illnesses since the last check-up, as the parent remembers them."""
    drawn = random.random()
    if drawn < 0.62:
        return {"两次随访间患病情况": "1"}
    if drawn < 0.9:
        return {
            "两次随访间患病情况": "5",
            "患病情况次数": f"上呼吸道感染{random.choice((1, 1, 2))}次",
        }
    if drawn < 0.97:
        return {"两次随访间患病情况": "3", "患病情况次数": "腹泻1次"}
    return {"两次随访间患病情况": "4", "患病情况次数": "头部碰伤1次"}
