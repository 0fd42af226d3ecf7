"""`minkang targets`: register the systems that get what changes, list them, send again."""

import argparse
import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from minkang.app.database import database
from minkang.app.platform import open_platform
from minkang.config import Settings
from minkang.exchange.targets import (
    Target,
    TargetError,
    load_targets,
    save_target,
    send_again,
    targets,
)

_ZONE = ZoneInfo("Asia/Shanghai")


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "targets", help="list the outbound targets, register those of a file, or send again"
    )
    parser.add_argument("file", nargs="?", type=Path, help="YAML file with a list of targets")
    parser.add_argument("--again", metavar="ID", help="send to this target again")
    parser.add_argument("--since", type=_moment, help="what changed from this day on (YYYY-MM-DD)")
    parser.add_argument("--until", type=_moment, help="what changed before this day")
    parser.set_defaults(run=_run)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=_ZONE)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2026-05-01") from error


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        given = load_targets(chosen.file) if chosen.file else []
    except (TargetError, OSError) as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    with database(settings) as url:
        return asyncio.run(_do(settings, url, given, chosen))


async def _do(settings: Settings, url: str, given: list[Target], chosen: argparse.Namespace) -> int:
    async with open_platform(settings, url) as platform, platform.pool.acquire() as connection:
        for target in given:
            await save_target(connection, target)
        known = await targets(connection)
        if chosen.again is not None:
            if chosen.again not in known:
                sys.stderr.write(f"minkang: there is no target {chosen.again}\n")
                return 2
            count = await send_again(
                connection, chosen.again, since=chosen.since, until=chosen.until
            )
            sys.stdout.write(f"{count} resources will be sent to {chosen.again} again\n")
            return 0
        for one in known.values():
            state = one.trouble or ("" if one.enabled else "switched off")
            sys.stdout.write(f"{one.id}\t{one.form}\t{one.address}\t{one.name}\t{state}\n")
    return 0
