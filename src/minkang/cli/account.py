"""`minkang account`: who can log in, what posts they hold; people and organisations from a file."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from minkang.accounts import (
    ROLES,
    Account,
    AccountRefused,
    account_by_login,
    create_account,
    set_disabled,
)
from minkang.accounts.fhir_directory import sync_directory
from minkang.accounts.import_rows import SHEET_NAMES
from minkang.accounts.people import Wanted, list_people
from minkang.accounts.people_import import Line, Plan, PlanChanged, carry_out_import, plan_import
from minkang.accounts.post_steps import NewPost
from minkang.accounts.posts import end_post, give_post, posts_of
from minkang.accounts.recovery import make_recovery_link
from minkang.app.database import database
from minkang.app.platform import Platform, open_gate, open_platform
from minkang.config import Settings
from minkang.exchange.tables import TableFault
from minkang.fhir.dates import LOCAL
from minkang.policy import Gate
from minkang.web.people_file import rows_of
from minkang.web.people_words import REASONS

OK, REFUSED, USAGE = 0, 1, 2
_WORDS = {"make": "新建", "change": "修改", "end": "结束", "same": "不变", "refused": "不行"}

Work = Callable[[Platform, Gate, argparse.Namespace], Awaitable[int]]


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("account", help="accounts, posts, organisations and people")
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    create = steps.add_parser("create", help="make an account; asks for its password")
    create.add_argument("login")
    create.add_argument("--name", required=True, help="the person's name")
    create.add_argument("--role", required=True, choices=ROLES)
    create.add_argument("--org", help="id of the organisation")
    create.add_argument("--person", help="id of the Person (residents)")
    create.add_argument("--must-change", action="store_true", help="at the first log-in")
    create.set_defaults(run=_with_password)
    listed = steps.add_parser("list", help="accounts by login")
    listed.add_argument("--role", choices=ROLES, default="")
    listed.add_argument("--org", help="id of the organisation, without what lies in it")
    listed.add_argument("--text", default="", help="part of a name or login")
    listed.set_defaults(run=_run, work=_list)
    _add_post(steps)
    for name, disabled in (("disable", True), ("enable", False)):
        switch = steps.add_parser(name, help=f"{name} an account")
        switch.add_argument("login")
        switch.set_defaults(run=_run, work=_switch, disabled=disabled)
    recover = steps.add_parser("recover", help="print a link to set a new password")
    recover.add_argument("login")
    recover.add_argument("--factor", action="store_true", help="take the second factor away, too")
    recover.set_defaults(run=_run, work=_recover)
    bring = steps.add_parser("import", help="organisations and people from an XLSX or CSV file")
    bring.add_argument("file", type=Path)
    bring.add_argument("--apply", action="store_true", help="do it; else only say what would be")
    bring.set_defaults(run=_run, work=_import)
    sync = steps.add_parser("sync", help="write organisations and staff to the FHIR store")
    sync.set_defaults(run=_run, work=_sync)


def _add_post(steps: Any) -> None:
    post = steps.add_parser("post", help="give or end a post").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    give = post.add_parser("add", help="give a post; prints its id")
    give.add_argument("login")
    give.add_argument("--role", required=True, choices=ROLES)
    give.add_argument("--org", help="id of the organisation")
    give.add_argument("--department", default="")
    give.add_argument("--title", default="")
    give.add_argument("--from", dest="begins", type=_day, help="first day, as 2026-01-31")
    give.add_argument("--to", dest="ends", type=_day, help="last day")
    give.set_defaults(run=_run, work=_give)
    end = post.add_parser("end", help="end a post, or all of somebody's")
    end.add_argument("login")
    end.add_argument("--role", choices=ROLES, help="only posts of this role")
    end.add_argument("--org", help="only posts at this organisation")
    end.add_argument("--to", dest="ends", type=_day, help="last day; else at once")
    end.add_argument("--why", default="")
    end.set_defaults(run=_run, work=_end)


def _day(text: str) -> datetime:
    return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(), LOCAL)  # noqa: DTZ007 - only its day


def _with_password(settings: Settings, chosen: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        chosen.password = getpass.getpass("password: ")
    else:
        chosen.password = sys.stdin.readline().rstrip("\n")
    chosen.work = _create
    return _run(settings, chosen)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    async def inside(url: str) -> int:
        work: Work = chosen.work
        async with open_platform(settings, url) as platform, open_gate(platform) as gate:
            return await work(platform, gate, chosen)

    with database(settings) as url:
        try:
            return asyncio.run(inside(url))
        except AccountRefused as error:
            _complain(f"minkang: {error} {REASONS.get(error.code, '')}".rstrip())
            return USAGE


async def _create(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    account = await create_account(
        platform.pool,
        gate.log,
        login=chosen.login,
        name=chosen.name,
        role=chosen.role,
        password=chosen.password,
        now=datetime.now(UTC),
        organisation=chosen.org,
        person=chosen.person,
        must_change=chosen.must_change,
    )
    await sync_directory(platform.store, accounts=[account.id])
    _say(account.id)
    return OK


async def _list(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    del gate
    organisations = frozenset([chosen.org]) if chosen.org else None
    after: str | None = ""
    while after is not None:
        wanted = Wanted(
            text=chosen.text, role=chosen.role, organisations=organisations, after=after
        )
        people, after = await list_people(platform.pool, wanted, now=datetime.now(UTC))
        for one in people:
            state = "disabled" if one.disabled else ",".join(one.roles) or "no-post"
            _say("\t".join((one.login, one.name, state, "、".join(one.organisations))))
    return OK


async def _give(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    account = await _account(platform, chosen.login)
    post = NewPost(
        role=chosen.role,
        organisation=chosen.org,
        department=chosen.department,
        title=chosen.title,
        begins=chosen.begins,
        ends=None if chosen.ends is None else chosen.ends + timedelta(days=1),
    )
    given = await give_post(platform.pool, gate.log, account.id, post, now=datetime.now(UTC))
    await sync_directory(platform.store, accounts=[account.id])
    _say(given)
    return OK


async def _end(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    account, now = await _account(platform, chosen.login), datetime.now(UTC)
    ends = None if chosen.ends is None else max(now, chosen.ends + timedelta(days=1))
    ended = 0
    for post in (await posts_of(platform.pool, [account.id]))[account.id]:
        named = chosen.role in (None, post.role) and chosen.org in (None, post.organisation)
        if named and (post.ends is None or post.ends > now):
            await end_post(platform.pool, gate.log, post.id, now=now, ends=ends, why=chosen.why)
            ended += 1
    await sync_directory(platform.store, accounts=[account.id])
    if not ended:
        raise AccountRefused("post-unknown", chosen.login)
    return OK


async def _switch(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    account = await _account(platform, chosen.login)
    await set_disabled(
        platform.pool, gate.log, account.id, disabled=chosen.disabled, now=datetime.now(UTC)
    )
    await sync_directory(platform.store, accounts=[account.id])
    return OK


async def _recover(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    account = await _account(platform, chosen.login)
    link = await make_recovery_link(
        platform.pool, platform.keys, gate.log, account.id,
        by=None, now=datetime.now(UTC), factor=chosen.factor,
    )  # fmt: skip
    _say(f"/recover/{link.token}")
    return OK


async def _import(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    try:
        rows = rows_of(chosen.file.read_bytes())
    except TableFault as fault:
        _complain(f"minkang: {chosen.file}: {fault}")
        return REFUSED
    now = datetime.now(UTC)
    if not chosen.apply:
        return _report(await plan_import(platform.pool, rows, now=now, by=None))
    try:
        done = await carry_out_import(platform.pool, gate.log, rows, now=now)
    except PlanChanged as changed:
        return _report(changed.plan)
    await sync_directory(platform.store)
    code = _report(done.plan)
    for one in done.passwords:
        _say(f"{one.login}\t{one.name}\t{one.password}")
    return code


async def _sync(platform: Platform, gate: Gate, chosen: argparse.Namespace) -> int:
    del gate, chosen
    done = await sync_directory(platform.store)
    _say(f"{done.resources} resources, {done.written} written")
    return OK


def _report(plan: Plan) -> int:
    """Say what becomes of each row, to standard error; first passwords alone go to the output."""
    for line in plan.lines:
        _complain(_line(line))
    return REFUSED if plan.refused else OK


def _line(line: Line) -> str:
    place = f"{SHEET_NAMES[line.sheet]} {line.number}"
    told = f"{place}\t{line.subject}\t{_WORDS[line.what]}"
    if line.what != "refused":
        return told
    return f"{told}\t{line.column}\t{line.rule}\t{REASONS.get(line.rule, '')}{line.about}"


async def _account(platform: Platform, login: str) -> Account:
    found = await account_by_login(platform.pool, login)
    if found is None:
        raise AccountRefused("account-unknown", login)
    return found


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")
