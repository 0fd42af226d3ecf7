"""Testing a source before it is live: what came on trial, a checklist, and single tries."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.exchange import Source
from minkang.exchange.log import Sought, messages, problems_of
from minkang.exchange.mappings.tables import shipped_mappings, shipped_text
from minkang.exchange.sources import Channel
from minkang.exchange.trial import (
    ENOUGH,
    RECENT,
    Readiness,
    clear,
    judge_again,
    readiness,
    try_message,
)
from minkang.fhir import Resource, encode
from minkang.terminology import source_maps
from minkang.web.centre_lines import channel_words, shown_line
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.resource_line import in_words
from minkang.web.sources_one import form_of, source_of
from minkang.web.visitor import Visitor
from minkang.web.wizard import step_context

_SHOWN = 30
_CODES = 10
_STRANGE = 3
_AN_HOUR = timedelta(hours=1)
_LARGEST = 8 * 1024 * 1024
_MOST_RESOURCES = 200


@get("/centre/sources/{source:str}/setup/test")
async def trial_page(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """What came so far, what is missing, and a place to try a message."""
    await visitor.ask("manage-sources", object_type="source", object_id=source)
    return await trial_response(visitor, await source_of(visitor, source))


@get("/centre/sources/{source:str}/setup/test/live")
async def trial_live(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """The part that asks for itself."""
    await visitor.ask("manage-sources", object_type="source", object_id=source, background=True)
    found = await source_of(visitor, source)
    return visitor.page("centre/_trial.html", source=found, **await _trial(visitor, found))


@post("/centre/sources/{source:str}/setup/test/judge")
async def trial_judge(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    request: Request[Any, Any, Any],
) -> Redirect:
    """Judge what came once more, after the settings or a mapping were mended, or begin anew."""
    clearing = (await form_of(request)).get("action") == "clear"
    named = f"{source}/{'clear' if clearing else 'judge'}"
    await visitor.ask("manage-sources", object_type="source", object_id=named)
    found = await source_of(visitor, source)
    async with web.store.pool.acquire() as connection:
        if clearing:
            await clear(connection, source)
        else:
            await judge_again(web.store, connection, web.keys.id_key, found)
    return Redirect(f"/centre/sources/{source}/setup/test", status_code=303)


@post("/centre/sources/{source:str}/setup/test/try", request_max_body_size=_LARGEST)
async def trial_try(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    request: Request[Any, Any, Any],
) -> Response[Any]:
    """Map a message that was pasted or uploaded; nothing of it is kept."""
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/try")
    found = await source_of(visitor, source)
    form = await request.form()
    text, file = str(form.get("text", "")), form.get("file")
    raw = await file.read() if isinstance(file, UploadFile) else b""
    channel = _channel(found, raw or text.encode(), form)
    if channel is None:
        return await trial_response(visitor, found, {"unclear": True, "text": text})
    async with web.store.pool.acquire() as connection:
        known = (await source_maps(web.store, connection, {source}))[source]
    raw = raw or _encoded(found, channel, text)
    tried = try_message(found, known, web.keys.id_key, channel, raw, visitor.now)
    shown = [
        {
            "type": one["resourceType"],
            "words": in_words(one),
            "json": encode_nicely(one),
        }
        for one in tried.resources[:_MOST_RESOURCES]
    ]
    return await trial_response(
        visitor,
        found,
        {
            "unclear": False,
            "text": text,
            "channel": channel_words(channel, visitor.say),
            "problems": tried.problems,
            "resources": shown,
            "count": len(tried.resources),
        },
    )


def encode_nicely(resource: Resource) -> str:
    """A resource as indented JSON."""
    return msgspec.json.format(encode(resource), indent=2).decode()


def mapping_text(source: Source) -> str:
    """The mapping of a source's tables as it stands, or one to begin with."""
    if source.mapping_text is not None:
        return source.mapping_text
    named = source.table_mapping
    return shipped_text(named if named in shipped_mappings() else "clinic_visits")


