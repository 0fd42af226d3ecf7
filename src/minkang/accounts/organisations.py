"""Organisations: the tree of province, city, county, institution, department and team."""

from datetime import datetime
from typing import Literal

import msgspec

from minkang.accounts.refused import AccountRefused
from minkang.store import Connection, Pool

Level = Literal["province", "city", "county", "institution", "department", "team"]


class Organisation(msgspec.Struct, frozen=True):
    """A place in the tree.

    Attributes:
        kind: what sort of organisation it is; a key of `organisation_kinds.KINDS`, or words that
            an older release let stand here.
        parent: id of the one above it.
        division: code of the administrative division (GB/T 2260).
        credit_code: unified social credit code (GB 32100).
        institution: itself, or what a department or team belongs to.
        ends: since when it is closed.
    """

    id: str
    name: str
    kind: str
    level: Level = "institution"
    parent: str | None = None
    division: str | None = None
    credit_code: str | None = None
    institution: str | None = None
    ends: datetime | None = None


async def create_organisation(
    pool: Pool, *, organisation_id: str, name: str, kind: str
) -> Organisation:
    """Make an institution without a place in the tree; one which is there gets the new name and
    kind, and keeps its place. The kind `institution` says nothing and takes none away."""
    await pool.execute(
        """
        insert into accounts.organisation (id, name, kind, institution) values ($1, $2, $3, $1)
        on conflict (id) do update set name = excluded.name, kind = case
            when excluded.kind = 'institution' then organisation.kind else excluded.kind end
        """,
        organisation_id,
        name,
        kind,
    )
    return Organisation(organisation_id, name, kind, institution=organisation_id)


async def check_organisation(
    connection: Connection, organisation: str | None
) -> Organisation | None:
    """The organisation with this id. Raises AccountRefused `organisation-unknown`."""
    if organisation is None:
        return None
    row = await connection.fetchrow(
        """
        select id, name, kind, level, parent, division, credit_code, institution, ends
        from accounts.organisation where id = $1
        """,
        organisation,
    )
    if row is None:
        raise AccountRefused("organisation-unknown", organisation)
    return Organisation(**row)


async def organisation_names(pool: Pool) -> dict[str, str]:
    """What all organisations are called, by id."""
    rows = await pool.fetch("select id, name from accounts.organisation")
    return {row["id"]: row["name"] for row in rows}
