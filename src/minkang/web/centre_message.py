"""One message: its way, what was wrong, itself with what identifies people masked."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from minkang.crypto import sm3
from minkang.exchange import sources
from minkang.exchange.log import Detail, detail
from minkang.exchange.view import masked_text, open_columns, parts
from minkang.web.centre_lines import STATES, channel_words, shown_line
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.type_words import type_words


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
    opened = open_columns(source) if source else frozenset[str]()
    segments = parts(found.line.channel, charset, found.raw, found.problems, opened)
    return visitor.page(
        "centre/message.html",
        message={
            **shown_line(found.line, known, visitor.now),
            "protocol": channel_words(found.line.channel, visitor.say),
            "size": found.line.size,
            "encoding": charset.upper(),
            "digest": sm3(found.raw).hex(),
            "tries": max(0, found.line.attempts),
            "source_page": f"/centre/sources/{source.id}" if source else None,
        },
        steps=_steps(found, visitor.say),
        problems=found.problems,
        segments=segments,
        wide=found.line.channel not in ("mllp", "table"),
        raw_text="" if segments else masked_text(found.raw, charset),
        made=[
            {
                "type": type_words(made.type, visitor.say),
                "id": made.id,
                "text": visitor.say("第 %(n)s 版") % {"n": made.version},
                "href": f"/centre/messages?{urlencode({'resource': f'{made.type}/{made.id}'})}",
            }
            for made in found.made
        ],
        replayed=STATES.get(replayed),
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
    if line.state == "trial":
        reached = min(reached, order.index("store"))
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
        state = _step_state(found, number, reached)
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


def _step_state(found: Detail, number: int, reached: int) -> str:
    if found.line.state == "waiting":
        return "waiting"
    if found.line.state == "stored" or number < reached:
        return "done"
    return "failed" if number == reached and found.problems else "skipped"