def _channel(source: Source, raw: bytes, form: Any) -> Channel | None:
    """The channel chosen, or that of the source which sends what begins like this."""
    chosen = form.get("channel")
    for channel in source.channels:
        if channel == chosen:
            return channel
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n\x0b")[:1]
    begins: dict[bytes, tuple[Channel, ...]] = {
        b"<": ("document", "wst"),
        b"{": ("fhir", "table"),
        b"M": ("mllp",),
    }
    return next((one for one in begins.get(start, ()) if one in source.channels), None)


def _encoded(source: Source, channel: Channel, text: str) -> bytes:
    """Pasted text as its sender would send it; a form turns every line end into two characters."""
    if channel != "mllp":
        return text.encode(errors="replace")
    lines = text.replace("\r\n", "\r").replace("\n", "\r")
    declared = lines.split("\r", 1)[0].split("|")[17:18]
    said = declared[0].upper() if declared else ""
    charset = "gb18030" if said.startswith("GB") else "utf-8" if said else source.charset
    return lines.encode(charset, errors="replace")


async def trial_response(
    visitor: Visitor,
    source: Source,
    tried: dict[str, Any] | None = None,
    table: dict[str, Any] | None = None,
) -> Response[Any]:
    """The page of the step, with what was tried just now: a message, or a table."""
    return visitor.page(
        "centre/wizard_test.html",
        tried=tried,
        table=table or {},
        mapping_text=mapping_text(source),
        channel_choices=[
            (name, channel_words(name, visitor.say)) for name in source.channels if name != "table"
        ],
        **step_context(visitor, "test", source),
        **await _trial(visitor, source),
    )


async def _trial(visitor: Visitor, source: Source) -> dict[str, Any]:
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        found = await readiness(web.store, connection, web.keys.id_key, source)
        sought = Sought(source=source.id, state="trial")
        lines = await messages(connection, sought, limit=_SHOWN)
        since = visitor.now - _AN_HOUR
        strange = await messages(connection, Sought(unknown=True, since=since), limit=_STRANGE)
        problems = await problems_of(connection, [line.id for line in [*lines, *strange]])
    known = {source.id: source}
    return {
        "live_href": f"/centre/sources/{source.id}/setup/test/live",
        "checks": _checks(visitor, source, found),
        "ready": found.is_ready(source),
        "unmapped": found.unmapped[:_CODES],
        "unmapped_more": max(0, len(found.unmapped) - _CODES),
        "messages": [
            {**shown_line(line, known, visitor.now), "problems": problems.get(line.id, [])}
            for line in lines
        ],
        "strange": [
            {**shown_line(line, known, visitor.now), "problems": problems.get(line.id, [])}
            for line in strange
        ],
    }


def _checks(visitor: Visitor, source: Source, found: Readiness) -> list[dict[str, Any]]:
    """The checklist: what must be shown to work before the source goes live."""
    say, good = visitor.say, sum(found.good.values())
    checks = [
        {
            "done": bool(found.good.get(channel)),
            "text": say("%(channel)s：收到一条没有问题的消息")
            % {"channel": channel_words(channel, say)},
            "note": say("已收到 %(n)s 条") % {"n": found.good.get(channel, 0)},
        }
        for channel in source.channels
    ]
    checks.append(
        {
            "done": good >= ENOUGH,
            "text": say("至少 %(n)s 条没有问题的消息") % {"n": ENOUGH},
            "note": say("没有问题 %(good)s 条，有问题 %(bad)s 条")
            % {"good": good, "bad": found.bad},
        }
    )
    checks.append(
        {
            "done": good > 0 and found.recently_bad == 0,
            "text": say("最近 %(n)s 条都没有问题") % {"n": RECENT},
            "note": say("有问题的 %(n)s 条") % {"n": found.recently_bad},
        }
    )
    checks.append(
        {
            "done": good > 0 and found.unidentified == 0,
            "text": say("患者认得出是谁：有身份证号，或者有姓名、性别和出生日期"),
            "note": say("患者 %(n)s 人，认不出的 %(bad)s 人")
            % {"n": found.patients, "bad": found.unidentified},
        }
    )
    return checks
