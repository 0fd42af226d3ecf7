"""Names as hurried people type them: characters that look alike, characters that sound alike."""

from functools import cache
from random import Random
from typing import Final

from pypinyin import Style, lazy_pinyin

_PAIRS: Final = (
    "未末 己已 士土 日曰 天夭 刚钢 洁浩 淑叔 玲铃 祥详 海诲 宇字 宁守 晨辰 杰木 华毕 刘浏 王玉 "
    "干千 大太 田由 申电 午牛 民氏 波泼 涛铸 清请 静净 婷停 艳滟 梅海 春舂 秀季 芳芬 兰三 英莫 "
    "云去 丽俪 娟捐 敏敝 燕蒸 慧彗 倩情 佳隹 欣掀 琪棋 萱宣 涵函 怡恰 诺偌 桐洞 轩杆 睿叡 泽译 "
    "博搏 航杭 鹏朋 飞气 凯岂 龙尤 辉挥 明朋 亮高 强弦 勇湧 磊累 军车 建健 国园 平乎 志忠 文又 "
    "德徳 福副 寿涛 永水 长张 振震 山出 贵贲 胜姓 利科 成戍 林森 森林 松柏 柏伯 阳阴 鸣呜 瑞端 "
    "曲由 丛从 邹郑 鞠鞫 隋随 侯候 戚戍 冷泠 初袖 董重 邵绍 姜美 宋宗 毕华 于干 孙孑 徐除 赵赴 "
    "杨扬 陈阵 周用 高商 吕品 梁粱 苗田 连莲 车东 岳兵 唐塘 谭潭 房旁 阎闫 张弛 李季 吴昊 黄横"
)
_ALIKE: Final = {pair[0]: pair[1] for pair in _PAIRS.split()}

_IN_NAMES: Final = (
    "王于李张刘孙姜丛宋毕徐赵杨陈周鞠马高林吕曲邹梁隋侯董邵吴黄苗连车岳戚冷初夏唐谭房阎单仇解"
    "逄盖查朴任翟缪綦种区纪华乐宁曾郑谢韩冯邓曹彭肖田潘袁蔡蒋余杜叶程苏魏丁沈范江傅钟卢汪戴崔"
    "桂英秀玉兰淑珍凤素芝翠花月贞梅云琴芳莲香爱丽春红建卫霞美秋菊萍荣静娟敏艳海燕晓娜雪文莉颖洁"
    "倩婷佳梦瑶雅慧思雨琪彤欣璐薇嘉怡悦晴萱琳妍子涵一诺诗梓语桐可馨依若汐沐芷苡沫艺钰忆安玥苒"
    "德福生长振山永贵有江洪喜财世昌日升传培殿臣明田礼发国军东志刚革强平解放新民波设忠义伟磊涛勇"
    "鹏雷辉龙胜立峰斌俊杰浩鑫宇航博凯飞豪哲然翔旭家泽帅晨轩杰昊奕辰鸣铭熙景行亦承瑾瑜书墨睿言宸"
    "霖健键剑俭见健蕾垒镭丽莉力利立黎理琴勤钦芹颖莹盈映应影敏民珉旻闽玲灵凌铃陵零芬分纷芳方坊"
    "霞侠下夏辉晖惠慧会汇卉涛滔桃陶韬萍平苹屏静净靖敬京晶精菁杰洁捷节结佳嘉加家晓小肖笑孝孝欣"
    "新心鑫馨信梅美媚眉玫红宏洪虹鸿弘华画桦骅花伟玮维薇卫纬炜为娟涓捐隽俊军君钧均峻骏郡志智芝"
    "之知治强蔷墙刚钢岗港国果郭建件兴星行杏幸辛成承诚程城呈晨辰臣尘陈沉宇雨羽语玉育钰裕煜毓豫"
    "航杭行浩昊皓豪好轩宣萱暄炫泽则择责梓子紫姿资涵含函寒韩翰瀚瑶遥尧姚耀婷亭庭廷停雪学薛"
)


@cache
def _sounds() -> dict[str, str]:
    """For each character that names use, the others of the same sound without tone, in order."""
    characters = dict.fromkeys(_IN_NAMES)
    by_sound: dict[str, str] = {}
    sounds = dict(zip(characters, lazy_pinyin(list(characters), style=Style.NORMAL), strict=True))
    for character, sound in sounds.items():
        by_sound[sound] = by_sound.get(sound, "") + character
    return {
        character: by_sound[sound].replace(character, "")
        for character, sound in sounds.items()
        if len(by_sound[sound]) > 1
    }


def lookalike(name: str, random: Random) -> str:
    """The name with one character taken for another; unchanged where none is easily mistaken."""
    places = [place for place, character in enumerate(name) if character in _ALIKE]
    if not places:
        return name
    place = random.choice(places)
    return name[:place] + _ALIKE[name[place]] + name[place + 1 :]


def homophone(name: str, random: Random) -> str:
    """The name with one character as another one of its sound; unchanged where there is none.

    The family name is mistaken rarely: it is said as 弓长张.
    """
    sounds = _sounds()
    places = [place for place, character in enumerate(name) if character in sounds]
    if len(places) > 1 and places[0] == 0 and random.random() < 0.85:
        places = places[1:]
    if not places:
        return name
    place = random.choice(places)
    return name[:place] + random.choice(sounds[name[place]]) + name[place + 1 :]


def slipped_digits(number: str, random: Random) -> str:
    """The number with one digit changed or two neighbours swapped; never the same."""
    places = [place for place in range(len(number) - 1) if number[place] != number[place + 1]]
    if places and random.random() < 0.4:
        place = random.choice(places)
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    place = random.randrange(len(number))
    others = [digit for digit in "0123456789" if digit != number[place]]
    return number[:place] + random.choice(others) + number[place + 1 :]
