"""`/wst`: the interaction services over SOAP, each message kept before it is acknowledged.

`POST /wst` with HTTP Basic (the source and its credential), or `POST /wst/{source}` with a bearer
credential; `GET /wst?wsdl` describes the operation. What can't be understood as a call is a SOAP
fault; what is understood is answered with MCCI_IN000002UV01, or by a query's own answer.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from minkang.api.address import segments_of
from minkang.api.application import Application, Receive, Send, check_sizes, send_answer
from minkang.api.body import received
from minkang.api.call import Answer
from minkang.api.edge import refusal_of
from minkang.api.exchange_door import ExchangeDoor, admitted, check_channel, check_pace
from minkang.api.outcomes import Refusal
from minkang.api.wst_queries import answered
from minkang.exchange import InboxUnavailable, Source
from minkang.exchange.channels.door import look_at
from minkang.exchange.wst import (
    NotUnderstoodError,
    Service,
    acknowledge,
    answer,
    fault,
    kept,
    number_in,
    read_envelope,
    service_of,
    wrapper_in,
)
from minkang.exchange.wst.envelope import MEDIA, Blame, Call, Version
from minkang.exchange.wst.wsdl import wsdl
from minkang.fhir import Problem, Refused
from minkang.policy import Gate

_log = logging.getLogger(__name__)

BASE: Final = "/wst"
_MEDIA: Final = frozenset({"text/xml", "application/soap+xml", "application/xml"})
_ASIDE: Final = 128 * 1024
"""What is longer is looked at in a thread, so that others need not wait for it."""


class WstDoor(msgspec.Struct, frozen=True, kw_only=True):
    """The door for messages, and the gate that queries go through."""

    exchange: ExchangeDoor
    gate: Gate


def wst_application(door: WstDoor) -> Application:
    """The application that answers everything at `/wst`."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        media = headers.get(b"content-type", b"").decode("latin-1").lower()
        try:
            reply = await _reply(door, scope, headers, receive)
        except ConnectionResetError:
            return
        except NotUnderstoodError as error:
            reply = _fault(error.version, error.blame, error.problem)
        except Exception as error:  # noqa: BLE001 - every failure gets an answer in SOAP's form
            reply = _refused("1.2" if "soap+xml" in media else "1.1", refusal_of(error))
        await send_answer(reply, scope["method"], headers, send)

    return application


async def _reply(
    door: WstDoor, scope: Any, headers: Mapping[bytes, bytes], receive: Receive
) -> Answer:
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or path.encode("utf-8", "surrogateescape")
    check_sizes(door.exchange.limits, raw, scope["query_string"], headers)
    segments = segments_of(raw.partition(b"?")[0][len(BASE) :])
    if len(segments) > 1:
        raise Refusal(404, "not-found", "地址应为 /wst 或 /wst/来源编号")
    if scope["method"] in ("GET", "HEAD"):
        host = headers.get(b"host", b"").decode("latin-1")
        address = f"{scope.get('scheme', 'http')}://{host}{'/'.join((BASE, *segments))}"
        return Answer(200, wsdl(address), (), "text/xml; charset=utf-8")
    if scope["method"] != "POST":
        text = f"此处不接受 {scope['method'][:20]}"
        raise Refusal(405, "not-supported", text, headers=((b"allow", b"GET, POST"),))
    client = scope.get("client")
    origin = client[0] if client else ""
    name = segments[0] if segments else _login(headers)
    source = await admitted(door.exchange, name, headers, origin)
    check_channel(source, "wst")
    check_pace(door.exchange, source)
    media = headers.get(b"content-type", b"").decode("latin-1").lower()
    if media.partition(";")[0].strip() not in _MEDIA:
        raise Refusal(415, "not-supported", "Content-Type 应为 text/xml 或 application/soap+xml")
    body = await _body(door, headers, receive)
    if len(body) > _ASIDE:
        call = await asyncio.to_thread(read_envelope, body, media)
    else:
        call = read_envelope(body, media)
    return await _served(door, source, call, origin)


async def _body(door: WstDoor, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    limits = door.exchange.limits
    try:
        async with asyncio.timeout(limits.seconds):
            return await received(receive, headers.get(b"content-encoding"), limits.body)
    except TimeoutError:
        text = f"请求体在 {limits.seconds:.0f} 秒内没有传完"
        raise Refusal(408, "timeout", text, headers=((b"connection", b"close"),)) from None


async def _served(door: WstDoor, source: Source, call: Call, origin: str) -> Answer:
    """A call that was understood: a query is answered, all else is kept and acknowledged."""
    service, now = service_of(call.action), datetime.now(UTC)
    if service is None or not service.asks:
        return await _taken(door, source, call, service, now)
    try:
        text = await answered(door.gate, source, service, call.message, origin, now)
    except Refused as refused:
        text = acknowledge("AE", wrapper_in(call.message), "", refused.problems, now)
    return _answer(call, text)


async def _taken(
    door: WstDoor, source: Source, call: Call, service: Service | None, now: datetime
) -> Answer:
    exchange = door.exchange
    # A service that nobody knows is kept, too: it is put aside with the reason.
    raw = kept(service, call.message) if service else call.message
    label = (f"wst:{service.name}" if service else "wst:?", number_in(call.message))
    key = exchange.keys.id_key
    if len(raw) > _ASIDE:
        seen = await asyncio.to_thread(look_at, source, key, "wst", label, raw)
    else:
        seen = look_at(source, key, "wst", label, raw)
    of, problems = wrapper_in(call.message), seen.arrival.problems
    try:
        found = await exchange.inbox.keep(seen.arrival)
    except InboxUnavailable as error:
        _log.warning("message not kept: %s", error)
        text = "平台暂时无法保存消息，请稍后重发"
        lost = (Problem("inbox", "/", "unavailable", text),)
        return _answer(call, acknowledge("AR", of, text, lost, now), 503)
    text = f"已保存，编号 {found.id}"
    return _answer(call, acknowledge("AE" if problems else "AA", of, text, problems, now))


def _login(headers: Mapping[bytes, bytes]) -> str:
    """The source that HTTP Basic names; empty if there is none."""
    scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _answer(call: Call, message: str, status: int = 200) -> Answer:
    headers = ((b"retry-after", b"5"),) if status == 503 else ()
    return Answer(status, answer(call, message), headers, MEDIA[call.version])


def _fault(version: Version, blame: Blame, problem: Problem) -> Answer:
    """SOAP 1.1 sends faults with 500; SOAP 1.2 says with 400 that it is the sender's."""
    status = 400 if version == "1.2" and blame != "Receiver" else 500
    return Answer(status, fault(version, blame, problem), (), MEDIA[version])


def _refused(version: Version, refusal: Refusal) -> Answer:
    """A refusal of HTTP as a fault, with its status."""
    blame: Blame = "Sender" if refusal.status < 500 else "Receiver"
    issue = refusal.issues[0]
    problem = Problem("frame", issue.place or "HTTP", issue.code, issue.text)
    body = fault(version, blame, problem)
    return Answer(refusal.status, body, refusal.headers, MEDIA[version])
