"""Accounts that name a Person which lost its Patients are led to where these went, at once."""

from uuid import UUID

import msgspec

from minkang.accounts import Account
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.identity.decisions import decide, revoke
from minkang.identity.named import as_current, current_person, side_of
from minkang.store import Store
from tests.identity.deciding import NOW, steward
from tests.identity.linking import links, number, patient, person_of, put, take_away

RESIDENT = Account(str(UUID(int=7)), "r", "", "resident", None, None, None)


async def test_an_account_follows_its_resident_there_and_back(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    await put(
        store,
        keys,
        patient("em-1", "伯牙", "1952-03-04", id_number=None, town=""),
        patient("em-2", "子期", "1947-06-07"),
    )
    homes = await links(store)
    account = msgspec.structs.replace(RESIDENT, person=homes["em-1"], about=homes["em-1"])
    other = msgspec.structs.replace(RESIDENT, person=homes["em-2"])
    assert await as_current(store.pool, account) == account
    made = await decide(store, keys, "em-1", "em-2", "same", "r", steward(), log=log, now=NOW)
    whole = await person_of(store, "em-1")
    # Who has a number of the own is the anchor.
    assert whole == homes["em-2"]
    moved = await as_current(store.pool, account)
    assert (moved.person, moved.about) == (whole, whole)
    assert await as_current(store.pool, other) == other
    async with store.pool.acquire() as connection:
        assert (await side_of(connection, homes["em-1"])).patients == ("em-1", "em-2")
    await revoke(store, keys, made.id, "r", steward(), log=log, now=NOW)
    assert await as_current(store.pool, account) == account


async def test_a_corrected_number_leads_the_account_along(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("ec-1", "俞瑞", "1953-03-04"))
    former = await person_of(store, "ec-1")
    card = number("1953-03-04", "female", 9)
    await put(store, keys, patient("ec-1", "俞瑞", "1953-03-04", id_number=card))
    assert await person_of(store, "ec-1") != former
    assert await current_person(store.pool, former) == await person_of(store, "ec-1")
    await put(store, keys, patient("ec-2", "俞瑞", "1953-03-04"))
    assert await person_of(store, "ec-2") == former
    assert await current_person(store.pool, former) == former


async def test_a_person_whose_patients_are_gone_leads_nowhere(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("eg-1", "钟徽", "1954-03-04"))
    former = await person_of(store, "eg-1")
    await take_away(store, keys, "eg-1")
    assert await current_person(store.pool, former) == former
    async with store.pool.acquire() as connection:
        assert (await side_of(connection, former)).patients == ()
