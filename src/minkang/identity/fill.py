"""An installation that linked Patients before this release: they are looked at anew, in portions.

Until it is finished a Patient that is not reached yet keeps the link that it has.
"""

from collections.abc import Collection

from minkang.crypto import Keys
from minkang.fhir import TYPE_CODES
from minkang.identity.in_force import definition_in_force
from minkang.identity.link_rows import Cause
from minkang.identity.linker import link_patients
from minkang.store import Connection, Store
from minkang.store.stored import COLUMNS, stored_rows

_PERSONS = 100


async def fill_some(store: Store, connection: Connection, keys: Keys) -> int:
    """Link the Patients of the next Persons anew; how many, 0 when all is done.

    In the turn of the caller. Whole Persons at a time, so that none is taken apart in between.
    """
    at = await connection.fetchval("select at from identity.fill where not finished for update")
    if at is None:
        return 0
    rows = await connection.fetch(
        "select id from identity.person where id > $1 order by id limit $2", at, _PERSONS
    )
    if not rows:
        await connection.execute("update identity.fill set finished = true")
        return 0
    links = await connection.fetch(
        "select patient from identity.link where person = any($1::text[])",
        [row["id"] for row in rows],
    )
    await fill_patients(store, connection, keys, [row["patient"] for row in links])
    await connection.execute("update identity.fill set at = $1", rows[-1]["id"])
    return len(rows)


async def fill_patients(
    store: Store, connection: Connection, keys: Keys, patients: Collection[str]
) -> None:
    """Link anew those of some Patients that an older release linked; in the caller's turn."""
    links = await connection.fetch(
        """select l.patient, l.since from identity.link l where l.patient = any($1::text[])
           and not exists (select from identity.feature f where f.patient = l.patient)""",
        list(patients),
    )
    if not links:
        return
    versions = await connection.fetch(
        f"""select {COLUMNS} from store.resource
            where type = $1 and id = any($2::text[])""",  # noqa: S608 - columns
        TYPE_CODES["Patient"],
        [row["patient"] for row in links],
    )
    await link_patients(
        store,
        connection,
        keys,
        await definition_in_force(connection),
        await stored_rows(connection, store.codec, versions),
        cause=Cause("upgrade"),
        arrived={row["patient"]: row["since"] for row in links},
    )


async def filling(connection: Connection) -> bool:
    """Whether Patients linked before this release are still to be looked at."""
    return bool(await connection.fetchval("select not finished from identity.fill"))
