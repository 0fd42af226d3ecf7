"""Synthea's records: loaded in bulk from NDJSON, and as transactions over HTTP."""

import asyncio
import bz2
import re
import tarfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bench.client import Request, load
from bench.disk import disk, disk_history
from bench.measure import NotRun, Place, Result, result
from bench.server import command, serving, settled
from minkang.fhir import decode, encode

LOAD_BUNDLES = (30, None)
"""So many, then all the rest."""
TRANSACTIONS = (12, 24)
CLIENTS = 4

_ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "synthea-122-bundles.tar"
_LONGEST = 2 * 1024 * 1024
_LOAD, _TRANSACTION = 0.4, 0.1
_COPIED = 500
_UPDATED = 1_000
_FHIR = {"content-type": "application/fhir+json"}
_CONDITIONAL = re.compile(rb'"([A-Z][A-Za-z]+)\?identifier=([^"]+)"')

_WITHIN = re.compile(rb"urn:uuid:[0-9a-f\-]{36}")


@cache
def _bundles() -> tuple[bytes, ...]:
    """The transactions, the two that the others refer to first, huge ones last.

    Raises:
        NotRun: they are not there.
    """
    if not _ARCHIVE.is_file():
        raise NotRun("../shared/data/synthea-122-bundles.tar is missing")
    with tarfile.open(_ARCHIVE) as archive:
        members = sorted(
            (one for one in archive if one.name.endswith(".bz2")), key=lambda one: one.name
        )
        held = (archive.extractfile(one) for one in members)
        bodies = [bz2.decompress(one.read()) for one in held if one is not None]
    return tuple(sorted(bodies, key=lambda one: len(one) >= _LONGEST))


async def bulk_load_synthea(place: Place) -> list[Result]:
    """Resources a second by `minkang load` from NDJSON, in a new and in a filled database.

    Reference: COPY of the same file into (id text primary key, typ text, body jsonb). After each
    load the bytes on disk, of all that is there by then.
    """
    results = []
    done = 2
    json_bytes = loaded = 0
    for count in LOAD_BUNDLES:
        end = len(_bundles()) if count is None else 2 + count
        lines = list(_ndjson(0 if done == 2 else done, end))
        done = end
        file = place.home / f"synthea-{count}.ndjson"
        file.write_bytes(b"".join(lines))
        report = decode(await command(place, "load", "--source", "synthea", "--json", str(file)))
        ours = float(report["resources"] / report["seconds"])
        reference = await _copy(place, lines, f"bare_{end}")
        name = f"load_synthea@{len(lines)}"
        results.append(result(name, ours, "resources/s", reference, _LOAD))
        json_bytes += sum(map(len, lines))
        loaded += len(lines)
        results += await disk(place, f"_synthea@{len(lines)}", json_bytes / loaded)
        some = [decode(line) for line in lines[:: len(lines) // _UPDATED]][:_UPDATED]
        changed = [{**one, "language": "en-US"} for one in some]
        results.append(await disk_history(place, f"_synthea@{len(lines)}", changed))
    return results


async def _copy(place: Place, lines: list[bytes], table: str) -> float:
    pool = place.store.pool
    await pool.execute(f"create table {table} (id text primary key, typ text, body jsonb)")
    rows = []
    for line in lines:
        resource = decode(line)
        kind = resource["resourceType"]
        rows.append((f"{kind}/{resource['id']}", kind, line.decode()))
    begun = time.perf_counter()
    async with pool.acquire() as connection:
        for begin in range(0, len(rows), _COPIED):
            await connection.copy_records_to_table(table, records=rows[begin : begin + _COPIED])
    return len(rows) / (time.perf_counter() - begun)


def _ndjson(begin: int, end: int) -> Iterator[bytes]:
    """The resources of some bundles, one a line; references between them resolved."""
    known = _identified()
    for body in _bundles()[begin:end]:
        plain = _CONDITIONAL.sub(lambda found: b'"' + known[found[0]] + b'"', body)
        places = {one["fullUrl"].encode(): _place(one).encode() for one in decode(body)["entry"]}
        plain = _WITHIN.sub(lambda found, own=places: own[found[0]], plain)  # type: ignore[misc]
        for entry in decode(plain)["entry"]:
            yield encode(entry["resource"]) + b"\n"


def _place(entry: Any) -> str:
    return f"{entry['resource']['resourceType']}/{entry['resource']['id']}"


@cache
def _identified() -> dict[bytes, bytes]:
    """What the conditional references of the bundles stand for, both quoted as in JSON."""
    found: dict[bytes, bytes] = {}
    for body in _bundles()[:2]:
        for entry in decode(body)["entry"]:
            resource = entry["resource"]
            for one in resource.get("identifier", []):
                text = f'"{resource["resourceType"]}?identifier={one.get("system")}|{one["value"]}"'
                found[text.encode()] = _place(entry).encode()
    return found


async def transactions(place: Place) -> list[Result]:
    """Resources a second in transactions over HTTP, four clients, in a new and a filled database.

    Reference: four connections insert the same resources as jsonb, a transaction a bundle.
    """
    results = []
    pool = place.store.pool
    await pool.execute("create table bare_transaction (id text, typ text, body jsonb)")
    async with serving(place) as server:
        for body in _bundles()[:2]:
            await load(server.address, [_request(body)], connections=1)
        done = 2
        for count in TRANSACTIONS:
            bodies = _bundles()[done : done + count]
            done += count
            entries = sum(len(decode(one)["entry"]) for one in bodies)
            await settled(place)
            requests = [_request(one) for one in bodies]
            found = await load(server.address, requests, connections=CLIENTS)
            reference = await _inserted(place, bodies)
            name = f"transactions@{entries}"
            rate = entries / found.seconds
            results.append(result(name, rate, "resources/s", reference, _TRANSACTION))
    return results


def _request(body: bytes) -> Request:
    return Request("/fhir", "POST", _FHIR, body.decode())


async def _inserted(place: Place, bodies: tuple[bytes, ...]) -> float:
    statement = "insert into bare_transaction values ($1, $2, $3)"
    bundles = [
        [
            (
                one["resource"]["id"],
                one["resource"]["resourceType"],
                encode(one["resource"]).decode(),
            )
            for one in decode(body)["entry"]
        ]
        for body in bodies
    ]
    begun = time.perf_counter()

    async def client(own: list[list[tuple[str, str, str]]]) -> None:
        for rows in own:
            async with place.store.pool.acquire() as connection, connection.transaction():
                await connection.executemany(statement, rows)

    await asyncio.gather(*(client(bundles[n::CLIENTS]) for n in range(CLIENTS)))
    return sum(map(len, bundles)) / (time.perf_counter() - begun)
