"""The parts that are made anew from time to time, each in one transaction: people, resources,
messages, quality, institutions, periods, health files.

A part is made again when it is old enough: after `_LEAST` seconds, and not before it has rested a
good deal longer than making it took. So the platform spends a few per cent of its time on figures
however much it holds, and every page says as of when they are.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import msgspec

from minkang.fhir.dates import LOCAL
from minkang.record.files import rates
from minkang.record.region.days import count_periods, settle_days
from minkang.record.region.follow import follow_region
from minkang.record.region.institutions import gather_institutions
from minkang.record.region.people import count_people
from minkang.store import Connection, Store

_LOCK: Final = (0x6D6B, 32)
_TURNS: Final = 3
_LEAST: Final = 60.0
_REST: Final = 30  # times as long as making a part took
_KEPT_DAYS: Final = 800

Make = Callable[[Store, Connection, datetime], Awaitable[None]]


class Part(msgspec.Struct, frozen=True):
    """A part of the figures: as of when, and how many seconds it took to make."""

    name: str
    as_of: datetime
    seconds: float


async def refresh(store: Store, now: datetime, *, every: bool = False) -> list[str]:
    """Make the parts that are due (or all); which were made. One process at a time does it."""
    made: list[str] = []
    for name in _PARTS:
        async with store.pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", *_LOCK):
                continue
            known = (await parts(connection)).get(name)
            if not every and known is not None and not _due(known, now):
                continue
            await _make(store, connection, name, now)
            made.append(name)
    return made


async def count_all(store: Store, now: datetime) -> None:
    """Take up everything that was stored so far, and make every part, now.

    Visits may be the first to name an institution, which then moves their days to where it lies: so
    it may take a second turn.
    """
    for _ in range(_TURNS):
        while await follow_region(store) or await settle_days(store):
            pass
        await refresh(store, now, every=True)
        if not await settle_days(store):
            return


async def parts(connection: Connection) -> dict[str, Part]:
    """All parts that were made so far, by name."""
    rows = await connection.fetch("select name, as_of, seconds from region.part")
    return {row["name"]: Part(**row) for row in rows}


def _due(known: Part, now: datetime) -> bool:
    return (now - known.as_of).total_seconds() >= max(_LEAST, known.seconds * _REST)


async def _make(store: Store, connection: Connection, name: str, now: datetime) -> None:
    """Make one; here whole tables are read, which nothing else may do (`store.connection`)."""
    await connection.execute(
        """set local statement_timeout = 0; set local enable_seqscan = on;
           set local enable_hashjoin = on; set local enable_mergejoin = on;
           set local enable_material = on; set local plan_cache_mode = force_custom_plan"""
    )
    begun = time.monotonic()
    await _PARTS[name](store, connection, now)
    await connection.execute(
        """insert into region.part (name, as_of, seconds) values ($1, $2, $3)
           on conflict (name) do update set as_of = excluded.as_of, seconds = excluded.seconds""",
        name,
        now,
        time.monotonic() - begun,
    )


async def _people(_: Store, connection: Connection, now: datetime) -> None:
    await count_people(connection, now.astimezone(LOCAL).date())


async def _institutions(_: Store, connection: Connection, now: datetime) -> None:
    await gather_institutions(connection, now.astimezone(LOCAL).date())


async def _periods(_: Store, connection: Connection, now: datetime) -> None:
    await count_periods(connection, now.astimezone(LOCAL).date())


async def _resources(_: Store, connection: Connection, now: datetime) -> None:
    await connection.execute("delete from region.resource")
    await connection.execute(
        """insert into region.resource (institution, type, n)
           select source, type, count(*) from store.resource where not deleted group by 1, 2""",
        timeout=3600,
    )


async def _messages(_: Store, connection: Connection, now: datetime) -> None:
    """Only hours since the part was made last can have changed, and the end of yesterday, of which
    something may have been committed late; once a day all are added up."""
    known = (await parts(connection)).get("messages")
    today = now.astimezone(LOCAL).date()
    last = known.as_of.astimezone(LOCAL).date() if known is not None else None
    days = 2 if last == today else _KEPT_DAYS
    await connection.execute(
        "delete from region.message_day where day > $1::date - $2::int", today, days
    )
    await connection.execute(
        """insert into region.message_day (source, day, received, repeated, stored, quarantined)
           select source, (hour at time zone 'Asia/Shanghai')::date, sum(received), sum(repeated),
                  sum(stored), sum(quarantined)
           from exchange.hour
           where hour >= ($1::date - $2::int + 1)::timestamp at time zone 'Asia/Shanghai'
           group by 1, 2""",
        today,
        days,
        timeout=3600,
    )


async def _quality(_: Store, connection: Connection, now: datetime) -> None:
    await connection.execute("delete from region.quality_day")
    await connection.execute(
        """insert into region.quality_day (source, day, dimension, judged, failed)
           select source, day, dimension, sum(judged), sum(failed) from exchange.quality_day
           where day > $1::date - $2::int group by 1, 2, 3""",
        now.astimezone(LOCAL).date(),
        _KEPT_DAYS,
        timeout=3600,
    )


async def _files(store: Store, connection: Connection, now: datetime) -> None:
    found = await rates(store, now.astimezone(LOCAL).date())
    await connection.execute("delete from region.files")
    await connection.copy_records_to_table(
        "files",
        schema_name="region",
        columns=("place", "people", "with_file", "files", "used", "complete"),
        records=[msgspec.structs.astuple(one) for one in found],
    )


_PARTS: Final[dict[str, Make]] = {
    "institutions": _institutions,
    "people": _people,
    "periods": _periods,
    "messages": _messages,
    "quality": _quality,
    "resources": _resources,
    "files": _files,
}
"""In this order: periods go by where institutions are."""
