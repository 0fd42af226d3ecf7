"""What the region's systems send from now on: each message by its own way, when its time comes.

A process of its own beside the platform. What lies behind is sent at once, as fast as it is
answered; it begins where it was when it last ran, so a restart sends at most a little twice, which
changes nothing. Each part of the region has a file of what is to be sent, and a place in it; those
of parts that are brought in later are taken up when they appear.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zlib import crc32

import httpx

from minkang.app.demonstration.growth import parts
from minkang.app.demonstration.sources import put_row, read_secrets
from minkang.app.demonstration.story import region_folder
from minkang.app.platform import Platform
from minkang.exchange import Source, sources
from minkang.exchange.hl7v2 import frame
from minkang.exchange.mappings.tables import mapping_of
from minkang.store import TROUBLE
from minkang.synth.record import LOCAL
from minkang.synth.speak.held import held
from minkang.synth.speak.sent import Message, Row, Sent

_log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

_TOGETHER: Final = 400
_LANES: Final = 6  # connections of a source
_ANSWER_SECONDS: Final = 20.0
_RETRY_SECONDS: Final = 1.0
_STARTING_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 5.0  # between looks for another part of the region
_POLLED_SECONDS: Final = 2.5  # the worker polls every two
_MEDIA: Final = {"document": "application/xml", "fhir": "application/fhir+json"}


def later_file(home: Path) -> Path:
    """What has not been sent when the demonstration was made."""
    return region_folder(home) / "later.held"


def _place_file(file: Path) -> Path:
    """Beside a file of what is to be sent: how far that is."""
    return file.with_suffix(".place")


def caught_up(home: Path) -> bool:
    """Whether all that lay behind when the platform was started first has been sent."""
    return _place_file(later_file(home)).exists()


async def send_later(platform: Platform, stop: asyncio.Event) -> None:
    """Send until told to stop what the first part of the region has to send, and each later one."""
    home = platform.settings.home
    taken: set[Path] = set()
    async with (
        httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client,
        asyncio.TaskGroup() as sending,
    ):
        while True:
            for file in (later_file(home), *(one.later for one in parts(home))):
                if file not in taken:
                    taken.add(file)
                    sending.create_task(_send(Sender(platform, client), file, stop))
            if await _stopped(stop, _LOOK_SECONDS):
                return


async def _send(sender: "Sender", file: Path, stop: asyncio.Event) -> None:
    """Send what a file holds, from the place on that was reached."""
    place_file = _place_file(file)
    place = int(place_file.read_text()) if place_file.exists() else 0
    batch: list[Sent] = []
    reached = place
    for behind, one in held(file, place):
        wait = (one.at - datetime.now(LOCAL)).total_seconds()
        if batch and (wait > 0 or len(batch) >= _TOGETHER):
            if not await _deliver(sender, batch, stop):
                return
            batch = []
        if wait > 0:
            if not place_file.exists() and file == later_file(sender.platform.settings.home):
                await _taken_up(sender.platform, stop)
            place_file.write_text(str(reached))
        if wait > 0 and await _stopped(stop, wait):
            return
        batch.append(one)
        reached = behind
    if await _deliver(sender, batch, stop):
        place_file.write_text(str(reached))


async def _taken_up(platform: Platform, stop: asyncio.Event) -> None:
    """Wait until front-end tables have been polled, and nothing that arrived is left to be done."""
    while not await _stopped(stop, _POLLED_SECONDS):
        async with platform.pool.acquire() as connection:
            waiting = await connection.fetchval(
                "select exists (select from exchange.message where state = 'waiting')"
            )
        if not waiting:
            return


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _deliver(sender: "Sender", batch: Sequence[Sent], stop: asyncio.Event) -> bool:
    """Send until all of it is acknowledged; False if told to stop before."""
    patience = time.monotonic() + _STARTING_SECONDS
    while not stop.is_set():
        try:
            await sender.send(batch)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, httpx.HTTPError, *TROUBLE) as e:
            level = logging.INFO if time.monotonic() < patience else logging.WARNING
            _log.log(level, "the platform does not answer: %s: %s", type(e).__name__, e)
            if await _stopped(stop, _RETRY_SECONDS):
                return False
            continue
        return True
    return False


class Sender:
    """Sends by every way that the sources have."""

    def __init__(self, platform: Platform, client: httpx.AsyncClient) -> None:
        self.platform, self._client = platform, client
        self._secrets = read_secrets(region_folder(platform.settings.home))
        self._sources: dict[str, Source] = {}

    async def send(self, batch: Sequence[Sent]) -> None:
        """All of it, each source in its own order.

        Raises:
            OSError, httpx.HTTPError, asyncpg.PostgresError: something was not taken.
        """
        if not self._sources:
            async with self.platform.pool.acquire() as connection:
                self._sources = await sources(connection)
        lines: dict[tuple[str, str], list[Sent]] = {}
        for one in batch:
            way = "table" if isinstance(one, Row) else one.channel
            lines.setdefault((one.source, way), []).append(one)
        await asyncio.gather(*(self._line(*key, line) for key, line in lines.items()))

    async def _line(self, source: str, way: str, line: Sequence[Sent]) -> None:
        if way == "table":
            await self._rows(source, [one for one in line if isinstance(one, Row)])
        elif way == "mllp":
            await self._by_socket([one for one in line if isinstance(one, Message)])
        else:
            for one in line:
                if isinstance(one, Message):
                    await self._by_http(source, way, one.raw)

    async def _rows(self, source: str, rows: Sequence[Row]) -> None:
        known = self._sources.get(source)
        if known is None or known.table_mapping is None:
            return
        mapping = mapping_of(known)
        async with self.platform.pool.acquire() as connection, connection.transaction():
            for row in rows:
                await put_row(connection, known, mapping, row.values)

    async def _by_socket(self, messages: Sequence[Message]) -> None:
        """Over some connections at once, all of one person over the same."""
        lanes: list[list[bytes]] = [[] for _ in range(_LANES)]
        for one in messages:
            lanes[crc32(one.person.encode()) % _LANES].append(one.raw)
        await asyncio.gather(*(self._by_connection(lane) for lane in lanes if lane))

    async def _by_connection(self, messages: Sequence[bytes]) -> None:
        settings = self.platform.settings
        reader, writer = await asyncio.open_connection(settings.mllp_host, settings.mllp_port)
        try:
            for raw in messages:
                writer.write(frame(raw))
                await writer.drain()
                await asyncio.wait_for(reader.readuntil(b"\x1c\r"), _ANSWER_SECONDS)
        finally:
            writer.close()

    async def _by_http(self, source: str, way: str, raw: bytes) -> None:
        settings = self.platform.settings
        answer = await self._client.post(
            f"http://{settings.host}:{settings.port}/exchange/{source}",
            content=raw,
            headers={
                "authorization": f"Bearer {self._secrets.get(source, '')}",
                "content-type": _MEDIA[way],
            },
        )
        if answer.status_code >= 500 or answer.status_code == 429:
            answer.raise_for_status()


def wait_until_caught_up(home: Path, seconds: float) -> None:
    """Return when what lay behind has been sent, or after so many seconds."""
    until = time.monotonic() + seconds
    while not caught_up(home) and time.monotonic() < until:
        time.sleep(0.2)
