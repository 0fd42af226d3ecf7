"""Write resources: many at a time, in the caller's transaction.

All writing goes by COPY, one or a thousand: bulk is the normal case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from minkang.crypto import hash64
from minkang.fhir import TYPE_CODES, Resource, encode, patients_of
from minkang.fhir.references import ID_PATTERN
from minkang.store.connection import Connection
from minkang.store.grade import grade_of
from minkang.store.scope import compartment
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows
from minkang.store.terms import clinical_date

Kind = Literal["created", "updated", "unchanged", "deleted"]


class Change(msgspec.Struct, frozen=True):
    """A resource as it shall be.

    Attributes:
        resource: with `resourceType` and `id`; `meta.versionId` and `lastUpdated` are set here.
        source: id of the organisation that it comes from.
        note: what the writer wants to find again with the current version (opaque to the store).
        deleted: a deletion: the content is kept as history, and found no more.
    """

    resource: Resource
    source: str
    note: bytes | None = None
    deleted: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Type and id."""
        return self.resource["resourceType"], self.resource["id"]


class Locked(msgspec.Struct, frozen=True):
    """Current versions, locked against other writers until the transaction ends."""

    at: datetime
    current: Mapping[tuple[str, str], Stored]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a change."""

    type: str
    id: str
    version: int
    kind: Kind


async def lock_current(
    store: Store, connection: Connection, keys: Sequence[tuple[str, str]]
) -> Locked:
    """Lock the ids against other writers (existing or not) and read what is there.

    The locks are taken in one order, so two writers can't wait for each other in a circle if
    each calls this once a transaction.
    """
    locks = sorted({hash64(f"{kind}/{resource_id}") for kind, resource_id in keys})
    at = await connection.fetchval(
        """select max(clock_timestamp()) from
           (select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k) locked""",
        locks,
    )
    rows = await connection.fetch(
        f"""select {COLUMNS}, r.note from store.resource r
            join unnest($1::smallint[], $2::text[]) as k(kind, key)
            on r.type = k.kind and r.id = k.key""",  # noqa: S608 - no values in the text
        [TYPE_CODES[kind] for kind, _ in keys],
        [resource_id for _, resource_id in keys],
    )
    found = await stored_rows(connection, store.codec, rows)
    return Locked(at, {(one.type, one.id): one for one in found})


async def write(
    store: Store,
    connection: Connection,
    changes: Sequence[Change],
    locked: Locked | None = None,
) -> list[Outcome]:
    """Make the changes inside the caller's transaction; outcomes in the same order.

    The same content again makes no new version. `locked` is what `lock_current` gave for (at
    least) these ids in this transaction.

    Raises:
        ValueError: an id is no FHIR id, or stands twice in `changes`.
    """
    keys = [change.key for change in changes]
    if len(set(keys)) != len(keys):
        raise ValueError("a resource stands twice in one write")
    for _, resource_id in keys:
        if not ID_PATTERN.fullmatch(resource_id):
            raise ValueError(f"{resource_id!r} is not a FHIR id (R4, 2.24.0.1)")
    if locked is None:
        locked = await lock_current(store, connection, keys)
    outcomes: list[Outcome] = []
    resources: list[tuple[Any, ...]] = []
    compartments: list[tuple[Any, ...]] = []
    replaced: list[tuple[str, str]] = []
    for change in changes:
        old = locked.current.get(change.key)
        outcome = _outcome(change, old)
        outcomes.append(outcome)
        if outcome.kind == "unchanged":
            continue
        if old is not None:
            replaced.append(change.key)
        row, patients = _row(store, change, outcome, locked.at)
        resources.append(row)
        if not change.deleted:
            compartments += [(p, row[0], row[9], row[1], row[2]) for p in patients]
    if replaced:
        await _move_to_history(connection, replaced)
    await _copy(connection, resources, compartments)
    await _keep_notes(connection, changes, outcomes, locked)
    return outcomes


def _outcome(change: Change, old: Stored | None) -> Outcome:
    kind, resource_id = change.key
    if old is None:
        return Outcome(kind, resource_id, 1, "deleted" if change.deleted else "created")
    if old.deleted == change.deleted and (
        change.deleted or encode(_bare(old.resource)) == encode(_bare(change.resource))
    ):
        return Outcome(kind, resource_id, old.version, "unchanged")
    return Outcome(kind, resource_id, old.version + 1, "deleted" if change.deleted else "updated")


def _bare(resource: Resource) -> Resource:
    """The content without what the server itself sets, to tell whether it changed."""
    bare = dict(resource)
    meta = {k: v for k, v in bare.pop("meta", {}).items() if k not in ("versionId", "lastUpdated")}
    return {**bare, "meta": meta} if meta else bare


def _row(
    store: Store, change: Change, outcome: Outcome, at: datetime
) -> tuple[tuple[Any, ...], list[int]]:
    kind, resource_id = change.key
    bare = _bare(change.resource)
    meta = {
        "versionId": str(outcome.version),
        "lastUpdated": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **bare.pop("meta", {}),
    }
    del bare["resourceType"], bare["id"]
    body = encode({"resourceType": kind, "id": resource_id, "meta": meta, **bare})
    patients = sorted(compartment(patient) for patient in patients_of(change.resource))
    part = patients[0] if patients else hash64(f"{kind}/{resource_id}")
    row = (
        TYPE_CODES[kind],
        resource_id,
        part,
        outcome.version,
        at,
        change.deleted,
        change.source,
        int(grade_of(change.resource)),
        patients,
        clinical_date(change.resource, at),
        [] if change.deleted else store.terms.of(change.resource),
        change.note,
        store.codec.pack(body),
    )
    return row, patients


_RESOURCE_COLUMNS = (
    "type", "id", "part", "version", "updated", "deleted", "source", "grade", "patients",
    "dated", "terms", "note", "body",
)  # fmt: skip


async def _copy(
    connection: Connection, resources: list[tuple[Any, ...]], compartments: list[tuple[Any, ...]]
) -> None:
    if resources:
        await connection.copy_records_to_table(
            "resource", schema_name="store", records=resources, columns=_RESOURCE_COLUMNS
        )
    if compartments:
        await connection.copy_records_to_table(
            "compartment",
            schema_name="store",
            records=compartments,
            columns=("patient", "type", "dated", "id", "part"),
        )


async def _move_to_history(connection: Connection, keys: list[tuple[str, str]]) -> None:
    arguments = ([TYPE_CODES[kind] for kind, _ in keys], [one for _, one in keys])
    await connection.execute(
        """
        with old as (
            delete from store.resource r
            using unnest($1::smallint[], $2::text[]) as k(kind, key)
            where r.type = k.kind and r.id = k.key
            returning r.*),
        gone as (
            delete from store.compartment c using old
            where c.patient = any(old.patients) and c.type = old.type
            and c.dated = old.dated and c.id = old.id)
        insert into store.history
            (type, id, part, version, updated, deleted, source, grade, patients, dated, body,
             transaction, sequence)
        select type, id, part, version, updated, deleted, source, grade, patients, dated, body,
               transaction, sequence
        from old
        """,
        *arguments,
    )


async def _keep_notes(
    connection: Connection,
    changes: Sequence[Change],
    outcomes: Sequence[Outcome],
    locked: Locked,
) -> None:
    """A note may change though the content does not; it is no version of its own."""
    notes = [
        (change.note, TYPE_CODES[outcome.type], outcome.id)
        for change, outcome in zip(changes, outcomes, strict=True)
        if outcome.kind == "unchanged" and change.note != locked.current[change.key].note
    ]
    if notes:
        await connection.executemany(
            "update store.resource set note = $1 where type = $2 and id = $3", notes
        )
