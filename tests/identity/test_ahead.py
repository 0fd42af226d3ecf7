"""What is worked out before the matcher's turn counts only as far as it still holds in the turn."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest_asyncio

from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity.in_force import definition_in_force
from minkang.identity.linker import link_patients
from minkang.identity.online import register
from minkang.identity.turn import take_turn
from minkang.store import Change, Connection, Store, Stored, open_pool, open_store, write
from minkang.store.write import lock_current
from tests.identity.linking import linked, links, number, patient, put, replaced

_BIRTH, _OTHER = "1951-02-03", "1962-03-04"
_NUMBER = number(_BIRTH, "female", 3)


@pytest_asyncio.fixture(loop_scope="session")
async def second(database_url: str, keys: Keys) -> AsyncIterator[Store]:
    """The same database as another process has it."""
    pool = await open_pool(database_url)
    yield await open_store(pool, keys)
    pool.terminate()


def woman(resource_id: str, **said: str) -> Resource:
    """A registration of the one whom the newcomer is."""
    return patient(resource_id, "钟离春", _BIRTH, id_number=_NUMBER, phone="15500000001", **said)


async def test_whom_a_newcomer_was_compared_with_may_have_changed_gone_or_come(
    store: Store, second: Store, keys: Keys
) -> None:
    await put(store, keys, woman("c-changed"), woman("c-gone"), woman("c-same"))
    together = await links(store)
    assert len(set(together.values())) == 1

    async def meanwhile(connection: Connection) -> None:
        # Still looked up by the telephone, but somebody else.
        somebody = patient("c-changed", "百里奚", _OTHER, "male", phone="15500000001")
        await linked_now(connection, store, keys, [somebody, woman("c-come")], gone=["c-gone"])

    await registered_meanwhile(store, second, keys, [woman("n-1"), woman("n-2")], meanwhile)
    found = await links(store)
    assert "c-gone" not in found
    assert len({found[one] for one in ("c-same", "c-come", "n-1", "n-2")}) == 1
    assert found["c-changed"] != found["n-1"]
    await linked(store, keys)
    assert await links(store) == found
    await edges_are_of_now(store)


async def test_a_newcomer_is_compared_with_one_who_came_while_it_waited(
    store: Store, second: Store, keys: Keys
) -> None:
    def child(resource_id: str, **said: str) -> Resource:
        return patient(resource_id, "漆雕开", "1973-04-05", "male", **said)

    async def meanwhile(connection: Connection) -> None:
        await linked_now(connection, store, keys, [child("w-1")])
        # The second replaces the first, which the newcomer did not know of.
        merged = replaced(child("w-2"), "w-1")
        await linked_now(connection, store, keys, [merged])

    await registered_meanwhile(store, second, keys, [child("w-3"), child("w-4")], meanwhile)
    found = await links(store)
    assert len({found[f"w-{n}"] for n in range(1, 5)}) == 1
    await linked(store, keys)
    assert await links(store) == found
    await edges_are_of_now(store)


async def registered_meanwhile(
    store: Store, second: Store, keys: Keys, newcomers: Sequence[Resource], meanwhile: object
) -> None:
    """Register while somebody has the turn, who does something else once the newcomers wait."""
    assert callable(meanwhile)
    async with store.pool.acquire() as holder, holder.transaction():
        await take_turn(holder)
        changes = [Change(one, "h") for one in newcomers]
        registering = asyncio.create_task(register(second, keys, changes))
        while not await _kept_and_waiting(store):
            assert not registering.done()
            await asyncio.sleep(0.01)
        await meanwhile(holder)
    await registering


async def _kept_and_waiting(store: Store) -> bool:
    """Whether somebody waits for the turn who has written keys already."""
    return bool(
        await store.pool.fetchval(
            """select exists (
                   select from pg_locks turn join pg_locks keys using (pid)
                   where turn.locktype = 'advisory' and not turn.granted
                   and keys.relation = 'identity.blocking'::regclass
                   and keys.mode = 'RowExclusiveLock')"""
        )
    )


async def linked_now(
    connection: Connection,
    store: Store,
    keys: Keys,
    patients: Sequence[Resource],
    gone: Sequence[str] = (),
) -> None:
    """Write Patients and link them in a transaction that has the turn."""
    changes = [Change(one, "h") for one in patients]
    changes += [Change({"resourceType": "Patient", "id": one}, "h", deleted=True) for one in gone]
    locked = await lock_current(store, connection, [change.key for change in changes])
    outcomes = await write(store, connection, changes, locked)
    versions = [
        Stored("Patient", one.id, one.version, locked.at, change.deleted, "h", 4, one.body)
        for change, one in zip(changes, outcomes, strict=True)
    ]
    definition = await definition_in_force(connection)
    await link_patients(store, connection, keys, definition, versions)


async def edges_are_of_now(store: Store) -> None:
    """No edge leads to somebody who is not there, and nobody has keys twice or none."""
    stale = await store.pool.fetchval(
        """select count(*) from identity.edge e where not exists (
               select from identity.feature f where f.node = e.a)
           or not exists (select from identity.feature f where f.node = e.b)"""
    )
    assert stale == 0
    rows = await store.pool.fetch(
        """select f.keys, array(select key from identity.blocking b where b.node = f.node) as now
           from identity.feature f"""
    )
    assert all(set(row["keys"]) == set(row["now"]) for row in rows)
