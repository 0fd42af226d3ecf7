"""History at three levels: of one resource, of a type, of everything (R4, 3.1.0.12)."""

from datetime import UTC, datetime

import msgspec

from minkang.api.access import ask, ask_to_read, missing
from minkang.api.call import Answer, Call
from minkang.api.entries import bundle, query_of, version_entry
from minkang.api.masking import shown
from minkang.api.named import note_named
from minkang.api.outcomes import Refusal
from minkang.api.person_links import with_links_in_reach
from minkang.api.subset import Subset, reduced, subset_of
from minkang.fhir import date_range
from minkang.policy import Decision
from minkang.store import History, versions

_COUNT = 100
_MAX_COUNT = 1_000
_MAX_KEY = 200


async def history_of_all(call: Call) -> Answer:
    """`GET /_history`."""
    asked, subset = asked_of(call)
    decision = await ask(call, "read-api", "", "_history")
    return await _page(call, decision, asked, subset)


async def history_of_type(call: Call) -> Answer:
    """`GET /Type/_history`."""
    asked, subset = asked_of(call, call.segments[0])
    decision = await ask(call, "read-api", call.segments[0], "_history")
    return await _page(call, decision, asked, subset)


async def history_of_one(call: Call) -> Answer:
    """`GET /Type/id/_history`."""
    kind, resource_id, _ = call.segments
    asked, subset = asked_of(call, kind, resource_id)
    decision = await ask_to_read(call, kind, resource_id)
    return await _page(call, decision, asked, subset)


async def _page(call: Call, decision: Decision, asked: History, subset: Subset | None) -> Answer:
    page = await versions(call.door.store, decision.scope, asked)
    if not page.versions and asked.id is not None and asked.after is None and asked.since is None:
        raise missing(call, asked.type or "", asked.id)
    await note_named(call, decision, page.versions)
    told = await with_links_in_reach(call, decision, page.versions)
    entries = [
        version_entry(call.base, one, reduced(one, subset) if subset else one.body)
        for one in (shown(call, decision, version) for version in told)
    ]
    return Answer(200, bundle("history", entries, links_of(call, page.next)))


def links_of(call: Call, following: str | None) -> list[tuple[str, str]]:
    """The links of a page of history: itself, and the next one where there is more."""
    address = "/".join([call.base, *call.segments])
    kept = [pair for pair in call.query if pair[0] != "_after"]
    links = [("self", _link(address, call.query))]
    if following is not None:
        links.append(("next", _link(address, [*kept, ("_after", following)])))
    return links


def _link(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{query_of(pairs)}" if pairs else address


def asked_of(
    call: Call, kind: str | None = None, resource_id: str | None = None
) -> tuple[History, Subset | None]:
    """The history that a query asks for.

    Raises:
        Refusal: 400: a parameter that history does not have, or a wrong value.
    """
    asked = History(type=kind, id=resource_id, count=_COUNT)
    others = []
    for name, value in call.query:
        if name == "_count":
            if not (value.isascii() and value.isdecimal() and len(value) <= 9):
                raise Refusal(400, "value", "_count 应为数字 / not a number", "_count")
            asked = msgspec.structs.replace(asked, count=min(max(int(value), 1), _MAX_COUNT))
        elif name == "_since":
            asked = msgspec.structs.replace(asked, since=_moment(name, value))
        elif name == "_at":
            asked = msgspec.structs.replace(asked, at=_moment(name, value))
        elif name == "_after":
            if len(value) > _MAX_KEY:
                raise Refusal(
                    400, "value", "_after 不是本平台给出的 / not from a next link", "_after"
                )
            asked = msgspec.structs.replace(asked, after=value)
        else:
            others.append((name, value))
    return asked, subset_of(others) if others else None


def _moment(name: str, text: str) -> datetime:
    try:
        return date_range(text.replace(" ", "+")).low.astimezone(UTC)
    except ValueError:
        raise Refusal(400, "value", f"{name} 不是时间：{text[:40]!r} / no instant", name) from None
