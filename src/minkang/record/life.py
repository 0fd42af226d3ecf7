"""A life: what a scope shows of all linked Patients of a resident, of the types a page needs."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from minkang.fhir import Resource
from minkang.fhir.search_syntax import parse_search
from minkang.identity import Resident
from minkang.record.fact import Names
from minkang.record.institutions import institution_names
from minkang.store import Query, Scope, Store, Stored, find, search
from minkang.store.search import MOST

MAX_RESOURCES: Final = MOST
_CODED: Final = 200


class Gathered(Stored, frozen=True):
    """A stored resource that is decoded once for all who read it; nobody changes it."""

    content: Resource | None = None

    @property
    def resource(self) -> Resource:
        """The body, shared."""
        return self.content or {}


class Life(msgspec.Struct, frozen=True):
    """What was gathered.

    Attributes:
        facts: by resource type, newest first.
        names: organisation id to name, of all institutions that contributed.
        complete: False if there is more than a page holds (the newest is there).
    """

    facts: Mapping[str, tuple[Stored, ...]]
    names: Names
    complete: bool

    def of(self, kind: str) -> list[Stored]:
        """All of a resource type, newest first; none of a type that was not gathered."""
        return list(self.facts.get(kind, ()))


class Newest(msgspec.Struct, frozen=True):
    """Of a long life only so many of a type: the newest, and all that have one of these codes."""

    type: str
    most: int
    codes: tuple[str, ...] = ()


async def gather(
    store: Store,
    scope: Scope,
    resident: Resident,
    types: Collection[str],
    newest: Newest | None = None,
) -> Life:
    """The life of a resident as far as the scope shows it, of these types alone.

    `newest`: where a page can do without the oldest of a type.
    """
    patients = tuple(sorted(resident.patients))
    some = () if newest is None else (newest.type,)
    parts = [
        _search(store, scope, patients, tuple(sorted(set(types) - set(some))), MAX_RESOURCES),
        _search(store, scope, patients, some, newest.most if newest else 1),
    ]
    (found, whole), (more, all_more) = await asyncio.gather(*parts)
    found += more
    if newest is not None and newest.codes and not all_more:
        known = {(one.type, one.id) for one in more}
        coded = await _coded(store, scope, patients, newest)
        found += [one for one in coded if (one.type, one.id) not in known]
    names = await institution_names(store, {stored.source for stored in found})
    facts: dict[str, list[Stored]] = {name: [] for name in types}
    for stored in found:
        facts[stored.type].append(_decoded(stored))
    kept = {name: tuple(several) for name, several in facts.items()}
    return Life(kept, names, whole and all_more)


def _decoded(stored: Stored) -> Gathered:
    return Gathered(
        stored.type,
        stored.id,
        stored.version,
        stored.updated,
        stored.deleted,
        stored.source,
        stored.label,
        stored.body,
        stored.note,
        stored.resource,
    )


async def _search(
    store: Store, scope: Scope, patients: tuple[str, ...], types: tuple[str, ...], most: int
) -> tuple[list[Stored], bool]:
    """The newest of these types, and whether those are all."""
    if not patients or not types:
        return [], True
    page = await search(store, scope, Query(types=types, patients=patients, limit=most))
    return list(page.matches), page.next is None


async def _coded(
    store: Store, scope: Scope, patients: tuple[str, ...], newest: Newest
) -> tuple[Stored, ...]:
    asked = [
        ("patient", ",".join(f"Patient/{one}" for one in patients)),
        ("code", ",".join(newest.codes)),
        ("_count", str(_CODED)),
    ]
    return tuple((await find(store, scope, parse_search((newest.type,), asked))).matches)
