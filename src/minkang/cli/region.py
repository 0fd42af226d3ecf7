"""`minkang region`: the figures of the region: outlines for the map, counting everything anew."""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minkang.app.database import database
from minkang.app.platform import open_platform
from minkang.config import Settings
from minkang.record.region import count_all, keep_shapes, parts, read_shapes
from minkang.record.region.shapes import Shape, ShapesRefused


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("region", help="the figures of the region")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    drawn = actions.add_parser("map", help="keep the outlines of divisions for the map")
    drawn.add_argument("file", type=Path, metavar="FILE", help="GeoJSON with `code` properties")
    counted = actions.add_parser("refresh", help="count everything anew now")
    for one, run in ((drawn, _map), (counted, _refresh)):
        one.add_argument("--json", action="store_true", help="one JSON object on standard output")
        one.set_defaults(run=run)


def _map(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        shapes = read_shapes(chosen.file.read_bytes())
    except (OSError, ShapesRefused) as error:
        sys.stderr.write(f"minkang region map: {error}\n")
        return 2
    with database(settings) as url:
        count = asyncio.run(_keep(settings, url, shapes))
    _say({"outlines": count}, [f"{count} outlines"], as_json=chosen.json)
    return 0


async def _keep(settings: Settings, url: str, shapes: tuple[Shape, ...]) -> int:
    async with open_platform(settings, url) as platform:
        return await keep_shapes(platform.store, shapes)


def _refresh(settings: Settings, chosen: argparse.Namespace) -> int:
    with database(settings) as url:
        seconds = asyncio.run(_count(settings, url))
    lines = [f"{name:<14} {took:.2f} s" for name, took in seconds.items()]
    _say({"seconds": seconds}, lines, as_json=chosen.json)
    return 0


async def _count(settings: Settings, url: str) -> dict[str, float]:
    """Everything that was stored so far; seconds by part."""
    async with open_platform(settings, url) as platform:
        await count_all(platform.store, datetime.now(UTC))
        async with platform.pool.acquire() as connection:
            made = await parts(connection)
    return {name: round(one.seconds, 3) for name, one in sorted(made.items())}


def _say(told: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    text = json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
