"""Search: FHIR's whole search, at a cost that depends on the page and not on the store.

A search is a set of tests (`conditions`). The plan is chosen by counting a little: each set that
an index can give is counted up to a bound. If the smallest is small it is had whole and the rest
are filters; if all are dense, the search walks the smallest in the order of its index, and stops
when the page is full. Nothing depends on the planner's statistics.
"""

import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES, Problem, Refused
from minkang.fhir.extract import extract
from minkang.fhir.search import Clause, Parameter, Search, Sort
from minkang.store.conditions import Batch, Test, both, compile_clause
from minkang.store.connection import Connection
from minkang.store.drives import (
    Coarse,
    Compartments,
    Drive,
    Either,
    Ids,
    Marks,
    Spans,
    Strings,
    Types,
    contains,
    counted,
    is_coarse,
)
from minkang.store.drives import Terms as TermSet
from minkang.store.expanded_codes import with_codes
from minkang.store.includes import included
from minkang.store.index_rows import LONG
from minkang.store.joins import Asking, join_test
from minkang.store.page_place import After, after_of, bad_place, text_of
from minkang.store.reindex import is_stale
from minkang.store.row_conditions import row_conditions
from minkang.store.scope import Scope, compartment, compile_scope
from minkang.store.sorting import sorted_versions
from minkang.store.sql import Sql
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows
from minkang.store.terms import PERSONAL, parameter_hash
from minkang.store.times import written_within
from minkang.store.walks import (
    Place,
    Step,
    by_sequence,
    by_value,
    sorted_whole,
    total,
    whole,
    whole_if_few,
)

_FEW = 1_000
"""A set with fewer rows is had whole."""

_MANY = 20_000
"""The same, if a walk of a larger one found little in its first steps."""

_PATIENCE = 2
"""Those first steps."""

_SAMPLE = 500
_RARE = 0.02
"""A coarse set is rare if so few of so many of the newest versions belong to it."""

_MOSTLY_SMALL = (Ids, Marks, Compartments)

_STEP = 4_000
"""Places that one query of a walk looks at, at most."""

_BATCH = 200
"""The same, where other resources must be asked about each."""

_SECONDS = 10.0
_SORTED_AT_MOST = 5_000


class TooCostly(Exception):  # noqa: N818 - reads as what happened
    """A search took longer than it may; it should be narrowed down."""


class Found(msgspec.Struct, frozen=True):
    """A page of a search.

    Attributes:
        matches: in order.
        included: what `_include` and `_revinclude` added; none twice, none of the matches.
        next: `Search.after` of the next page, if there is one.
        total: how many match, if it was asked for.
        notes: what the caller should tell, e.g. that not everything was included.
    """

    matches: tuple[Stored, ...]
    included: tuple[Stored, ...] = ()
    next: str | None = None
    total: int | None = None
    notes: tuple[Problem, ...] = ()


class _Plan(msgspec.Struct):
    """A search ready to run."""

    types: tuple[int, ...]
    scope: Scope
    tests: list[Test]
    driver: int = -1
    whole: bool = False
    snapshot: str | None = None
    deadline: float = 0.0

    @property
    def drive(self) -> Drive:
        found = self.tests[self.driver].drive if self.driver >= 0 else None
        return Types(self.types) if found is None else found

    def filters(self, sql: Sql) -> str:
        """All conditions on a row `r` apart from what drives the search."""
        conditions = [compile_scope(self.scope, "r", sql.parameters)]
        if self.snapshot is not None:
            snapshot = sql.add(self.snapshot, "text")
            conditions.append(
                f"""(pg_visible_in_snapshot(r.transaction, {snapshot}::pg_snapshot)
                    or r.transaction = pg_current_xact_id_if_assigned())"""
            )
        for number, test in enumerate(self.tests):
            conditions += row_conditions(test, sql, driven=number == self.driver)
        return " and ".join(conditions)

    def late(self) -> Callable[[Stored], bool] | None:
        """Whether a resource itself confirms what an index can't tell; None if all is told."""
        late = [test.late for test in self.tests if test.late is not None]
        if not late:
            return None

        def passes(version: Stored) -> bool:
            values = extract(version.resource)
            return all(one(values) for one in late)

        return passes


