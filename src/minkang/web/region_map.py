"""The map of a division's parts: outlines as polygons of a drawing, shaded by a figure.

The drawing is a picture of the table beside it. Every part is a link that the keyboard reaches.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from minkang.record.region.shapes import Ring, Shape

WIDTH: Final = 720
_MARGIN: Final = 6
_LEVELS: Final = 5
_LEAST_HEIGHT, _MOST_HEIGHT = 240, 620


class Area(msgspec.Struct, frozen=True):
    """A part of the map.

    Attributes:
        paths: the `points` of its polygons.
        level: 0 (nothing known) to 5 (highest).
        x, y: where its name stands.
        wide: whether the name has room there.
    """

    code: str
    name: str
    value: str
    level: int
    paths: tuple[str, ...]
    x: float
    y: float
    wide: bool


class Map(msgspec.Struct, frozen=True):
    """The drawing, and from which value each shade begins."""

    areas: tuple[Area, ...]
    width: int
    height: int
    legend: tuple[tuple[int, float], ...]


def draw(
    shapes: Mapping[str, Shape],
    names: Mapping[str, str],
    values: Mapping[str, float | None],
    texts: Mapping[str, str],
) -> Map | None:
    """The map of some divisions; None if there is no outline of any.

    `values` shade them (None: unknown), `texts` are what is written of each.
    """
    if not shapes:
        return None
    points = [point for shape in shapes.values() for ring in shape.rings for point in ring]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, top = min(y for _, y in points), max(y for _, y in points)
    scale = (WIDTH - 2 * _MARGIN) / ((right - left) or 1)
    height = (top - low) * scale
    if height > _MOST_HEIGHT:
        scale *= _MOST_HEIGHT / height
        height = _MOST_HEIGHT
    aside = (WIDTH - (right - left) * scale) / 2

    def placed(ring: Ring) -> Ring:
        return tuple((aside + (x - left) * scale, _MARGIN + (top - y) * scale) for x, y in ring)

    most = max((value for value in values.values() if value is not None), default=0.0)
    areas = tuple(
        _area(
            shape, names.get(code, shape.name), texts.get(code, ""),
            _level(values.get(code), most), tuple(placed(ring) for ring in shape.rings),
        )
        for code, shape in sorted(shapes.items())
    )  # fmt: skip
    steps = tuple((level, most * (level - 1) / _LEVELS) for level in range(1, _LEVELS + 1))
    tall = max(_LEAST_HEIGHT, round(height + 2 * _MARGIN))
    return Map(areas, WIDTH, tall, steps if most else ())


def _area(shape: Shape, name: str, value: str, level: int, rings: tuple[Ring, ...]) -> Area:
    largest = max(rings, key=lambda ring: abs(_size(ring)))
    x, y = _middle(largest)
    width = max(px for px, _ in largest) - min(px for px, _ in largest)
    paths = tuple(" ".join(f"{px:.1f},{py:.1f}" for px, py in ring) for ring in rings)
    fits = width >= 13 * min(len(name), 8)
    return Area(shape.code, name, value, level, paths, round(x, 1), round(y, 1), fits)


def _level(value: float | None, most: float) -> int:
    if value is None or value <= 0 or not most:
        return 0
    return min(_LEVELS, int(value / most * _LEVELS) + 1)


def _size(ring: Ring) -> float:
    """Twice the area within a ring, with a sign."""
    return sum(x * q - p * y for (x, y), (p, q) in _sides(ring))


def _middle(ring: Ring) -> tuple[float, float]:
    """The centre of an area (of its corners, where it has none)."""
    size = _size(ring)
    if not size:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x = sum((a + p) * (a * q - p * b) for (a, b), (p, q) in _sides(ring)) / (3 * size)
    y = sum((b + q) * (a * q - p * b) for (a, b), (p, q) in _sides(ring)) / (3 * size)
    return x, y


def _sides(
    ring: Ring,
) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)
