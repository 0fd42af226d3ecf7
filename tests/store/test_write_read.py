"""What is written is read back as it was, by those who may see it."""

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from minkang.fhir import Resource
from minkang.store import (
    Change,
    Grade,
    Grant,
    Query,
    Scope,
    Store,
    history,
    lock_current,
    read,
    search,
    write,
)

WHOLE = Scope.whole()


def patient(resource_id: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "id": resource_id, "name": [{"text": "欧阳小明"}], **more}


def result(resource_id: str, of: str, value: str = "5.60", day: str = "2026-05-01") -> Resource:
    return {
        "resourceType": "Observation",
        "id": resource_id,
        "subject": {"reference": f"Patient/{of}"},
        "effectiveDateTime": day,
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
        "valueQuantity": {"value": Decimal(value), "unit": "mmol/L"},
    }


async def put(store: Store, *resources: Resource, source: str = "h1", **more: Any) -> list[str]:
    async with store.pool.acquire() as connection, connection.transaction():
        changes = [Change(resource, source, **more) for resource in resources]
        return [outcome.kind for outcome in await write(store, connection, changes)]


async def test_a_resource_comes_back_with_version_and_digits(store: Store) -> None:
    assert await put(store, patient("w1"), result("o1", "w1", "1.50")) == ["created", "created"]
    found = await read(store, WHOLE, "Observation", "o1")
    assert found is not None
    assert b'"value":1.50' in found.body
    assert found.resource["meta"]["versionId"] == "1"
    assert found.grade is Grade.PERSONAL
    assert found.source == "h1"


async def test_the_same_content_again_makes_no_version(store: Store) -> None:
    await put(store, patient("w2"))
    assert await put(store, patient("w2")) == ["unchanged"]
    assert await put(store, patient("w2", gender="male")) == ["updated"]
    versions = await history(store, WHOLE, "Patient", "w2")
    assert [one.version for one in versions] == [2, 1]


async def test_digits_of_a_decimal_are_a_change(store: Store) -> None:
    await put(store, result("o3", "w3", "1.5"))
    assert await put(store, result("o3", "w3", "1.50")) == ["updated"]


async def test_what_is_deleted_is_found_no_more_but_kept(store: Store) -> None:
    await put(store, result("o4", "w4"))
    assert await put(store, result("o4", "w4"), deleted=True) == ["deleted"]
    assert await read(store, WHOLE, "Observation", "o4") is None
    page = await search(store, WHOLE, Query(types=("Observation",), patients=("w4",)))
    assert page.matches == ()
    assert [v.deleted for v in await history(store, WHOLE, "Observation", "o4")] == [True, False]
    assert await put(store, result("o4", "w4")) == ["updated"]
    assert await read(store, WHOLE, "Observation", "o4") is not None


async def test_a_name_is_found_by_part_and_by_pinyin(store: Store) -> None:
    await put(store, patient("w5", name=[{"text": "单雄信"}]), patient("w6"))

    async def ids(**asked: Any) -> set[str]:
        page = await search(store, WHOLE, Query(types=("Patient",), **asked))
        return {match.id for match in page.matches}

    of = store.terms
    containing = await ids(marks=tuple(of.containing("Patient", "name", "阳小")))
    assert "w6" in containing
    assert "w5" not in containing
    for key in ("shanxiongxin", "danxiongxin", "sxx", "Shan Xiong"):
        assert await ids(terms=((of.phonetic("Patient", key),),)) == {"w5"}, key


async def test_an_endless_name_makes_no_endless_row(store: Store) -> None:
    await put(store, patient("w16", name=[{"text": "长" * 100_000 + "单曾" * 1000}]))
    marks = await store.pool.fetchval("select marks from store.resource where id = 'w16'")
    assert len(marks) < 200
    terms = "select count(*) from store.term join store.resource using (sequence) where id = 'w16'"
    assert await store.pool.fetchval(terms) < 100


async def test_an_identifier_is_found_under_its_key(store: Store) -> None:
    number = {"system": "urn:oid:2.16.156.10011.1.3", "value": "371098199001011234"}
    await put(store, patient("w7", identifier=[number]))

    async def ids(system: str) -> list[str]:
        term = store.terms.identifier("Patient", "identifier", system, number["value"])
        page = await search(store, WHOLE, Query(types=("Patient",), terms=((term,),)))
        return [match.id for match in page.matches]

    assert await ids(number["system"]) == ["w7"]
    assert await ids("urn:other") == []


