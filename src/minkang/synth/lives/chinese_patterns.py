"""Diseases and patterns of Chinese medicine: what each is treated with, tongue and pulse.

Names are those in use with GB/T 15657-2021 (中医病证分类与代码). The standard's codes are not carried
here: no table of them with a licence was at hand, and a wrong code is worse than none.
"""
# ruff: noqa: E501  (a row of a table reads best as one)

from typing import Final

import msgspec

from minkang.synth.record import Diagnosis


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """A pattern (证) with its formula and what tongue and pulse are like."""

    diagnosis: Diagnosis
    formula: str
    tongue: str
    pulse: str


class Chinese(msgspec.Struct, frozen=True, gc=False):
    """A disease of Chinese medicine (病) with its patterns, commonest first.

    `extra` are herbs added for it now and then; `hands` names the therapies of
    `chinese_therapies` that are used, with the share of visits that are for these.
    """

    diagnosis: Diagnosis
    patterns: tuple[Pattern, ...]
    extra: tuple[tuple[str, int], ...]
    hands: tuple[str, ...]
    by_hand: float


def _pattern(name: str, formula: str, tongue: str, pulse: str) -> Pattern:
    return Pattern(Diagnosis("", name, "tcm-pattern"), formula, tongue, pulse)


def _disease(
    name: str,
    *patterns: tuple[str, str, str, str],
    extra: str = "",
    hands: str = "",
    by_hand: float = 0.0,
) -> Chinese:
    words = extra.split()
    return Chinese(
        Diagnosis("", name, "tcm-disease"),
        tuple(_pattern(*pattern) for pattern in patterns),
        tuple((herb, int(grams)) for herb, grams in zip(words[::2], words[1::2], strict=True)),
        tuple(hands.split()),
        by_hand,
    )


