"""Quarantine: what failed and why, what has no mapping yet, and both once more."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect

from minkang.exchange import Source, replay, replay_rule, sources
from minkang.exchange.log import Sought, messages, problems_of, states
from minkang.exchange.quarantine import MOST_NOTED, RuleCount, by_rule, noted, replay_noted
from minkang.store import Connection
from minkang.web.centre_lines import shown_line
from minkang.web.context import Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.source_card import counted
from minkang.web.visitor import Visitor

_IN_GROUP = 10

Checked = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/centre/quarantine")
async def quarantine_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromQuery[str] = "",
    tried: FromQuery[int | None] = None,
    stored: FromQuery[int] = 0,
) -> Response[Any]:
    """What failed, by the rule that stopped it, and what was stored with a note."""
    await visitor.ask("watch-messages")
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        counts = _wanted(await by_rule(connection), source)
        groups = await _groups(connection, visitor, counts, source, known)
        notes = await noted(connection, source)
    again = None if tried is None else {"tried": tried, "stored": stored, "again": tried - stored}
    return visitor.page(
        "centre/quarantine.html",
        total=sum(group["count"] for group in groups),
        groups=groups,
        notes=[
            {
                "rule": rule,
                "count": counted(count, MOST_NOTED),
                "href": _list_href(rule, "stored", source),
            }
            for rule, count in notes.items()
        ],
        replayed=again,
        filters={"source": source, "state": ""},
        source_choices=[{"id": one.id, "name": one.name} for one in known.values()],
    )


def _wanted(counts: Sequence[RuleCount], source: str) -> list[RuleCount]:
    return [one for one in counts if source in ("", one.source)]


def _totals(counts: Sequence[RuleCount]) -> dict[str, int]:
    """Messages by rule, over all sources, most first."""
    totals: dict[str, int] = defaultdict(int)
    for one in counts:
        totals[one.rule] += one.count
    return dict(sorted(totals.items(), key=lambda pair: -pair[1]))


def _list_href(rule: str, state: Literal["stored", "quarantined"], source: str) -> str:
    """Where the log lists all of them."""
    asked = {"rule": rule, "state": state, **({"source": source} if source else {})}
    return f"/centre/messages?{urlencode(asked)}"


async def _groups(
    connection: Connection,
    visitor: Visitor,
    counts: Sequence[RuleCount],
    source: str,
    known: Mapping[str, Source],
) -> list[dict[str, Any]]:
    stages = {one.rule: one.stage for one in counts}
    groups = []
    for rule, count in _totals(counts).items():
        sought = Sought(source=source, state="quarantined", rule=rule)
        lines = await messages(connection, sought, limit=_IN_GROUP)
        problems = await problems_of(connection, [line.id for line in lines])
        rows = []
        for line in lines:
            # A replay under way may have taken the problem away since.
            problem = next((p for p in problems.get(line.id, []) if p.rule == rule), None)
            if problem is None:
                continue
            shown = shown_line(line, known, visitor.now)
            rows.append(
                {**shown, "place": problem.place, "text": problem.text, "tries": line.attempts}
            )
        groups.append(
            {
                "rule": rule,
                "text": rows[0]["text"] if rows else "",
                "stage": stages[rule],
                "count": count,
                "oldest": min((line.received for line in lines), default=visitor.now),
                "messages": rows,
                "more": count - len(rows),
                "more_href": _list_href(rule, "quarantined", source),
            }
        )
    return groups


@post("/centre/quarantine/replay")
async def quarantine_replay(
    web: WebParameter, visitor: VisitorParameter, data: Checked
) -> Redirect:
    """Process again: those chosen, all of a rule, all stored with a note, or one."""
    action = str(data.get("action", ""))
    await visitor.ask("replay-messages", object_type="quarantine", object_id=action)
    kind, _, value = action.partition(":")
    async with web.store.pool.acquire() as connection:
        if kind == "rule":
            ids = await replay_rule(connection, value)
        elif kind == "note":
            ids = await replay_noted(connection, value)
        else:
            chosen = data.get("message", []) if kind == "selected" else [value]
            chosen = chosen if isinstance(chosen, list) else [chosen]
            ids = await replay(connection, [int(one) for one in chosen if str(one).isdecimal()])
    settled = await _settled(web, ids) if ids else {}
    stored = sum(state == "stored" for state in settled.values())
    return Redirect(f"/centre/quarantine?tried={len(ids)}&stored={stored}", status_code=303)


@post("/centre/messages/{message:int}/replay")
async def message_replay(
    web: WebParameter, visitor: VisitorParameter, message: FromPath[int]
) -> Redirect:
    """Process one message again."""
    await visitor.ask("replay-messages", object_type="message", object_id=str(message))
    async with web.store.pool.acquire() as connection:
        await replay(connection, [message])
    settled = await _settled(web, [message])
    state = settled.get(message, "")
    return Redirect(f"/centre/messages/{message}?replayed={state}", status_code=303)


async def _settled(web: Web, ids: Sequence[int]) -> dict[int, str]:
    """The states of messages once none of them waits any more, at most after two seconds."""
    found: dict[int, str] = {}
    for _ in range(20):
        await asyncio.sleep(0.1)
        async with web.store.pool.acquire() as connection:
            found = await states(connection, ids)
        if "waiting" not in found.values():
            break
    return found
