"""A life: what a scope shows of all linked Patients of a resident, of the types a page needs."""

from collections.abc import Collection, Mapping

import msgspec

from minkang.fhir import Resource
from minkang.identity import Resident
from minkang.record.fact import Names
from minkang.record.institutions import institution_names
from minkang.store import Query, Scope, Store, Stored, search

MAX_RESOURCES = 5_000
_PAGE = 1_000


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


async def gather(store: Store, scope: Scope, resident: Resident, types: Collection[str]) -> Life:
    """The life of a resident as far as the scope shows it, of these types alone."""
    found, complete = await _search(store, scope, resident, tuple(sorted(types)))
    names = await institution_names(store, {stored.source for stored in found})
    facts: dict[str, list[Stored]] = {name: [] for name in types}
    for stored in found:
        facts[stored.type].append(_decoded(stored))
    return Life({name: tuple(several) for name, several in facts.items()}, names, complete)


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
    store: Store, scope: Scope, resident: Resident, types: tuple[str, ...]
) -> tuple[list[Stored], bool]:
    found: list[Stored] = []
    patients = tuple(sorted(resident.patients))
    if not patients or not types:
        return found, True
    query = Query(types=types, patients=patients, limit=_PAGE)
    while len(found) < MAX_RESOURCES:
        page = await search(store, scope, query)
        found += page.matches
        if page.next is None:
            return found, True
        query = msgspec.structs.replace(query, after=page.next)
    return found, False
