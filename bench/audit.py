"""The audit log: writing against a bare INSERT, verifying, and searching by person as it grows."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

from bench.measure import Place, Result, result
from minkang.audit import AuditLog, Entry, Sought, entries, verify
from minkang.audit.entry import FIELDS, Row, rows_of
from minkang.audit.indexes import build_search_indexes
from minkang.store import Pool

_ENTRIES = 40_000
_CALLERS = 128
_ENOUGH_A_SECOND = 5_000
_VERIFIED_A_SECOND = 50_000
_MILLISECONDS = 50
_MILLION = 1_000_000
_PERSONS = 100_000  # residents among whom the looks are spread; each is named in 1/50,000 of them

_TYPES = {"at": "timestamptz", "allowed": "boolean", "detail": "json", "persons": "text[]"}


async def audit(place: Place) -> list[Result]:
    """Entries written and verified a second, and a search by person among a million.

    `audit_verify_core` counts the processor time of the verifying process alone; what PostgreSQL
    needs beside it is in `audit_verify`, which is by the clock.
    """
    return [*await _written_and_verified(place), await _searched(place, _MILLION)]


async def audit_large(place: Place) -> list[Result]:
    """The search by person at one and at ten million entries: how it grows."""
    small = await _searched(place, _MILLION)
    large = await _searched(place, 10 * _MILLION)
    growth = result("audit_growth", large.value, "ms", max(small.value, 1.0), 1.5, at_most=True)
    return [small, large, growth]


async def _written_and_verified(place: Place) -> list[Result]:
    pool = place.store.pool
    log = await AuditLog.open(pool, place.keys, place.home / "audit")
    made = [_entry(number) for number in range(_ENTRIES)]
    try:
        written = await _rate(made, log)
    finally:
        await log.close()
    bare = await _bare_rate(pool, [row for entry in made for row in rows_of(entry)])
    await pool.execute("vacuum analyze audit.entry")
    begun, own = time.perf_counter(), time.process_time()
    found = await verify(pool, place.keys, place.home / "audit")
    wall, own = time.perf_counter() - begun, time.process_time() - own
    assert found.intact, found.faults
    return [
        result("audit_write", written, "entries/s", bare, 0.4),
        result("audit_write_enough", written, "entries/s", _ENOUGH_A_SECOND, 1.0),
        result("audit_verify", found.entries / wall, "entries/s", _VERIFIED_A_SECOND, 1.0),
        result("audit_verify_core", found.entries / own, "entries/s", _VERIFIED_A_SECOND, 1.0),
    ]


def _entry(number: int) -> Entry:
    """As answers of the FHIR base are: some name one resident, some a few."""
    named = tuple(f"{number * 7 + n:032x}" for n in range(3)) if number % 4 == 0 else ()
    return Entry(
        action="read-api",
        allowed=True,
        account=f"{number % 200:032x}",
        account_name="王医生",
        role="doctor",
        organisation="MK1",
        purpose="treatment",
        object_type="Observation",
        object_id=f"{number:032x}",
        person=None if named else f"{number * 7:032x}",
        persons=named,
        reason="visit",
        address="10.0.0.1",
        detail={"policy": 1, "rules": ["clinician-visit"]},
    )


async def _rate(made: Sequence[Entry], log: AuditLog) -> float:
    """Entries a second, each by a caller that waits until it is durable."""

    async def caller(own: Sequence[Entry]) -> None:
        for entry in own:
            await log.record(entry)

    begun = time.perf_counter()
    await asyncio.gather(*(caller(made[n::_CALLERS]) for n in range(_CALLERS)))
    return len(made) / (time.perf_counter() - begun)


async def _bare_rate(pool: Pool, rows: Sequence[Row]) -> float:
    """The same rows into a table with the same indexes, by as many at a time as callers wait."""
    columns = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in FIELDS)
    await pool.execute(f"create table bare_audit (seq bigint primary key, {columns})")
    for index in ("(person, at, seq)", "(account, at, seq)", "(at, seq)"):
        await pool.execute(f"create index on bare_audit {index}")
    places = ", ".join(f"${number}" for number in range(1, len(FIELDS) + 2))
    text = f"insert into bare_audit values ({places})"
    begun = time.perf_counter()
    async with pool.acquire() as connection:
        for first in range(0, len(rows), _CALLERS):
            group = rows[first : first + _CALLERS]
            await connection.executemany(text, [(first + n, *row) for n, row in enumerate(group)])
    return len(rows) / (time.perf_counter() - begun)


async def _searched(place: Place, size: int) -> Result:
    """Milliseconds of the first page of a resident's looks; reference: what it may take."""
    pool = place.store.pool
    await build_search_indexes(place.url)
    held = int(await pool.fetchval("select count(*) from audit.entry"))
    while held < size:
        more = min(_MILLION // 20, size - held)
        await _fill(pool, held, more)
        held += more
    await pool.execute("vacuum analyze audit.entry")
    await pool.execute("vacuum analyze audit.named")
    times = []
    for number in range(0, _PERSONS, _PERSONS // 40):
        sought = Sought(persons=(_person(number), f"Patient/{_person(number)}"))
        begun = time.perf_counter()
        found = await entries(pool, sought, limit=50)
        times.append((time.perf_counter() - begun) * 1000)
        assert found
    slow = sorted(times)[-2]  # of forty residents whom nobody asked for before
    name = f"audit_person_{size // _MILLION}m"
    return result(name, slow, "ms", _MILLISECONDS, 1.0, at_most=True)


def _person(number: int) -> str:
    return f"{number:032x}"


async def _fill(pool: Pool, first: int, count: int) -> None:
    """Rows as they would lie there, without links: looks at one resident, and lists of five."""
    await pool.execute(
        """
        with made as materialized (
            select n, to_timestamp(1.7e9 + n * 0.05) as at,
                lpad(to_hex((n * 7919) % $4), 32, '0') as person, n % 10 = 0 as listing
            from generate_series($2::bigint, $2::bigint + $3::bigint - 1) as n
        ), written as (
            insert into audit.entry (
                writer, seq, at, account, account_name, role, organisation, purpose, action,
                object_type, object_id, person, allowed, reason, address, persons, mac)
            select $1, n, at, lpad(to_hex(n % 2000), 32, '0'), '王医生', 'doctor',
                'MK' || n % 40, 'treatment',
                case when listing then 'list-residents' else 'open-record' end, 'Person', person,
                case when listing then null else person end,
                n % 50 <> 0, 'visit', '10.0.0.1', case when listing then array[person] end, ''
            from made
        )
        insert into audit.named (person, at, writer, seq)
        select lpad(to_hex((n * 7919 + k * 13) % $4), 32, '0'), at, $1, n
        from made, generate_series(0, 4) as k where listing
        """,
        uuid4(),
        first,
        count,
        _PERSONS,
        timeout=600,
    )
