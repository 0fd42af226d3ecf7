"""Tables of a source's map between their check and the word of the person who checked them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from minkang.store import Connection
from minkang.terminology.source_map import Meaning

_KEPT = timedelta(days=1)


async def offer_map(
    connection: Connection, source: str, meanings: Sequence[Meaning], *, by: str, at: datetime
) -> UUID:
    """Keep meanings that were found right, for a day; the id under which they are taken up."""
    await connection.execute("delete from terminology.offered_map where offered < $1", at - _KEPT)
    number: UUID = await connection.fetchval(
        """insert into terminology.offered_map (source, offered, offered_by, meanings)
           values ($1, $2, $3, $4) returning id""",
        source,
        at,
        by,
        msgspec.json.encode(meanings),
    )
    return number


async def take_offered(connection: Connection, source: str, number: UUID) -> list[Meaning] | None:
    """The meanings kept under an id, once; None if they are gone or another source's."""
    found = await connection.fetchval(
        "delete from terminology.offered_map where id = $1 and source = $2 returning meanings",
        number,
        source,
    )
    return msgspec.json.decode(found, type=list[Meaning]) if found is not None else None
