"""Follows the change feed: what is new or changed is judged, and what hangs on it once more."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from minkang.crypto import Keys
from minkang.exchange.quality.facts import day_of
from minkang.exchange.quality.gather import (
    Key,
    Origin,
    facts,
    key_columns,
    keys_of,
    origins,
    read_current,
)
from minkang.exchange.quality.judge import judge
from minkang.exchange.quality.ledger import Entry, enter
from minkang.exchange.quality.mentions import Mention, mentions
from minkang.exchange.quality.rule import judges, revision
from minkang.exchange.reconciliation.holdings import holdings
from minkang.exchange.sources import sources
from minkang.fhir import TYPE_CODES, TYPE_NAMES, Resource
from minkang.store import (
    Connection,
    Scope,
    Store,
    Stored,
    changes,
    load_position,
    save_position,
)
from minkang.store.feed import start
from minkang.store.scope import compartment

CONSUMER: Final = "quality"
LOCK: Final = (0x6D6B, 4)
_BATCH: Final = 1_000
_BY_PATIENT: Final = ("Condition", "Encounter", "Immunization")
"""Types of which rules look at the patient's sex or birth date."""


class _Batch(msgspec.Struct, frozen=True):
    """Resources to be judged, where they came from, and what is gone."""

    resources: dict[Key, Resource]
    came: dict[Key, Origin]
    gone: frozenset[Key]


async def follow(store: Store, keys: Keys, limit: int = _BATCH) -> int:
    """Judge the next changes; returns how many versions were looked at.

    Verdicts, sums and the position are one transaction. One process at a time does it; the others
    get 0 at once. When the rules have changed, everything is judged anew from the beginning.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *LOCK):
            return 0
        if await _rules_changed(connection):
            position = await start(connection)
        else:
            position = await load_position(connection, CONSUMER)
        batch = await changes(
            store, connection, Scope.whole(), position, types=frozenset(judges()), limit=limit
        )
        if batch.position == position:
            return 0
        await judge_versions(store, connection, keys.id_key, batch.versions)
        await save_position(connection, CONSUMER, batch.position)
        return len(batch.versions)


async def _rules_changed(connection: Connection) -> bool:
    known = await connection.fetchval("select revision from exchange.quality_rules")
    if known == revision():
        return False
    await connection.execute(
        """insert into exchange.quality_rules (revision) values ($1)
           on conflict (one) do update set revision = excluded.revision""",
        revision(),
    )
    return True


async def judge_versions(
    store: Store, connection: Connection, id_key: bytes, versions: Iterable[Stored]
) -> None:
    """Judge versions as far as they are current, and what hangs on them; under LOCK."""
    newest = await _still_current(connection, versions)
    alive = {key: one for key, one in newest.items() if not one.deleted}
    batch = await _batch(connection, alive, frozenset(newest.keys() - alive.keys()))
    touched = await _mention(connection, id_key, batch)
    again = await _dependents(connection, batch, touched)
    stored = await read_current(store, connection, sorted(again - newest.keys()))
    more = await _batch(connection, stored, frozenset())
    resources = {**batch.resources, **more.resources}
    came = {**batch.came, **more.came}
    found = await facts(store, connection, resources, came)
    entries = {}
    for key, one in found.items():
        received, source = came[key].received, came[key].source
        held = tuple(holdings(one.resource, received))
        entries[key] = Entry(source, day_of(one.resource, received), judge(one), held)
    await enter(connection, entries, batch.gone | more.gone)


async def _still_current(connection: Connection, versions: Iterable[Stored]) -> dict[Key, Stored]:
    """Of each resource the version that stands; what was replaced comes again later in the feed."""
    listed = {(one.type, one.id, one.version): one for one in versions}
    rows = await connection.fetch(
        """select r.type, r.id, r.version from store.resource r
           join unnest($1::smallint[], $2::text[]) as k(type, id)
           on r.type = k.type and r.id = k.id""",
        *key_columns({(kind, one) for kind, one, _ in listed}),
    )
    standing = {(TYPE_NAMES[row["type"]], row["id"], row["version"]) for row in rows}
    return {key[:2]: one for key, one in listed.items() if key in standing}


async def _batch(
    connection: Connection, stored: Mapping[Key, Stored], gone: frozenset[Key]
) -> _Batch:
    """What can be judged: what no source has sent is nobody's quality."""
    came = await origins(connection, stored, await sources(connection))
    resources = {key: one.resource for key, one in stored.items() if key in came}
    return _Batch(resources, came, gone | (stored.keys() - came.keys()))


