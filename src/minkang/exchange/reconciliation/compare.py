"""The comparison: what a source says it has, against what is held, by day and kind.

Proven is a day and kind of which the source has told, and everything is the same: the count, the
sum where it gives one, each department that it tells of, and each number where it lists them. What
it has not told of is unproven, however right it looks.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import msgspec

from minkang.exchange.reconciliation.holdings import Kind
from minkang.fhir import TYPE_CODES
from minkang.store import Connection

State = Literal["proven", "differs", "unproven"]

_AT_ONCE = 500
_LOCK = (0x6D6B, 5)
_ENCOUNTER = TYPE_CODES["Encounter"]


class Comparison(msgspec.Struct, frozen=True):
    """How a kind of a day compares; `reported` None: the source has told nothing of it.

    Attributes:
        missing: numbers that the source lists and that are held of no day near.
        surplus: numbers held of that day which the source does not list.
    """

    source: str
    day: date
    kind: Kind
    state: State
    reported: int | None
    held: int
    reported_sum: Decimal | None
    held_sum: Decimal | None
    missing: int
    surplus: int


COLUMNS = ", ".join(Comparison.__struct_fields__)


# A number may be given out again in another year: what lies half a year away is another thing.
#
# Numbers are looked for one by one by an index (scalar subqueries, which are never turned into a
# join): lists are fresh when they are compared, and nothing is known yet of how long they are.
_COMPARE = """
    with k as (
        select k.*, exists (select from exchange.reported_item i where i.source = k.source
                            and i.day = k.day and i.kind = k.kind) as listed
        from unnest($1::text[], $2::date[], $3::text[]) as k(source, day, kind)),
    held as materialized (
        select k.source, k.day, k.kind, count(distinct h.number) as held,
               sum(h.amount) as held_sum,
               count(distinct h.number) filter (where k.listed and (
                   select true from exchange.reported_item i where i.source = h.source
                   and i.day = h.day and i.kind = h.kind and i.number = h.number) is null)
                   as surplus
        from k join exchange.held h
            on h.source = k.source and h.day = k.day and h.kind = k.kind
        group by k.source, k.day, k.kind),
    told as materialized (
        select k.source, k.day, k.kind,
               coalesce(max(r.count) filter (where r.department = ''), sum(r.count))::bigint
                   as reported,
               coalesce(max(r.sum) filter (where r.department = ''), sum(r.sum)) as reported_sum,
               bool_or(r.department <> '') as parts
        from k join exchange.reported r
            on r.source = k.source and r.day = k.day and r.kind = k.kind
        group by k.source, k.day, k.kind),
    missing as materialized (
        select k.source, k.day, k.kind, count(*) filter (where (
                   select true from exchange.held h where h.source = i.source
                   and h.kind = i.kind and h.number = i.number
                   and h.day between i.day - 183 and i.day + 183 limit 1) is null) as missing
        from k join exchange.reported_item i
            on i.source = k.source and i.day = k.day and i.kind = k.kind
        where k.listed group by k.source, k.day, k.kind),
    part as materialized (
        select source, day, kind, department, count(distinct number) as held
        from (select h.source, h.day, h.kind, h.number,
                     coalesce(h.department, (
                         select v.department from exchange.held v where v.type = $4
                         and v.id = h.visit and v.kind in ('visits', 'admissions') limit 1), '')
                         as department
              from told t join exchange.held h
                  on h.source = t.source and h.day = t.day and h.kind = t.kind
              where t.parts) h
        group by source, day, kind, department),
    apart as (
        select distinct k.source, k.day, k.kind
        from k join exchange.reported r
            on r.source = k.source and r.day = k.day and r.kind = k.kind and r.department <> ''
        left join part p on p.source = r.source and p.day = r.day and p.kind = r.kind
            and p.department = r.department
        where r.count <> coalesce(p.held, 0))
    select k.source, k.day, k.kind, coalesce(h.held, 0) as held, h.held_sum,
           t.reported, t.reported_sum,
           coalesce(m.missing, 0) as missing, coalesce(h.surplus, 0) as surplus,
           case when t.reported is null then 'unproven'
                when t.reported = coalesce(h.held, 0)
                     and (t.reported_sum is null
                          or t.reported_sum = coalesce(h.held_sum, 0))
                     and coalesce(m.missing, 0) + coalesce(h.surplus, 0) = 0
                     and a.source is null then 'proven'
                else 'differs' end as state
    from k left join held h using (source, day, kind) left join told t using (source, day, kind)
    left join missing m using (source, day, kind) left join apart a using (source, day, kind)
    order by k.source, k.day, k.kind"""


async def settle(connection: Connection, limit: int = _AT_ONCE) -> int:
    """Compare the days of which something has changed; how many days and kinds there were.

    Requests for resending are closed where everything has come.
    """
    async with connection.transaction():
        due = await connection.fetch(
            """delete from exchange.reconcile_due d using (
                   select source, day, kind from exchange.reconcile_due
                   order by day desc limit $1 for update skip locked) n
               where d.source = n.source and d.day = n.day and d.kind = n.kind
               returning d.source, d.day, d.kind""",
            limit,
        )
        if due:
            await compare(connection, [tuple(row.values()) for row in due])
    return len(due)


async def compare(
    connection: Connection, keys: Sequence[tuple[str, date, str]]
) -> list[Comparison]:
    """Compare some days (source, day, kind) now, in the caller's transaction."""
    # What is read here must not be older than what another comparison has written.
    await connection.execute("select pg_advisory_xact_lock($1, $2)", *_LOCK)
    columns = [list(column) for column in zip(*keys, strict=True)]
    rows = await connection.fetch(_COMPARE, *columns, _ENCOUNTER)
    found = [_comparison(row) for row in rows]
    said = [one for one in found if one.held or one.reported is not None]
    await connection.execute(
        """insert into exchange.reconciled (source, day, kind, state, reported, held,
               reported_sum, held_sum, missing, surplus)
           select * from unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::bigint[],
               $6::bigint[], $7::numeric[], $8::numeric[], $9::bigint[], $10::bigint[])
           on conflict (source, day, kind) do update set state = excluded.state,
               reported = excluded.reported, held = excluded.held,
               reported_sum = excluded.reported_sum, held_sum = excluded.held_sum,
               missing = excluded.missing, surplus = excluded.surplus,
               compared = clock_timestamp()""",
        *([getattr(one, name) for one in said] for name in Comparison.__struct_fields__),
    )
    empty = [one for one in found if one not in said]
    await connection.execute(
        """delete from exchange.reconciled r
           using unnest($1::text[], $2::date[], $3::text[]) as k(a, b, c)
           where r.source = k.a and r.day = k.b and r.kind = k.c""",
        *([getattr(one, name) for one in empty] for name in ("source", "day", "kind")),
    )
    await _close_requests(connection, columns)
    return found


def _comparison(row: Any) -> Comparison:
    return Comparison(**{name: row[name] for name in Comparison.__struct_fields__})


async def _close_requests(connection: Connection, columns: list[list[Any]]) -> None:
    """Requests are over when every number has come, or the whole day is proven."""
    await connection.execute(
        """update exchange.resend_request q set state = 'closed', closed = clock_timestamp()
           from unnest($1::text[], $2::date[], $3::text[]) as k(source, day, kind)
           where q.source = k.source and q.day = k.day and q.kind = k.kind
           and q.state <> 'closed' and (
               exists (select from exchange.reconciled r where r.source = q.source
                       and r.day = q.day and r.kind = q.kind and r.state = 'proven')
               or q.numbers <> '{}' and not exists (
                   select from unnest(q.numbers) as n(number) where (
                       select true from exchange.held h where h.source = q.source
                       and h.kind = q.kind and h.number = n.number
                       and h.day between q.day - 183 and q.day + 183 limit 1) is null))""",
        *columns,
    )
