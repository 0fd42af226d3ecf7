"""What comes out at the doors of the FHIR base: no row that the oracle would not show.

Each role asks at each door, about residents and institutions in turn so that every two of role,
door and resident meet; `make prove` asks about all of them. The expected rows come from the tables
in tests/policy/oracle, those of joins and counts from plain loops over the rows.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.api import Door
from minkang.crypto import Keys
from minkang.fhir import TYPE_CODES
from minkang.policy.mask import pseudonyms
from minkang.store import Store
from tests.api.asked import entry, links, transaction
from tests.api.conftest import FHIR
from tests.api.policy_doors import ABOUT_NOBODY, ABOUT_ONE, KINDS, Asked, Key, Place, Sees
from tests.api.policy_region import build
from tests.api.policy_world import (
    CALLERS,
    MACHINES,
    RESIDENTS,
    SOURCES,
    Caller,
    Resident,
    World,
    may_see,
    secrets_of,
)
from tests.policy.oracle.evaluator import table

NAMED = (*table(), *table("young"))
UNNAMED = table("unnamed")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(store: Store, keys: Keys, door: Door) -> AsyncIterator[World]:
    yield await build(store, keys, door)


Answers = Callable[[Caller, Asked], Awaitable[tuple[set[Key], int | None]]]


@pytest.fixture(scope="module")
def answers(client: AsyncClient, world: World, keys: Keys) -> Answers:
    """Asks, goes through all pages, and gives the rows as they are known to the world."""

    async def ask(caller: Caller, asked: Asked) -> tuple[set[Key], int | None]:
        known = names_of(world, keys, caller)
        found: set[Key] = set()
        path: str | None = asked.path
        while path:
            if asked.post:
                form = {"content-type": "application/x-www-form-urlencoded", **caller.headers}
                answer = await client.post(path, content=asked.post, headers=form)
            else:
                answer = await client.get(path, headers=caller.headers)
            if answer.status_code != 200:
                assert answer.status_code in (400, 403, 404), answer.text
                return found, None
            found |= {known[one] for one in rows_in(answer.json())}
            if asked.counts:
                return found, answer.json().get("total")
            bundle = answer.json()["resourceType"] == "Bundle"
            path = links(answer).get("next") if bundle else None
            asked = msgspec.structs.replace(asked, post="")
        return found, None

    return ask


def names_of(world: World, keys: Keys, caller: Caller) -> dict[Key, Key]:
    """The rows by the names that a caller gets; a researcher gets no other than pseudonyms."""
    rows = [(row.type, row.id) for row in world.rows]
    if caller.account.role != "researcher":
        return {one: one for one in rows}
    account = caller.account
    names = pseudonyms(keys.id_key, account.client or account.post or account.id)
    return {(kind, names(kind, given)): (kind, given) for kind, given in rows}


def rows_in(body: dict[str, Any]) -> Iterable[Key]:
    """Types and ids of the resources in an answer."""
    if body["resourceType"] != "Bundle":
        yield body["resourceType"], body["id"]
        return
    for one in body.get("entry", ()):
        resource = one.get("resource", {})
        if resource.get("resourceType", "OperationOutcome") != "OperationOutcome":
            yield resource["resourceType"], resource["id"]


def named_sees(role: str, one: Resident) -> Sees:
    """What a role sees of a resident whom it names."""
    return lambda row: row.resident == one.key and may_see(NAMED, role, one, row)


async def faults_about(
    answers: Answers, world: World, name: str, role: str, places: Iterable[tuple[Resident, str]]
) -> list[str]:
    """What differs at a door where residents are named."""
    faults = []
    for one, source in places:
        sees = named_sees(role, one)
        for asked in ABOUT_ONE[name](Place(world, one, source, sees)):
            found, total = await answers(world.callers[role], asked)
            wanted = {(r.type, r.id) for r in world.rows if asked.picks(r) and sees(r)}
            if role == "researcher":
                wanted = set()
            if role in MACHINES or "Contract" in asked.path:
                # Who may see is settled by the sender alone; a contract lies in no compartment.
                wanted = {k for k in wanted if k[0] != "Contract"} | (found & wanted)
            if asked.counts:
                if (total or 0) != len(wanted) or not found <= wanted:
                    faults.append(f"{role} {asked.path}: {total}, not {len(wanted)}")
            elif found != wanted:
                more, less = sorted(found - wanted), sorted(wanted - found)
                faults.append(f"{role} {asked.path}: more {more[:4]}, less {less[:4]}")
    return faults


@pytest.mark.parametrize("name", ABOUT_ONE)
async def test_what_comes_out_about_a_resident_is_what_the_oracle_shows(
    answers: Answers, world: World, name: str
) -> None:
    faults = []
    door = list(ABOUT_ONE).index(name)
    for number, role in enumerate(CALLERS):
        one = RESIDENTS[(number + door) % len(RESIDENTS)]
        source = SOURCES[(number + 2 * door) % len(SOURCES)]
        faults += await faults_about(answers, world, name, role, [(one, source)])
    assert not faults, "\n".join(faults)


@pytest.mark.prove
@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("name", ABOUT_ONE)
async def test_every_role_about_every_resident(
    answers: Answers, world: World, name: str, role: str
) -> None:
    places = [(one, source) for one in RESIDENTS for source in SOURCES]
    faults = await faults_about(answers, world, name, role, places)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ABOUT_NOBODY)
async def test_who_names_nobody_gets_no_more_than_the_oracle_shows(
    answers: Answers, world: World, name: str
) -> None:
    faults, seen = [], 0
    residents = {one.key: one for one in RESIDENTS}
    for role in CALLERS:
        for asked in ABOUT_NOBODY[name]:
            found, total = await answers(world.callers[role], asked)
            wanted = {
                (row.type, row.id)
                for row in world.rows
                if asked.picks(row) and may_see(UNNAMED, role, residents[row.resident], row)
            }
            seen += len(found) + (total or 0)
            if not found <= wanted or (total or 0) > len(wanted):
                faults.append(f"{role} {asked.path}: {sorted(found - wanted)[:4]}, {total}")
    assert not faults, "\n".join(faults)
    assert seen


async def test_a_batch_opens_no_more_than_each_of_its_entries(
    client: AsyncClient, world: World, keys: Keys
) -> None:
    residents = {one.key: one for one in RESIDENTS}
    rows = [row for row in world.rows if row.source != "MK-PLATFORM" and row.type != "Contract"]
    for number, role in enumerate(CALLERS):
        some = rows[number :: len(CALLERS)]
        asked = transaction(*(entry("GET", f"{r.type}/{r.id}") for r in some), kind="batch")
        caller = world.callers[role]
        answer = await client.post("", json=asked, headers={**caller.headers, **FHIR})
        assert answer.status_code == 200
        for row, one in zip(some, answer.json()["entry"], strict=True):
            shown = one["response"]["status"].startswith("200")
            seen = may_see(NAMED, role, residents[row.resident], row) and role != "researcher"
            assert shown == seen, (role, row)


@pytest.mark.parametrize("role", CALLERS)
async def test_only_systems_export_and_only_their_own(
    client: AsyncClient, world: World, role: str
) -> None:
    headers = {**world.callers[role].headers, "prefer": "respond-async"}
    for path in ("$export", "Patient/$export", "Group/none/$export"):
        answer = await client.get(path, headers=headers)
        if role not in MACHINES:
            assert answer.status_code == 403, path
            continue
        assert answer.status_code in (202, 404), answer.text


async def test_nothing_that_names_anybody_reaches_a_researcher(
    client: AsyncClient, world: World
) -> None:
    """Every type, searched and in its history, scanned for everything that names somebody."""
    headers, shown = world.callers["researcher"].headers, 0
    named = [text for one in RESIDENTS for text in secrets_of(one)] + list(world.persons.values())
    paths = ["_history?_count=900", f"?_type={','.join(sorted(TYPE_CODES))}&_count=900"]
    for kind in KINDS:
        paths += [f"{kind}?_count=900&_include=*&_revinclude=*", f"{kind}/_history?_count=900"]
        paths += [f"{kind}?_summary={one}" for one in ("true", "text", "data")]
    for path in paths:
        answer = await client.get(path, headers=headers)
        shown += answer.text.count('"fullUrl"')
        assert [text for text in named if text in answer.text] == [], path
    assert shown > len(world.rows) / 4
