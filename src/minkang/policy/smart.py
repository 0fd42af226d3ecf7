"""What an app may see of what its user may: the decision's scope narrowed by the granted scopes.

SMART App Launch 2.2, 3.0.2: an app never gets more than its user, and of that only what the user
granted. `patient/` means one resident (all linked Patients), `user/` and `system/` whatever the
decision allows; the letters c r u d s are the interactions, search parameters narrow further.

Pure but for `prepared` scopes, which the store makes of these.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from minkang.accounts.oauth_scopes import SmartScope, clauses_of, smart_scope
from minkang.fhir import TYPE_CODES, Resource, patients_of
from minkang.fhir.definitions import definitions
from minkang.store import Grade, Grant, Scope
from minkang.store.criteria import holds

_REMEMBERED: Final = 5_000


@lru_cache(maxsize=_REMEMBERED)
def narrowed(
    scope: Scope,
    scopes: tuple[str, ...] | None,
    letter: str,
    patients: frozenset[str] = frozenset(),
) -> Scope:
    """A decision's scope, but only what some granted scopes allow for an interaction.

    Args:
        scopes: None: no app, nothing is narrowed.
        letter: of `cruds`: what is being done.
        patients: the Patients of the resident that `patient/` scopes mean; none: they show nothing.

    Criteria must be `prepared` by the store before the scope shows anything by them.
    """
    if scopes is None:
        return scope
    held = fitting(scopes, letter)
    grants = [
        one
        for grant in scope.grants
        for plain in (True, False)
        for one in _narrowed(grant, held, patients, plain=plain)
    ]
    return Scope(tuple(dict.fromkeys(grants)))


def fitting(scopes: Iterable[str], letter: str, kind: str | None = None) -> list[SmartScope]:
    """Those of some scopes that allow an interaction, with resources of a type (None: any)."""
    known = (smart_scope(text) for text in scopes)
    return [
        one
        for one in known
        if one is not None and letter in one.letters and (kind is None or one.type in ("*", kind))
    ]


def allows(
    scopes: tuple[str, ...] | None, letter: str, resource: Resource, patients: frozenset[str]
) -> bool:
    """Whether an app may do something with a resource that it brings, or that lies there.

    `patients`: as in `narrowed`.
    """
    if scopes is None:
        return True
    kind = resource.get("resourceType", "")
    for one in fitting(scopes, letter, kind):
        if one.context == "patient" and patients.isdisjoint(patients_of(resource)):
            continue
        clauses = clauses_of(kind, one.criteria)
        if clauses is not None and holds(clauses, resource):
            return True
    return False


def _narrowed(
    grant: Grant, held: list[SmartScope], patients: frozenset[str], *, plain: bool
) -> list[Grant]:
    """A grant as each context allows it: all types without criteria at once, others each alone."""
    if not plain:
        return [
            made
            for one in held
            if one.criteria
            for made in _of_types(grant, frozenset([one.type]), one, patients)
        ]
    found = []
    for context in ("patient", "user", "system"):
        named = {one.type: one for one in held if one.context == context and not one.criteria}
        if named:
            types = frozenset(TYPE_CODES) if "*" in named else frozenset(named)
            found += _of_types(grant, types, next(iter(named.values())), patients)
    return found


def _of_types(
    grant: Grant, types: frozenset[str], scope: SmartScope, patients: frozenset[str]
) -> list[Grant]:
    common = types if grant.types is None else types & grant.types
    if not common:
        return []
    everything = grant.types is None and len(types) == len(TYPE_CODES)
    narrow = grant if everything else msgspec.structs.replace(grant, types=common)
    if scope.criteria:
        clauses = clauses_of(scope.type, scope.criteria)
        if clauses is None:
            return []
        narrow = msgspec.structs.replace(narrow, criteria=clauses)
    return _of_patients(narrow, patients) if scope.context == "patient" else [narrow]


def _of_patients(grant: Grant, patients: frozenset[str]) -> list[Grant]:
    """Of one resident; and the directory, which is about nobody, as far as the grant has it."""
    found = []
    about = patients if grant.patients is None else patients & grant.patients
    if about:
        found.append(msgspec.structs.replace(grant, patients=about))
    if grant.patients is None and grant.grade <= Grade.BROAD:
        compartment = definitions().patient_compartment
        everywhere = frozenset(TYPE_CODES) if grant.types is None else grant.types
        types = frozenset(one for one in everywhere if one not in compartment and one != "Person")
        if types:
            found.append(msgspec.structs.replace(grant, types=types))
    return found
