"""Single writes that go together: each gets its own answer, one failure harms nobody else."""

import asyncio
import threading
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from minkang.store import TROUBLE, Change, Scope, Store, read, versions
from minkang.store.group_commit import Decide, GroupCommit
from minkang.store.stored import Stored
from minkang.store.versions import History

WHOLE = Scope.whole()


def basic(one: str, text: str) -> dict[str, Any]:
    return {"resourceType": "Basic", "id": one, "code": {"text": text}}


async def test_writes_at_once_share_commits_and_all_are_there(store: Store) -> None:
    group = GroupCommit(store)
    before = await store.pool.fetchval("select pg_current_xact_id()::text::bigint")

    def make(one: str) -> Decide:
        return lambda _: Change(basic(one, "x"), "h1")

    written = await asyncio.gather(
        *(group.write(("Basic", f"g{n}"), make(f"g{n}")) for n in range(100))
    )
    assert [one.outcome.id for one in written if one.outcome] == [f"g{n}" for n in range(100)]
    after = await store.pool.fetchval("select pg_current_xact_id()::text::bigint")
    assert after - before < 20
    assert await read(store, WHOLE, "Basic", "g99") is not None


async def test_updates_of_one_resource_follow_each_other(store: Store) -> None:
    group = GroupCommit(store)

    def add(current: Stored | None) -> Change:
        number = int(current.resource["code"]["text"]) + 1 if current else 0
        return Change(basic("counter", str(number)), "h1")

    await asyncio.gather(*(group.write(("Basic", "counter"), add) for _ in range(20)))
    found = await read(store, WHOLE, "Basic", "counter")
    assert found is not None
    assert found.resource["code"]["text"] == "19"
    page = await versions(store, WHOLE, History(type="Basic", id="counter"))
    assert [one.version for one in page.versions] == list(range(20, 0, -1))


async def test_who_is_refused_or_fails_harms_nobody_else(store: Store) -> None:
    group = GroupCommit(store)

    def refuse(_: Stored | None) -> Change:
        raise PermissionError("no")

    answers = await asyncio.gather(
        group.write(("Basic", "h1"), lambda _: Change(basic("h1", "x"), "h1")),
        group.write(("Basic", "h2"), refuse),
        group.write(("Basic", "bad id!"), lambda _: Change(basic("bad id!", "x"), "h1")),
        group.write(("Basic", "h3"), lambda _: None),
        group.write(("Basic", "h4"), lambda _: Change(basic("h4", "x"), "h1")),
        return_exceptions=True,
    )
    assert isinstance(answers[1], PermissionError)
    assert isinstance(answers[2], ValueError)
    assert not isinstance(answers[3], BaseException)
    assert answers[3].outcome is None
    assert await read(store, WHOLE, "Basic", "h1") is not None
    assert await read(store, WHOLE, "Basic", "h4") is not None
    with pytest.raises(PermissionError):
        await group.write(("Basic", "h5"), refuse)


async def test_after_a_broken_connection_nothing_is_tried_again(
    store: Store, database_url: str
) -> None:
    """It may have been written: doing it again could refuse what has happened."""
    group = GroupCommit(store)
    asked: list[str] = []

    def end_all() -> None:
        async def run() -> None:
            connection = await asyncpg.connect(database_url)
            await connection.execute(
                """select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid()"""
            )
            await connection.close()

        asyncio.run(run())

    def breaking(one: str) -> Decide:
        def decide(_: Stored | None) -> Change:
            asked.append(one)
            if len(asked) == 1:
                thread = threading.Thread(target=end_all)
                thread.start()
                thread.join()
            return Change(basic(one, "x"), "h1")

        return decide

    answers = await asyncio.gather(
        *(group.write(("Basic", one), breaking(one)) for one in ("b1", "b2", "b3")),
        return_exceptions=True,
    )
    assert all(isinstance(one, TROUBLE) for one in answers), answers
    assert asked == ["b1", "b2", "b3"]
    await asyncio.sleep(0.2)  # until the pool has seen that its idle connections were ended, too
    assert await read(store, WHOLE, "Basic", "b1") is None


async def test_creations_share_commits_and_each_gets_its_own_answer(store: Store) -> None:
    group = GroupCommit(store)
    before = await store.pool.fetchval("select pg_current_xact_id()::text::bigint")
    ids = [str(uuid4()) for _ in range(50)]
    written = await asyncio.gather(*(group.create(Change(basic(one, one), "h1")) for one in ids))
    assert [one.outcome.id for one in written if one.outcome] == ids
    after = await store.pool.fetchval("select pg_current_xact_id()::text::bigint")
    assert after - before < 20
    found = await read(store, WHOLE, "Basic", ids[-1])
    assert found is not None
    assert found.resource["code"]["text"] == ids[-1]


async def test_a_creation_that_the_database_refuses_harms_nobody_else(store: Store) -> None:
    group = GroupCommit(store)
    ids = [str(uuid4()) for _ in range(3)]
    answers = await asyncio.gather(
        *(
            group.create(Change(basic(one, "x"), "h1\0" if number == 1 else "h1"))
            for number, one in enumerate(ids)
        ),
        return_exceptions=True,
    )
    assert [isinstance(one, BaseException) for one in answers] == [False, True, False]
    assert [await read(store, WHOLE, "Basic", one) is not None for one in ids] == [
        True,
        False,
        True,
    ]
