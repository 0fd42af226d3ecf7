"""What the store finds is what FHIR's text says, value by value, whatever plan it chooses.

Random worlds and queries (`random_resources`, `random_queries`), compared with a slow evaluation
over the decoded resources (`tests.fhir.naive_search`). The bounds between the plans are set so low
in some runs that a world of fifty resources is a dense one.
"""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import pytest

from minkang.fhir import Refused, Resource, patients_of
from minkang.fhir.search import Include, Search, Sort
from minkang.fhir.search_parameters import parameters_of
from minkang.fhir.search_syntax import parse_search
from minkang.fhir.search_values import fold
from minkang.store import Change, Found, Grade, Grant, Scope, Store, find, write
from minkang.store.includes import _DEEPEST
from minkang.store.stored import COLUMNS, stored_rows
from tests.fhir import naive_search
from tests.store.random_queries import Pair, Queries, Query, shown
from tests.store.random_resources import TYPES, UCUM, Maker, world

WHOLE = Scope.whole()
Key = tuple[str, str]


class Bounds(NamedTuple):
    """The constants that decide between plans: of `find` four, of `joins` one."""

    few: int
    many: int
    step: int
    batch: int
    inner: int


LOW = (
    Bounds(1, 1, 1, 1, 1),
    Bounds(1, 2, 3, 2, 2),
    Bounds(1, 1_000, 1, 3, 2),
    Bounds(3, 20, 2, 5, 1),
    Bounds(5, 9, 4, 1, 3),
)


def set_bounds(monkeypatch: pytest.MonkeyPatch, bounds: Bounds) -> None:
    """Make the store plan with other constants until the test ends."""
    find_module, joins_module, times_module = (
        import_module(f"minkang.store.{name}") for name in FILES
    )
    monkeypatch.setattr(find_module, "_FEW", bounds.few)
    monkeypatch.setattr(find_module, "_MANY", bounds.many)
    monkeypatch.setattr(find_module, "_STEP", bounds.step)
    monkeypatch.setattr(find_module, "_BATCH", bounds.batch)
    monkeypatch.setattr(joins_module, "_FEW", bounds.inner)
    # A millisecond instead of an hour, and to two sequences near: so times bound a walk here, too.
    monkeypatch.setattr(times_module, "_HOUR", 1_000.0)
    monkeypatch.setattr(times_module, "_NEAR", 2)
    monkeypatch.setattr(times_module, "_PROBES", 3)


FILES = ("find", "joins", "times")


class World:
    """The resources of one seed in the store, and as they are kept there."""

    def __init__(self, store: Store, seed: int, size: int) -> None:
        self.store = store
        self.random = Random(seed)
        self.resources: list[Resource] = world(self.random, size)

    async def begin(self) -> None:
        """Put the resources into an empty store."""
        async with self.store.pool.acquire() as connection:
            await connection.execute(
                """truncate store.resource, store.history, store.further_compartment, store.term,
                   store.span, store.string"""
            )
        # Several writes, so that there are several times of change.
        everything = self.resources
        for part in range(4):
            await self.write([Change(one, "h1") for one in everything[part::4]])

    async def write(self, changes: Sequence[Change]) -> None:
        """Make the changes, and take over what there is then."""
        async with self.store.pool.acquire() as connection:
            async with connection.transaction():
                await write(self.store, connection, changes)
            rows: list[Any] = await connection.fetch(
                f"select {COLUMNS} from store.resource where not deleted"
            )
            stored = await stored_rows(connection, self.store.codec, rows)
        self.resources = [one.resource for one in stored]

    async def change(self, number: int) -> None:
        """Some resources anew, deleted, or as they were."""
        ids: dict[str, list[str]] = {kind: [] for kind in TYPES}
        for one in self.resources:
            ids[one["resourceType"]].append(one["id"])
        maker = Maker(self.random, ids)
        changes = []
        for one in self.random.sample(self.resources, number):
            match self.random.choice(("anew", "anew", "deleted", "same")):
                case "anew":
                    changes.append(Change(maker.make(one["resourceType"], one["id"]), "h2"))
                case "deleted":
                    changes.append(Change(one, "h1", deleted=True))
                case _:
                    changes.append(Change(one, "h1"))
        await self.write(changes)

    def queries(self) -> Queries:
        """Queries for the resources that there are now."""
        return Queries(self.random, self.resources)

    def expected(self, search: Search) -> list[Key]:
        """What a search should find, in no order."""
        now = time.time_ns() // 1_000
        return sorted(
            (one["resourceType"], one["id"])
            for one in naive_search.found(self.resources, search, now=now)
        )