async def find(
    store: Store,
    scope: Scope,
    search: Search,
    *,
    connection: "Connection | None" = None,
    seconds: float = _SECONDS,
) -> Found:
    """One page of a search, with what it includes.

    With a connection the search runs there, and sees what its transaction wrote.

    Raises:
        Refused: the search can't be answered as asked; each problem names the parameter.
        TooCostly: it took longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    # Before a connection is taken: what is asked may take one of its own.
    search = await with_codes(search, store.expand)
    if connection is not None:
        return await _find(store, scope, search, connection, deadline)
    async with store.readers.lent() as own:
        return await _find(store, scope, search, own, deadline)


async def _find(
    store: Store, scope: Scope, search: Search, connection: Connection, deadline: float
) -> Found:
    try:
        return await _page(store, scope, search, connection, deadline)
    except TimeoutError as error:
        raise TooCostly from error


async def _page(
    store: Store, scope: Scope, search: Search, connection: Connection, deadline: float
) -> Found:
    after = after_of(search.after)
    tests = await _tests(store, scope, search, connection, deadline)
    if any(test.nothing for test in tests):
        return Found((), total=0 if _wants_total(search) else None)
    codes = tuple(TYPE_CODES[name] for name in search.types)
    plan = _Plan(codes, scope, tests, deadline=deadline)
    run = _Run(store, connection, plan)
    if after is None:
        await run.choose(search)
    elif not -1 <= after.plan < len(tests) or (after.plan >= 0 and tests[after.plan].negated):
        raise bad_place()
    else:
        plan.driver, plan.whole, plan.snapshot = after.plan, after.whole, after.snapshot
    count = await run.total() if _wants_total(search) else None
    if search.count == 0 or search.summary == "count":
        return Found((), total=count if count is not None else await run.total())
    matches, end = await run.page(search, after)
    more = None
    if end is not None:
        value, place, snapshot = end
        more = text_of(After(plan.driver, plan.whole, value, place, snapshot))
    extra, notes = await included(store, connection, scope, search, matches)
    if not store.seen.reindexed:
        store.seen.reindexed = not await is_stale(connection)
    if not store.seen.reindexed:
        text = "资源库升级后正在重建索引，结果可能不全"
        notes.append(Problem("search", "", "reindexing", text))
    return Found(tuple(matches), tuple(extra), more, count, tuple(notes))


def _wants_total(search: Search) -> bool:
    return search.total != "none" or search.summary == "count" or search.count == 0


async def _tests(
    store: Store, scope: Scope, search: Search, connection: Connection, deadline: float
) -> list[Test]:
    tests: list[Test] = []
    ranges: dict[Parameter, int] = {}
    for condition in search.conditions:
        if isinstance(condition, Clause):
            test = await compile_clause(store.terms, connection, search.types, condition)
            if test.updated is not None:
                bounds = await written_within(connection, search.types, test.updated)
                test = msgspec.structs.replace(test, drive=bounds)
            place = ranges.setdefault(condition.parameter, len(tests))
            joined = both(condition.parameter, tests[place], test) if place < len(tests) else None
            if joined is None:
                tests.append(test)
            else:
                tests[place] = joined
        else:
            run = _inner(store, scope, connection, deadline)
            asking = Asking(store, connection, scope, deadline, run)
            tests.append(await join_test(search.types, condition, asking))
    patients = [grant.patients for grant in scope.grants]
    if patients and all(one is not None for one in patients):
        about = {compartment(patient) for one in patients for patient in one or ()}
        codes = tuple(TYPE_CODES[name] for name in search.types)
        tests.append(Test(drive=Compartments(tuple(sorted(about)), codes)))
    return tests


def _inner(
    store: Store, scope: Scope, connection: Connection, deadline: float
) -> Callable[[Search], Any]:
    async def run(search: Search) -> Found:
        return await _page(store, scope, search, connection, deadline)

    return run


End = tuple[float | str | None, int, str]


class _Run:
    """A plan on a connection."""

    def __init__(self, store: Store, connection: Connection, plan: _Plan) -> None:
        self._store = store
        self._connection = connection
        self._plan = plan
        self._ready: list[Any] | None = None

    async def choose(self, search: Search) -> None:
        """Choose what drives the search, by counting each candidate a little.

        A walk of a set is worth it when its own order is the one asked for.
        """
        plan = self._plan
        orders: tuple[type[Drive], ...] = (TermSet, Types, Spans, Strings)
        if search.sort:
            orders = (TermSet, Types) if _by_time(search.sort) else ()
        candidates = self._candidates()
        if not candidates:  # what is coarse filters a walk of the type
            return
        # A walk costs a page, however dense the set is, unless something else filters.
        walkable = isinstance(candidates[0][1], orders)
        if len(candidates) == 1 and walkable and all(_is_plain(test) for test in plan.tests):
            plan.driver = candidates[0][0]
            return
        # A large page makes a walk long, if other conditions thin it out.
        few = max(_FEW, min(4 * search.count, _MANY))
        if await self._guessed(search, candidates, few):
            return
        found = await self._counted(candidates, few)
        rows, _, number = found[0]
        if rows < few:
            plan.driver, plan.whole = number, True
            return
        # Of a sort key's walk the drive is but a filter.
        usable = orders or (TermSet, Types, Spans, Strings)
        walks = [n for _, _, n in found if isinstance(plan.tests[n].drive, usable)]
        if walks:
            plan.driver = walks[0]

    async def _guessed(
        self, search: Search, candidates: Sequence[tuple[int, Drive]], few: int
    ) -> bool:
        """Have a set whole that is mostly small, counting it in the same query.

        What refers to a patient is: so the usual search needs no other question.
        """
        small = [one for one in candidates if isinstance(one[1], _MOSTLY_SMALL)]
        by_time = not search.sort or _by_time(search.sort)
        if not (small and by_time) or _wants_total(search):
            return False
        number, drive = min(small, key=lambda one: _cost(one[1]))
        plan, sql = self._plan, Sql()
        plan.driver = number
        ascending = bool(search.sort) and not search.sort[0].descending
        step = Step(search.count + 1, None, ascending)
        text = whole_if_few(drive, plan.types, plan.filters(sql), sql, step, few)
        rows = await self._fetch(text, sql)
        if rows[0]["n"] >= few:
            plan.driver = -1
            return False
        plan.whole = True
        self._ready = [row for row in rows if row["place"] is not None]
        return True

    async def _reconsider(self) -> bool:
        """Have the smallest set whole after all, if it is not too large for that."""
        plan = self._plan
        if plan.whole:
            return False
        await self._take_small(self._candidates())
        if not plan.whole:
            await self._take_small(await self._rare())
        return plan.whole

    async def _take_small(self, candidates: list[tuple[int, Drive]]) -> None:
        """Have the smallest of some sets whole, if it is not too large for that."""
        if candidates:
            rows, _, number = (await self._counted(candidates, _MANY))[0]
            if rows < _MANY:
                self._plan.driver, self._plan.whole = number, True

    def _candidates(self, *, coarse: bool = False) -> list[tuple[int, Drive]]:
        """What may drive the search; what is coarse only if it is asked for."""
        return [
            (number, test.drive)
            for number, test in enumerate(self._plan.tests)
            if test.drive is not None and not test.negated and is_coarse(test.drive) is coarse
        ]

    async def _rare(self) -> list[tuple[int, Drive]]:
        """The coarse sets that hardly any of the newest versions belongs to."""
        candidates = self._candidates(coarse=True)
        if not candidates:
            return []
        sql = Sql()
        counts = ", ".join(
            f"count(*) filter (where {contains(drive, sql)}) as n{number}"
            for number, drive in candidates
        )
        types = sql.add(list(self._plan.types), "smallint[]")
        text = f"""select {counts} from unnest({types}) as k(type)
            cross join lateral (select one.* from store.resource one
                where one.type = k.type and not one.deleted
                order by one.sequence desc limit {_SAMPLE}) r"""
        row = await self._fetch(text, sql)
        return [one for one in candidates if row[0][f"n{one[0]}"] <= _SAMPLE * _RARE]

    async def _counted(
        self, candidates: Sequence[tuple[int, Drive]], most: int
    ) -> list[tuple[int, int, int]]:
        """Rows (up to a bound), cost and number of each candidate, the best first."""
        sql = Sql()
        counts = ", ".join(
            f"({counted(drive, sql, most)}) as n{number}" for number, drive in candidates
        )
        row = await self._fetch(f"select {counts}", sql)
        return sorted((row[0][f"n{number}"], _cost(drive), number) for number, drive in candidates)

    async def total(self) -> int:
        plan = self._plan
        if any(test.late or test.batch for test in plan.tests):
            return await self._total_one_by_one()
        chosen, sql = plan.driver, Sql()
        if chosen < 0 and (candidates := self._candidates() or self._candidates(coarse=True)):
            # All will be looked at: then rather all of a set than all of the type.
            plan.driver = min(candidates, key=lambda one: _cost(one[1]))[0]
        text = total(plan.drive, plan.types, plan.filters(sql), sql)
        plan.driver = chosen
        rows = await self._fetch(text, sql)
        return int(rows[0][0])

    async def _total_one_by_one(self) -> int:
        number, place = 0, None
        while True:
            rows, place, _ = await self._step(Step(_STEP, place), None)
            number += sum(1 for row in rows if row[1] is not None)
            if place is None:
                return number

    async def page(self, search: Search, after: After | None) -> tuple[list[Stored], End | None]:
        """A page of matches, and where it ended if there are more."""
        key = _sort_key(search.types, search.sort)
        if search.sort and key is None and not _by_time(search.sort):
            return await self._sorted_here(search, after)
        ascending = bool(search.sort) and not search.sort[0].descending
        wanted = search.count + 1
        place = None if after is None else self._place(after, key)
        phase_without = (
            key is not None and not self._plan.whole and (after is not None and after.value is None)
        )
        found: list[tuple[Place, Stored]] = []
        snapshot = self._plan.snapshot
        limit = wanted
        if not (self._plan.whole or self._is_exact()):
            limit = min(max(4 * wanted, 64), _STEP)
        # The order of a walk of values is its own: what follows it must begin anew.
        own_order = key is None and isinstance(self._plan.drive, Spans | Strings)
        for number in count():
            stuck = number == _PATIENCE and place is not None and not (own_order and after)
            if stuck and await self._reconsider():
                limit = wanted
                found, place = ([], None) if own_order else (found, place)
            step = Step(limit, place, ascending)
            rows, place, seen = await self._step(step, key, without=phase_without)
            snapshot = self._plan.snapshot = snapshot or seen or None
            found += [(at, version) for at, version in rows if version is not None]
            if len(found) >= wanted:
                break
            if place is None:
                if key is None or self._plan.whole or phase_without:
                    break
                phase_without = True
                limit = wanted
            limit = min(4 * limit, _BATCH if self._has_batch() else _STEP)
        matches = [version for _, version in found[: search.count]]
        if len(found) <= search.count:
            return matches, None
        value, last = found[search.count - 1][0]
        return matches, (value, last, snapshot or "")

    def _place(self, after: After, key: Spans | Strings | None) -> Place:
        """Where to go on from.

        Raises:
            Refused: it is no place of this walk.
        """
        ordered = key if key is not None else None if self._plan.whole else self._plan.drive
        value = after.value
        if value is None and (key is not None or not isinstance(ordered, Spans | Strings)):
            return None, after.place
        if isinstance(ordered, Spans) and isinstance(value, float | str):
            # JSON has no infinity: it stands there as a text.
            if isinstance(value, float) or value in ("inf", "-inf"):
                return float(value), after.place
        elif isinstance(ordered, Strings) and isinstance(value, str) and "\0" not in value:
            return value, after.place
        raise bad_place()

    def _has_batch(self) -> bool:
        return any(test.batch is not None for test in self._plan.tests)

    def _is_exact(self) -> bool:
        return all(_is_plain(test) for test in self._plan.tests) and len(self._plan.tests) <= 1

    async def _step(
        self, step: Step, key: Spans | Strings | None, *, without: bool = False
    ) -> tuple[list[tuple[Place, Stored | None]], Place | None, str]:
        """The rows of one query; the place to go on from, None at the end; what it saw."""
        plan = self._plan
        rows, self._ready = self._ready, None
        if rows is None:
            sql = Sql()
            rows = await self._fetch(self._text(step, key, sql, without=without), sql)
        full = [row for row in rows if row["id"] is not None]
        versions = iter(await stored_rows(self._connection, self._store.codec, full))
        passes = plan.late()
        out: list[tuple[Place, Stored | None]] = []
        for row in rows:
            version = next(versions) if row["id"] is not None else None
            if version is not None and passes is not None and not passes(version):
                version = None
            out.append(((row["value"], row["place"]), version))
        for test in plan.tests:
            if test.batch is not None:
                out = await _batched(test.batch, out)
        if len(rows) < step.limit:
            return out, None, rows[0]["snapshot"] if rows else ""
        return out, out[-1][0], rows[0]["snapshot"]

    def _text(self, step: Step, key: Spans | Strings | None, sql: Sql, *, without: bool) -> str:
        """The query of a step."""
        plan = self._plan
        filters = plan.filters(sql)
        drive = plan.drive
        if plan.whole and key is not None:
            return sorted_whole(drive, plan.types, filters, sql, step, key)
        if plan.whole:
            return whole(drive, plan.types, filters, sql, step)
        if key is not None and not without:
            filters = self._and_drive(filters, sql)
            return by_value(key, plan.types, filters, sql, step)
        if key is not None:
            filters = self._and_drive(filters, sql) + f" and not {contains(key, sql)}"
            return by_sequence(Types(plan.types), plan.types, filters, sql, _without_value(step))
        if isinstance(drive, Spans | Strings):
            return by_value(drive, plan.types, filters, sql, step)
        if isinstance(drive, TermSet | Types):
            return by_sequence(drive, plan.types, filters, sql, step)
        return whole(drive, plan.types, filters, sql, step)

    def _and_drive(self, filters: str, sql: Sql) -> str:
        """The filters when something else than the drive is walked."""
        plan = self._plan
        return f"{filters} and {contains(plan.drive, sql)}" if plan.driver >= 0 else filters

    async def _sorted_here(
        self, search: Search, after: After | None
    ) -> tuple[list[Stored], End | None]:
        """Sort by what no index has in order: all matches in memory, if they are not too many."""
        last = None if after is None else await self._version_at(after.place)
        found: list[tuple[int, Stored]] = []
        place: Place | None = None
        snapshot = self._plan.snapshot
        await self._reconsider()
        while True:
            rows, place, seen = await self._step(Step(_STEP, place), None)
            snapshot = self._plan.snapshot = snapshot or seen or None
            found += [(at[1], version) for at, version in rows if version is not None]
            if len(found) > _SORTED_AT_MOST:
                names = ",".join(one.parameter.code for one in search.sort)
                raise Refused(
                    [
                        Problem(
                            "search",
                            "_sort",
                            "sort",
                            f"按 {names} 排序的结果超过 {_SORTED_AT_MOST} 条，请缩小检索范围",
                        )
                    ]
                )
            if place is None:
                break
        beyond = sorted_versions(found, search.sort, last)
        page = beyond[: search.count]
        if len(beyond) <= search.count:
            return [version for _, version in page], None
        return [version for _, version in page], (None, page[-1][0], snapshot or "")

    async def _version_at(self, sequence: int) -> Stored:
        """The version that ended a page, though it may have been replaced since.

        Raises:
            Refused: there never was one, or it was purged.
        """
        sql = Sql()
        at = f"type = any({sql.add(list(self._plan.types), 'smallint[]')})"
        at += f" and sequence = {sql.add(sequence, 'bigint')}"
        rows = await self._fetch(
            f"""select {COLUMNS} from store.resource where not deleted and {at}
                union all select {COLUMNS} from store.history where not deleted and {at}""",
            sql,
        )
        if not rows:
            raise bad_place()
        return (await stored_rows(self._connection, self._store.codec, rows))[0]

    async def _fetch(self, text: str, sql: Sql) -> list[Any]:
        left = self._plan.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return await self._connection.fetch(text, *sql.parameters, timeout=left)


async def _batched(
    batch: Batch, rows: Sequence[tuple[Place, Stored | None]]
) -> list[tuple[Place, Stored | None]]:
    answers = iter(await batch([version for _, version in rows if version is not None]))
    return [
        (place, version if version is not None and next(answers) else None)
        for place, version in rows
    ]


def _without_value(step: Step) -> Step:
    """The first step among those without a value starts from the newest or oldest."""
    if step.after is not None and step.after[0] is not None:
        return Step(step.limit, None, step.ascending)
    return step


def _is_plain(test: Test) -> bool:
    return test.drive is not None and not test.negated and not (test.late or test.batch)


def _cost(drive: Drive) -> int:
    """Which of two small sets is the cheaper one to have."""
    order = (Ids, TermSet, Compartments, Spans, Strings, Marks, Coarse, Either, Types)
    return order.index(type(drive))


def _by_time(sort: Sequence[Sort]) -> bool:
    """Whether the order is that in which the versions were written."""
    return len(sort) == 1 and sort[0].parameter.code == "_lastUpdated"


def _sort_key(types: Sequence[str], sort: Sequence[Sort]) -> Spans | Strings | None:
    """All values of the one sort parameter, if an index has them in order."""
    if len(sort) != 1:
        return None
    parameter = sort[0].parameter
    infinite = float("inf")
    if parameter.code in ("_lastUpdated", "phonetic"):
        return None
    if parameter.kind in ("date", "number"):
        bases = [parameter_hash(kind, one.code) for kind in types for one in parameter.stored]
        return Spans(
            tuple(
                (number, -infinite, infinite, -infinite, infinite)
                for base in bases
                for number in (base, base ^ LONG)
            )
        )
    if parameter.kind == "string" and not PERSONAL & set(types):
        return Strings(
            tuple(
                (parameter_hash(kind, one.code), "", "\U0010ffff")
                for kind in types
                for one in parameter.stored
            )
        )
    return None
