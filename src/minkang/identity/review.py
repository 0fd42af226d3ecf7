"""How soon people shall look at a pair of Persons that may be one: what it would bring."""

import math
from collections.abc import Collection
from typing import Final

from minkang.fhir import TYPE_CODES
from minkang.identity.sensitive import sensitive_among
from minkang.store import Connection
from minkang.store.scope import compartment

_ENCOUNTER: Final = TYPE_CODES["Encounter"]
_PORTION: Final = 500


def urgency_of(weight: float, visits: int, *, sensitive: bool, held_back: bool) -> float:
    """How soon somebody should look: what may be wrong now, then how much it would bring.

    A guard's pair may be two lives on one card, which harms both: worth 6. Sensitive contents that
    one of the two records misses: 3. Visits count by their logarithm (the tenth tells less than the
    first), the weight a tenth.
    """
    return 6.0 * held_back + 3.0 * sensitive + math.log2(1 + visits) + weight / 10


async def rate(connection: Connection, numbers: Collection[int] = ()) -> None:
    """Look at what an item would bring: new ones, some hundred at a time, or those named anew."""
    chosen = "id = any($1::bigint[])" if numbers else "visits is null and $1::bigint[] = '{}'"
    rows = await connection.fetch(
        f"""select v.id, v.weight, v.cause, x.person as one, y.person as other
            from (select * from identity.review where {chosen} order by id limit {_PORTION}) v
            join identity.link x on x.patient = v.a
            join identity.link y on y.patient = v.b""",  # noqa: S608 - of this function
        list(numbers),
    )
    for row in rows:
        patients = [
            one["patient"]
            for one in await connection.fetch(
                "select patient from identity.link where person = any($1::text[])",
                [row["one"], row["other"]],
            )
        ]
        visits = await connection.fetchval(
            """select count(*) from store.compartment
               where patient = any($1::bigint[]) and type = $2""",
            [compartment(one) for one in patients],
            _ENCOUNTER,
        )
        sensitive = await sensitive_among(connection, patients)
        await connection.execute(
            """update identity.review set visits = $2, sensitive = $3, urgency = $4
               where id = $1""",
            row["id"],
            visits,
            sensitive,
            urgency_of(
                row["weight"], visits, sensitive=sensitive, held_back=row["cause"] != "weights"
            ),
        )
