"""Patients of several sources become one Person, or stay apart."""

from minkang.crypto import Keys
from minkang.identity import find_residents, resident_of_patient
from minkang.store import Scope, Store, history, read
from tests.identity.linking import (
    WHOLE,
    linked,
    number,
    patient,
    person_of,
    put,
    replaced,
    take_away,
    together,
)


async def test_a_checked_number_with_agreeing_date_and_sex_links(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("a1"), patient("a2", "欧阳惠"))
    assert await together(store, "a1") == {"a1", "a2"}
    rules = await store.pool.fetch("select rule from identity.link where patient like 'a_'")
    assert {row["rule"] for row in rules} == {"id-number"}


async def test_what_does_not_agree_stays_apart(store: Store, keys: Keys) -> None:
    card = number("1949-12-31", "female")
    others = [
        patient("b1", "欧阳慧", "1979-06-30", "male", id_number=card),
        patient("b2", "张铁柱", id_number=card),
        patient("b3", "欧阳慧", "1990-01-01"),
        patient("b4", "欧阳慧", "1949", id_number=None, town=""),
    ]
    await put(store, keys, patient("b0"), *others)
    assert "b0" in await together(store, "a1")
    for other in others:
        assert await together(store, other["id"]) == {other["id"]}


async def test_a_corrected_number_moves_the_patient_and_nothing_else(
    store: Store, keys: Keys
) -> None:
    await put(store, keys, patient("c1", "端木秋", "1951-03-04"))
    await put(store, keys, patient("c2", "端木秋霜", "1951", id_number=None, town=""))
    apart = await person_of(store, "c2")
    await put(store, keys, patient("c2", "端木秋霜", "1951-03-04", town=""))
    assert await together(store, "c1") == {"c1", "c2"}
    assert await read(store, WHOLE, "Person", apart) is None
    assert len(await history(store, WHOLE, "Patient", "c2")) == 2
    kept = await store.pool.fetchrow("select * from identity.link_history where patient = 'c2'")
    assert kept is not None
    assert (kept["person"], kept["cause"]) == (apart, "change")


async def test_a_resident_is_found_by_number_code_name_and_pinyin(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("d1", "曾小贤", "1990-01-01", id_number="510105199001013023"))
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
    await put(store, keys, patient("e1", "独孤求败", "1930-05-06", id_number=None))
    assert (await find_residents(store, WHOLE, "独孤")).residents
    assert not (await find_residents(store, Scope.nothing(), "独孤")).residents


async def test_following_again_changes_nothing(store: Store, keys: Keys) -> None:
    async def state() -> list[tuple[object, ...]]:
        rows = await store.pool.fetch(
            """select 'version', sum(version)::text from store.resource where id like 'p%'
               union all select 'edges', count(*)::text from identity.edge
               union all select 'keys', count(*)::text from identity.blocking
               union all select 'moved', number::text from identity.link_change"""
        )
        return [tuple(row) for row in rows]

    await put(store, keys, patient("f1"))
    before = await state()
    await store.pool.execute("delete from store.consumer where name = 'identity'")
    await linked(store, keys)
    assert await state() == before


async def test_what_does_not_count_for_matching_still_reaches_the_person(
    store: Store, keys: Keys
) -> None:
    await put(store, keys, patient("g1", "公羊三", "1960-02-03"))
    mail = [{"system": "email", "value": "g1@example.org"}]
    await put(store, keys, patient("g1", "公羊三", "1960-02-03", telecom=mail))
    stored = await read(store, WHOLE, "Person", await person_of(store, "g1"))
    assert stored is not None
    assert stored.resource["telecom"] == mail


async def test_a_merged_patient_goes_where_the_other_goes_and_comes_back(
    store: Store, keys: Keys
) -> None:
    first = patient("m1", "钟离甲", "1961", id_number=None)
    second = patient("m2", "司空乙", "1972-03-04", id_number=None)
    await put(store, keys, first, second)
    homes = [await person_of(store, one) for one in ("m1", "m2")]
    await put(store, keys, replaced(first, "m2"))
    assert await together(store, "m1") == {"m1", "m2"}
    assert await person_of(store, "m1") == homes[1]
    await put(store, keys, patient("m3", "司空乙", "1972-03-04"))
    await put(store, keys, patient("m2", "司空乙", "1972-03-04"))
    assert await together(store, "m1") == {"m1", "m2", "m3"}
    await put(store, keys, first)
    assert await together(store, "m1") == {"m1"}
    assert await person_of(store, "m1") == homes[0]
    assert "m1" not in await together(store, "m2")


async def test_a_chain_of_merges_comes_in_any_order(store: Store, keys: Keys) -> None:
    people = [
        patient(f"n{n}", name, f"19{n}3-05-0{n}", id_number=None)
        for n, name in ((1, "上官一"), (2, "司徒二"), (3, "诸葛三"))
    ]
    await put(store, keys, replaced(people[0], "n2"))
    assert await together(store, "n1") == {"n1"}
    await put(store, keys, replaced(people[1], "n3"))
    await put(store, keys, people[2])
    for one in ("n1", "n2", "n3"):
        assert await together(store, one) == {"n1", "n2", "n3"}


async def test_merges_in_a_circle_are_one_person(store: Store, keys: Keys) -> None:
    one = patient("o1", "闻人甲", "1941-05-01", id_number=None)
    other = patient("o2", "令狐乙", "1942-06-02", id_number=None)
    await put(store, keys, replaced(one, "o2"), replaced(other, "o1"))
    assert await together(store, "o1") == {"o1", "o2"}


async def test_a_deleted_patient_is_let_go_and_comes_back(store: Store, keys: Keys) -> None:
    one = patient("q1", "皇甫一", "1950-07-08")
    other = patient("q2", "皇甫一", "1950-07-08")
    await put(store, keys, one, other)
    person = await person_of(store, "q1")
    await take_away(store, keys, "q1")
    assert await together(store, "q2") == {"q2"}
    assert await person_of(store, "q2") == person
    await take_away(store, keys, "q2")
    assert await read(store, WHOLE, "Person", person) is None
    await put(store, keys, one)
    assert await person_of(store, "q1") == person


async def test_features_lie_sealed_and_hold_no_name_in_the_clear(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("r1", "尉迟敬德", "1966-09-10", phone="13800001234"))
    row = await store.pool.fetchrow("select * from identity.feature where patient = 'r1'")
    assert row is not None
    for secret in ("尉迟敬德", "13800001234", number("1966-09-10", "female")):
        assert secret.encode() not in row["body"]
        assert secret not in str(dict(row))
