"""The population pyramid as plain shapes: a template draws them, a table beside it has the numbers.

Men stand to the left of the middle, women to the right, the youngest band at the bottom.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

WIDTH: Final = 640
_MIDDLE: Final = 44  # half the room for the names of the bands
_BAR: Final = 15
_STEP: Final = 18
_HEAD: Final = 22


class Bar(msgspec.Struct, frozen=True):
    """A band: its name, where it stands, how far it reaches to each side."""

    name: str
    y: int
    text_y: int
    men_x: float
    men: float
    women_x: int
    women: float


class Pyramid(msgspec.Struct, frozen=True):
    """All bars, and the size of the drawing."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    middle: int
    bar: int


def pyramid(names: Sequence[str], men: Mapping[str, int], women: Mapping[str, int]) -> Pyramid:
    """The drawing of numbers by band; the longest bar fills its side."""
    most = max((*men.values(), *women.values()), default=0) or 1
    side = WIDTH // 2 - _MIDDLE
    bars = []
    for place, name in enumerate(reversed(names)):
        left = round(men.get(name, 0) / most * side, 1)
        right = round(women.get(name, 0) / most * side, 1)
        y = _HEAD + place * _STEP
        bars.append(
            Bar(name, y, y + 12, WIDTH / 2 - _MIDDLE - left, left, WIDTH // 2 + _MIDDLE, right)
        )
    return Pyramid(tuple(bars), WIDTH, _HEAD + len(bars) * _STEP, WIDTH // 2, _BAR)
