"""Consumers see every committed version once, in order, however writers overlap."""

import asyncio

from minkang.store import Change, Pool, Position, Scope, Store, changes, write
from minkang.store.codec import train_if_due
from minkang.store.feed import NEWEST, head, lags, load_position, save_position, start


def resource(resource_id: str, text: str) -> dict[str, object]:
    return {"resourceType": "Organization", "id": resource_id, "name": text}


async def test_overlapping_writers_leave_no_gap_and_no_double(store: Store) -> None:
    async def writer(number: int) -> None:
        for turn in range(8):
            async with store.pool.acquire() as connection, connection.transaction():
                await write(
                    store, connection, [Change(resource(f"f{number}", f"turn {turn}"), "h")]
                )
                await asyncio.sleep(0.002 * number)

    seen: list[tuple[str, int]] = []
    writers = [asyncio.create_task(writer(number)) for number in range(6)]

    async def neighbour() -> None:
        """Any transaction of the server, of another database as well, holds back what began after
        it until it has ended: an empty answer is no end."""
        async with store.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_current_xact_id()")
            await asyncio.gather(*writers)
            await asyncio.sleep(0.1)

    async def follow() -> None:
        async with store.pool.acquire() as connection:
            position = await start(connection)
            while True:
                finished = all(task.done() for task in writers)
                batch = await changes(store, connection, Scope.whole(), position, limit=3)
                seen.extend((one.id, one.version) for one in batch.versions)
                position = batch.position
                behind = await connection.fetchval(
                    "select exists (select from store.resource where transaction > $1::text::xid8)",
                    str(position.transaction),
                )
                if finished and not behind:
                    return

    await asyncio.wait_for(asyncio.gather(follow(), neighbour()), 30)
    assert len(seen) == len(set(seen)) == 48
    for number in range(6):
        versions = [version for resource_id, version in seen if resource_id == f"f{number}"]
        assert versions == list(range(1, 9))


async def test_a_position_is_kept_and_found_again(pool: Pool) -> None:
    async with pool.acquire() as connection:
        before = await load_position(connection, "someone")
        assert before == await start(connection)
        await save_position(connection, "someone", Position(1, 0, 77, 5))
        await save_position(connection, "someone", Position(1, 0, 78, 1))
        assert await load_position(connection, "someone") == Position(1, 0, 78, 1)


async def test_who_reads_one_type_is_not_held_up_by_the_others(store: Store) -> None:
    patients = frozenset(["Patient"])
    async with store.pool.acquire() as connection:
        position = await head(connection)
        for turn in range(3):
            async with connection.transaction():
                await write(store, connection, [Change(resource("other", f"turn {turn}"), "h")])
        batch = await changes(store, connection, Scope.whole(), position, types=patients)
        assert batch.versions == ()
        assert batch.position > position
        await save_position(connection, "of patients", batch.position)
        assert (await lags(connection))["of patients"] == 0
        again = await changes(store, connection, Scope.whole(), batch.position, types=patients)
        assert again.position == batch.position
        async with connection.transaction():
            patient = {"resourceType": "Patient", "id": "later"}
            await write(store, connection, [Change(patient, "h")])
        last = await changes(store, connection, Scope.whole(), again.position, types=patients)
        assert [one.id for one in last.versions] == ["later"]


async def test_a_writer_that_is_not_done_is_not_passed_over(store: Store) -> None:
    none = frozenset(["Device"])
    async with store.pool.acquire() as slow, store.pool.acquire() as connection:
        position = await head(connection)
        async with slow.transaction():
            await write(store, slow, [Change(resource("slow", "x"), "h")])
            async with connection.transaction():
                await write(store, connection, [Change(resource("quick", "x"), "h")])
            passed = await changes(store, connection, Scope.whole(), position, types=none)
        batch = await changes(store, connection, Scope.whole(), passed.position)
    assert [one.id for one in batch.versions] == ["slow", "quick"]


async def test_the_head_skips_what_is_there_already(store: Store) -> None:
    async with store.pool.acquire() as connection:
        position = await head(connection)
        async with connection.transaction():
            await write(store, connection, [Change(resource("new", "x"), "h")])
        batch = await changes(store, connection, Scope.whole(), position)
        assert [one.id for one in batch.versions] == ["new"]


async def test_old_and_new_bodies_are_read_after_a_dictionary_was_trained(store: Store) -> None:
    async with store.pool.acquire() as connection:
        batch = [Change(resource(f"d{n}", f"第{n}号卫生院，海滨路{n}号"), "h") for n in range(1200)]
        async with connection.transaction():
            await write(store, connection, batch)
        assert await train_if_due(connection, store.codec)
        assert not await train_if_due(connection, store.codec)
        async with connection.transaction():
            await write(store, connection, [Change(resource("after", "训练之后的卫生院" * 9), "h")])
        assert store.codec.version == 1
        batch_seen = await changes(
            store, connection, Scope.whole(), await start(connection), limit=5000
        )
    assert {"after", "d0", "d1199"} <= {one.id for one in batch_seen.versions}


async def test_the_newest_change_is_found_without_reading_the_rest(store: Store) -> None:
    """Followers ask for it at every idle turn: a sort would read every row of the store."""
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(resource("one", "a"), "h")])
        await connection.execute("set local enable_seqscan = off; set local enable_sort = off")
        plan = "\n".join(row[0] for row in await connection.fetch("explain " + NEWEST, str(2**62)))
    assert "Index" in plan
    assert "Sort" not in plan
