"""What connects somebody with a resident is asked anew each time, and ends when it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from minkang.accounts import Account
from minkang.accounts.directory import Tree
from minkang.accounts.organisations import Organisation
from minkang.policy import Relation
from minkang.policy.facts import (
    Windows,
    age_of,
    district_of,
    in_force,
    refers_to,
    relation,
)
from minkang.store import Change, Store, write
from tests.policy.consenting import account

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
GP = account("gp")
WINDOWS = Windows()


def contract(status: str = "executed", **period: str) -> dict[str, Any]:
    return {
        "resourceType": "Contract",
        "status": status,
        "applies": {"start": "2026-01-01", "end": "2026-12-31", **period},
    }


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        (contract(), True),
        (contract(end="2026-11-02"), True),
        (contract(end="2026-11-01"), False),
        (contract(start="2026-11-03"), False),
        (contract("terminated"), False),
        (contract("cancelled"), False),
        (contract(end="soon"), False),
        ({"resourceType": "Contract", "status": "executed"}, False),
    ],
)
def test_a_contract_stands_from_its_first_day_to_its_last(
    given: dict[str, Any], stands: bool
) -> None:
    assert in_force(given, NOW) == stands


def referral(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "code": {"text": "转出"},
        "performer": [{"display": "某院"}],
        **more,
    }


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        (referral(), True),
        (referral(performer=[{"reference": "Organization/MK1"}]), True),
        (referral(performer=[{"reference": "Organization/MK2", "display": "某院"}]), False),
        (referral(performer=[{"display": "别院"}]), False),
        (referral(performer=[{"display": "某院分院"}]), False),
        (referral(performer=[]), False),
        (referral(status="completed"), False),
        (referral(status="revoked"), False),
        (referral(code={"text": "血常规"}), False),
        (referral(code={"coding": [{"code": "C0045", "display": "会诊记录"}]}), True),
        (referral(code={"coding": [{"code": "11429006"}]}), True),
        (referral(code={"text": "检查"}, category=[{"text": "远程会诊"}]), True),
    ],
)
def test_a_referral_is_open_to_whom_it_names(given: dict[str, Any], ours: bool) -> None:
    assert refers_to(given, GP) == ours


@pytest.mark.parametrize(
    ("born", "years"),
    [
        ("2008-11-02", 18),
        ("2008-11-03", 17),
        ("2012-11-02", 14),
        ("2008", 17),
        ("2008-11", 17),
        ("", None),
        ("unknown", None),
    ],
)
def test_an_age_is_never_more_than_the_birth_date_says(born: str, years: int | None) -> None:
    assert age_of(born, NOW) == years


async def put(store: Store, source: str, *resources: dict[str, Any]) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, source) for one in resources])


def about(kind: str, name: str, patient: str, **more: Any) -> dict[str, Any]:
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": kind, "id": f"{name}-{patient}", "subject": subject, **more}


async def known(
    store: Store, who: Account, patient: str, now: datetime = NOW, born: str = "", **more: int
) -> Relation:
    return await relation(
        store,
        who,
        f"P{patient}",
        frozenset([patient]),
        now=now,
        visit_days=180,
        code_hours=24,
        birth_date=born,
        windows=msgspec.structs.replace(WINDOWS, **more),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store) -> None:
    """One resident for each way to be connected."""
    signed = {**contract(), "id": "k-f1", "subject": [{"reference": "Patient/f1"}]}
    other = {**contract(), "id": "k-f2", "subject": [{"reference": "Patient/f2"}]}
    await put(store, "MK1", signed)
    await put(store, "MK2", other)
    sent = about("ServiceRequest", "r", "f3", **_without(referral()), authoredOn="2026-10-20")
    await put(store, "MK2", sent)
    call = about("Encounter", "c", "f4", period={"start": "2026-11-02T06:00:00Z"})
    await put(store, "MK1", call)
    case = about("Condition", "n", "f5", code={"coding": [{"code": "B05.9"}]},
                 recordedDate="2026-10-01")  # fmt: skip
    await put(store, "MK2", case)


def _without(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name != "resourceType"}


async def test_a_contract_connects_with_the_institution_that_signed_it_until_it_ends(
    store: Store,
) -> None:
    assert (await known(store, GP, "f1")).contract
    assert not (await known(store, GP, "f2")).contract
    assert not (await known(store, account("gp", organisation="MK3"), "f1")).contract
    ended = {**contract("terminated"), "id": "k-f1", "subject": [{"reference": "Patient/f1"}]}
    assert not (await known(store, GP, "f1", now=NOW + timedelta(days=90))).contract
    await put(store, "MK1", ended)
    assert not (await known(store, GP, "f1")).contract


async def test_a_shared_system_connects_with_the_institution_that_it_names(store: Store) -> None:
    def named(code: str, system: str = "urn:oid:2.16.156.10011.1.5") -> dict[str, Any]:
        return {"identifier": {"system": system, "value": code}}

    async with store.pool.acquire() as connection:
        await connection.execute(
            """insert into accounts.organisation (id, name, kind, institution)
               values ('SHARED', '基层云平台', 'shared-system', 'SHARED'),
                      ('RIVAL', '别家医院', 'hospital', 'RIVAL') on conflict do nothing"""
        )
    for patient, institution in (("g1", "MK1"), ("g2", "MK3")):
        signed = {
            **contract(),
            "id": f"k-{patient}",
            "subject": [{"reference": f"Patient/{patient}"}],
            "authority": [named(institution)],
        }
        seen = about("Encounter", "v", patient, period={"start": "2026-09-02T06:00:00Z"},
                     serviceProvider=named(institution))  # fmt: skip
        await put(store, "SHARED", signed, seen)
    mine, others = await known(store, GP, "g1"), await known(store, GP, "g2")
    assert (mine.contract, mine.visit) == (True, True)
    assert (others.contract, others.visit) == (False, False)
    assert not (await known(store, GP, "g1", now=NOW + timedelta(days=150))).visit
    # A hospital that names another opens nothing to it.
    forged = about("Encounter", "w", "g4", period={"start": "2026-09-02T06:00:00Z"},
                   serviceProvider=named("MK1"))  # fmt: skip
    paper = {
        **contract(),
        "id": "k-g4",
        "subject": [{"reference": "Patient/g4"}],
        "authority": [named("MK1")],
    }
    await put(store, "RIVAL", forged, paper)
    believed = await known(store, GP, "g4")
    assert (believed.contract, believed.visit) == (False, False)
    # A code of some other kind is no institution's.
    odd = about("Encounter", "v", "g3", period={"start": "2026-09-02T06:00:00Z"},
                serviceProvider=named("MK1", "urn:example:rooms"))  # fmt: skip
    await put(store, "SHARED", odd)
    assert not (await known(store, GP, "g3")).visit


async def test_a_referral_connects_for_as_long_as_the_region_set(store: Store) -> None:
    assert (await known(store, GP, "f3")).referral
    assert not (await known(store, GP, "f3", referral_days=10)).referral
    assert not (await known(store, GP, "f1")).referral


async def test_a_call_connects_the_station_for_a_day(store: Store) -> None:
    dispatcher = account("dispatcher")
    assert await known(store, dispatcher, "f4") == Relation(call=True)
    assert not (await known(store, dispatcher, "f4", now=NOW + timedelta(days=1))).call
    assert not (await known(store, account("dispatcher", organisation="MK2"), "f4")).call


async def test_a_notifiable_disease_makes_a_case_for_the_cdc_alone(store: Store) -> None:
    assert await known(store, account("cdc"), "f5") == Relation(case=True)
    assert not (await known(store, account("cdc"), "f5", case_days=10)).case
    assert not (await known(store, account("cdc"), "f4")).case
    assert await known(store, account("planner"), "f5") == Relation()


async def test_the_visit_of_another_institution_and_one_long_ago_connect_nobody(
    store: Store,
) -> None:
    assert (await known(store, GP, "f4")).visit
    assert not (await known(store, account("doctor", organisation="MK2"), "f4")).visit
    assert not (await known(store, GP, "f4", now=NOW + timedelta(days=181))).visit


async def test_age_counts_for_every_role(store: Store) -> None:
    child = await known(store, account("planner"), "f1", born="2021-01-01")
    assert (child.minor, child.young, child.adolescent) == (True, True, False)
    teen = await known(store, GP, "f1", born="2011-01-01")
    assert (teen.minor, teen.young, teen.adolescent) == (True, False, True)


def test_a_district_is_the_county_an_institution_lies_in() -> None:
    tree = Tree(
        [
            Organisation("CITY", "市", "commission", level="city"),
            Organisation("A", "甲县", "commission", level="county", parent="CITY"),
            Organisation("B", "乙县", "commission", level="county", parent="CITY"),
            Organisation("MK1", "某院", "hospital", parent="A", institution="MK1"),
            Organisation("MK2", "别院", "hospital", parent="A", institution="MK2"),
            Organisation("MK3", "远院", "hospital", parent="B", institution="MK3"),
        ]
    )
    assert district_of(tree, GP) == {"A", "MK1", "MK2"}
    assert district_of(tree, account("gp", organisation=None)) == frozenset()
    assert district_of(Tree([]), GP) == {"MK1"}
