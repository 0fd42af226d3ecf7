"""Transactions and batches from files, carried out: like `POST /`, but ids are kept.

What stands in the Bundle itself wins over the store where a reference names what is searched for.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from minkang.api.address import pairs_of
from minkang.api.entries import query_of
from minkang.api.links import relink, root_of
from minkang.api.outcomes import Refusal
from minkang.app.load_fhir_bundle import (
    Holding,
    Wanted,
    Wants,
    identifiers_of,
    moved,
    problems_in,
)
from minkang.app.load_fhir_judge import Tally, ordered
from minkang.app.load_fhir_write import (
    FOREIGN,
    UNFIT,
    Origin,
    count,
    is_foreign,
    is_same,
    patiently,
    unexpected,
)
from minkang.fhir import Problem, Refused, encode
from minkang.fhir.search import Search
from minkang.fhir.search_syntax import parse_search, print_search
from minkang.fhir.validate import check
from minkang.store import (
    Change,
    Connection,
    Locked,
    Scope,
    Store,
    TooCostly,
    find,
    lock_criteria,
    lock_current,
    write,
)

_TWICE = Problem("bundle", "", "duplicate", "两个条目的条件相同 / two entries with one criterion")
_SEVERAL = Problem("bundle", "", "multiple-matches", "条件符合多个资源 / several match")
_MOST_KNOWN = 100_000
_USUAL = 20
"""`Search.count` where a query says nothing of it."""


class Later(Exception):  # noqa: N818 - reads as what it asks for
    """A reference names what is not there yet; another file may bring it."""


class Known(msgspec.Struct):
    """What conditional references were found to mean, in the store."""

    places: dict[str, str] = {}

    def keep(self, text: str, place: str) -> None:
        """Remember one; they are few (staff, institutions), and forgotten when they are many."""
        if len(self.places) >= _MOST_KNOWN:
            self.places.clear()
        self.places[text] = place


async def carry_out(
    store: Store,
    origin: Origin,
    take_apart: Callable[[], Wants],
    known: Known,
    held: Holding,
    *,
    last: bool,
) -> None:
    """Carry out a transaction or batch; what became of it is added to the tally of `held`.

    Args:
        take_apart: gives the Bundle's steps, anew each time: they are changed on the way.
        last: nothing else will come; what can't be found is refused.

    Raises:
        Later: something is referred to that is not there, and `last` is not set.
        Refused: the Bundle itself is wrong.
    """
    done = Tally()
    wants = take_apart()
    fresh = True

    async def attempt() -> None:
        nonlocal done, wants, fresh
        done = Tally()
        wants = wants if fresh else take_apart()
        fresh = False
        run = _Run(store, origin, wants, known, last, Holding(held.file, done))
        async with store.pool.acquire() as connection, connection.transaction():
            await _carried_out(run, connection)

    try:
        await patiently(attempt)
    except Refused as refused:
        # Of a transaction nothing is done; its problems stand in `done` or in the exception.
        done = Tally(refused=wants.entries, problems=done.problems)
        done.refuse(held.file, 1, list(refused.problems), count=0)
    except UNFIT as error:
        done = Tally()
        done.refuse(held.file, 1, [unexpected(error, "Bundle")], wants.entries)
    _add(done, held.tally)


class _Run(msgspec.Struct, frozen=True):
    """One attempt at a Bundle."""

    store: Store
    origin: Origin
    wants: Wants
    known: Known
    last: bool
    held: Holding

    def refuse(self, line: int, problems: list[Problem]) -> None:
        self.held.tally.refuse(self.held.file, line, problems)

    def refuse_all(self) -> None:
        """Nothing is done of a transaction of which something is refused.

        Raises:
            Refused: without problems, which stand in the tally.
        """
        if self.wants.whole and self.held.tally.refused:
            raise Refused([])


async def _carried_out(run: _Run, connection: Connection) -> None:
    for line, problems in run.wants.problems:
        run.refuse(line, problems)
    wanted = await _by_criteria(run, connection, run.wants.wanted)
    places = {one.step.full_url: "/".join(one.key) for one, _ in wanted if one.step.full_url}
    run.held.tally.unchanged += sum(kept for _, kept in wanted)
    writing = _single(run, [one for one, kept in wanted if not kept])
    own = identifiers_of(one for one, _ in wanted)
    ready, waiting = await _linked(run, connection, writing, places, own)
    ready = [one for one in ready if _is_valid(run, one)]
    run.refuse_all()
    locked = await lock_current(run.store, connection, [one.key for one in ready + waiting])
    made = await _write(run, connection, ready, locked)
    if waiting:
        waiting = await _found_now(run, connection, waiting)
        waiting = [one for one in waiting if _is_valid(run, one)]
        run.refuse_all()
        rest = msgspec.structs.replace(locked, sequences=locked.sequences[made:])
        await _write(run, connection, waiting, rest)


def _single(run: _Run, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Without those that another entry writes already, be it meant by id or by criteria."""
    seen: set[tuple[str, str]] = set()
    single = []
    for one in wanted:
        if one.key in seen:
            text = f"{'/'.join(one.key)} 在多个条目中 / in more than one entry"
            run.refuse(one.line, [Problem("bundle", one.step.place, "duplicate", text)])
        else:
            seen.add(one.key)
            single.append(one)
    return single


