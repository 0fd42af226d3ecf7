"""Online registrations: Patients written and linked, durable, while the region grows.

Two worker processes take what is waiting and hand it in together (`identity.online.register`).
The people are thin persons of the practice region with hard dirt (`synth.dirt.registers`). The
region behind them is filled by COPY: features, keys, links and Persons of its Patients, without
their resources, whose growth `record_growth` measures.
"""

import asyncio
import gc
import multiprocessing
import random
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from itertools import accumulate, islice
from pathlib import Path

import msgspec
import uvloop

from bench.measure import Place, Result, result
from minkang.app.platform import key_folder
from minkang.app.warm_up import set_collector
from minkang.crypto import Keys, load_keys
from minkang.fhir import Resource, encode
from minkang.identity.health_code import health_code
from minkang.identity.home import home_of_number, home_of_patient, own_number
from minkang.identity.kept import Worked, worked
from minkang.identity.linkage.definition import load_definition
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.online import register as register_online
from minkang.store import Change, Stored, open_pool, open_store
from minkang.store.reseal import about_features
from minkang.synth.dirt.registers.mix import MIXES
from minkang.synth.dirt.registers.row import RegisterRow
from minkang.synth.dirt.registers.rows import registers
from minkang.synth.place import build_place
from minkang.synth.record import World

_SMALL = (10_000, 50_000)
_LARGE = (100_000, 1_000_000, 3_000_000)
_MEASURED = 3_000  # registrations at each size, by the clock
_SECONDS = 10  # of arrivals at the rate that is aimed at
_RATE, _MILLISECONDS, _GROWTH = 300, 50, 1.5
_WORKERS = 2
_TOGETHER = 16  # registrations that a worker hands in at most
_CHUNK = 2_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def register(place: Place) -> list[Result]:
    """Registrations a second, their 99th percentile at 300 a second, and how the cost grows."""
    return await _measured(place, _SMALL)


async def register_large(place: Place) -> list[Result]:
    """The same up to 3,000,000 persons: takes about an hour, most of it to make them."""
    return await _measured(place, _LARGE)


async def _measured(place: Place, sizes: Sequence[int]) -> list[Result]:
    people = _People(sizes[-1] + 20 * _MEASURED)
    results: list[Result] = []
    rates = []
    there = 0
    for size in sizes:
        await _fill(place, people, size - there)
        there = size
        rate = await _rate(place, people.next(_MEASURED))
        late = await _latency(place, people.next(_RATE * _SECONDS))
        rates.append(rate)
        results += [
            result(f"register_rate_{size}", rate, "patients/s", _RATE, 1.0),
            result(f"register_p99_{size}", late, "ms", _MILLISECONDS, 1.0, at_most=True),
        ]
    growth = result(
        "register_growth", 1000 / rates[-1], "ms", 1000 / rates[0], _GROWTH, at_most=True
    )
    return [*results, growth]


