"""Chains and `_has`: the same is found whether the ends of the references are had or asked for."""

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
import pytest_asyncio

from minkang.fhir import Resource
from minkang.fhir.search import Search
from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, Found, Grade, Grant, Scope, Store, find, write
from tests.store.random_queries import Queries, Query
from tests.store.random_resources import TYPES
from tests.store.test_search_properties import World, check_matches, check_scope, pages

WHOLE = Scope.whole()


def patient(one: str, family: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "id": one, "name": [{"family": family}], **more}


def observation(one: str, of: str, code: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": one,
        "status": "final",
        "code": {"coding": [{"system": "urn:codes", "code": code}], "text": f"项目 {code}"},
        "subject": {"reference": f"Patient/{of}"},
        **more,
    }


def to(*references: str) -> list[dict[str, str]]:
    return [{"reference": reference} for reference in references]


def encounter(one: str, of: str, status: str) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": one,
        "status": status,
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{of}"},
        "serviceProvider": {"reference": "Organization/h1"},
    }


RESOURCES: list[Resource] = [
    {"resourceType": "Organization", "id": "h1", "name": "一院"},
    {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "周"}]},
    {"resourceType": "Practitioner", "id": "d2", "name": [{"family": "吴"}]},
    patient("p1", "王", gender="female", generalPractitioner=to("Practitioner/d1")),
    patient("p2", "王", gender="male", generalPractitioner=to("Practitioner/d2")),
    patient("p3", "李", gender="male", managingOrganization=to("Organization/h1")[0]),
    # A Patient lies in its own compartment only, whoever it is linked with.
    patient("p4", "李", link=[{"other": to("Patient/p1")[0], "type": "seealso"}]),
    encounter("e1", "p1", "finished"),
    encounter("e2", "p2", "planned"),
    observation("o1", "p1", "a", encounter=to("Encounter/e1")[0]),
    # In the compartments of two patients, by a parameter each.
    observation("o2", "p1", "b", performer=to("Patient/p2", "Practitioner/d1")),
    observation("o3", "p2", "c", encounter=to("Encounter/e2")[0], status="preliminary"),
    observation("o4", "p3", "c", performer=to("Practitioner/d2")),
    # To focus on a patient is not to be about it.
    observation("o5", "p3", "d", focus=to("Patient/p4"), hasMember=to("Observation/o1")),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def filled(store: Store) -> AsyncIterator[None]:
    moved = observation("o6", "p1", "e")
    gone = observation("o7", "p1", "f")
    hidden = observation("o8", "p1", "g")
    for changes in (
        [Change(one, "h1") for one in [*RESOURCES, moved, gone]],
        [Change(moved | {"subject": {"reference": "Patient/p2"}}, "h1"), Change(hidden, "h2")],
        [Change(gone, "h1", deleted=True)],
    ):
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, changes)
    yield


def parsed(text: str) -> Search:
    kind, _, query = text.partition("?")
    pairs = [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]
    return parse_search((kind,), [*pairs, ("_total", "accurate")])


async def ask(store: Store, text: str, scope: Scope = WHOLE) -> Found:
    return await find(store, scope, parsed(text))


def ids(found: Found) -> list[str]:
    return sorted(one.id for one in found.matches)


