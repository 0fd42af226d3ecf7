"""The map of a source: from its own codes to standard ones, one ConceptMap for each source.

Who decides on a code writes it into the map, closes its entry in the queue, and orders that what
was stored before is coded anew (`recoding`), all in one transaction.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir import Problem, Refused, Resource
from minkang.store import Change, Connection, Scope, Store, lock_current, read_several, write
from minkang.terminology.builtin import canonical
from minkang.terminology.concept_map import ConceptMap, Equivalence
from minkang.terminology.concepts import Coding
from minkang.terminology.forms import FORMS, has_form
from minkang.terminology.terminology import Terminology, compiled_map, unknown_code
from minkang.terminology.unmapped import Decided, close_entries, open_entries

_LONGEST_ID = 64


class SourceMap(msgspec.Struct, frozen=True):
    """The map of a source as it was read; version 0 and no map where there is none yet."""

    version: int = 0
    map: ConceptMap | None = None


class Meaning(msgspec.Struct, frozen=True):
    """What a code of a source means; without a target it has no counterpart, and nobody is asked
    again.
    """

    local: Coding
    target: Coding | None
    equivalence: Equivalence = "equivalent"


def map_url(source: str) -> str:
    """URL of the ConceptMap of a source."""
    return f"urn:minkang:source:{source}:codes"


def map_id(source: str) -> str:
    """Id of the ConceptMap of a source."""
    plain = f"codes-{source}"
    if len(plain) <= _LONGEST_ID:
        return plain
    return f"codes-{hashlib.sha256(source.encode()).hexdigest()[:32]}"


async def source_maps(
    store: Store, connection: Connection, sources: Iterable[str]
) -> dict[str, SourceMap]:
    """The maps of some sources, by one query; one that did not change is not compiled again."""
    ids = {map_id(source): source for source in sources}
    found = {source: SourceMap() for source in ids.values()}
    for one in await read_several(store, connection, Scope.whole(), "ConceptMap", list(ids)):
        found[ids[one.id]] = SourceMap(one.version, compiled_map(one.body))
    return found


async def map_codes(
    store: Store,
    connection: Connection,
    *,
    source: str,
    organisation: str,
    meanings: Sequence[Meaning],
    by: str,
    at: datetime,
) -> int | None:
    """Write into the map of a source what its codes mean, in the caller's transaction.

    To be called first in its transaction: it locks the map. Entries of the queue are closed.

    Args:
        organisation: id of the institution that the map belongs to.
        by: who decided.
        at: now (aware).

    Returns:
        the number of the recoding that was ordered; None if the map said so already.

    Raises:
        Refused: a target is no code that may stand in records; its place is the number of the
            meaning.
    """
    checked = await checked_meanings(store, meanings)
    changed = {one.local: one for one in checked}
    version, is_new = await _changed_map(
        store, connection, (source, organisation), list(changed), changed
    )
    decided = [
        Decided(one.local, one.target, one.equivalence if one.target else "unmatched")
        for one in checked
    ]
    await close_entries(connection, source, decided, by=by, at=at, version=version)
    return await _ordered(connection, source, list(changed), by, at) if is_new else None


async def unmap_code(
    store: Store,
    connection: Connection,
    *,
    source: str,
    organisation: str,
    local: Coding,
    by: str,
    at: datetime,
) -> int | None:
    """Take a code out of the map of a source: it waits again; arguments and answer as of
    `map_codes`.
    """
    version, is_new = await _changed_map(store, connection, (source, organisation), [local], {})
    await open_entries(connection, source, [local], version=version)
    return await _ordered(connection, source, [local], by, at) if is_new else None


async def checked_meanings(store: Store, meanings: Sequence[Meaning]) -> list[Meaning]:
    """The meanings with each system's own spelling and display.

    Raises:
        Refused: `unknown-system`, `unknown-code`, `abstract-code`, with the number of each wrong
            one as its place.
    """
    terminology = Terminology(store, Scope.whole())
    problems: list[Problem] = []
    checked: list[Meaning] = []
    for number, one in enumerate(meanings):
        try:
            target = await _checked(terminology, one.target) if one.target else None
        except Refused as refused:
            problems += [
                Problem(p.stage, str(number), p.rule, p.text) for p in refused.problems[:1]
            ]
            continue
        checked.append(Meaning(one.local, target, one.equivalence))
    if problems:
        raise Refused(problems)
    return checked


async def _checked(terminology: Terminology, target: Coding) -> Coding:
    url = canonical(target.system)
    try:
        system = await terminology.code_system(url, target.version)
    except Refused:
        if url not in FORMS:
            raise
        if not has_form(url, target.code):
            raise unknown_code("target", FORMS[url], target.code) from None
        return Coding(url, target.code, target.display)
    at = system.position(target.code)
    if at is None:
        raise unknown_code("target", system.head.title or target.system, target.code)
    if system.is_abstract(at):
        text = f"{target.code} 只是类目，不能作为编码使用"
        raise Refused([Problem("terminology", "target", "abstract-code", text)])
    return Coding(system.head.url, system.codes[at], system.display(at))


async def _changed_map(
    store: Store,
    connection: Connection,
    of: tuple[str, str],
    locals_: Sequence[Coding],
    meanings: Mapping[Coding, Meaning],
) -> tuple[int, bool]:
    """Write the map of a source and its organisation; its version, and whether it is a new one."""
    source, organisation = of
    key = ("ConceptMap", map_id(source))
    locked = await lock_current(store, connection, [key])
    current = locked.current.get(key)
    is_there = current is not None and not current.deleted
    if not is_there and not meanings:
        return (current.version if current else 0), False
    before = current.resource if current and is_there else _empty(source, organisation)
    after = _with_meanings(before, locals_, meanings.values())
    (outcome,) = await write(store, connection, [Change(after, organisation)], locked)
    return outcome.version, outcome.kind != "unchanged"


async def _ordered(
    connection: Connection, source: str, codes: Sequence[Coding], by: str, at: datetime
) -> int:
    """Order that what was stored with some codes is coded anew."""
    pairs = sorted({(one.system, one.code) for one in codes})
    number: int = await connection.fetchval(
        """insert into terminology.recoding (source, codes, requested, decided_by)
           values ($1, $2::text::jsonb, $3, $4) returning id""",
        source,
        msgspec.json.encode(pairs).decode(),
        at,
        by,
    )
    return number


def _empty(source: str, organisation: str) -> Resource:
    return {
        "resourceType": "ConceptMap",
        "id": map_id(source),
        "url": map_url(source),
        "name": "SourceCodes",
        "title": f"来源 {source} 的本地代码",
        "status": "active",
        "publisher": organisation,
        "group": [],
    }


def _with_meanings(
    resource: Resource, locals_: Sequence[Coding], meanings: Iterable[Meaning]
) -> Resource:
    """The map with some codes' meanings set; what they meant before is gone."""
    forgotten = {(one.system, one.code) for one in locals_}
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for group in resource.get("group", ()):
        own = group.get("source", "")
        kept = [e for e in group.get("element", ()) if (own, e.get("code")) not in forgotten]
        held = groups.setdefault((own, group.get("target", "")), {**group, "element": []})
        held["element"] += kept
    for meaning in meanings:
        own = meaning.local.system
        # A group has to name its target; codes without one have a group of their own.
        goal = meaning.target.system if meaning.target else f"{own}:unmatched"
        group = groups.setdefault((own, goal), {"source": own, "target": goal, "element": []})
        group["element"].append(_element(meaning))
    for group in groups.values():
        group["element"].sort(key=lambda element: str(element.get("code", "")))
    return {**resource, "group": [group for group in groups.values() if group["element"]]}


def _element(meaning: Meaning) -> dict[str, Any]:
    element: dict[str, Any] = {"code": meaning.local.code}
    if meaning.local.display:
        element["display"] = meaning.local.display
    if meaning.target is None:
        return {**element, "target": [{"equivalence": "unmatched"}]}
    target = {"code": meaning.target.code}
    if meaning.target.display:
        target["display"] = meaning.target.display
    return {**element, "target": [{**target, "equivalence": meaning.equivalence}]}
