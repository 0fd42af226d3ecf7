"""`minkang quality run`: judge once more what is stored."""

import argparse
import asyncio
import json
import sys
import time
from datetime import date
from typing import Any

from minkang.app.database import database
from minkang.app.platform import open_platform
from minkang.config import Settings
from minkang.exchange.quality import judge_again
from minkang.exchange.reconciliation import settle


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("quality", help="judge anew what the sources have sent")
    parser.add_argument("action", choices=["run"])
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DATE", help="only days from this one on"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    started = time.monotonic()
    with database(settings) as url:
        count = asyncio.run(_judge(settings, url, chosen.since))
    seconds = round(time.monotonic() - started, 3)
    if chosen.json:
        sys.stdout.write(json.dumps({"judged": count, "seconds": seconds}) + "\n")
    else:
        sys.stdout.write(f"{count} resources judged in {seconds} s\n")
    return 0


async def _judge(settings: Settings, url: str, since: date | None) -> int:
    async with open_platform(settings, url) as platform:
        count = await judge_again(platform.store, platform.keys, since)
        async with platform.pool.acquire() as connection:
            while await settle(connection):
                pass
    return count
