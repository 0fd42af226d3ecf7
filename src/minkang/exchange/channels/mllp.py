"""The MLLP listener: real sockets, many connections, an answer to everything."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import msgspec

from minkang.exchange.channels.door import Seen, look_at_batch, look_at_hl7v2
from minkang.exchange.channels.mllp_tls import names_of
from minkang.exchange.hl7v2 import (
    ORIGINAL,
    Batch,
    Code,
    Framer,
    acknowledge,
    acknowledge_batch,
    frame,
    split_batch,
    wanted,
)
from minkang.exchange.hl7v2.message import charset_of
from minkang.exchange.inbox import Arrival, Inbox, InboxUnavailable
from minkang.exchange.sources import Source
from minkang.fhir import Problem, Refused

_log = logging.getLogger(__name__)

_READ: Final = 64 * 1024
_ASIDE: Final = 128 * 1024
"""A message longer than this is looked at in a thread, so that the others need not wait for it."""
_BACKLOG: Final = 1024
_MOST_IN_BATCH: Final = 2_000
_HANDSHAKE_SECONDS: Final = 10.0
_REJECTED: Final = {
    "no-header",
    "unknown-event",
    "unknown-sender",
    "wrong-certificate",
    "wrong-facility",
    "charset",
    "delimiters",
    "too-large",
    "too-many",
    "truncated",
}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one listener grants.

    Attributes:
        message_bytes: longest message.
        connections: at once; more are closed as they come.
        idle_seconds: without a byte from the sender, or without it reading our answers.
        frame_seconds: from the first byte of a message to its last.
    """

    message_bytes: int
    connections: int = 500
    idle_seconds: float = 600.0
    frame_seconds: float = 60.0


