"""The FHIR base as a lean ASGI application: one request in, one answer out."""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from minkang.api.address import pairs_of, segments_of
from minkang.api.binary import has_own_format
from minkang.api.body import received
from minkang.api.call import BASE, Answer, Call, Door, Origin
from minkang.api.edge import refusal_of
from minkang.api.export_file import ExportFile
from minkang.api.limits import Limits
from minkang.api.negotiation import (
    JSON_TYPES,
    Preferences,
    check_format,
    preferences_of,
    wants_gzip,
)
from minkang.api.outcomes import Refusal, outcome
from minkang.api.routes import admitted
from minkang.fhir import encode

Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

# That of the pages: a browser that opens an answer shows it under the same rules.
_POLICY = (
    b"default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9.\-_]{1,64}")
_NO_PREFERENCES = Preferences()
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_WORTH_PACKING = 1_000
_LONG = 256 * 1024
_LEVEL = 3


def fhir_application(door: Door) -> Application:
    """The application that answers everything below `/fhir`."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(door.limits.seconds):
                call = _call(door, scope, headers)
                answer = await _answered(call, receive)
            if call.query and answer.body and ("_pretty", "true") in call.query:
                answer = _pretty(answer)
        except ConnectionResetError:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets an answer in FHIR's form
            answer = refused(refusal_of(error))
        await send_answer(answer, scope["method"], headers, send)

    return application


async def _answered(call: Call, receive: Receive) -> Answer:
    """The answer, or what refuses it, once it stands in the audit log that it was asked for."""
    try:
        handler = await admitted(call)
        if call.method in _WITH_BODY:
            encoding = call.headers.get(b"content-encoding")
            call.body = await received(receive, encoding, call.door.limits.body)
        return await handler(call)
    finally:
        if call.due:
            await _written_down(call)


async def _written_down(call: Call) -> None:
    """Return when what was asked, and whom the answer names, is durable.

    Raises:
        AuditUnavailable: give no answer.
    """
    journal = call.door.journal
    noted = [
        journal.note(
            call.account, one.decision, "read-api", call.address, call.now, one.what, one.persons
        )
        for one in call.due
    ]
    for one in noted:
        await one.durable()


def _call(door: Door, scope: Any, headers: Mapping[bytes, bytes]) -> Call:
    """The request, as far as it can be told without its body.

    Raises:
        Refusal: 400, 406, 413, 414, 431.
    """
    query: bytes = scope["query_string"]
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or path.encode("utf-8", "surrogateescape")
    check_sizes(door.limits, raw, query, headers)
    if b"%" in raw or not path.isascii():
        segments = segments_of(raw.partition(b"?")[0][len(BASE) :])
    else:
        inner = path[len(BASE) :].strip("/")
        segments = tuple(inner.split("/")) if inner else ()
    pairs = pairs_of(query) if query else []
    asked = next((value for name, value in pairs if name == "_format"), None)
    if segments[:1] != ("$export-file",) and not has_own_format(segments):
        check_format(asked, headers.get(b"accept"))
    prefer = headers.get(b"prefer")
    client = scope.get("client")
    return Call(
        door=door,
        method=scope["method"],
        segments=segments,
        query=pairs,
        headers=headers,
        origin=Origin(scope.get("scheme", "http"), headers.get(b"host", b""), scope.get("server")),
        address=client[0] if client else "",
        now=datetime.now(UTC),
        prefer=preferences_of(prefer) if prefer else _NO_PREFERENCES,
    )


def _pretty(answer: Answer) -> Answer:
    if answer.media not in JSON_TYPES:
        return answer
    return msgspec.structs.replace(answer, body=msgspec.json.format(answer.body))


def _content_type(media: str) -> bytes:
    """JSON is UTF-8; what others stored is what they said."""
    return (f"{media};charset=utf-8" if media in JSON_TYPES else media).encode()


def check_sizes(limits: Limits, path: bytes, query: bytes, headers: Mapping[bytes, bytes]) -> None:
    """Refuse what is too long before anything of it is read.

    Raises:
        Refusal: 413, 414, 431.
    """
    if len(path) + len(query) > limits.address:
        raise Refusal(414, "too-long", "地址太长 / address is too long")
    if sum(map(len, headers.values())) > limits.headers:
        raise Refusal(431, "too-long", "请求头太长 / headers are too long")
    length = headers.get(b"content-length")
    if length is not None and length.isdigit() and int(length[:19]) > limits.body:
        raise Refusal(413, "too-long", f"请求体超过 {limits.body} 字节 / body is too long")


def refused(refusal: Refusal) -> Answer:
    """A refusal in FHIR's own form."""
    return Answer(refusal.status, encode(outcome(refusal.issues)), refusal.headers)


async def send_answer(
    answer: Answer, method: str, asked: Mapping[bytes, bytes], send: Send
) -> None:
    """Send an answer, packed if the caller (headers `asked`) takes that."""
    body = answer.body
    headers = [*_HEADERS, *answer.headers]
    if answer.file is not None:
        await _send_file(answer, answer.file, method, headers, send)
        return
    if body:
        headers.append((b"content-type", _content_type(answer.media)))
        if len(body) > _WORTH_PACKING and b"accept-encoding" in asked:
            body = await _packed(body, asked[b"accept-encoding"], headers)
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(body)).encode()))
    number = asked.get(b"x-request-id")
    if number is not None and _REQUEST_ID.fullmatch(number):
        headers.append((b"x-request-id", number))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _send_file(
    answer: Answer, file: ExportFile, method: str, headers: list[tuple[bytes, bytes]], send: Send
) -> None:
    """A file in parts, read beside the event loop."""
    headers.append((b"content-type", answer.media.encode()))
    with file.opened() as (size, parts):
        headers.append((b"content-length", str(size).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        while method != "HEAD" and (part := await asyncio.to_thread(next, parts, b"")):
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _packed(body: bytes, accepted: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """The body compressed as the caller takes it; a long one beside the event loop."""
    coding = wants_gzip(accepted)
    if coding is None:
        return body
    headers.append((b"content-encoding", coding.encode()))
    headers.append((b"vary", b"accept-encoding"))
    bits = 31 if coding == "gzip" else 15
    if len(body) > _LONG:
        return await asyncio.to_thread(zlib.compress, body, _LEVEL, bits)
    return zlib.compress(body, _LEVEL, bits)
