"""What an id names that may be a Patient's or a Person's, and where a Person has gone."""

from collections.abc import Collection

import msgspec

from minkang.accounts import Account
from minkang.store import Connection, Pool


class Side(msgspec.Struct, frozen=True):
    """Who is meant: Patients, and the Person if it was named as one."""

    patients: tuple[str, ...]
    person: str | None


async def side_of(connection: Connection, named: str) -> Side:
    """The Patients of a Person, or a Patient; without any if there is no such one.

    A Person that lost its Patients stands for the one where they went.
    """
    person = await current_person(connection, named)
    rows = await connection.fetch(
        "select patient from identity.link where person = $1 order by patient", person
    )
    if rows:
        return Side(tuple(row["patient"] for row in rows), person)
    known = await connection.fetchval("select true from identity.link where patient = $1", named)
    return Side((named,) if known else (), None)


async def current_person(source: "Pool | Connection", person: str) -> str:
    """The Person who stands for a Person now: itself, or where its Patients went when it lost all.

    Accounts, consents and codes go on naming the Person that they were made for.
    """
    found: str | None = await source.fetchval(
        """select l.person from identity.emptied e join identity.link l on l.patient = e.patient
           where e.person = $1""",
        person,
    )
    return found or person


async def as_current(source: "Pool | Connection", account: Account) -> Account:
    """An account whose Person, and whom its app was opened for, are those who stand there now."""
    if account.person is None and account.about is None:
        return account
    named = [one for one in (account.person, account.about) if one is not None]
    now = await current_persons(source, named)
    if not now:
        return account
    return msgspec.structs.replace(
        account,
        person=now.get(account.person or "", account.person),
        about=now.get(account.about or "", account.about),
    )


async def current_persons(source: "Pool | Connection", persons: Collection[str]) -> dict[str, str]:
    """`current_person` of many: of those that moved only."""
    rows = await source.fetch(
        """select e.person, l.person as now from identity.emptied e
           join identity.link l on l.patient = e.patient where e.person = any($1::text[])""",
        list(persons),
    )
    return {row["person"]: row["now"] for row in rows}
