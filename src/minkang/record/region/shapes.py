"""Outlines of divisions for the map, as a region loads them from GeoJSON (RFC 7946).

A feature is a division: its property `code` (GB/T 2260 or longer), its geometry a Polygon or a
MultiPolygon of which the outer rings are kept. Nothing comes with the platform.
"""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from minkang.store import Store

Ring = tuple[tuple[float, float], ...]

_CODE: Final = re.compile(r"\d{2,12}")
_MOST_POINTS: Final = 2_000


class ShapesRefused(Exception):  # noqa: N818 - reads as what happened
    """The file is no GeoJSON of divisions; the text names the feature and what is wrong."""


class Shape(msgspec.Struct, frozen=True):
    """The outline of a division: rings of (x, y), north is up."""

    code: str
    name: str
    rings: tuple[Ring, ...]


def read_shapes(text: bytes) -> tuple[Shape, ...]:
    """The divisions of a GeoJSON FeatureCollection.

    Raises:
        ShapesRefused: it is none, a feature has no code, or its geometry is no area.
    """
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ShapesRefused(f"no JSON: {error}") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise ShapesRefused("no FeatureCollection")
    return tuple(_shape(number, one) for number, one in enumerate(features, 1))


async def keep_shapes(store: Store, shapes: Collection[Shape]) -> int:
    """Keep outlines by code, over those that are there; how many."""
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.executemany(
            """insert into region.shape (code, name, rings) values ($1, $2, $3)
               on conflict (code) do update set name = excluded.name, rings = excluded.rings""",
            [(one.code, one.name, msgspec.json.encode(one.rings).decode()) for one in shapes],
        )
    return len(shapes)


async def shapes_below(store: Store, division: str, digits: int) -> dict[str, Shape]:
    """The outlines of the divisions of so many digits within one, by code."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select code, name, rings from region.shape
               where code >= $1 and starts_with(code, $1) and length(code) = $2""",
            division,
            digits,
        )
    decode = msgspec.json.Decoder(tuple[Ring, ...]).decode
    return {row["code"]: Shape(row["code"], row["name"], decode(row["rings"])) for row in rows}


def _shape(number: int, feature: Any) -> Shape:
    if not isinstance(feature, dict):
        raise ShapesRefused(f"feature {number} is none")
    said = feature.get("properties") or {}
    code = str(said.get("code") or feature.get("id") or "")
    if not _CODE.fullmatch(code):
        raise ShapesRefused(f"feature {number} has no code of a division")
    return Shape(code, str(said.get("name") or code), _rings(number, feature.get("geometry") or {}))


def _rings(number: int, geometry: Mapping[str, Any]) -> tuple[Ring, ...]:
    kind, given = geometry.get("type"), geometry.get("coordinates")
    areas = [given] if kind == "Polygon" else given if kind == "MultiPolygon" else None
    if not isinstance(areas, list):
        raise ShapesRefused(f"feature {number} is no area")
    try:
        rings = tuple(tuple((float(x), float(y)) for x, y, *_ in area[0]) for area in areas)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ShapesRefused(f"feature {number} is no area") from error
    for ring in rings:
        if not 4 <= len(ring) <= _MOST_POINTS:
            raise ShapesRefused(f"feature {number} has a ring of {len(ring)} points")
        if not all(math.isfinite(x) and math.isfinite(y) for x, y in ring):
            raise ShapesRefused(f"feature {number} has a point that is nowhere")
    return rings