def searched(query: Query, *more: Pair) -> Search:
    """The query with further pairs, parsed."""
    kind, pairs = query
    return parse_search((kind,), [*pairs, *more])


def keys(found: Found) -> list[Key]:
    """Types and ids of the matches."""
    return [(one.type, one.id) for one in found.matches]


async def pages(store: Store, query: Query, *more: Pair) -> list[Found]:
    """All pages of a query."""
    found = [await find(store, WHOLE, searched(query, *more))]
    while (after := found[-1].next) is not None:
        found.append(await find(store, WHOLE, searched(query, *more, ("_after", after))))
    return found


async def check_matches(own: World, query: Query) -> None:
    """One query: the matches, the total, and the pages together."""
    search = searched(query, ("_count", "1000"), ("_total", "accurate"))
    expected = own.expected(search)
    whole = await find(own.store, WHOLE, search)
    assert sorted(keys(whole)) == expected, shown(query)
    assert whole.total == len(expected), shown(query)
    if len(expected) < 2:
        return
    count = ("_count", str(own.random.randint(1, len(expected))))
    parts = await pages(own.store, query, count)
    together = [key for part in parts for key in keys(part)]
    # Without `_sort` the order is the plan's, and the size of a page is part of that.
    assert sorted(together) == expected, shown((query[0], [*query[1], count]))


def sort_value(resource: Resource, sort: Sort) -> Any:
    """What a resource is sorted by for one key; None if it has no such value."""
    p = sort.parameter
    found: list[Any] = []
    for node in naive_search.nodes(resource, p):
        found += _sortable(p.kind, node)
    if not found:
        return None
    return max(found) if sort.descending else min(found)


def _sortable(kind: str, node: naive_search.Node) -> list[Any]:
    match kind:
        case "date":
            span = naive_search.date_span(node)
            return [span[0]] if span else []
        case "string":
            return [fold(text) for text in naive_search.strings_of(node)]
        case "token":
            return [code for _, code in naive_search.tokens_of(node) if code]
        case "quantity":
            quantity = naive_search.quantity_span(node)
            return [quantity.low] if quantity else []
        case "reference":
            text = node.value.get("reference", "") if node.type == "Reference" else node.value
            plain = text.partition("/_history/")[0]
            return [plain] if plain and ":" not in plain else []
        case "uri" if node.type == "canonical":
            return [node.value, node.value.partition("|")[0]]
    return [node.value]


async def check_order(own: World, query: Query, sort: Pair) -> None:
    """A sorted query: the order, and that it is the same page by page."""
    text = shown((query[0], [*query[1], sort]))
    search = searched(query, sort, ("_count", "1000"))
    whole = await find(own.store, WHOLE, search)
    assert sorted(keys(whole)) == own.expected(search), text
    by_key = {(one["resourceType"], one["id"]): one for one in own.resources}
    rows = [[sort_value(by_key[key], one) for one in search.sort] for key in keys(whole)]
    for first, second in pairwise(rows):
        assert _in_order(first, second, search.sort), (text, first, second)
    count = ("_count", str(own.random.randint(1, 6)))
    parts = await pages(own.store, query, sort, count)
    assert [key for part in parts for key in keys(part)] == keys(whole), (text, count)


def _in_order(first: Sequence[Any], second: Sequence[Any], sort: Sequence[Sort]) -> bool:
    for one, other, key in zip(first, second, sort, strict=True):
        if one != other:
            if one is None or other is None:
                return other is None
            return bool(one > other if key.descending else one < other)
    return True


def expected_includes(own: World, search: Search, matches: Sequence[Key]) -> list[Key]:
    """What a page should add, straight from the references."""
    by_key = {(one["resourceType"], one["id"]): one for one in own.resources}
    known = set(matches)
    frontier = [by_key[key] for key in matches]
    includes: Sequence[Include] = search.includes
    for _ in range(_DEEPEST):
        fresh = []
        for other in own.resources:
            key = (other["resourceType"], other["id"])
            if key in known:
                continue
            if any(_holds(one, other, include) for include in includes for one in frontier):
                known.add(key)
                fresh.append(other)
        frontier = fresh
        includes = [include for include in includes if include.iterate]
    return sorted(known - set(matches))