# fmt: off
_SOFT: Final = ("舌淡红苔薄白", "脉细弱")
DISEASES: Final = {
    "cold": _disease("感冒病", ("风寒束表证", "荆防败毒散", "舌淡红苔薄白", "脉浮紧"),
        ("风热犯表证", "银翘散", "舌尖红苔薄黄", "脉浮数"), ("暑湿袭表证", "新加香薷饮", "舌红苔黄腻", "脉濡数"),
        ("气虚感冒证", "参苏饮", "舌淡苔白", "脉浮无力"), extra="板蓝根 15 白前 10 玄参 12 黄芩 10", hands="cupping", by_hand=.06),
    "cough": _disease("咳嗽病", ("风寒袭肺证", "止嗽散", "舌淡苔薄白", "脉浮紧"), ("风热犯肺证", "桑菊饮", "舌红苔薄黄", "脉浮数"),
        ("痰湿蕴肺证", "二陈汤合三子养亲汤", "舌淡苔白腻", "脉滑"), ("痰热郁肺证", "清金化痰汤", "舌红苔黄腻", "脉滑数"),
        ("肺阴亏虚证", "沙参麦冬汤", "舌红少苔", "脉细数"), extra="款冬花 10 枇杷叶 12 蝉蜕 6 鱼腥草 15", hands="plaster cupping", by_hand=.1),
    "pharynx": _disease("喉痹病", ("外邪侵袭、上犯咽喉证", "银翘散", "舌红苔薄黄", "脉浮数"), ("肺肾阴虚证", "玄麦甘桔汤", "舌红少津", "脉细数"),
        extra="射干 9 板蓝根 15 胖大海 6", hands="needle", by_hand=.05),
    "rhinitis": _disease("鼻鼽病", ("肺气虚寒证", "玉屏风散", "舌淡苔薄白", "脉虚弱"), ("肺经伏热证", "苍耳子散", "舌红苔薄黄", "脉数"),
        extra="细辛 3 路路通 10 鹅不食草 6", hands="needle plaster", by_hand=.35),
    "stomach": _disease("胃痞病", ("肝胃不和证", "柴胡疏肝散", "舌淡红苔薄白", "脉弦"), ("寒热错杂证", "半夏泻心汤", "舌红苔黄腻", "脉弦滑"),
        ("脾胃虚弱证", "香砂六君子汤", "舌淡有齿痕苔薄白", "脉细弱"), ("脾胃虚寒证", "黄芪建中汤", "舌淡胖苔白", "脉沉细"),
        ("饮食停滞证", "保和丸", "苔厚腻", "脉滑"), extra="海螵蛸 15 延胡索 12 鸡内金 12 佛手 10 炒麦芽 15", hands="needle moxa", by_hand=.12),
    "diarrhoea": _disease("泄泻病", ("寒湿困脾证", "藿香正气散", "舌淡苔白腻", "脉濡缓"), ("肠道湿热证", "葛根芩连汤", "舌红苔黄腻", "脉滑数"),
        ("脾胃虚弱证", "参苓白术散", "舌淡苔白", "脉细弱"), ("肾阳虚衰证", "四神丸", "舌淡苔白", "脉沉细"),
        extra="炒白术 15 焦山楂 12 乌梅 9", hands="moxa", by_hand=.12),
    "constipation": _disease("便秘病", ("肠胃积热证", "麻子仁丸", "舌红苔黄燥", "脉滑数"), ("阴虚肠燥证", "增液汤", "舌红少苔", "脉细数"),
        ("阳虚寒凝证", "济川煎", "舌淡苔白", "脉沉迟"), extra="枳实 10 火麻仁 15 决明子 12", hands="needle", by_hand=.12),
    "hypochondrium": _disease("胁痛病", ("肝郁气滞证", "柴胡疏肝散", "舌淡红苔薄白", "脉弦"), ("肝胆湿热证", "龙胆泻肝汤", "舌红苔黄腻", "脉弦滑数"),
        ("肝阴不足证", "一贯煎", "舌红少苔", "脉细弦"), extra="金钱草 20 郁金 12 延胡索 12"),
    "headache": _disease("头痛病", ("风寒头痛证", "川芎茶调散", "舌淡红苔薄白", "脉浮紧"), ("肝阳上亢证", "天麻钩藤饮", "舌红苔薄黄", "脉弦"),
        ("瘀血阻络证", "通窍活血汤", "舌暗有瘀斑", "脉涩"), extra="蔓荆子 10 葛根 15 白芷 10", hands="needle", by_hand=.35),
    "dizziness": _disease("眩晕病", ("痰浊中阻证", "半夏白术天麻汤", "舌淡胖苔白腻", "脉濡滑"), ("肝阳上亢证", "天麻钩藤饮", "舌红苔黄", "脉弦数"),
        ("气血亏虚证", "归脾汤", "舌淡苔薄白", "脉细弱"), extra="葛根 15 丹参 15 钩藤 15", hands="needle", by_hand=.25),
    "insomnia": _disease("不寐病", ("心脾两虚证", "归脾汤", "舌淡苔薄白", "脉细弱"), ("阴虚火旺证", "酸枣仁汤", "舌红少苔", "脉细数"),
        ("痰热扰心证", "黄连温胆汤", "舌红苔黄腻", "脉滑数"), ("肝火扰心证", "龙胆泻肝汤", "舌红苔黄", "脉弦数"),
        extra="首乌藤 30 龙骨 20 牡蛎 20 百合 15", hands="needle ear", by_hand=.3),
    "depression": _disease("郁病", ("肝气郁结证", "柴胡疏肝散", "舌淡红苔薄白", "脉弦"), ("气郁化火证", "丹栀逍遥散", "舌红苔黄", "脉弦数"),
        ("心脾两虚证", "归脾汤", "舌淡苔薄白", "脉细弱"), extra="合欢花 12 郁金 12 佛手 10", hands="needle ear", by_hand=.2),
    "lumbago": _disease("腰痛病", ("寒湿痹阻证", "独活寄生汤", "舌淡苔白腻", "脉沉迟"), ("瘀血阻络证", "身痛逐瘀汤", "舌暗有瘀点", "脉弦涩"),
        ("肾阳亏虚证", "右归丸", "舌淡胖苔白", "脉沉细"), extra="续断 15 狗脊 12 土鳖虫 9", hands="needle electro massage moxa cupping", by_hand=.75),
    "neck": _disease("项痹病", ("风寒湿痹证", "桂枝加葛根汤", "舌淡苔薄白", "脉弦紧"), ("气血亏虚证", "黄芪桂枝五物汤", "舌淡苔薄白", "脉细弱"),
        ("气滞血瘀证", "身痛逐瘀汤", "舌暗有瘀点", "脉弦涩"), extra="姜黄 10 威灵仙 12 桑枝 15", hands="needle neck-massage electro cupping", by_hand=.75),
    "shoulder": _disease("肩凝病", ("风寒湿痹证", "蠲痹汤", "舌淡苔薄白", "脉弦紧"), ("气血亏虚证", "黄芪桂枝五物汤", "舌淡苔白", "脉细弱"),
        hands="needle warm-needle massage cupping", by_hand=.8),
    "knee": _disease("膝痹病", ("寒湿痹阻证", "独活寄生汤", "舌淡苔白腻", "脉弦紧"), ("湿热痹阻证", "四妙丸", "舌红苔黄腻", "脉滑数"),
        ("肝肾亏虚证", "左归丸", "舌淡红苔薄白", "脉沉细"), extra="怀牛膝 15 伸筋草 15 木瓜 12", hands="needle warm-needle electro plaster", by_hand=.6),
    "bi": _disease("痹证病", ("风寒湿痹证", "蠲痹汤", "舌淡苔薄白", "脉弦紧"), ("风湿热痹证", "四妙丸", "舌红苔黄腻", "脉滑数"),
        ("痰瘀痹阻证", "身痛逐瘀汤", "舌暗苔白腻", "脉弦涩"), extra="全蝎 3 青风藤 12 威灵仙 12", hands="needle cupping", by_hand=.3),
    "sprain": _disease("筋伤病", ("气滞血瘀证", "桃红四物汤", "舌暗红苔薄白", "脉弦"), extra="延胡索 12 牛膝 12", hands="needle sinew massage", by_hand=.8),
    "bone-wilting": _disease("骨痿病", ("肾阳亏虚证", "右归丸", "舌淡苔白", "脉沉细"), ("肝肾阴虚证", "左归丸", "舌红少苔", "脉细数"), extra="骨碎补 15 续断 15"),
    "stroke-after": _disease("中风后遗症病", ("气虚血瘀证", "补阳还五汤", "舌暗淡苔薄白", "脉细涩"), ("痰瘀阻络证", "半夏白术天麻汤", "舌暗苔白腻", "脉弦滑"),
        extra="石菖蒲 10 水蛭 3 鸡血藤 20", hands="needle scalp electro stroke-massage", by_hand=.7),
    "facial-palsy": _disease("口僻病", ("风寒袭络证", "牵正散", "舌淡苔薄白", "脉浮紧"), ("风热袭络证", "银翘散", "舌红苔薄黄", "脉浮数"), hands="needle electro moxa", by_hand=.8),
    "tinnitus": _disease("耳鸣病", ("肾精亏损证", "耳聋左慈丸", "舌红少苔", "脉细弱"), ("肝火上扰证", "龙胆泻肝汤", "舌红苔黄", "脉弦数"), hands="needle", by_hand=.4),
    "palpitation": _disease("心悸病", ("心血不足证", "归脾汤", "舌淡红", "脉细弱"), ("气阴两虚证", "生脉散合炙甘草汤", "舌红少苔", "脉结代"),
        extra="丹参 15 龙骨 20 苦参 9"),
    "chest-bi": _disease("胸痹病", ("痰浊闭阻证", "瓜蒌薤白半夏汤", "舌淡胖苔白腻", "脉滑"), ("心血瘀阻证", "血府逐瘀汤", "舌暗有瘀斑", "脉弦涩"),
        ("气阴两虚证", "生脉散合炙甘草汤", "舌红少苔", "脉细"), extra="丹参 20 三七 3 降香 6"),
    "fatigue": _disease("虚劳病", ("脾肺气虚证", "补中益气汤", "舌淡苔薄白", "脉弱"), ("心脾两虚证", "归脾汤", *_SOFT), extra="鸡血藤 20 阿胶 9", hands="moxa", by_hand=.1),
    "strangury": _disease("淋证", ("热淋证", "八正散", "舌红苔黄腻", "脉滑数"), ("石淋证", "石韦散", "舌红苔薄黄", "脉弦"), extra="蒲公英 20 白茅根 30"),
    "eczema": _disease("湿疮病", ("湿热浸淫证", "消风散", "舌红苔黄腻", "脉滑数"), ("脾虚湿蕴证", "除湿胃苓汤", "舌淡胖苔白腻", "脉濡缓"),
        ("血虚风燥证", "当归饮子", "舌淡苔白", "脉弦细"), extra="白鲜皮 15 地肤子 15 土茯苓 20"),
    "urticaria": _disease("瘾疹病", ("风热犯表证", "消风散", "舌红苔薄黄", "脉浮数"), ("血虚风燥证", "当归饮子", "舌淡苔白", "脉细"), extra="徐长卿 12 地肤子 15"),
    "acne": _disease("粉刺病", ("肺经风热证", "枇杷清肺饮", "舌红苔薄黄", "脉浮数"), ("肠胃湿热证", "除湿胃苓汤", "舌红苔黄腻", "脉滑数"), extra="白花蛇舌草 20 丹参 15 皂角刺 9"),
    "psoriasis": _disease("白疕病", ("血热内蕴证", "犀角地黄汤加减", "舌红苔薄黄", "脉弦滑数"), ("血虚风燥证", "当归饮子", "舌淡苔白", "脉细")),
    "zoster": _disease("蛇串疮病", ("肝经郁热证", "龙胆泻肝汤", "舌红苔黄", "脉弦数"), ("气滞血瘀证", "桃红四物汤", "舌暗有瘀点", "脉弦涩"), extra="板蓝根 15 延胡索 12", hands="fire needle cupping", by_hand=.4),
    "haemorrhoids": _disease("痔病", ("风伤肠络证", "槐角丸", "舌红苔薄黄", "脉浮数"), ("脾虚气陷证", "补中益气汤", "舌淡苔薄白", "脉弱"), extra="地榆炭 12 仙鹤草 15"),
    "menses": _disease("月经失调病", ("肝郁血瘀证", "桃红四物汤", "舌暗红苔薄白", "脉弦"), ("肝郁脾虚证", "逍遥散", "舌淡红苔薄白", "脉弦细"),
        ("肾阴虚证", "左归丸", "舌红少苔", "脉细数"), extra="益母草 15 菟丝子 15 香附 10", hands="moxa", by_hand=.06),
    "dysmenorrhoea": _disease("痛经病", ("寒凝血瘀证", "少腹逐瘀汤", "舌暗苔白", "脉沉紧"), ("气滞血瘀证", "桃红四物汤", "舌暗有瘀点", "脉弦"), extra="艾叶 6 延胡索 12", hands="moxa needle", by_hand=.25),
    "leukorrhoea": _disease("带下病", ("脾虚湿盛证", "完带汤", "舌淡胖苔白腻", "脉缓弱"), ("湿热下注证", "止带方", "舌红苔黄腻", "脉滑数"), extra="椿皮 12 芡实 15"),
    "pelvic": _disease("妇人腹痛病", ("湿热瘀结证", "止带方", "舌红苔黄腻", "脉弦滑"), ("气滞血瘀证", "少腹逐瘀汤", "舌暗有瘀点", "脉弦涩"), extra="败酱草 20 大血藤 20"),
    "menopause": _disease("绝经前后诸证", ("肾阴阳两虚证", "二仙汤合甘麦大枣汤", "舌淡苔薄白", "脉沉细"), ("肝肾阴虚证", "六味地黄汤", "舌红少苔", "脉细数"), extra="浮小麦 30 煅牡蛎 20 酸枣仁 15"),
    "mass": _disease("癥瘕病", ("气滞血瘀证", "桂枝茯苓丸", "舌暗有瘀斑", "脉沉涩"), extra="鳖甲 15 夏枯草 15"),
    "breast": _disease("乳癖病", ("肝郁痰凝证", "开郁散", "舌淡红苔薄白", "脉弦"), ("冲任失调证", "二仙汤合甘麦大枣汤", "舌淡苔白", "脉沉细"), extra="夏枯草 15 橘核 12 鹿角霜 10"),
    "goitre": _disease("瘿病", ("气郁痰阻证", "海藻玉壶汤", "舌淡红苔薄腻", "脉弦"), ("肝火旺盛证", "丹栀逍遥散", "舌红苔黄", "脉弦数"), extra="夏枯草 15 牡蛎 20"),
    "mouth-ulcer": _disease("口疮病", ("心脾积热证", "清胃散", "舌红苔黄", "脉数"), ("阴虚火旺证", "六味地黄汤", "舌红少苔", "脉细数"), extra="肉桂 3 黄柏 9"),
    "child-cold": _disease("小儿感冒病", ("风热犯表证", "小儿银翘汤", "舌红苔薄黄", "脉浮数"), hands="child-massage", by_hand=.4),
    "child-cough": _disease("小儿咳嗽病", ("痰热壅肺证", "小儿麻杏汤", "舌红苔黄", "脉滑数"), ("痰湿蕴肺证", "小儿二陈汤", "舌淡苔白腻", "脉滑"), hands="child-massage plaster", by_hand=.5),
    "child-diarrhoea": _disease("小儿泄泻病", ("脾虚泻证", "小儿七味白术散", "舌淡苔白", "脉缓"), hands="child-massage", by_hand=.5),
    "child-food": _disease("积滞病", ("乳食内积证", "小儿消乃汤", "舌红苔厚腻", "脉滑"), hands="child-massage", by_hand=.55),
}
"""By the key that an ailment names."""
# fmt: on
