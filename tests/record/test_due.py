"""Who is due for what: the rules, the facts they count, and the list of an institution."""

from datetime import date, timedelta
from typing import Any

import pytest

from minkang.identity.match import ID_CARD_SYSTEM
from minkang.record.due import due_of, follow_due, residents_of, services
from minkang.record.due import next_day as following
from minkang.record.due.rules import RulesBroken, Service, due_day, read_services
from minkang.store import Change, Store, write

TODAY = date(2026, 11, 23)
BY_KEY = {one.key: one for one in services()}


def day(after: int) -> date:
    return TODAY + timedelta(days=after)


def test_every_rule_names_its_source() -> None:
    assert {"hypertension", "diabetes", "elderly", "child", "postnatal"} <= BY_KEY.keys()
    assert all("规范" in one.law for one in services())


@pytest.mark.parametrize(
    "text",
    [
        "services: [{key: a, zh: a, en: a, law: a, done: [x], form: '', every: 9}]",
        "services: [{key: a, zh: a, en: a, law: a, done: [x], form: '', care: b}]",
        "services: [{key: a, zh: a, en: a, law: a, done: [x], form: none-such, care: b, every: 9}]",
        "services: [{key: a, zh: a, en: a, law: a, done: [x], form: '', born: 7, after: [9, 3]}]",
        "services: [{key: a, unknown: 1}]",
    ],
)
def test_rules_that_are_not_in_order_are_refused(text: str) -> None:
    with pytest.raises(RulesBroken):
        read_services(text)


def next_day(service: Service, begun: int, *done: int, planned: int | None = None) -> int | None:
    """Days from today."""
    found = due_day(
        service, day(begun), [day(one) for one in done],
        None if planned is None else day(planned), TODAY,
    )  # fmt: skip
    return None if found is None else (found - TODAY).days


def test_a_quarter_runs_from_the_last_time() -> None:
    pressure = BY_KEY["hypertension"]
    assert next_day(pressure, -500, -400, -100) == -8
    assert next_day(pressure, -500, -92) == 0
    assert next_day(pressure, -500, -10) == 82
    assert next_day(pressure, -20) == -20


def test_an_earlier_day_agreed_upon_counts_and_a_later_or_past_one_does_not() -> None:
    pressure = BY_KEY["hypertension"]
    assert next_day(pressure, -500, -10, planned=4) == 4
    assert next_day(pressure, -500, -10, planned=200) == 82
    assert next_day(pressure, -500, -10, planned=-30) == 82


def test_a_child_is_due_at_each_age_and_a_missed_check_is_not_made_up_for() -> None:
    child = BY_KEY["child"]
    assert next_day(child, -20) == 8
    assert next_day(child, -30) == -2
    assert next_day(child, -100, -72) == -9
    assert next_day(child, -100, -5) == 83
    assert next_day(child, -100, -20) == 83  # within the grace before its day
    assert next_day(child, -2300, -100) is None


def test_a_mother_is_visited_within_ten_days_and_seen_at_42() -> None:
    assert next_day(BY_KEY["postnatal"], -12) == -2
    assert next_day(BY_KEY["postnatal"], -12, -6) is None
    assert next_day(BY_KEY["postnatal-42"], -12) == 30


def test_a_visit_that_is_long_past_is_not_made_up_for() -> None:
    assert next_day(BY_KEY["newborn"], -12) == -2
    assert next_day(BY_KEY["newborn"], -29) is None
    assert next_day(BY_KEY["postnatal"], -43) is None
    assert next_day(BY_KEY["postnatal-42"], -91) is None


def test_each_service_has_a_form_and_the_form_knows_when_it_is_due_again() -> None:
    assert all(one.form for one in services())
    assert following("hypertension-followup", None, TODAY) == day(92)
    assert following("newborn-visit", day(-7), TODAY) == day(21)
    assert following("child-checkup", day(-28), TODAY) == day(63)
    assert following("child-checkup", None, TODAY) is None
    assert following("elderly-checkup", None, TODAY) == day(365)
    assert following("postnatal-42", None, TODAY) is None


def about(patient: str) -> dict[str, str]:
    return {"reference": f"Patient/{patient}"}


def person(name: str, born: str, patients: list[str]) -> dict[str, Any]:
    return {
        "resourceType": "Person",
        "id": f"person-{patients[0]}",
        "name": [{"text": name}],
        "birthDate": born,
        "identifier": [{"system": ID_CARD_SYSTEM, "value": name}],
        "link": [{"target": about(one)} for one in patients],
    }


