"""Rows of a spreadsheet between the dry run that was shown and the word of who looked at it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from minkang.accounts.import_rows import Row
from minkang.store import Pool

KEPT: Final = timedelta(hours=1)


class Offered(msgspec.Struct, frozen=True):
    """The rows and the digest of the plan that was shown of them."""

    rows: list[Row]
    digest: bytes


async def offer_rows(
    pool: Pool, rows: Sequence[Row], digest: bytes, *, account: str, now: datetime
) -> UUID:
    """Keep rows for an hour, for this account; the id under which they are taken up."""
    await pool.execute("delete from accounts.offered_people where at < $1", now - KEPT)
    number: UUID = await pool.fetchval(
        """
        insert into accounts.offered_people (account, at, digest, rows) values ($1, $2, $3, $4)
        returning id
        """,
        account,
        now,
        digest,
        msgspec.json.encode(rows),
    )
    return number


async def take_rows(pool: Pool, number: UUID, *, account: str, now: datetime) -> Offered | None:
    """The rows kept under an id, once; None if they are gone, too old, or somebody else's."""
    row = await pool.fetchrow(
        """
        delete from accounts.offered_people where id = $1 and account = $2 and at >= $3
        returning digest, rows
        """,
        number,
        account,
        now - KEPT,
    )
    if row is None:
        return None
    return Offered(msgspec.json.decode(row["rows"], type=list[Row]), row["digest"])
