"""Follows the change feed: every new or changed Patient is linked, its Person kept up to date."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from minkang.crypto import Keys
from minkang.fhir import Resource, reference
from minkang.identity.health_code import CODE_SYSTEM, health_code
from minkang.identity.match import ID_CARD_SYSTEM, Match, match
from minkang.identity.merged import followers, replaced_by, survivor_in, with_survivors
from minkang.identity.patients import patients_by_id
from minkang.store import (
    Change,
    Connection,
    Scope,
    Store,
    Stored,
    changes,
    load_position,
    save_position,
    write,
)
from minkang.store.purge import is_purged

_CONSUMER = "identity"
_LOCK = (0x6D6B, 2)
_BATCH = 200


async def follow(store: Store, keys: Keys) -> int:
    """Link the Patients of the next changes; returns how many versions were looked at.

    Links, Persons and the position are one transaction. One process at a time does it; the
    others get 0 at once.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *_LOCK):
            return 0
        position = await load_position(connection, _CONSUMER)
        batch = await changes(
            store,
            connection,
            Scope.whole(),
            position,
            types=frozenset(["Patient"]),
            limit=_BATCH,
        )
        if batch.position == position:
            return 0
        # Of a purged Patient nothing is left that could be linked.
        latest = {one.id: one for one in batch.versions if not is_purged(one)}
        affected = await _link(store, connection, keys, latest.values())
        if affected:
            await write_persons(store, connection, sorted(affected))
        await save_position(connection, _CONSUMER, batch.position)
        return len(batch.versions)


async def _link(
    store: Store, connection: Connection, keys: Keys, patients: Iterable[Stored]
) -> set[str]:
    """Set the links of some Patients; returns the Persons that gained, lost or have them.

    Those who were merged into one of them move with it.
    """
    changed = {patient.id: patient.resource for patient in patients}
    hanging = await followers(connection, changed.keys())
    found = await patients_by_id(store, sorted(hanging - changed.keys()))
    changed |= {one.id: one.resource for one in found.values()}
    known = await with_survivors(store, changed)
    wanted = {
        patient: _match(keys, resource, survivor_in(known, patient))
        for patient, resource in changed.items()
    }
    rows = await connection.fetch(
        "select patient, person, rule from identity.link where patient = any($1::text[])",
        list(wanted),
    )
    before = {row["patient"]: (row["person"], row["rule"]) for row in rows}
    await _ensure_persons(connection, keys, {one.person for one in wanted.values()})
    moved = [
        (patient, one.person, one.rule, replaced_by(changed[patient]))
        for patient, one in wanted.items()
        if before.get(patient) != (one.person, one.rule) or one.rule == "merged"
    ]
    if moved:
        await _move(connection, before, moved)
    return {*(person for person, _ in before.values()), *(one.person for one in wanted.values())}


def _match(keys: Keys, patient: Resource, survivor: Resource) -> Match:
    if survivor is patient:
        return match(keys.id_key, patient)
    return Match(match(keys.id_key, survivor).person, "merged")


async def _move(
    connection: Connection,
    before: Mapping[str, tuple[str, str]],
    moved: Sequence[tuple[str, str, str, str | None]],
) -> None:
    left = [patient for patient, person, _, _ in moved if before.get(patient, ("",))[0] != person]
    await connection.execute(
        """insert into identity.link_history (patient, person, rule, since)
           select patient, person, rule, since from identity.link
           where patient = any($1::text[])""",
        left,
    )
    await connection.executemany(
        """insert into identity.link as l (patient, person, rule, follows)
           values ($1, $2, $3, $4)
           on conflict (patient) do update set person = excluded.person, rule = excluded.rule,
               follows = excluded.follows,
               since = case when l.person = excluded.person then l.since
                       else clock_timestamp() end""",
        moved,
    )


async def _ensure_persons(connection: Connection, keys: Keys, persons: set[str]) -> None:
    missing = persons - {
        row["id"]
        for row in await connection.fetch(
            "select id from identity.person where id = any($1::text[])", list(persons)
        )
    }
    for person in sorted(missing):
        for attempt in range(100):
            made = await connection.execute(
                "insert into identity.person (id, code) values ($1, $2) on conflict do nothing",
                person,
                health_code(keys.id_key, person, attempt),
            )
            if made.endswith("1"):
                break


async def write_persons(store: Store, connection: Connection, persons: Sequence[str]) -> None:
    """Write the Person resources anew from their links; one without links is deleted."""
    rows = await connection.fetch(
        """select p.id, p.code, coalesce(array_agg(l.patient order by l.patient)
                  filter (where l.patient is not null), '{}') as patients
           from identity.person p left join identity.link l on l.person = p.id
           where p.id = any($1::text[]) group by p.id order by p.id""",
        persons,
    )
    patients = await patients_by_id(store, [one for row in rows for one in row["patients"]])
    await write(
        store,
        connection,
        [
            Change(
                _person(row, [patients[one] for one in row["patients"] if one in patients]),
                "",
                deleted=not row["patients"],
            )
            for row in rows
        ],
    )


def _person(row: Any, patients: Sequence[Stored]) -> Resource:
    """The Person of some Patients: of each element the latest Patient that has it."""
    newest = [p.resource for p in sorted(patients, key=lambda p: (p.updated, p.id), reverse=True)]
    person: Resource = {"resourceType": "Person", "id": row["id"]}
    for element in ("name", "gender", "birthDate", "telecom", "address"):
        value = next((patient[element] for patient in newest if element in patient), None)
        if value is not None:
            person[element] = value
    numbers = {
        identifier["value"]
        for patient in newest
        for identifier in patient.get("identifier", [])
        if identifier.get("system") == ID_CARD_SYSTEM and identifier.get("value")
    }
    person["identifier"] = [
        {"system": CODE_SYSTEM, "value": row["code"]},
        *({"system": ID_CARD_SYSTEM, "value": number} for number in sorted(numbers)),
    ]
    if "address" in person:
        # R4 Person.address repeats, like Patient's; the first is the one in use.
        person["address"] = person["address"][:1]
    person["link"] = [{"target": reference("Patient", patient)} for patient in row["patients"]]
    return person