def care(patient: str) -> dict[str, Any]:
    return {
        "resourceType": "EpisodeOfCare",
        "id": f"{patient}-care",
        "status": "active",
        "type": [{"text": "高血压患者健康管理"}],
        "patient": about(patient),
        "period": {"start": "2020-03-01"},
    }


def form(name: str, patient: str, at: date, status: str = "final") -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "id": name,
        "status": status,
        "type": {"coding": [{"system": "urn:oid:2.16.156.10011.2.4", "code": "HSDB04.01"}]},
        "subject": about(patient),
        "date": at.isoformat(),
        "author": [{"display": "x"}],
        "title": "x",
    }


def contract(patient: str, start: date, end: date) -> dict[str, Any]:
    return {
        "resourceType": "Contract",
        "id": f"{patient}-contract",
        "status": "executed",
        "subject": [about(patient)],
        "applies": {"start": start.isoformat(), "end": end.isoformat()},
    }


async def put(store: Store, source: str, *several: dict[str, Any]) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in several])
    while await follow_due(store):
        pass


async def due_days(store: Store, institution: str) -> dict[tuple[str, str], int]:
    """Days past the day, by name and service."""
    mine = await residents_of(store, institution, TODAY)
    found = await due_of(store.pool, [one.resident for one in mine], TODAY, 14)
    return {(one.resident.name, one.service.key): one.overdue(TODAY) for one in found}


async def test_the_list_is_of_the_own_residents_and_counts_what_every_patient_of_them_has(
    store: Store,
) -> None:
    await put(
        store,
        "VILLAGE",
        person("甲", "1970-01-01", ["a1", "a2"]),
        care("a1"),
        form("a-old", "a1", day(-200)),
    )
    assert await due_days(store, "VILLAGE") == {("甲", "hypertension"): 108}
    # Seen meanwhile at another institution, under another Patient.
    await put(store, "TOWN", form("a-new", "a2", day(-3)))
    assert await due_days(store, "VILLAGE") == {}
    assert await due_days(store, "TOWN") == {}
    # Which was an error.
    await put(store, "TOWN", form("a-new", "a2", day(-3), "entered-in-error"))
    assert await due_days(store, "VILLAGE") == {("甲", "hypertension"): 108}


CODE = "urn:oid:2.16.156.10011.1.5"


def named(institution: str) -> dict[str, Any]:
    return {"identifier": {"system": CODE, "value": institution}}


async def test_what_a_shared_system_sends_counts_for_the_institution_that_it_names(
    store: Store,
) -> None:
    await store.pool.execute(
        """insert into accounts.organisation (id, name, kind, institution)
           values ('SHARED', '基层云平台', 'shared-system', 'SHARED') on conflict do nothing"""
    )
    mine = {**contract("d1", day(-30), day(30)), "authority": [named("ROOM-1")]}
    others = {**contract("e1", day(-30), day(30)), "authority": [named("ROOM-2")]}
    looked = {**care("f1"), "managingOrganization": named("ROOM-1")}
    people = [person(name, "1990-05-05", [key]) for name, key in (("丁", "d1"), ("戊", "e1"))]
    await put(store, "SHARED", *people, person("己", "1990-05-05", ["f1"]), mine, others, looked)
    found = await residents_of(store, "ROOM-1", TODAY)
    assert {(one.resident.name, one.contract, one.care) for one in found} == {
        ("丁", True, False),
        ("己", False, True),
    }
    assert await residents_of(store, "SHARED", TODAY) == ()


async def test_a_contract_counts_as_long_as_it_runs(store: Store) -> None:
    await put(
        store,
        "ROOM",
        person("乙", "1950-05-05", ["b1"]),
        contract("b1", day(-30), day(0)),
        person("丙", "1950-05-05", ["c1"]),
        contract("c1", day(-400), day(-1)),
    )
    mine = await residents_of(store, "ROOM", TODAY)
    assert [(one.resident.name, one.contract) for one in mine] == [("乙", True)]
    late = await due_of(store.pool, [mine[0].resident], date(2026, 12, 20), 14)
    assert [(one.service.key, one.day) for one in late] == [("elderly", date(2026, 12, 31))]


async def test_reading_the_same_again_changes_nothing(store: Store) -> None:
    before = await store.pool.fetchval("select count(*) from due.fact")
    assert before
    assert await follow_due(store) == 0
    assert await store.pool.fetchval("select count(*) from due.fact") == before