async def test_pages_go_on_by_key_newest_first(store: Store) -> None:
    days = [f"2026-0{month}-1{day}" for month in (1, 2, 3) for day in range(5)]
    await put(store, *(result(f"p{n}", "w8", day=day) for n, day in enumerate(days)))
    seen: list[str] = []
    query = Query(types=("Observation",), patients=("w8",), limit=4)
    while True:
        page = await search(store, WHOLE, query)
        seen += [match.resource["effectiveDateTime"] for match in page.matches]
        if page.next is None:
            break
        query = Query(types=("Observation",), patients=("w8",), limit=4, after=page.next)
    assert seen == sorted(days, reverse=True)


async def test_a_page_is_as_long_as_a_life_and_no_longer(store: Store) -> None:
    await put(store, *(result(f"long{n}", "w8-long") for n in range(1_200)))
    query = Query(types=("Observation",), patients=("w8-long",), limit=5_000)
    page = await search(store, WHOLE, query)
    assert len({match.id for match in page.matches}) == 1_200
    assert page.next is None
    for wrong in (0, 5_001):
        with pytest.raises(ValueError, match="not within 1 to 5000"):
            await search(store, WHOLE, msgspec.structs.replace(query, limit=wrong))


async def test_a_scope_decides_inside_the_query(store: Store) -> None:
    hiv = result("s2", "w9") | {"code": {"coding": [{"code": "B24"}]}}
    await put(store, result("s1", "w9"), hiv, result("s3", "w10"))
    await put(store, hiv | {"id": "s4"}, source="h2")
    query = Query(types=("Observation",), patients=("w9", "w10"))

    async def visible(*grants: Grant) -> set[str]:
        return {match.id for match in (await search(store, Scope(grants), query)).matches}

    ordinary = Grant(grade=Grade.PERSONAL, patients=frozenset(["w9"]))
    own = Grant(grade=Grade.SENSITIVE, patients=frozenset(["w9"]), sources=frozenset(["h1"]))
    assert await visible() == set()
    assert await visible(ordinary) == {"s1"}
    assert await visible(ordinary, own) == {"s1", "s2"}
    assert await visible(Grant(grade=Grade.SENSITIVE)) == {"s1", "s2", "s3", "s4"}
    assert await visible(Grant(grade=Grade.PERSONAL, types=frozenset(["Patient"]))) == set()
    assert await read(store, Scope((ordinary,)), "Observation", "s2") is None
    assert await read(store, Scope((own,)), "Observation", "s2") is not None
    assert await history(store, Scope((ordinary,)), "Observation", "s2") == []


async def test_two_writers_of_one_new_id_make_one_resource(store: Store) -> None:
    async def one(value: str) -> list[str]:
        return await put(store, result("race", "w11", value))

    outcomes = await asyncio.gather(*(one(f"{n}.0") for n in range(6)))
    assert sorted(kind for kinds in outcomes for kind in kinds) == ["created"] + ["updated"] * 5
    versions = await history(store, WHOLE, "Observation", "race")
    assert [one.version for one in versions] == [6, 5, 4, 3, 2, 1]


async def test_a_resource_that_moves_to_another_patient_leaves_the_first(store: Store) -> None:
    await put(store, result("m1", "w12"))
    await put(store, result("m1", "w13"))
    for of, count in (("w12", 0), ("w13", 1)):
        page = await search(store, WHOLE, Query(types=("Observation",), patients=(of,)))
        assert len(page.matches) == count
    assert len(await history(store, WHOLE, "Observation", "m1")) == 2


async def test_notes_travel_with_the_current_version(store: Store) -> None:
    await put(store, patient("w14"), note=b"one")
    assert await put(store, patient("w14"), note=b"two") == ["unchanged"]
    async with store.pool.acquire() as connection, connection.transaction():
        locked = await lock_current(store, connection, [("Patient", "w14"), ("Patient", "none")])
    assert locked.current["Patient", "w14"].note == b"two"
    assert ("Patient", "none") not in locked.current


async def test_a_wrong_id_or_a_double_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="not a FHIR id"):
        await put(store, patient("a b"))
    with pytest.raises(ValueError, match="twice"):
        await put(store, patient("w15"), patient("w15"))
