"""Unusual use, by simple rules that explain themselves: pointers for people, no verdicts.

What is counted is records opened (`open-record`, `open-glass`) and refusals. The numbers are ours,
not a law's; GB/T 22239-2019, 8.1.5.2 asks that the log be analysed.
"""

from datetime import datetime
from typing import Literal

import msgspec

from minkang.store import Connection, Pool

MANY_RECORDS = 30  # residents whose records one account opened within a clock hour
MANY_REFUSALS = 10  # refusals of one account within a clock hour
NIGHT = (22, 6)  # local hours between which looks count as at night
_MOST = 200

_NIGHT_HOURS = 24 - NIGHT[0] + NIGHT[1]
_LOCAL = "at at time zone 'Asia/Shanghai'"
_AT_NIGHT = (
    f"(extract(hour from {_LOCAL}) >= {NIGHT[0]} or extract(hour from {_LOCAL}) < {NIGHT[1]})"
)
_NIGHT_BEGINS = (
    f"(date_trunc('day', {_LOCAL} - interval '{NIGHT[1]} hours') + interval '{NIGHT[0]} hours') "
    "at time zone 'Asia/Shanghai'"
)

Rule = Literal["many-records", "many-refusals", "night"]


class Unusual(msgspec.Struct, frozen=True):
    """What one account did.

    Attributes:
        since, until: the hour or night it is about.
        count: residents opened, or refusals.
    """

    rule: Rule
    account: str
    account_name: str
    role: str
    organisation: str | None
    since: datetime
    until: datetime
    count: int


class Opened(msgspec.Struct, frozen=True):
    """That an account opened a resident's record; `last` is when it did so the last time."""

    account: str
    account_name: str
    role: str
    organisation: str | None
    person: str
    first: datetime
    last: datetime
    times: int


_OPENING = "action in ('open-record', 'open-glass') and allowed and role <> 'resident'"


async def unusual_use(source: "Pool | Connection", since: datetime) -> list[Unusual]:
    """What the rules find since a moment, the latest first; at most 200 of each rule."""
    found = []
    for rule, what, begins, length, least in (
        ("many-records", _OPENING, "date_trunc('hour', at)", "1 hour", MANY_RECORDS),
        ("many-refusals", "not allowed", "date_trunc('hour', at)", "1 hour", MANY_REFUSALS),
        ("night", f"{_OPENING} and {_AT_NIGHT}", _NIGHT_BEGINS, f"{_NIGHT_HOURS} hours", 1),
    ):
        counted = "count(*)" if rule == "many-refusals" else "count(distinct person)"
        rows = await source.fetch(
            f"""select account, max(account_name) as account_name, max(role) as role,
                    max(organisation) as organisation, {begins} as since,
                    {begins} + interval '{length}' as until, {counted} as count
                from audit.entry where at >= $1 and account is not null and {what}
                group by account, {begins} having {counted} >= {least}
                order by since desc, count desc limit {_MOST}""",  # noqa: S608 - constants
            since,
        )
        found += [Unusual(rule, **row) for row in rows]  # type: ignore[arg-type]
    return sorted(found, key=lambda one: (one.since, one.count), reverse=True)


async def opened_since(source: "Pool | Connection", since: datetime) -> list[Opened]:
    """Which account opened whose record since a moment, the latest first; at most 2,000."""
    rows = await source.fetch(
        f"""select account, max(account_name) as account_name, max(role) as role,
                max(organisation) as organisation, person, min(at) as first, max(at) as last,
                count(*) as times
            from audit.entry
            where at >= $1 and account is not null and person is not null and {_OPENING}
            group by account, person order by last desc limit 2000""",  # noqa: S608 - constants
        since,
    )
    return [Opened(**row) for row in rows]
