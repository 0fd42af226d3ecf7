"""`minkang sources`: register the systems that send, list them."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from minkang.accounts import create_organisation
from minkang.app.database import database
from minkang.app.platform import open_platform
from minkang.config import Settings
from minkang.exchange import Source, load_sources, register, sources
from minkang.exchange.sources import SourceError


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("sources", help="list the sources, or register those of a file")
    parser.add_argument("file", nargs="?", type=Path, help="YAML file with a list of sources")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        given = load_sources(chosen.file) if chosen.file else []
    except (SourceError, OSError) as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    with database(settings) as url:
        for source in asyncio.run(_register(settings, url, given)):
            sys.stdout.write(
                f"{source.id}\t{','.join(source.channels)}\t{source.organisation}\t{source.name}\n"
            )
    return 0


async def _register(settings: Settings, url: str, given: list[Source]) -> list[Source]:
    async with open_platform(settings, url) as platform:
        for source in given:
            await create_organisation(
                platform.pool,
                organisation_id=source.organisation,
                name=source.system_name,
                kind="institution",
            )
            await register(platform.store, source)
        async with platform.pool.acquire() as connection:
            return list((await sources(connection)).values())