class _People:
    """Registrations in order: the first of each person fills, further and new ones register."""

    def __init__(self, people: int) -> None:
        world = World(20261, date(2022, 1, 1), date(2025, 12, 31), build_place(20261))
        self._rows: Iterator[RegisterRow] = registers(world, MIXES["development"], people)
        self._again: list[RegisterRow] = []
        self._draw = random.Random(20261)

    def fill(self, count: int) -> list[Resource]:
        """The first registrations of so many people; some further ones are kept for later."""
        found: list[Resource] = []
        for row in self._rows:
            if row.id.endswith(".0"):
                found.append(_patient(row))
                if len(found) == count:
                    break
            elif len(self._again) < 20 * _MEASURED and self._draw.random() < 0.2:
                self._again.append(row)
        return found

    def next(self, count: int) -> list[Resource]:
        """What comes in next: half of it people who are there, half new ones."""
        self._draw.shuffle(self._again)
        known, self._again = self._again[: count // 2], self._again[count // 2 :]
        fresh = islice(self._rows, count - len(known))
        mixed = [_patient(row) for row in (*known, *fresh)]
        self._draw.shuffle(mixed)
        return mixed


def _patient(row: RegisterRow) -> Resource:
    made: Resource = {
        "resourceType": "Patient",
        "id": f"b-{row.id.replace('.', '-')}",
        "name": [{"text": row.name}],
        "gender": row.sex,
        "birthDate": row.birth_date,
    }
    if row.id_number:
        made["identifier"] = [{"system": ID_CARD_SYSTEM, "value": row.id_number}]
    if row.phone:
        made["telecom"] = [{"system": "phone", "value": row.phone}]
    if row.village:
        code = {"url": "urn:minkang:address:division", "valueCode": row.village}
        made["address"] = [{"text": row.village, "extension": [code]}]
    if row.mother_name:
        mother = {"coding": [{"code": "MTH"}]}
        made["contact"] = [{"relationship": [mother], "name": {"text": row.mother_name}}]
    return {name: value for name, value in made.items() if value}


async def _fill(place: Place, people: _People, count: int) -> None:
    """Put so many linked Patients there as they would be after their registration."""
    keys = Keys(place.keys.id_key, place.keys.index_key, b"", b"")
    node = await place.store.pool.fetchval("select coalesce(max(node), 0) from identity.feature")
    with ProcessPoolExecutor(2) as workers:
        loop = asyncio.get_running_loop()
        pending: list[asyncio.Future[list[tuple[Worked, str]]]] = []
        left = count
        while left or pending:
            while left and len(pending) < 4:
                chunk = people.fill(min(_CHUNK, left))
                left -= min(_CHUNK, left)
                pending.append(loop.run_in_executor(workers, partial(_work, keys, chunk)))
            made = await pending.pop(0)
            await _copy(place, made, node)
            node += len(made)
    await place.store.pool.execute(
        "select setval(pg_get_serial_sequence('identity.feature', 'node'), $1)", node
    )
    # What a running database does by itself soon after; the first change of a page after a
    # checkpoint costs most.
    for table in ("feature", "blocking", "link", "person"):
        await place.store.pool.execute(f"vacuum (analyze) identity.{table}")
    await place.store.pool.execute("checkpoint")


def _work(keys: Keys, patients: Sequence[Resource]) -> list[tuple[Worked, str]]:
    definition = load_definition()
    found = []
    for one in patients:
        stored = Stored("Patient", one["id"], 1, _NOW, False, "bench", 4, encode(one))
        made = worked(keys, definition, stored)
        number = own_number(made.features)
        home = (
            home_of_number(keys.id_key, number)
            if number
            else home_of_patient(keys.id_key, made.patient)
        )
        found.append((made, home))
    return found


async def _copy(place: Place, made: Sequence[tuple[Worked, str]], node: int) -> None:
    codec = place.store.codec
    async with place.store.pool.acquire() as connection, connection.transaction():
        await codec.look(connection)
        persons = sorted({home for _, home in made})
        await connection.execute(
            """insert into identity.person (id, code)
               select * from unnest($1::text[], $2::text[]) on conflict do nothing""",
            persons,
            # Made longer: of millions some have the same code at first, and would need another.
            [health_code(place.keys.id_key, one, 0) + one[-6:] for one in persons],
        )
        numbered = list(enumerate(made, start=node + 1))
        await connection.copy_records_to_table(
            "feature",
            schema_name="identity",
            columns=("patient", "node", "version", "follows", "number", "keys", "digest", "body"),
            records=[
                (
                    one.patient, at, 1, None, one.number, list(one.keys), one.digest,
                    codec.pack(one.body, about_features(one.patient)),
                )
                for at, (one, _) in numbered
            ],
        )  # fmt: skip
        await connection.copy_records_to_table(
            "blocking",
            schema_name="identity",
            columns=("key", "node"),
            records=[(key, at) for at, (one, _) in numbered for key in one.keys],
        )
        await connection.copy_records_to_table(
            "link",
            schema_name="identity",
            columns=("patient", "person", "rule"),
            records=[
                (one.patient, home, "apart" if one.number is None else "id-number")
                for one, home in made
            ],
        )


async def _rate(place: Place, patients: Sequence[Resource]) -> float:
    """Registrations a second of two workers that always have enough waiting."""
    done = await _workers(place, patients, None)
    return len(patients) / (max(one.ended for one in done) - min(one.begun for one in done))


async def _latency(place: Place, patients: Sequence[Resource]) -> float:
    """The 99th percentile from arrival to durable link, in ms, at 300 arrivals a second."""
    done = await _workers(place, patients, _RATE / _WORKERS)
    ordered = sorted(seconds for one in done for seconds in one.took)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


class _Done(msgspec.Struct, frozen=True):
    """What a worker did: by the system's clock, and from arrival to commit, in seconds."""

    begun: float
    ended: float
    took: list[float]


async def _workers(place: Place, patients: Sequence[Resource], rate: float | None) -> list[_Done]:
    """Two processes, each with half of what arrives."""
    loop = asyncio.get_running_loop()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_WORKERS, mp_context=context) as workers:
        runs = [
            loop.run_in_executor(workers, _work_off, place.url, place.home, part, rate, at)
            for at in range(_WORKERS)
            if (part := list(patients[at::_WORKERS]))
        ]
        return await asyncio.gather(*runs)


def _work_off(
    url: str, home: Path, patients: Sequence[Resource], rate: float | None, seed: int
) -> _Done:
    return uvloop.run(_worker(url, home, patients, rate, seed))  # as the platform's processes do


async def _worker(
    url: str, home: Path, patients: Sequence[Resource], rate: float | None, seed: int
) -> _Done:
    """Take what has arrived, at most so many at once, and hand it in; `rate` None: all is there."""
    keys = load_keys(key_folder(home), create=False)
    pool = await open_pool(url, maximum=2)
    store = await open_store(pool, keys)
    # What a process does once, it has done before it takes its first registration; the collector
    # is set as in the web process.
    await register_online(store, keys, [Change(patients[0], "bench")])
    set_collector()
    draw, took = random.Random(seed), []
    begun, clock = time.time(), time.perf_counter()
    arrivals = [0.0] * len(patients)
    if rate is not None:
        arrivals = list(accumulate(draw.expovariate(rate) for _ in patients))
    at = 0
    while at < len(patients):
        now = time.perf_counter() - clock
        if arrivals[at] > now:
            await asyncio.sleep(arrivals[at] - now)
            continue
        end = min(bisect_right(arrivals, now), at + _TOGETHER)
        await register_online(store, keys, [Change(one, "bench") for one in patients[at:end]])
        took += [time.perf_counter() - clock - arrived for arrived in arrivals[at:end]]
        at = end
    ended = time.time()
    await pool.close()
    gc.unfreeze()  # or libraries in C++ tell of leaks at the end
    return _Done(begun, ended, took)
