"""The body of a request: read with a limit, unpacked with a limit, decoded with a limit."""

import zlib
from collections.abc import Awaitable, Callable
from decimal import InvalidOperation
from typing import Any

import msgspec

from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.fhir import decode

Receive = Callable[[], Awaitable[Any]]

_CURLY = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS_NOR_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))
_NOTHING_OF_USE = bytes(set(range(256)) - set(rb'[]{}"\bfnrtu/'))
"""All but brackets, quotation marks, and what may follow a backslash."""


async def received(receive: Receive, encoding: bytes | None, limit: int) -> bytes:
    """The whole body, unpacked; stops reading as soon as it is too long.

    Raises:
        Refusal: 413 too long, 415 packed in a way that we don't know, 400 not packed so.
        ConnectionResetError: the caller went away.
    """
    unpacker = _unpacker(encoding)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the caller went away")
        part = message.get("body", b"")
        if unpacker is not None:
            part = _unpacked(unpacker, part, limit - size + 1)
        size += len(part)
        if size > limit:
            raise _too_long(limit)
        parts.append(part)
        if not message.get("more_body", False):
            break
    if unpacker is not None and parts and not unpacker.eof:
        raise Refusal(400, "invalid", "压缩的请求体不完整 / compressed body is cut short")
    return b"".join(parts)


def _unpacker(encoding: bytes | None) -> "zlib._Decompress | None":
    if encoding is None or encoding.strip().lower() in (b"", b"identity"):
        return None
    if encoding.strip().lower() in (b"gzip", b"x-gzip", b"deflate"):
        return zlib.decompressobj(wbits=47)
    raise Refusal(415, "not-supported", "不认识的 Content-Encoding / unknown Content-Encoding")


def _unpacked(unpacker: "zlib._Decompress", part: bytes, most: int) -> bytes:
    try:
        out = unpacker.decompress(part, most)
    except zlib.error:
        raise Refusal(400, "invalid", "请求体解压失败 / body can't be unpacked") from None
    return out


def _too_long(limit: int) -> Refusal:
    return Refusal(413, "too-long", f"请求体超过 {limit} 字节 / body is too long")


def json_of(body: bytes, limits: Limits) -> Any:
    """The JSON of a body.

    Raises:
        Refusal: 400: empty, malformed, no UTF-8, NUL characters, nested too deep.
    """
    if not body.strip():
        raise Refusal(400, "invalid", "请求体是空的 / body is empty")
    if is_deeper(body, limits.depth):
        raise Refusal(400, "too-long", f"JSON 嵌套超过 {limits.depth} 层 / nested too deep")
    try:
        found = decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refusal(400, "invalid", f"JSON 有误：{error} / malformed JSON") from None
    except (InvalidOperation, ValueError, OverflowError):
        raise Refusal(400, "value", "JSON 中的数字太大 / number out of range") from None
    if b"\\u0000" in body and _has_nul(found):
        raise Refusal(400, "invalid", "JSON 中有 NUL 字符 / NUL character in JSON")
    return found


def is_deeper(body: bytes, depth: int) -> bool:
    """Whether JSON nests deeper than `depth`, told from the bytes without any recursion."""
    if body.count(b"{") + body.count(b"[") <= depth:
        return False
    rest = _brackets(body)
    for _ in range(depth):
        if not rest:
            return False
        shorter = rest.replace(b"{}", b"")
        if len(shorter) == len(rest):
            return False  # brackets that don't fit: the decoder says where
        rest = shorter
    return bool(rest)


def _brackets(body: bytes) -> bytes:
    """The brackets outside of strings, all of them curly."""
    if b"\\" in body:
        body = body.translate(None, _NOTHING_OF_USE).replace(rb"\\", b"").replace(rb"\"", b"")
    marked = body.translate(_CURLY, _NO_BRACKETS_NOR_QUOTES).replace(b'""', b"")
    # What stands between every second pair of quotation marks is no string.
    return b"".join(marked.split(b'"')[::2])


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, list):
        return any(map(_has_nul, value))
    if isinstance(value, dict):
        return any("\0" in name or _has_nul(one) for name, one in value.items())
    return False
