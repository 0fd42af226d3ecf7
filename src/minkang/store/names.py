"""How Chinese names are found: by any part of the characters, by pinyin, full and initials."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, pinyin

_MAX_READINGS = 16
_MAX_CHARACTERS = 40
_MAX_TEXT = 200
_MAX_WORDS = 8


def normalise(text: str) -> str:
    """Full-width to half-width, lower case, no white space or middle dots, 40 characters."""
    short = unicodedata.normalize("NFKC", text[: 2 * _MAX_CHARACTERS])
    return re.sub(r"[\s·•.\-]", "", short).lower()[:_MAX_CHARACTERS]


def grams(text: str) -> set[str]:
    """Single characters and neighbouring pairs of a name, for finding it by any part."""
    name = normalise(text)
    return {*name, *(name[i : i + 2] for i in range(len(name) - 1))}


@lru_cache(maxsize=20_000)
def pinyin_keys(text: str) -> frozenset[str]:
    """All keys by which a name is found in pinyin, from the first syllable on.

    For 张小明: `zhang`, `zhangxiao`, `zhangxiaoming`, `z`, `zx`, `zxm`. A character with several
    readings (单: dan, shan) counts with each of them. A name in letters is found by each of its
    words, and by all together.
    """
    name = normalise(text)
    if name.isascii():
        words = re.findall(r"[a-z]+", unicodedata.normalize("NFKC", text[:_MAX_TEXT]).lower())
        return frozenset((*words[:_MAX_WORDS], name))
    readings: list[str] = [""]
    keys: set[str] = set()
    initials: list[str] = [""]
    for syllables in pinyin(name, style=Style.NORMAL, heteronym=True, v_to_u=False):
        choices = list(dict.fromkeys(s.replace("ü", "v") for s in syllables if s))
        readings = [r + c for r in readings for c in choices][:_MAX_READINGS]
        initials = list(dict.fromkeys(i + c[0] for i in initials for c in choices))[:_MAX_READINGS]
        keys.update(readings, initials)
    return frozenset(keys)
