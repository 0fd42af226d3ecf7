"""Where somebody with a certain role works."""

from collections.abc import Collection
from datetime import datetime

from minkang.store import Pool


async def institutions_with(
    pool: Pool, roles: Collection[str], now: datetime
) -> list[tuple[str, str]]:
    """Id and name of the institutions where a post of one of these roles is in force, by name."""
    rows = await pool.fetch(
        """select distinct i.id, i.name
           from accounts.post p
           join accounts.organisation o on o.id = p.organisation
           join accounts.organisation i on i.id = coalesce(o.institution, o.id)
           where p.role = any($1::text[]) and p.begins <= $2 and (p.ends is null or p.ends > $2)
               and (i.ends is null or i.ends > $2)
           order by i.name, i.id""",
        sorted(roles),
        now,
    )
    return [(row["id"], row["name"]) for row in rows]
