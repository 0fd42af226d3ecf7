"""Chains and `_has`: conditions on resources that a resource points to, or that point to it.

If few resources fulfil the inner condition they are had, and the outer search is driven by the
references to (or from) them. If many do, the outer search goes its own way and asks of each
candidate whether the inner condition holds: that is then often the case. Where the indexes can
tell (`join_sql`) it is a part of the query, or a query for a batch of candidates; only where they
can't are the resources at the other end searched for and read.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.fhir.extract import extract
from minkang.fhir.search import (
    Chain,
    Clause,
    Condition,
    Has,
    Parameter,
    ReferenceValue,
    Search,
    TokenValue,
)
from minkang.store.conditions import Batch, Test, compile_clause
from minkang.store.connection import Connection
from minkang.store.drives import Compartments, Drive, Either, Ids, Marks, Terms, counted, is_coarse
from minkang.store.join_sql import (
    End,
    bases,
    covered,
    ids_of,
    is_plain,
    newest,
    patients_of,
    pointed,
    pointed_at,
    pointing,
    present_of,
    rows_of,
)
from minkang.store.scope import Scope
from minkang.store.sql import Sql
from minkang.store.store import Store
from minkang.store.stored import Stored, stored_rows
from minkang.store.terms import SHARED, resource_hash

_FEW = 1_000

_SAMPLE = 200
_RARE = 0.02
"""A set that costs its size to be counted is counted if so few of so many of the newest resources
of the type belong to it."""


class Page(Protocol):
    """What an inner search gives."""

    @property
    def matches(self) -> tuple[Stored, ...]: ...
    @property
    def next(self) -> str | None: ...


Run = Callable[[Search], Awaitable[Page]]
"""Runs an inner search in the scope and time of the outer one."""


class Asking(msgspec.Struct, frozen=True):
    """Where and for whom the outer search runs; `deadline` as of the monotonic clock."""

    store: Store
    connection: Connection
    scope: Scope
    deadline: float
    run: Run

    async def rows(self, text: str, sql: Sql) -> list[Any]:
        """The rows of a query.

        Raises:
            TimeoutError: the search has taken too long.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return await self.connection.fetch(text, *sql.parameters, timeout=left)


async def join_test(types: Sequence[str], condition: Chain | Has, asking: Asking) -> Test:
    """The test that a chain or a `_has` is."""
    if isinstance(condition, Chain):
        return await _chain(types, condition, asking)
    return await _has(types, condition, asking)


async def _end(kind: str, inner: Condition, asking: Asking) -> End | None:
    """What the inner condition asks of the other end; None if that end must be read for it."""
    if isinstance(inner, Clause):
        test = await compile_clause(asking.store.terms, asking.connection, (kind,), inner)
    else:
        test = await join_test((kind,), inner, asking)
    return End(kind, asking.scope, test) if is_plain(test) else None


async def _are_few(end: End, asking: Asking) -> bool:
    """Whether an index gives all ends, and they are few."""
    if end.drive is None:
        return False
    if is_coarse(end.drive):
        sql = Sql()
        rows = await asking.rows(newest(end, _SAMPLE, sql), sql)
        if rows[0][0] > _SAMPLE * _RARE:
            return False
    sql = Sql()
    rows = await asking.rows(counted(end.drive, sql, _FEW), sql)
    return bool(rows[0][0] < _FEW)


