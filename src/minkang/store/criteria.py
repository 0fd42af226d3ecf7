"""Search parameters that narrow a scope: compiled like a search's, and asked of a body.

A grant's `criteria` say what a resource must fulfil besides (SMART App Launch 2.2, 3.0.2.4). They
become conditions of the query itself, by the same tests as a search (`conditions`). Versions in
history have no index rows: there the current version's are asked, and the body tells the rest.
"""

from collections.abc import Sequence

import msgspec

from minkang.fhir import Resource, patients_of
from minkang.fhir.extract import Extracted, extract
from minkang.fhir.search import Clause, ReferenceValue
from minkang.store.conditions import compile_clause
from minkang.store.late import late_of
from minkang.store.scope import Grant, Scope
from minkang.store.store import Store
from minkang.store.stored import Stored
from minkang.store.topics import SENSITIVE_TOPICS, Topic


async def prepared(store: Store, scope: Scope) -> Scope:
    """A scope whose criteria are compiled; without that, a grant with criteria shows nothing.

    A code without a system means every system that the parameter has been seen with: so a scope
    is prepared for one request, not kept.
    """
    if not any(grant.criteria for grant in scope.grants):
        return scope
    async with store.readers.lent() as connection:
        grants = []
        for grant in scope.grants:
            types = sorted(grant.types or ())
            tests = [
                await compile_clause(store.terms, connection, types, clause)
                for clause in grant.criteria
            ]
            grants.append(msgspec.structs.replace(grant, tests=tuple(tests)))
    return Scope(tuple(grants))


def holds(criteria: Sequence[Clause], resource: Resource) -> bool:
    """Whether a resource fulfils all criteria, by what it says itself."""
    if not criteria:
        return True
    values = extract(resource)
    return all(_holds(clause, values) for clause in criteria)


def shown(scope: Scope, versions: Sequence[Stored]) -> list[Stored]:
    """Those of some versions that the scope's criteria show; the query has seen to the rest."""
    if not any(grant.criteria for grant in scope.grants):
        return list(versions)
    return [one for one in versions if any(_shows(grant, one) for grant in scope.grants)]


def _shows(grant: Grant, version: Stored) -> bool:
    if grant.types is not None and version.type not in grant.types:
        return False
    if grant.sources is not None and version.source not in grant.sources:
        return False
    if version.source in grant.without_sources:
        return False
    if version.grade > grant.grade or not _of_topics(grant, version.topics):
        return False
    resource = version.resource
    if grant.patients is not None and grant.patients.isdisjoint(patients_of(resource)):
        return False
    return holds(grant.criteria, resource)


def _of_topics(grant: Grant, topics: frozenset[Topic]) -> bool:
    if grant.topics is not None and (topics & SENSITIVE_TOPICS) - grant.topics:
        return False
    if grant.only_topics is not None and not topics & grant.only_topics:
        return False
    return not topics & grant.without_topics


def _holds(clause: Clause, values: Extracted) -> bool:
    if clause.parameter.kind != "reference":
        return late_of(clause)(values)
    return any(
        value.id == target_id and value.type in (None, target)
        for value in clause.values
        if isinstance(value, ReferenceValue)
        for code, target, target_id in values.references
        if any(
            stored.code == code and (stored.targets is None or target in stored.targets)
            for stored in clause.parameter.stored
        )
    )
