"""The sources: how each is doing, at a glance and live."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get

from minkang.accounts import organisation_names
from minkang.exchange import Source, sources
from minkang.exchange.figures import source_figures
from minkang.store import Connection
from minkang.web.centre_lines import channel_words
from minkang.web.context import Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.source_card import source_card
from minkang.web.tables import Column, address, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor

_HERE = "/centre/sources"
_STATES = {
    "silent": N_("沉默"),
    "never": N_("尚未上传"),
    "trial": N_("试运行"),
    "live": N_("正常"),
    "off": N_("已停用"),
}
_WORST_FIRST = tuple(_STATES)


@get("/centre/sources")
async def sources_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """All sources."""
    await visitor.ask("watch-messages", object_type="source")
    state = await _state(web, visitor)
    if file := file_wanted(visitor.request):
        await visitor.ask("watch-messages", object_type="source", object_id=f"table.{file}")
        return file_of(visitor, _columns(visitor), state["table"].rows, name="sources", kind=file)
    return visitor.page("centre/sources.html", **state)


@get("/centre/sources/live")
async def sources_live(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """The part that asks for itself."""
    await visitor.ask("watch-messages", object_type="source", background=True)
    return visitor.page("centre/_sources.html", **await _state(web, visitor))


async def _state(web: Web, visitor: Visitor) -> dict[str, Any]:
    names = await organisation_names(web.store.pool)
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        doing = await source_figures(connection, visitor.now)
        errors = await last_errors(connection)
    cards = []
    for one in doing.values():
        source = known[one.id]
        cards.append(
            {
                **source_card(source, one, visitor.now),
                "institution": names.get(source.organisation, source.organisation),
                "channels": [channel_words(channel, visitor.say) for channel in source.channels],
                "contact": source.contact,
                "silent_after": source.silent_after,
                "error": errors.get(one.id, ""),
                "setup": _setup(source),
            }
        )
    cards.sort(key=lambda card: _WORST_FIRST.index(card["state"]))
    return {
        "table": table_of(visitor, _columns(visitor), cards, path=_HERE),
        "live_href": address(visitor.request, path=f"{_HERE}/live"),
        "counts": _counts(cards),
    }


def _state_words(visitor: Visitor, one: Mapping[str, Any]) -> str:
    words = _STATES[one["state"]]
    return visitor.say(words)


def _columns(visitor: Visitor) -> tuple[Column, ...]:
    """The columns of the list, as the page and the files show them."""
    return (
        Column("name", N_("名称"), lambda one: one["name"]),
        Column("state", N_("状态"), lambda one: _state_words(visitor, one)),
        Column("last", N_("最近消息"), lambda one: one["last_at"]),
        Column("minute", N_("最近一分钟"), lambda one: one["minute"], number=True),
        Column("today", N_("24 小时"), lambda one: one["today"], number=True),
        Column("aside", N_("隔离中"), lambda one: one["quarantined"] or 0, number=True),
        Column("channels", N_("接入方式"), lambda one: "、".join(one["channels"])),
        Column("contact", N_("联系人"), lambda one: one["contact"]),
    )


def _setup(source: Source) -> str | None:
    """Where to go on with a source that is being set up."""
    if source.stage == "live":
        return None
    step = "test" if source.enabled else "how"
    return f"/centre/sources/{source.id}/setup/{step}"


def _counts(cards: list[dict[str, Any]]) -> Mapping[str, int]:
    return {state: sum(card["state"] == state for card in cards) for state in _WORST_FIRST}


async def last_errors(connection: Connection) -> dict[str, str]:
    """What last went wrong with each source, if it still matters: in quarantine, or in polling."""
    rows = await connection.fetch(
        """select s.id, p.text from exchange.source s
           join lateral (select m.id from exchange.message m
                         where m.source = s.id and m.state = 'quarantined'
                         order by m.id desc limit 1) as newest on true
           join exchange.problem p on p.message = newest.id and p.number = 0"""
    )
    polls = await connection.fetch(
        "select source, error from exchange.poll where error is not null"
    )
    return {row["id"]: row["text"] for row in rows} | {row["source"]: row["error"] for row in polls}
