"""The cases in which a wrong link is dangerous, and a missed one hurts."""

from typing import Any

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity.decisions import decide, revoke
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Store
from tests.identity.deciding import NOW, steward
from tests.identity.linking import (
    links,
    number,
    patient,
    person_of,
    put,
    replaced,
    together,
    waiting,
)

PASSPORT = "urn:oid:2.16.840.1.113883.4.330"


def child(
    resource_id: str,
    name: str,
    mother: str,
    mother_number: str,
    *,
    birth_date: str = "2026-03-14",
    sex: str = "male",
    **more: Any,
) -> Resource:
    """A newborn, with the mother as contact."""
    contact = {
        "relationship": [{"coding": [{"code": "MTH"}]}],
        "name": {"text": mother},
        "extension": [],
        "identifier": [{"system": ID_CARD_SYSTEM, "value": mother_number}],
    }
    made = patient(resource_id, name, birth_date, sex, id_number=None, **more)
    return {**made, "contact": [contact]}


async def waits(store: Store, a: str, b: str) -> str | None:
    """Why a pair waits for somebody to look at it."""
    found = await waiting(store, a, b)
    return found.cause if found else None


async def test_a_newborn_keeps_the_person_when_named(store: Store, keys: Keys) -> None:
    card = number("1996-05-06", "female")
    await put(store, keys, child("nb-1", "祝英台之子", "祝英台", card))
    person = await person_of(store, "nb-1")
    named = child("nb-1", "梁小宝", "祝英台", card)
    await put(store, keys, named)
    assert await person_of(store, "nb-1") == person
    await put(store, keys, child("nb-2", "梁小宝", "祝英台", card))
    assert await together(store, "nb-1") == {"nb-1", "nb-2"}
    assert await person_of(store, "nb-2") == person


async def test_a_named_child_finds_the_newborn_of_another_hospital(
    store: Store, keys: Keys
) -> None:
    card = number("1995-01-06", "female")
    await put(store, keys, child("nm-1", "孟姜女之子", "孟姜女", card, birth_date="2026-02-11"))
    await put(store, keys, child("nm-2", "范小良", "孟姜女", card, birth_date="2026-02-11"))
    joined = await together(store, "nm-1") == {"nm-1", "nm-2"}
    assert joined or await waits(store, "nm-1", "nm-2")


async def test_twins_stay_two(store: Store, keys: Keys) -> None:
    card = number("1994-07-08", "female")
    first = child("tw-1", "织女大双", "织女", card, birth_date="2026-04-01", multipleBirthInteger=1)
    second = child(
        "tw-2", "织女二双", "织女", card, birth_date="2026-04-01", multipleBirthInteger=2
    )
    await put(store, keys, first, second)
    assert await together(store, "tw-1") == {"tw-1"}
    named = [
        child(f"tw-{n}", name, "织女", card, birth_date="2026-04-01", multipleBirthInteger=n)
        for n, name in ((1, "牛金哥"), (2, "牛玉哥"))
    ]
    await put(store, keys, *named)
    assert await together(store, "tw-1") == {"tw-1"}
    assert await together(store, "tw-2") == {"tw-2"}


async def test_mother_and_child_on_one_card_stay_two(store: Store, keys: Keys) -> None:
    card = number("1991-09-10", "female")
    mother = patient("mc-1", "白素贞", "1991-09-10", "female", phone="13611112222")
    baby = patient("mc-2", "白素贞之子", "2026-05-05", "male", id_number=card, phone="13611112222")
    grown = patient("mc-3", "许仕林", "2019-05-05", "male", id_number=card, phone="13611112222")
    await put(store, keys, mother, baby, grown)
    for one in ("mc-1", "mc-2", "mc-3"):
        assert await together(store, one) == {one}


async def test_the_same_name_sex_and_birthday_in_one_town_is_not_one_person(
    store: Store, keys: Keys
) -> None:
    cards = [number("1968-08-08", "male", order) for order in (1, 2)]
    await put(
        store,
        keys,
        *(
            patient(f"sn-{n}", "刘建国", "1968-08-08", "male", id_number=card, town="371098003")
            for n, card in enumerate(cards)
        ),
    )
    assert await together(store, "sn-0") == {"sn-0"}
    assert await together(store, "sn-1") == {"sn-1"}


