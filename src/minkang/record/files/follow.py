"""Files follow the change feed: forms that open them, services that use them, deaths, purges.

Of each resource the event that it told of is replaced by the one it tells of now; the last day of
each kind is made anew for the Patients concerned. Forms of basic information open files for those
who have none (`fill`).
"""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from minkang.fhir import TYPE_CODES, Resource, date_range, local_reference
from minkang.fhir.dates import LOCAL
from minkang.record.files.sheet import FORM
from minkang.record.files.uses import kind_of
from minkang.store import (
    Connection,
    Scope,
    Store,
    Stored,
    changes,
    load_position,
    save_position,
)
from minkang.store.feed import StalePosition, start
from minkang.store.purge import is_purged

CONSUMER: Final = "files"
LOCK: Final = (0x6D6B, 33)
"""Taken by who follows: one process at a time."""

_BATCH: Final = 500
_TYPES: Final = frozenset({"Encounter", "Composition", "Immunization", "Patient"})
_NOTHING: Final = frozenset(
    {"planned", "cancelled", "entered-in-error", "not-done", "noshow", "preliminary"}
)
_CLINICIANS: Final = ("doctor", "gp", "village-doctor", "nurse", "maternal-child")
_OVERLAP: Final = timedelta(minutes=10)


async def follow_files(store: Store, limit: int = _BATCH) -> int:
    """Take up the next changes; how many versions were looked at.

    Events, forms and the position are one transaction. One process at a time does it; the others
    get 0 at once. After a restore everything is read anew.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *LOCK):
            return 0
        position = await load_position(connection, CONSUMER)
        try:
            batch = await changes(
                store, connection, Scope.whole(), position, types=_TYPES, limit=limit
            )
        except StalePosition:
            await connection.execute("truncate files.event, files.last_use, files.form")
            await save_position(connection, CONSUMER, await start(connection))
            return 1
        if batch.position == position:
            return 0
        await _take_up(connection, batch.versions)
        await save_position(connection, CONSUMER, batch.position)
        return max(1, len(batch.versions))


async def follow_looks(store: Store, now: datetime) -> None:
    """Take up who looked at records since the last time, from the audit log.

    A little of what was read before is read again: an entry may be committed late.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        since = await connection.fetchval("select until from files.looked")
        begin = (since or now - timedelta(days=400)) - _OVERLAP
        await connection.execute(
            """insert into files.last_look (person, kind, day)
               select person, case when role = 'resident' then 'resident' else 'clinician' end,
                      max((at at time zone 'Asia/Shanghai')::date)
               from audit.entry
               where at >= $1 and at <= $2 and action = 'open-record' and allowed
               and person is not null and (role = any($3::text[]) or role = 'resident')
               group by 1, 2
               on conflict (person, kind) do update set day = greatest(
                   files.last_look.day, excluded.day)""",
            begin,
            now,
            list(_CLINICIANS),
        )
        await connection.execute(
            """insert into files.looked (until) values ($1)
               on conflict (single) do update set until = excluded.until""",
            now,
        )


async def _take_up(connection: Connection, versions: Iterable[Stored]) -> None:
    newest = {(one.type, one.id): one for one in versions}  # the last of the batch stands
    patients = [one for one in newest.values() if one.type == "Patient"]
    await _forget(connection, [one.id for one in patients if is_purged(one)])
    told = [one for one in newest.values() if one.type != "Patient"]
    if not told:
        return
    touched = await _delete(connection, told)
    rows = [row for one in told if (row := _event(one)) is not None]
    await connection.copy_records_to_table(
        "event", schema_name="files", columns=("type", "id", "patient", "kind", "day"), records=rows
    )
    await _last(connection, touched | {row[2] for row in rows})
    await _keep_forms(connection, [one for one in told if one.type == "Composition"])


async def _delete(connection: Connection, told: Collection[Stored]) -> set[str]:
    rows = await connection.fetch(
        """delete from files.event e using unnest($1::smallint[], $2::text[]) as k(type, id)
           where e.type = k.type and e.id = k.id returning e.patient""",
        [TYPE_CODES[one.type] for one in told],
        [one.id for one in told],
    )
    return {row["patient"] for row in rows}


async def _last(connection: Connection, patients: Collection[str]) -> None:
    listed = sorted(patients)
    await connection.execute("delete from files.last_use where patient = any($1::text[])", listed)
    await connection.execute(
        """insert into files.last_use (patient, kind, day)
           select patient, kind, max(day) from files.event where patient = any($1::text[])
           group by 1, 2""",
        listed,
    )


async def _keep_forms(connection: Connection, told: Collection[Stored]) -> None:
    forms = [(one, _form_day(one)) for one in told if not one.deleted]
    await connection.execute(
        "delete from files.form where composition = any($1::text[])", [one.id for one in told]
    )
    await connection.executemany(
        """insert into files.form (composition, patient, day, stored, version)
           values ($1, $2, $3, $4, $5)""",
        [
            (one.id, patient_of(one.resource), day, one.updated, one.version)
            for one, day in forms
            if day is not None and patient_of(one.resource)
        ],
    )


async def _forget(connection: Connection, patients: Collection[str]) -> None:
    """What is kept of purged Patients goes, the history of their files included."""
    for table in ("file", "form", "event", "last_use", "correction"):
        await connection.execute(
            f"delete from files.{table} where patient = any($1::text[])",  # noqa: S608 - ours
            list(patients),
        )


def patient_of(resource: Resource) -> str:
    """Whom a resource is about; '' if it names no Patient."""
    target = local_reference(resource.get("subject") or resource.get("patient"))
    return target[1] if target and target[0] == "Patient" else ""


def _event(stored: Stored) -> tuple[int, str, str, str, date] | None:
    """A row of `files.event`; None if it tells of nothing, or of a day that is yet to come."""
    resource = stored.resource
    kind, patient = kind_of(resource), patient_of(resource)
    if stored.deleted or not kind or not patient or resource.get("status") in _NOTHING:
        return None
    day = _when(resource)
    last = (max(stored.updated, datetime(2000, 1, 1, tzinfo=UTC)) + timedelta(days=1)).date()
    if day is None or day > last:
        return None
    return TYPE_CODES[stored.type], stored.id, patient, kind, day


def _when(resource: Resource) -> date | None:
    period: dict[str, Any] = resource.get("period") or {}
    said = (
        period.get("start")
        or resource.get("occurrenceDateTime")
        or resource.get("date")
        or period.get("end")
    )
    try:
        return date_range(str(said)).low.astimezone(LOCAL).date()
    except ValueError:
        return None


def _form_day(stored: Stored) -> date | None:
    resource = stored.resource
    codes = {str(one.get("code", "")) for one in resource.get("type", {}).get("coding", [])}
    if FORM not in codes or resource.get("status") == "entered-in-error":
        return None
    return _when(resource)
