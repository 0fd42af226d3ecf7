"""Visits and diagnoses counted by day, by place, and over the last days; anew where due.

A day is counted whole, from the facts as they stand, so that counting it twice changes nothing.
"""

from datetime import date, timedelta
from typing import Final

from minkang.record.region.follow import LOCK
from minkang.store import Connection, Store

PERIODS: Final = (7, 30, 90, 365)
"""Numbers of last days, today included, over which sums are kept."""

_DAYS: Final = 60

_COUNT: Final = (
    """delete from region.day_count where day = any($1::date[])""",
    """insert into region.day_count (day, what, institution, label, kind, n)
       select day, 'visit', institution, '', kind, count(*) from region.fact
       where what = 'visit' and day = any($1::date[]) group by 1, 3, 5""",
    """insert into region.day_count (day, what, institution, label, kind, n)
       select day, 'department', institution, label, '', count(*) from region.fact
       where what = 'visit' and day = any($1::date[]) group by 1, 3, 4""",
    """insert into region.day_count (day, what, institution, label, kind, n)
       select v.day, 'diagnosis', v.institution, d.label, '', count(distinct v.id)
       from region.fact v join region.fact d on d.visit = v.id and d.what = 'diagnosis'
       where v.what = 'visit' and v.day = any($1::date[]) group by 1, 3, 4""",
    """delete from region.place_day where day = any($1::date[])""",
    """insert into region.place_day (place, day, n)
       select p.place, c.day, sum(c.n) from region.day_count c
       left join region.institution i on i.code = c.institution
       cross join lateral (select distinct place from unnest(array[
           '', '@' || c.institution, left(i.division, 2), left(i.division, 4),
           left(i.division, 6), left(i.division, 9), i.division]) as place
           where place is not null) p
       where c.what = 'visit' and c.day = any($1::date[]) group by 1, 2""",
)
"""$1 the days."""

_PERIODS: Final = """
    insert into region.period_count (days, before, what, place, label, kind, n)
    with spans as (
        select days, before, $2::date - days * (case when before then 2 else 1 end) + 1 as since,
               $2::date - (case when before then days else 0 end) as until
        from unnest($1::int[]) as days cross join unnest(array[false, true]) as before),
    sums as materialized (
        select s.days, s.before, c.what, c.institution, c.label, c.kind, sum(c.n) as n
        from spans s join region.day_count c on c.day between s.since and s.until
        group by 1, 2, 3, 4, 5, 6),
    places as materialized (
        select d.institution, p.place
        from (select distinct institution from sums) d
        left join region.institution i on i.code = d.institution
        cross join lateral (select distinct place from unnest(array[
            '', '@' || d.institution, left(i.division, 2), left(i.division, 4),
            left(i.division, 6), left(i.division, 9), i.division]) as place
            where place is not null) p)
    select s.days, s.before, s.what, p.place, s.label, s.kind, sum(s.n)
    from sums s join places p on p.institution = s.institution
    group by 1, 2, 3, 4, 5, 6"""
"""$1 PERIODS, $2 today."""


async def settle_days(store: Store, limit: int = _DAYS) -> int:
    """Count days anew of which something has changed, the newest first; how many were counted."""
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *LOCK):
            return 0
        rows = await connection.fetch(
            """delete from region.due where day in
                   (select day from region.due order by day desc limit $1) returning day""",
            limit,
        )
        days: list[date] = [row["day"] for row in rows]
        if days:
            for statement in _COUNT:
                await connection.execute(statement, days)
        return len(days)


async def count_periods(connection: Connection, today: date) -> None:
    """Sum up the last days, and those before them; in the transaction of the caller."""
    await connection.execute("delete from region.period_count")
    await connection.execute(_PERIODS, list(PERIODS), today, timeout=3600)


def span(days: int, today: date, *, before: bool = False) -> tuple[date, date]:
    """The first and the last day of a period, or of the one before it."""
    last = today - timedelta(days=days) if before else today
    return last - timedelta(days=days - 1), last
