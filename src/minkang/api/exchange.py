"""`/exchange/{source}`: messages of a source by HTTP, kept in the inbox before they are answered.

An application of its own, as the FHIR base is: one request in, one answer out, and every failure
becomes an OperationOutcome in one place (`edge`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from minkang.api.address import segments_of
from minkang.api.application import Application, Receive, Send, check_sizes, refused, send_answer
from minkang.api.body import received
from minkang.api.call import Answer
from minkang.api.edge import refusal_of
from minkang.api.exchange_answers import became_answer
from minkang.api.exchange_door import ExchangeDoor, admitted, check_pace
from minkang.api.exchange_take import channel_of, taken
from minkang.api.outcomes import Refusal
from minkang.exchange import InboxUnavailable, Source
from minkang.exchange.heartbeat import heartbeats, note_heartbeat
from minkang.exchange.outcome import became
from minkang.exchange.reconciliation import keep_counts, read_counts, take_requests
from minkang.fhir import encode

BASE: Final = "/exchange"
_LONGEST_NUMBER: Final = 18
_RETRY: Final = ((b"retry-after", b"5"),)
_JSON: Final = "application/json"


class Request(msgspec.Struct, frozen=True):
    """One request of a source that was let in; `rest` is its path behind the source."""

    door: ExchangeDoor
    source: Source
    rest: tuple[str, ...]
    headers: Mapping[bytes, bytes]
    receive: Receive

    async def body(self) -> bytes:
        """The whole body, unpacked.

        Raises:
            Refusal: 400, 413, 415; 408 it did not come in time.
        """
        limits = self.door.limits
        encoding = self.headers.get(b"content-encoding")
        try:
            async with asyncio.timeout(limits.seconds):
                return await received(self.receive, encoding, limits.body)
        except TimeoutError:
            text = f"请求体在 {limits.seconds:.0f} 秒内没有传完 / body took too long"
            raise Refusal(408, "timeout", text, headers=((b"connection", b"close"),)) from None


Handler = Callable[[Request], Awaitable[Answer]]


def exchange_application(door: ExchangeDoor) -> Application:
    """The application that answers everything below `/exchange`."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            answer = await _answered(door, scope, headers, receive)
        except ConnectionResetError:
            # Whoever ended only his own half of the connection still reads.
            answer = refused(Refusal(400, "incomplete", "请求体没有传完 / body is cut short"))
        except InboxUnavailable:
            text = "平台暂时无法保存消息，请稍后重发 / not kept: send it again"
            answer = refused(Refusal(503, "transient", text, headers=_RETRY))
        except Exception as error:  # noqa: BLE001 - every failure gets an answer in FHIR's form
            answer = refused(refusal_of(error))
        await send_answer(answer, scope["method"], headers, send)

    return application


async def _answered(
    door: ExchangeDoor, scope: Any, headers: Mapping[bytes, bytes], receive: Receive
) -> Answer:
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or path.encode("utf-8", "surrogateescape")
    check_sizes(door.limits, raw, scope["query_string"], headers)
    segments = segments_of(raw.partition(b"?")[0][len(BASE) :])
    if not segments:
        raise Refusal(404, "not-found", "地址应为 /exchange/来源编号 / the source is missing")
    client = scope.get("client")
    source = await admitted(door, segments[0], headers, client[0] if client else "")
    handler = _handler(scope["method"], segments[1:])
    return await handler(Request(door, source, segments[1:], headers, receive))


def _handler(method: str, rest: tuple[str, ...]) -> Handler:
    """Who answers a request.

    Raises:
        Refusal: 404, 405.
    """
    numbered = rest[:1] == ("messages",) and len(rest) == 2
    methods = _ROUTES.get(("messages", "") if numbered else rest)
    if methods is None:
        raise Refusal(404, "not-found", "没有这个地址 / no such address")
    handler = methods.get("GET" if method == "HEAD" else method)
    if handler is None:
        allowed = ", ".join(methods).encode()
        text = f"此处不接受 {method[:20]} / method not allowed"
        raise Refusal(405, "not-supported", text, headers=((b"allow", allowed),))
    return handler


async def _take(request: Request) -> Answer:
    door, source = request.door, request.source
    media, _ = channel_of(source, request.headers.get(b"content-type"))
    check_pace(door, source)
    return await taken(door, source, media, await request.body())


async def _message(request: Request) -> Answer:
    number = request.rest[1]
    found = None
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER:
        async with request.door.store.pool.acquire() as connection:
            found = (await became(connection, [int(number)])).get(int(number))
    if found is None or found.source != request.source.id:
        raise Refusal(404, "not-found", "没有这条消息 / no such message")
    return became_answer(found)


async def _status(request: Request) -> Answer:
    source = request.source
    async with request.door.store.pool.acquire() as connection:
        heard = (await heartbeats(connection)).get(source.id)
        counts = await connection.fetchrow(
            """select (select max(last_received) from exchange.message
                       where source = $1 and received > now() - interval '31 days') as last,
                      (select count(*) from exchange.message
                       where source = $1 and state = 'waiting') as waiting,
                      (select count(*) from exchange.message
                       where source = $1 and state = 'quarantined') as quarantined""",
            source.id,
        )
    assert counts is not None  # noqa: S101 - a query without a table always gives a row
    told = {
        "source": source.id,
        "name": source.name,
        "stage": source.stage,
        "channels": source.channels,
        "messages_per_minute": source.messages_per_minute,
        "last_message": counts["last"],
        "last_heartbeat": heard,
        "waiting": counts["waiting"],
        "quarantined": counts["quarantined"],
    }
    return Answer(200, encode(told), (), _JSON)


async def _heartbeat(request: Request) -> Answer:
    await request.body()
    async with request.door.store.pool.acquire() as connection:
        await note_heartbeat(connection, request.source.id, datetime.now(UTC))
    return await _status(request)


async def _counts(request: Request) -> Answer:
    """The source's own figures, kept; how each day and kind compares with what is held."""
    body = await request.body()
    media = request.headers.get(b"content-type", b"").decode("latin-1").lower()
    reported = await asyncio.to_thread(read_counts, body, media)
    async with request.door.store.pool.acquire() as connection:
        compared = await keep_counts(connection, request.source.id, reported)
    return Answer(200, encode({"lines": len(reported), "compared": compared}), (), _JSON)


async def _resends(request: Request) -> Answer:
    """What the source is asked to send again; from now on it knows."""
    async with request.door.store.pool.acquire() as connection:
        asked = await take_requests(connection, request.source.id)
    return Answer(200, encode({"requests": asked}), (), _JSON)


_ROUTES: Final[dict[tuple[str, ...], dict[str, Handler]]] = {
    (): {"POST": _take},
    ("messages", ""): {"GET": _message},
    ("status",): {"GET": _status},
    ("heartbeat",): {"POST": _heartbeat},
    ("counts",): {"POST": _counts},
    ("resends",): {"GET": _resends},
}
