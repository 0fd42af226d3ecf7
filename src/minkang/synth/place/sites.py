"""Where people of a town learn, work, eat, buy medicines and are cared for.

Schools are as large as the children of their quarter: about 13,000 births a year of late (0.45 %
of residents), 22,000 ten years before. Hazard factors are named as in the catalogue of
occupational hazards (职业病危害因素分类目录, 2015); trades are those of this coast.
"""

from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.place.entities import Site, Town
from minkang.synth.place.words import institution_words

FIRST_AGES: Final = {"nursery": 3, "primary": 6, "middle": 12, "high": 15}
"""Age reached by the last of August in which a stage begins."""

_GRADES: Final = {
    "nursery": ("小班", "中班", "大班"),
    "primary": ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级"),
    "middle": ("初一", "初二", "初三"),
    "high": ("高一", "高二", "高三"),
}
_COHORT: Final = {"nursery": 0.005, "primary": 0.0075, "middle": 0.0085, "high": 0.006}
_CLASS_SIZE: Final = {"nursery": 28, "primary": 42, "middle": 46, "high": 48}
_RESIDENTS_A_SCHOOL: Final = {"nursery": 9_000, "primary": 16_000, "middle": 32_000}
_SCHOOL_NAMES: Final = {
    "nursery": "幼儿园", "primary": "小学", "middle": "中学", "high": "高级中学",
}  # fmt: skip
_RESIDENTS_A_HIGH_SCHOOL: Final = 95_000


class Trade(msgspec.Struct, frozen=True, gc=False):
    """A line of business: endings of names, weight in streets and in towns, usual size."""

    name: str
    ending: str
    urban: float
    rural: float
    size: int
    hazards: tuple[str, ...] = ()


_TRADES: Final = (
    Trade("船舶制造", "船业有限公司", 1, 2, 320, ("电焊烟尘", "锰及其化合物", "噪声", "二甲苯")),
    Trade("水产品加工", "水产食品有限公司", 1.5, 6, 160, ("噪声", "低温", "氨")),
    Trade("石材加工", "石材有限公司", 0.3, 3, 45, ("矽尘", "噪声", "手传振动")),
    Trade("化工", "化工有限公司", 0.6, 1, 120, ("苯", "甲苯", "甲醛")),
    Trade("渔具制造", "渔具有限公司", 2, 2, 110, ("碳纤维粉尘", "甲苯", "噪声")),
    Trade("橡胶制品", "橡胶有限公司", 0.6, 0.8, 260, ("炭黑粉尘", "正己烷", "噪声", "高温")),
    Trade("纺织服装", "纺织服装有限公司", 1.5, 1.5, 150, ("棉尘", "噪声")),
    Trade("机械铸造", "机械有限公司", 2, 2, 90, ("砂轮磨尘", "噪声", "高温")),
    Trade("家具制造", "家具有限公司", 0.7, 1, 60, ("木粉尘", "甲醛", "噪声")),
    Trade("火力发电", "热电有限公司", 0.3, 0.3, 240, ("煤尘", "噪声", "高温", "一氧化碳")),
    Trade("电子制造", "电子有限公司", 2, 0.6, 380, ("铅烟", "正己烷", "噪声")),
    Trade("建筑施工", "建筑工程有限公司", 2, 1.5, 110, ("水泥粉尘", "噪声", "高温")),
    Trade("商业零售", "商贸有限公司", 7, 3, 35),
    Trade("餐饮住宿", "酒店有限公司", 3, 1.5, 45),
    Trade("物流运输", "物流有限公司", 2, 1.5, 50),
    Trade("信息服务", "信息科技有限公司", 3, 0.2, 40),
    Trade("金融服务", "金融服务有限公司", 2, 0.4, 55),
    Trade("物业服务", "物业服务有限公司", 3, 0.6, 60),
    Trade("果蔬种植", "果蔬专业合作社", 0.2, 5, 30),
    Trade("海水养殖", "海洋养殖有限公司", 0.3, 3, 70),
)
_RESTAURANTS: Final = ("海鲜酒楼", "家常菜馆", "饺子馆", "面馆", "快餐店", "火锅店", "烧烤店")


