"""What the door for messages works with, and who is let in by it."""

import base64
import binascii
import math
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.crypto import Keys
from minkang.exchange import Inbox, Source
from minkang.exchange.credentials import is_credential
from minkang.exchange.known import KnownSources
from minkang.exchange.pace import Pace
from minkang.exchange.sources import Channel
from minkang.store import Store


class ExchangeDoor(msgspec.Struct, frozen=True, kw_only=True):
    """The inbox and who may send to it; `pace` is that of the requests of this process."""

    store: Store
    keys: Keys
    inbox: Inbox
    known: KnownSources
    pace: Pace
    limits: Limits = Limits()


async def admitted(
    door: ExchangeDoor, name: str, headers: Mapping[bytes, bytes], address: str
) -> Source:
    """The source of a request, which showed one of its credentials and may send from where it is.

    `address` is that of the connection's other end; what a header says of it counts for nothing.

    Raises:
        Refusal: 401; 403 with the rule `source-disabled` or `wrong-address`.
    """
    secret = _secret(name, headers.get(b"authorization", b""))
    source = None
    if secret:
        async with door.store.pool.acquire() as connection:
            good = await is_credential(connection, door.keys, name, secret, datetime.now(UTC))
        source = await door.known.source(name) if good else None
    if source is None:
        # One answer for a wrong secret and for a source that does not exist.
        raise Refusal(
            401,
            "login",
            "需要来源的凭证（Bearer 或 Basic） / a credential of the source is needed",
            headers=((b"www-authenticate", b'Bearer, Basic realm="exchange", charset="UTF-8"'),),
        )
    if not source.enabled:
        raise Refusal(403, "forbidden", f"来源 {source.id} 已停用 [source-disabled]")
    if not source.sends_from(address):
        text = f"来源 {source.id} 不得从地址 {address} 发送 [wrong-address]"
        raise Refusal(403, "forbidden", text)
    return source


def check_channel(source: Source, channel: Channel) -> None:
    """Refuse what a source may not send.

    Raises:
        Refusal: 403 with the rule `wrong-channel`.
    """
    if not source.sends_by(channel):
        ways = "、".join(source.channels)
        text = f"来源 {source.id} 登记的方式是 {ways}，不含 {channel} [wrong-channel]"
        raise Refusal(403, "forbidden", text)


def check_pace(door: ExchangeDoor, source: Source) -> None:
    """Refuse who sends faster than agreed, before anything of it is read.

    Raises:
        Refusal: 429 with `Retry-After`.
    """
    if seconds := door.pace.refuse(source):
        text = f"超过每分钟 {source.messages_per_minute} 条的约定，请稍后再发 [too-fast]"
        again = str(math.ceil(seconds)).encode()
        raise Refusal(429, "throttled", text, headers=((b"retry-after", again),))


def _secret(name: str, header: bytes) -> str:
    """The secret that a request shows; empty if it shows none, or one of another name."""
    scheme, _, given = header.decode("latin-1").strip().partition(" ")
    given = given.strip()
    if scheme.lower() == "bearer":
        return given
    if scheme.lower() != "basic":
        return ""
    try:
        login, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return secret if login == name else ""
