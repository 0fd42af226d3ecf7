"""What was deleted in a span of time and is deleted still, for those who keep a copy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.store.scope import Scope, compile_scope
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows


class Deletions(msgspec.Struct, frozen=True):
    """A page of deletions, oldest first; `next` is None on the last one."""

    found: tuple[Stored, ...]
    next: tuple[datetime, int, str] | None


async def deletions(
    store: Store,
    scope: Scope,
    types: Sequence[str],
    since: datetime,
    until: datetime,
    *,
    after: tuple[datetime, int, str] | None = None,
    limit: int = 1_000,
) -> Deletions:
    """Resources that the scope shows, deleted at or after `since` and before `until`.

    What was made anew meanwhile is not among them; what was purged has left no trace here.
    `after` is `Deletions.next` of the page before.
    """
    low, kind, key = after or (since, -1, "")
    parameters: list[Any] = [[TYPE_CODES[one] for one in types], low, until, kind, key, limit + 1]
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(
            f"""select {COLUMNS} from store.resource r
                where r.deleted and r.type = any($1::smallint[])
                and r.updated >= $2::timestamptz and r.updated < $3::timestamptz
                and (r.updated, r.type, r.id) > ($2::timestamptz, $4::smallint, $5::text)
                and {compile_scope(scope, "r", parameters)}
                order by r.updated, r.type, r.id limit $6""",  # noqa: S608 - values are parameters
            *parameters,
        )
        found = await stored_rows(connection, store.codec, rows[:limit])
    last = None
    if len(rows) > limit:
        last = (found[-1].updated, TYPE_CODES[found[-1].type], found[-1].id)
    return Deletions(tuple(found), last)
