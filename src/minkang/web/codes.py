"""The information centre's pages of sources' codes: what waits, what it means, what was done."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from minkang.exchange import Source, sources
from minkang.fhir import Refused
from minkang.store import Connection
from minkang.terminology import (
    CodeSystem,
    Coding,
    Meaning,
    Proposal,
    Terminology,
    Waiting,
    built_in,
    decided,
    entry,
    known_elsewhere,
    map_codes,
    propose,
    queue,
    recodings,
    unmap_code,
    waiting_counts,
)
from minkang.terminology.builtin import ICD9CM3, ICD10, heads
from minkang.terminology.concept_map import Equivalence
from minkang.terminology.forms import FORMS
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_

_PAGE = 20
_FOUND = 30
_REASONS = {
    "alike": N_("名称相近"),
    "part-of-name": N_("名称相含"),
    "same-code": N_("代码相同"),
    "same-initials": N_("拼音首字母相同"),
    "same-name": N_("名称相同"),
}
_EQUIVALENCES: dict[Equivalence, str] = {
    "equivalent": N_("等同"),
    "wider": N_("目标更宽"),
    "narrower": N_("目标更窄"),
    "inexact": N_("近似"),
}
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/centre/codes")
async def codes_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromQuery[str] = "",
    shown: FromQuery[str] = "waiting",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """The codes that wait, the most frequent first, or those decided on, the last first."""
    await visitor.ask("map-codes", object_type="codes", object_id=source)
    done = shown == "done"
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        counts = await waiting_counts(connection)
        before = await _place(connection, after)
        listing = decided if done else queue
        entries = await listing(connection, source=source or None, limit=_PAGE, after=before)
        work = await recodings(connection, source or None)
        best = [] if done else await _best(connection, entries)
    last = entries[-1] if len(entries) == _PAGE else None
    filters = {"source": source, "shown": "done" if done else "waiting"}
    more = urlencode({**filters, "after": _place_of(last)}) if last else ""
    return visitor.page(
        "centre/codes.html",
        entries=[_line(one, known) for one in entries],
        best=best,
        filters=filters,
        total=counts.get(source, 0) if source else sum(counts.values()),
        source_choices=[
            {"id": one.id, "name": one.name, "waiting": counts.get(one.id, 0)}
            for one in known.values()
        ],
        recodings=[one for one in work if one.finished is None],
        last_recoding=next((one for one in work if one.finished), None),
        more_href=f"/centre/codes?{more}" if more else None,
    )


@get("/centre/codes/one")
async def code_page(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromQuery[str] = "",
    system: FromQuery[str] = "",
    code: FromQuery[str] = "",
    target: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> Response[Any]:
    """One code: where it stands, what it could be, what was decided."""
    decision = await visitor.ask("map-codes", object_type="codes", object_id=source)
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        found = await entry(connection, source, system, code)
        elsewhere = await known_elsewhere(connection, source, found.display) if found else []
    if found is None:
        raise NotFoundException
    chosen = target or found.mapped_system or found.target
    table = await _table(Terminology(web.store, decision.scope), chosen)
    return visitor.page(
        "centre/code.html",
        code=_line(found, known),
        local=found,
        places=found.places,
        samples=[{"name": one, "href": _messages_of(one)} for one in found.samples],
        proposals=await _proposals(table, found) if table else [],
        reasons={reason: visitor.say(text) for reason, text in _REASONS.items()},
        elsewhere=[
            {"of": one, "system_name": _system_name(one.target.system)} for one in elsewhere
        ],
        target={"url": chosen, "name": _system_name(chosen), "has_table": table is not None},
        systems=_targets(),
        equivalences=[(key, visitor.say(text)) for key, text in _EQUIVALENCES.items()],
        q=q,
        hits=_hits(table, q) if table and q.strip() else None,
    )


@post("/centre/codes/decide")
async def code_decide(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Decide what a code means, that it has no counterpart, or take the decision back."""
    source, system, code = (data.get(name, "") for name in ("source", "system", "code"))
    await visitor.ask("map-codes", object_type="codes", object_id=source)
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
        found = await entry(connection, source, system, code)
    if found is None or source not in known:
        raise NotFoundException
    local = Coding(system, code, found.display)
    account = visitor.account
    about: dict[str, Any] = {
        "source": source,
        "organisation": known[source].organisation,
        "by": account.name if account else "",
        "at": visitor.now,
    }
    try:
        async with web.store.pool.acquire() as connection, connection.transaction():
            if data.get("action") == "undo":
                await unmap_code(web.store, connection, local=local, **about)
            else:
                meaning = _meaning(local, data)
                await map_codes(web.store, connection, meanings=[meaning], **about)
    except Refused as refused:
        return visitor.page(
            "centre/code_refused.html",
            code=_line(found, known),
            text=refused.problems[0].text,
            status=422,
        )
    return Redirect(_back(data, found), status_code=303)


