"""The MLLP listener: real sockets, many connections, an answer to everything."""

import asyncio
import logging
import socket
import ssl
from contextlib import suppress
from typing import Final

import msgspec

from minkang.exchange.channels.hl7v2_intake import Hl7Intake, Sender
from minkang.exchange.channels.mllp_tls import names_of
from minkang.exchange.hl7v2 import Framer, frame

_log = logging.getLogger(__name__)

_READ: Final = 64 * 1024
_BACKLOG: Final = 1024
_HANDSHAKE_SECONDS: Final = 10.0


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
    """Listens, keeps every message in the inbox by way of `intake`, then acknowledges it."""

    def __init__(
        self, intake: Hl7Intake, limits: Limits, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._intake = intake
        self._limits = limits
        self._tls = tls
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
        sender = _sender(writer)
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
                taken = [await self._intake.take(messages[0], sender)]
            else:
                # Those that came together are committed together, and answered in their order.
                taken = await asyncio.gather(*(self._intake.take(raw, sender) for raw in messages))
            answers = [answer for one in taken for answer in one.answers]
            await self._say(writer, b"".join(frame(answer) for answer in answers))
            if framer.overlong:
                text = f"消息超过 {self._limits.message_bytes} 字节的上限，只保留了开头"
                await self._refuse(writer, sender, framer.overlong, "too-large", text)
                return
            begun = (clock() if messages or begun is None else begun) if framer.pending else None
        if framer.pending:
            text = "连接在消息结束之前断开，或消息没有在时限内传完"
            await self._refuse(writer, sender, framer.pending, "truncated", text)

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        if not answer:
            return
        writer.write(answer)
        if writer.transport.get_write_buffer_size():
            async with asyncio.timeout(self._limits.idle_seconds):
                await writer.drain()

    async def _refuse(
        self, writer: asyncio.StreamWriter, sender: Sender, raw: bytes, rule: str, text: str
    ) -> None:
        """Put aside what came of a message that will not be whole, and say so if anyone listens."""
        taken = await self._intake.put_aside(raw, sender, rule, text)
        with suppress(OSError, TimeoutError):
            await self._say(writer, frame(taken.answers[0]))


def _sender(writer: asyncio.StreamWriter) -> Sender:
    """Who is at the other end, as far as the connection tells."""
    peer = writer.get_extra_info("peername")
    return Sender(str(peer[0]) if peer else "", names_of(writer.get_extra_info("peercert")))