def _holds(one: Resource, other: Resource, include: Include) -> bool:
    """Whether `other` belongs to `one`."""
    holder, target = (other, one) if include.reverse else (one, other)
    if include.type not in (None, holder["resourceType"]):
        return False
    if include.target not in (None, target["resourceType"]):
        return False
    given = [include.parameter] if include.parameter else None
    links = given or [
        p for p in parameters_of(holder["resourceType"]).values() if p.kind == "reference"
    ]
    return any(
        naive_search._is_reference_to(node, target)
        for link in links
        for node in naive_search.nodes(holder, link)
    )


async def check_includes(own: World, query: Query, includes: Sequence[Pair]) -> None:
    """A query with includes: page by page, just what its matches lead to."""
    text = shown((query[0], [*query[1], *includes]))
    for page in await pages(own.store, query, *includes, ("_count", "3")):
        search = searched(query, *includes)
        added = sorted((one.type, one.id) for one in page.included)
        assert added == expected_includes(own, search, keys(page)), (text, keys(page))


async def check_world(own: World, queries: int) -> None:
    """Random queries of all kinds."""
    made = own.queries()
    for number in range(queries):
        query = made.query()
        await check_matches(own, query)
        if number % 4 == 0:
            await check_order(own, (query[0], query[1][:1]), made.sort(query[0]))
            await check_order(own, (query[0], []), made.sort(query[0]))
            await check_order(own, (query[0], query[1][:2]), made.sort_by_time())
        if number % 4 == 2:
            includes = [made.include(query[0]) for _ in range(own.random.choice((1, 2)))]
            await check_includes(own, (query[0], query[1][:1]), includes)


async def check_across(own: World, queries: int) -> None:
    """Searches of several types at once."""
    made = own.queries()
    for _ in range(queries):
        pairs = made.common()
        types = tuple(own.random.sample(TYPES, own.random.randint(2, len(TYPES))))
        search = parse_search(types, [*pairs, ("_count", "1000"), ("_total", "accurate")])
        expected = own.expected(search)
        whole = await find(own.store, WHOLE, search)
        text = shown(("+".join(types), pairs))
        assert (sorted(keys(whole)), whole.total) == (expected, len(expected)), text
        seen: list[Key] = []
        after: str | None = ""
        while after is not None:
            more = [*pairs, ("_count", "3")] + ([("_after", after)] if after else [])
            page = await find(own.store, WHOLE, parse_search(types, more))
            seen += keys(page)
            after = page.next
        assert sorted(seen) == expected, text


async def check_scope(own: World, queries: int) -> None:
    """What a scope does not show is not there, for chains and totals neither."""
    made = own.queries()
    patients = [one["id"] for one in own.resources if one["resourceType"] == "Patient"]
    for _ in range(queries):
        mine = frozenset(own.random.sample(patients, min(2, len(patients))))
        scope = Scope(
            (
                Grant(grade=Grade.SENSITIVE, patients=mine),
                Grant(grade=Grade.SENSITIVE, types=frozenset(["Practitioner"]), patients=None),
            )[: own.random.choice((1, 2))]
        )
        shares = len(scope.grants) == 2
        visible = [
            one
            for one in own.resources
            if mine & set(patients_of(one)) or (shares and one["resourceType"] == "Practitioner")
        ]
        query = made.query()
        search = searched(query, ("_count", "1000"), ("_total", "accurate"))
        now = time.time_ns() // 1_000
        expected = sorted(
            (one["resourceType"], one["id"]) for one in naive_search.found(visible, search, now=now)
        )
        found = await find(own.store, scope, search)
        assert (sorted(keys(found)), found.total) == (expected, len(expected)), shown(query)


async def check_index_rows(store: Store) -> None:
    """No row tells of a version that is not the current one."""
    for table in ("term", "span", "string", "compartment"):
        left = await store.pool.fetchval(
            f"""select count(*) from store.{table} t where not exists (
                select from store.resource r where r.sequence = t.sequence and not r.deleted)"""
        )
        assert left == 0, table


