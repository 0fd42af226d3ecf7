"""Residents by where they live, and for how many of them there is a record, a code, a consent.

Residents are those whom the population register has living in a division on the day. A resident
has a record when another system than the register has told of the same Person.
"""

from datetime import date
from typing import Final

from minkang.policy.consent_rows import counting, in_force
from minkang.store import Connection

_CHUNK: Final = 1_000

_PEOPLE: Final = """
    insert into region.people (place, people, recorded, coded, consenting)
    with living as (
        select s.place, l.person from identity.register_stay s
        left join identity.link l on l.patient = s.patient
        where s.basis = 'living' and s.begin <= $1 and s.until > $1),
    recorded as (
        select distinct l.person from identity.link l
        where not exists (select from identity.register_row r where r.patient = l.patient)),
    coded as (
        select distinct l.person from identity.code c join identity.link l on l.patient = c.patient
        where c.state = 'issued'),
    consenting as (select distinct unnest($2::text[]) as person)
    select v.place, count(*), count(r.person), count(c.person), count(a.person)
    from living v left join recorded r on r.person = v.person
    left join coded c on c.person = v.person
    left join consenting a on a.person = v.person
    group by v.place"""
"""$1 the day, $2 Persons whose consent to sharing is in force."""


async def count_people(connection: Connection, today: date) -> None:
    """Count them anew; in the transaction of the caller, who lets whole tables be read."""
    consenting = await _consenting(connection)
    await connection.execute("delete from region.people")
    await connection.execute(_PEOPLE, today, consenting, timeout=3600)


async def _consenting(connection: Connection) -> list[str]:
    """Whose last word is a consent; who stands for others, or for whom another one stands, as
    the policy has it."""
    rows = await connection.fetch(
        """select distinct on (c.person) c.person, c.given, exists (select from policy.stand_in s
                  where s.person = c.person or s.stands = c.person) as told_by_others
           from policy.consent c order by c.person, c.number desc""",
        timeout=3600,
    )
    alone = [row["person"] for row in rows if row["given"] and not row["told_by_others"]]
    merged = await connection.fetch(
        "select person from policy.stand_in union select stands from policy.stand_in"
    )
    others = [row["person"] for row in merged]
    for begin in range(0, len(others), _CHUNK):
        found = await counting(connection, others[begin : begin + _CHUNK])
        for person, said in found.items():
            last = in_force(said)
            if last is not None and last.given:
                alone.append(person)
    return alone