async def _by_criteria(
    run: _Run, connection: Connection, wanted: Sequence[Wanted]
) -> list[tuple[Wanted, bool]]:
    """The entries with the key that they turn out to mean, and whether it is there already."""
    searches: list[Search | None] = []
    sound: list[Wanted] = []
    texts: set[str] = set()
    for one in wanted:
        search = None
        if one.step.criteria is not None:
            try:
                text, search = _search(one.step.type, list(one.step.criteria))
            except Refused as error:
                run.refuse(one.line, _at(one, error.problems))
                continue
            if text in texts:
                run.refuse(one.line, _at(one, [_TWICE]))
                continue
            texts.add(text)
        sound.append(one)
        searches.append(search)
    if texts:
        await lock_criteria(connection, sorted(texts))
    meant: list[tuple[Wanted, bool]] = []
    for one, search in zip(sound, searches, strict=True):
        matches = await _matches(run, connection, search) if search is not None else []
        if len(matches) > 1:
            run.refuse(one.line, _at(one, [_SEVERAL]))
        elif not matches:
            meant.append((one, False))
        else:
            meant.append((_as(one, matches[0]), one.step.method == "POST"))
    return meant


def _as(one: Wanted, resource_id: str) -> Wanted:
    """The entry, as one about the resource that its criteria mean."""
    key = (one.step.type, resource_id)
    resource = {**one.resource, "id": resource_id}
    return msgspec.structs.replace(one, key=key, resource=resource, body=b"")


async def _linked(
    run: _Run,
    connection: Connection,
    wanted: Sequence[Wanted],
    places: Mapping[str, str],
    own: Mapping[tuple[str, str], str],
) -> tuple[list[Wanted], list[Wanted]]:
    """Put ids in the place of references; those that can be written, and those that have to wait.

    Raises:
        Later: see `carry_out`.
    """
    ready: list[Wanted] = []
    waiting: list[Wanted] = []
    for one in wanted:
        links = relink(one.resource, places, root_of(one.step.full_url))
        if links.changed:
            one.body = b""
        if run.wants.whole and links.lost is not None:
            text = f"引用的条目不在 Bundle 中：{links.lost[:100]} / no such entry"
            run.refuse(one.line, _at(one, [Problem("bundle", "", "not-found", text)]))
            continue
        try:
            for holder in links.conditional:
                place = await _meaning(run, connection, holder["reference"], own)
                if place is None:
                    one.waits.append(holder)
                else:
                    holder["reference"] = place
                    one.body = b""
        except Refused as refused:
            run.refuse(one.line, _at(one, refused.problems))
            continue
        (waiting if one.waits else ready).append(one)
    if waiting and not run.last:
        raise Later
    return ready, waiting


