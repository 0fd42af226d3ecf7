"""Remove for good what a region may not keep: all versions, and what they are found by.

A tombstone without content stays of each resource, as a new version, so that the change feed
tells everybody who has a copy. A trace in `store.purge` says who did it, when, why and how much.
Bytes stay in PostgreSQL's free space until they are written over, and in backups until those
are deleted.
"""

from collections.abc import Collection, Sequence

import msgspec

from minkang.fhir import TYPE_CODES, TYPE_NAMES
from minkang.store.changes import Change
from minkang.store.connection import Connection
from minkang.store.scope import compartment
from minkang.store.store import Store
from minkang.store.stored import Stored
from minkang.store.write import write

_CHUNK = 500
_BARE = frozenset({"resourceType", "id", "meta"})


class Purged(msgspec.Struct, frozen=True):
    """How much was removed.

    Attributes:
        keys: type and id of the resources of which a tombstone is left.
        versions: versions that are gone, current and former ones.
        shared: resources that are also about somebody else, and were left as they are.
    """

    keys: tuple[tuple[str, str], ...]
    versions: int
    shared: tuple[tuple[str, str], ...]


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """A purge as it is to be remembered.

    Attributes:
        who: the operator, as the command line knows him.
        kind: `patient`, `person` or `source`.
        subject: the id of it.
        reason: in words.
    """

    who: str
    kind: str
    subject: str
    reason: str


async def begin_trace(connection: Connection, trace: Trace) -> int:
    """Write down that a purge begins; the number of the trace.

    Raises:
        ValueError: it has no reason.
    """
    if not trace.reason.strip():
        raise ValueError("a purge needs a reason")
    number: int = await connection.fetchval(
        "insert into store.purge (who, kind, subject, reason) values ($1, $2, $3, $4) returning id",
        trace.who,
        trace.kind,
        trace.subject,
        trace.reason.strip(),
    )
    return number


async def finish_trace(
    connection: Connection, number: int, purged: Purged, *, messages: int
) -> None:
    """Write down what a purge removed."""
    await connection.execute(
        """update store.purge set finished = clock_timestamp(), resources = $2, versions = $3,
               shared = $4, messages = $5 where id = $1""",
        number,
        len(purged.keys),
        purged.versions,
        len(purged.shared),
        messages,
    )


async def purge_person(store: Store, patients: Collection[str]) -> Purged:
    """Remove what is about these Patients and nobody else.

    `patients` are the ids of all Patients of one person, or of one of them. In commits of some
    hundred resources; interrupted, it may be called again.
    """
    ids = [compartment(patient) for patient in patients]
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(
            """select type, id, patients <@ $1::bigint[] as own from store.resource
               where patients && $1::bigint[] order by type, id""",
            ids,
        )
        keys = [(TYPE_NAMES[row["type"]], row["id"]) for row in rows if row["own"]]
        shared = [(TYPE_NAMES[row["type"]], row["id"]) for row in rows if not row["own"]]
        versions = await _purge(store, connection, keys)
        # Former versions of resources that have been moved to somebody else since.
        versions += await _count(
            connection,
            "delete from store.history where patients <> '{}' and patients <@ $1::bigint[]",
            ids,
        )
    return Purged(tuple(keys), versions, tuple(shared))


async def purge_source(store: Store, organisation: str) -> Purged:
    """Remove everything that came from an organisation; as `purge_person`."""
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(
            "select type, id from store.resource where source = $1 order by type, id",
            organisation,
        )
        keys = [(TYPE_NAMES[row["type"]], row["id"]) for row in rows]
        versions = await _purge(store, connection, keys)
        versions += await _count(
            connection, "delete from store.history where source = $1", organisation
        )
    return Purged(tuple(keys), versions, ())


async def purge_resources(store: Store, keys: Sequence[tuple[str, str]]) -> Purged:
    """Remove these resources, whoever they are about; as `purge_person`."""
    async with store.pool.acquire() as connection:
        versions = await _purge(store, connection, keys)
    return Purged(tuple(keys), versions, ())


async def purge_history(connection: Connection, keys: Sequence[tuple[str, str]]) -> int:
    """Remove the former versions of resources which stay themselves; how many."""
    return await _count(
        connection,
        """delete from store.history h using unnest($1::smallint[], $2::text[]) as k(type, id)
           where h.type = k.type and h.id = k.id""",
        *_columns(keys),
    )


def is_purged(version: Stored) -> bool:
    """Whether a version is the tombstone of a purge: deleted, and without content."""
    return version.deleted and version.resource.keys() <= _BARE


async def _purge(store: Store, connection: Connection, keys: Sequence[tuple[str, str]]) -> int:
    """Leave a tombstone of each; how many versions are gone."""
    gone = 0
    for begin in range(0, len(keys), _CHUNK):
        async with connection.transaction():
            gone += await _purge_chunk(store, connection, keys[begin : begin + _CHUNK])
    return gone


async def _purge_chunk(
    store: Store, connection: Connection, keys: Sequence[tuple[str, str]]
) -> int:
    sources = {
        (TYPE_NAMES[row["type"]], row["id"]): row["source"]
        for row in await connection.fetch(
            """select r.type, r.id, r.source from store.resource r
               join unnest($1::smallint[], $2::text[]) as k(type, id)
               on r.type = k.type and r.id = k.id""",
            *_columns(keys),
        )
    }
    # A deletion of what is deleted already would be no new version: first take the old one back.
    await connection.execute(
        """update store.resource r set deleted = false
           from unnest($1::smallint[], $2::text[]) as k(type, id)
           where r.type = k.type and r.id = k.id and r.deleted""",
        *_columns(keys),
    )
    await write(
        store,
        connection,
        [
            Change({"resourceType": kind, "id": one}, sources[kind, one], deleted=True)
            for kind, one in keys
            if (kind, one) in sources
        ],
    )
    # A Patient lies in its own compartment; of one that is gone nobody needs to know.
    await connection.execute(
        """update store.resource r set patients = '{}'
           from unnest($1::smallint[], $2::text[]) as k(type, id)
           where r.type = k.type and r.id = k.id""",
        *_columns(keys),
    )
    return await purge_history(connection, keys)


def _columns(keys: Sequence[tuple[str, str]]) -> tuple[list[int], list[str]]:
    return [TYPE_CODES[kind] for kind, _ in keys], [one for _, one in keys]


async def _count(connection: Connection, sql: str, *values: object) -> int:
    """Execute a statement; the number of its rows."""
    return int((await connection.execute(sql, *values)).rsplit(" ", 1)[-1])
