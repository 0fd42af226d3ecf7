"""`minkang policy`: the table of who may see what, to read, check, compare and try out.

It is changed on the pages of the security administrators, since two persons are needed for it.
"""

import argparse
import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from minkang.accounts import account_by_login
from minkang.app.database import database
from minkang.app.platform import open_gate, open_platform
from minkang.audit import Entry
from minkang.config import Settings
from minkang.fhir import Refused
from minkang.identity import resident
from minkang.policy import Action
from minkang.policy.cells import changes
from minkang.policy.decide import in_force
from minkang.policy.explain import Explanation, explain
from minkang.policy.table import flagged, parse_table
from minkang.policy.versions import VersionRefused, number_in_force, text_of, versions
from minkang.store import Scope


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("policy", help="who may see what: read, check, compare, try out")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="print the table in force, or a version")
    show.add_argument("number", nargs="?", type=int)
    show.set_defaults(run=_show)
    actions.add_parser("versions", help="list all versions").set_defaults(run=_versions)
    check = actions.add_parser("check", help="check a table and say what it would change")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_check)
    why = actions.add_parser("explain", help="why an account may or may not see a resident")
    why.add_argument("login")
    why.add_argument("person", help="id of the Person")
    why.add_argument("--do", choices=get_args(Action), default="open-record", metavar="ACTION")
    why.set_defaults(run=_explain)


def _show(settings: Settings, chosen: argparse.Namespace) -> int:
    async def run(url: str) -> str:
        async with open_platform(settings, url) as platform, open_gate(platform):
            number = chosen.number or await number_in_force(platform.pool) or 0
            return await text_of(platform.pool, number)

    with database(settings) as url:
        try:
            sys.stdout.write(asyncio.run(run(url)))
        except VersionRefused:
            sys.stderr.write("minkang: there is no such version\n")
            return 2
    return 0


def _versions(settings: Settings, _: argparse.Namespace) -> int:
    async def run(url: str) -> None:
        async with open_platform(settings, url) as platform, open_gate(platform):
            for one in await versions(platform.pool):
                decided = f", {one.decided_name} {one.decided:%Y-%m-%d}" if one.decided else ""
                sys.stdout.write(
                    f"{one.number:>4} {one.state:<9} {one.kind:<9} {one.proposed:%Y-%m-%d}"
                    f" {one.proposed_name}{decided} {one.why}\n"
                )

    with database(settings) as url:
        asyncio.run(run(url))
    return 0


def _check(settings: Settings, chosen: argparse.Namespace) -> int:
    async def take_up(url: str) -> None:
        async with open_platform(settings, url) as platform, open_gate(platform):
            pass

    try:
        table = parse_table(chosen.file.read_text(encoding="utf-8"))
    except OSError as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    except Refused as refused:
        for one in refused.problems:
            sys.stdout.write(f"{one.place}: {one.rule}: {one.text}\n")
        return 1
    with database(settings) as url:
        asyncio.run(take_up(url))
    changed = changes(in_force(), table)
    counted = Counter((one.cell.role, one.cell.action, one.before, one.after) for one in changed)
    for (role, action, before, after), count in sorted(counted.items()):
        sys.stdout.write(f"{role} {action}: {before} -> {after} in {count} cases\n")
    for one in flagged(table):
        sys.stdout.write(f"look at {one.place or 'the table'}: {one.text}\n")
    sys.stdout.write(f"{len(table.rows)} rows, {len(changed)} cases change\n")
    return 0


def _explain(settings: Settings, chosen: argparse.Namespace) -> int:
    async def run(url: str) -> Explanation | None:
        async with open_platform(settings, url) as platform, open_gate(platform) as gate:
            now = datetime.now(UTC)
            account = await account_by_login(platform.pool, chosen.login)
            found = await resident(platform.store, Scope.whole(), chosen.person)
            await gate.log.record(
                Entry(
                    action="try-policy", allowed=True, purpose="administration",
                    object_type="Policy", object_id=chosen.person,
                    person=found.person if found else None, at=now,
                )
            )  # fmt: skip
            if account is None or found is None:
                return None
            return await explain(
                gate, account, chosen.do, person=found.person, patients=found.patients,
                birth_date=found.birth_date, now=now,
            )  # fmt: skip

    with database(settings) as url:
        said = asyncio.run(run(url))
    if said is None:
        sys.stderr.write("minkang: there is no such log-in, or no such resident\n")
        return 2
    decision = said.decision
    sys.stdout.write(
        f"{'allowed' if decision.allowed else 'refused'}: {decision.reason}"
        f" (policy version {decision.version}); true now: {', '.join(said.true) or 'nothing'}\n"
    )
    for row in said.rows:
        lacks = [*row.lacks, *([f"one of {', '.join(row.one_of)}"] if row.one_of else [])]
        lacks += [f"not {one}" for one in row.against]
        state = row.row.effect if row.spoke else f"lacks {'; '.join(lacks)}"
        sys.stdout.write(f"  {row.row.id}: {state}\n")
    return 0
