"""Gather a record: what a scope shows of all linked Patients, arranged."""

import asyncio
from collections.abc import Iterable

import msgspec

from minkang.identity import Resident
from minkang.record.problems import ListedProblem, problem_list
from minkang.record.results import Result, Series, results_of, series_of
from minkang.record.visits import Visit, visits_of
from minkang.store import Grade, Grant, Query, Scope, Store, Stored, read, search

_TYPES = ("Condition", "Encounter", "Observation")
_MAX_RESOURCES = 5_000


class Overview(msgspec.Struct, frozen=True):
    """A record on one page.

    Attributes:
        institutions: names of those that contributed, with how many facts.
        complete: False if the life is longer than one page holds (newest facts are there).
    """

    problems: tuple[ListedProblem, ...]
    results: tuple[Result, ...]
    series: tuple[Series, ...]
    visits: tuple[Visit, ...]
    institutions: dict[str, int]
    complete: bool


async def overview(store: Store, scope: Scope, resident: Resident) -> Overview:
    """The record of a resident as far as the scope shows it."""
    facts, complete = await _facts(store, scope, resident)
    names = await institution_names(store, {stored.source for stored in facts})
    by_type: dict[str, list[Stored]] = {name: [] for name in _TYPES}
    for stored in facts:
        by_type[stored.type].append(stored)
    problems = problem_list(by_type["Condition"], names)
    results = results_of(by_type["Observation"], names)
    visits = visits_of(by_type["Encounter"], names)
    institutions: dict[str, int] = {}
    for origin in [*(r.origin for r in results), *(v.origin for v in visits)]:
        institutions[origin.organisation_name] = institutions.get(origin.organisation_name, 0) + 1
    return Overview(problems, results, series_of(results), visits, institutions, complete)


async def institution_names(store: Store, organisations: Iterable[str]) -> dict[str, str]:
    """What institutions are called: their Organization resources, open to everyone."""
    grant = Grant(grade=Grade.OPEN, types=frozenset(["Organization"]))
    found = await asyncio.gather(
        *(read(store, Scope((grant,)), "Organization", one) for one in sorted(organisations) if one)
    )
    return {one.id: str(one.resource.get("name", one.id)) for one in found if one is not None}


async def _facts(store: Store, scope: Scope, resident: Resident) -> tuple[list[Stored], bool]:
    facts: list[Stored] = []
    query = Query(types=_TYPES, patients=tuple(sorted(resident.patients)), limit=1000)
    while len(facts) < _MAX_RESOURCES:
        page = await search(store, scope, query)
        facts += page.matches
        if page.next is None:
            return facts, True
        query = msgspec.structs.replace(query, after=page.next)
    return facts, False
