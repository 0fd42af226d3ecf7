"""The store against the bare database."""

import asyncio
import itertools
import random
import time
from decimal import Decimal

from bench.measure import Place, Result, rate, result
from minkang.fhir import Resource, encode
from minkang.identity import Resident
from minkang.record import gather
from minkang.record.results import results_of
from minkang.store import Scope, read
from minkang.store.bulk_load import bulk_load

_numbers = itertools.count()


def _observations(count: int, patient: str = "") -> list[Resource]:
    chance = random.Random(1)
    return [
        {
            "resourceType": "Observation",
            "id": f"o{next(_numbers)}",
            "status": "final",
            "category": [
                {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                            "code": "laboratory",
                        }
                    ]
                }
            ],
            "code": {
                "coding": [
                    {"system": "http://loinc.org", "code": chance.choice(["14749-6", "4548-4"])}
                ],
                "text": "葡萄糖",
            },
            "subject": {"reference": f"Patient/{patient or f'p{chance.randrange(500)}'}"},
            "effectiveDateTime": f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}",
            "performer": [{"reference": "Organization/MK1", "display": "海滨市人民医院"}],
            "valueQuantity": {"value": Decimal(chance.randint(30, 200)) / 10, "unit": "mmol/L"},
            "referenceRange": [{"low": {"value": 3}, "high": {"value": 6}, "text": "3-6"}],
        }
        for _ in range(count)
    ]


async def store_write(place: Place) -> Result:
    """Resources a second by bulk load; reference: COPY of the same bodies as jsonb by id."""
    pool = place.store.pool
    await pool.execute("create table bare (id text primary key, type text, body jsonb)")

    async def ours() -> int:
        resources = _observations(5_000)
        return sum((await bulk_load(place.store, resources, "MK1")).values())

    async def bare() -> int:
        rows = [(one["id"], "Observation", encode(one).decode()) for one in _observations(5_000)]
        async with pool.acquire() as connection:
            for begin in range(0, len(rows), 500):
                await connection.copy_records_to_table(
                    "bare", records=rows[begin : begin + 500], columns=("id", "type", "body")
                )
        return len(rows)

    reference = await rate(bare)
    return result("store_write", await rate(ours), "resources/s", reference, 0.25)


async def store_read(place: Place) -> Result:
    """Reads by id a second, eight at a time; reference: selecting the jsonb by its key."""
    pool = place.store.pool
    resources = _observations(2_000)
    await bulk_load(place.store, resources, "MK1")
    await pool.execute("create table bare_read (id text primary key, body jsonb)")
    rows = [(one["id"], encode(one).decode()) for one in resources]
    async with pool.acquire() as connection:
        await connection.copy_records_to_table("bare_read", records=rows, columns=("id", "body"))
    ids = [one["id"] for one in resources]

    async def ours() -> int:
        async def some(chosen: list[str]) -> None:
            for one in chosen:
                assert await read(place.store, Scope.whole(), "Observation", one)

        await asyncio.gather(*(some(ids[n::8]) for n in range(8)))
        return len(ids)

    async def bare() -> int:
        async def some(chosen: list[str]) -> None:
            for one in chosen:
                assert await pool.fetchval("select body from bare_read where id = $1", one)

        await asyncio.gather(*(some(ids[n::8]) for n in range(8)))
        return len(ids)

    reference = await rate(bare)
    return result("store_read", await rate(ours), "reads/s", reference, 0.5)


async def record_growth(place: Place) -> Result:
    """Seconds to gather one record of 300 facts, after and before the store grew tenfold."""

    def resident(patient: str) -> Resident:
        return Resident("x", "", "", "", "", "", "", "", frozenset([patient]))

    async def seconds() -> float:
        times = []
        for _ in range(15):
            begun = time.perf_counter()
            life = await gather(place.store, Scope.whole(), resident("one"), ("Observation",))
            assert len(results_of(life.of("Observation"), life.names)) == 300
            times.append(time.perf_counter() - begun)
        return sorted(times)[7]

    await bulk_load(place.store, _observations(300, "one"), "MK1")
    await bulk_load(place.store, _observations(3_000), "MK1")
    await place.store.pool.execute("analyze")
    small = await seconds()
    await bulk_load(place.store, _observations(40_000), "MK1")
    await place.store.pool.execute("analyze")
    return result("record_growth", await seconds(), "s", small, 1.5, at_most=True)