async def test_a_stolen_card_is_looked_at_and_never_linked(store: Store, keys: Keys) -> None:
    card = number("1977-07-07", "male")
    await put(store, keys, patient("st-1", "鲁智深", "1977-07-07", "male", id_number=card))
    await put(store, keys, patient("st-2", "时小迁", "1977-07-07", "male", id_number=card))
    assert await together(store, "st-1") == {"st-1"}
    assert await waits(store, "st-1", "st-2") == "two-on-one-number"
    owner, thief = await person_of(store, "st-1"), await person_of(store, "st-2")
    assert owner != thief
    await put(store, keys, patient("st-3", "鲁智深", "1977-07-07", "male", id_number=card))
    assert await together(store, "st-1") == {"st-1", "st-3"}
    assert await person_of(store, "st-3") == owner


async def test_passports_and_permits_link_who_has_no_number(store: Store, keys: Keys) -> None:
    for mark, system, value in (
        ("pp", "urn:minkang:identifier:passport", "E12345678"),
        ("hk", "urn:minkang:identifier:hk-macao", "H10203040"),
        ("tw", "urn:minkang:identifier:taiwan", "T98765432"),
    ):
        papers = [{"system": system, "value": value}]
        born = f"198{ord(mark[0]) % 10}-04-0{1 + ord(mark[1]) % 9}"
        for n in (1, 2):
            await put(
                store,
                keys,
                patient(
                    f"{mark}-{n}", "Anna Maria Keller", born, id_number=None, identifier=papers,
                    town="",
                ),
            )  # fmt: skip
        assert await together(store, f"{mark}-1") == {f"{mark}-1", f"{mark}-2"}


async def test_an_unknown_patient_is_identified_by_an_update(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("un-1", "柳毅", "1970-10-11", "male"))
    unknown = {
        "resourceType": "Patient",
        "id": "un-2",
        "name": [{"text": "无名氏"}],
        "gender": "male",
    }
    await put(store, keys, unknown, {**unknown, "id": "un-3"})
    assert await together(store, "un-2") == {"un-2"}
    assert await together(store, "un-3") == {"un-3"}
    await put(store, keys, patient("un-2", "柳毅", "1970-10-11", "male"))
    assert await together(store, "un-1") == {"un-1", "un-2"}
    assert await together(store, "un-3") == {"un-3"}


async def test_an_unknown_patient_is_identified_by_a_decision(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    await put(store, keys, patient("ud-1", "张羽", "1971-10-11", "male"))
    unknown = {"resourceType": "Patient", "id": "ud-2", "name": [{"text": "无名氏"}]}
    await put(store, keys, unknown)
    person = await person_of(store, "ud-1")
    await decide(store, keys, "ud-2", person, "same", "家属辨认", steward(), log=log, now=NOW)
    assert await together(store, "ud-2") == {"ud-1", "ud-2"}
    assert await person_of(store, "ud-2") == person


async def test_who_died_is_still_the_same_person(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("de-1", "祝员外", "1938-01-02", "male"))
    await put(
        store,
        keys,
        patient("de-2", "祝员外", "1938-01-02", "male", deceasedDateTime="2026-01-05"),
    )
    assert await together(store, "de-1") == {"de-1", "de-2"}


async def test_a_source_s_merge_and_its_undoing_among_decisions(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    first = patient("mg-1", "马文才", "1992", "male", id_number=None, town="")
    second = patient("mg-2", "银心", "1999", "female", id_number=None, town="")
    await put(store, keys, first, second)
    before = await links(store)
    made = await decide(store, keys, "mg-1", "mg-2", "different", "r", steward(), log=log, now=NOW)
    await put(store, keys, replaced(first, "mg-2"))
    assert await together(store, "mg-1") == {"mg-1"}
    await revoke(store, keys, made.id, "r", steward(), log=log, now=NOW)
    assert await together(store, "mg-1") == {"mg-1", "mg-2"}
    await put(store, keys, first)
    assert {one: before[one] for one in ("mg-1", "mg-2")} == {
        one: person for one, person in (await links(store)).items() if one in ("mg-1", "mg-2")
    }
