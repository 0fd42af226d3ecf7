"""What one account did lately, for itself: whom it opened, and who stood in its lists."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec

from minkang.store import Connection, Pool

_MOST: Final = 3_000


class Opened(msgspec.Struct, frozen=True):
    """A person's record and when the account opened it last."""

    person: str
    at: datetime


async def opened_by(
    source: "Pool | Connection", account: str, since: datetime, limit: int
) -> list[Opened]:
    """Whose records an account opened since a moment, the last first, each person once.

    Looks at no more than the last 3,000 openings.
    """
    rows = await source.fetch(
        """select person, max(at) as at from (
               select person, at from audit.entry
               where account = $1 and at >= $2 and action = 'open-record' and allowed
                   and person is not null
               order by at desc limit $3) lately
           group by person order by max(at) desc limit $4""",
        account,
        since,
        _MOST,
        limit,
    )
    return [Opened(row["person"], row["at"]) for row in rows]


async def last_opened(
    source: "Pool | Connection", account: str, persons: Collection[str], since: datetime
) -> dict[str, datetime]:
    """When an account opened the records of these persons last; those it did not are left out."""
    rows = await source.fetch(
        """select person, max(at) as at from audit.entry
           where account = $1 and at >= $2 and action = 'open-record' and allowed
               and person = any($3::text[])
           group by person""",
        account,
        since,
        list(persons),
    )
    return {row["person"]: row["at"] for row in rows}


async def listed_to(source: "Pool | Connection", account: str, since: datetime) -> frozenset[str]:
    """Persons whom a list named to an account since a moment."""
    rows = await source.fetch(
        """select distinct unnest(persons) as person from audit.entry
           where account = $1 and at >= $2 and action = 'list-residents'""",
        account,
        since,
    )
    return frozenset(row["person"] for row in rows)
