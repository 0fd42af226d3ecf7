"""The figures follow the change feed: what visits, diagnoses and institutions' sizes say now.

Of each resource the facts that it had are replaced by those that it has; days of which something
has changed are marked, to be counted anew (`days`).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.record.region.read import Visit, diagnosis_of, unit_of, visit_of
from minkang.store import (
    Connection,
    Position,
    Scope,
    Store,
    Stored,
    changes,
    load_position,
    save_position,
)
from minkang.store.feed import StalePosition, start

CONSUMER: Final = "region"
LOCK: Final = (0x6D6B, 31)
"""Taken by who changes facts or counts them, so that no change is lost between the two."""

_BATCH: Final = 500
_UNITS: Final = ("Organization", "Location", "PractitionerRole")
_TYPES: Final = frozenset({"Encounter", "Condition", *_UNITS})
_PLATFORM: Final = "MK-PLATFORM"  # writes what the directory's own tables say already


class _Fact(msgspec.Struct, frozen=True):
    type: int
    id: str
    what: str
    label: str
    kind: str
    day: date | None
    institution: str | None
    visit: str | None


async def follow_region(store: Store, limit: int = _BATCH) -> int:
    """Take up the next changes; how many versions were looked at.

    Facts, marked days and the position are one transaction. One process at a time does it; the
    others get 0 at once. After a restore everything is read anew.
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
            await _forget_all(connection)
            await save_position(connection, CONSUMER, await start(connection))
            return 1
        if batch.position == position:
            return 0
        await _take_up(connection, batch.versions)
        await save_position(connection, CONSUMER, batch.position)
        return max(1, len(batch.versions))


async def position_of(store: Store) -> Position:
    """How far the figures have followed."""
    async with store.pool.acquire() as connection:
        return await load_position(connection, CONSUMER)


async def _forget_all(connection: Connection) -> None:
    await connection.execute(
        """insert into region.due select distinct day from region.day_count
           on conflict do nothing"""
    )
    await connection.execute("truncate region.fact, region.unit, region.mentioned")


async def _take_up(connection: Connection, versions: Iterable[Stored]) -> None:
    newest = {(one.type, one.id): one for one in versions}  # the last of the batch stands
    if not newest:
        return
    said = [one for one in newest.values() if one.type in ("Encounter", "Condition")]
    units = [one for one in newest.values() if one.type in _UNITS and one.source != _PLATFORM]
    await _replace_units(connection, units)
    touched = [(TYPE_CODES[one.type], one.id) for one in said]
    await _mark(connection, touched)
    await _delete(connection, "fact", touched)
    await _insert(connection, await _facts(connection, said))
    await _mark(connection, touched)


async def _facts(connection: Connection, said: Collection[Stored]) -> list[_Fact]:
    visits = [
        (one, visit)
        for one in said
        if one.type == "Encounter" and not one.deleted
        and (visit := visit_of(one.resource, one.updated)) is not None
    ]  # fmt: skip
    where = await _institutions(connection, visits)
    await _mention(connection, {where[one.id]: visit.name for one, visit in visits})
    found: list[_Fact] = []
    for one, visit in visits:
        key, at = (TYPE_CODES[one.type], one.id), where[one.id]
        found.append(_Fact(*key, "visit", visit.department, visit.kind, visit.day, at, None))
        found += [_Fact(*key, "diagnosis", c, "", None, None, one.id) for c in visit.diagnoses]
    for one in said:
        if one.type != "Condition" or one.deleted:
            continue
        told = diagnosis_of(one.resource)
        if told is not None:
            key = (TYPE_CODES[one.type], one.id)
            found += [
                _Fact(*key, "diagnosis", c, "", None, None, told.visit) for c in told.categories
            ]
    return found


async def _institutions(
    connection: Connection, visits: Collection[tuple[Stored, Visit]]
) -> dict[str, str]:
    """By the id of a visit where it was: by the institution's code, else by the Organization if it
    is a known one, else whoever sent it."""
    providers = sorted({one.provider for _, one in visits if one.provider and not one.code})
    rows = await connection.fetch(
        """select id, id as code from accounts.organisation where id = any($1::text[])
           union
           select id, code from region.unit
           where type = $2 and id = any($1::text[]) and code <> ''
           and code in (select id from accounts.organisation)""",
        providers,
        TYPE_CODES["Organization"],
    )
    known = {row["id"]: row["code"] for row in rows}
    return {
        stored.id: visit.code or known.get(visit.provider) or stored.source
        for stored, visit in visits
    }


async def _mention(connection: Connection, names: Mapping[str, str]) -> None:
    listed = sorted((code, name) for code, name in names.items() if name)
    await connection.execute(
        """insert into region.mentioned as m (institution, name)
           select * from unnest($1::text[], $2::text[])
           on conflict (institution) do update set name = excluded.name
               where m.name <> excluded.name""",
        [code for code, _ in listed],
        [name for _, name in listed],
    )


async def _mark(connection: Connection, keys: Collection[tuple[int, str]]) -> None:
    """The days of these facts as they stand are to be counted anew: of visits their own, of
    diagnoses that of their visit."""
    await connection.execute(
        """insert into region.due (day)
           select f.day from unnest($1::smallint[], $2::text[]) as k(type, id)
               join region.fact f on f.type = k.type and f.id = k.id where f.what = 'visit'
           union
           select v.day from unnest($1::smallint[], $2::text[]) as k(type, id)
               join region.fact f on f.type = k.type and f.id = k.id and f.what = 'diagnosis'
               join region.fact v on v.type = $3 and v.id = f.visit and v.what = 'visit'
           on conflict do nothing""",
        [kind for kind, _ in keys],
        [one for _, one in keys],
        TYPE_CODES["Encounter"],
    )


async def _replace_units(connection: Connection, units: Collection[Stored]) -> None:
    await _delete(connection, "unit", [(TYPE_CODES[one.type], one.id) for one in units])
    told = [(one, unit_of(one.resource)) for one in units if not one.deleted]
    rows: list[tuple[Any, ...]] = [
        (TYPE_CODES[one.type], one.id, *msgspec.structs.astuple(unit))
        for one, unit in told
        if unit is not None
    ]
    await connection.executemany(
        """insert into region.unit
               (type, id, what, code, name, kind, grade, division, above)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        rows,
    )


async def _delete(connection: Connection, table: str, keys: Collection[tuple[int, str]]) -> None:
    await connection.execute(
        f"""delete from region.{table} t using unnest($1::smallint[], $2::text[]) as k(type, id)
            where t.type = k.type and t.id = k.id""",  # noqa: S608 - the names of our tables
        [kind for kind, _ in keys],
        [one for _, one in keys],
    )


async def _insert(connection: Connection, facts: Collection[_Fact]) -> None:
    columns = _Fact.__struct_fields__
    await connection.copy_records_to_table(
        "fact",
        schema_name="region",
        columns=columns,
        records=[msgspec.structs.astuple(one) for one in facts],
    )
