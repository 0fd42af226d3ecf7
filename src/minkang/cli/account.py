"""`minkang account`: make somebody who can log in."""

import argparse
import asyncio
import getpass
import sys
from datetime import UTC, datetime
from typing import Any

from minkang.accounts import ROLES, AccountRefused, create_account
from minkang.app.database import database
from minkang.app.platform import open_gate, open_platform
from minkang.config import Settings


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("account", help="make an account; asks for its password")
    parser.add_argument("login")
    parser.add_argument("--name", required=True, help="the person's name")
    parser.add_argument("--role", required=True, choices=ROLES)
    parser.add_argument("--org", help="id of the organisation (doctors, information centre)")
    parser.add_argument("--person", help="id of the Person (residents)")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        password = getpass.getpass("password: ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    with database(settings) as url:
        try:
            sys.stdout.write(asyncio.run(_create(settings, url, chosen, password)) + "\n")
        except AccountRefused as error:
            sys.stderr.write(f"minkang: {error}\n")
            return 2
    return 0


async def _create(settings: Settings, url: str, chosen: argparse.Namespace, password: str) -> str:
    async with open_platform(settings, url) as platform, open_gate(platform) as gate:
        account = await create_account(
            platform.pool,
            gate.log,
            login=chosen.login,
            name=chosen.name,
            role=chosen.role,
            password=password,
            now=datetime.now(UTC),
            organisation=chosen.org,
            person=chosen.person,
        )
        return account.id
