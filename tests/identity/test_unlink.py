"""A purge takes all that links keep of a Patient, and parts who hung together only through it."""

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.identity.decisions import decide
from minkang.identity.purge import unlink
from minkang.store import Store
from minkang.store.purge import purge_person
from tests.identity.deciding import NOW, steward
from tests.identity.linking import linked, patient, put, together


async def test_nothing_is_kept_of_a_purged_patient(store: Store, keys: Keys, log: AuditLog) -> None:
    people = [
        patient("pu-1", "程婴", "1951-02-03", id_number=None, town=""),
        patient("pu-2", "屠岸贾", "1962-04-05", id_number=None, town=""),
        patient("pu-3", "赵武", "1973-06-07", id_number=None, town=""),
    ]
    await put(store, keys, *people)
    for one in ("pu-1", "pu-3"):
        await decide(store, keys, one, "pu-2", "same", "r", steward(), log=log, now=NOW)
    assert await together(store, "pu-1") == {"pu-1", "pu-2", "pu-3"}
    node = await store.pool.fetchval("select node from identity.feature where patient = 'pu-2'")
    await purge_person(store, ["pu-2"])
    await unlink(store, keys, ["pu-2"])
    await linked(store, keys)
    for table, column in (
        ("feature", "patient"),
        ("link", "patient"),
        ("link_history", "patient"),
        ("emptied", "patient"),
        ("decision_pair", "a"),
        ("decision_pair", "b"),
        ("review", "a"),
        ("review", "b"),
    ):
        assert not await store.pool.fetchval(
            f"select count(*) from identity.{table} where {column} = 'pu-2'"
        ), table
    for table, column in (("blocking", "node"), ("edge", "a"), ("edge", "b")):
        assert not await store.pool.fetchval(
            f"select count(*) from identity.{table} where {column} = $1", node
        ), table
    assert await store.pool.fetchval("select count(*) from identity.decision") == 0
    assert await together(store, "pu-1") == {"pu-1"}
    assert await together(store, "pu-3") == {"pu-3"}