@pytest.fixture(params=["few", "many"])
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether so few resources count as many already."""
    if request.param == "many":
        monkeypatch.setattr(import_module("minkang.store.joins"), "_FEW", 1)
    return str(request.param)


CASES = """
Patient?_has:Observation:patient:code=a -> p1
Patient?_has:Observation:patient:code=b -> p1
Patient?_has:Observation:patient:code=a,c -> p1 p2 p3
Patient?_has:Observation:subject:code=c -> p2 p3
Patient?_has:Observation:performer:code=b -> p2
Patient?_has:Observation:performer:code=a ->
Patient?_has:Observation:focus:code=d -> p4
Patient?_has:Observation:focus:code=a,b,c ->
Patient?_has:Observation:patient:code=e -> p2
Patient?_has:Observation:patient:code=f ->
Patient?_has:Observation:patient:code=unknown ->
Patient?_has:Observation:patient:code=a&_has:Observation:patient:code=b -> p1
Patient?_has:Observation:patient:code=c&_has:Observation:performer:code=b -> p2
Patient?_has:Observation:patient:code=c&family=李 -> p3
Patient?_has:Observation:patient:_id=o1,o4 -> p1 p3
Patient?_has:Observation:patient:code:not=a,b,g -> p2 p3
Patient?_has:Observation:patient:encounter:missing=false -> p1 p2
Patient?_has:Observation:patient:performer:missing=true -> p1 p2 p3
Patient?_has:Observation:patient:code:text=项目 d -> p3
Patient?_has:Observation:patient:_lastUpdated=gt2020 -> p1 p2 p3
Patient?_has:Observation:patient:status=preliminary -> p2
Patient?_has:Observation:patient:encounter.status=finished -> p1
Patient?_has:Observation:patient:patient.family=王 -> p1 p2
Patient?_has:Observation:patient:_has:Observation:has-member:code=d -> p1
Patient?_has:Encounter:patient:_has:Observation:encounter:code=c -> p2
Patient?_has:Encounter:patient:service-provider.name=一院 -> p1 p2
Encounter?_has:Observation:encounter:code=a -> e1
Encounter?_has:Observation:encounter:code=a,c -> e1 e2
Encounter?_has:Observation:encounter:code:not=a -> e2
Observation?_has:Observation:has-member:code=d -> o1
Practitioner?_has:Observation:performer:code=b -> d1
Practitioner?_has:Observation:performer:code=b,c -> d1 d2
Practitioner?_has:Patient:general-practitioner:gender=male -> d2
Practitioner?_has:Patient:general-practitioner:_has:Observation:patient:code=a -> d1
Organization?_has:Encounter:service-provider:status=planned -> h1
Organization?_has:Encounter:service-provider:patient.family=李 ->
Observation?patient.gender=male -> o3 o4 o5 o6
Observation?patient.family=李 -> o4 o5
Observation?subject:Patient.family=王&code=b -> o2
Observation?performer:Patient.gender=male -> o2
Observation?performer:Patient.gender=female ->
Observation?performer.name=周 -> o2
Observation?performer:Practitioner.family=周,吴 -> o2 o4
Observation?focus:Patient.family=李 -> o5
Observation?focus:Patient.family=王 ->
Observation?subject.name=王 -> o1 o2 o3 o6 o8
Observation?encounter.status=planned -> o3
Observation?encounter.service-provider.name=一院 -> o1 o3
Observation?encounter.patient.family=王 -> o1 o3
Observation?patient._id=p3 -> o4 o5
Observation?patient.gender:missing=true ->
Observation?patient.organization:missing=false -> o4 o5
Observation?patient.general-practitioner.family=周 -> o1 o2 o8
Observation?patient._has:Encounter:patient:status=planned -> o3 o6
Encounter?patient.gender=female,male -> e1 e2
Patient?organization.name=一院 -> p3
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("ends")
async def test_a_join_finds_what_it_should(store: Store, case: str) -> None:
    text, _, expected = case.partition(" ->")
    found = await ask(store, text)
    assert ids(found) == expected.split()
    assert found.total == len(expected.split())


