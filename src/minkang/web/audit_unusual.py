"""Unusual use: what simple rules point at, each with its reason and the way to the entries."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery

from minkang.accounts import organisation_names
from minkang.accounts.posts import Post, posts_of
from minkang.audit.unusual import (
    MANY_RECORDS,
    MANY_REFUSALS,
    NIGHT,
    Opened,
    opened_since,
    unusual_use,
)
from minkang.identity import resident
from minkang.policy.mask import masked_name
from minkang.store import Scope
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

_DAYS = (1, 7, 30)
_NAMES = 500  # residents whose names are compared: each is read and unsealed

RULES: Final[dict[str, str]] = {
    "many-records": N_("一小时内打开很多人的档案"),
    "many-refusals": N_("一小时内多次被拒绝"),
    "night": N_("夜间打开档案"),
    "departed": N_("离岗后仍有操作"),
    "same-surname": N_("打开同姓居民的档案"),
}


@get("/audit/unusual")
async def unusual_page(visitor: VisitorParameter, days: FromQuery[int] = 7) -> Response[Any]:
    """What the rules find in the last days."""
    await visitor.ask("read-audit", object_type="AuditEntry", object_id="unusual")
    chosen = days if days in _DAYS else 7
    since = visitor.now - timedelta(days=chosen)
    pool = visitor.web.store.pool
    names = await organisation_names(pool)
    opened = await opened_since(pool, since)
    rows = [
        _row(one.rule, one, names, one.since, one.until, one.count)
        for one in await unusual_use(pool, since)
    ]
    rows += await _departed(visitor, opened, names)
    rows += await _same_surname(visitor, opened, names)
    return visitor.page(
        "audit/unusual.html",
        days=chosen,
        choices=_DAYS,
        groups=[
            {
                "rule": rule,
                "name": visitor.say(words),
                "rows": [row for row in rows if row["rule"] == rule],
            }
            for rule, words in RULES.items()
        ],
        many=MANY_RECORDS,
        refusals=MANY_REFUSALS,
        night=NIGHT,
    )


async def _departed(
    visitor: Visitor, opened: Sequence[Opened], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Records opened by accounts that held no post any more: sessions end with the post, so this
    must not happen."""
    accounts = sorted({one.account for one in opened if _is_id(one.account)})
    posts = await posts_of(visitor.web.store.pool, accounts) if accounts else {}
    rows = []
    for one in opened:
        held = posts.get(one.account, [])
        if held and not any(_held(post, one.last) for post in held):
            rows.append(_row("departed", one, names, one.first, one.last, one.times))
    return rows


async def _same_surname(
    visitor: Visitor, opened: Sequence[Opened], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Accounts that opened only few records, one of them of somebody with their own surname."""
    rows = []
    for one in opened[:_NAMES]:
        found = await resident(visitor.web.store, Scope.whole(), one.person)
        if found is None or not one.account_name or not found.name:
            continue
        if masked_name(found.name).rstrip("*") == masked_name(one.account_name).rstrip("*"):
            row = _row("same-surname", one, names, one.first, one.last, one.times)
            rows.append({**row, "person": one.person})
    return rows


def _row(
    rule: str,
    one: Any,
    names: Mapping[str, str],
    since: datetime,
    until: datetime,
    count: int,
) -> dict[str, Any]:
    query = {
        "actor": one.account,
        "since": since.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"),
        "until": (until + timedelta(minutes=1)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"),
    }
    if rule == "many-refusals":
        query["kind"] = "refused"
    return {
        "rule": rule,
        "name": one.account_name,
        "role": one.role,
        "institution": names.get(one.organisation or "", ""),
        "since": since,
        "until": until,
        "count": count,
        "href": f"/audit?{urlencode(query)}",
    }


def _held(post: Post, at: datetime) -> bool:
    return post.begins <= at and (post.ends is None or post.ends > at)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
