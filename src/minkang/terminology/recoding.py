"""Coding anew what was stored, after the map of a source has changed.

A recoding is a row of `terminology.recoding`, written with the change of the map. It is worked off
a page at a time, each page with its place in one transaction: whoever is killed in between goes on
from there, and a page done twice changes nothing. Each resource ends as processing would make it
by the map as it is now, so recodings may overtake each other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir.search_parameters import parameters_of
from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, Connection, Scope, Store, Stored, find, lock_current, write
from minkang.terminology.coding import recode, systems_of
from minkang.terminology.source_map import source_maps

_PAGE = 200
_SCANNED = 1_000
_CODES = 40
"""Codes that one search asks for."""

_PATH = re.compile(r"[A-Z]\w+(?:\.\w+)+")
_CHOICE = "CodeableConcept"

Code = tuple[str, str]
"""System and code."""


class Step(msgspec.Struct, frozen=True):
    """One search: a type, and the values of a token parameter; without one, all of the type."""

    type: str
    parameter: str | None = None
    value: str = ""


class Recoding(msgspec.Struct, frozen=True, kw_only=True):
    """A recoding and how far it is.

    Attributes:
        id: its number.
        source: whose codes.
        codes: how many of them.
        requested, decided_by: when and by whom the map was changed.
        step, steps: the search it is at, and how many there are; None before it has begun.
        looked, changed: resources.
        finished: when it was done.
    """

    id: int
    source: str
    codes: int
    requested: datetime
    decided_by: str
    step: int
    steps: int | None
    looked: int
    changed: int
    finished: datetime | None


async def recode_some(store: Store) -> bool:
    """Work off one page of the oldest recoding; whether there was anything to do.

    Raises:
        OSError, asyncpg.PostgresError: the database is gone; nothing is lost, call again.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            """select id, source, codes::text as codes, steps::text as steps, step, after,
                      horizon is not null and horizon <= pg_snapshot_xmin(pg_current_snapshot())
                          as clear
               from terminology.recoding where finished is null
               and (horizon is null or horizon <= pg_snapshot_xmin(pg_current_snapshot()))
               order by id limit 1 for update skip locked"""
        )
        if row is None:
            return False
        if not row["clear"]:
            await _begin(connection, dict(row))
            return True
        steps = msgspec.json.decode(row["steps"], type=tuple[Step, ...])
        if row["step"] >= len(steps):
            await _finish(connection, row["id"])
            return True
        await _page(store, connection, dict(row), steps[row["step"]])
    return True


async def recodings(connection: Connection, source: str | None = None) -> list[Recoding]:
    """Recodings under way, and the last ones done, newest first; at most 20."""
    rows = await connection.fetch(
        """select id, source, jsonb_array_length(codes) as codes, requested, decided_by, step,
                  jsonb_array_length(steps) as steps, looked, changed, finished
           from terminology.recoding where $1::text is null or source = $1
           order by id desc limit 20""",
        source,
    )
    return [msgspec.convert(dict(row), Recoding) for row in rows]


async def _begin(connection: Connection, row: Mapping[str, Any]) -> None:
    """Say what is to be searched, and wait until nobody works by the old map any more.

    A batch that read the map before it was changed has a transaction number below the horizon.
    """
    codes = msgspec.json.decode(row["codes"], type=list[Code])
    met = await connection.fetch(
        "select system, place from terminology.place where source = $1 order by system, place",
        row["source"],
    )
    places = [(one["system"], one["place"]) for one in met]
    await connection.execute(
        """update terminology.recoding set steps = $2::text::jsonb,
               horizon = pg_snapshot_xmax(pg_current_snapshot())
           where id = $1""",
        row["id"],
        msgspec.json.encode(list(_steps(codes, places))).decode(),
    )


async def _finish(connection: Connection, number: int) -> None:
    await connection.execute(
        "update terminology.recoding set finished = clock_timestamp(), after = null where id = $1",
        number,
    )


async def _page(store: Store, connection: Connection, row: Mapping[str, Any], step: Step) -> None:
    pairs = [("_count", str(_SCANNED if step.parameter is None else _PAGE))]
    if step.parameter is not None:
        pairs.append((step.parameter, step.value))
    search = parse_search((step.type,), pairs, base="")
    if row["after"] is not None:
        search = msgspec.structs.replace(search, after=row["after"])
    found = await find(store, Scope.whole(), search)
    codes = msgspec.json.decode(row["codes"], type=list[Code])
    holding = _holding(found.matches, {system for system, _ in codes})
    changed = await _recoded(store, connection, row["source"], holding)
    await connection.execute(
        """update terminology.recoding set step = step + $2, after = $3, looked = looked + $4,
               changed = changed + $5
           where id = $1""",
        row["id"],
        int(found.next is None),
        found.next,
        len(found.matches),
        changed,
    )


async def _recoded(
    store: Store, connection: Connection, source: str, found: Sequence[Stored]
) -> int:
    """Code some resources anew as they are now; how many changed. Their notes stay."""
    if not found:
        return 0
    concept_map = (await source_maps(store, connection, [source]))[source].map
    locked = await lock_current(store, connection, [(one.type, one.id) for one in found])
    changes = [
        Change(recode(one.resource, concept_map, systems_of(source)), one.source, one.note)
        for one in locked.current.values()
        if not one.deleted
    ]
    outcomes = await write(store, connection, changes, locked)
    return sum(outcome.kind == "updated" for outcome in outcomes)


def _holding(found: Sequence[Stored], systems: set[str]) -> list[Stored]:
    """Those of a page that hold codes of some systems at all."""
    names = [msgspec.json.encode(system) for system in systems]
    return [one for one in found if any(name in one.body for name in names)]


def _steps(codes: Sequence[Code], places: Sequence[tuple[str, str]]) -> Iterator[Step]:
    """The searches that reach some codes in the elements where codes of their systems stand.

    Elements that no search parameter reaches cost a look at all resources of the type.
    """
    by_system: dict[str, list[str]] = {}
    for system, code in codes:
        by_system.setdefault(system, []).append(code)
    whole: dict[str, None] = {}
    parameters: dict[tuple[str, str, str], None] = {}
    for system, place in places:
        if system not in by_system:
            continue
        kind = place.partition(".")[0]
        name = _parameter(kind, place)
        if name is None:
            whole[kind] = None
        else:
            parameters[kind, name, system] = None
    for kind, name, system in parameters:
        if kind in whole:
            continue
        own = by_system[system]
        for start in range(0, len(own), _CODES):
            values = [f"{_escaped(system)}|{_escaped(one)}" for one in own[start : start + _CODES]]
            yield Step(kind, name, ",".join(values))
    for kind in whole:
        yield Step(kind)


def _parameter(kind: str, place: str) -> str | None:
    """The token parameter that finds an element, if there is one."""
    try:
        known = parameters_of(kind)
    except KeyError:
        return None
    wanted = f"{place.removesuffix(_CHOICE)}.ofType" if place.endswith(_CHOICE) else place
    for parameter in known.values():
        if parameter.kind == "token" and wanted in _PATH.findall(parameter.expression):
            return parameter.code
    return None


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in ",$|\\" else c for c in text)
