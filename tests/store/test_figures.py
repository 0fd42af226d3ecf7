"""The figures of the store: exact while it is small, close to it where they are estimated."""

from datetime import UTC, datetime, timedelta
from typing import Any

from minkang.store import Change, Store, write
from minkang.store.feed import save_position, start
from minkang.store.figures import Figures, figures
from minkang.store.reindex import Progress


def organisation(number: int, name: str = "某院") -> dict[str, Any]:
    return {"resourceType": "Organization", "id": f"o{number}", "name": name}


async def put(store: Store, *changes: Change) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, list(changes))


async def asked(store: Store, **how: int) -> Figures:
    async with store.pool.acquire() as connection:
        return await figures(connection, **how)


def counts(found: Figures) -> dict[str, int]:
    return {one.type: one.count for one in found.held}


async def test_an_empty_store_has_figures_too(store: Store) -> None:
    found = await asked(store)
    assert (found.held, found.current, found.former, found.newest) == ((), 0, 0, None)
    assert found.reindexing == Progress(0, 0)
    assert not found.held_estimated
    assert (await asked(store, exact_below=0)).held == ()


async def test_current_and_former_versions_are_counted_apart(store: Store) -> None:
    await put(store, *(Change(organisation(n), "h") for n in range(60)))
    await put(store, *(Change(organisation(n, "另一院"), "h") for n in range(20)))
    location = {"resourceType": "Location", "id": "l1", "name": "门诊"}
    await put(store, Change(location, "h"))
    async with store.pool.acquire() as connection:
        await save_position(connection, "reader", await start(connection))
    found = await asked(store)
    assert [(one.type, one.count) for one in found.held] == [("Organization", 60), ("Location", 1)]
    assert (found.current, found.former) == (61, 20)
    assert found.newest is not None
    assert timedelta(0) <= datetime.now(UTC) - found.newest < timedelta(minutes=5)
    assert found.lags["reader"] > 0


async def test_every_table_is_listed_once_with_its_partitions_and_indexes(store: Store) -> None:
    found = await asked(store)
    names = [table.name for table in found.tables]
    assert len(names) == len(set(names))
    assert {"resource", "history", "term", "span", "further_compartment"} <= set(names)
    assert not [name for name in names if name.startswith("history_")]
    assert [table.total for table in found.tables] == sorted(
        (table.total for table in found.tables), reverse=True
    )
    assert all(table.rows >= 0 and table.indexes >= 0 for table in found.tables)
    assert 0 < found.bytes < found.database
    total = await store.pool.fetchval(
        """select sum(pg_total_relation_size(oid))::bigint from pg_class
           where relnamespace = 'store'::regnamespace and relkind = 'r'"""
    )
    assert found.bytes == total


async def test_a_large_store_is_estimated_and_says_so(store: Store) -> None:
    await store.pool.execute("analyze store.resource, store.history")
    exact, found = await asked(store), await asked(store, exact_below=0)
    assert (found.held_estimated, found.former_estimated) == (True, True)
    assert (exact.held_estimated, exact.former_estimated) == (False, False)
    assert counts(found) == counts(exact)


async def test_a_type_that_the_statistics_do_not_know_is_counted(store: Store) -> None:
    devices = ({"resourceType": "Device", "id": f"d{n}"} for n in range(3))
    await put(store, *(Change(device, "h") for device in devices))
    assert counts(await asked(store, exact_below=0))["Device"] == 3


async def test_what_is_left_to_reindex_is_told_in_both_ways(store: Store) -> None:
    await store.pool.execute("update store.resource set indexed = 0 where id like 'o1%'")
    await store.pool.execute("analyze store.resource")
    assert (await asked(store)).reindexing == Progress(11, 64)
    left = (await asked(store, exact_below=0)).reindexing
    assert 1 <= left.left <= left.total
