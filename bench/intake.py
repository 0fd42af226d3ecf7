"""Messages by socket, and from the inbox into the record, against the bare database and bulk load.

The senders are processes of their own (`bench.senders`), as hospitals are.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from bench.measure import Place, Result, rate, result
from bench.region import lab_messages
from bench.server import command, environment, free_port
from minkang.app.demonstration.accounts import HOSPITAL
from minkang.exchange import Inbox, Source, process_waiting, register
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.hl7v2 import Framer, frame
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.sources import sources
from minkang.fhir import encode

_CONNECTIONS = 64
_SECONDS = 5
_MARK = 1_500.0
_HALF_LOAD_MS = 50.0
_MESSAGES = 1_500
_ROOT = Path(__file__).parents[1]


class Sent(msgspec.Struct, frozen=True):
    """What senders report: messages a second that were acknowledged, and how long one waited."""

    rate: float
    p99_ms: float
    refused: int


async def haibin(place: Place) -> dict[str, Source]:
    """The hospital that sends, registered."""
    source = Source(id="haibin", name="海滨人民医院", organisation=HOSPITAL, channels=("mllp",))
    await register(place.store, source)
    async with place.store.pool.acquire() as connection:
        return await sources(connection)


async def mllp(place: Place) -> list[Result]:
    """Messages a second acknowledged over MLLP, and the wait at half of that load.

    Reference of the rate: a server that inserts and commits one bare row for each message of the
    same senders. The wait is compared with 50 ms.
    """
    await haibin(place)
    ports = free_port(), free_port()
    async with _bare_listener(place, ports[0]):
        bare = await _send(ports[0], 0, 0.0)
    (place.home / "minkang.toml").write_text(f"mllp_port = {ports[1]}\n", encoding="utf-8")
    async with _listeners(place, os.cpu_count() or 1):
        await _listens(ports[1])
        whole = await _send(ports[1], 1_000_000, 0.0)
        half = await _send(ports[1], 2_000_000, whole.rate / 2)
    if whole.refused or half.refused:
        raise RuntimeError(f"{whole.refused + half.refused} messages were refused")
    return [
        result("mllp", whole.rate, "messages/s", bare.rate, 0.5),
        result("mllp_mark", whole.rate, "messages/s", _MARK, 1.0),
        result("mllp_p99_half_load", half.p99_ms, "ms", _HALF_LOAD_MS, 1.0, at_most=True),
    ]


async def message_process(place: Place) -> Result:
    """Messages a second from the inbox into the record, by one worker.

    Reference: the same resources, made beforehand, loaded by `minkang load` with all processors,
    counted in the messages they came from.
    """
    known = await haibin(place)
    source = known["haibin"]
    context = Context(source, place.keys.id_key, datetime.now(UTC), b"")
    file = place.home / "resources.ndjson"
    with file.open("wb") as out:
        for raw in lab_messages(_MESSAGES):
            for one in map_message(context, "mllp", raw):
                # What is only supposed is merged into the same resource, and sorts before it.
                if "managingOrganization" in one.resource or "subject" in one.resource:
                    out.write(encode(one.resource) + b"\n")
    loaded = msgspec.json.decode(await command(place, "load", "--json", str(file)))
    if loaded["refused"]:
        raise RuntimeError(f"the bulk load refused {loaded['refused']}: {loaded['problems'][:1]}")
    reference = _MESSAGES / loaded["seconds"]
    inbox = Inbox(place.store)
    try:
        # Other numbers than those that were loaded: all of it is new here, too.
        for raw in lab_messages(_MESSAGES, 1_000_000):
            await inbox.keep(look_at_hl7v2(known, place.keys.id_key, raw).arrival)
    finally:
        await inbox.close()

    async def process() -> int:
        count = 0
        while done := (await process_waiting(place.store, place.keys)).messages:
            count += done
        return count

    return result("message_process", await rate(process, 1), "messages/s", reference, 0.6)


async def _send(port: int, since: int, wanted: float) -> Sent:
    """Let a process of its own send for some seconds; `wanted` 0 is as fast as they are taken."""
    arguments = [str(one) for one in (port, _CONNECTIONS, _SECONDS, since, wanted)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.senders", *arguments, stdout=asyncio.subprocess.PIPE, cwd=_ROOT
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the senders ended with {process.returncode}")
    return msgspec.json.decode(output, type=Sent)


async def _listens(port: int) -> None:
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("the listener does not listen")


@asynccontextmanager
async def _listeners(place: Place, count: int) -> AsyncIterator[None]:
    """The listener's processes, on one port."""
    reading, writing = os.pipe()
    processes = []
    try:
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "minkang.app.process", "listener", str(reading)),
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(reading,),
                env=environment(place),
            )
            processes.append(process)
            assert process.stdin is not None
            process.stdin.write(place.url.encode() + b"\n")
            await process.stdin.drain()
        yield
    finally:
        # They end when their parent does: when nobody holds the pipe any more.
        os.close(writing)
        for process in processes:
            await process.wait()
        os.close(reading)


@asynccontextmanager
async def _bare_listener(place: Place, port: int) -> AsyncIterator[None]:
    """Takes frames, commits one row each, and answers with the same bytes always."""
    await place.store.pool.execute("create table bare_messages (body bytea)")
    pool = await asyncpg.create_pool(place.url, min_size=8, max_size=8)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer(1 << 20)
        while data := await reader.read(64 * 1024):
            for one in framer.feed(data):
                await pool.execute("insert into bare_messages values ($1)", one)
                writer.write(_ANSWER)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        await pool.close()


_ANSWER = frame(b"MSH|^~\\&|B|B|||20260101||ACK|1|P|2.4\rMSA|AA|1\r")
