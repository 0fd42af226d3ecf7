"""Patients of several sources become one Person, or stay apart."""

from typing import Any

from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import find_residents, follow, resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.store import Change, Scope, Store, history, read, write

WHOLE = Scope.whole()
NUMBER = "11010519491231002X"


def patient(resource_id: str, number: str | None = NUMBER, **more: Any) -> Resource:
    resource: Resource = {
        "resourceType": "Patient",
        "id": resource_id,
        "name": [{"text": "欧阳慧"}],
        "gender": "female",
        "birthDate": "1949-12-31",
    }
    if number:
        resource["identifier"] = [{"system": ID_CARD_SYSTEM, "value": number}]
    return {**resource, **more}


async def put(store: Store, keys: Keys, *patients: Resource) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h") for one in patients])
    while await follow(store, keys):
        pass


async def together(store: Store, patient_id: str) -> set[str]:
    found = await resident_of_patient(store, WHOLE, patient_id)
    assert found is not None
    return set(found.patients)


async def test_a_checked_number_with_agreeing_date_and_sex_links(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("a1"), patient("a2", name=[{"text": "欧阳惠"}]))
    assert await together(store, "a1") == {"a1", "a2"}
    rules = await store.pool.fetch("select rule from identity.link where patient like 'a_'")
    assert {row["rule"] for row in rules} == {"id-number"}


async def test_everything_else_stays_apart(store: Store, keys: Keys) -> None:
    others = {
        "b1": patient("b1", birthDate="1949-12-30"),
        "b2": patient("b2", gender="male"),
        "b3": patient("b3", number="110105194912310021"),
        "b4": patient("b4", number=None),
        "b5": {k: v for k, v in patient("b5").items() if k != "birthDate"},
    }
    await put(store, keys, patient("b0"), *others.values())
    for patient_id in others:
        assert await together(store, patient_id) == {patient_id}


async def test_a_corrected_number_moves_the_patient_and_nothing_else(
    store: Store, keys: Keys
) -> None:
    await put(store, keys, patient("c1", number=None))
    apart = await resident_of_patient(store, WHOLE, "c1")
    assert apart is not None
    await put(store, keys, patient("c1"))
    assert {"c1", "a1"} <= await together(store, "c1")
    assert await read(store, WHOLE, "Person", apart.person) is None
    assert len(await history(store, WHOLE, "Patient", "c1")) == 2
    kept = await store.pool.fetchrow("select * from identity.link_history where patient = 'c1'")
    assert kept is not None
    assert kept["person"] == apart.person


async def test_a_resident_is_found_by_number_code_name_and_pinyin(store: Store, keys: Keys) -> None:
    await put(
        store,
        keys,
        patient(
            "d1", number="510105199001013023", name=[{"text": "曾小贤"}], birthDate="1990-01-01"
        ),
    )
    one = await resident_of_patient(store, WHOLE, "d1")
    assert one is not None
    spaced = f"{one.code[:4]} {one.code[4:8]} {one.code[8:12]} {one.code[12:]}"
    for text, by in (
        ("510105199001013023", "id-number"),
        (one.code, "code"),
        (spaced, "code"),
        ("曾小", "name"),
        ("小贤", "name"),
        ("zengxiaoxian", "pinyin"),
        ("Zeng Xiao", "pinyin"),
        ("zxx", "pinyin"),
        ("cengxiaoxian", "pinyin"),
    ):
        found = await find_residents(store, WHOLE, text)
        assert found.by == by
        assert one.person in {resident.person for resident in found.residents}, text
    for nothing in ("曾贤", "%", "' or 1=1", "", "1" * 16, "xz"):
        assert (await find_residents(store, WHOLE, nothing)).residents == ()


async def test_the_scope_holds_for_finding_too(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("e1", number=None, name=[{"text": "独孤求败"}]))
    assert (await find_residents(store, WHOLE, "独孤")).residents
    assert not (await find_residents(store, Scope.nothing(), "独孤")).residents


async def test_following_again_changes_nothing(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("f1"))
    before = await store.pool.fetchval("select sum(version) from store.resource where id like 'p%'")
    await store.pool.execute("delete from store.consumer where name = 'identity'")
    while await follow(store, keys):
        pass
    assert before == await store.pool.fetchval(
        "select sum(version) from store.resource where id like 'p%'"
    )


def replaced(resource_id: str, survivor: str, **more: Any) -> Resource:
    link = [{"other": {"reference": f"Patient/{survivor}"}, "type": "replaced-by"}]
    return patient(resource_id, number=None, active=False, link=link, **more)


async def test_a_merged_patient_goes_where_the_other_goes_and_comes_back(
    store: Store, keys: Keys
) -> None:
    await put(store, keys, patient("m1", number=None), patient("m2", number=None))
    await put(store, keys, replaced("m1", "m2"))
    assert await together(store, "m1") == {"m1", "m2"}
    await put(store, keys, patient("m2"))
    assert {"a1", "m1", "m2"} <= await together(store, "m1")
    await put(store, keys, patient("m1", number=None))
    assert await together(store, "m1") == {"m1"}
    assert "m1" not in await together(store, "m2")


async def test_a_chain_of_merges_comes_in_any_order(store: Store, keys: Keys) -> None:
    await put(store, keys, replaced("n1", "n2"))
    assert await together(store, "n1") == {"n1"}
    await put(store, keys, replaced("n2", "n3"))
    await put(store, keys, patient("n3", number=None))
    for one in ("n1", "n2", "n3"):
        assert await together(store, one) == {"n1", "n2", "n3"}


async def test_merges_in_a_circle_are_one_person(store: Store, keys: Keys) -> None:
    await put(store, keys, replaced("o1", "o2"), replaced("o2", "o1"))
    assert await together(store, "o1") == {"o1", "o2"}
