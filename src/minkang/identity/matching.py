"""Whom somebody may be: the Persons that fit features which nothing is stored of."""

from collections.abc import Mapping
from typing import Final

import msgspec

from minkang.crypto import Keys
from minkang.identity.candidates import nodes_with
from minkang.identity.in_force import definition_in_force
from minkang.identity.kept import Kept, hashed_keys, kept_nodes
from minkang.identity.linkage.features import Features
from minkang.identity.linkage.score import Scored, score
from minkang.identity.patients import patients_by_id
from minkang.identity.region import persons_of
from minkang.store import Scope, Store, Stored

_MOST: Final = 2_000


class Matched(msgspec.Struct, frozen=True):
    """A Person that fits.

    Attributes:
        patients: those of its Patients that were compared and that the scope shows.
        patient: the one that fits best; `scored` is how it fits.
    """

    person: str
    patients: tuple[str, ...]
    patient: Stored
    scored: Scored


async def matches(
    store: Store,
    scope: Scope,
    keys: Keys,
    features: Features,
    *,
    limit: int = 10,
    separate: bool = False,
) -> list[Matched]:
    """The Persons that fit, the best first; with `separate` also those below the review threshold.

    Only Patients that the scope shows count: nothing else is told, not even that there is more.

    Raises:
        SealBroken: what is kept of a Patient is not what was written.
    """
    async with store.pool.acquire() as connection:
        definition = await definition_in_force(connection)
        nodes = await nodes_with(connection, hashed_keys(keys, definition, features))
        kept = await kept_nodes(store, connection, sorted(nodes)[:_MOST])
        judged = {
            one.patient: scored
            for one in kept.values()
            if (scored := score(definition, features, one.features)).outcome != "separate"
            or separate
        }
        persons = await persons_of(connection, judged)
    seen = await patients_by_id(store, sorted(judged), scope)
    return _best(judged, {one: person for one, (person, _) in persons.items()}, seen)[:limit]


async def features_kept(store: Store, patient: str) -> Kept | None:
    """What is kept of a Patient; None if it is not linked yet."""
    async with store.pool.acquire() as connection:
        node = await connection.fetchval(
            "select node from identity.feature where patient = $1", patient
        )
        return None if node is None else (await kept_nodes(store, connection, [node]))[node]


def _best(
    judged: Mapping[str, Scored], persons: Mapping[str, str], seen: Mapping[str, Stored]
) -> list[Matched]:
    by_person: dict[str, list[str]] = {}
    for patient in judged:
        if patient in seen and patient in persons:
            by_person.setdefault(persons[patient], []).append(patient)
    found = []
    for person, patients in by_person.items():
        ordered = sorted(patients, key=lambda one: (*_order(judged[one]), one))
        best = ordered[0]
        found.append(Matched(person, tuple(ordered), seen[best], judged[best]))
    return sorted(found, key=lambda one: (*_order(one.scored), one.person))


def _order(scored: Scored) -> tuple[int, float]:
    return (("link", "review", "separate").index(scored.outcome), -scored.weight)
