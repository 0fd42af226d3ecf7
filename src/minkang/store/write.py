"""Write resources: many at a time, in the caller's transaction.

Bulk goes by COPY; what a message or a registration writes goes as one statement (`insert_rows`).
"""

from collections.abc import Sequence
from io import BytesIO

import msgspec

from minkang.crypto import hash64
from minkang.fhir import TYPE_CODES, Resource
from minkang.fhir.extract import extract
from minkang.fhir.references import ID_PATTERN
from minkang.store.array_text import array_text
from minkang.store.changes import Change, Locked, Outcome
from minkang.store.connection import Connection
from minkang.store.copy_rows import (
    RESOURCE_COLUMNS,
    compartment_rows,
    resource_rows,
    span_rows,
    string_rows,
    term_rows,
)
from minkang.store.index_rows import INDEXED, IndexRows, add_rows
from minkang.store.insert_rows import are_few, insert
from minkang.store.new_rows import NewRows, rows_of
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows
from minkang.store.terms import Terms, resource_hash

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
    rows, bodies = rows_of(store, made, locked)
    if rows.resources:
        await (insert if are_few(rows) else copy)(connection, rows)
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


async def copy(connection: Connection, rows: NewRows) -> None:
    """Put new versions and what they are found by into their tables, each by COPY."""
    await _copy_table(connection, "resource", resource_rows(rows.resources), RESOURCE_COLUMNS)
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
    terms, marks = _terms_of(store.terms, replaced)
    await connection.execute(
        """
        with old as (
            delete from store.resource r
            using unnest($1::smallint[], $2::text[], $3::text[], $4::text[])
                as k(kind, key, terms, marks)
            where r.type = k.kind and r.id = k.key
            returning r.*, k.terms::bigint[]
                || case when r.indexed = $5 then '{}' else k.marks::bigint[] end as hashes),
        gone as (
            delete from store.further_compartment c using old
            where c.patient = any(old.patients) and c.type = old.type
            and c.dated = old.dated and c.sequence = old.sequence),
        gone_spans as (delete from store.span s using old where s.sequence = old.sequence),
        gone_strings as (delete from store.string s using old where s.sequence = old.sequence),
        gone_terms as (
            delete from store.term t using old
            where t.hash = any(old.hashes) and t.sequence = old.sequence)
        insert into store.history
            (type, id, part, version, updated, deleted, source, grade, patients, dated, body,
             transaction, sequence)
        select type, id, part, version, updated, deleted, source, grade, patients, dated, body,
               transaction, sequence
        from old
        """,
        [TYPE_CODES[one.type] for one in replaced],
        [one.id for one in replaced],
        terms,
        marks,
        INDEXED,
    )


def _terms_of(terms: Terms, versions: Sequence[Stored]) -> tuple[list[str], list[str]]:
    """The terms and the marks of versions, made again from their bodies, as texts of arrays.

    For versions that were indexed by older rules the marks count, too: there they were terms. Each
    version has its own array, so that the database finds them by index and compares none.
    """
    found: list[str] = []
    marked: list[str] = []
    for one in versions:
        rows, marks = IndexRows(), []
        if not one.deleted:
            marks = add_rows(terms, one.type, extract(one.resource), 0, rows)
        found.append(array_text(number for number, _ in rows.terms))
        marked.append(array_text(marks))
    return found, marked


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
        await connection.execute(
            """update store.resource r set note = k.note
               from unnest($1::bytea[], $2::smallint[], $3::text[]) as k(note, kind, key)
               where r.type = k.kind and r.id = k.key""",
            *zip(*notes, strict=True),
        )
