"""What identity keeps of a Patient goes when the Patient is purged."""

from collections.abc import Collection, Sequence

import msgspec

from minkang.identity.follow import write_persons
from minkang.store import Connection, Store
from minkang.store.purge import purge_history


class Unlinked(msgspec.Struct, frozen=True):
    """Persons that had one of the purged Patients.

    Attributes:
        gone: they have no Patient left; their Person resource is still to be purged.
        kept: they have others, and were written anew without the purged ones.
    """

    gone: tuple[str, ...]
    kept: tuple[str, ...]


async def patients_of_person(connection: Connection, person: str) -> list[str]:
    """The ids of all Patients that are linked to a Person."""
    rows = await connection.fetch(
        "select patient from identity.link where person = $1 order by patient", person
    )
    return [row["patient"] for row in rows]


async def person_of_patient(connection: Connection, patient: str) -> str | None:
    """The Person to whom a Patient is linked."""
    found: str | None = await connection.fetchval(
        "select person from identity.link where patient = $1", patient
    )
    return found


async def unlink(store: Store, patients: Collection[str]) -> Unlinked:
    """Remove all links, present and former, of these Patients, in one transaction."""
    async with store.pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            """with gone as (
                   delete from identity.link where patient = any($1::text[]) returning person)
               select distinct person from gone order by person""",
            list(patients),
        )
        await connection.execute(
            "update identity.link set follows = null where follows = any($1::text[])",
            list(patients),
        )
        persons = [row["person"] for row in rows]
        await connection.execute(
            "delete from identity.link_history where patient = any($1::text[])", list(patients)
        )
        kept = await _with_patients(connection, persons)
        gone = [person for person in persons if person not in kept]
        await connection.execute(
            """delete from identity.person p where p.id = any($1::text[])
               and not exists (select from identity.link l where l.person = p.id)""",
            gone,
        )
        if kept:
            await write_persons(store, connection, kept)
            await purge_history(connection, [("Person", person) for person in kept])
    return Unlinked(tuple(gone), tuple(kept))


async def _with_patients(connection: Connection, persons: Sequence[str]) -> list[str]:
    rows = await connection.fetch(
        "select distinct person from identity.link where person = any($1::text[]) order by person",
        list(persons),
    )
    return [row["person"] for row in rows]