class MllpListener:
    """Listens, keeps every message in the inbox, then acknowledges it.

    `sources` is read anew for each message: the process keeps it up to date. With `as_asked` a
    message says by MSH-15 and MSH-16 which acknowledgements it wants, else it gets one always.
    """

    def __init__(
        self,
        inbox: Inbox,
        id_key: bytes,
        sources: Mapping[str, Source],
        limits: Limits,
        *,
        tls: ssl.SSLContext | None = None,
        as_asked: bool = True,
    ) -> None:
        self._inbox = inbox
        self._id_key = id_key
        self._sources = sources
        self._limits = limits
        self._tls = tls
        self._as_asked = as_asked
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._turned_away = 0

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (a free one if 0 was asked for).

        Several listeners of one user may share a port: each connection goes to one of them.
        """
        self._server = await asyncio.start_server(
            self._serve,
            host,
            port,
            backlog=_BACKLOG,
            reuse_port=True,
            ssl=self._tls,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS if self._tls else None,
        )
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
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs each connection as a task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            if len(self._connections) > self._limits.connections:
                self._turn_away()
            else:
                await self._talk(reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _turn_away(self) -> None:
        """A storm of connections shall not fill the log: it is told at 1, 2, 4, 8 ..."""
        self._turned_away += 1
        if self._turned_away & (self._turned_away - 1) == 0:
            most = self._limits.connections
            _log.warning("more than %d connections: %d turned away", most, self._turned_away)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read and answer until the sender ends, grows silent, or sends too much at once."""
        if (line := writer.get_extra_info("socket")) is not None:
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        shown = names_of(writer.get_extra_info("peercert"))
        framer = Framer(self._limits.message_bytes)
        clock = asyncio.get_running_loop().time
        begun: float | None = None
        while True:
            most = self._limits.idle_seconds
            if begun is not None:
                most = min(most, max(0.0, begun + self._limits.frame_seconds - clock()))
            try:
                async with asyncio.timeout(most):
                    data = await reader.read(_READ)
            except (TimeoutError, OSError):
                break
            if not data:
                break
            messages = framer.feed(data)
            if len(messages) == 1:
                answers = await self.take(messages[0], shown)
            else:
                # Those that came together are committed together, and answered in their order.
                several = await asyncio.gather(*(self.take(raw, shown) for raw in messages))
                answers = [answer for taken in several for answer in taken]
            await self._say(writer, b"".join(frame(answer) for answer in answers))
            if framer.overlong:
                text = f"消息超过 {self._limits.message_bytes} 字节的上限，只保留了开头"
                await self._refuse(writer, framer.overlong, "too-large", text)
                return
            begun = (clock() if messages or begun is None else begun) if framer.pending else None
        if framer.pending:
            text = "连接在消息结束之前断开，或消息没有在时限内传完"
            await self._refuse(writer, framer.pending, "truncated", text)

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        if not answer:
            return
        writer.write(answer)
        if writer.transport.get_write_buffer_size():
            async with asyncio.timeout(self._limits.idle_seconds):
                await writer.drain()

    async def _refuse(self, writer: asyncio.StreamWriter, raw: bytes, rule: str, text: str) -> None:
        """Put aside what came of a message that will not be whole, and say so if anyone listens."""
        answer = await self._put_aside(raw, rule, text)
        with suppress(OSError, TimeoutError):
            await self._say(writer, frame(answer))

    async def take(self, raw: bytes, shown: frozenset[str] = frozenset()) -> list[bytes]:
        """Keep one message, or the messages of one batch, and give the answers.

        If it can't be kept the answer is AE (CE), and says to send it again: it was not accepted.
        `shown` are the names in the sender's certificate, if one was asked for.
        """
        batch = split_batch(raw)
        if batch is not None and len(batch.messages) > _MOST_IN_BATCH:
            text = f"一个批次超过 {_MOST_IN_BATCH} 条消息，请分开发送"
            return [await self._put_aside(raw, "too-many", text)]
        if batch is not None:
            return [await self._take_batch(batch, shown)]
        return await self._keep_and_answer(await self._look(raw, shown))

    async def _take_batch(self, batch: Batch, shown: frozenset[str]) -> bytes:
        """One batch of answers, when all of its messages are kept."""
        # One after the other, so that others get their turn between.
        seen = [await self._look(raw, shown) for raw in batch.messages]
        answers = await asyncio.gather(*(self._keep_and_answer(one) for one in seen))
        if (arrival := look_at_batch(batch)) is not None:
            try:
                await self._inbox.keep(arrival)
            except InboxUnavailable as error:
                _log.warning("batch not kept: %s", error)
        charset = _charset(seen[0]) if seen else "utf-8"
        given = [one for several in answers for one in several]
        return acknowledge_batch(batch.header, given, batch.problems, datetime.now(UTC), charset)

    async def _look(self, raw: bytes, shown: frozenset[str]) -> Seen:
        if len(raw) > _ASIDE:
            known = dict(self._sources)
            seen = await asyncio.to_thread(look_at_hl7v2, known, self._id_key, raw)
        else:
            seen = look_at_hl7v2(self._sources, self._id_key, raw)
        if shown and seen.source and not shown & {seen.source.id, seen.source.organisation}:
            text = f"证书不是发给来源 {seen.source.id} 的"
            return _marked(seen, (Problem("frame", "MSH-3", "wrong-certificate", text),), None)
        return seen

    async def _put_aside(self, raw: bytes, rule: str, text: str) -> bytes:
        seen = look_at_hl7v2(self._sources, self._id_key, raw)
        problem = Problem("frame", "MLLP", rule, text)
        marked = _marked(seen, (problem,), seen.source)
        return (await self._keep_and_answer(marked, always=True))[0]

    async def _keep_and_answer(self, seen: Seen, *, always: bool = False) -> list[bytes]:
        problems: Sequence[Problem] = seen.arrival.problems
        code: Code = "AA"
        if problems:
            code = "AR" if problems[0].rule in _REJECTED else "AE"
        kept = True
        try:
            await self._inbox.keep(seen.arrival)
        except InboxUnavailable as error:
            _log.warning("message not kept: %s", error)
            kept, code = False, "AE"
            text = "平台暂时无法保存消息，请稍后重发"
            problems = (Problem("inbox", "MSH", "unavailable", text),)
        asked = wanted(seen.msh) if self._as_asked and not always else ORIGINAL
        now, charset = datetime.now(UTC), _charset(seen)
        return [
            acknowledge(seen.msh, one, problems, now, charset)
            for one in asked.codes(code, kept=kept)
        ]


def _marked(seen: Seen, problems: tuple[Problem, ...], source: Source | None) -> Seen:
    """The same message as something that is put aside."""
    before = seen.arrival
    arrival = Arrival(
        source.id if source else None, "mllp", before.kind, before.control_id, before.raw, problems
    )
    return Seen(arrival, source, seen.msh)


def _charset(seen: Seen) -> str:
    """The character set to answer in: the message's own, as far as it can be known."""
    otherwise = seen.source.charset if seen.source else "utf-8"
    if seen.msh is None:
        return otherwise
    try:
        return charset_of(seen.msh, otherwise)
    except Refused:
        return otherwise
