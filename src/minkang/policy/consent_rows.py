"""The states of a resident's consent as they are kept, and the one that is in force.

A Person that stands for others (`stand_in`) carries what was said under them. Nobody knows which of
two merged residents spoke, so the strictest of what each one said last is in force, until something
is said under the Person that stands. What was withdrawn or narrowed while two were one stays in
force for both when they are taken apart, until each says something anew.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from minkang.policy.consent_record import Consent, Sharing
from minkang.policy.stand_in import SAME
from minkang.store import Connection, Pool

COLUMNS: Final = tuple(
    "person number kind given without_sources without_recipients without_topics since until "
    "text_version text_digest evidence document resource account account_name role institution "
    "at".split()
)
_LIST: Final = ", ".join(f"c.{name}" for name in COLUMNS)

_COUNTING: Final = f"""
    with asked as (select distinct unnest($1::text[]) as id),
    own as (
        select c.* from asked a cross join lateral (
            select * from policy.consent where person = a.id order by number desc limit 1) c)
    select c.person as counts_for, {_LIST} from own c
    union all
    select a.id, {_LIST} from asked a
    join policy.stand_in s on s.stands = a.id and s.until is null
    cross join lateral (
        select * from policy.consent where person = s.person order by number desc limit 1) c
    where not exists (select from own where own.person = a.id and own.at > s.since)
    union all
    select a.id, {_LIST} from asked a
    join policy.stand_in s on s.person = a.id and s.until is not null
    cross join lateral (
        select * from policy.consent where person = s.stands and at >= s.since and at < s.until
        order by number desc limit 1) c
    where c.kind <> 'give'
        and not exists (select from own where own.person = a.id and own.at >= s.until)
"""  # noqa: S608 - names of this module


async def counting(
    source: "Pool | Connection", persons: Collection[str]
) -> dict[str, list[Consent]]:
    """What counts for each of some Persons now: the last word under each that it stands for."""
    found: dict[str, list[Consent]] = {person: [] for person in persons}
    for row in await source.fetch(_COUNTING, list(found)):
        found[row["counts_for"]].append(consent_of(row))
    return found


def in_force(said: Sequence[Consent]) -> Consent | None:
    """The newest of them, going no further than any; None of nothing."""
    if not said:
        return None
    newest = max(said, key=lambda one: (one.at, not one.given, one.number))
    if len(said) == 1:
        return newest
    sharing = _strictest([one.sharing for one in said])
    given = all(one.given for one in said)
    if sharing.since is not None and sharing.until is not None and sharing.since >= sharing.until:
        given = False
    return msgspec.structs.replace(newest, given=given, sharing=sharing if given else Sharing())


def _strictest(several: Sequence[Sharing]) -> Sharing:
    """What all of them allow."""
    begins = [one.since for one in several if one.since is not None]
    ends = [one.until for one in several if one.until is not None]
    return Sharing(
        without_sources=frozenset().union(*(one.without_sources for one in several)),
        without_recipients=frozenset().union(*(one.without_recipients for one in several)),
        without_topics=frozenset().union(*(one.without_topics for one in several)),
        since=max(begins, default=None),
        until=min(ends, default=None),
    )


async def history(source: "Pool | Connection", person: str, limit: int) -> list[Consent]:
    """All that was said under the Person and those it stands for, the newest first."""
    rows = await source.fetch(
        f"""select {_LIST} from policy.consent c where person = {SAME}
            order by at desc, number desc limit $2""",  # noqa: S608 - names of these modules
        person,
        limit,
    )
    return [consent_of(row) for row in rows]


async def last_numbers(connection: Connection, persons: Collection[str]) -> dict[str, int]:
    """Of each Person with states of its own the number of the last."""
    rows = await connection.fetch(
        """select person, max(number) as number from policy.consent
           where person = any($1::text[]) group by person""",
        list(persons),
    )
    return {row["person"]: row["number"] for row in rows}


async def keep(connection: Connection, made: Sequence[Consent]) -> None:
    """Keep new states; rows are never changed."""
    await connection.copy_records_to_table(
        "consent",
        schema_name="policy",
        columns=COLUMNS,
        records=[
            (
                one.person, one.number, one.kind, one.given,
                sorted(one.sharing.without_sources), sorted(one.sharing.without_recipients),
                sorted(one.sharing.without_topics), one.sharing.since, one.sharing.until,
                one.text_version, one.text_digest, one.evidence, one.document, one.resource,
                one.account, one.account_name, one.role, one.institution, one.at,
            )
            for one in made
        ],
    )  # fmt: skip


def consent_of(row: Any) -> Consent:
    """A row of policy.consent."""
    sharing = Sharing(
        without_sources=frozenset(row["without_sources"]),
        without_recipients=frozenset(row["without_recipients"]),
        without_topics=frozenset(row["without_topics"]),
        since=row["since"],
        until=row["until"],
    )
    plain = {name: row[name] for name in Consent.__struct_fields__ if name != "sharing"}
    return Consent(sharing=sharing, **plain)