async def check_undisturbed(own: World, queries: int) -> None:
    """Pages while others write: nothing twice, and no match skipped that stayed as it was."""
    for _ in range(queries):
        made = own.queries()
        kind, pairs = made.query()
        plain = [pair for pair in pairs if "." not in pair[0] and not pair[0].startswith("_has")]
        sort = own.random.choice(([], [made.sort(kind)], [made.sort_by_time()]))
        query = (kind, [*plain, *sort, ("_count", str(own.random.randint(1, 4)))])
        before = {(one["resourceType"], one["id"]): one for one in own.resources}
        expected = set(own.expected(searched(query)))
        page = await find(own.store, WHOLE, searched(query))
        seen = keys(page)
        while page.next is not None:
            await own.change(3)
            page = await find(own.store, WHOLE, searched(query, ("_after", page.next)))
            seen += keys(page)
        now = {(one["resourceType"], one["id"]): one for one in own.resources}
        kept = {key for key in expected if now.get(key) == before[key]}
        assert len(seen) == len(set(seen)), shown(query)
        assert kept <= set(seen) <= expected, (shown(query), kept - set(seen), set(seen) - expected)


@pytest.mark.parametrize("seed", range(6))
async def test_searches_find_what_fhir_says(store: Store, seed: int) -> None:
    own = World(store, seed, 20 + 8 * seed)
    await own.begin()
    await check_world(own, 40)
    await check_across(own, 10)
    await check_scope(own, 20)


@pytest.mark.parametrize("bounds", LOW)
async def test_every_plan_finds_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch, bounds: Bounds
) -> None:
    set_bounds(monkeypatch, bounds)
    own = World(store, 100 + LOW.index(bounds), 40)
    await own.begin()
    await check_world(own, 40)
    await check_across(own, 10)
    await check_scope(own, 20)


@pytest.mark.parametrize("seed", range(3))
async def test_a_changed_world_is_found_as_it_is_now(store: Store, seed: int) -> None:
    own = World(store, 200 + seed, 40)
    await own.begin()
    for _ in range(3):
        await own.change(15)
        await check_index_rows(store)
        await check_world(own, 12)


@pytest.mark.parametrize("bounds", [None, *LOW])
async def test_pages_are_not_disturbed_by_writers(
    store: Store, monkeypatch: pytest.MonkeyPatch, bounds: Bounds | None
) -> None:
    if bounds is not None:
        set_bounds(monkeypatch, bounds)
    own = World(store, 300 + (LOW.index(bounds) if bounds else 9), 40)
    await own.begin()
    await check_undisturbed(own, 15)


async def given(store: Store, *resources: Resource) -> World:
    """A store with just these resources."""
    own = World(store, 1, 0)
    own.resources = list(resources)
    await own.begin()
    return own


def measured(one: str, value: str, unit: str = "mg", **more: Any) -> Resource:
    quantity = {"value": Decimal(value), "system": UCUM, "code": unit, "unit": unit, **more}
    return {"resourceType": "Observation", "id": one, "status": "final", "valueQuantity": quantity}


async def test_pages_go_on_among_values_without_an_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_bounds(monkeypatch, LOW[0])
    own = await given(store, *(measured(f"o{n}", "5", comparator="<") for n in range(7)))
    query = ("Observation", [("value-quantity", "lt3")])
    await check_matches(own, query)
    parts = await pages(store, query, ("_count", "2"))
    assert [len(part.matches) for part in parts] == [2, 2, 2, 1]


async def test_pages_go_on_past_values_that_begin_alike(store: Store) -> None:
    dosages = [{"timing": {"event": ["2024", "2024-01"]}}]
    own = await given(
        store,
        *(
            {"resourceType": "MedicationRequest", "id": f"m{n}", "dosageInstruction": dosages}
            for n in range(4)
        ),
    )
    query = ("MedicationRequest", [("date", "ge2020")])
    parts = await pages(own.store, query, ("_count", "1"))
    assert [len(part.matches) for part in parts] == [1, 1, 1, 1]


