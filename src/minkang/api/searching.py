"""Search: in a type, across types, in a Patient's compartment, by GET and by POST (R4, 3.1.1)."""

from collections.abc import Sequence

import msgspec

from minkang.api.access import ask, one_patient
from minkang.api.address import pairs_of
from minkang.api.call import Answer, Call
from minkang.api.entries import bundle, found_entry, notes_entry, query_of
from minkang.api.masking import check_search, shown_found
from minkang.api.named import note_named
from minkang.api.negotiation import FORM, check_content_type
from minkang.api.outcomes import Issue, Refusal, issues_of
from minkang.api.person_links import check_links, found_in_reach
from minkang.api.subset import Subset, reduced
from minkang.fhir import TYPE_CODES
from minkang.fhir.definitions import definitions
from minkang.fhir.search import Search
from minkang.fhir.search_syntax import parse_search, print_search
from minkang.store import Found, Scope, find


async def search_type(call: Call) -> Answer:
    """`GET /Type?...`."""
    kind = call.segments[0]
    search = _parsed(call, (kind,))
    decision = await ask(call, "read-api", kind, _names(call), one_patient(call, kind))
    check_search(decision, search)
    check_links(call, search, one_patient(call, kind))
    found = await find(call.door.store, decision.scope, search)
    await note_named(call, decision, (*found.matches, *found.included))
    found = await found_in_reach(call, decision, found)
    return _page(call, search, shown_found(call, decision, found), f"{call.base}/{kind}")


async def search_type_by_post(call: Call) -> Answer:
    """`POST /Type/_search`."""
    return await search_type(_with_form(call))


async def search_all(call: Call) -> Answer:
    """`GET /?_type=...`."""
    types = _types_of(call)
    pairs = [pair for pair in call.query if pair[0] != "_type"]
    search = _parsed(call, types, pairs)
    decision = await ask(call, "read-api", ",".join(types[:20]), _names(call))
    check_search(decision, search)
    check_links(call, search, None)
    found = await find(call.door.store, decision.scope, search)
    await note_named(call, decision, (*found.matches, *found.included))
    found = await found_in_reach(call, decision, found)
    return _page(call, search, shown_found(call, decision, found), call.base)


async def search_all_by_post(call: Call) -> Answer:
    """`POST /_search`."""
    return await search_all(_with_form(call))


async def search_compartment(call: Call) -> Answer:
    """`GET /Patient/id/Type?...`, or `*` for all types of the compartment."""
    _, patient, kind = call.segments[:3]
    types: tuple[str, ...] = (kind,)
    pairs = call.query
    if kind == "*":
        types = _types_of(call, tuple(definitions().patient_compartment))
        pairs = [pair for pair in call.query if pair[0] != "_type"]
    elif kind not in definitions().patient_compartment:
        raise Refusal(
            404, "not-supported", f"{kind} 不在 Patient 的范围内 / not in the compartment"
        )
    search = _parsed(call, types, pairs)
    decision = await ask(call, "read-api", kind, f"Patient/{patient}", patient)
    check_search(decision, search)
    check_links(call, search, patient)
    found = await find_in_compartment(call, decision.scope, patient, search)
    await note_named(call, decision, (*found.matches, *found.included))
    found = await found_in_reach(call, decision, found)
    return _page(
        call, search, shown_found(call, decision, found), f"{call.base}/Patient/{patient}/{kind}"
    )


async def search_compartment_by_post(call: Call) -> Answer:
    """`POST /Patient/id/Type/_search`."""
    return await search_compartment(_with_form(call))


async def find_in_compartment(call: Call, scope: Scope, patient: str, search: Search) -> Found:
    """What a search finds among the resources about one Patient.

    The compartment narrows the scope of the search; what the matches bring along lies outside of
    it, so it is looked for with a second search, by the ids of the first one's matches.
    """
    store = call.door.store
    narrow = narrowed(scope, patient)
    found = await find(store, narrow, msgspec.structs.replace(search, includes=()))
    if not (search.includes and found.matches):
        return found
    ids = ",".join(one.id for one in found.matches)
    again = parse_search(search.types, [("_id", ids), ("_count", "1000")], base=call.base)
    more = await find(store, scope, msgspec.structs.replace(again, includes=search.includes))
    return msgspec.structs.replace(found, included=more.included)


def narrowed(scope: Scope, patient: str) -> Scope:
    """A scope, but only for what is about one Patient."""
    only = frozenset([patient])
    fitting = (one for one in scope.grants if one.patients is None or patient in one.patients)
    return Scope(tuple(msgspec.structs.replace(grant, patients=only) for grant in fitting))


def _with_form(call: Call) -> Call:
    """A search by POST as if it had come by GET."""
    if call.body or call.headers.get(b"content-type"):
        check_content_type(call.headers.get(b"content-type"), FORM)
    query = [*call.query, *pairs_of(call.body)]
    segments = tuple(part for part in call.segments if part != "_search")
    return msgspec.structs.replace(call, query=query, segments=segments)


def _parsed(
    call: Call, types: tuple[str, ...], pairs: Sequence[tuple[str, str]] | None = None
) -> Search:
    given = call.query if pairs is None else pairs
    return parse_search(types, given, lenient=call.prefer.lenient, base=call.base)


def _types_of(call: Call, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The types that `_type` names.

    Raises:
        Refusal: 400: none, or one that does not exist.
    """
    named = [one for name, value in call.query if name == "_type" for one in value.split(",")]
    if unknown := [one for one in named if one not in TYPE_CODES]:
        raise Refusal(400, "value", f"没有资源类型 {unknown[0][:40]!r} / unknown type", "_type")
    if named:
        wanted = tuple(dict.fromkeys(named))
        return tuple(one for one in wanted if not otherwise or one in otherwise)
    return otherwise or tuple(TYPE_CODES)


def _names(call: Call) -> str:
    """What a search asked for, for the audit log: names, no values, which may identify somebody."""
    return "?" + "&".join(dict.fromkeys(name[:60] for name, _ in call.query))


def _page(call: Call, search: Search, found: Found, address: str) -> Answer:
    """The searchset Bundle of a page."""
    entries = []
    if search.summary != "count" and search.count > 0:
        subset, base = Subset(search.summary, search.elements), call.base
        entries = [found_entry(base, one, reduced(one, subset)) for one in found.matches]
        entries += [
            found_entry(base, one, reduced(one, subset), "include") for one in found.included
        ]
    notes = [
        Issue("not-supported", f"参数 {name[:100]} 被忽略 / ignored", name[:100], "warning")
        for name in search.ignored
    ]
    notes += issues_of(found.notes, severity="warning")
    if notes:
        entries.append(notes_entry(notes))
    pairs = _used(call, search)
    links = [("self", _link(address, pairs))]
    if found.next is not None:
        following = [pair for pair in pairs if pair[0] != "_after"]
        following.append(("_after", found.next))
        links.append(("next", _link(address, following)))
    return Answer(200, bundle("searchset", entries, links, found.total))


def _used(call: Call, search: Search) -> list[tuple[str, str]]:
    """What of the query was used: all of it, unless the caller is lenient about the rest."""
    if not search.ignored:
        return call.query
    named = [pair for pair in call.query if pair[0] == "_type"]
    return [*named, *(pair for pair in print_search(search) if pair[0] != "_type")]


def _link(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{query_of(pairs)}" if pairs else address
