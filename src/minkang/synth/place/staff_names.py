"""Names of staff: grown people of this coast, by generation."""

from itertools import accumulate
from random import Random
from typing import Final

_SURNAMES: Final = {
    "王": 110, "于": 75, "李": 72, "张": 70, "刘": 62, "孙": 48, "姜": 42, "丛": 38, "宋": 34,
    "毕": 26, "徐": 26, "赵": 24, "杨": 22, "陈": 22, "鞠": 20, "周": 18, "马": 16, "高": 16,
    "林": 15, "吕": 14, "曲": 14, "邹": 13, "梁": 12, "隋": 11, "侯": 10, "董": 10, "邵": 9,
    "吴": 9, "黄": 8, "苗": 8, "连": 7, "车": 7, "岳": 6, "戚": 6, "冷": 5, "初": 5, "夏": 5,
    "唐": 5, "谭": 4, "房": 4, "阎": 4, "慕": 3, "单": 2, "盖": 2, "逄": 2, "綦": 1, "欧阳": 1,
}  # fmt: skip
_NAMES: Final = tuple(_SURNAMES)
_WEIGHTS: Final = tuple(accumulate(_SURNAMES.values()))

# Last birth year of the generation, then leading and closing characters; one of the closing ones
# may stand alone.
_WOMEN: Final = (
    (1959, tuple("淑秀桂玉凤月素翠"), tuple("兰芝珍英芳莲香梅云琴")),
    (1974, tuple("丽爱秀春美玉建秋卫红"), tuple("华梅霞芳玲萍琴云荣英")),
    (1989, tuple("晓海丽雪春文艳美静红"), tuple("燕娜莉颖玲洁倩萍娟敏")),
    (9999, tuple("佳雨思雅梦文欣晓若嘉"), tuple("琪婷怡晴萱慧璐琳妍洁")),
)
_MEN: Final = (
    (1959, tuple("德长振永洪玉世传福培"), tuple("福山海贵昌明江田礼发")),
    (1974, tuple("建国卫志永新忠洪立"), tuple("军平强海波民华林义生")),
    (1989, tuple("晓海志立文春永鹏庆"), tuple("伟东涛明辉龙峰斌波磊")),
    (9999, tuple("俊宇文浩明泽嘉博子"), tuple("翔晨旭凯豪哲轩杰然昊")),
)


def staff_name(random: Random, sex: str, birth_year: int) -> tuple[str, str]:
    """Family and given name of somebody of that sex (M or F) and generation."""
    rows = _MEN if sex == "M" else _WOMEN
    row = next(row for row in rows if birth_year <= row[0])
    surname = random.choices(_NAMES, cum_weights=_WEIGHTS)[0]
    closing = random.choice(row[2])
    if random.random() < 0.3:
        return surname, closing
    leading = random.choice(row[1])
    return surname, leading + (closing if closing != leading else row[2][0])
