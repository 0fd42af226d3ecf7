r"""The letters of HL7 v2: escapes, times, parts of a field, segments. Segments end with \r."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final

from minkang.synth.record import LOCAL

_SPECIAL: Final = frozenset("\\|^~&\r\n")
_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\E\\",
        "|": "\\F\\",
        "^": "\\S\\",
        "~": "\\R\\",
        "&": "\\T\\",
        "\r": "\\X0D\\",
        "\n": "\\X0A\\",
    }
)
_OFFSET: Final = "+0800"  # the region's clock has known no summer time since 1991


def escape(text: str) -> str:
    r"""Delimiters and line ends as HL7 v2 chapter 2 writes them: `|` becomes \F\, `\` \E\."""
    return text if _SPECIAL.isdisjoint(text) else text.translate(_ESCAPES)


def moment(time: datetime) -> str:
    """A TS of the region's clock with its offset: 20240301091500+0800."""
    m = time if time.tzinfo is LOCAL else time.astimezone(LOCAL)
    day = m.year * 10_000 + m.month * 100 + m.day
    return f"{day}{m.hour * 10_000 + m.minute * 100 + m.second:06d}{_OFFSET}"


@lru_cache(maxsize=16384)
def parts(*components: str) -> str:
    """Components of a field, escaped, without empty ones at the end."""
    return "^".join([escape(component) for component in components]).rstrip("^")


def segment(name: str, fields: dict[int, str]) -> str:
    """A segment by the numbers of its fields; what lies between is empty."""
    line = [""] * (max(fields) + 1)
    line[0] = name
    for number, text in fields.items():
        line[number] = text
    return "|".join(line)


def joined(lines: Iterable[str], charset: str) -> bytes:
    """Segments as the bytes of one message."""
    return "".join([f"{line}\r" for line in lines]).encode(charset)
