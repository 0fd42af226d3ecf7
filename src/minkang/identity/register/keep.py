"""The register's tables: rows, stays and events of some Patients, as their versions come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from minkang.fhir.dates import LOCAL
from minkang.identity.register.events import Event, events_of, keep_events
from minkang.identity.register.row import RegisterRow, row_of
from minkang.identity.register.stays import Stay, stays_of
from minkang.store import Connection, Stored


class _Now(msgspec.Struct, frozen=True):
    """What stands of a Patient; `sex` and `birth` as they stand in its stays."""

    sex: str
    birth: date | None
    stays: tuple[Stay, ...]


async def keep_versions(connection: Connection, versions: Sequence[Stored]) -> list[str]:
    """Take up versions of Patients in the order of the feed; ids of those that are rows.

    A Patient that is a row no more, or was deleted, is forgotten with all its stays; its events
    are taken back.
    """
    by_patient: dict[str, list[Stored]] = {}
    for one in versions:
        by_patient.setdefault(one.id, []).append(one)
    known = await _known(connection, by_patient.keys())
    rows: dict[str, tuple[RegisterRow, Stored]] = {}
    stays: dict[str, tuple[Stay, ...]] = {}
    gone: list[str] = []
    for patient, several in by_patient.items():
        before = known[patient].stays if patient in known else ()
        for one in several:
            row = None if one.deleted else row_of(one.resource)
            if row is not None:
                before = stays_of(row, before, one.updated.astimezone(LOCAL).date())
                rows[patient], stays[patient] = (row, one), before
            elif patient in known or patient in rows:
                rows.pop(patient, None)
                stays.pop(patient, None)
                before = ()
                gone.append(patient)
    gone = [one for one in dict.fromkeys(gone) if one not in rows]
    if rows:
        await _keep_rows(connection, rows)
        await _keep_stays(connection, rows, known, stays)
        await _keep_events(connection, rows, stays)
    if gone:
        await keep_events(connection, dict.fromkeys(gone, frozenset[Event]()), versions[-1].updated)
        await _remove(connection, gone, known)
    return sorted(rows)


async def forget(connection: Connection, patients: Collection[str]) -> None:
    """Remove everything the register keeps of purged Patients, the past included."""
    known = await _known(connection, patients)
    await _remove(connection, sorted(patients), known)
    await connection.execute(
        "delete from identity.register_event where patient = any($1::text[])", list(patients)
    )
    await connection.execute(
        """with gone as (
               delete from identity.register_difference
               where entry = any($1::text[]) or other = any($1::text[]) returning id)
           delete from identity.register_decision where difference in (select id from gone)""",
        list(patients),
    )


async def forget_counts(connection: Connection, stays: Collection[Stay]) -> None:
    """Throw away the kept counts of all days that lie in some stays."""
    if not stays:
        return
    first, until = min(one.begin for one in stays), max(one.until for one in stays)
    await connection.execute(
        """with gone as (
               delete from identity.register_counted where day >= $1 and day < $2
               returning day, basis)
           delete from identity.register_count c using gone g
           where c.day = g.day and c.basis = g.basis""",
        first,
        until,
    )


async def _known(connection: Connection, patients: Collection[str]) -> dict[str, _Now]:
    rows = await connection.fetch(
        """select r.patient, r.sex, r.birth, s.basis, s.begin, s.until, s.place
           from identity.register_row r left join identity.register_stay s using (patient)
           where r.patient = any($1::text[])""",
        list(patients),
    )
    several: dict[str, list[Any]] = {}
    for row in rows:
        several.setdefault(row["patient"], []).append(row)
    return {
        patient: _Now(
            own[0]["sex"],
            own[0]["birth"],
            tuple(
                Stay(one["basis"], one["begin"], one["until"], one["place"])
                for one in own
                if one["basis"] is not None
            ),
        )
        for patient, own in several.items()
    }


async def _keep_rows(
    connection: Connection, rows: Mapping[str, tuple[RegisterRow, Stored]]
) -> None:
    await connection.executemany(
        """insert into identity.register_row (patient, household, sex, birth, kind, status, living,
               registered, moved_in, moved_out, died, version, noted)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           on conflict (patient) do update set household = excluded.household,
               sex = excluded.sex, birth = excluded.birth, kind = excluded.kind,
               status = excluded.status, living = excluded.living,
               registered = excluded.registered, moved_in = excluded.moved_in,
               moved_out = excluded.moved_out, died = excluded.died,
               version = excluded.version, noted = excluded.noted""",
        [
            (patient, row.household, row.sex, row.birth, row.kind, row.status, row.living,
             row.registered, row.moved_in, row.moved_out, row.died, stored.version, stored.updated)
            for patient, (row, stored) in sorted(rows.items())
        ],
    )  # fmt: skip


async def _keep_stays(
    connection: Connection,
    rows: Mapping[str, tuple[RegisterRow, Stored]],
    known: Mapping[str, _Now],
    stays: Mapping[str, tuple[Stay, ...]],
) -> None:
    changed: list[str] = []
    touched: list[Stay] = []
    for patient, (row, _) in rows.items():
        before = known.get(patient)
        same_person = before is not None and (before.sex, before.birth) == (row.sex, row.birth)
        old = set(before.stays) if before is not None else set()
        new = set(stays[patient])
        if same_person and old == new:
            continue
        changed.append(patient)
        touched += (old ^ new) if same_person else (old | new)
    if not changed:
        return
    await forget_counts(connection, touched)
    await connection.execute(
        "delete from identity.register_stay where patient = any($1::text[])", changed
    )
    await connection.executemany(
        """insert into identity.register_stay (patient, basis, begin, until, place, sex, birth)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (patient, one.basis, one.begin, one.until, one.place, rows[patient][0].sex,
             rows[patient][0].birth)
            for patient in sorted(changed)
            for one in stays[patient]
        ],
    )  # fmt: skip


async def _keep_events(
    connection: Connection,
    rows: Mapping[str, tuple[RegisterRow, Stored]],
    stays: Mapping[str, tuple[Stay, ...]],
) -> None:
    wanted = {patient: events_of(row, stays[patient]) for patient, (row, _) in rows.items()}
    await keep_events(connection, wanted, max(stored.updated for _, stored in rows.values()))


async def _remove(
    connection: Connection, patients: Sequence[str], known: Mapping[str, _Now]
) -> None:
    await forget_counts(connection, [stay for one in known.values() for stay in one.stays])
    for table in ("register_row", "register_stay"):
        await connection.execute(
            f"delete from identity.{table} where patient = any($1::text[])",  # noqa: S608 - ours
            list(patients),
        )
