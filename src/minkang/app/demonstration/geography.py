"""An invented map of the practice region: outlines of its divisions, as GeoJSON.

Nothing of it is surveyed. Points are thrown by a fixed seed and spread evenly (Lloyd 1982, Least
squares quantization in PCM); each division is what lies nearest to its point, within the outline of
the one above it. So the outlines are convex, fill the region, and are the same on every machine.
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Final

import msgspec

from minkang.app.platform import Platform
from minkang.record.region import keep_shapes, read_shapes
from minkang.synth.draws import stream
from minkang.synth.place import Place, build_place

Point = tuple[float, float]
Ring = tuple[Point, ...]

_REGION: Final[Ring] = (
    (0, 20), (10, 4), (34, 0), (70, 3), (94, 14), (100, 32), (92, 52), (66, 62), (38, 60), (10, 44),
)  # fmt: skip
_ROUNDS: Final = {6: 12, 9: 12, 12: 2}
"""By digits of a division how often points are spread: where they are many, less matters."""


async def plant_map(platform: Platform, seed: int) -> int:
    """Load the map of the practice region, as an operator would load one, unless there is one
    already; how many outlines were loaded."""
    if await platform.pool.fetchval("select exists (select from region.shape)"):
        return 0
    return await keep_shapes(platform.store, read_shapes(geojson(build_place(seed))))


def geojson(place: Place) -> bytes:
    """Counties (by their zones' own digits), towns and villages as a FeatureCollection."""
    names = {one.code: one.name for one in place.counties}
    names |= {one.code: one.name for one in place.towns}
    names |= {one.code: one.name for one in place.villages}
    codes = [one.code for one in place.villages]
    features = _parts("", _REGION, codes, names, place.seed)
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _parts(
    above: str, outline: Ring, codes: Sequence[str], names: dict[str, str], seed: int
) -> list[dict[str, Any]]:
    """The divisions directly within one, and all within those."""
    digits = next((n for n in _ROUNDS if n > len(above)), None)
    if digits is None:
        return []
    inside = sorted({code[:digits] for code in codes})
    found = []
    cells = cells_of(outline, len(inside), stream(seed, "map", above), _ROUNDS[digits])
    for code, ring in zip(inside, cells, strict=True):
        closed = [[round(x, 4), round(y, 4)] for x, y in (*ring, ring[0])]
        found.append({
            "type": "Feature",
            "properties": {"code": code, "name": names.get(code, code)},
            "geometry": {"type": "Polygon", "coordinates": [closed]},
        })  # fmt: skip
        found += _parts(code, ring, [one for one in codes if one.startswith(code)], names, seed)
    return found


def cells_of(outline: Ring, number: int, chance: Random, rounds: int) -> list[Ring]:
    """A convex outline cut into so many convex cells; the more rounds, the more alike in size."""
    points = [_within(outline, chance) for _ in range(number)]
    for _ in range(rounds):
        points = [_middle(cell) for cell in _nearest(outline, points)]
    return _nearest(outline, points)


def _nearest(outline: Ring, points: Sequence[Point]) -> list[Ring]:
    """For each point what of the outline is nearer to it than to any other."""
    cells = []
    for own in points:
        cell = outline
        for other in points:
            if other != own:
                cell = _cut(cell, own, other)
        cells.append(cell)
    return cells


def _cut(ring: Ring, own: Point, other: Point) -> Ring:
    """What of a convex ring is nearer to one point than to another (Sutherland-Hodgman)."""
    a, b = other[0] - own[0], other[1] - own[1]
    middle = ((own[0] + other[0]) / 2, (own[1] + other[1]) / 2)

    def beyond(at: Point) -> float:
        return (at[0] - middle[0]) * a + (at[1] - middle[1]) * b

    kept: list[Point] = []
    for here, there in _sides(ring):
        one, two = beyond(here), beyond(there)
        if one <= 0:
            kept.append(here)
        if (one < 0 < two) or (two < 0 < one):
            share = one / (one - two)
            kept.append(
                (here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1]))
            )
    return tuple(kept)


def _within(outline: Ring, chance: Random) -> Point:
    """A point within a convex ring: somewhere between its middle and a side."""
    middle = _middle(outline)
    sides = list(_sides(outline))
    here, there = sides[chance.randrange(len(sides))]
    along, out = chance.random(), chance.random() ** 0.5
    side = (here[0] + along * (there[0] - here[0]), here[1] + along * (there[1] - here[1]))
    return (middle[0] + out * (side[0] - middle[0]), middle[1] + out * (side[1] - middle[1]))


def _middle(ring: Ring) -> Point:
    size = sum(x * q - p * y for (x, y), (p, q) in _sides(ring)) * 3
    x = sum((a + p) * (a * q - p * b) for (a, b), (p, q) in _sides(ring)) / size
    y = sum((b + q) * (a * q - p * b) for (a, b), (p, q) in _sides(ring)) / size
    return x, y


def _sides(ring: Ring) -> Iterable[tuple[Point, Point]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)
