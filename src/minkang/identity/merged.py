"""Patients that a source has merged: where a chain of `replaced-by` leads, and who hangs on it."""

from collections.abc import Collection, Mapping

from minkang.fhir import Resource, survivor_of
from minkang.identity.patients import patients_by_id
from minkang.store import Connection, Store

_LONGEST = 50


async def followers(connection: Connection, patients: Collection[str]) -> set[str]:
    """All Patients that were replaced, directly or by way of others, by one of these."""
    rows = await connection.fetch(
        """with recursive hanging as (
               select patient from identity.link where follows = any($1::text[])
               union
               select l.patient from identity.link l join hanging h on l.follows = h.patient)
           select patient from hanging""",
        list(patients),
    )
    return {row["patient"] for row in rows}


async def with_survivors(store: Store, patients: Mapping[str, Resource]) -> dict[str, Resource]:
    """These Patients, and all to whom their chains lead as far as they are known."""
    known = dict(patients)
    for _ in range(_LONGEST):
        missing = {one for resource in known.values() if (one := replaced_by(resource))}
        missing -= known.keys()
        if not missing:
            break
        found = await patients_by_id(store, sorted(missing))
        known |= {one: found[one].resource if one in found else {"id": one} for one in missing}
    return known


def replaced_by(patient: Resource) -> str | None:
    """The id of the Patient that replaces this one."""
    survivor = survivor_of(patient)
    return survivor.removeprefix("Patient/") if survivor else None


def survivor_in(known: Mapping[str, Resource], patient: str) -> Resource:
    """The Patient at the end of a chain; of a circle the one with the least id."""
    passed = [patient]
    while (following := replaced_by(known[passed[-1]])) and following in known:
        if following in passed:
            return known[min(passed[passed.index(following) :])]
        passed.append(following)
    return known[passed[-1]]
