"""Make index rows anew in the background, when the rules by which they are made have changed.

A version that is indexed anew gets a new sequence, so that rows made by the old rules belong to
nothing any more. Its place in the change feed stays: consumers do not see it again.
"""

import msgspec

from minkang.fhir import TYPE_CODES, TYPE_NAMES, patients_of
from minkang.fhir.extract import extract
from minkang.store.connection import Connection
from minkang.store.index_rows import INDEXED, IndexRows, add_rows
from minkang.store.scope import compartment
from minkang.store.store import Store
from minkang.store.stored import Stored
from minkang.store.write import copy_index, lock_current

STALE = f"indexed < {INDEXED} and not deleted"
"""The current versions that are still found by old rules."""


class Progress(msgspec.Struct, frozen=True):
    """How far the work is: versions still found by old rules, and all current ones."""

    left: int
    total: int


async def progress(connection: Connection) -> Progress:
    """How much is left to do; `total` is counted only while something is."""
    left = await connection.fetchval(f"select count(*) from store.resource where {STALE}")
    if not left:
        return Progress(0, 0)
    total = await connection.fetchval("select count(*) from store.resource where not deleted")
    return Progress(left, total)


async def is_stale(connection: Connection) -> bool:
    """Whether any current version is still found by old rules."""
    return bool(
        await connection.fetchval(f"select exists (select from store.resource where {STALE})")
    )


async def reindex(store: Store, limit: int = 200) -> int:
    """Index the next versions anew, in one transaction; returns how many it looked at."""
    async with store.pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            f"""select type, id from store.resource where {STALE}
               order by indexed, type, sequence limit $1""",
            limit,
        )
        keys = [(TYPE_NAMES[row["type"]], row["id"]) for row in rows]
        if not keys:
            return 0
        locked = await lock_current(store, connection, keys)
        current = [one for one in locked.current.values() if not one.deleted]
        await _index(store, connection, current, list(locked.sequences))
        return len(keys)


async def _index(
    store: Store, connection: Connection, versions: list[Stored], sequences: list[int]
) -> None:
    rows = IndexRows()
    updates = []
    for one, sequence in zip(versions, sequences, strict=False):
        resource = one.resource
        values = extract(resource)
        before = len(rows.terms)
        marks = add_rows(store.terms, one.type, values, sequence, rows)
        patients = sorted(compartment(patient) for patient in patients_of(resource))
        # Among the terms of an older release may have been what are marks now.
        terms = [number for number, _ in rows.terms[before:]] + marks
        updates.append(
            (TYPE_CODES[one.type], one.id, sequence, marks or None, values.present, patients, terms)
        )
    await store.seen.keep(connection, rows)
    await copy_index(connection, rows)
    await connection.executemany(
        f"""
        with old as (
            select type, id, part, sequence, patients, dated from store.resource
            where type = $1 and id = $2),
        gone as (
            delete from store.further_compartment c using old
            where c.patient = any(old.patients) and c.type = old.type
            and c.dated = old.dated and c.sequence = old.sequence),
        gone_spans as (delete from store.span s using old where s.sequence = old.sequence),
        gone_strings as (delete from store.string s using old where s.sequence = old.sequence),
        gone_terms as (
            delete from store.term t using old
            where t.hash = any($7::bigint[]) and t.sequence = old.sequence),
        placed as (
            insert into store.further_compartment (patient, type, dated, sequence)
            select p, old.type, old.dated, $3 from old, unnest($6::bigint[]) p where p <> old.part)
        update store.resource r
        set sequence = $3, marks = $4, present = $5, patients = $6, indexed = {INDEXED}
        from old where r.type = old.type and r.id = old.id
        """,
        updates,
    )
