"""Pinyin initials of Chinese texts: 高血压 is `gxy`, as people type who look for it.

The table of single characters and the words whose characters read otherwise than alone (长期,
重度) are computed when the tables are packed; at run time no dictionary is needed.
"""

import unicodedata
from functools import cache
from itertools import groupby

from minkang.terminology.packed import packed_lines


class _Table(dict[int, str | None]):
    """For `str.translate`: what is not in the table is left out."""

    def __missing__(self, key: int) -> None:
        return None


def folded(text: str) -> str:
    """A text as it is compared: full-width and half-width, upper and lower case are one."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold()


def initials(text: str) -> str:
    """Initials of a text by its single characters; letters and digits stay, all else goes."""
    return folded(text).translate(_characters())


def initials_of_lines(lines: list[str]) -> list[str]:
    """Initials of many folded texts; none of them holds a line feed."""
    return "\n".join(lines).translate(_characters()).split("\n")


@cache
def _characters() -> _Table:
    table = _Table({ord(c): c for c in "abcdefghijklmnopqrstuvwxyz0123456789\n"})
    for line in packed_lines("initials.txt.zst"):
        letter, _, characters = line.partition("\t")
        table.update((ord(character), letter) for character in characters)
    return table


def grouped(letters: dict[str, str]) -> list[str]:
    """Characters and their initials as the lines of the packed table."""
    ordered = sorted(letters.items(), key=lambda pair: (pair[1], pair[0]))
    return [
        letter + "\t" + "".join(character for character, _ in group)
        for letter, group in groupby(ordered, key=lambda pair: pair[1])
    ]
