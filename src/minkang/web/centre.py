"""The information centre's pages: messages as they arrive, quarantine, replay, sources."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from minkang.crypto import sm3
from minkang.exchange import Source, replay, replay_rule, sources
from minkang.exchange.log import (
    Detail,
    Logged,
    SourceState,
    detail,
    messages,
    problems_of,
    source_states,
    states,
)
from minkang.exchange.quarantine import by_rule
from minkang.exchange.view import masked_text, parts
from minkang.web.context import Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_PAGE = 40
_IN_GROUP = 10
_QUIET = timedelta(hours=24)
_STOPPED = timedelta(days=7)
_NEW = timedelta(seconds=4)
_STATES = {"stored": "stored", "waiting": "pending", "quarantined": "quarantined"}
_BY_SHOWN = {shown: state for state, shown in _STATES.items()}
_TYPES = {
    "Condition": N_("诊断"),
    "DiagnosticReport": N_("报告"),
    "Encounter": N_("就诊"),
    "Observation": N_("结果"),
    "Patient": N_("患者"),
}

# `state` is a name that Litestar keeps for itself.
State = Annotated[str, QueryParameter(name="state")]
Checked = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/centre/messages")
async def messages_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromQuery[str] = "",
    shown: State = "",
    before: FromQuery[int | None] = None,
) -> Response[Any]:
    """Sources, and messages as they arrive."""
    await visitor.ask("watch-messages")
    stream = await _stream(web, visitor, source, shown, before)
    choices = [{"id": s["id"], "name": s["name"]} for s in stream["sources"]]
    return visitor.page("centre/messages.html", source_choices=choices, **stream)


@get("/centre/messages/live")
async def messages_live(
    web: WebParameter, visitor: VisitorParameter, source: FromQuery[str] = "", shown: State = ""
) -> Response[Any]:
    """The part that asks for itself."""
    await visitor.ask("watch-messages", background=True)
    return visitor.page("centre/_messages.html", **await _stream(web, visitor, source, shown, None))


async def _stream(
    web: Web, visitor: Visitor, source: str, state: str, before: int | None
) -> dict[str, Any]:
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        doing = await source_states(connection, visitor.now)
        lines = await messages(
            connection,
            source=source or None,
            state=_BY_SHOWN.get(state),
            before=before,
            limit=_PAGE,
        )
    filters = {"source": source, "state": state}
    more = urlencode({**filters, "before": lines[-1].id}) if len(lines) == _PAGE else ""
    return {
        "live_href": f"/centre/messages/live?{urlencode(filters)}",
        "filters": filters,
        "sources": [_source_card(known[one.id], one, visitor.now) for one in doing.values()],
        "messages": [_line(line, known, visitor.now) for line in lines],
        "more_href": f"/centre/messages?{more}" if more else None,
    }


def _source_card(source: Source, state: SourceState, now: datetime) -> dict[str, Any]:
    if state.last is None:
        life = "never"
    elif now - state.last > _STOPPED:
        life = "stopped"
    else:
        life = "quiet" if now - state.last > _QUIET else "live"
    return {
        "id": source.id,
        "name": source.name,
        "state": life,
        "last_at": state.last,
        "today": state.today,
        "total": state.total,
        "quarantined": state.quarantined,
        "href": f"/centre/messages?{urlencode({'source': source.id})}",
    }


def _line(line: Logged, known: dict[str, Source], now: datetime) -> dict[str, Any]:
    delay = line.processed - line.received if line.processed else None
    return {
        "id": line.id,
        "received_at": line.received,
        "source_name": known[line.source].name if line.source else "",
        "type": line.kind,
        "control_id": line.control_id,
        "state": _STATES[line.state],
        "made": line.made,
        "delay_ms": int(delay.total_seconds() * 1000) if delay is not None else None,
        "href": f"/centre/messages/{line.id}",
        "new": now - line.received < _NEW,
    }


@get("/centre/messages/{message:int}")
async def message_page(
    web: WebParameter,
    visitor: VisitorParameter,
    message: FromPath[int],
    replayed: FromQuery[str] = "",
) -> Response[Any]:
    """One message with its way and what was wrong; what identifies people is masked."""
    await visitor.ask("read-message", object_type="message", object_id=str(message))
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        found = await detail(web.store, connection, message)
    if found is None:
        raise NotFoundException
    source = known.get(found.line.source or "")
    charset = source.charset if source else "utf-8"
    segments = parts(found.line.channel, charset, found.raw, found.problems)
    return visitor.page(
        "centre/message.html",
        message={
            **_line(found.line, known, visitor.now),
            "protocol": "HL7 v2 / MLLP"
            if found.line.channel == "mllp"
            else visitor.say("前置库表"),
            "size": found.line.size,
            "encoding": charset.upper(),
            "digest": sm3(found.raw).hex(),
            "tries": max(0, found.line.attempts),
        },
        steps=_steps(found, visitor.say),
        problems=found.problems,
        segments=segments,
        raw_text="" if segments else masked_text(found.raw, charset),
        made=[
            {
                "type": visitor.say(_TYPES.get(made.type, made.type)),
                "id": made.id,
                "text": visitor.say("第 %(n)s 版") % {"n": made.version},
                "href": None,
            }
            for made in found.made
        ],
        replayed=_STATES.get(replayed),
    )


def _steps(found: Detail, say: Callable[[str], str]) -> list[dict[str, Any]]:
    """The way of a message: kept, mapped, stored; each done, failed or still to come."""
    line = found.line
    failed_at = found.problems[0].stage if found.problems else None
    took = int((line.processed - line.received).total_seconds() * 1000) if line.processed else None
    stages = (
        ("frame", say("收取")),
        ("parse", say("解析")),
        ("map", say("转换")),
        ("store", say("入库")),
    )
    order = [stage for stage, _ in stages]
    reached = order.index(failed_at) if failed_at in order else len(order)
    steps: list[dict[str, Any]] = [
        {
            "title": say("原文已保存"),
            "state": "done",
            "at": line.received,
            "ms": 0,
            "text": say("重复收到 %(n)s 次") % {"n": line.repeats} if line.repeats else "",
        }
    ]
    for number, (_, title) in enumerate(stages):
        if line.state == "waiting":
            state = "waiting"
        elif line.state == "stored" or number < reached:
            state = "done"
        else:
            state = "failed" if number == reached else "skipped"
        last = number == len(stages) - 1 and line.state == "stored"
        steps.append(
            {
                "title": title,
                "state": state,
                "at": line.processed if last else None,
                "ms": took if last else None,
                "text": found.problems[0].text if state == "failed" else "",
            }
        )
    return steps


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


@get("/centre/quarantine")
async def quarantine_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromQuery[str] = "",
    tried: FromQuery[int | None] = None,
    stored: FromQuery[int] = 0,
) -> Response[Any]:
    """What failed, by the rule that stopped it."""
    await visitor.ask("watch-messages")
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        counts = await by_rule(connection)
        totals: dict[str, int] = defaultdict(int)
        stages: dict[str, str] = {}
        for one in counts:
            if not source or one.source == source:
                totals[one.rule] += one.count
                stages[one.rule] = one.stage
        groups = []
        for rule, count in sorted(totals.items(), key=lambda pair: -pair[1]):
            lines = await messages(
                connection,
                source=source or None,
                state="quarantined",
                rule=rule,
                limit=_IN_GROUP,
            )
            problems = await problems_of(connection, [line.id for line in lines])
            rows = []
            for line in lines:
                # A replay under way may have taken the problem away since.
                problem = next((p for p in problems.get(line.id, []) if p.rule == rule), None)
                if problem is None:
                    continue
                shown = _line(line, known, visitor.now)
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
                    "more_href": None,
                }
            )
    again = None if tried is None else {"tried": tried, "stored": stored, "again": tried - stored}
    return visitor.page(
        "centre/quarantine.html",
        total=sum(totals.values()),
        groups=groups,
        replayed=again,
        filters={"source": source, "state": ""},
        source_choices=[{"id": one.id, "name": one.name} for one in known.values()],
    )


@post("/centre/quarantine/replay")
async def quarantine_replay(
    web: WebParameter, visitor: VisitorParameter, data: Checked
) -> Redirect:
    """Process again: those chosen, all of a rule, or one."""
    action = str(data.get("action", ""))
    await visitor.ask("replay-messages", object_type="quarantine", object_id=action)
    kind, _, value = action.partition(":")
    async with web.store.pool.acquire() as connection:
        if kind == "rule":
            ids = await replay_rule(connection, value)
        else:
            chosen = data.get("message", []) if kind == "selected" else [value]
            chosen = chosen if isinstance(chosen, list) else [chosen]
            ids = await replay(connection, [int(one) for one in chosen if str(one).isdecimal()])
    settled = await _settled(web, ids) if ids else {}
    stored = sum(state == "stored" for state in settled.values())
    return Redirect(f"/centre/quarantine?tried={len(ids)}&stored={stored}", status_code=303)


@get("/centre/sources")
async def sources_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """The sources that are set up."""
    await visitor.ask("watch-messages")
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        doing = await source_states(connection, visitor.now)
    settings = web.settings
    return visitor.page(
        "centre/sources.html",
        sources=[
            {
                **_source_card(known[one.id], one, visitor.now),
                "institution": known[one.id].organisation,
                "protocol": "HL7 v2 / MLLP"
                if known[one.id].channel == "mllp"
                else visitor.say("前置库表"),
                "address": f"{settings.mllp_host}:{settings.mllp_port}"
                if known[one.id].channel == "mllp"
                else known[one.id].table_name or "",
                "encoding": known[one.id].charset.upper(),
            }
            for one in doing.values()
        ],
    )
