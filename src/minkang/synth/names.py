"""Invented Chinese names: surnames by their weight on this coast, given names by generation."""

from random import Random
from typing import Final

_COMMON: Final = {
    "王": 110, "于": 75, "李": 72, "张": 70, "刘": 62, "孙": 48, "姜": 42, "丛": 38, "宋": 34,
    "毕": 26, "徐": 26, "赵": 24, "杨": 22, "陈": 22, "鞠": 20, "周": 18, "马": 16, "高": 16,
    "林": 15, "吕": 14, "曲": 14, "邹": 13, "梁": 12, "隋": 11, "侯": 10, "董": 10, "邵": 9,
    "吴": 9, "黄": 8, "苗": 8, "连": 7, "车": 7, "岳": 6, "慕": 3, "戚": 6, "冷": 5, "初": 5,
    "夏": 5, "唐": 5, "谭": 4, "房": 4, "阎": 4,
}  # fmt: skip

RARE_SURNAMES: Final = (
    "欧阳", "单", "曾", "仇", "解", "逄", "上官", "盖", "查", "朴", "任", "翟", "诸葛", "缪",
    "綦", "种", "区", "尉迟", "纪", "司马", "华", "乐", "宁", "慕容",
)  # fmt: skip
"""Compound ones, and ones that are read otherwise as a surname (单 shàn, 仇 qiú, 解 xiè)."""

_SURNAMES: Final = (*_COMMON, *RARE_SURNAMES)
_SURNAME_WEIGHTS: Final = (*_COMMON.values(), *(0.8 for _ in RARE_SURNAMES))

RARE_GIVEN: Final = ("珅", "玘", "䶮", "瓅", "文珅")
"""In GB 18030 珅 and 瓅 end in the byte of `|`, 玘 in that of `^`; 䶮 takes four bytes."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# (last birth year of the generation, names in use, leading and closing characters that pair)
_WOMEN: Final = (
    (
        1952,
        _words("桂英 秀英 玉兰 淑珍 玉英 桂兰 秀兰 淑英 凤英 素珍 桂芝 玉珍 翠花 秀芝 月英 淑贞"),
        _words("淑 秀 桂 玉 凤 月"),
        _words("兰 芝 珍 英 芳 莲 香 梅 云 琴"),
    ),
    (
        1969,
        _words("爱华 丽华 秀梅 春梅 玉梅 桂芳 红英 建华 淑华 秀丽 爱莲 卫红 凤霞 玉香 美英 秋菊"),
        _words("丽 爱 秀 春 美 玉 建 秋"),
        _words("华 梅 红 霞 芳 玲 萍 琴 云 荣"),
    ),
    (
        1989,
        _words("静 丽 娟 敏 艳 海燕 晓燕 丽娜 红梅 春燕 海霞 雪梅 丽丽 晓红 燕 玲玲 海英 美玲 芳"),
        _words("晓 海 丽 雪 春 文 艳 美"),
        _words("燕 娜 静 莉 颖 红 玲 洁 倩 萍"),
    ),
    (
        2004,
        _words("婷婷 雪 倩 佳 婷 梦瑶 雅婷 慧 文静 思雨 佳琪 晓彤 欣 宁 文婷 璐 雨薇 嘉怡 悦"),
        _words("佳 雨 思 雅 梦 文 欣 晓"),
        _words("琪 婷 怡 晴 萱 慧 璐 琳 妍 洁"),
    ),
    (
        9999,
        _words("子涵 欣怡 一诺 诗涵 梓涵 语桐 可馨 依诺 若汐 沐瑶 芷晴 苡沫 艺涵 思彤 钰彤 忆安"),
        _words("子 梓 欣 诗 语 芷 沐 若"),
        _words("涵 汐 玥 瑶 桐 苒 萱 彤 妍 晴"),
    ),
)
_MEN: Final = (
    (
        1952,
        _words("德福 福生 长海 振华 玉山 德明 永贵 长有 振江 洪福 喜财 世昌 日升 传贵 培德 殿臣"),
        _words("德 长 振 永 洪 玉 世 传"),
        _words("福 山 海 贵 昌 明 江 田 礼 发"),
    ),
    (
        1969,
        _words("建国 建军 卫东 爱国 国强 志刚 文革 永强 建平 解放 卫国 新民 海军 洪波 志强 建设"),
        _words("建 国 卫 志 永 新 忠 洪"),
        _words("军 平 强 海 波 民 华 林 义 生"),
    ),
    (
        1989,
        _words("伟 强 磊 涛 勇 海涛 晓东 鹏 军 海波 志伟 春雷 明 辉 建伟 海龙 晓明 刚 永胜 立新"),
        _words("晓 海 志 立 建 文 春 永"),
        _words("伟 东 涛 明 辉 鹏 龙 峰 斌 波"),
    ),
    (
        2004,
        _words("俊杰 浩 鑫 宇航 文博 凯 鹏飞 嘉豪 明哲 浩然 子豪 俊 翔 旭 家乐 志鹏 晨 泽宇 帅"),
        _words("俊 宇 文 浩 明 泽 嘉 博"),
        _words("翔 晨 旭 凯 豪 哲 轩 杰 然 昊"),
    ),
    (
        9999,
        _words("梓轩 浩宇 子轩 宇轩 沐宸 奕辰 浩然 一鸣 铭泽 俊熙 景行 亦辰 承泽 瑾瑜 书豪 子墨"),
        _words("子 梓 宇 沐 奕 铭 景 承"),
        _words("辰 泽 熙 轩 睿 言 宸 霖 安 昊"),
    ),
)


def surname(random: Random) -> str:
    """One surname, common or rare, by weight."""
    return random.choices(_SURNAMES, _SURNAME_WEIGHTS)[0]


def given_name(random: Random, sex: str, birth_year: int) -> str:
    """A given name of one or two characters as that generation chose them; sex 'M' or 'F'."""
    table = _MEN if sex == "M" else _WOMEN
    names, leading, closing = next(row[1:] for row in table if birth_year <= row[0])
    if random.random() < 0.5:
        return random.choice(names)
    return random.choice(leading) + random.choice(closing)


def sibling_name(random: Random, sex: str, birth_year: int, elder: str) -> str:
    """A twin's given name: the generation character shared where there is one."""
    table = _MEN if sex == "M" else _WOMEN
    closing = next(row[3] for row in table if birth_year <= row[0])
    free = [character for character in closing if character not in elder]
    return (elder[0] if len(elder) == 2 else "") + random.choice(free)
