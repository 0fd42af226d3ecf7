"""The rows that say which Patient is which Person's, their history, and Persons left empty."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from minkang.crypto import Keys
from minkang.identity.grouping import Group
from minkang.identity.health_code import health_code
from minkang.identity.home import home_of_number, home_of_patient, own_number
from minkang.identity.kept import Kept
from minkang.policy.stand_in import end_standing, let_stand
from minkang.store import Connection


class Cause(msgspec.Struct, frozen=True):
    """Why links change.

    Attributes:
        kind: `change` of a source's data, `decision`, `revocation`, `definition` (another one is in
            force), `upgrade` (linked before this release).
        decision: its number.
    """

    kind: str
    decision: int | None = None


class Moved(msgspec.Struct, frozen=True):
    """Persons that gained, lost or keep links, and the Patients that moved (see `Linked`)."""

    persons: frozenset[str]
    moved: Mapping[str, tuple[str, str]]


async def move_links(
    connection: Connection,
    keys: Keys,
    kept: Mapping[str, Kept],
    groups: Iterable[Group],
    before: Mapping[str, tuple[str, str]],
    gone: Sequence[str],
    cause: Cause,
) -> Moved:
    """Make the links of these Patients what they shall be, from what they were `before`.

    `gone` lose theirs.
    """
    after = {
        patient: (group.person, str(rule))
        for group in groups
        for patient, rule in group.rules.items()
    }
    changed = {one: to for one, to in after.items() if before.get(one) != to}
    moved = {
        one: (before.get(one, ("", ""))[0], after.get(one, ("", ""))[0])
        for one in [*after, *gone]
        if before.get(one, ("", ""))[0] != after.get(one, ("", ""))[0]
    }
    await _ensure_persons(connection, keys, {person for person, _ in changed.values()})
    left = [one for one, (person, _) in moved.items() if person]
    if left:
        await _to_history(connection, left, cause)
    if gone:
        await connection.execute(
            "delete from identity.link where patient = any($1::text[])", list(gone)
        )
    refilled, anchored = await _put(connection, changed, moved) if changed or moved else ([], {})
    if left:
        anchored |= await _note_emptied(connection, keys, kept, moved)
    if refilled:
        await end_standing(connection, refilled)
    if standing := {
        one: after[patient][0] for one, patient in anchored.items() if patient in after
    }:
        await let_stand(connection, standing)
    touched = {person for pair in moved.values() for person in pair if person}
    return Moved(frozenset(touched), moved)


async def _put(
    connection: Connection,
    changed: Mapping[str, tuple[str, str]],
    moved: Mapping[str, tuple[str, str]],
) -> tuple[list[str], dict[str, str]]:
    """Write links; Persons that were empty and are no longer, and such as are, by whose anchor.

    The latter are those only whose anchor is among the Patients that moved.
    """
    found = await connection.fetchrow(
        """with linked as (
               insert into identity.link as l (patient, person, rule)
               select * from unnest($1::text[], $2::text[], $3::text[])
               on conflict (patient) do update set person = excluded.person, rule = excluded.rule,
                   since = case when l.person = excluded.person then l.since
                           else clock_timestamp() end),
           counted as (update identity.link_change set number = number + 1 where $6),
           refilled as (
               delete from identity.emptied where person = any($4::text[]) returning person)
           select array(select person from refilled) as refilled,
               array(select (person, patient) from identity.emptied
                     where patient = any($5::text[]) and person <> all($4::text[])) as anchored""",
        list(changed),
        [person for person, _ in changed.values()],
        [rule for _, rule in changed.values()],
        list({person for _, person in moved.values() if person}),
        list(moved),
        bool(moved),
    )
    assert found is not None  # noqa: S101 - without a condition there is a row
    return found["refilled"], dict(found["anchored"])


async def _to_history(connection: Connection, patients: Collection[str], cause: Cause) -> None:
    await connection.execute(
        """insert into identity.link_history (patient, person, rule, since, cause, decision)
           select patient, person, rule, since, $2, $3 from identity.link
           where patient = any($1::text[])""",
        list(patients),
        cause.kind,
        cause.decision,
    )


async def _note_emptied(
    connection: Connection,
    keys: Keys,
    kept: Mapping[str, Kept],
    moved: Mapping[str, tuple[str, str]],
) -> dict[str, str]:
    """Of a Person without Patients remember the one who stands for it: its former anchor."""
    anchored: dict[str, str] = {}
    persons = {person for person, _ in moved.values() if person}
    rows = await connection.fetch(
        "select distinct person from identity.link where person = any($1::text[])", list(persons)
    )
    for person in sorted(persons - {row["person"] for row in rows}):
        went = [kept[one] for one, (former, _) in moved.items() if former == person and one in kept]
        if not went:
            continue
        anchor = min(
            went,
            key=lambda one: (not _is_home(keys, one, person), one.arrived, one.patient),
        )
        await connection.execute(
            """insert into identity.emptied (person, patient) values ($1, $2)
               on conflict (person) do update set patient = excluded.patient,
                   since = clock_timestamp()""",
            person,
            anchor.patient,
        )
        anchored[person] = anchor.patient
    return anchored


def _is_home(keys: Keys, one: Kept, person: str) -> bool:
    if home_of_patient(keys.id_key, one.patient) == person:
        return True
    number = own_number(one.features)
    return number is not None and home_of_number(keys.id_key, number) == person


async def _ensure_persons(connection: Connection, keys: Keys, persons: Collection[str]) -> None:
    if not persons:
        return
    there = await connection.fetch(
        """with made as (
               insert into identity.person (id, code)
               select * from unnest($1::text[], $2::text[]) on conflict do nothing returning id)
           select id from made union all
           select id from identity.person where id = any($1::text[])""",
        list(persons),
        [health_code(keys.id_key, one, 0) for one in persons],
    )
    for person in sorted(set(persons) - {row["id"] for row in there}):
        # Its first code is another's.
        for attempt in range(1, 100):
            done = await connection.execute(
                "insert into identity.person (id, code) values ($1, $2) on conflict do nothing",
                person,
                health_code(keys.id_key, person, attempt),
            )
            if done.endswith("1"):
                break
