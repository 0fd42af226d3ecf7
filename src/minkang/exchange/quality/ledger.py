"""What was judged, written down: one row a resource, one a failure, sums by day.

Every change is the difference to what stands there, so that judging again changes nothing, and a
resource that was mended or is gone leaves no trace.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import msgspec

from minkang.exchange.quality.judge import Verdict
from minkang.exchange.quality.rule import DIMENSIONS, rules
from minkang.exchange.reconciliation.holdings import Holding
from minkang.fhir import TYPE_CODES
from minkang.store import Connection

Key = tuple[str, str]
"""Type and id of a resource."""


class Entry(msgspec.Struct, frozen=True):
    """What is to stand of one resource."""

    source: str
    day: date
    verdict: Verdict
    holdings: tuple[Holding, ...]


class _Before(msgspec.Struct, frozen=True):
    source: str
    day: date
    rules: tuple[str, ...]
    failed: frozenset[str]


_Sums = Counter[tuple[str, date, str, int]]


async def enter(
    connection: Connection, entries: Mapping[Key, Entry], gone: Collection[Key] = ()
) -> None:
    """Set what stands of some resources, and take away what stands of those that are `gone`."""
    before = await _before(connection, [*entries, *gone])
    judged, failed = _Sums(), _Sums()
    for key, old in before.items():
        _add(judged, failed, key, old.source, old.day, old.rules, old.failed, -1)
    for key, entry in entries.items():
        verdict = entry.verdict
        _add(judged, failed, key, entry.source, entry.day, verdict.applied, verdict.failed, 1)
    await _write_judged(connection, entries, before)
    await _write_failures(connection, entries, before)
    await _write_held(connection, entries, gone)
    lost = _columns([key for key in gone if key in before])
    for table in ("judgement", "judged"):
        await connection.execute(
            f"""delete from exchange.{table} t using unnest($1::smallint[], $2::text[]) as k(a, b)
                where t.type = k.a and t.id = k.b""",  # noqa: S608 - the names of our tables
            *lost,
        )
    await _add_sums(connection, judged, failed)


def _add(
    judged: _Sums,
    failed: _Sums,
    key: Key,
    source: str,
    day: date,
    rules: Iterable[str],
    bad: Collection[str],
    sign: int,
) -> None:
    code = TYPE_CODES[key[0]]
    for rule in rules:
        judged[source, day, rule, code] += sign
        if rule in bad:
            failed[source, day, rule, code] += sign


def _columns(keys: Iterable[Key]) -> tuple[list[int], list[str]]:
    listed = list(keys)
    return [TYPE_CODES[kind] for kind, _ in listed], [one for _, one in listed]


async def _before(connection: Connection, keys: Sequence[Key]) -> dict[Key, _Before]:
    rows = await connection.fetch(
        """select k.name, j.id, j.source, j.day, s.rules,
                  array(select f.rule from exchange.judgement f
                        where f.type = j.type and f.id = j.id) as failed
           from unnest($1::smallint[], $2::text[], $3::text[]) as k(type, id, name)
           join exchange.judged j on j.type = k.type and j.id = k.id
           join exchange.rule_set s on s.number = j.rules""",
        *_columns(keys),
        [kind for kind, _ in keys],
    )
    return {
        (row["name"], row["id"]): _Before(
            row["source"], row["day"], tuple(row["rules"]), frozenset(row["failed"])
        )
        for row in rows
    }


async def _write_judged(
    connection: Connection, entries: Mapping[Key, Entry], before: Mapping[Key, _Before]
) -> None:
    changed = {
        key: entry
        for key, entry in entries.items()
        if (old := before.get(key)) is None
        or (old.source, old.day, old.rules) != (entry.source, entry.day, entry.verdict.applied)
    }
    if not changed:
        return
    sets = await _rule_sets(connection, {entry.verdict.applied for entry in changed.values()})
    await connection.execute(
        """insert into exchange.judged (type, id, source, day, rules)
           select * from unnest($1::smallint[], $2::text[], $3::text[], $4::date[], $5::int[])
           on conflict (type, id) do update set source = excluded.source, day = excluded.day,
               rules = excluded.rules""",
        *_columns(changed),
        [entry.source for entry in changed.values()],
        [entry.day for entry in changed.values()],
        [sets[entry.verdict.applied] for entry in changed.values()],
    )


async def _rule_sets(
    connection: Connection, wanted: Collection[tuple[str, ...]]
) -> dict[tuple[str, ...], int]:
    """The numbers of some sets of rules; new ones get one."""
    texts = [list(one) for one in wanted]
    found: dict[tuple[str, ...], int] = {}
    for text in texts:
        found[tuple(text)] = await connection.fetchval(
            """with made as (
                   insert into exchange.rule_set (rules) values ($1::text[])
                   on conflict do nothing returning number)
               select number from made
               union all select number from exchange.rule_set where rules = $1::text[] limit 1""",
            text,
        )
    return found


async def _write_failures(
    connection: Connection, entries: Mapping[Key, Entry], before: Mapping[Key, _Before]
) -> None:
    """Failures that are new, and away with those that are mended or lie on another day."""
    stale: list[tuple[Key, str]] = []
    fresh: list[tuple[Key, str, Entry]] = []
    for key, entry in entries.items():
        old = before.get(key)
        kept = old is not None and (old.source, old.day) == (entry.source, entry.day)
        had = old.failed if old is not None else frozenset()
        stale += [(key, rule) for rule in (had - entry.verdict.failed if kept else had)]
        fresh += [
            (key, r, entry) for r in (entry.verdict.failed - had if kept else entry.verdict.failed)
        ]
    if stale:
        await connection.execute(
            """delete from exchange.judgement f
               using unnest($1::smallint[], $2::text[], $3::text[]) as k(type, id, rule)
               where f.type = k.type and f.id = k.id and f.rule = k.rule""",
            *_columns(key for key, _ in stale),
            [rule for _, rule in stale],
        )
    if fresh:
        await connection.execute(
            """insert into exchange.judgement (type, id, rule, source, day)
               select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[],
                   $5::date[])""",
            *_columns(key for key, _, _ in fresh),
            [rule for _, rule, _ in fresh],
            [entry.source for _, _, entry in fresh],
            [entry.day for _, _, entry in fresh],
        )


async def _write_held(
    connection: Connection, entries: Mapping[Key, Entry], gone: Collection[Key]
) -> None:
    """What counts now of these resources; the days that change are to be compared again."""
    was = await connection.fetch(
        """select h.type, h.id, h.kind, h.source, h.day, h.number, h.department, h.amount, h.visit
           from exchange.held h join unnest($1::smallint[], $2::text[]) as k(type, id)
           on h.type = k.type and h.id = k.id""",
        *_columns([*entries, *gone]),
    )
    old = {tuple(row.values()) for row in was}
    new = {
        (
            TYPE_CODES[kind],
            one,
            h.kind,
            entry.source,
            h.day,
            h.number,
            h.department,
            h.amount,
            h.visit,
        )
        for (kind, one), entry in entries.items()
        for h in entry.holdings
    }
    removed, added = list(old - new), list(new - old)
    if removed:
        await connection.execute(
            """delete from exchange.held h
               using unnest($1::smallint[], $2::text[], $3::text[]) as k(type, id, kind)
               where h.type = k.type and h.id = k.id and h.kind = k.kind""",
            *([row[n] for row in removed] for n in range(3)),
        )
    if added:
        await connection.execute(
            """insert into exchange.held
                   (type, id, kind, source, day, number, department, amount, visit)
               select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[],
                   $5::date[], $6::text[], $7::text[], $8::numeric[], $9::text[])""",
            *([row[n] for row in added] for n in range(9)),
        )
    await _note_due(connection, {(row[3], row[4], row[2]) for row in (*removed, *added)})


async def _note_due(connection: Connection, days: Collection[tuple[str, date, str]]) -> None:
    """These days (source, day, kind) are to be compared again."""
    if days:
        rows = sorted(days)
        await connection.execute(
            """insert into exchange.reconcile_due (source, day, kind)
               select * from unnest($1::text[], $2::date[], $3::text[]) on conflict do nothing""",
            *([row[n] for row in rows] for n in range(3)),
        )


async def _add_sums(connection: Connection, judged: _Sums, failed: _Sums) -> None:
    by_key: dict[tuple[str, date, str, int], list[int]] = defaultdict(lambda: [0, 0])
    for place, counter in enumerate((judged, failed)):
        for key, count in counter.items():
            by_key[key][place] += count
    rows = sorted((*key, *counts) for key, counts in by_key.items() if any(counts))
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    await connection.execute(
        """insert into exchange.quality_day as q
               (source, day, rule, type, judged, failed, dimension)
           select * from unnest($1::text[], $2::date[], $3::text[], $4::smallint[], $5::bigint[],
               $6::bigint[], $7::text[])
           on conflict (source, day, rule, type) do update set
               judged = q.judged + excluded.judged, failed = q.failed + excluded.failed,
               dimension = excluded.dimension""",
        *columns,
        [_dimension(rule) for rule in columns[2]],
    )
    await connection.execute(
        """delete from exchange.quality_day q
           using unnest($1::text[], $2::date[], $3::text[], $4::smallint[]) as k(s, d, r, t)
           where q.source = k.s and q.day = k.d and q.rule = k.r and q.type = k.t
           and q.judged = 0""",
        *columns[:4],
    )


def _dimension(rule: str) -> str:
    """Of a rule that is no more, whose sums are being taken away, any will do."""
    known = rules().get(rule)
    return known.dimension if known is not None else DIMENSIONS[0]
