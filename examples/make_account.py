"""Make an account: until the platform has pages for it, this is how the first ones come to be.

    .venv/bin/python examples/make_account.py LOGIN NAME ROLE [--org ID] [--person ID]

Run it in the folder in which `minkang serve` runs, or with the same MINKANG_HOME. The password is
asked for (or read from standard input, one line). A doctor needs --org, a resident --person.
"""

import argparse
import asyncio
import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from minkang.accounts import ROLES, Account, AccountRefused, create_account
from minkang.app.database import database
from minkang.app.platform import open_gate, open_platform
from minkang.config import Settings, load_settings


async def make(settings: Settings, url: str, chosen: argparse.Namespace, password: str) -> Account:
    """The new account; the audit log has it before it can be used."""
    async with open_platform(settings, url) as platform, open_gate(platform) as gate:
        return await create_account(
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


def main() -> int:
    """Make one account."""
    parser = argparse.ArgumentParser(description="Make an account.")
    parser.add_argument("login")
    parser.add_argument("name")
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("--org", help="id of the organisation")
    parser.add_argument("--person", help="id of the Person, for residents")
    chosen = parser.parse_args()
    terminal = sys.stdin.isatty()
    password = getpass.getpass() if terminal else sys.stdin.readline().rstrip("\n")
    settings = load_settings(os.environ, Path.cwd())
    with database(settings) as url:
        try:
            account = asyncio.run(make(settings, url, chosen, password))
        except AccountRefused as refused:
            sys.stderr.write(f"refused: {refused}\n")
            return 2
    sys.stdout.write(f"{account.login} {account.role} {account.id}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
