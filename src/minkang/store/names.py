"""How Chinese names are found: by any part of the characters, by pinyin, full and initials."""

import re
import unicodedata
from functools import lru_cache
from operator import add

_MAX_READINGS = 16
_MAX_CHARACTERS = 40
_MAX_TEXT = 200
_MAX_WORDS = 8
_gaps = re.compile(r"[\s·•.\-]").sub


def normalise(text: str) -> str:
    """Full-width to half-width, lower case, no white space or middle dots, 40 characters."""
    short = text[: 2 * _MAX_CHARACTERS]
    if not short.isascii():
        short = unicodedata.normalize("NFKC", short)
    return _gaps("", short).lower()[:_MAX_CHARACTERS]


def grams(text: str) -> set[str]:
    """Single characters and neighbouring pairs of a name, for finding it by any part."""
    return _ones_and_twos(normalise(text))


def grams_of_ascii(text: str) -> set[str]:
    """`grams` of a text without any other letters, however long it is."""
    return _ones_and_twos(_gaps("", text).lower())


def _ones_and_twos(name: str) -> set[str]:
    return {*name, *map(add, name, name[1:])}


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
    # Its tables take a third of a second to load; a process that meets no such name goes without.
    from pypinyin import Style, pinyin

    readings: list[str] = [""]
    keys: set[str] = set()
    initials: list[str] = [""]
    for syllables in pinyin(name, style=Style.NORMAL, heteronym=True, v_to_u=False):
        choices = list(dict.fromkeys(s.replace("ü", "v") for s in syllables if s))
        readings = [r + c for r in readings for c in choices][:_MAX_READINGS]
        initials = list(dict.fromkeys(i + c[0] for i in initials for c in choices))[:_MAX_READINGS]
        keys.update(readings, initials)
    return frozenset(keys)
