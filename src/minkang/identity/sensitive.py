"""Whether anything sensitive is kept of some Patients: told, not shown."""

from collections.abc import Collection

from minkang.store import Connection, Grade
from minkang.store.grade import GRADE_BITS
from minkang.store.scope import compartment


async def sensitive_among(connection: Connection, patients: Collection[str]) -> bool:
    """Whether anything of a sensitive topic is kept of one of these Patients."""
    return bool(
        await connection.fetchval(
            """select exists (
                   select from store.compartment c join store.resource r
                   on r.type = c.type and r.sequence = c.sequence and not r.deleted
                   where c.patient = any($1::bigint[]) and r.grade & $2 >= $3)""",
            [compartment(one) for one in patients],
            GRADE_BITS,
            int(Grade.SENSITIVE),
        )
    )
