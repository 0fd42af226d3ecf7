"""Which Person stands for one that lost all its Patients: what was said under both is of one life.

Links say who stands for whom (`identity`); here it is kept for the questions that decisions ask, so
that a consent, a guardian, a code shown or an opened glass that names the former Person counts for
the one that stands, from the commit of the link on and until it is undone.
"""

from collections.abc import Collection, Mapping
from typing import Final

from minkang.store import Connection, Pool

SAME: Final = """any(array(select $1::text union all
    select person from policy.stand_in where stands = $1 and until is null))"""
"""SQL: the ids of the Person `$1` and of those it stands for, to be compared with `=`."""


async def stands_for(source: "Pool | Connection", person: str) -> str:
    """The Person who stands for a Person now; itself if nobody else does."""
    found: str | None = await source.fetchval(
        "select stands from policy.stand_in where person = $1 and until is null", person
    )
    return found or person


async def former_persons(source: "Pool | Connection", person: str) -> list[str]:
    """The Persons that this one stands for now."""
    rows = await source.fetch(
        """select person from policy.stand_in where stands = $1 and until is null
           order by person""",
        person,
    )
    return [row["person"] for row in rows]


async def let_stand(connection: Connection, standing: Mapping[str, str]) -> None:
    """From now on other Persons stand for these (id to id), in place of whoever did before."""
    rows = await connection.fetch(
        """select person, stands from policy.stand_in
           where person = any($1::text[]) and until is null""",
        list(standing),
    )
    before = {row["person"]: row["stands"] for row in rows}
    changed = {one: to for one, to in standing.items() if to not in (one, before.get(one))}
    if not changed:
        return
    await end_standing(connection, changed)
    await connection.execute(
        """insert into policy.stand_in (person, stands, since)
           select *, clock_timestamp() from unnest($1::text[], $2::text[])""",
        list(changed),
        list(changed.values()),
    )


async def end_standing(connection: Connection, persons: Collection[str]) -> None:
    """From now on nobody stands for these Persons any more."""
    await connection.execute(
        """update policy.stand_in set until = clock_timestamp()
           where person = any($1::text[]) and until is null""",
        list(persons),
    )


async def forget(connection: Connection, persons: Collection[str]) -> None:
    """As if nobody had ever stood for these Persons: their Patients were purged."""
    await connection.execute(
        "delete from policy.stand_in where person = any($1::text[])", list(persons)
    )
