"""The directory as FHIR: found by search, kept in step, nobody twice."""

import secrets
from datetime import timedelta

import pytest

from minkang.accounts import Account, Organisation, set_disabled
from minkang.accounts.fhir_directory import (
    PLATFORM,
    ROLE_SYSTEM,
    STAFF_SYSTEM,
    Synced,
    sync_directory,
)
from minkang.accounts.organisations_change import add_organisation, end_organisation
from minkang.accounts.people import Details, change_details
from minkang.accounts.posts import end_post
from minkang.audit import AuditLog
from minkang.exchange.sources import Source, register
from minkang.fhir import Resource
from minkang.fhir.search_syntax import parse_search
from minkang.fhir.validate import validate
from minkang.store import Change, Scope, Store, find, read, write
from tests.accounts.conftest import NOW, MakeAccount

LATER = NOW + timedelta(days=1)


async def found(store: Store, kind: str, *asked: tuple[str, str]) -> list[Resource]:
    page = await find(store, Scope.whole(), parse_search((kind,), [*asked, ("_count", "50")]))
    return [match.resource for match in page.matches]


@pytest.fixture
async def doctor(store: Store, log: AuditLog, make_account: MakeAccount) -> Account:
    """王医生 in the department of a hospital that lies in a county."""
    mark = secrets.token_hex(4)
    for one in (
        Organisation(f"C-{mark}", "某县卫健局", "commission", "county", division="371002"),
        Organisation(f"H-{mark}", "某医院", "hospital", "institution", f"C-{mark}"),
        Organisation(f"D-{mark}", "内科", "department", "department", f"H-{mark}"),
    ):
        await add_organisation(store.pool, log, one, now=NOW)
    account = await make_account(organisation=f"D-{mark}")
    details = Details(name="王医生", staff_code=f"S{mark}", licence=f"L{mark}", sex="female")
    await change_details(store.pool, log, account.id, details, now=NOW)
    await sync_directory(store, now=NOW)
    return account


async def test_a_search_finds_somebody_with_the_post_and_the_place(
    store: Store, doctor: Account
) -> None:
    assert doctor.organisation is not None
    number = "S" + doctor.organisation.removeprefix("D-")
    (person,) = await found(store, "Practitioner", ("identifier", f"{STAFF_SYSTEM}|{number}"))
    assert (person["id"], person["active"], person["gender"]) == (doctor.id, True, "female")
    (role,) = await found(
        store, "PractitionerRole", ("practitioner.identifier", number),
        ("organization", f"Organization/{doctor.organisation}"), ("role", f"{ROLE_SYSTEM}|doctor"),
    )  # fmt: skip
    assert role["id"] == doctor.post
    (place,) = await found(store, "Organization", ("_id", doctor.organisation))
    hospital = place["partOf"]["reference"]
    (above,) = await found(store, "Organization", ("_id", hospital.removeprefix("Organization/")))
    assert above["name"] == "某医院"
    for resource in (person, role, place, above):
        assert not validate(resource)


async def test_a_second_sync_writes_nothing(store: Store, doctor: Account) -> None:
    del doctor
    again = await sync_directory(store, now=NOW)
    assert again == Synced(again.resources, 0)
    assert again.resources > 4


async def test_what_ends_is_no_longer_active(
    store: Store, log: AuditLog, doctor: Account, make_account: MakeAccount
) -> None:
    assert doctor.post is not None
    assert doctor.organisation is not None
    disabled = await make_account()
    await set_disabled(store.pool, log, disabled.id, disabled=True, now=LATER)
    await end_post(store.pool, log, doctor.post, now=LATER)
    await end_organisation(store.pool, log, doctor.organisation, now=LATER)
    await sync_directory(store, now=LATER)
    for kind, key in (
        ("Practitioner", doctor.id),
        ("PractitionerRole", doctor.post),
        ("Organization", doctor.organisation),
        ("Practitioner", disabled.id),
    ):
        stored = await read(store, Scope.whole(), kind, key)
        assert stored is not None
        assert stored.resource["active"] is False, kind
        assert stored.source == PLATFORM
    role = await read(store, Scope.whole(), "PractitionerRole", doctor.post)
    assert role is not None
    assert role.resource["period"]["end"].startswith("2026-03-02")


async def test_residents_and_administrators_are_in_no_directory(
    store: Store, make_account: MakeAccount
) -> None:
    hidden = [
        await make_account(role="resident", person=secrets.token_hex(4), organisation=None),
        await make_account(role="audit-administrator"),
    ]
    await sync_directory(store, accounts=[one.id for one in hidden], now=NOW)
    for one in hidden:
        assert await read(store, Scope.whole(), "Practitioner", one.id) is None
        assert one.post is not None
        assert await read(store, Scope.whole(), "PractitionerRole", one.post) is None


@pytest.mark.parametrize("name", ["王医生", "别人"])
async def test_whom_a_source_tells_of_is_not_doubled_if_number_and_name_agree(
    store: Store, doctor: Account, name: str
) -> None:
    assert doctor.organisation is not None
    assert doctor.post is not None
    mark = doctor.organisation.removeprefix("D-")
    theirs = {
        "resourceType": "Practitioner",
        "id": f"theirs-{mark}",
        "identifier": [{"system": "urn:minkang:source:weijian:staff", "value": f"S{mark}"}],
        "name": [{"text": name}],
    }
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(theirs, "MK-REGISTRY")])
    await sync_directory(store, accounts=[doctor.id], now=NOW)
    role = await read(store, Scope.whole(), "PractitionerRole", doctor.post)
    assert role is not None
    same = name == "王医生"
    assert role.resource["practitioner"]["reference"] == (
        f"Practitioner/theirs-{mark}" if same else f"Practitioner/{doctor.id}"
    )
    people = await found(store, "Practitioner", ("identifier", f"S{mark}"))
    assert len(people) == (1 if same else 2)


async def test_registering_a_source_leaves_what_the_directory_knows(
    store: Store, doctor: Account
) -> None:
    assert doctor.organisation is not None
    hospital = "H-" + doctor.organisation.removeprefix("D-")
    source = Source(
        id=f"src-{hospital.lower()}", name="检验系统", organisation=hospital, channels=("fhir",)
    )
    await register(store, source)
    stored = await read(store, Scope.whole(), "Organization", hospital)
    assert stored is not None
    assert stored.resource["name"] == "某医院"
    assert "partOf" in stored.resource
