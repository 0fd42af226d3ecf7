"""`Patient/$everything`: a Patient, all that is about the Patient, and whom that names directly."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from minkang.api.access import ask, missing
from minkang.api.call import Answer, Call
from minkang.api.entries import bundle, found_entry, query_of
from minkang.api.masking import shown
from minkang.api.named import note_named
from minkang.api.outcomes import Refusal
from minkang.api.person_links import with_links_in_reach
from minkang.api.searching import narrowed
from minkang.fhir import TYPE_CODES, date_range, local_reference
from minkang.fhir.definitions import definitions
from minkang.fhir.extract import extract
from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, Stored, find, read

_COUNT = 100
_MAX_COUNT = 1_000
_PAGES_AT_MOST = 20
_NAMED = frozenset(
    {"Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Device"}
)
# Search parameters that say when care took place; a resource without any is always in.
_CARE_DATES = frozenset(
    "date onset-date period effective performed-date occurrence authoredon authored started"
    " effective-time whenhandedover whenprepared recorded-date created sent issued".split()
)


class _Asked(msgspec.Struct, frozen=True):
    """What the query asks for; times in microseconds since 1970, `end` is outside."""

    types: tuple[str, ...]
    since: str | None
    start: int | None
    end: int | None
    count: int
    after: str | None


async def everything(call: Call) -> Answer:
    """`GET /Patient/id/$everything` with `start`, `end`, `_since`, `_type`, `_count`."""
    patient = call.segments[1]
    asked = _asked(call)
    decision = await ask(call, "read-api", "Patient", f"{patient}/$everything", patient)
    store = call.door.store
    own = await read(store, decision.scope, "Patient", patient)
    if own is None:
        raise missing(call, "Patient", patient)
    first: list[Stored] = []
    if asked.after is None and "Patient" in asked.types and not _is_before(own, asked.since):
        first = [own]
    rest, following = await _about(call, narrowed(decision.scope, patient), asked)
    matches = [*first, *(one for one in rest if (one.type, one.id) != ("Patient", patient))]
    named = await _named(call, decision.scope, matches)
    await note_named(call, decision, (*matches, *named))
    told = await with_links_in_reach(call, decision, matches)
    given = [shown(call, decision, one) for one in told]
    brought = [shown(call, decision, one) for one in named]
    entries = [found_entry(call.base, one, one.body) for one in given]
    entries += [found_entry(call.base, one, one.body, "include") for one in brought]
    address = "/".join([call.base, *call.segments])
    kept = [pair for pair in call.query if pair[0] != "_after"]
    links = [("self", _link(address, call.query))]
    if following is not None:
        links.append(("next", _link(address, [*kept, ("_after", following)])))
    return Answer(200, bundle("searchset", entries, links))


async def _about(call: Call, scope: Scope, asked: _Asked) -> tuple[list[Stored], str | None]:
    """A page of the compartment; pages that the dates empty are passed over, a few at a time."""
    pairs = [("_count", str(asked.count))]
    if asked.since is not None:
        pairs.append(("_lastUpdated", f"ge{asked.since}"))
    search = parse_search(asked.types, pairs, base=call.base)
    after = asked.after
    for _ in range(_PAGES_AT_MOST):
        found = await find(call.door.store, scope, msgspec.structs.replace(search, after=after))
        kept = [one for one in found.matches if _took_place(one, asked)]
        if kept or found.next is None:
            return kept, found.next
        after = found.next
    return [], after


async def _named(call: Call, scope: Scope, matches: Sequence[Stored]) -> list[Stored]:
    """Practitioners, organisations and the like that the matches name directly."""
    known = {(one.type, one.id) for one in matches}
    wanted: dict[str, set[str]] = {}
    for one in matches:
        for kind, resource_id, *_ in _targets(one):
            if kind in _NAMED and (kind, resource_id) not in known:
                wanted.setdefault(kind, set()).add(resource_id)
    found: list[Stored] = []
    for kind, ids in sorted(wanted.items()):
        listed = sorted(ids)
        for begin in range(0, len(listed), _COUNT):
            pairs = [("_id", ",".join(listed[begin : begin + _COUNT])), ("_count", str(_COUNT))]
            search = parse_search((kind,), pairs, base=call.base)
            found += (await find(call.door.store, scope, search)).matches
    return found


def _targets(stored: Stored) -> Iterable[tuple[str, str]]:
    waiting: list[object] = [stored.resource]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if (target := local_reference(one)) is not None:
                yield target
            waiting += [value for value in one.values() if isinstance(value, dict | list)]


def _took_place(stored: Stored, asked: _Asked) -> bool:
    """Whether the care that a resource tells of lies in the time asked for."""
    if asked.start is None and asked.end is None:
        return True
    spans = [
        (low, high) for code, low, high in extract(stored.resource).dates if code in _CARE_DATES
    ]
    return not spans or any(
        (asked.end is None or low < asked.end) and (asked.start is None or high > asked.start)
        for low, high in spans
    )


def _is_before(stored: Stored, since: str | None) -> bool:
    return since is not None and stored.updated < date_range(since).low


def _asked(call: Call) -> _Asked:
    """What the query asks for.

    Raises:
        Refusal: 400: a parameter that the operation does not have, or a wrong value.
    """
    compartment = (
        "Patient",
        *(one for one in definitions().patient_compartment if one != "Patient"),
    )
    values: dict[str, str] = {}
    types: list[str] = []
    for name, value in call.query:
        if name == "_type":
            types += value.split(",")
        elif name in ("_since", "start", "end", "_count", "_after"):
            values[name] = value.replace(" ", "+")
        elif name not in ("_format", "_pretty"):
            raise Refusal(
                400, "not-supported", f"没有参数 {name[:60]!r} / unknown parameter", name[:60]
            )
    if unknown := [one for one in types if one not in TYPE_CODES]:
        raise Refusal(400, "value", f"没有资源类型 {unknown[0][:40]!r} / unknown type", "_type")
    count = values.get("_count", str(_COUNT))
    if not (count.isascii() and count.isdecimal() and 1 <= int(count[:9]) <= _MAX_COUNT):
        raise Refusal(400, "value", f"_count 应为 1 至 {_MAX_COUNT} / out of range", "_count")
    if "_since" in values:
        _low(values["_since"], "_since")
    return _Asked(
        types=tuple(one for one in compartment if not types or one in types),
        since=values.get("_since"),
        start=_low(values["start"], "start") if "start" in values else None,
        end=_high(values["end"], "end") if "end" in values else None,
        count=int(count),
        after=values.get("_after"),
    )


def _low(text: str, name: str) -> int:
    return _microseconds(_span(text, name)[0])


def _high(text: str, name: str) -> int:
    return _microseconds(_span(text, name)[1])


def _span(text: str, name: str) -> tuple[datetime, datetime]:
    try:
        span = date_range(text)
    except ValueError:
        raise Refusal(400, "value", f"{name} 不是日期：{text[:40]!r} / no date", name) from None
    return span.low, span.high


def _microseconds(moment: datetime) -> int:
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _link(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{query_of(pairs)}" if pairs else address
