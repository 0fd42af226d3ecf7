"""What identity keeps of a Patient goes when the Patient is purged."""

from collections.abc import Collection, Sequence

import msgspec

from minkang.crypto import Keys
from minkang.identity import review_desk
from minkang.identity.codes.purge import forget_codes
from minkang.identity.in_force import definition_in_force
from minkang.identity.linker import let_go
from minkang.identity.turn import take_turn
from minkang.policy import stand_in
from minkang.store import Connection, Store
from minkang.store.purge import purge_history


class Unlinked(msgspec.Struct, frozen=True):
    """Persons that had one of the purged Patients.

    Attributes:
        gone: they have no Patient left; their Person resource is still to be purged.
        kept: they have others, or had, and say nothing of the purged ones any more.
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


async def unlink(store: Store, keys: Keys, patients: Collection[str]) -> Unlinked:
    """Remove all that links say and said of these Patients, in one transaction.

    Who hung together through one of them is worked out anew.
    """
    named = list(patients)
    async with store.pool.acquire() as connection, connection.transaction():
        await take_turn(connection)
        rows = await connection.fetch(
            """select person from identity.link where patient = any($1::text[])
               union select person from identity.link_history where patient = any($1::text[])""",
            named,
        )
        persons = sorted(row["person"] for row in rows)
        definition = await definition_in_force(connection)
        await let_go(store, connection, keys, definition, named)
        await _forget(connection, named)
        kept = await _standing(connection, persons)
        gone = [person for person in persons if person not in kept]
        await forget_codes(connection, named, gone)
        await connection.execute(
            """delete from identity.person p where p.id = any($1::text[])
               and not exists (select from identity.link l where l.person = p.id)""",
            gone,
        )
        if kept:
            await purge_history(connection, [("Person", person) for person in kept])
    return Unlinked(tuple(gone), tuple(kept))


async def _forget(connection: Connection, patients: Sequence[str]) -> None:
    """History, decisions and what waits for review of Patients that are let go."""
    named = list(patients)
    await connection.execute(
        "delete from identity.link_history where patient = any($1::text[])", named
    )
    rows = await connection.fetch(
        "delete from identity.emptied where patient = any($1::text[]) returning person", named
    )
    await stand_in.forget(connection, [row["person"] for row in rows])
    for column in ("a", "b"):
        await connection.execute(
            f"delete from identity.review where {column} = any($1::text[])",  # noqa: S608
            named,
        )
        rows = await connection.fetch(
            f"""delete from identity.decision_pair where {column} = any($1::text[])
                returning decision""",  # noqa: S608 - a or b
            named,
        )
        await connection.execute(
            """delete from identity.decision d where d.id = any($1::bigint[]) and not exists (
                   select from identity.decision_pair p where p.decision = d.id)""",
            [row["decision"] for row in rows],
        )
    await review_desk.forget(connection, patients)


async def _standing(connection: Connection, persons: Sequence[str]) -> list[str]:
    """Those of some Persons that have Patients, or stand for Patients that went elsewhere."""
    rows = await connection.fetch(
        """select person from identity.link where person = any($1::text[])
           union select person from identity.emptied where person = any($1::text[])
           order by person""",
        list(persons),
    )
    return [row["person"] for row in rows]
