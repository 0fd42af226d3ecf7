"""How Chinese names are found: by any part of the characters, by pinyin, full and initials."""

import re
import unicodedata

from pypinyin import Style, pinyin

_MAX_READINGS = 16
_MAX_CHARACTERS = 40


def normalise(text: str) -> str:
    """Full-width to half-width, lower case, no white space or middle dots, 40 characters."""
    short = unicodedata.normalize("NFKC", text[: 2 * _MAX_CHARACTERS])
    return re.sub(r"[\s·•.\-]", "", short).lower()[:_MAX_CHARACTERS]


def grams(text: str) -> set[str]:
    """Single characters and neighbouring pairs of a name, for finding it by any part."""
    name = normalise(text)
    return {*name, *(name[i : i + 2] for i in range(len(name) - 1))}


def pinyin_keys(text: str) -> set[str]:
    """All keys by which a name is found in pinyin, from the first syllable on.

    For 张小明: `zhang`, `zhangxiao`, `zhangxiaoming`, `z`, `zx`, `zxm`. A character with several
    readings (单: dan, shan) counts with each of them.
    """
    name = normalise(text)
    readings: list[str] = [""]
    keys: set[str] = set()
    initials: list[str] = [""]
    for syllables in pinyin(name, style=Style.NORMAL, heteronym=True, v_to_u=False):
        choices = list(dict.fromkeys(s.replace("ü", "v") for s in syllables if s))
        readings = [r + c for r in readings for c in choices][:_MAX_READINGS]
        initials = list(dict.fromkeys(i + c[0] for i in initials for c in choices))[:_MAX_READINGS]
        keys.update(readings, initials)
    return keys
