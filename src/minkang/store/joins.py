"""Chains and `_has`: conditions on resources that a resource points to, or that point to it.

If few resources fulfil the inner condition they are had, and the outer search is driven by the
references to (or from) them. If many do, the outer search goes its own way and asks for each
batch of candidates whether the inner condition holds: that is then often the case.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

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
from minkang.store.conditions import Batch, Test
from minkang.store.drives import Drive, Either, Ids, Marks, Terms
from minkang.store.stored import Stored
from minkang.store.terms import SHARED, parameter_hash, resource_hash

_FEW = 1_000


class Page(Protocol):
    """What an inner search gives."""

    @property
    def matches(self) -> tuple[Stored, ...]: ...
    @property
    def next(self) -> str | None: ...


Run = Callable[[Search], Awaitable[Page]]
"""Runs an inner search in the scope and time of the outer one."""


async def join_test(types: Sequence[str], condition: Chain | Has, run: Run) -> Test:
    """The test that a chain or a `_has` is."""
    if isinstance(condition, Chain):
        return await _chain(types, condition, run)
    return await _has(types, condition, run)


def _points(parameter: Parameter, values: Sequence[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Where a reference parameter points to, of the references of a resource."""
    return {
        (target, target_id)
        for stored in parameter.stored
        for code, target, target_id in values
        if code == stored.code and (stored.targets is None or target in stored.targets)
    }


async def _chain(types: Sequence[str], chain: Chain, run: Run) -> Test:
    shared: set[int] = set()
    selective: set[int] = set()
    for target, inner in chain.inner:
        page = await run(Search(types=(target,), conditions=(inner,), count=_FEW))
        if page.next is not None:
            return Test(batch=_chain_batch(chain, run))
        (shared if target in SHARED else selective).update(
            parameter_hash(kind, stored.code) ^ resource_hash(target, match.id)
            for match in page.matches
            for kind in types
            for stored in chain.parameter.stored
            if stored.targets is None or target in stored.targets
        )
    drives: list[Drive] = []
    if shared:
        drives.append(Terms(tuple(sorted(shared))))
    if selective:
        drives.append(Marks(tuple((number,) for number in sorted(selective))))
    if not drives:
        return Test(nothing=True)
    return Test(drive=drives[0] if len(drives) == 1 else Either(tuple(drives)))


def _chain_batch(chain: Chain, run: Run) -> Batch:
    async def holds(versions: Sequence[Stored]) -> list[bool]:
        points = [_points(chain.parameter, extract(one.resource).references) for one in versions]
        fitting: set[tuple[str, str]] = set()
        for target, inner in chain.inner:
            ids = sorted({one[1] for some in points for one in some if one[0] == target})
            for begin in range(0, len(ids), _FEW):
                conditions = (_ids(target, ids[begin : begin + _FEW]), inner)
                page = await run(Search(types=(target,), conditions=conditions, count=_FEW))
                fitting.update((target, match.id) for match in page.matches)
        return [not some.isdisjoint(fitting) for some in points]

    return holds


def _ids(kind: str, ids: Sequence[str]) -> Clause:
    parameter = Parameter(kind, "_id", "token", -1, "")
    return Clause(parameter, None, tuple(TokenValue(None, one) for one in ids))


async def _has(types: Sequence[str], has: Has, run: Run) -> Test:
    page = await run(Search(types=(has.type,), conditions=(has.inner,), count=_FEW))
    if page.next is not None:
        return Test(batch=_has_batch(has, run))
    wanted = {
        target_id
        for match in page.matches
        for target, target_id in _points(has.parameter, extract(match.resource).references)
        if target in types
    }
    if not wanted:
        return Test(nothing=True)
    return Test(drive=Ids(tuple(TYPE_CODES[kind] for kind in types), tuple(sorted(wanted))))


def _has_batch(has: Has, run: Run) -> Batch:
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
