"""FHIR search over the store: each kind of parameter, modifiers, joins, includes, order, paging."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from minkang.fhir import Refused, Resource
from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, Found, Grade, Grant, Scope, Store, find, open_store, write

WHOLE = Scope.whole()
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


def patient(one: str, family: str, given: str, born: str, **more: Any) -> Resource:
    return {
        "resourceType": "Patient",
        "id": one,
        "active": True,
        "identifier": [{"system": "urn:mrn", "value": f"mrn-{one}"}],
        "name": [{"family": family, "given": [given], "text": f"{family}{given}"}],
        "birthDate": born,
        "gender": "female",
        **more,
    }


def observation(one: str, of: str, code: str, value: str, unit: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": one,
        "status": "final",
        "subject": {"reference": f"Patient/{of}"},
        "effectiveDateTime": "2024-05-03",
        "code": {"coding": [{"system": LOINC, "code": code}], "text": f"检验 {code}"},
        "valueQuantity": {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit},
        **more,
    }


DOCTOR = {
    "resourceType": "Practitioner",
    "id": "d1",
    "name": [{"family": "Grün", "given": ["Anna"]}],
    "telecom": [{"system": "phone", "value": "0631-1234567"}],
}
RESOURCES: list[Resource] = [
    patient(
        "p1", "欧阳", "小明", "1970-02-28", generalPractitioner=[{"reference": "Practitioner/d1"}]
    ),
    patient("p2", "Smith", "John", "1970", gender="male"),
    patient("p3", "Smithers", "Ann", "1985-06"),
    DOCTOR,
    observation("o1", "p1", "8480-6", "120", "mm[Hg]"),
    observation(
        "o2", "p1", "2345-7", "5.4", "mmol/L", effectiveDateTime="2024-05-03T10:00:00+08:00"
    ),
    observation("o3", "p2", "8480-6", "150", "mm[Hg]", effectiveDateTime="2023"),
    observation("o4", "p2", "29463-7", "5", "mg", performer=[{"reference": "Practitioner/d1"}]),
    observation("o5", "p3", "29463-7", "0.005", "g", status="preliminary"),
    {
        "resourceType": "Observation",
        "id": "o6",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
        "subject": {"reference": "Patient/p3"},
        "effectivePeriod": {"start": "2024-01-01", "end": "2024-12-31"},
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
            }
            for code, value in (("8480-6", 155), ("8462-4", 90))
        ],
    },
    {
        "resourceType": "Observation",
        "id": "o7",
        "status": "final",
        "code": {"text": "没有编码"},
        "hasMember": [{"reference": "Observation/o6"}],
        "derivedFrom": [{"reference": "Observation/o7"}],
        "meta": {"tag": [{"system": "urn:tags", "code": "x"}], "profile": ["http://p.cn/a|1.0"]},
    },
    {
        "resourceType": "ValueSet",
        "id": "v1",
        "status": "active",
        "url": "http://minkang.example/vs/one",
        "title": "一个值集",
    },
]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def filled(store: Store) -> AsyncIterator[None]:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h1") for one in RESOURCES])
    yield


async def ask(store: Store, text: str, scope: Scope = WHOLE, **more: Any) -> Found:
    kind, _, query = text.partition("?")
    pairs = [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]
    return await find(store, scope, parse_search((kind,), pairs if query else []), **more)


CASES = """
Patient?identifier=urn:mrn|mrn-p1 -> p1
Patient?identifier=mrn-p1 -> p1
Patient?identifier=urn:other|mrn-p1 ->
Patient?identifier=urn:mrn| -> p1 p2 p3
Patient?family=smi -> p2 p3
Patient?family=smith -> p2 p3
Patient?family:exact=Smith -> p2
Patient?family:exact=smith ->
Patient?family:contains=mither -> p3
Patient?family=John ->
Patient?name=John -> p2
Patient?name:contains=阳小 -> p1
Patient?name:contains=明 -> p1
Patient?phonetic=ouyangxm ->
Patient?phonetic=ouyangxiaoming -> p1
Patient?phonetic=oyxm -> p1
Patient?birthdate=1970 -> p1 p2
Patient?birthdate=ge1970 -> p1 p2 p3
Patient?birthdate=1970-02 -> p1
Patient?birthdate=gt1970 -> p3
Patient?birthdate=lt1971 -> p1 p2
Patient?birthdate=ne1970 -> p3
Patient?birthdate=sa1970-02-28 -> p3
Patient?birthdate=eb1971 -> p1 p2
Patient?gender=female -> p1 p3
Patient?gender:not=female -> p2
Patient?gender=male,female -> p1 p2 p3
Patient?gender=female&birthdate=1985 -> p3
Patient?general-practitioner=Practitioner/d1 -> p1
Patient?general-practitioner:missing=true -> p2 p3
Patient?general-practitioner:missing=false -> p1
Patient?general-practitioner.name=grun -> p1
Patient?general-practitioner:Practitioner.family=Grün -> p1
Patient?_has:Observation:patient:code=2345-7 -> p1
Patient?_has:Observation:patient:_has:Observation:has-member:status=final -> p3
Patient?_id=p1,p3 -> p1 p3
Patient?_id=p1&_id=p3 ->
Observation?code=8480-6 -> o1 o3
Observation?code=http://loinc.org|8480-6 -> o1 o3
Observation?code=|8480-6 ->
Observation?code:text=检验 8480 -> o1 o3
Observation?code:not=8480-6,29463-7 -> o2 o6 o7
Observation?combo-code=8480-6 -> o1 o3 o6
Observation?status=preliminary -> o5
Observation?subject=Patient/p1 -> o1 o2
Observation?subject=p1 -> o1 o2
Observation?patient=p1 -> o1 o2
Observation?patient=Patient/p1&code=8480-6 -> o1
Observation?subject:Patient=p1 -> o1 o2
Observation?patient.birthdate=1970 -> o1 o2 o3 o4
Observation?patient.general-practitioner.family=Gruen ->
Observation?patient.general-practitioner.family=Grün -> o1 o2
Observation?performer=Practitioner/d1 -> o4
Observation?date=2024-05 -> o1 o2 o4 o5
Observation?date=2024-05-03 -> o1 o2 o4 o5
Observation?date=2024-05-03T10:00:00%2B08:00 -> o2
Observation?date=ge2024-05-03&date=le2024-05-03 -> o1 o2 o4 o5 o6
Observation?date=gt2024-06-01 -> o6
Observation?date=lt2024 -> o3
Observation?date=eb2024-01-01 -> o3
Observation?date=sa2024-01-01 -> o1 o2 o4 o5
Observation?value-quantity=5.4 -> o2
Observation?value-quantity=5.4|http://unitsofmeasure.org|mmol/L -> o2
Observation?value-quantity=5|http://unitsofmeasure.org|mg -> o4 o5
Observation?value-quantity=0.005|http://unitsofmeasure.org|g -> o4 o5
Observation?value-quantity=5||mg -> o4
Observation?value-quantity=gt100 -> o1 o3
Observation?value-quantity=le5|http://unitsofmeasure.org|mg -> o4 o5
Observation?code-value-quantity=8480-6$gt130 -> o3
Observation?code-value-quantity=8480-6$gt100|http://unitsofmeasure.org|mm[Hg] -> o1 o3
Observation?code-value-quantity=http://loinc.org|8480-6$gt130 -> o3
Observation?component-code-value-quantity=8480-6$155 -> o6
Observation?component-code-value-quantity=8462-4$155 ->
Observation?combo-code-value-quantity=8480-6$gt130 -> o3 o6
Observation?_tag=urn:tags|x -> o7
Observation?_profile=http://p.cn/a -> o7
Observation?_profile=http://p.cn/a|1.0 -> o7
Observation?_profile=http://p.cn/a|2.0 ->
Observation?has-member.code=85354-9 -> o7
Observation?value-quantity:missing=true -> o6 o7
ValueSet?url=http://minkang.example/vs/one -> v1
ValueSet?url:below=http://minkang.example/vs -> v1
ValueSet?title=一个 -> v1
ValueSet?title:contains=值集 -> v1
Practitioner?family=grun -> d1
Practitioner?phone=0631-1234567 -> d1
Practitioner?telecom=0631-1234567 -> d1
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES)
async def test_a_search_finds_what_it_should(store: Store, case: str) -> None:
    text, _, expected = case.partition(" ->")
    found = await ask(store, text.replace("%2B", "+"))
    assert sorted(one.id for one in found.matches) == expected.split()
    total = await ask(store, text.replace("%2B", "+") + "&_total=accurate&_count=1")
    assert total.total == len(expected.split())


