"""What sources send, by the hour: counted as it happens, so that looking costs nothing.

The inbox counts what arrives in the statement that keeps it (`inbox`), processing what became of
it (`count_outcomes`). Nothing here counts messages but those that wait or lie in quarantine, and
of them no more than `MOST`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from minkang.store import Connection

MOST = 10_000
"""So many waiting or quarantined messages are counted; more are shown as so many and more."""

_DAY = timedelta(hours=24)
_HOURS = 24


class SourceFigures(msgspec.Struct, frozen=True):
    """How a source is doing.

    Attributes:
        last: when it last sent anything, a repeated message too; None if never.
        heartbeat: when it last said that it lives, without a message; None if never.
        minute: messages of the last sixty seconds.
        today: messages of the last 24 hours.
        hours: messages of each of them, the oldest first, the present one last.
        waiting, quarantined, trial: messages in these states now, `MOST` at most.
    """

    id: str
    last: datetime | None
    heartbeat: datetime | None
    minute: int
    today: int
    hours: tuple[int, ...]
    waiting: int
    quarantined: int
    trial: int

    @property
    def alive(self) -> datetime | None:
        """When it was last heard of; None if never."""
        return max((one for one in (self.last, self.heartbeat) if one is not None), default=None)


class Day(msgspec.Struct, frozen=True):
    """What came in on one day (Asia/Shanghai), and what became of messages on it."""

    day: str
    received: int
    repeated: int
    stored: int
    quarantined: int
    bytes: int


async def count_outcomes(
    connection: Connection, stored: Iterable[str], quarantined: Iterable[str]
) -> None:
    """Count messages that were finished now; each is given as the id of its source.

    To be called last in its transaction: the rows are locked until it ends.
    """
    await connection.execute(
        """insert into exchange.hour as h (source, hour, writer, stored, quarantined)
           select source, date_trunc('hour', now(), 'UTC'), pg_backend_pid() % 16,
                  count(*) filter (where good), count(*) filter (where not good)
           from (select unnest($1::text[]) as source, true as good
                 union all select unnest($2::text[]), false) as done
           group by source order by source
           on conflict (source, hour, writer) do update set
               stored = h.stored + excluded.stored,
               quarantined = h.quarantined + excluded.quarantined""",
        list(stored),
        list(quarantined),
    )


async def source_figures(connection: Connection, now: datetime) -> dict[str, SourceFigures]:
    """How all sources are doing, by id."""
    first = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(
        hours=_HOURS - 1
    )
    rows = await connection.fetch(_NOW, now - timedelta(minutes=1), MOST)
    by_hour = await connection.fetch(
        """select source, hour, sum(received)::bigint as received from exchange.hour
           where hour >= $1 group by source, hour""",
        first,
    )
    hours: dict[str, list[int]] = {row["id"]: [0] * _HOURS for row in rows}
    for row in by_hour:
        place = int((row["hour"] - first) / timedelta(hours=1))
        if place < _HOURS:
            hours[row["source"]][place] = row["received"]
    return {
        row["id"]: SourceFigures(**row, today=sum(hours[row["id"]]), hours=tuple(hours[row["id"]]))
        for row in rows
    }


async def total(connection: Connection, source: str) -> int:
    """Messages that a source has ever sent, those removed since included."""
    found: int = await connection.fetchval(
        "select coalesce(sum(received), 0)::bigint from exchange.hour where source = $1", source
    )
    return found


async def by_day(connection: Connection, source: str, now: datetime, days: int) -> list[Day]:
    """What a source sent on each of the last days, the newest first; days without are left out."""
    rows = await connection.fetch(
        """select to_char(hour at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day,
                  sum(received)::bigint as received, sum(repeated)::bigint as repeated,
                  sum(stored)::bigint as stored, sum(quarantined)::bigint as quarantined,
                  sum(bytes)::bigint as bytes
           from exchange.hour where source = $1 and hour > $2 group by 1 order by 1 desc""",
        source,
        now - days * _DAY,
    )
    return [Day(**row) for row in rows]


# An hour's row says when its last message came; the newest hour has the newest.
_NOW = """
    with waiting as (
        select source, count(*) as n from (
            select source from exchange.message where state = 'waiting' limit $2) as first
        group by source)
    select s.id, s.heartbeat,
        (select max(h.last) from exchange.hour h where h.source = s.id and h.hour = (
            select max(n.hour) from exchange.hour n
            where n.source = s.id and n.last is not null)) as last,
        (select count(*) from exchange.message m
         where m.source = s.id and m.received >= $1) as minute,
        coalesce((select w.n from waiting w where w.source = s.id), 0) as waiting,
        (select count(*) from (select from exchange.message m where m.source = s.id
                               and m.state = 'quarantined' limit $2) as q) as quarantined,
        (select count(*) from (select from exchange.message m where m.source = s.id
                               and m.state = 'trial' limit $2) as t) as trial
    from exchange.source s order by s.id"""
