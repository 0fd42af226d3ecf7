"""The map of a source: its own codes to the standard ones, one ConceptMap a source.

A resource keeps what its source sent; the standard code stands beside it in the same concept.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir import Problem, Refused, Resource
from minkang.fhir.search_parameters import parameters_of
from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, Connection, Scope, Store, Stored, find, lock_current, write
from minkang.terminology.concept_map import ConceptMap, Equivalence, translate
from minkang.terminology.concepts import Coding
from minkang.terminology.terminology import Terminology, unknown_code
from minkang.terminology.unmapped import waiting

_LONGEST_ID = 64
_PAGE = 200
_PATH = re.compile(r"[A-Z]\w+(?:\.\w+)+")


class Recoding(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be coded anew after a code of a source was mapped.

    Attributes:
        source, local: the source and its own code.
        target: the standard code that belongs beside it; None: there is none.
        replaced: standard codes that stood for it before and are wrong now.
        places: elements in which the code was met, `Observation.code`.
        count: how often it was met.
        samples: references to some resources that hold it.
    """

    source: str
    local: Coding
    target: Coding | None
    replaced: tuple[Coding, ...] = ()
    places: tuple[str, ...] = ()
    count: int = 0
    samples: tuple[str, ...] = ()


class Coded(msgspec.Struct, frozen=True):
    """A resource with standard codes beside its local ones, and the local ones without any."""

    resource: Resource
    unmapped: tuple[tuple[str, Coding], ...]


def map_url(source: str) -> str:
    """URL of the ConceptMap of a source."""
    return f"urn:minkang:source:{source}:codes"


def map_id(source: str) -> str:
    """Id of the ConceptMap of a source."""
    plain = f"codes-{source}"
    if len(plain) <= _LONGEST_ID:
        return plain
    return f"codes-{hashlib.sha256(source.encode()).hexdigest()[:32]}"


async def map_code(
    store: Store,
    connection: Connection,
    *,
    source: str,
    organisation: str,
    local: Coding,
    target: Coding | None,
    by: str,
    at: datetime,
    equivalence: Equivalence = "equivalent",
) -> Recoding:
    """Write into the map of a source what one of its codes means, in the caller's transaction.

    The entry of the queue is closed. To be called first in its transaction: it locks the map.

    Args:
        organisation: id of the institution that the map belongs to.
        target: the standard code; None says that there is none, so that nobody is asked again.
        by: who decided.
        at: now (aware).

    Raises:
        Refused: the target is no code that may stand in records.
    """
    if target is not None:
        target = await _checked(store, target)
    key = ("ConceptMap", map_id(source))
    locked = await lock_current(store, connection, [key])
    current = locked.current.get(key)
    resource = (
        current.resource
        if current is not None and not current.deleted
        else _empty(source, organisation)
    )
    before = _targets(resource, local)
    changed = _with_target(resource, local, target, equivalence)
    await write(store, connection, [Change(changed, organisation)], locked)
    entry = await waiting(connection, source, local.system, local.code)
    await connection.execute(
        """update terminology.unmapped set mapped = $4, mapped_by = $5
           where source = $1 and system = $2 and code = $3""",
        source,
        local.system,
        local.code,
        at,
        by,
    )
    pair = (target.system, target.code) if target is not None else None
    return Recoding(
        source=source,
        local=local,
        target=target,
        replaced=tuple(one for one in before if (one.system, one.code) != pair),
        places=entry.places if entry else (),
        count=entry.count if entry else 0,
        samples=entry.samples if entry else (),
    )


