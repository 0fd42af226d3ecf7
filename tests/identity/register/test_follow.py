"""The register follows what comes in; where it and care differ is found, decided on, and kept."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import resident_of_patient
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.purge import unlink
from minkang.identity.register import (
    card_of,
    decide_difference,
    difference_counts,
    differences,
    event_counts,
    events_in,
    find_rows,
    household_of,
    keep_divisions,
    population,
)
from minkang.identity.register.divisions import DivisionRefused, division_names
from minkang.identity.register.population import people_at
from minkang.identity.register.reconcile import (
    Decided,
    DecisionRefused,
    decisions_on,
    difference,
)
from minkang.store import Scope, Store
from minkang.store.purge import purge_person
from tests.identity.register.rows import OTHER_TOWN, OTHER_VILLAGE, VILLAGE, put, registered, settle

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
NUMBER = "11010519491231002X"


@pytest.fixture(autouse=True)
async def _empty(store: Store) -> None:
    """Each test begins with a register of its own."""
    tables = await store.pool.fetchval(
        """select string_agg(format('identity.%I', tablename), ', ') from pg_tables
           where schemaname = 'identity' and tablename not in ('definition', 'fill')"""
    )
    await store.pool.execute(f"truncate store.resource, store.history, {tables} cascade")
    await store.pool.execute("delete from store.consumer where name in ('identity', 'register')")


def patient(resource_id: str, **more: Any) -> Resource:
    """The same resident as a hospital has her."""
    return {
        "resourceType": "Patient",
        "id": resource_id,
        "name": [{"text": "欧阳慧"}],
        "gender": "female",
        "birthDate": "1949-12-31",
        "identifier": [{"system": ID_CARD_SYSTEM, "value": NUMBER}],
        **more,
    }


def visit(resource_id: str, of: str, day: str) -> Resource:
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {
        "resourceType": "Encounter",
        "id": resource_id,
        "status": "finished",
        "class": {"system": act, "code": "AMB"},
        "subject": {"reference": f"Patient/{of}"},
        "period": {"start": f"{day}T09:00:00+08:00"},
    }


async def kinds(store: Store) -> list[str]:
    return sorted(one.kind for one in await differences(store))


async def test_a_row_becomes_one_of_the_persons_patients(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("h1"), registered("1"))
    one = await resident_of_patient(store, Scope.whole(), "h1")
    assert one is not None
    assert one.patients == {"h1", "row-1"}
    assert await kinds(store) == []
    assert await people_at(store, date(2026, 1, 1)) == 1


async def test_who_is_only_here_or_only_there(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1"))
    assert await kinds(store) == ["unseen"]
    other = patient("h2", identifier=[], name=[{"text": "王五"}], birthDate="1990-01-01")
    await put(store, keys, patient("h1"), other)
    assert await kinds(store) == ["unregistered"]
    (left,) = await differences(store)
    assert (left.other, left.row) == ("h2", "")


@pytest.mark.parametrize(
    ("said", "other", "expected"),
    [
        ({"died": "2026-01-05"}, {}, []),
        ({}, {"deceasedDateTime": "2026-01-05T10:00:00+08:00"}, ["died-care"]),
        ({}, {"deceasedBoolean": True}, ["died-care"]),
        ({"name": "欧阳惠"}, {}, ["name"]),
        ({"name": "欧阳 慧"}, {}, []),
    ],
)
async def test_facts_that_differ(
    store: Store, keys: Keys, said: dict[str, Any], other: dict[str, Any], expected: list[str]
) -> None:
    await put(store, keys, registered("1", **said), patient("h1", **other))
    assert await kinds(store) == expected


async def test_a_visit_after_death_or_moving_out(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1", died="2025-05-01"), patient("h1"))
    await put(store, keys, visit("v1", "h1", "2025-05-02"))
    await store.pool.execute("update identity.register_row set checked = '-infinity'")
    await settle(store, keys)
    assert await kinds(store) == []  # the papers of the day after
    await put(store, keys, visit("v2", "h1", "2025-08-01"))
    assert await kinds(store) == []  # looked at once a day
    await store.pool.execute("update identity.register_row set checked = '-infinity'")
    await settle(store, keys)
    assert await kinds(store) == ["died-register"]
    await put(store, keys, registered("1", moved_out="2025-05-01"))
    assert await kinds(store) == ["moved-seen"]


async def test_two_rows_of_one_person(store: Store, keys: Keys) -> None:
    await put(store, keys, patient("h1"), registered("1"), registered("2", living=OTHER_TOWN))
    assert await kinds(store) == ["twice"]
    await put(store, keys, registered("2", living=OTHER_TOWN, moved_out="2026-01-01"))
    assert await kinds(store) == []


async def test_a_difference_goes_and_comes_back_with_its_decisions(
    store: Store, keys: Keys
) -> None:
    await put(store, keys, registered("1", name="欧阳惠"), patient("h1"))
    (line,) = await differences(store, division="371002")
    assert (line.row, line.other, line.place, line.open) == ("row-1", "h1", VILLAGE, True)
    made = Decided("register-wrong", " 户口簿为慧 ", "a1", "林晓明", NOW)
    await decide_difference(store, line.id, made)
    assert await kinds(store) == []
    assert (await difference_counts(store))["name"] == 0
    (settled,) = await differences(store, show="decided")
    assert settled.decided is not None
    assert (settled.decided.reason, settled.open) == ("户口簿为慧", False)
    await put(store, keys, registered("1"))
    (gone,) = await differences(store, show="gone")
    assert gone.gone is not None
    await put(store, keys, registered("1", name="欧阳蕙"))
    assert [one.id for one in await differences(store, show="decided")] == [line.id]
    await decide_difference(store, line.id, Decided("reopened", "再核", "a2", "陈某", NOW))
    assert await kinds(store) == ["name"]
    assert [one.verdict for one in await decisions_on(store, line.id)] == [
        "register-wrong", "reopened",
    ]  # fmt: skip


async def test_a_decision_needs_a_reason_and_a_difference(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1"))
    (line,) = await differences(store)
    for number, reason in ((line.id, " "), (line.id, "长" * 501), ("none", "核对")):
        with pytest.raises(DecisionRefused):
            await decide_difference(
                store, number, Decided("both-right", reason, "a1", "林晓明", NOW)
            )
    assert await difference(store, "none") is None


async def test_a_move_changes_counts_of_the_days_after_it_alone(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1"), registered("2", id_number="", name="王二"))
    first, later = date(2020, 1, 1), date(2026, 3, 1)
    assert await people_at(store, first, division=VILLAGE) == 2
    assert await people_at(store, later, division=VILLAGE) == 2
    await put(store, keys, registered("1", living=OTHER_VILLAGE, moved_in="2025-06-01"))
    assert await people_at(store, first, division=VILLAGE) == 2
    assert await people_at(store, later, division=VILLAGE) == 1
    assert await people_at(store, later, division=OTHER_VILLAGE) == 1
    found = await population(store, later, by=("sex",), basis="registered")
    assert [(one.sex, one.people) for one in found] == [("female", 2)]
    counts = await event_counts(store, date(2025, 1, 1), date(2026, 1, 1))
    assert counts == {"birth": 0, "death": 0, "move-in": 0, "move-out": 0, "move": 1}


async def test_an_event_is_taken_back_and_told_all_the_same(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1", died="2025-05-01"))
    await put(store, keys, registered("1"))
    assert await event_counts(store, date(2025, 1, 1), date(2026, 1, 1), division="371002") == {
        "birth": 0, "death": 0, "move-in": 0, "move-out": 0, "move": 0,
    }  # fmt: skip
    card = await card_of(store, "row-1")
    assert card is not None
    told = [(one.event.kind, one.stands) for one in card.events]
    assert told == [("birth", True), ("death", True), ("death", False)]
    assert [
        one.event.kind for one in await events_in(store, date(1949, 1, 1), date(1950, 1, 1))
    ] == ["birth"]


async def test_following_again_changes_nothing(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1", died="2025-05-01"), patient("h1"))
    tables = ("row", "stay", "event", "difference")

    async def standing() -> list[Any]:
        return [
            [tuple(row) for row in await store.pool.fetch(
                f"select to_jsonb(t) - 'checked' from identity.register_{one} t order by 1")]
            for one in tables
        ]  # fmt: skip

    before = await standing()
    await store.pool.execute("delete from store.consumer where name = 'register'")
    await settle(store, keys)
    assert await standing() == before


async def test_somebody_is_found_by_name_number_household_and_place(
    store: Store, keys: Keys
) -> None:
    head = {
        "resourceType": "RelatedPerson",
        "id": "head-1",
        "patient": {"reference": "Patient/row-1"},
        "relationship": [
            {"text": "户主"},
            {"coding": [{"system": "urn:oid:2.16.156.10011.2.3.3.8", "code": "10",
                         "display": "配偶"}]},
        ],
    }  # fmt: skip
    wife, child = registered("1"), registered("2", id_number="", name="王小", birth="2020-01-01")
    await put(
        store, keys, wife, child, registered("3", household="H-22", name="赵某", id_number=""), head
    )
    for text in ("欧阳", "ouyang", NUMBER):
        assert [one.row.number for one in await find_rows(store, text)] == ["1"], text
    assert {one.row.number for one in await find_rows(store, "H-22")} == {"3"}
    assert len(await find_rows(store, "", division=VILLAGE)) == 3
    assert await find_rows(store, "", division=OTHER_VILLAGE) == ()
    assert await find_rows(store, "") == ()
    together = await household_of(store, "H1")
    assert [(one.row.number, one.relation) for one in together] == [("1", "配偶"), ("2", "")]
    assert await card_of(store, "nobody") is None


async def test_of_a_purged_resident_nothing_is_left(store: Store, keys: Keys) -> None:
    await put(store, keys, registered("1", name="欧阳惠"), patient("h1"))
    (line,) = await differences(store)
    await decide_difference(store, line.id, Decided("both-right", "核对", "a1", "林晓明", NOW))
    await unlink(store, keys, ["row-1", "h1"])
    await purge_person(store, ["row-1", "h1"])
    await settle(store, keys)
    for table in ("row", "stay", "event", "difference", "decision"):
        left = await store.pool.fetchval(f"select count(*) from identity.register_{table}")
        assert left == 0, table


async def test_divisions_are_called_by_table_or_by_the_regions_list(store: Store) -> None:
    assert await keep_divisions(store, {VILLAGE: "云溪社区", OTHER_VILLAGE: "海棠社区"}) == 2
    assert await keep_divisions(store, {VILLAGE: "云溪社区", OTHER_VILLAGE: "海棠里社区"}) == 1
    names = await division_names(store, [VILLAGE, "371002003", "371002", "37", "999999"])
    assert names == {
        VILLAGE: "云溪社区", "371002003": "竹岛街道", "371002": "环翠区", "37": "山东省",
        "999999": "999999",
    }  # fmt: skip
    with pytest.raises(DivisionRefused):
        await keep_divisions(store, {"x": "某村"})
