"""A record: all linked patients as one life, within the scope."""

from decimal import Decimal
from typing import Any

from minkang.fhir import Resource
from minkang.identity import Resident
from minkang.record import Life, gather
from minkang.record.life import Newest
from minkang.record.problems import ListedProblem, problem_list
from minkang.record.results import Result, Series, results_of, series_of
from minkang.store import Change, Grade, Grant, Scope, Store, write

ONE = Resident("p", "张三", "male", "1960-01-01", "", "", "", "", frozenset(["r1", "r2"]))
WHOLE = Scope.whole()


def glucose(number: str, patient: str, value: str, day: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"g{number}",
        "status": "final",
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": day,
        "code": {"coding": [{"system": "http://loinc.org", "code": "14749-6"}], "text": "葡萄糖"},
        "valueQuantity": {"value": Decimal(value), "unit": "mmol/L"},
        "referenceRange": [{"low": {"value": Decimal("3.9")}, "high": {"value": Decimal("6.1")}}],
        **more,
    }


def diagnosis(number: str, patient: str, code: str, day: str) -> Resource:
    return {
        "resourceType": "Condition",
        "id": f"d{number}",
        "subject": {"reference": f"Patient/{patient}"},
        "recordedDate": day,
        "code": {"coding": [{"code": code}], "text": f"诊断{code}"},
    }


async def life(store: Store, scope: Scope = WHOLE) -> Life:
    return await gather(store, scope, ONE, ("Condition", "Observation"))


async def results(store: Store) -> tuple[Result, ...]:
    found = await life(store)
    return results_of(found.of("Observation"), found.names)


async def series(store: Store) -> tuple[Series, ...]:
    return series_of(await results(store))


async def problems(store: Store, scope: Scope = WHOLE) -> tuple[ListedProblem, ...]:
    found = await life(store, scope)
    return problem_list(found.of("Condition"), found.names)


async def put(store: Store, source: str, *resources: Resource) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in resources])


async def test_results_of_all_hospitals_are_one_series_newest_first(store: Store) -> None:
    await put(store, "MK1", {"resourceType": "Organization", "id": "MK1", "name": "一院"})
    await put(store, "MK1", glucose("1", "r1", "5.60", "2026-01-01"))
    await put(store, "MK2", glucose("2", "r2", "7.1", "2026-03-01"))
    await put(store, "MK2", glucose("3", "someone-else", "9.9", "2026-04-01"))
    (one,) = await series(store)
    assert [result.text for result in one.results] == ["7.1", "5.60"]
    assert [result.text for result in one.numeric] == ["5.60", "7.1"]
    assert [result.flag for result in one.results] == ["H", "N"]
    assert {result.origin.organisation_name for result in one.results} == {"一院", "MK2"}
    assert (await life(store)).complete


async def test_what_was_entered_in_error_is_left_out(store: Store) -> None:
    wrong = glucose("4", "r1", "99", "2026-05-01", status="entered-in-error")
    await put(store, "MK1", wrong)
    assert "99" not in {result.text for result in await results(store)}


async def test_a_disease_is_one_line_from_first_to_last(store: Store) -> None:
    await put(store, "MK1", diagnosis("1", "r1", "I10", "2024-02-01"))
    await put(store, "MK2", diagnosis("2", "r2", "I10", "2026-02-01"))
    await put(store, "MK2", diagnosis("3", "r2", "E11.9", "2025-01-01"))
    first, other = await problems(store)
    assert [(p.code, p.times) for p in (first, other)] == [("I10", 2), ("E11.9", 1)]
    assert first.first is not None
    assert first.last is not None
    assert (first.first.year, first.last.year) == (2024, 2026)
    assert set(first.institutions) == {"一院", "MK2"}


async def test_the_scope_hides_sensitive_diagnoses_of_others(store: Store) -> None:
    await put(store, "MK2", diagnosis("4", "r2", "B24", "2026-06-01"))
    patients = ONE.patients
    ordinary = Grant(grade=Grade.PERSONAL, patients=patients)
    own = Grant(grade=Grade.SENSITIVE, patients=patients, sources=frozenset(["MK2"]))
    shown = await problems(store, Scope((ordinary,)))
    assert {p.code for p in shown} == {"I10", "E11.9"}
    shown = await problems(store, Scope((ordinary, own)))
    assert "B24" in {p.code for p in shown}


async def test_a_blood_pressure_is_two_items(store: Store) -> None:
    part = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": "收缩压"},
        "valueQuantity": {"value": Decimal(152), "unit": "mmHg"},
    }
    other = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}], "text": "舒张压"},
        "valueQuantity": {"value": Decimal(94), "unit": "mmHg"},
    }
    pressure = glucose("5", "r1", "1", "2026-07-01", component=[part, other])
    del pressure["valueQuantity"], pressure["referenceRange"]
    await put(store, "MK1", pressure)
    items = {one.item: one for one in await series(store)}
    assert items["8480-6"].results[0].text == "152"
    assert items["8462-4"].results[0].number == 94


async def test_of_a_long_life_the_newest_and_what_has_a_code_are_gathered(store: Store) -> None:
    group = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "882-1"}], "text": "血型"},
        "valueString": "AB",
    }
    await put(store, "MK1", glucose("6", "r1", "1", "1999-01-01", **group))
    types = ("Condition", "Observation")
    few = await gather(store, WHOLE, ONE, types, Newest("Observation", 2, ("882-1",)))
    found = [one.id for one in few.of("Observation")]
    assert found == ["g5", "g4", "g6"]
    assert len(few.of("Condition")) == len((await life(store)).of("Condition"))
    assert not few.complete
    all_of_it = await gather(store, WHOLE, ONE, types, Newest("Observation", 100, ("882-1",)))
    ids = [one.id for one in all_of_it.of("Observation")]
    assert len(ids) == len(set(ids)) == len((await life(store)).of("Observation"))
    assert all_of_it.complete


async def test_what_has_a_code_is_gathered_within_the_scope(store: Store) -> None:
    hidden = Scope((Grant(grade=Grade.PERSONAL, patients=frozenset(["r2"])),))
    few = await gather(store, hidden, ONE, ("Observation",), Newest("Observation", 1, ("882-1",)))
    assert "g6" not in {one.id for one in few.of("Observation")}