def code_with(
    resource: Resource, concept_map: ConceptMap | None, is_local: Callable[[str], bool]
) -> Coded:
    """A resource with the standard codes of a source's map beside the source's own.

    Pure. Every concept keeps its codings in their order; a code that can't be mapped stays as it
    is and is listed with the element where it stands. One that the map calls `unmatched` is not
    listed. `is_local` tells the source's own code systems.
    """
    maps = [concept_map] if concept_map is not None else []
    unmapped: list[tuple[str, Coding]] = []

    def mapped(place: str, codings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made = list(codings)
        standard = any(one.get("code") and not is_local(one.get("system", "")) for one in codings)
        for one in codings:
            system, code = one.get("system", ""), one.get("code")
            if not (code and is_local(system)):
                continue
            local = Coding(system, code, one.get("display", ""))
            matches = translate(maps, local).matches
            for match in matches:
                if match.is_mapped and not _holds(made, match.coding):
                    made.append(_as_fhir(match.coding))
            if not (matches or standard):
                unmapped.append((place, local))
        return made

    return Coded(_walked(resource, resource["resourceType"], mapped), tuple(unmapped))


def recode(resource: Resource, recoding: Recoding) -> Resource:
    """A stored resource as it is after a code of its source was mapped; the same if unchanged."""

    def mapped(_place: str, codings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not _holds(codings, recoding.local):
            return codings
        made = [
            one
            for one in codings
            if not any(_is(one, wrong) for wrong in recoding.replaced) or _is(one, recoding.local)
        ]
        if recoding.target is not None and not _holds(made, recoding.target):
            made.append(_as_fhir(recoding.target))
        return made

    changed: Resource = _walked(resource, resource["resourceType"], mapped)
    return resource if changed == resource else changed


async def to_recode(store: Store, scope: Scope, recoding: Recoding) -> AsyncIterator[Stored]:
    """The current resources that hold a code, by the elements in which it was met.

    Elements that no search parameter reaches are not found here; their samples are named by the
    recoding itself. A resource may come twice if it holds the code in two elements.
    """
    value = f"{_escaped(recoding.local.system)}|{_escaped(recoding.local.code)}"
    for place in recoding.places:
        kind = place.partition(".")[0]
        name = _parameter(place)
        if name is None:
            continue
        pairs = [(name, value), ("_count", str(_PAGE))]
        search = parse_search((kind,), pairs, base="")
        while True:
            page = await find(store, scope, search)
            for one in page.matches:
                yield one
            if page.next is None:
                break
            search = msgspec.structs.replace(search, after=page.next)


def _parameter(place: str) -> str | None:
    """The token parameter that finds an element, if there is one."""
    kind = place.partition(".")[0]
    try:
        known = parameters_of(kind)
    except KeyError:
        return None
    for parameter in known.values():
        if parameter.kind == "token" and place in _PATH.findall(parameter.expression):
            return parameter.code
    return None


async def _checked(store: Store, target: Coding) -> Coding:
    """The target with the system's own spelling and display.

    Raises:
        Refused: `unknown-system`, `unknown-code`, `abstract-code`.
    """
    system = await Terminology(store, Scope.whole()).code_system(target.system, target.version)
    at = system.position(target.code)
    if at is None:
        raise unknown_code("target", target.system, target.code)
    if system.is_abstract(at):
        text = f"{target.code} 只是类目，不能作为编码使用"
        raise Refused([Problem("terminology", "target", "abstract-code", text)])
    return Coding(system.head.url, system.codes[at], system.display(at))


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


def _with_target(
    resource: Resource, local: Coding, target: Coding | None, equivalence: Equivalence
) -> Resource:
    """The map with one code's meaning set; what it meant before is gone."""
    groups = [
        {**group, "element": [e for e in group.get("element", ()) if e.get("code") != local.code]}
        if group.get("source") == local.system
        else group
        for group in resource.get("group", ())
    ]
    element: dict[str, Any] = {"code": local.code}
    if local.display:
        element["display"] = local.display
    # A group has to name its target; for a code without one any group of the source will do.
    goal = target.system if target is not None else None
    if target is None:
        element["target"] = [{"equivalence": "unmatched"}]
    else:
        element["target"] = [
            {"code": target.code, "display": target.display, "equivalence": equivalence}
        ]
    for group in groups:
        if group.get("source") == local.system and goal in (None, group.get("target")):
            group["element"] = sorted([*group["element"], element], key=lambda e: str(e["code"]))
            break
    else:
        goal = goal or f"{local.system}:unmatched"
        groups.append({"source": local.system, "target": goal, "element": [element]})
    return {**resource, "group": [group for group in groups if group["element"]]}


def _targets(resource: Resource, local: Coding) -> tuple[Coding, ...]:
    return tuple(
        Coding(group.get("target", ""), one["code"], one.get("display", ""))
        for group in resource.get("group", ())
        if group.get("source") == local.system
        for element in group.get("element", ())
        if element.get("code") == local.code
        for one in element.get("target", ())
        if "code" in one
    )


def _walked(
    node: Any, place: str, mapped: Callable[[str, list[dict[str, Any]]], list[dict[str, Any]]]
) -> Any:
    """A copy in which the codings of every concept went through `mapped`."""
    if isinstance(node, list):
        return [_walked(one, place, mapped) for one in node]
    if not isinstance(node, dict):
        return node
    made: dict[str, Any] = {}
    for name, value in node.items():
        if name == "coding" and isinstance(value, list):
            made[name] = mapped(place, value)
        else:
            made[name] = _walked(value, f"{place}.{name}", mapped)
    return made


def _holds(codings: list[dict[str, Any]], coding: Coding) -> bool:
    return any(_is(one, coding) for one in codings)


def _is(one: Mapping[str, Any], coding: Coding) -> bool:
    return one.get("system", "") == coding.system and one.get("code") == coding.code


def _as_fhir(coding: Coding) -> dict[str, Any]:
    made = {"system": coding.system, "code": coding.code}
    return {**made, "display": coding.display} if coding.display else made


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in ",$|\\" else c for c in text)
