"""What somebody typed to find a resident, taken apart: a name or its sound, digits beside. Pure.

`王伟 6789` is a name and the end of a telephone number or a year of birth, `19800412` a birth date,
`zangsan` a sound that may be meant as zhangsan.
"""

import re
from datetime import date
from itertools import islice, product
from typing import Final

import msgspec

_SHORT: Final = re.compile(r"(?P<words>\D*?[^\d\s])\s*(?P<digits>\d{4,8})", re.ASCII)
_DATE: Final = re.compile(r"((?:19|20)\d\d)[-./年]?(\d\d?)[-./月]?(\d\d?)日?", re.ASCII)
_MOST: Final = 24
_MIXED: Final = (
    ("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"),
    ("n", "l"), ("h", "f"),
)  # fmt: skip
"""Sounds that dialects and typists mix up."""
_SOUND: Final = re.compile("zh|ch|sh|ang|eng|ing|an|en|in|[a-z]")


class Typed(msgspec.Struct, frozen=True):
    """Taken apart: a name or its sound, the day of birth, the end of a telephone or year."""

    words: str = ""
    born: str = ""
    digits: str = ""


def typed(text: str) -> Typed:
    """What a text that is no number of a document or code asks for."""
    text = text.strip()
    if born := birth_date(text):
        return Typed(born=born)
    both = _SHORT.fullmatch(text)
    if both is None:
        return Typed(words=text)
    digits = both["digits"]
    born = birth_date(digits) if len(digits) > len("2026") else ""
    return Typed(both["words"], born, "" if born else digits)


def birth_date(text: str) -> str:
    """An ISO date from 19800412, 1980-04-12, 1980.4.12; '' if it is none."""
    found = _DATE.fullmatch(text)
    if found is None:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""


def like_sounds(letters: str) -> tuple[str, ...]:
    """Other spellings that a sound may be meant as, the nearest first, at most 24."""
    parts = _SOUND.findall(letters)
    choices = [_spellings(one) for one in parts]
    found = ("".join(one) for one in islice(product(*choices), 2**12))
    ranked = sorted({one for one in found if one != letters}, key=lambda o: (_far(o, letters), o))
    return tuple(ranked[:_MOST])


def _spellings(sound: str) -> tuple[str, ...]:
    for one, other in _MIXED:
        if sound in (one, other):
            return (sound, other if sound == one else one)
    return (sound,)


def _far(one: str, other: str) -> int:
    """How many spellings were changed, roughly."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
