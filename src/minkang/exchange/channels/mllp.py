"""The MLLP listener: real sockets, many connections, an answer to everything."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from minkang.exchange.channels.door import Seen, look_at_hl7v2
from minkang.exchange.hl7v2 import Code, Framer, FrameTooLarge, acknowledge, frame
from minkang.exchange.hl7v2.message import charset_of
from minkang.exchange.inbox import Arrival, Inbox, InboxUnavailable
from minkang.exchange.sources import Source
from minkang.fhir import Problem, Refused

_log = logging.getLogger(__name__)

_READ = 64 * 1024
_IDLE_SECONDS = 600
_REJECTED = {
    "no-header",
    "unknown-sender",
    "wrong-facility",
    "unknown-type",
    "unknown-event",
    "charset",
    "delimiters",
    "too-large",
    "truncated",
}


class MllpListener:
    """Listens, keeps every message in the inbox, then acknowledges it.

    `sources` is read anew for each message: the process keeps it up to date.
    """

    def __init__(
        self, inbox: Inbox, id_key: bytes, sources: Mapping[str, Source], limit: int
    ) -> None:
        self._inbox = inbox
        self._id_key = id_key
        self._sources = sources
        self._limit = limit
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (a free one if 0 was asked for)."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and end the connections."""
        if self._server is not None:
            self._server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer(self._limit)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs each connection as a task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            while data := await asyncio.wait_for(reader.read(_READ), _IDLE_SECONDS):
                for raw in framer.feed(data):
                    writer.write(frame(await self.take(raw)))
                    await writer.drain()
            if framer.pending:
                await self._put_aside(framer.pending, "truncated", "连接在消息结束之前断开")
        except FrameTooLarge as error:
            text = f"消息超过 {self._limit} 字节的上限，只保留了开头"
            writer.write(frame(await self._put_aside(error.beginning, "too-large", text)))
            with suppress(OSError):
                await writer.drain()
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def take(self, raw: bytes) -> bytes:
        """Keep one message and give the answer to it.

        If it can't be kept the answer is AE, and says to send it again: it was not accepted.
        """
        seen = look_at_hl7v2(dict(self._sources), self._id_key, raw)
        return await self._keep_and_answer(seen)

    async def _put_aside(self, raw: bytes, rule: str, text: str) -> bytes:
        seen = look_at_hl7v2(dict(self._sources), self._id_key, raw)
        problem = Problem("frame", "MLLP", rule, text)
        arrival = seen.arrival
        marked = Arrival(arrival.source, "mllp", arrival.kind, arrival.control_id, raw, (problem,))
        return await self._keep_and_answer(Seen(marked, seen.source, seen.msh))

    async def _keep_and_answer(self, seen: Seen) -> bytes:
        problems = seen.arrival.problems
        code: Code = "AA"
        if problems:
            code = "AR" if problems[0].rule in _REJECTED else "AE"
        try:
            await self._inbox.keep(seen.arrival)
        except InboxUnavailable as error:
            _log.warning("message not kept: %s", error)
            code = "AE"
            text = "平台暂时无法保存消息，请稍后重发"
            problems = (Problem("inbox", "MSH", "unavailable", text),)
        return acknowledge(seen.msh, code, problems, datetime.now(UTC), _charset(seen))


def _charset(seen: Seen) -> str:
    """The character set to answer in: the message's own, as far as it can be known."""
    otherwise = seen.source.charset if seen.source else "utf-8"
    if seen.msh is None:
        return otherwise
    try:
        return charset_of(seen.msh, otherwise)
    except Refused:
        return otherwise