@pytest.mark.parametrize(
    "query",
    [
        "Observation?_count=2",
        "Observation?status=final&_count=2",
        "Observation?date=ge2020&_count=2",
        "Observation?_sort=date&_count=2",
        "Observation?_sort=-date&_count=3",
        "Observation?_sort=_lastUpdated&_count=2",
        "Observation?_sort=status,-date&_count=2",
        "Observation?patient=p1,p2&_sort=date&_count=1",
        "Observation?code:not=xyz&_count=2",
        "Observation?patient.gender=female,male&_count=2",
    ],
)
async def test_pages_together_are_the_whole_and_nothing_twice(store: Store, query: str) -> None:
    everything = await ask(store, query.partition("_count")[0] + "_count=1000")
    seen: list[str] = []
    page = await ask(store, query)
    while True:
        seen += [one.id for one in page.matches]
        if page.next is None:
            break
        page = await ask(store, f"{query}&_after={page.next}")
    assert len(seen) == len(set(seen))
    assert seen == [one.id for one in everything.matches]


async def test_order_by_date_with_those_without_last(store: Store) -> None:
    up = await ask(store, "Observation?_sort=date")
    assert [up.matches[0].id, up.matches[-1].id] == ["o3", "o7"]
    down = await ask(store, "Observation?_sort=-date")
    assert [one.id for one in down.matches][-2:] == ["o3", "o7"]


