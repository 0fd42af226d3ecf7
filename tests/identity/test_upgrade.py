"""An installation that linked by an older release is looked at anew while it runs."""

from minkang.crypto import Keys
from minkang.identity.fill import filling
from minkang.store import Store
from tests.identity.linking import (
    linked,
    links,
    number,
    patient,
    person_of,
    put,
    replaced,
    together,
)


async def as_before(store: Store) -> None:
    """The database as the migration finds it: links alone."""
    for table in ("edge", "blocking", "review", "feature"):
        await store.pool.execute(f"delete from identity.{table}")
    await store.pool.execute("update identity.fill set at = '', finished = false")


async def test_links_of_an_older_release_stay_and_new_ones_join(store: Store, keys: Keys) -> None:
    merged = patient("up-4", "花荣", "1964", "male", id_number=None, town="")
    people = [
        patient("up-1", "花木兰", "1952-05-05"),
        patient("up-2", "花木兰", "1952-05-05"),
        patient("up-3", "花弧", "1922-01-01", "male", id_number=None, town=""),
        replaced(merged, "up-3"),
        patient("up-5", "卓文君", "1971-07-07", phone="13500001111"),
    ]
    await put(store, keys, *people)
    before = await links(store)
    await as_before(store)
    # Weights find more than the older release did: one without a number, with the same phone.
    alone = patient("up-6", "卓文君", "1971-07-07", id_number=None, phone="13500001111")
    await put(store, keys, alone)
    async with store.pool.acquire() as connection:
        assert not await filling(connection)
    after = await links(store)
    assert {one: after[one] for one in before} == before
    assert await together(store, "up-6") == {"up-5", "up-6"}
    assert await store.pool.fetchval("select count(*) from identity.feature") == 6


async def test_a_patient_that_comes_before_its_turn_keeps_its_person(
    store: Store, keys: Keys
) -> None:
    card = number("1936-06-06", "female")
    await put(
        store, keys, *(patient(f"ut-{n}", "蔡文姬", "1936-06-06", id_number=card) for n in "12")
    )
    person = await person_of(store, "ut-1")
    await as_before(store)
    await store.pool.execute("update identity.fill set finished = true")
    await put(
        store, keys, patient("ut-2", "蔡文姬", "1936-06-06", id_number=card, phone="13511112222")
    )
    assert await person_of(store, "ut-1") == await person_of(store, "ut-2") == person
    await store.pool.execute("update identity.fill set at = '', finished = false")
    await linked(store, keys)
    assert await together(store, "ut-1") == {"ut-1", "ut-2"}
    assert await person_of(store, "ut-1") == person
