"""Names as registrations give them: Chinese, in letters, of newborns, or of nobody known."""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

_LONGEST: Final = 60
_HAN: Final = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_han = re.compile(f"[{_HAN}]").search
_gaps = re.compile(r"[\s·•・‧．.,，、\-_'’`]+").sub
_brackets = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]?").sub

COMPOUND_SURNAMES: Final = frozenset(
    "欧阳 太史 上官 端木 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 "
    "公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 "
    "梁丘 左丘 东门 西门 第五 纳兰 完颜".split()
)
"""Surnames of two characters (百家姓 and those in use beside it)."""

_SURNAME_READINGS: Final = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "区": "ou", "查": "zha", "任": "ren",
    "盖": "ge", "朴": "piao", "翟": "zhai", "缪": "miao", "种": "chong", "乐": "yue",
    "华": "hua", "纪": "ji", "宁": "ning", "秘": "bi", "员": "yun", "折": "she", "黑": "he",
    "燕": "yan", "葛": "ge", "应": "ying", "隗": "wei", "召": "shao", "盛": "sheng",
    "尉迟": "yuchi", "万俟": "moqi", "长孙": "zhangsun", "澹台": "tantai", "鲜于": "xianyu",
}  # fmt: skip
"""Characters that are read otherwise as a surname than as a word."""

_NEWBORN: Final = re.compile(
    rf"(?P<mother>[{_HAN}]{{2,6}}?)(?:之)?"
    r"(?:(?P<twin>[大小长次一二三甲乙丙]双|双胞胎?[大小甲乙一二12]|[之]?双[子女婴]?[大小甲乙一二12])"
    r"|(?:之|的)(?P<child>[长次大小一二三]?[子女婴]|儿子|女儿|孩子|新生儿|婴儿|宝宝|毛毛|[大小]?宝)"
    r"(?P<order>[大小甲乙一二三1-3]?)"
    r"|(?P<baby>新生儿|婴儿|小婴|毛毛|宝宝|婴))"
    r"(?P<sex>[男女子]?)(?P<last>[大小甲乙一二三1-3]?)$"
)
_ORDERS: Final = {
    "大": 1, "长": 1, "一": 1, "甲": 1, "1": 1, "小": 2, "次": 2, "二": 2, "乙": 2, "2": 2,
    "三": 3, "丙": 3, "3": 3,
}  # fmt: skip
_NOBODY: Final = re.compile(
    r"无名氏?.{0,12}|无姓名.*|未知.*|不详.*|不明.*|姓名不详.*|未命名.*|未取名.*|待定|无|空|佚名|匿名|"
    r"流浪(?:人员|汉).*|三无(?:人员|病人|患者).*|测试.*|na|null|none|nil|unknown.*|anonymous.*|"
    r"(?:john|jane)doe.*|unidentified.*|test\d*|x+|某某?|[某]?[男女]某某?"
)
_UNKNOWN: Final = re.compile(
    r"无名氏?.{0,12}|无姓名.*|未知.*|不详.*|不明.*|姓名不详.*|佚名|流浪.*|三无.*|unknown.*|"
    r"(?:john|jane)doe.*|unidentified.*"
)


class Newborn(NamedTuple):
    """What the name of a newborn without a name says: the mother's, the sex, which of several."""

    mother: str
    sex: str
    order: int
    twin: bool


class Sound(NamedTuple):
    """How a name sounds: surname and given name in letters without tones, apart.

    `whole` is both together; `ways` also the order in which others write it; `alike` is what
    remains when sounds that dialects do not tell apart are one.
    """

    surname: str
    given: str
    whole: str
    ways: tuple[str, ...]
    alike: str
    alike_surname: str
    alike_given: str
    initials: str


@lru_cache(maxsize=100_000)
def normalise_name(text: str) -> str:
    """A name as it is compared: NFKC, lower case, without gaps, brackets and marks.

    Letters keep one blank between words: where they end is part of the name.
    """
    if len(text) > _LONGEST:
        text = text[:_LONGEST]
    if not text:
        return ""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _brackets("", plain)
    if _han(plain):
        return "".join(one for one in _gaps("", plain) if one.isalnum())[:_LONGEST]
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return " ".join("".join(c for c in word if c.isalnum()) for word in _gaps(" ", plain).split())