def _points(parameter: Parameter, values: Sequence[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Where a reference parameter points to, of the references of a resource."""
    return {
        (target, target_id)
        for stored in parameter.stored
        for code, target, target_id in values
        if code == stored.code and (stored.targets is None or target in stored.targets)
    }


# -- chains ----------------------------------------------------------------------------------


async def _chain(types: Sequence[str], chain: Chain, asking: Asking) -> Test:
    ends = {target: await _end(target, inner, asking) for target, inner in chain.inner}
    shared: set[int] = set()
    selective: set[int] = set()
    for target, inner in chain.inner:
        ids = await _ids_of(target, ends[target], inner, asking)
        if ids is None:
            return _dense_chain(types, chain, ends, asking)
        (shared if target in SHARED else selective).update(
            base ^ resource_hash(target, one)
            for base in bases(types, chain.parameter, target)
            for one in ids
        )
    drives: list[Drive] = []
    if shared:
        drives.append(Terms(tuple(sorted(shared))))
    if selective:
        drives.append(Marks(tuple((number,) for number in sorted(selective))))
    if not drives:
        return Test(nothing=True)
    return Test(drive=drives[0] if len(drives) == 1 else Either(tuple(drives)))


async def _ids_of(
    target: str, end: End | None, inner: Condition, asking: Asking
) -> list[str] | None:
    """The ids of all resources that fulfil the inner condition; None if they are many."""
    if end is None:
        page = await asking.run(Search(types=(target,), conditions=(inner,), count=_FEW))
        return None if page.next is not None else [match.id for match in page.matches]
    if end.test.nothing:
        return []
    if not await _are_few(end, asking):
        return None
    sql = Sql()
    return [row["id"] for row in await asking.rows(ids_of(end, sql), sql)]


def _dense_chain(
    types: Sequence[str], chain: Chain, ends: dict[str, End | None], asking: Asking
) -> Test:
    end = ends.get("Patient")
    if len(ends) == 1 and end is not None:
        return Test(condition=pointed(types, chain.parameter, end))
    return Test(batch=_chain_batch(chain, ends, asking))


def _chain_batch(chain: Chain, ends: dict[str, End | None], asking: Asking) -> Batch:
    async def holds(versions: Sequence[Stored]) -> list[bool]:
        points = [_points(chain.parameter, extract(one.resource).references) for one in versions]
        fitting: set[tuple[str, str]] = set()
        for target, inner in chain.inner:
            ids = sorted({one[1] for some in points for one in some if one[0] == target})
            found = await _ids_among(target, ends[target], inner, ids, asking)
            fitting.update((target, one) for one in found)
        return [not some.isdisjoint(fitting) for some in points]

    return holds


async def _ids_among(
    target: str, end: End | None, inner: Condition, ids: Sequence[str], asking: Asking
) -> list[str]:
    """Those of some ids whose resources fulfil the inner condition."""
    if not ids or (end is not None and end.test.nothing):
        return []
    if end is not None:
        sql = Sql()
        return [row["id"] for row in await asking.rows(present_of(end, ids, sql), sql)]
    found: list[str] = []
    for begin in range(0, len(ids), _FEW):
        conditions = (_by_id(target, ids[begin : begin + _FEW]), inner)
        page = await asking.run(Search(types=(target,), conditions=conditions, count=_FEW))
        found += [match.id for match in page.matches]
    return found


def _by_id(kind: str, ids: Sequence[str]) -> Clause:
    parameter = Parameter(kind, "_id", "token", -1, "")
    return Clause(parameter, None, tuple(TokenValue(None, one) for one in ids))


# -- _has ------------------------------------------------------------------------------------


async def _has(types: Sequence[str], has: Has, asking: Asking) -> Test:
    end = await _end(has.type, has.inner, asking)
    versions: Sequence[Stored]
    if end is None:
        page = await asking.run(Search(types=(has.type,), conditions=(has.inner,), count=_FEW))
        if page.next is not None:
            return Test(batch=_has_read(has, asking.run))
        versions = page.matches
    elif end.test.nothing:
        return Test(nothing=True)
    elif not await _are_few(end, asking):
        return _dense_has(types, has, end, asking)
    elif tuple(types) == ("Patient",) and covered(has.type, has.parameter):
        return await _has_patients(has, end, asking)
    else:
        sql = Sql()
        rows = await asking.rows(rows_of(end, sql), sql)
        versions = await stored_rows(asking.connection, asking.store.codec, rows)
    wanted = {
        target_id
        for version in versions
        for target, target_id in _points(has.parameter, extract(version.resource).references)
        if target in types
    }
    if not wanted:
        return Test(nothing=True)
    return Test(drive=Ids(tuple(TYPE_CODES[kind] for kind in types), tuple(sorted(wanted))))


async def _has_patients(has: Has, end: End, asking: Asking) -> Test:
    sql = Sql()
    rows = await asking.rows(patients_of(end, has.parameter, sql), sql)
    patients = tuple(sorted(row["number"] for row in rows))
    if not patients:
        return Test(nothing=True)
    return Test(drive=Compartments(patients, (TYPE_CODES["Patient"],)))


def _dense_has(types: Sequence[str], has: Has, end: End, asking: Asking) -> Test:
    if not any(bases((has.type,), has.parameter, kind) for kind in types):
        return Test(nothing=True)
    if tuple(types) == ("Patient",):
        return Test(condition=pointing(end, has.parameter))
    return Test(batch=_has_batch(has, end, asking))


def _has_batch(has: Has, end: End, asking: Asking) -> Batch:
    """What points to a candidate is asked for by its marks; nothing is read."""

    async def holds(versions: Sequence[Stored]) -> list[bool]:
        found = [False] * len(versions)
        for shared in (False, True):
            marks = [
                (place, base ^ resource_hash(one.type, one.id))
                for place, one in enumerate(versions)
                if (one.type in SHARED) is shared
                for base in bases((has.type,), has.parameter, one.type)
            ]
            if not marks:
                continue
            sql = Sql()
            text = pointed_at(end, [mark for _, mark in marks], sql, shared=shared)
            for row in await asking.rows(text, sql):
                found[marks[row["number"]][0]] = True
        return found

    return holds


def _has_read(has: Has, run: Run) -> Batch:
    """What points to some candidates is searched for, and read."""

    async def holds(versions: Sequence[Stored]) -> list[bool]:
        found: set[tuple[str, str]] = set()
        left = [(one.type, one.id) for one in versions]
        while left:
            values = tuple(ReferenceValue(type=kind, id=one) for kind, one in left)
            conditions: tuple[Condition, ...] = (Clause(has.parameter, None, values), has.inner)
            page = await run(Search(types=(has.type,), conditions=conditions, count=_FEW))
            before = len(found)
            for match in page.matches:
                found |= _points(has.parameter, extract(match.resource).references)
            # One candidate may have filled the page: ask again for those not seen yet.
            left = [one for one in left if one not in found]
            if page.next is None or len(found) == before:
                break
        return [(one.type, one.id) in found for one in versions]

    return holds
