"""Write resources: many at a time, in the caller's transaction.

All writing goes by COPY, one or a thousand: bulk is the normal case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Literal

import msgspec

from minkang.crypto import hash64
from minkang.fhir import TYPE_CODES, Resource, encode, patients_of
from minkang.fhir.extract import Extracted, extract
from minkang.fhir.references import ID_PATTERN
from minkang.store.clinical_date import clinical_date
from minkang.store.connection import Connection
from minkang.store.copy_rows import (
    RESOURCE_COLUMNS,
    compartment_rows,
    copied,
    moment,
    resource_row,
    since_2000,
    span_rows,
    string_rows,
    term_rows,
)
from minkang.store.grade import grade_of
from minkang.store.index_rows import INDEXED, IndexRows, add_rows
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows
from minkang.store.terms import Terms, resource_hash

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
    """Current versions, locked against other writers until the transaction ends.

    Attributes:
        at: the time of the write.
        current: what there is of the keys asked for, deleted or not.
        sequences: a number for each key asked for, taken after the locks.
    """

    at: datetime
    current: Mapping[tuple[str, str], Stored]
    sequences: Sequence[int]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a change; `body` is what is stored, empty if it was so already."""

    type: str
    id: str
    version: int
    kind: Kind
    body: bytes = b""


_MANY_LOCKS = 4_000
_GATE = 0x6D6B_0001


async def lock_current(
    store: Store, connection: Connection, keys: Sequence[tuple[str, str]]
) -> Locked:
    """Lock the ids against other writers (existing or not) and read what is there.

    The locks are taken in one order, so two writers can't wait for each other in a circle if
    each calls this once a transaction. A very large write locks out all others instead: the
    server has room for some thousand locks in all.
    """
    large = len(keys) > _MANY_LOCKS
    gate = "pg_advisory_xact_lock" if large else "pg_advisory_xact_lock_shared"
    locks = (
        [] if large else sorted({resource_hash(kind, resource_id) for kind, resource_id in keys})
    )
    begun = await connection.fetchrow(
        f"""with gate as materialized (select {gate}({_GATE}) as passed),
           locked as materialized (
               select count(pg_advisory_xact_lock(k)) as n
               from gate, unnest($1::bigint[]) k where gate.passed is not null),
           -- The time and the numbers are taken when all locks are held.
           timed as materialized (select clock_timestamp() as at, n from locked)
           select at, array(
               select nextval('store.sequence') from generate_series(1, $2 + 0 * timed.n::int))
               as sequences
           from timed""",  # noqa: S608 - constants of this module
        locks,
        len(keys),
    )
    assert begun is not None  # noqa: S101 - an aggregate always gives a row
    rows = await connection.fetch(
        f"""select {COLUMNS}, r.note from store.resource r
            join unnest($1::smallint[], $2::text[]) as k(kind, key)
            on r.type = k.kind and r.id = k.key""",  # noqa: S608 - no values in the text
        [TYPE_CODES[kind] for kind, _ in keys],
        [resource_id for _, resource_id in keys],
    )
    found = await stored_rows(connection, store.codec, rows)
    current = {(one.type, one.id): one for one in found}
    return Locked(begun["at"], current, begun["sequences"])


