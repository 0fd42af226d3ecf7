"""How injuries kill: external cause, what it did, how fast; shares by age and sex.

Shares follow the national injury surveillance (2021): drowning, traffic and suffocation of
children, traffic and suicide of the grown-up, falls and traffic of the old.
"""
# ruff: noqa: E501  (a row of a table reads best as one)

from random import Random
from typing import Final

import msgspec

from minkang.synth.record import Sex


class Fatal(msgspec.Struct, frozen=True):
    """`links` are (code, name, share of the interval) from the immediate cause on."""

    key: str
    external: tuple[str, str]
    links: tuple[tuple[str, str, float], ...]
    course: str


_SHOCK: Final = ("T79.400", "创伤性休克", 0.5)
_BRAIN: Final = ("S06.900", "颅内损伤", 1.0)

# fmt: off
FATAL: Final = (
    Fatal("car", ("V49.900", "小汽车乘员在交通事故中的损伤"), (_SHOCK, ("T07.x00", "多处损伤", 1.0)), "sudden"),
    Fatal("pedestrian", ("V03.x00", "行人在与小汽车、轻型货车或篷车碰撞中的损伤"), (("G93.501", "脑疝", 0.4), _BRAIN), "short"),
    Fatal("motorcycle", ("V29.900", "骑摩托车人员在交通事故中的损伤"), (_BRAIN,), "sudden"),
    Fatal("fall", ("W18.x00", "在同一平面的其他跌倒"), (("J18.900", "肺炎", 0.15), ("S72.000", "股骨颈骨折", 1.0)), "long"),
    Fatal("head-fall", ("W19.x00", "跌倒"), (("G93.501", "脑疝", 0.4), ("S06.500", "创伤性硬膜下出血", 1.0)), "short"),
    Fatal("height", ("W13.x00", "从房屋或建筑结构上跌落或跌出"), (("T07.x00", "多处损伤", 1.0),), "sudden"),
    Fatal("drowning", ("W69.x00", "在自然水域中淹溺和沉没"), (("T75.100", "淹死和非致命性溺水", 1.0),), "sudden"),
    Fatal("choking", ("W79.x00", "吸入或咽下食物引起的呼吸道梗阻"), (("T17.900", "呼吸道内异物", 1.0),), "sudden"),
    Fatal("pesticide", ("X68.x00", "杀虫剂的故意自毒及暴露于杀虫剂"), (("J96.000", "急性呼吸衰竭", 0.4), ("T60.001", "有机磷中毒", 1.0)), "short"),
    Fatal("hanging", ("X70.x00", "用悬吊、绞勒和窒息方式故意自害"), (("T71.x00", "外因性窒息", 1.0),), "sudden"),
    Fatal("jump", ("X80.x00", "用从高处跳下方式故意自害"), (("T07.x00", "多处损伤", 1.0),), "sudden"),
    Fatal("gas", ("X47.100", "意外中毒暴露于使用的气体排放的一氧化碳"), (("T58.x00", "一氧化碳的毒性效应", 1.0),), "sudden"),
    Fatal("fire", ("X00.x00", "暴露于房屋或建筑结构内的无控制性火焰下"), (("T29.300", "多个部位烧伤，述及的烧伤至少有一处三度烧伤", 1.0),), "short"),
    Fatal("machine", ("W31.x00", "接触其他的机械"), (_SHOCK, ("T07.x00", "多处损伤", 1.0)), "sudden"),
)

_WEIGHTS: Final = (
    # below age, weights in the order of FATAL
    #        car ped mot fall head heig drow chok pest hang jump gas fire mach
    (1.0,   (5,  2,  0,  0,   4,   2,   3,   70,  0,   0,   0,   4,  3,   0)),
    (15.0,  (14, 22, 3,  0,   4,   8,   36,  5,   1,   1,   3,   2,  2,   0)),
    (45.0,  (20, 12, 18, 0,   4,   6,   8,   1,   7,   8,   6,   3,  2,   6)),
    (65.0,  (13, 17, 17, 1,   9,   6,   5,   1,   12,  8,   2,   4,  3,   5)),
    (80.0,  (6,  18, 9,  16,  17,  3,   4,   3,   12,  7,   1,   4,  3,   1)),
    (200.0, (2,  8,  1,  42,  26,  2,   2,   5,   5,   4,   1,   2,  2,   0)),
)
# fmt: on


def injury_chain(random: Random, age: float, sex: Sex) -> Fatal:
    """One fatal injury, drawn by age and sex."""
    row = next(row for below, row in _WEIGHTS if age < below)
    weights: list[float] = list(row)
    if sex == "F":
        weights = [
            weight * (0.25 if fatal.key in _MENS else 1.0)
            for weight, fatal in zip(row, FATAL, strict=True)
        ]
    return random.choices(FATAL, weights)[0]


_MENS: Final = frozenset(("motorcycle", "machine", "height", "car"))
