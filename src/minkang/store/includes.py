"""`_include` and `_revinclude`: what the matches point to, and what points to them."""

from collections.abc import Iterable, Sequence
from typing import Any

from minkang.fhir import TYPE_CODES, Problem
from minkang.fhir.extract import extract
from minkang.fhir.search import Include, Parameter, Search
from minkang.fhir.search_parameters import parameters_of
from minkang.store.connection import Connection
from minkang.store.scope import Scope, compile_scope
from minkang.store.sql import Sql
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows
from minkang.store.terms import SHARED, parameter_hash, resource_hash

_MOST = 1_000
"""Resources that are added to one page at most."""

_DEEPEST = 8
"""Rounds, with those of `:iterate`; a circle ends sooner, because nothing is added twice."""


async def included(
    store: Store, connection: Connection, scope: Scope, search: Search, matches: Sequence[Stored]
) -> tuple[list[Stored], list[Problem]]:
    """What a page adds, in the same scope; and a note if there was more than may be added."""
    if not search.includes or not matches:
        return [], []
    known = {(one.type, one.id) for one in matches}
    added: list[Stored] = []
    frontier: Sequence[Stored] = matches
    for depth in range(_DEEPEST):
        fresh: list[Stored] = []
        for include in search.includes:
            if depth and not include.iterate:
                continue
            one_step = _reverse if include.reverse else _forward
            for one in await one_step(store, connection, scope, include, frontier):
                if (one.type, one.id) not in known:
                    known.add((one.type, one.id))
                    fresh.append(one)
        added += fresh
        if len(added) > _MOST:
            text = f"_include/_revinclude 带出的资源超过 {_MOST} 个，只返回其中一部分"
            return added[:_MOST], [Problem("search", "_include", "too-many-included", text)]
        if not fresh:
            break
        frontier = fresh
    else:
        text = f":iterate 只跟随 {_DEEPEST} 层引用，再往下的资源没有带出"
        return added, [Problem("search", "_include", "too-deep-included", text)]
    return added, []


async def _forward(
    store: Store,
    connection: Connection,
    scope: Scope,
    include: Include,
    versions: Iterable[Stored],
) -> list[Stored]:
    wanted: set[tuple[str, str]] = set()
    for one in versions:
        if include.type not in (None, one.type):
            continue
        for code, target, target_id in extract(one.resource).references:
            if include.target in (None, target) and _is_of(include.parameter, code, target):
                wanted.add((target, target_id))
    if not wanted:
        return []
    sql = Sql()
    types = sql.add([TYPE_CODES[kind] for kind, _ in sorted(wanted)], "smallint[]")
    ids = sql.add([one for _, one in sorted(wanted)], "text[]")
    return await _fetch(
        store,
        connection,
        f"""select {COLUMNS} from unnest({types}, {ids}) as k(kind, key)
            join store.resource r on r.type = k.kind and r.id = k.key
            where not r.deleted and {compile_scope(scope, "r", sql.parameters)}
            limit {_MOST + 1}""",
        sql,
    )


def _is_of(parameter: Parameter | None, code: str, target: str) -> bool:
    return parameter is None or any(
        stored.code == code and (stored.targets is None or target in stored.targets)
        for stored in parameter.stored
    )


async def _reverse(
    store: Store,
    connection: Connection,
    scope: Scope,
    include: Include,
    versions: Iterable[Stored],
) -> list[Stored]:
    types = list(TYPE_CODES) if include.type is None else [include.type]
    numbers: set[tuple[int, int, bool]] = set()
    for one in versions:
        if include.target not in (None, one.type):
            continue
        shared = one.type in SHARED
        target = resource_hash(one.type, one.id)
        for kind in types:
            for code in _reference_codes(kind, include.parameter, one.type):
                numbers.add((TYPE_CODES[kind], parameter_hash(kind, code) ^ target, shared))
    if not numbers:
        return []
    found = []
    for shared in (True, False):
        wanted = sorted((kind, number) for kind, number, one in numbers if one is shared)
        if wanted:
            found += await _pointing(store, connection, scope, wanted, shared=shared)
    return found


async def _pointing(
    store: Store,
    connection: Connection,
    scope: Scope,
    wanted: Sequence[tuple[int, int]],
    *,
    shared: bool,
) -> list[Stored]:
    """The resources of a type that have a term, or a mark, for a reference."""
    sql = Sql()
    kinds = sql.add([kind for kind, _ in wanted], "smallint[]")
    hashes = sql.add([number for _, number in wanted], "bigint[]")
    joined = (
        """join store.term t on t.hash = k.hash
            join store.resource r on r.type = k.kind and r.sequence = t.sequence"""
        if shared
        # The sum keeps the index of types away from what the few with the mark tell as well.
        else "join store.resource r on r.type + 0 = k.kind and r.marks @> array[k.hash]"
    )
    return await _fetch(
        store,
        connection,
        f"""select {COLUMNS} from unnest({kinds}, {hashes}) as k(kind, hash) {joined}
            where not r.deleted and {compile_scope(scope, "r", sql.parameters)}
            limit {_MOST + 1}""",
        sql,
    )


def _reference_codes(kind: str, parameter: Parameter | None, target: str) -> list[str]:
    given = [parameter] if parameter is not None else list(parameters_of(kind).values())
    return [
        stored.code
        for one in given
        if one.kind == "reference"
        for stored in one.stored
        if stored.targets is None or target in stored.targets
    ]


async def _fetch(store: Store, connection: Connection, text: str, sql: Sql) -> list[Stored]:
    rows: list[Any] = await connection.fetch(text, *sql.parameters)
    return await stored_rows(connection, store.codec, rows)