async def lock_criteria(connection: Connection, texts: Sequence[str]) -> None:
    """Lock the criteria of conditional writes, so that two equal ones can't both find nothing.

    To be called before `lock_current`; held until the transaction ends.
    """
    await connection.execute(
        "select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k",
        sorted({hash64(f"criteria:{text}") for text in texts}),
    )


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
        DiskReserved: there is too little room on the disk.
    """
    store.disk.require_room()
    keys = [change.key for change in changes]
    if len(set(keys)) != len(keys):
        raise ValueError("a resource stands twice in one write")
    for _, resource_id in keys:
        if not ID_PATTERN.fullmatch(resource_id):
            raise ValueError(f"{resource_id!r} is not a FHIR id (R4, 2.24.0.1)")
    if locked is None:
        locked = await lock_current(store, connection, keys)
    outcomes = [_outcome(change, locked.current.get(change.key)) for change in changes]
    made = [
        (change, outcome)
        for change, outcome in zip(changes, outcomes, strict=True)
        if outcome.kind != "unchanged"
    ]
    replaced = [old for change, _ in made if (old := locked.current.get(change.key))]
    if replaced:
        await _move_to_history(store, connection, replaced)
    await store.codec.look(connection)
    rows, bodies = _rows(store, made, locked)
    await _copy(connection, rows)
    await _keep_notes(connection, changes, outcomes, locked)
    await store.seen.keep(connection, rows.index)
    return [
        outcome
        if outcome.kind == "unchanged"
        else msgspec.structs.replace(outcome, body=bodies[outcome.type, outcome.id])
        for outcome in outcomes
    ]


def _outcome(change: Change, old: Stored | None) -> Outcome:
    kind, resource_id = change.key
    if old is None:
        return Outcome(kind, resource_id, 1, "deleted" if change.deleted else "created")
    if old.deleted == change.deleted and (change.deleted or _same(old.resource, change.resource)):
        return Outcome(kind, resource_id, old.version, "unchanged")
    return Outcome(kind, resource_id, old.version + 1, "deleted" if change.deleted else "updated")


def _same(one: Resource, other: Resource) -> bool:
    """Whether two versions say the same: in any order of members, to the last digit."""
    return _ordered.encode(_bare(one)) == _ordered.encode(_bare(other))


_ordered = msgspec.json.Encoder(decimal_format="number", order="sorted")


def _bare(resource: Resource) -> Resource:
    """The content without what the server itself sets, to tell whether it changed."""
    bare = dict(resource)
    meta = {k: v for k, v in bare.pop("meta", {}).items() if k not in ("versionId", "lastUpdated")}
    return {**bare, "meta": meta} if meta else bare


class _Rows(msgspec.Struct):
    """What some changes put into the tables."""

    resources: list[bytes] = []
    compartments: list[tuple[int, int, int, int]] = []
    index: IndexRows = msgspec.field(default_factory=IndexRows)


def _rows(
    store: Store, made: Sequence[tuple[Change, Outcome]], locked: Locked
) -> tuple[_Rows, dict[tuple[str, str], bytes]]:
    """The rows of the new versions, and their bodies by type and id."""
    rows = _Rows()
    bodies: dict[tuple[str, str], bytes] = {}
    stamp = locked.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    at = moment(locked.at)
    for change, outcome in made:
        bodies[outcome.type, outcome.id] = _body(change, outcome, stamp)
    # One step for all, then the next: the compressor's tables and all that indexing looks up
    # don't fit into a processor's cache together.
    packed = [store.codec.pack(body) for body in bodies.values()]
    for (change, outcome), body, sequence in zip(made, packed, locked.sequences, strict=False):
        _add_row(store.terms, change, outcome, at, sequence, body, rows)
    return rows, bodies


_NOTHING = Extracted([], [], [], [], [], [], [], [], [], [], [], [], [], 0)


def _add_row(
    terms: Terms,
    change: Change,
    outcome: Outcome,
    at: int,
    sequence: int,
    body: bytes,
    rows: _Rows,
) -> None:
    """Add the rows of a new version; `at` is the time of the write as `moment`."""
    kind, resource_id = outcome.type, outcome.id
    resource = change.resource
    values = _NOTHING if change.deleted else extract(resource)
    marks = add_rows(terms, kind, values, sequence, rows.index)
    patients = sorted([resource_hash("Patient", patient) for patient in patients_of(resource)])
    part = patients[0] if patients else resource_hash(kind, resource_id)
    begun = clinical_date(values)
    dated = at if begun is None else since_2000(begun)
    rows.resources.append(
        resource_row(
            kind=TYPE_CODES[kind],
            resource_id=resource_id,
            part=part,
            version=outcome.version,
            updated=at,
            deleted=change.deleted,
            source=change.source,
            grade=grade_of(resource),
            patients=patients,
            dated=dated,
            marks=marks,
            present=values.present,
            indexed=INDEXED,
            note=change.note,
            body=body,
            sequence=sequence,
        )
    )
    if not change.deleted:
        # The first compartment is `part` of the row itself.
        rows.compartments += [
            (patient, TYPE_CODES[kind], dated, sequence) for patient in patients[1:]
        ]


def _body(change: Change, outcome: Outcome, stamp: str) -> bytes:
    """The JSON as it is kept: type, id and meta first, then the rest as it came."""
    resource = change.resource
    meta = {
        **resource.get("meta", {}),
        "versionId": str(outcome.version),
        "lastUpdated": stamp,
    }
    whole = {"resourceType": outcome.type, "id": outcome.id, "meta": meta, **resource}
    whole["meta"] = meta
    return encode(whole)


async def _copy(connection: Connection, rows: _Rows) -> None:
    if rows.resources:
        await _copy_table(connection, "resource", copied(rows.resources), RESOURCE_COLUMNS)
    if rows.compartments:
        data = compartment_rows(rows.compartments)
        columns = ("patient", "type", "dated", "sequence")
        await _copy_table(connection, "further_compartment", data, columns)
    await copy_index(connection, rows.index)


async def copy_index(connection: Connection, index: IndexRows) -> None:
    """Put index rows into their tables."""
    if index.terms:
        await _copy_table(connection, "term", term_rows(index.terms), ("hash", "sequence"))
    if index.spans:
        data = span_rows(index.spans)
        await _copy_table(connection, "span", data, ("hash", "low", "high", "sequence"))
    if index.strings:
        data = string_rows(index.strings)
        await _copy_table(connection, "string", data, ("hash", "value", "sequence"))


async def _copy_table(
    connection: Connection, table: str, data: bytes, columns: Sequence[str]
) -> None:
    await connection.copy_to_table(
        table, schema_name="store", source=BytesIO(data), columns=columns, format="binary"
    )


async def _move_to_history(
    store: Store, connection: Connection, replaced: Sequence[Stored]
) -> None:
    """Move versions to history and take away what they were found by."""
    await connection.execute(
        """
        with old as (
            delete from store.resource r
            using unnest($1::smallint[], $2::text[]) as k(kind, key)
            where r.type = k.kind and r.id = k.key
            returning r.*),
        gone as (
            delete from store.further_compartment c using old
            where c.patient = any(old.patients) and c.type = old.type
            and c.dated = old.dated and c.sequence = old.sequence),
        gone_spans as (delete from store.span s using old where s.sequence = old.sequence),
        gone_strings as (delete from store.string s using old where s.sequence = old.sequence),
        gone_terms as (
            delete from store.term t
            using old,
                unnest($3::text[], $4::smallint[], $5::bigint[], $6::boolean[])
                    as w(id, type, hash, is_mark)
            where w.id = old.id and w.type = old.type and not (w.is_mark and old.indexed = $7)
            and t.hash = w.hash and t.sequence = old.sequence)
        insert into store.history
            (type, id, part, version, updated, deleted, source, grade, patients, dated, body,
             transaction, sequence)
        select type, id, part, version, updated, deleted, source, grade, patients, dated, body,
               transaction, sequence
        from old
        """,
        [TYPE_CODES[one.type] for one in replaced],
        [one.id for one in replaced],
        *_terms_of(store.terms, replaced),
        INDEXED,
    )


def _terms_of(
    terms: Terms, versions: Sequence[Stored]
) -> tuple[list[str], list[int], list[int], list[bool]]:
    """The terms of versions, made again from their bodies: (id, type, hash, is a mark) in columns.

    The marks are among them for versions that were indexed by older rules: there they were terms.
    """
    columns: tuple[list[str], list[int], list[int], list[bool]] = ([], [], [], [])
    for one in versions:
        if one.deleted:
            continue
        rows = IndexRows()
        marks = add_rows(terms, one.type, extract(one.resource), 0, rows)
        columns[2].extend(number for number, _ in rows.terms)
        columns[2].extend(marks)
        columns[3].extend([False] * len(rows.terms) + [True] * len(marks))
        count = len(rows.terms) + len(marks)
        columns[0].extend([one.id] * count)
        columns[1].extend([TYPE_CODES[one.type]] * count)
    return columns


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
