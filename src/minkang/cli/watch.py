"""`minkang watch`: takes the files that are put into a folder."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.load_arrivals import UnfitSource
from minkang.app.platform import open_platform
from minkang.app.watch_folders import Into, TakenFile, empty_folder, watch_folder
from minkang.config import Settings, WatchedFolder
from minkang.exchange import Inbox, InboxUnavailable
from minkang.exchange.known import KnownSources

_FORMATS = ("auto", "fhir", "hl7v2", "cda", "wst", "table")
_INTERRUPTED = 130
_MISSING = 3


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "watch", help="take the files that are put into a folder, each once it is whole"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", required=True, help="id of the registered source")
    parser.add_argument("--format", choices=_FORMATS, default="auto")
    parser.add_argument(
        "--settle",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="a file is whole when it has not changed for so long (5), or has an .ok beside it",
    )
    parser.add_argument("--once", action="store_true", help="take what is there, and end")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    watched = WatchedFolder(
        folder=chosen.folder,
        source=chosen.source,
        format=chosen.format,
        settle_seconds=max(0.0, chosen.settle),
    )
    if not watched.folder.is_dir():
        sys.stderr.write(f"minkang: {watched.folder}: there is no such folder\n")
        return 2
    try:
        with database(settings) as url:
            taken = asyncio.run(_watch(settings, url, watched, once=chosen.once))
    except UnfitSource as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    except InboxUnavailable as error:
        sys.stderr.write(f"minkang: not kept, the files stay: {error}\n")
        return _MISSING
    except KeyboardInterrupt:
        return _INTERRUPTED
    for one in taken:
        sys.stdout.write(msgspec.json.encode(one).decode() + "\n")
    return 1 if any(one.problems for one in taken) else 0


async def _watch(
    settings: Settings, url: str, watched: WatchedFolder, *, once: bool
) -> list[TakenFile]:
    async with open_platform(settings, url) as platform:
        inbox = Inbox(platform.store)
        into = Into(inbox, KnownSources(platform.pool), platform.keys.id_key)
        try:
            if once:
                return await empty_folder(into, watched)
            await watch_folder(into, watched)
        finally:
            await inbox.close()
    return []