async def _mention(connection: Connection, id_key: bytes, batch: _Batch) -> set[Mention]:
    """Write down what the resources say of each other; what is new in it, or no longer said."""
    said: dict[Key, frozenset[Mention]] = dict.fromkeys(batch.gone, frozenset())
    for key, resource in batch.resources.items():
        if key[0] != "Observation":
            said[key] = mentions(id_key, batch.came[key].source, resource)
    rows = await connection.fetch(
        """select m.type, m.id, m.role, m.target from exchange.mention m
           join unnest($1::smallint[], $2::text[]) as k(type, id)
           on m.type = k.type and m.id = k.id""",
        *key_columns(said),
    )
    old = {(TYPE_NAMES[row["type"]], row["id"], row["role"], row["target"]) for row in rows}
    new = {(*key, *one) for key, several in said.items() for one in several}
    for rows_of, sql in (
        (
            old - new,
            """delete from exchange.mention m
               using unnest($1::smallint[], $2::text[], $3::text[], $4::text[]) as k(a, b, c, d)
               where m.type = k.a and m.id = k.b and m.role = k.c and m.target = k.d""",
        ),
        (
            new - old,
            """insert into exchange.mention (type, id, role, target)
               select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[])""",
        ),
    ):
        if rows_of:
            listed = sorted(rows_of)
            await connection.execute(
                sql,
                [TYPE_CODES[row[0]] for row in listed],
                *([row[n] for row in listed] for n in (1, 2, 3)),
            )
    # A visit or an order that changed is looked at by what belongs to it, whatever it says.
    holders = {(role, target) for kind, _, role, target in old | new if role == "is"}
    return {(role, target) for _, _, role, target in old ^ new} | holders


async def _dependents(
    connection: Connection, batch: _Batch, touched: Collection[Mention]
) -> set[Key]:
    """What was judged by something that has changed now."""
    found: set[Key] = set()
    for role, other in (("of", "is"), ("is", "of")):
        if targets := [target for one, target in touched if one == role]:
            rows = await connection.fetch(
                """select distinct type, id from exchange.mention
                   where target = any($1::text[]) and role = $2""",
                targets,
                other,
            )
            found.update(keys_of(rows))
    same = [target for role, target in touched if role == "same"]
    found.update(await _sharers(connection, same, [*batch.resources, *batch.gone]))
    patients = [one for kind, one in batch.resources if kind == "Patient"]
    if patients:
        rows = await connection.fetch(
            """select j.type, j.id from store.resource r
               join exchange.judged j on j.type = r.type and j.id = r.id
               where r.part = any($1::bigint[]) and r.type = any($2::smallint[])
               and not r.deleted""",
            [compartment(one) for one in patients],
            [TYPE_CODES[name] for name in _BY_PATIENT],
        )
        found.update(keys_of(rows))
    return found


async def _sharers(
    connection: Connection, targets: Collection[str], batch: Collection[Key]
) -> list[Key]:
    """Whose verdict may turn because one more or one less shares something with them.

    That is only one who was or is now alone beside the batch: of two and more who share a number
    that is nobody's, none has to be judged again for each newcomer.
    """
    if not targets:
        return []
    rows = await connection.fetch(
        """select m.type, m.id from unnest($1::text[]) as k(target)
           cross join lateral (
               select o.type, o.id from exchange.mention o
               where o.target = k.target and o.role = 'same'
               and (o.type, o.id) not in (select * from unnest($2::smallint[], $3::text[]))
               limit 2) m""",
        list(targets),
        *key_columns(batch),
    )
    return keys_of(rows)
