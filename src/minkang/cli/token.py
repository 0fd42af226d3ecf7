"""`minkang token`: a bearer token for scripts and tests."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

from minkang.accounts import ROLES, AccountRefused, issue_token
from minkang.app.database import database
from minkang.app.platform import open_gate, open_platform
from minkang.config import Settings


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("token", help="print a bearer token")
    parser.add_argument("--role", required=True, choices=ROLES)
    parser.add_argument("--org", help="id of the organisation (doctors, systems)")
    parser.add_argument("--person", help="id of the Person, for residents")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    with database(settings) as url:
        try:
            sys.stdout.write(asyncio.run(_issue(settings, url, chosen)) + "\n")
        except AccountRefused as error:
            sys.stderr.write(f"minkang: {error}\n")
            return 2
    return 0


async def _issue(settings: Settings, url: str, chosen: argparse.Namespace) -> str:
    async with open_platform(settings, url) as platform, open_gate(platform) as gate:
        issued = await issue_token(
            platform.pool,
            platform.keys,
            gate.log,
            role=chosen.role,
            now=datetime.now(UTC),
            organisation=chosen.org,
            person=chosen.person,
        )
        return issued.token
