"""What the rules need beside the resources themselves, for many at once.

Five queries a batch, whatever its size: where they came from, what names them, what they share,
which orders they mean, and the patients, visits and orders that they are judged by.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.exchange.quality.facts import Facts
from minkang.exchange.quality.mentions import orders_of, visit_of
from minkang.exchange.sources import Source
from minkang.fhir import TYPE_CODES, TYPE_NAMES, Resource, local_reference
from minkang.store import Connection, Store, Stored
from minkang.store.stored import COLUMNS, stored_rows

Key = tuple[str, str]


class Origin(msgspec.Struct, frozen=True):
    """Where a resource came from first, and when."""

    source: str
    received: datetime


class _Others(msgspec.Struct, frozen=True):
    """What names some resources, which share something, what orders are meant."""

    mentioned: Mapping[Key, frozenset[str]]
    shared: Mapping[Key, bool]
    orders: Mapping[str, Key]
    related: Mapping[Key, Resource]


def key_columns(keys: Iterable[Key]) -> tuple[list[int], list[str]]:
    """Type codes and ids, as the queries here take them."""
    listed = list(keys)
    return [TYPE_CODES[kind] for kind, _ in listed], [one for _, one in listed]


def keys_of(rows: Iterable[Any]) -> list[Key]:
    """Keys from rows with `type` and `id`."""
    return [(TYPE_NAMES[row["type"]], row["id"]) for row in rows]


async def read_current(
    store: Store, connection: Connection, keys: Collection[Key]
) -> dict[Key, Stored]:
    """The current versions of some resources that are not deleted."""
    if not keys:
        return {}
    columns = ", ".join(f"r.{name}" for name in COLUMNS.split(", "))
    rows = await connection.fetch(
        f"""select {columns} from store.resource r
            join unnest($1::smallint[], $2::text[]) as k(type, id)
            on r.type = k.type and r.id = k.id where not r.deleted""",  # noqa: S608 - column names
        *key_columns(keys),
    )
    found = await stored_rows(connection, store.codec, rows)
    return {(one.type, one.id): one for one in found}


async def origins(
    connection: Connection, resources: Mapping[Key, Stored], known: Mapping[str, Source]
) -> dict[Key, Origin]:
    """Which source sent each first; of what came otherwise the only source of its organisation."""
    rows = await connection.fetch(
        """select d.type, d.id, min(m.received) as received,
                  (array_agg(m.source order by m.id))[1] as source
           from unnest($1::smallint[], $2::text[]) as k(type, id)
           join exchange.made d on d.type = k.type and d.id = k.id
           join exchange.message m on m.id = d.message and m.source is not null
           group by d.type, d.id""",
        *key_columns(resources),
    )
    found = {
        (TYPE_NAMES[row["type"]], row["id"]): Origin(row["source"], row["received"]) for row in rows
    }
    by_organisation: dict[str, list[str]] = {}
    for source in known.values():
        by_organisation.setdefault(source.organisation, []).append(source.id)
    for key, stored in resources.items():
        if key not in found and len(own := by_organisation.get(stored.source, [])) == 1:
            found[key] = Origin(own[0], stored.updated)
    return found


async def beginnings(connection: Connection) -> dict[str, datetime]:
    """When the first message of each source came in."""
    rows = await connection.fetch(
        """select s.id, (select min(m.received) from exchange.message m where m.source = s.id)
               as first from exchange.source s"""
    )
    return {row["id"]: row["first"] for row in rows if row["first"] is not None}


async def facts(
    store: Store,
    connection: Connection,
    resources: Mapping[Key, Resource],
    came: Mapping[Key, Origin],
) -> dict[Key, Facts]:
    """Everything to judge some resources by; `came` has the origin of each."""
    since = await beginnings(connection)
    others = await _others(store, connection, resources)
    found: dict[Key, Facts] = {}
    for key, resource in resources.items():
        origin = came[key]
        if key[0] == "Observation":
            # Most of what there is; its rules need nobody else.
            begun = since.get(origin.source)
            found[key] = Facts(resource=resource, received=origin.received, since=begun)
            continue
        orders = (_order_key(others, target) for target in orders_of(resource))
        found[key] = Facts(
            resource=resource,
            received=origin.received,
            since=since.get(origin.source),
            patient=others.related.get(("Patient", _patient(resource) or "")),
            visit=others.related.get(("Encounter", visit_of(resource) or "")),
            order=next((others.related[one] for one in orders if one in others.related), None),
            mentioned=others.mentioned.get(key, frozenset()),
            shared=others.shared.get(key),
        )
    return found


def _patient(resource: Resource) -> str | None:
    found = local_reference(resource.get("subject") or resource.get("patient"))
    return found[1] if found is not None and found[0] == "Patient" else None


def _order_key(others: _Others, target: str) -> Key:
    kind, _, one = target.partition("/")
    return others.orders.get(target) or (kind, one)


async def _others(
    store: Store, connection: Connection, resources: Mapping[Key, Resource]
) -> _Others:
    linked = {key: one for key, one in resources.items() if key[0] != "Observation"}
    targets = {target for one in linked.values() for target in orders_of(one)}
    orders = await _meant(connection, [one for one in targets if one.startswith("order|")])
    wanted: set[Key] = set(orders.values())
    wanted |= {tuple(one.split("/", 1)) for one in targets if "|" not in one}  # type: ignore[misc]
    for one in linked.values():
        if patient := _patient(one):
            wanted.add(("Patient", patient))
        if visit := visit_of(one):
            wanted.add(("Encounter", visit))
    stored = await read_current(store, connection, sorted(wanted - resources.keys()))
    related: dict[Key, Resource] = {key: resources[key] for key in wanted & resources.keys()}
    related.update((key, one.resource) for key, one in stored.items())
    return _Others(
        await _mentioned(
            connection, [k for k in linked if k[0] in ("Encounter", "ServiceRequest")]
        ),
        await _shared(connection, list(linked)),
        orders,
        related,
    )


async def _meant(connection: Connection, targets: Sequence[str]) -> dict[str, Key]:
    """The orders that go by these numbers."""
    if not targets:
        return {}
    rows = await connection.fetch(
        """select target, type, id from exchange.mention
           where target = any($1::text[]) and role = 'is' order by type, id""",
        list(targets),
    )
    return {row["target"]: (TYPE_NAMES[row["type"]], row["id"]) for row in rows}


async def _mentioned(connection: Connection, keys: Sequence[Key]) -> dict[Key, frozenset[str]]:
    if not keys:
        return {}
    rows = await connection.fetch(
        """select t.type, t.id, array_agg(distinct m.type) as by
           from unnest($1::smallint[], $2::text[]) as k(type, id)
           join exchange.mention t on t.type = k.type and t.id = k.id and t.role = 'is'
           join exchange.mention m on m.target = t.target and m.role = 'of'
           group by t.type, t.id""",
        *key_columns(keys),
    )
    return {
        (TYPE_NAMES[row["type"]], row["id"]): frozenset(TYPE_NAMES[one] for one in row["by"])
        for row in rows
    }


async def _shared(connection: Connection, keys: Sequence[Key]) -> dict[Key, bool]:
    rows = await connection.fetch(
        """select t.type, t.id, bool_or(exists(
               select from exchange.mention o where o.target = t.target and o.role = 'same'
               and (o.type, o.id) <> (t.type, t.id))) as shared
           from unnest($1::smallint[], $2::text[]) as k(type, id)
           join exchange.mention t on t.type = k.type and t.id = k.id and t.role = 'same'
           group by t.type, t.id""",
        *key_columns(keys),
    )
    return {(TYPE_NAMES[row["type"]], row["id"]): row["shared"] for row in rows}
