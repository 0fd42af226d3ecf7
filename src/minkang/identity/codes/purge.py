"""Codes and cards go with whom they were issued to."""

from collections.abc import Collection
from typing import Final

from minkang.store import Connection

_ANOTHER: Final = """(select l.patient from identity.link l where l.person = c.person
    and not l.patient = any($1::text[]) order by l.rule <> 'id-number', l.since, l.patient limit 1)
"""


async def forget_codes(
    connection: Connection, patients: Collection[str], persons: Collection[str]
) -> None:
    """Let go of purged Patients and Persons.

    A code or card that followed one of the Patients follows another one of the Person from now on,
    if that is not purged, too; what follows nobody any more is deleted.
    """
    gone = (list(patients), list(persons))
    for table in ("card", "code"):
        await connection.execute(
            f"""update identity.{table} c set patient = {_ANOTHER}
                where c.patient = any($1::text[]) and not c.person = any($2::text[])
                    and {_ANOTHER} is not null
                    and not exists (select from identity.code other
                        where '{table}' = 'code' and other.patient = {_ANOTHER}
                            and other.state in ('issued', 'frozen', 'lost'))""",  # noqa: S608
            *gone,
        )
    await connection.execute(
        """update identity.code set replaces = null
           where replaces in (select id from identity.code
                              where patient = any($1::text[]) or person = any($2::text[]))""",
        *gone,
    )
    for table in ("card", "code"):
        await connection.execute(
            f"""delete from identity.{table}
                where patient = any($1::text[]) or person = any($2::text[])""",  # noqa: S608
            *gone,
        )