async def test_includes_go_both_ways_and_round_in_circles(store: Store) -> None:
    async def added(text: str) -> list[str]:
        return sorted(one.id for one in (await ask(store, text)).included)

    assert await added("Observation?_id=o4&_include=Observation:patient") == ["p2"]
    assert await added("Observation?_id=o4&_include=Observation:performer") == ["d1"]
    assert await added("Observation?_id=o4&_include=*") == ["d1", "p2"]
    assert await added("Patient?_id=p1&_revinclude=Observation:subject") == ["o1", "o2"]
    iterate = "Observation?_id=o1&_include=Observation:subject&_include:iterate="
    assert await added(iterate + "Patient:general-practitioner") == ["d1", "p1"]
    assert await added("Observation?_id=o7&_include:iterate=Observation:derived-from") == []
    assert await added(
        "Observation?_id=o7&_include:iterate=Observation:has-member"
        "&_include:iterate=Observation:subject"
    ) == ["o6", "p3"]


async def test_a_page_is_not_disturbed_by_what_changes_meanwhile(store: Store) -> None:
    first = await ask(store, "Observation?status=final&_count=2")
    seen = [one.id for one in first.matches]
    changed = observation("o1", "p1", "8480-6", "121", "mm[Hg]")
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(changed, "h1")])
    rest = await ask(store, f"Observation?status=final&_count=100&_after={first.next}")
    ids = seen + [one.id for one in rest.matches]
    assert len(ids) == len(set(ids))
    assert {"o2", "o3", "o4", "o6", "o7"} <= set(ids)


async def test_a_scope_holds_for_matches_totals_chains_and_includes(store: Store) -> None:
    only = Scope((Grant(grade=Grade.PERSONAL, patients=frozenset(["p1"])),))
    found = await ask(store, "Observation?status=final&_total=accurate", only)
    assert sorted(one.id for one in found.matches) == ["o1", "o2"]
    assert found.total == 2
    assert (await ask(store, "Observation?patient.family=smith", only)).matches == ()
    other = Scope((Grant(grade=Grade.SENSITIVE, types=frozenset(["Observation"])),))
    hidden = await ask(store, "Observation?_id=o1&_include=Observation:subject", other)
    assert hidden.included == ()


async def test_what_was_replaced_or_deleted_is_found_no_more(store: Store) -> None:
    made = observation("x1", "p9", "1111-1", "1", "mg")
    for change in (
        Change(made, "h1"),
        Change(made | {"code": {"coding": [{"code": "2222-2"}]}}, "h1"),
    ):
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, [change])
    assert (await ask(store, "Observation?code=1111-1")).matches == ()
    assert len((await ask(store, "Observation?code=2222-2")).matches) == 1
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(made, "h1", deleted=True)])
    assert (await ask(store, "Observation?code=2222-2")).matches == ()
    left = "select (select count(*) from store.term t left join store.resource r using (sequence)"
    assert await store.pool.fetchval(left + " where r.sequence is null)") == 0


async def test_a_forged_page_is_refused(store: Store) -> None:
    for text in ("x", "!!!", "W10", "WzksdHJ1ZSxudWxsLDEsIngiXQ"):
        with pytest.raises(Refused, match="paging"):
            await ask(store, f"Observation?_after={text}")


async def test_two_stores_on_one_database_see_each_others_systems(store: Store, keys: Any) -> None:
    other = await open_store(store.pool, keys)
    made = observation("y1", "p8", "3333-3", "1", "mg")
    made["code"]["coding"][0]["system"] = "urn:never-seen-before"
    async with other.pool.acquire() as connection, connection.transaction():
        await write(other, connection, [Change(made, "h1")])
    assert [one.id for one in (await ask(store, "Observation?code=3333-3")).matches] == ["y1"]