async def _meaning(
    run: _Run, connection: Connection, text: str, own: Mapping[tuple[str, str], str]
) -> str | None:
    """What a conditional reference means; None for nothing that is there.

    Raises:
        Refused: several resources match; it is no search.
    """
    kind, _, query = text.partition("?")
    try:
        pairs = pairs_of(query.encode())
    except Refusal as refusal:
        raise Refused(problems_in(refusal)) from None
    if len(pairs) == 1 and pairs[0][0] == "identifier":
        place = own.get((kind, pairs[0][1]))
        if place is not None:
            return place
    if (known := run.known.places.get(text)) is not None:
        return known
    matches = await _matches(run, connection, _search(kind, pairs)[1])
    if len(matches) > 1:
        found = f"条件引用 {text[:200]} 符合多个资源 / several matches"
        raise Refused([Problem("bundle", "", "multiple-matches", found)])
    if not matches:
        return None
    run.known.keep(text, f"{kind}/{matches[0]}")
    return f"{kind}/{matches[0]}"


async def _found_now(run: _Run, connection: Connection, waiting: Sequence[Wanted]) -> list[Wanted]:
    """Resolve the references to what this Bundle has just written."""
    found = []
    for one in waiting:
        lost = ""
        for holder in one.waits:
            text = holder["reference"]
            kind, _, query = text.partition("?")
            matches = await _matches(run, connection, _search(kind, pairs_of(query.encode()))[1])
            if len(matches) == 1:
                holder["reference"] = f"{kind}/{matches[0]}"
            else:
                lost = text
        if lost:
            told = f"条件引用 {lost[:200]} 找不到唯一资源 / no single match"
            run.refuse(one.line, _at(one, [Problem("bundle", "", "not-found", told)]))
        else:
            one.body = b""
            found.append(one)
    return found


def _is_valid(run: _Run, one: Wanted) -> bool:
    problems = check(one.resource, one.body or encode(one.resource))
    if problems:
        place = f"{one.step.place}.resource"
        run.refuse(one.line, moved(problems, place, one.step.type))
    return not problems


async def _write(
    run: _Run, connection: Connection, wanted: Sequence[Wanted], locked: Locked
) -> int:
    """Write; returns how many changes that was."""
    changes = []
    for one in wanted:
        current = locked.current.get(one.key)
        if current is None or not is_foreign(current, run.origin.source):
            changes.append(Change(ordered(one.resource), run.origin.source))
        elif is_same(current, one.resource):
            run.held.tally.unchanged += 1
        else:
            run.refuse(one.line, _at(one, [Problem("store", "", "other-source", FOREIGN)]))
    run.refuse_all()
    count(await write(run.store, connection, changes, locked), run.held.tally)
    return len(changes)


def _search(kind: str, pairs: list[tuple[str, str]]) -> tuple[str, Search]:
    """The search of some criteria, for at most two matches, and its one spelling.

    Raises:
        Refused: it is no search, or selects nothing.
    """
    search = msgspec.structs.replace(
        parse_search((kind,), pairs),
        count=_USUAL,
        includes=(),
        sort=(),
        total="none",
        summary="false",
        elements=(),
        after=None,
    )
    if not search.conditions:
        raise Refused([Problem("bundle", "", "required", "没有条件 / no criteria to select by")])
    text = f"{kind}?{query_of(sorted(print_search(search)))}"
    return text, msgspec.structs.replace(search, count=2)


async def _matches(run: _Run, connection: Connection, search: Search) -> list[str]:
    try:
        found = await find(run.store, Scope.whole(), search, connection=connection)
    except TooCostly:
        raise Refused([Problem("bundle", "", "too-costly", "条件太宽 / too costly")]) from None
    return [one.id for one in found.matches]


def _at(one: Wanted, problems: Sequence[Problem]) -> list[Problem]:
    """Problems of an entry, placed there."""
    return [
        msgspec.structs.replace(problem, place=".".join(filter(None, (one.step.place, p))))
        if not (p := problem.place).startswith("Bundle")
        else problem
        for problem in problems
    ]


def _add(done: Tally, tally: Tally) -> None:
    tally.accepted += done.accepted
    tally.unchanged += done.unchanged
    tally.refused += done.refused
    tally.problems += done.problems