@pytest.mark.usefixtures("ends")
async def test_a_scope_holds_at_the_other_end(store: Store) -> None:
    def scope(**only: Any) -> Scope:
        return Scope((Grant(grade=Grade.SENSITIVE, **only),))

    has_any = "Patient?_has:Observation:patient:code=a,b,c,d,g"
    assert ids(await ask(store, has_any, scope(types=frozenset(["Patient"])))) == []
    mine = scope(patients=frozenset(["p2"]))
    assert ids(await ask(store, has_any, mine)) == ["p2"]
    # That another patient has an observation that this one performed is nothing to be told here.
    assert ids(await ask(store, "Observation?patient.family=王", mine)) == ["o3", "o6"]
    first = scope(sources=frozenset(["h1"]))
    assert ids(await ask(store, "Patient?_has:Observation:patient:code=g", first)) == []
    assert ids(await ask(store, "Patient?_has:Observation:patient:code=g")) == ["p1"]
    no_people = scope(types=frozenset(["Observation", "Practitioner", "Encounter"]))
    assert ids(await ask(store, "Observation?patient.gender=male", no_people)) == []
    performed = "Practitioner?_has:Observation:performer:code=b,c"
    assert ids(await ask(store, performed, scope(types=frozenset(["Practitioner"])))) == []
    assert ids(await ask(store, performed, no_people)) == ["d1", "d2"]
    at_visits = "Encounter?_has:Observation:encounter:code=a,c"
    assert ids(await ask(store, at_visits, scope(types=frozenset(["Encounter"])))) == []
    assert ids(await ask(store, at_visits, no_people)) == ["e1", "e2"]
    assert ids(await ask(store, has_any, Scope.nothing())) == []


@pytest.mark.parametrize(
    "query",
    [
        ("Patient", [("_has:Observation:patient:code", "a,c")]),
        ("Patient", [("_has:Observation:patient:code", "a,c"), ("_sort", "-family")]),
        ("Encounter", [("_has:Observation:encounter:code", "a,c")]),
        ("Observation", [("patient.gender", "male")]),
        ("Observation", [("encounter.status", "finished,planned"), ("_sort", "-code")]),
    ],
)
@pytest.mark.usefixtures("ends")
async def test_pages_of_a_join_are_the_whole(store: Store, query: Query) -> None:
    whole = await find(store, WHOLE, parse_search((query[0],), query[1]))
    parts = await pages(store, query, ("_count", "1"))
    seen = [one.id for part in parts for one in part.matches]
    assert seen == [one.id for one in whole.matches]
    assert len(seen) > 1


@pytest.mark.parametrize(
    "text",
    [
        "Patient?_has:Observation:patient:code=x",
        "Patient?_has:Observation:focus:code=x",
        "Encounter?_has:Observation:encounter:code=x",
        "Practitioner?_has:Observation:performer:code=x",
    ],
)
async def test_of_many_that_point_somewhere_none_is_read(
    store: Store, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(import_module("minkang.store.joins"), "_FEW", 1)
    references = {
        "encounter": to("Encounter/e1")[0],
        "focus": to("Patient/p1"),
        "performer": to("Practitioner/d1"),
    }
    unreadable = observation("u1", "p1", "x", **references)
    async with store.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await write(store, connection, [Change(unreadable, "h1")])
        await connection.execute("update store.resource set body = '' where id = 'u1'")
        found = await find(store, WHOLE, parsed(text), connection=connection)
        await transaction.rollback()
    assert len(found.matches) == 1


class Joins(Queries):
    """Queries with a join and nothing else."""

    def query(self) -> Query:
        while True:
            kind = self._random.choice(TYPES)
            name, value = self._condition(kind, 3)
            if name.startswith("_has:") or "." in name:
                return kind, [(name, value)]


class JoinedWorld(World):
    """A world that is asked for joins only."""

    def queries(self) -> Joins:
        return Joins(self.random, self.resources)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("few", [1, 3])
async def test_random_joins_find_what_fhir_says(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    monkeypatch.setattr(import_module("minkang.store.joins"), "_FEW", few)
    own = JoinedWorld(store, 500 + seed, 50)
    await own.begin()
    await own.change(15)
    made = own.queries()
    for _ in range(40):
        await check_matches(own, made.query())
    await check_scope(own, 20)
