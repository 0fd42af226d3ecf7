"""What a person must know of: silent sources, quarantine, dead front-end tables, a backlog.

`watch` is called every minute. An alarm is one row for as long as its reason lasts: it begins when
the reason is first seen and ends by itself; what was wrong twice is two rows.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from minkang.exchange.sources import Source, sources
from minkang.store import Connection

SILENT, QUARANTINE, UNREACHABLE, BACKLOG = "silent", "quarantine", "unreachable", "backlog"
KINDS = (SILENT, QUARANTINE, UNREACHABLE, BACKLOG)

_HOUR = timedelta(hours=1)
_MOST_ASIDE = 0.2  # share of an hour's messages in quarantine
_FEW = 10  # messages in quarantine within the hour that are no alarm yet, whatever their share
_DEAD = timedelta(minutes=10)  # so long a table may be out of reach without an alarm
_LATE = timedelta(minutes=5)
_LOCK = 0x6D6B616C  # "mkal": one process watches at a time


class Alarm(msgspec.Struct, frozen=True):
    """Something that was or is wrong.

    Attributes:
        kind: `silent`, `quarantine`, `unreachable` or `backlog`.
        source: id of the source it is about; None if it is about the platform.
        since: when it was first seen.
        text: what is wrong and what to do about it (Chinese).
        seen_by, seen_at: who has taken it on, if anybody.
        ended: when its reason was gone.
    """

    id: int
    kind: str
    source: str | None
    since: datetime
    text: str
    seen_by: str | None = None
    seen_at: datetime | None = None
    ended: datetime | None = None


_Key = tuple[str, str | None]


async def watch(connection: Connection, now: datetime) -> None:
    """Begin the alarms that have a reason now, and end those that have none any more."""
    async with connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _LOCK):
            return
        reasons = await _reasons(connection, now)
        await _end(connection, reasons, now)
        await connection.executemany(
            """insert into exchange.alarm (kind, source, since, text) values ($1, $2, $3, $4)
               on conflict (kind, source) where ended is null
               do update set text = excluded.text""",
            [(kind, source, now, text) for (kind, source), text in reasons.items()],
        )
        await connection.execute(
            """update exchange.alarm set raised = $1
               where ended is null and raised is null and (kind <> $2 or since <= $3)""",
            now,
            UNREACHABLE,
            now - _DEAD,
        )


async def _end(connection: Connection, reasons: Iterable[_Key], now: datetime) -> None:
    """End what has no reason any more; what was never raised is forgotten."""
    lasting = list(reasons)
    ended = await connection.fetch(
        """update exchange.alarm a set ended = $1
           where a.ended is null and not exists (
               select from unnest($2::text[], $3::text[]) as r(kind, source)
               where r.kind = a.kind and r.source is not distinct from a.source)
           returning a.id""",
        now,
        [kind for kind, _ in lasting],
        [source for _, source in lasting],
    )
    await connection.execute(
        "delete from exchange.alarm where id = any($1::bigint[]) and raised is null",
        [row["id"] for row in ended],
    )


async def alarms(
    connection: Connection, *, open_only: bool = False, before: int | None = None, limit: int = 50
) -> list[Alarm]:
    """Alarms, those that last first, then the newest; `before` is the id a page ended at."""
    rows = await connection.fetch(
        """select id, kind, source, since, text, seen_by, seen_at, ended from exchange.alarm
           where raised is not null and (ended is null or not $1)
           and ($2::bigint is null or id < $2 and ended is not null)
           order by ended is not null, id desc limit $3""",
        open_only,
        before,
        limit,
    )
    return [Alarm(**row) for row in rows]


async def unseen(connection: Connection) -> int:
    """How many alarms last that nobody has taken on."""
    count: int = await connection.fetchval(
        """select count(*) from exchange.alarm
           where raised is not null and ended is null and seen_at is null"""
    )
    return count


async def lasting(connection: Connection) -> dict[str, int]:
    """How many alarms of each kind last."""
    rows = await connection.fetch(
        """select kind, count(*) as n from exchange.alarm
           where raised is not null and ended is null group by kind"""
    )
    return dict.fromkeys(KINDS, 0) | {row["kind"]: row["n"] for row in rows}


async def acknowledge(connection: Connection, alarm: int, name: str, now: datetime) -> bool:
    """Write down who has taken an alarm on; whether nobody had."""
    done = await connection.fetchval(
        """update exchange.alarm set seen_by = $2, seen_at = $3
           where id = $1 and seen_at is null returning 1""",
        alarm,
        name,
        now,
    )
    return done is not None


async def untold(connection: Connection) -> list[Alarm]:
    """Alarms that last and that the on-call command has not taken yet, the oldest first."""
    rows = await connection.fetch(
        """select id, kind, source, since, text, seen_by, seen_at, ended from exchange.alarm
           where raised is not null and ended is null and told is null order by id"""
    )
    return [Alarm(**row) for row in rows]


async def note_told(connection: Connection, alarm: int, now: datetime) -> None:
    """Write down that the on-call command has taken an alarm."""
    await connection.execute("update exchange.alarm set told = $2 where id = $1", alarm, now)


async def _reasons(connection: Connection, now: datetime) -> dict[_Key, str]:
    known = await sources(connection)
    watched = {one.id: one for one in known.values() if one.enabled and one.stage == "live"}
    return {
        **await _silent(connection, watched, now),
        **await _aside(connection, watched, now),
        **await _unreachable(connection, watched),
        **await _backlog(connection, now),
    }


async def _silent(
    connection: Connection, watched: Mapping[str, Source], now: datetime
) -> dict[_Key, str]:
    """Sources that once were heard of, and have not been for longer than they may.

    One that never sent has no time to count from: the console shows it as such.
    """
    rows = await connection.fetch(
        """select s.id as source, greatest(s.heartbeat, (
               select max(h.last) from exchange.hour h where h.source = s.id and h.hour = (
                   select max(n.hour) from exchange.hour n
                   where n.source = s.id and n.last is not null))) as last
           from exchange.source s where s.id = any($1::text[])""",
        list(watched),
    )
    silent: dict[_Key, str] = {}
    for row in rows:
        source = watched[row["source"]]
        if row["last"] is not None and now - row["last"] > timedelta(minutes=source.silent_after):
            whom = f"，请联系 {source.contact}" if source.contact else "，请联系来源系统的维护人员"
            text = f"{source.name}超过 {source.silent_after} 分钟没有消息或心跳{whom}"
            silent[SILENT, source.id] = text
    return silent


async def _aside(
    connection: Connection, watched: Mapping[str, Source], now: datetime
) -> dict[_Key, str]:
    """Sources of whose messages of the present and the last hour too many were put aside."""
    rows = await connection.fetch(
        """select source, sum(received)::bigint as received,
                  sum(quarantined)::bigint as quarantined from exchange.hour
           where source = any($1::text[]) and hour > $2 group by source""",
        list(watched),
        now - 2 * _HOUR,
    )
    aside: dict[_Key, str] = {}
    for row in rows:
        count, received = row["quarantined"], row["received"]
        if count > _FEW and count > _MOST_ASIDE * received:
            name = watched[row["source"]].name
            text = f"{name}近一小时送来 {received} 条，{count} 条进了隔离区，请在隔离区查看原因"
            aside[QUARANTINE, row["source"]] = text
    return aside


async def _unreachable(connection: Connection, watched: Mapping[str, Source]) -> dict[_Key, str]:
    """Sources whose front-end tables can't be read now; raised once that has lasted."""
    rows = await connection.fetch(
        "select source, error from exchange.poll where source = any($1) and error is not null",
        list(watched),
    )
    return {
        (UNREACHABLE, row["source"]): f"{watched[row['source']].name}的前置库读不到：{row['error']}"
        for row in rows
    }


async def _backlog(connection: Connection, now: datetime) -> dict[_Key, str]:
    """Whether the oldest message that was never tried waits for too long."""
    oldest = await connection.fetchval(
        """select received from exchange.message
           where state = 'waiting' and attempts = 0 order by id limit 1"""
    )
    if oldest is None or now - oldest <= _LATE:
        return {}
    minutes = int((now - oldest).total_seconds() // 60)
    text = f"收到的消息积压：最早的一条已等待 {minutes} 分钟，请检查处理进程和数据库"
    return {(BACKLOG, None): text}