async def test_two_comparisons_are_one_range_only_of_a_single_value(store: Store) -> None:
    def part(value: int) -> dict[str, Any]:
        return {"valueQuantity": {"value": value, "unit": "mg"}}

    own = await given(
        store, measured("one", "5"), measured("both", "5") | {"component": [part(1), part(9)]}
    )
    for name in ("value-quantity", "component-value-quantity"):
        for bounds in (("gt8", "lt2"), ("gt4", "lt6"), ("ge5", "le5"), ("gt5", "lt6")):
            await check_matches(own, ("Observation", [(name, bound) for bound in bounds]))


async def test_units_are_compared_to_the_last_digit(store: Store) -> None:
    own = await given(
        store,
        *(measured(f"g{n}", value, "g") for n, value in enumerate(("0.0045", "0.0055", "0.0033"))),
        measured("warm", "37.0", "Cel"),
    )
    values = [
        f"{prefix}{number}|{UCUM}|{unit}"
        for number, unit in (("5", "mg"), ("5.5", "mg"), ("3.3", "mg"), ("310.15", "K"))
        for prefix in ("", "ne", "ap", "gt", "le", "sa")
    ]
    for value in values:
        await check_matches(own, ("Observation", [("value-quantity", value)]))


async def test_long_texts_are_found_by_their_ends(store: Store) -> None:
    def value_set(one: str, end: str) -> Resource:
        title = "标题" * 150 + "Grün" + end
        return {"resourceType": "ValueSet", "id": one, "status": "active", "title": title}

    own = await given(store, value_set("a", "甲"), value_set("b", "乙"))
    for text in ("标题" * 150 + "grun甲", "标题" * 120):
        for modifier in ("", ":contains", ":exact"):
            await check_matches(own, ("ValueSet", [(f"title{modifier}", text)]))
    for text in ("grun甲", "grün", "乙"):
        await check_matches(own, ("ValueSet", [("title:contains", text)]))


async def test_pages_inside_a_transaction_show_what_it_wrote(store: Store) -> None:
    await given(store, *(measured(f"o{n}", "5") for n in range(3)))
    async with store.pool.acquire() as connection, connection.transaction():
        changes = [Change(measured(f"n{n}", "6"), "h1") for n in range(3)]
        await write(store, connection, changes)
        seen: list[Key] = []
        after: list[Pair] = []
        while len(seen) < 7:
            search = searched(("Observation", [("status", "final"), ("_count", "1"), *after]))
            page = await find(store, WHOLE, search, connection=connection)
            seen += keys(page)
            if page.next is None:
                break
            after = [("_after", page.next)]
    assert sorted(one for _, one in seen) == ["n0", "n1", "n2", "o0", "o1", "o2"]


@pytest.mark.parametrize("seed", range(400, 408))
@pytest.mark.prove
async def test_many_worlds(store: Store, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    bounds = (None, *LOW)[seed % (len(LOW) + 1)]
    if bounds is not None:
        set_bounds(monkeypatch, bounds)
    own = World(store, seed, 60)
    await own.begin()
    for _ in range(4):
        await check_world(own, 200)
        await check_across(own, 40)
        await check_scope(own, 80)
        await check_undisturbed(own, 30)
        await check_index_rows(store)


FORGED = (
    [-2, False, None, 1, "5:5:"],
    [7, False, None, 1, "5:5:"],
    [-1, False, 1.5, 1, "5:5:"],
    [-1, False, "a", 1, "5:5:"],
    [0, False, None, 1, "5:5:"],
    [0, False, "nan", 1, "5:5:"],
    [0, False, 1.5, 1 << 64, "5:5:"],
    [0, False, 1.5, 1, "5:3:"],
    [0, False, 1.5, 1, "3:5:7"],
    [0, False, 1.5, 1, "3:9:7,5"],
    [0, False, 1.5, 1, "'"],
    [0, False, 1.5, 1, "1:2:3:4"],
)


@pytest.mark.parametrize("forged", FORGED, ids=str)
async def test_a_forged_place_is_refused(store: Store, forged: list[Any]) -> None:
    text = urlsafe_b64encode(json.dumps(forged).encode()).decode()
    query = ("Observation", [("date", "ge2020"), ("_after", text)])
    with pytest.raises(Refused, match="paging"):
        await find(store, WHOLE, searched(query))
