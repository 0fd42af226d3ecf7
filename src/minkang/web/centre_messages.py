"""The message log: sources, messages as they arrive, and any message found again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get

from minkang.exchange import Source, sources
from minkang.exchange.figures import source_figures
from minkang.exchange.ids import derive_id
from minkang.exchange.log import Sought, messages
from minkang.fhir import TYPE_CODES
from minkang.web.centre_lines import CHANNELS, STATES, channel_words, shown_line
from minkang.web.context import Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.source_card import source_card
from minkang.web.tables import MOST_ROWS, Column, address, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE

_HERE = "/centre/messages"
_PAGE = 40
_LONGEST = 200
_STATES = {
    "stored": N_("已入库"),
    "pending": N_("待处理"),
    "quarantined": N_("隔离"),
    "trial": N_("试运行"),
}
_BY_SHOWN = {shown: state for state, shown in STATES.items()}


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of the log asks for, as typed; empty is anything.

    Attributes:
        since, until: local time as `2026-11-22T08:00`.
        resource: `Patient/3f…`.
        patient: the number by which the source itself knows the patient.
    """

    source: str = ""
    channel: str = ""
    state: str = ""
    kind: str = ""
    rule: str = ""
    control: str = ""
    since: str = ""
    until: str = ""
    resource: str = ""
    patient: str = ""

    @property
    def given(self) -> dict[str, str]:
        """Those that are not empty, for an address."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name))}


def filters_of(request: Request[Any, Any, Any]) -> Filters:
    """The filters in an address; what is too long for any column finds nothing anyway."""
    asked = {
        name: request.query_params.get(name, "").strip()[:_LONGEST]
        for name in Filters.__struct_fields__
    }
    return Filters(**{name: value.replace("\0", "") for name, value in asked.items()})


@get("/centre/messages")
async def messages_page(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Sources, and messages as they arrive or as they are looked for."""
    await visitor.ask("watch-messages")
    filters = filters_of(request)
    if file := file_wanted(request):
        return await _file(web, visitor, filters, file)
    before = request.query_params.get("before", "")
    stream = await _stream(web, visitor, filters, int(before) if before.isdecimal() else None)
    return visitor.page(
        "centre/messages.html",
        source_choices=[{"id": s["id"], "name": s["name"]} for s in stream["sources"]],
        channel_choices=[(name, channel_words(name, visitor.say)) for name in CHANNELS],
        **stream,
    )


@get("/centre/messages/live")
async def messages_live(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """The part that asks for itself."""
    await visitor.ask("watch-messages", background=True)
    stream = await _stream(web, visitor, filters_of(request), None)
    return visitor.page("centre/_messages.html", **stream)


async def _file(web: Web, visitor: Visitor, filters: Filters, kind: str) -> Response[Any]:
    """What is looked for as a file, the newest messages first."""
    await visitor.ask("watch-messages", object_type="message", object_id=f"table.{kind}")
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        sought, _ = _sought(web, filters, known)
        lines = await messages(connection, sought, limit=MOST_ROWS) if sought else []
    rows = [shown_line(line, known, visitor.now) for line in lines]
    return file_of(visitor, _columns(visitor), rows, name="messages", kind=kind)


def _columns(visitor: Visitor) -> tuple[Column, ...]:
    """The columns of the log, as the page and the files show them."""
    return (
        Column("received", N_("收到时间"), lambda one: one["received_at"]),
        Column("source", N_("来源"), lambda one: one["source_name"]),
        Column("type", N_("类型"), lambda one: one["type"]),
        Column("control", N_("控制号"), lambda one: one["control_id"]),
        Column("state", N_("状态"), lambda one: _state_words(visitor, one)),
        Column("made", N_("生成记录"), lambda one: one["made"], number=True),
        Column("delay", N_("耗时"), lambda one: one["delay_ms"], number=True),
    )


def _state_words(visitor: Visitor, one: Mapping[str, Any]) -> str:
    words = _STATES[one["state"]]
    return visitor.say(words)


async def _stream(
    web: Web, visitor: Visitor, filters: Filters, before: int | None
) -> dict[str, Any]:
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        doing = await source_figures(connection, visitor.now)
        sought, unclear = _sought(web, filters, known)
        lines = await messages(connection, sought, before=before, limit=_PAGE) if sought else []
    given = filters.given
    full = len(lines) == _PAGE
    rows = [shown_line(line, known, visitor.now) for line in lines]
    return {
        "live_href": address(visitor.request, path=f"{_HERE}/live"),
        # What no index finds at once is looked for once, not every two seconds.
        "live": before is None and given.keys() <= {"source", "state", "control"},
        "filters": filters,
        "filtered": bool(given),
        "unclear": unclear,
        "sources": [source_card(known[one.id], one, visitor.now) for one in doing.values()],
        "table": table_of(visitor, _columns(visitor), rows, more=full, path=_HERE),
        "more_href": address(visitor.request, path=_HERE, before=str(lines[-1].id))
        if full
        else None,
    }


def _sought(web: Web, filters: Filters, known: Mapping[str, Source]) -> tuple[Sought | None, str]:
    """What to look for; None and the name of the field if one can't be understood."""
    for name in ("since", "until"):
        if getattr(filters, name) and _moment(getattr(filters, name)) is None:
            return None, name
    resources: tuple[tuple[str, str], ...] | None = None
    if filters.resource:
        kind, _, number = filters.resource.partition("/")
        if kind not in TYPE_CODES or not number:
            return None, "resource"
        resources = ((kind, number),)
    if filters.patient:
        asked = [one for one in known.values() if filters.source in ("", one.id)]
        patients = tuple(
            ("Patient", derive_id(web.keys.id_key, one, "Patient", filters.patient, 0))
            for one in asked
        )
        resources = patients if resources is None else tuple(set(resources) & set(patients))
    return Sought(
        source=filters.source,
        channel=filters.channel,
        kind=filters.kind,
        state=_BY_SHOWN.get(filters.state, filters.state),
        rule=filters.rule,
        control_id=filters.control,
        since=_moment(filters.since),
        until=_moment(filters.until),
        resources=resources,
    ), ""


def _moment(text: str) -> datetime | None:
    """A local date and time as browsers send it; None if it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        return None
