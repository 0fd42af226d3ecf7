"""Invented Chinese names: family names by their weight on this coast, given names by generation.

Nobody's names: they are drawn by chance from what is common. Drawing is by columns of uniform
numbers, a whole block of people at once.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_COMMON: Final = {
    "王": 110, "于": 75, "李": 72, "张": 70, "刘": 62, "孙": 48, "姜": 42, "丛": 38, "宋": 34,
    "毕": 26, "徐": 26, "赵": 24, "杨": 22, "陈": 22, "鞠": 20, "周": 18, "马": 16, "高": 16,
    "林": 15, "吕": 14, "曲": 14, "邹": 13, "梁": 12, "隋": 11, "侯": 10, "董": 10, "邵": 9,
    "吴": 9, "黄": 8, "苗": 8, "连": 7, "车": 7, "岳": 6, "慕": 3, "戚": 6, "冷": 5, "初": 5,
    "夏": 5, "唐": 5, "谭": 4, "房": 4, "阎": 4, "郭": 12, "胡": 8, "何": 7, "郑": 8, "谢": 4,
    "韩": 9, "许": 6, "冯": 6, "曹": 6, "田": 7, "袁": 4, "汤": 4, "石": 6, "孔": 4, "蔡": 3,
    "江": 4, "丁": 6, "魏": 5, "彭": 3, "苏": 3, "潘": 3, "杜": 4, "钟": 3, "迟": 6, "衣": 3,
    "柳": 4, "常": 3, "史": 3, "贺": 3, "汪": 3, "原": 2, "牟": 3, "倪": 2, "荣": 2, "滕": 3,
    "祝": 2, "安": 2, "龙": 2, "闫": 4, "金": 3, "崔": 5, "崖": 1,
}  # fmt: skip

RARE_SURNAMES: Final = (
    "欧阳", "单", "曾", "仇", "解", "逄", "上官", "盖", "查", "朴", "任", "翟", "诸葛", "缪",
    "綦", "种", "区", "尉迟", "纪", "司马", "华", "乐", "宁", "慕容",
)  # fmt: skip
"""Compound ones, and ones that are read otherwise as a surname (单 shàn, 仇 qiú, 解 xiè)."""

RARE_GIVEN: Final = ("珅", "玘", "䶮", "瓅", "文珅", "堃", "昇", "喆", "㛃", "淏")
"""In GB 18030 珅 and 瓅 end in the byte of `|`, 玘 in that of `^`; 䶮 takes four bytes."""

_RARE_SHARE: Final = 0.003

_KOREAN: Final = ("朴", "金", "崔", "李", "郑", "姜")
_HUI: Final = ("马", "丁", "沙", "海", "杨", "白")
_MANCHU: Final = ("佟", "关", "赫", "那", "富", "王")
_MONGOL: Final = ("包", "白", "韩", "吴", "陈", "席")

NATIONS: Final = (
    ("汉族", 0.9905, ()), ("满族", 0.0030, _MANCHU), ("朝鲜族", 0.0026, _KOREAN),
    ("回族", 0.0013, _HUI), ("蒙古族", 0.0012, _MONGOL), ("壮族", 0.0004, ("韦", "覃", "黄")),
    ("土家族", 0.0004, ("田", "向", "彭")), ("苗族", 0.0003, ("龙", "石", "麻")),
    ("彝族", 0.0002, ("吉克", "阿尔", "沙马")), ("维吾尔族", 0.0001, ()),
)  # fmt: skip
"""Nation, share of households (minorities are about 1 % of Shandong), its usual family names."""

UYGHUR: Final = len(NATIONS) - 1

SURNAMES: Final = (
    *_COMMON,
    *(name for name in RARE_SURNAMES if name not in _COMMON),
    *sorted({n for _, _, names in NATIONS for n in names} - {*_COMMON, *RARE_SURNAMES}),
)
_WEIGHTS: Final = np.array(
    [_COMMON.get(name, 0.8 if name in RARE_SURNAMES else 0.05) for name in SURNAMES]
)
_SURNAME_BOUNDS: Final = np.cumsum(_WEIGHTS) / _WEIGHTS.sum()
_NATION_BOUNDS: Final = np.cumsum([share for _, share, _ in NATIONS])
_SURNAME_COLUMN: Final = np.array(SURNAMES, dtype=object)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# (last birth year of the generation, share of one-character names, names in use, characters of
# one-character names, leading and closing characters that pair)
_WOMEN: Final = (
    (1952, 0.03,
     _words("桂英 秀英 玉兰 淑珍 玉英 桂兰 秀兰 淑英 凤英 素珍 桂芝 玉珍 翠花 秀芝 月英 淑贞 "
            "金花 玉芝 桂花 秀珍 春英 凤兰"),
     _words("英 兰 珍 芝 梅"), _words("淑 秀 桂 玉 凤 月 金 素 翠 文 春 云"),
     _words("兰 芝 珍 英 芳 莲 香 梅 云 琴 花 荣 娥 美 卿 贞")),
    (1969, 0.06,
     _words("爱华 丽华 秀梅 春梅 玉梅 桂芳 红英 建华 淑华 秀丽 爱莲 卫红 凤霞 玉香 美英 秋菊 "
            "爱玲 淑红 秀娟 桂荣 丽萍 美玲"),
     _words("红 敏 萍 霞 芳 玲 丽"), _words("丽 爱 秀 春 美 玉 建 秋 淑 桂 红 凤 永 明"),
     _words("华 梅 红 霞 芳 玲 萍 琴 云 荣 娟 丽 英 香 敏 美")),
    (1989, 0.24,
     _words("海燕 晓燕 丽娜 红梅 春燕 海霞 雪梅 丽丽 晓红 玲玲 海英 美玲 丽君 晓丽 燕妮 晶晶"),
     _words("静 丽 娟 敏 艳 燕 芳 莉 颖 娜 倩 洁 雪 霞 琳 晶 萍 玲 辉 杰"),
     _words("晓 海 丽 雪 春 文 艳 美 红 亚 爱 建 小 玉 彦 志"),
     _words("燕 娜 静 莉 颖 红 玲 洁 倩 萍 霞 梅 华 芳 杰 娟")),
    (2004, 0.2,
     _words("婷婷 梦瑶 雅婷 文静 思雨 佳琪 晓彤 文婷 雨薇 嘉怡 佳慧 雨晴 思琪 梦洁 雪婷 晓雪"),
     _words("雪 倩 佳 婷 慧 欣 宁 璐 悦 琪 蕾 琳 彤 媛 颖 瑶"),
     _words("佳 雨 思 雅 梦 文 欣 晓 嘉 雪 静 诗 子 若 丽 海"),
     _words("琪 婷 怡 晴 萱 慧 璐 琳 妍 洁 瑶 宁 彤 雯 雪 薇")),
    (9999, 0.06,
     _words("子涵 欣怡 一诺 诗涵 梓涵 语桐 可馨 依诺 若汐 沐瑶 芷晴 苡沫 艺涵 思彤 钰彤 忆安 "
            "雨桐 梦琪 锦溪 知夏"),
     _words("涵 玥 瑶 妍 彤 诺 晴 暖"), _words("子 梓 欣 诗 语 芷 沐 若 雨 思 佳 钰 艺 可 清 知"),
     _words("涵 汐 玥 瑶 桐 苒 萱 彤 妍 晴 怡 琪 宁 诺 悦 安")),
)  # fmt: skip
_MEN: Final = (
    (1952, 0.03,
     _words("德福 福生 长海 振华 玉山 德明 永贵 长有 振江 洪福 喜财 世昌 日升 传贵 培德 殿臣 "
            "吉昌 学礼 书田 万福"),
     _words("福 海 贵 山 明"), _words("德 长 振 永 洪 玉 世 传 培 吉 书 万 仁 殿 文 成"),
     _words("福 山 海 贵 昌 明 江 田 礼 发 堂 生 才 义 臣 亭")),
    (1969, 0.06,
     _words("建国 建军 卫东 爱国 国强 志刚 文革 永强 建平 解放 卫国 新民 海军 洪波 志强 建设 "
            "建华 国庆 跃进 忠义"),
     _words("军 强 勇 刚 平 明"), _words("建 国 卫 志 永 新 忠 洪 文 学 世 海 德 连 吉 福"),
     _words("军 平 强 海 波 民 华 林 义 生 明 东 胜 利 善 国")),
    (1989, 0.26,
     _words("海涛 晓东 海波 志伟 春雷 建伟 海龙 晓明 永胜 立新 海滨 志勇 文涛 晓鹏 建波 红军"),
     _words("伟 强 磊 涛 勇 鹏 军 明 辉 刚 杰 斌 超 波 飞 健 峰 凯 亮 涌"),
     _words("晓 海 志 立 建 文 春 永 洪 俊 新 国 红 世 玉 学"),
     _words("伟 东 涛 明 辉 鹏 龙 峰 斌 波 强 军 杰 磊 刚 勇")),
    (2004, 0.24,
     _words("俊杰 宇航 文博 鹏飞 嘉豪 明哲 浩然 子豪 家乐 志鹏 泽宇 天宇 文轩 晓宇 俊豪 海洋"),
     _words("浩 鑫 凯 俊 翔 旭 晨 帅 昊 宇 鹏 超 博 涛 毅 阳"),
     _words("俊 宇 文 浩 明 泽 嘉 博 志 天 子 家 晓 海 世 承"),
     _words("翔 晨 旭 凯 豪 哲 轩 杰 然 昊 宇 鹏 龙 阳 霖 博")),
    (9999, 0.06,
     _words("梓轩 浩宇 子轩 宇轩 沐宸 奕辰 浩然 一鸣 铭泽 俊熙 景行 亦辰 承泽 瑾瑜 书豪 子墨 "
            "宇辰 星辰 嘉言 知远"),
     _words("昊 睿 宸 泽 轩 安 辰 澈"), _words("子 梓 宇 沐 奕 铭 景 承 浩 俊 嘉 书 一 思 泽 星"),
     _words("辰 泽 熙 轩 睿 言 宸 霖 安 昊 然 宇 阳 涵 航 远")),
)  # fmt: skip

_IN_USE: Final = 0.38
"""Share of names in use among those of two characters; the others pair two characters."""


def _pool(
    row: tuple[int, float, Sequence[str], Sequence[str], Sequence[str], Sequence[str]],
) -> tuple[list[str], list[float]]:
    """All given names of a generation with their shares (summing to 1)."""
    _, single, in_use, one, leading, closing = row
    pairs = [a + b for a in leading for b in closing if a != b]
    names = [*in_use, *one, *pairs, *RARE_GIVEN]
    shares = [
        *((1 - single) * _IN_USE / len(in_use) for _ in in_use),
        *(single / len(one) for _ in one),
        *((1 - single) * (1 - _IN_USE) / len(pairs) for _ in pairs),
        *(_RARE_SHARE / len(RARE_GIVEN) for _ in RARE_GIVEN),
    ]
    return names, shares


_GENERATIONS: Final = np.array([row[0] for row in _MEN])


def _given_table() -> tuple[NDArray[np.object_], Floats, Ints]:
    """All pools in one column; cumulative shares of pool p lie within (p, p + 1]."""
    names: list[str] = []
    bounds: list[Floats] = []
    starts: list[int] = []
    for at, row in enumerate((*_MEN, *_WOMEN)):
        pool, shares = _pool(row)
        starts.append(len(names))
        names.extend(pool)
        cumulative = np.cumsum(shares)
        bounds.append(at + cumulative / cumulative[-1])
    return np.array(names, dtype=object), np.concatenate(bounds), np.array(starts)


_GIVEN, _GIVEN_BOUNDS, _ = _given_table()
_UYGHUR_MEN: Final = _words("买买提江 艾力 吐尔逊 阿卜杜拉 库尔班 玉素甫")
_UYGHUR_WOMEN: Final = _words("阿依努尔 古丽娜尔 热依汗 茹仙古丽 迪丽努尔 帕提古丽")


def nations(uniform: Floats) -> Ints:
    """Rows of NATIONS for uniform numbers."""
    found = np.searchsorted(_NATION_BOUNDS, uniform, side="right")
    return np.minimum(found, len(NATIONS) - 1)


def surnames(uniform: Floats, nation: Ints) -> NDArray[np.object_]:
    """Family names for uniform numbers, after the usual ones of the nation."""
    found = np.minimum(np.searchsorted(_SURNAME_BOUNDS, uniform, side="right"), len(SURNAMES) - 1)
    column = _SURNAME_COLUMN[found]
    for at in np.flatnonzero(nation):
        own = NATIONS[nation[at]][2]
        if own and uniform[at] < 0.8:
            column[at] = own[int(uniform[at] / 0.8 * len(own))]
    return column


def given_names(uniform: Floats, male: NDArray[np.bool_], birth_years: Ints) -> NDArray[np.object_]:
    """Given names of one or two characters as that generation chose them."""
    generation = np.searchsorted(_GENERATIONS, birth_years, side="left")
    pool = generation + np.where(male, 0, len(_MEN))
    found = np.searchsorted(_GIVEN_BOUNDS, pool + uniform, side="right")
    return _GIVEN[np.minimum(found, len(_GIVEN) - 1)]


def uyghur_name(uniform: float, male: bool) -> tuple[str, str]:
    """Own name and the father's with the dot between, as (surname, given): no family name."""
    own = _UYGHUR_MEN if male else _UYGHUR_WOMEN
    at = int(uniform * len(own) * len(_UYGHUR_MEN))
    return own[at // len(_UYGHUR_MEN)], "·" + _UYGHUR_MEN[at % len(_UYGHUR_MEN)]


def sibling_name(elder: str, male: bool, birth_year: int, uniform: float) -> str:
    """A younger twin's given name: the generation character shared where there is one."""
    table = _MEN if male else _WOMEN
    closing = next(row[5] for row in table if birth_year <= row[0])
    free = [character for character in closing if character not in elder]
    return (elder[0] if len(elder) == 2 else "") + free[int(uniform * len(free))]
