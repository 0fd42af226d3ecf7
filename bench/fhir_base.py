"""The FHIR base under load, at growing populations: reads, creates, searches, disk, memory."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl

import httpx

from bench.client import Request, load
from bench.disk import disk, disk_history
from bench.measure import Place, Result, result
from bench.population import RESOURCES, patient, shared
from bench.searches import PAGE, SEARCHES, Asked, Search, chosen, shown
from bench.server import Server, bare_serving, command, serving, settled
from minkang.fhir import TYPE_CODES, Resource, encode
from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, find
from minkang.store.stored import stored_rows

SIZES = (1_000, 8_000)
LARGE = (1_000, 8_000, 64_000)

READERS = WRITERS = 16
SEARCHERS = 8
_SECONDS = 2
_SINGLE_SECONDS = 1
_VARIED = 400
_UPDATED = 1_000

_READ, _CREATE, _SEARCH, _GROWTH = 0.7, 0.4, 0.5, 1.5
_MEMORY_MB = 300

_FHIR = {"content-type": "application/fhir+json"}


async def fhir(place: Place) -> list[Result]:
    """All of it at 1,000 and 8,000 patients."""
    return await _at(place, SIZES)


async def fhir_large(place: Place) -> list[Result]:
    """The same, and at 64,000 patients: half an hour."""
    return await _at(place, LARGE)


async def _at(place: Place, sizes: tuple[int, ...]) -> list[Result]:
    results: list[Result] = []
    first: dict[str, float] = {}
    json_bytes = loaded = 0
    async with serving(place) as server:
        for size in sizes:
            json_bytes += await _grow(place, loaded, size)
            loaded = size
            await settled(place)
            results += await _searches(place, server, size, first)
            results.append(await _reads(place, server, size))
            results += await disk(place, f"@{size}", json_bytes / (size * RESOURCES))
        results.append(await _creates(place, server, sizes[-1]))
        results.append(_memory(server))
    results.append(await _history(place))
    return results


async def _grow(place: Place, begin: int, end: int) -> int:
    """Load the patients from `begin` to `end`; gives the bytes of their JSON."""
    file = place.home / f"{end}.ndjson"
    size = 0
    with file.open("wb") as out:
        own = (one for number in range(begin, end) for one in patient(number))
        for resource in own if begin else itertools.chain(shared(), own):
            size += out.write(encode(resource) + b"\n")
    await command(place, "load", "--source", "bench", "--json", str(file))
    file.unlink()
    await place.store.pool.execute("analyze")
    return size


# Searches


async def _searches(
    place: Place, server: Server, size: int, first: dict[str, float]
) -> list[Result]:
    """For each kind: searches a second against the SQL, and how the time of one grew."""
    results = []
    numbers = chosen(size, _VARIED)
    async with bare_serving(place, len(server.answering())) as bare:
        for search in SEARCHES:
            asked = [search.asked(place.store, number) for number in numbers]
            await _agree(place, server, search, asked[0])
            requests = [Request(f"/fhir/{one.query}&_count=20") for one in asked]
            served = await load(server.address, requests, connections=SEARCHERS, seconds=_SECONDS)
            alone = await load(server.address, requests, connections=1, seconds=_SINGLE_SECONDS)
            plain = [Request(f"/search/{search.name}/{number}") for number in numbers]
            bound = await load(bare.address, plain, connections=SEARCHERS, seconds=_SECONDS)
            name = f"search_{search.name}@{size}"
            results.append(result(name, served.rate, "requests/s", bound.rate, _SEARCH))
            direct = await _direct(place, search, asked)
            inside = await _found(place, asked)
            name = f"find_{search.name}@{size}"
            results.append(result(name, inside, "searches/s", direct, _SEARCH))
            if search.name not in first:
                first[search.name] = alone.p50
            else:
                before = first[search.name]
                grown = f"growth_{search.name}@{size}"
                results.append(result(grown, alone.p50, "ms", before, _GROWTH, at_most=True))
    return results


async def _agree(place: Place, server: Server, search: Search, asked: Asked) -> None:
    """The search and the SQL must give pages of the same length: else they are not the same."""
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=60) as client:
        answer = await client.get(f"{server.address}/fhir/{asked.query}&_count=20")
    entries = len(answer.json().get("entry", []))
    rows = await place.store.pool.fetch(search.sql, *asked.values)
    if answer.status_code != 200 or entries != shown(rows):
        raise RuntimeError(
            f"{asked.query}: {answer.status_code}, {entries} entries, {len(rows)} rows"
        )


async def _direct(place: Place, search: Search, asked: list[Asked]) -> float:
    """Pages a second by the SQL, with bodies unpacked, as many at once as there are searchers."""
    store = place.store

    async def one(values: tuple[object, ...]) -> None:
        async with store.pool.acquire() as connection:
            rows = await connection.fetch(search.sql, *values)
            await stored_rows(connection, store.codec, rows)

    return await _together([(one, (each.values,)) for each in asked], SEARCHERS)


async def _found(place: Place, asked: list[Asked]) -> float:
    """Pages a second by the store's own search, in this process too."""

    async def one(kind: str, pairs: list[tuple[str, str]]) -> None:
        await find(place.store, Scope.whole(), parse_search((kind,), pairs))

    searches = [each.query.partition("?") for each in asked]
    work = [
        (one, (kind, [*parse_qsl(query), ("_count", str(PAGE))])) for kind, _, query in searches
    ]
    return await _together(work, SEARCHERS)


