"""What conditional writes and conditional references select by, and what that finds."""

from collections.abc import Iterable, Sequence

import msgspec

from minkang.api.call import Call
from minkang.api.entries import query_of
from minkang.api.outcomes import Refusal
from minkang.fhir import Refused
from minkang.fhir.search import Clause, Search, TokenValue
from minkang.fhir.search_syntax import parse_search, print_search
from minkang.store import Connection, Scope, Stored, find

_NOT_CRITERIA = frozenset(
    "_count _sort _total _summary _elements _after _include _revinclude".split()
)
_CHUNK = 200
_MOST = 1_000


class Criteria(msgspec.Struct, frozen=True):
    """A search for one resource; `text` is its one spelling, `Type?name=value&...`."""

    text: str
    search: Search


def criteria_of(call: Call, kind: str, pairs: Sequence[tuple[str, str]], place: str) -> Criteria:
    """Criteria from search parameters; `place` is the entry that they stand in.

    Raises:
        Refusal: 400 no valid search, 412 nothing to select by.
    """
    try:
        search = parse_search((kind,), list(pairs), base=call.base)
    except Refused as error:
        raise Refusal.of_problems(400, error.problems).below(place) from None
    if not search.conditions:
        raise Refusal(412, "required", "条件操作没有条件 / no criteria to select by", place)
    kept = [one for one in print_search(search) if one[0].partition(":")[0] not in _NOT_CRITERIA]
    few = msgspec.structs.replace(
        search, count=2, includes=(), sort=(), total="none", summary="false", after=None
    )
    return Criteria(f"{kind}?{query_of(sorted(kept))}", few)


async def matches_of(
    call: Call, connection: Connection, scope: Scope, criteria: Iterable[Criteria]
) -> dict[str, Sequence[Stored]]:
    """The resources that each fulfils, by its text; where there are several, at least two.

    Criteria that only name an identifier, as most do, are looked for many at a time.
    """
    found: dict[str, Sequence[Stored]] = {}
    named: dict[str, list[tuple[Criteria, TokenValue]]] = {}
    for one in {given.text: given for given in criteria}.values():
        value = _identifier(one.search)
        if value is None:
            page = await find(call.door.store, scope, one.search, connection=connection)
            found[one.text] = page.matches
        else:
            named.setdefault(one.search.types[0], []).append((one, value))
    for several in named.values():
        for begin in range(0, len(several), _CHUNK):
            found |= await _by_identifier(call, connection, scope, several[begin : begin + _CHUNK])
    return found


def _identifier(search: Search) -> TokenValue | None:
    """The one identifier with its system that a search asks for, if it asks for nothing else."""
    if len(search.conditions) != 1:
        return None
    (condition,) = search.conditions
    if not (isinstance(condition, Clause) and condition.modifier is None):
        return None
    if condition.parameter.code != "identifier" or len(condition.values) != 1:
        return None
    value = condition.values[0]
    return value if isinstance(value, TokenValue) and value.system and value.code else None


async def _by_identifier(
    call: Call, connection: Connection, scope: Scope, several: Sequence[tuple[Criteria, TokenValue]]
) -> dict[str, Sequence[Stored]]:
    """One search for any of the identifiers, its matches told apart by their content."""
    store = call.door.store
    first = several[0][0].search
    clause = first.conditions[0]
    assert isinstance(clause, Clause)  # noqa: S101 - `_identifier` has seen to it
    values = tuple(value for _, value in several)
    joined = msgspec.structs.replace(clause, values=values)
    search = msgspec.structs.replace(first, conditions=(joined,), count=_MOST)
    page = await find(store, scope, search, connection=connection)
    if page.next is not None:
        return {
            one.text: (await find(store, scope, one.search, connection=connection)).matches
            for one, _ in several
        }
    by_value: dict[tuple[str, str], list[Stored]] = {}
    for match in page.matches:
        for identifier in _identifiers(match):
            listed = by_value.setdefault(identifier, [])
            if not listed or listed[-1] is not match:
                listed.append(match)
    return {
        one.text: by_value.get((value.system or "", value.code or ""), ()) for one, value in several
    }


def _identifiers(stored: Stored) -> list[tuple[str, str]]:
    given = stored.resource.get("identifier", [])
    return [
        (one.get("system", ""), one.get("value", ""))
        for one in (given if isinstance(given, list) else [given])
    ]