def is_nobody(name: str) -> bool:
    """Whether a normalised name is a stand-in for none: 无名氏, 未知, test."""
    return not name or bool(_NOBODY.fullmatch(name.replace(" ", "")))


def is_unknown_patient(name: str) -> bool:
    """Whether it stands for a patient whom nobody knew: 无名氏, of an emergency department."""
    return bool(_UNKNOWN.fullmatch(name.replace(" ", "")))


def newborn_of(name: str) -> Newborn | None:
    """What a normalised name of the form 某某之子 says; None if it is a name."""
    found = _NEWBORN.fullmatch(name)
    if found is None or found["mother"] in COMPOUND_SURNAMES:
        return None
    words = "".join(part or "" for part in found.groups()[1:])
    twin = found["twin"] or ""
    sex = "male" if re.search("[子男]", words) and "女" not in words else ""
    sex = "female" if "女" in words else sex
    if found["child"] in ("孩子", "宝宝") and "男" not in words and "女" not in words:
        sex = ""
    digits = [_ORDERS[c] for c in words if c in _ORDERS]
    # 次女 says which daughter, not which of twins: only 双 and a number behind say that.
    order = digits[0] if digits and (twin or found["order"] or found["last"]) else 0
    return Newborn(found["mother"], sex, order, bool(twin) or "双" in words)


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name of a normalised name; in letters the last word is the surname."""
    if not _han(name):
        first, _, last = name.rpartition(" ")
        return (last, first) if first else (name, "")
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2], name[2:]
    return name[:1], name[1:]


@lru_cache(maxsize=200_000)
def sound_of(surname: str, given: str) -> Sound:
    """How a name sounds; see `Sound`. A name in letters sounds as it is written."""
    if not _han(surname + given):
        first, last = given.replace(" ", ""), surname.replace(" ", "")
    else:
        last, first = _SURNAME_READINGS.get(surname) or _read(surname), _read(given)
    # Who types a surname in letters may not know how it is read as one.
    lasts = (last, _read(surname)) if surname in _SURNAME_READINGS else (last,)
    ways = dict.fromkeys(way for one in lasts for way in (one + first, first + one))
    initials = "".join(word[:1] for word in (*_syllables(surname, last), *_syllables(given, first)))
    return Sound(
        last, first, last + first, tuple(ways), _levelled(last) + _levelled(first),
        _levelled(last), _levelled(first), initials,
    )  # fmt: skip


@lru_cache(maxsize=20_000)
def _reading(character: str) -> str:
    # Its tables take a third of a second to load; a process that meets no such name goes without.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(character, style=Style.NORMAL, v_to_u=False)).replace("ü", "v")


def _read(text: str) -> str:
    return "".join(_reading(one) for one in text)


def _syllables(written: str, letters: str) -> list[str]:
    if _han(written):
        return [_reading(one) for one in written]
    return written.split() or [letters]


_LEVEL: Final = (
    ("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"),
    ("iong", "ong"), ("ong", "on"), ("n", "l"), ("hu", "fu"), ("h", "f"),
)  # fmt: skip


def _levelled(letters: str) -> str:
    """Sounds that dialects and pinyin typists mix up as one: zh/z, n/l, ang/an, h/f."""
    for sound, as_one in _LEVEL:
        letters = letters.replace(sound, as_one)
    return letters


def masked(name: str) -> tuple[str, ...]:
    """A Chinese name of three or more characters with each of them masked in turn.

    Two names share one of these if, and only if, they differ in one character at most. Of two
    characters one says too little.
    """
    if not 3 <= len(name) <= 16 or not _han(name):
        return ()
    return tuple(f"{name[:at]}*{name[at + 1 :]}" for at in range(len(name)))


def shortened(surname: str, given: str) -> tuple[str, ...]:
    """A Chinese name whose given name has several characters, with one of them left out."""
    if not 2 <= len(given) <= 4 or not _han(given):
        return ()
    return tuple(surname + given[:at] + given[at + 1 :] for at in range(len(given)))