async def _together(
    work: Sequence[tuple[Callable[..., Awaitable[None]], tuple[object, ...]]], workers: int
) -> float:
    """Pieces of work a second, several at once, for `_SECONDS`."""
    done = 0
    begun = time.perf_counter()
    queue = itertools.cycle(work)

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() - begun < _SECONDS:
            run, values = next(queue)
            await run(*values)
            done += 1

    await asyncio.gather(*(worker() for _ in range(workers)))
    return done / (time.perf_counter() - begun)


# Reads and writes by id


async def _reads(place: Place, server: Server, size: int) -> Result:
    """Reads by id over HTTP; reference: the bare ASGI function."""
    step = max(1, size // _VARIED)
    requests = [Request(f"/fhir/Observation/p{n}-o{n % 18}") for n in range(0, size, step)]
    ours = await load(server.address, requests, connections=READERS, seconds=_SECONDS)
    async with bare_serving(place, len(server.answering())) as bare:
        bound = await load(bare.address, requests, connections=READERS, seconds=_SECONDS)
    return result(f"read@{size}", ours.rate, "reads/s", bound.rate, _READ)


async def _creates(place: Place, server: Server, size: int) -> Result:
    """Durable creates over HTTP; reference: as many connections insert the same row, bare."""
    bodies = [_observation(number) for number in range(_VARIED)]
    requests = [
        Request("/fhir/Observation", "POST", _FHIR, encode(body).decode()) for body in bodies
    ]
    ours = await load(server.address, requests, connections=WRITERS, seconds=_SECONDS)
    pool = place.store.pool
    await pool.execute(
        "create table bare_create (like store.resource including defaults);"
        "alter table bare_create add primary key (type, id, part)"
    )
    columns = (
        "type, part, version, updated, deleted, source, grade, patients, dated, body, marks, "
        "present, indexed"
    )
    statement = f"""insert into bare_create (id, {columns})
        select $1, {columns} from (values (
            $2::smallint, $3::bigint, 1, now(), false, 'bench', $4::smallint, $5::bigint[], now(),
            $6::bytea, $7::bigint[], 0, 1)) v ({columns})"""
    rows = await pool.fetch(
        "select type, part, grade, patients, body, marks from store.resource "
        "where type = $1 and id = any($2)",
        TYPE_CODES["Observation"],
        [f"p{number}-o1" for number in range(_VARIED)],
    )
    number = itertools.count()

    async def insert(*row: object) -> None:
        await pool.execute(statement, f"bare{next(number)}", *row)

    reference = await _together([(insert, tuple(row)) for row in rows], WRITERS)
    return result(f"create@{size}", ours.rate, "creates/s", reference, _CREATE)


def _observation(number: int) -> Resource:
    made = next(one for one in patient(number) if one["id"] == f"p{number}-o1")
    return {name: value for name, value in made.items() if name != "id"}


# Disk and memory


async def _history(place: Place) -> Result:
    """Bytes on disk of an old version of these small resources."""
    changed = [
        {**_observation(number), "id": f"p{number}-o1", "status": "amended"}
        for number in range(_UPDATED)
    ]
    return await disk_history(place, "", changed)


def _memory(server: Server) -> Result:
    """The most memory that an answering process had; aimed at: no more than 512 MB."""
    return result("memory", server.memory(), "MB", _MEMORY_MB, 1, at_most=True)