def _meaning(local: Coding, data: dict[str, str]) -> Meaning:
    if data.get("action") == "none":
        return Meaning(local, None)
    target = Coding(
        data.get("target_system", ""),
        data.get("target_code", "").strip(),
        data.get("target_display", "").strip(),
    )
    wanted = data.get("equivalence", "equivalent")
    equivalence: Equivalence = next((key for key in _EQUIVALENCES if key == wanted), "equivalent")
    return Meaning(local, target, equivalence)


def _back(data: dict[str, str], found: Waiting) -> str:
    """To the list where the decision was made there; else to the code."""
    if data.get("back") == "list":
        return f"/centre/codes?{urlencode({'source': data.get('filter', '')})}"
    return f"/centre/codes/one?{_query(found)}"


def _line(one: Waiting, known: dict[str, Source]) -> dict[str, Any]:
    source = known.get(one.source)
    return {
        "of": one,
        "source_name": source.name if source else one.source,
        "target_name": _system_name(one.target),
        "mapped_name": _system_name(one.mapped_system),
        "href": f"/centre/codes/one?{_query(one)}",
    }


def _query(one: Waiting) -> str:
    return urlencode({"source": one.source, "system": one.system, "code": one.code})


def _place_of(one: Waiting) -> str:
    return f"{one.source}\n{one.system}\n{one.code}"


async def _place(connection: Connection, text: str) -> Waiting | None:
    parts = text.split("\n")
    return await entry(connection, *parts) if len(parts) == 3 else None


def _messages_of(reference: str) -> str:
    return f"/centre/messages?{urlencode({'resource': reference})}"


def _system_name(url: str) -> str:
    head = heads().get(url)
    return head.title if head else FORMS.get(url, url)


def _targets() -> list[tuple[str, str]]:
    """The code systems to choose from: what codes are mapped to most, then all with a table."""
    first = [ICD10, ICD9CM3, *FORMS]
    rest = sorted((head.title, url) for url, head in heads().items() if url not in first)
    return [(url, _system_name(url)) for url in first] + [(url, title) for title, url in rest]


async def _table(terminology: Terminology, url: str) -> CodeSystem | None:
    """The code system with its codes, if they are known."""
    if not url:
        return None
    try:
        return await terminology.code_system(url)
    except Refused:
        return None


def _hits(table: CodeSystem, text: str) -> list[Coding]:
    """Codes that fit a text: by code, name, or pinyin initials."""
    return [
        Coding(table.head.url, table.codes[at], table.display(at))
        for at in table.search(text)[:_FOUND]
    ]


async def _best(connection: Connection, entries: Sequence[Waiting]) -> list[Coding | None]:
    """The likeliest meaning of each code: what others say, else by the platform's own tables."""
    best: list[Coding | None] = []
    for one in entries:
        known = await known_elsewhere(connection, one.source, one.display, 1)
        best.append(known[0].target if known else None)
    computed = await asyncio.to_thread(lambda: [_best_of(one) for one in entries])
    return [said or own for said, own in zip(best, computed, strict=True)]


def _best_of(one: Waiting) -> Coding | None:
    found = _proposed(one.target, one.code, one.display) if one.target else ()
    return Coding(one.target, found[0].code, found[0].display) if found else None


async def _proposals(table: CodeSystem, one: Waiting) -> Sequence[Proposal]:
    return await asyncio.to_thread(propose, table, one.code, one.display, 6)


@lru_cache(maxsize=4096)
def _proposed(url: str, code: str, display: str) -> tuple[Proposal, ...]:
    """Proposals take tens of milliseconds each, and a list shows twenty."""
    table = built_in(url)
    return tuple(propose(table, code, display, 1)) if table is not None else ()