def sites_of(seed: int, town: Town, county_population: int, seats: int) -> tuple[Site, ...]:
    """All sites of a town, schools first.

    `seats` is the number of towns of the county that are its seat: its high schools stand there.
    """
    random = stream(seed, "sites", town.code)
    words = institution_words(random, frozenset())
    found: list[Site] = []
    for stage in _SCHOOL_NAMES:
        if stage == "high":
            if not town.seat:
                continue
            served = county_population / seats
            count = max(1, round(served / _RESIDENTS_A_HIGH_SCHOOL))
        else:
            served = town.population
            count = max(1, round(served / _RESIDENTS_A_SCHOOL[stage]))
        found += _schools(random, town, stage, count, served / count, words)
    found += _employers(random, town, words)
    found += _others(random, town, words)
    return tuple(found)


def _plain(town: Town) -> str:
    return town.name.removesuffix("街道").removesuffix("镇").removesuffix("办事处")


def _schools(
    random: Random, town: Town, stage: str, count: int, served: float, words: list[str]
) -> list[Site]:
    """The schools of one stage; each has as many children as its share of residents has."""
    grades = _GRADES[stage]
    found = []
    for number in range(count):
        cohort = served * _COHORT[stage] * random.uniform(0.8, 1.2)
        classes = max(1, round(cohort / _CLASS_SIZE[stage]))
        found.append(
            Site(
                f"{town.code}-{stage}-{number + 1:02d}", stage,
                f"{_plain(town)}{words[number]}{_SCHOOL_NAMES[stage]}", town.code, town.county, "",
                max(len(grades), round(cohort * len(grades))), grades, classes, (), "",
                stage == "nursery" or random.random() < 0.8,
            )
        )  # fmt: skip
    return found


def _employers(random: Random, town: Town, words: list[str]) -> list[Site]:
    weights = [trade.urban if town.urban else trade.rural for trade in _TRADES]
    found = []
    for number in range(max(3, round(town.population / 2_200))):
        trade = random.choices(_TRADES, weights)[0]
        size = max(6, round(trade.size * random.lognormvariate(0.0, 0.8)))
        found.append(
            Site(
                f"{town.code}-employer-{number + 1:03d}", "employer",
                f"{_plain(town)}{words[number]}{trade.ending}", town.code, town.county, "",
                min(size, 4_000), (), 0, trade.hazards, trade.name, size > 150,
            )
        )  # fmt: skip
    return found


def _others(random: Random, town: Town, words: list[str]) -> list[Site]:
    """Restaurants, care homes and pharmacies."""
    found = []
    plain = _plain(town)

    def site(kind: str, number: int, ending: str, size: int, canteen: bool = False) -> Site:
        word = words[(number + 97) % len(words)]
        return Site(
            f"{town.code}-{kind}-{number + 1:03d}", kind, f"{plain}{word}{ending}", town.code,
            town.county, "", size, trade=ending if kind == "restaurant" else "", canteen=canteen,
        )  # fmt: skip

    for number in range(max(3, round(town.population / 1_800))):
        ending = random.choice(_RESTAURANTS)
        seats = max(16, round(45 * random.lognormvariate(0.0, 0.6)))
        found.append(site("restaurant", number, ending, seats, True))
    found.extend(
        site("care-home", number, "养老院", random.randint(30, 160), True)
        for number in range(max(1, round(town.population / 16_000)))
    )
    for number in range(max(1, round(town.population / 2_600))):
        customers = max(20, round(70 * random.lognormvariate(0.0, 0.5)))
        found.append(site("pharmacy", number, "大药房", customers))
    return found
