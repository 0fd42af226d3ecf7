"""What the door mapped, for the processor beside it: so that no message is mapped twice.

The door maps each message for its problems alone. Whoever both takes messages in and processes
them at once, as a load does, gives one `Ahead` to both sides: the processor then takes what the
door made. That changes nothing of it, since mapping is pure: it follows from the source, the key,
the channel and the bytes, and where a message says no time from when it came. What leant on that
is not remembered: only the inbox knows when a message came.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.merge import Contribution
from minkang.exchange.sources import Source

_MOST: Final = 400
"""Messages that are remembered: some more than are taken in at once."""

_LONGEST: Final = 256 * 1024
"""Bytes of a message that is; a longer one is mapped again."""


class _Noting(Context, frozen=True):
    """A context that notes whether it was asked when the message came."""

    asked: list[bool]

    @property  # type: ignore[misc]
    def received(self) -> datetime:
        """When the message came, as far as the door knows."""
        self.asked.append(True)
        return _received(self)


_received: Callable[[Context], datetime] = Context.received.__get__  # type: ignore[attr-defined]


class _Known(msgspec.Struct, frozen=True):
    """What the door made of a message, and what it follows from besides the bytes."""

    context: Context
    channel: str
    contributions: list[Contribution]


class Ahead:
    """Remembers some messages that were mapped; each is given away once."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Known] = {}
        self._order: deque[bytes] = deque()

    def map(self, source: Source, id_key: bytes, channel: str, raw: bytes) -> None:
        """Map a message, and remember what it contributes if that does not lean on when it came.

        Raises:
            Refused: as `map_message`.
        """
        content_hash = hashlib.sha256(raw).digest()
        context = _Noting(source, id_key, datetime.now(UTC), content_hash, [])
        contributions = map_message(context, channel, raw)
        if context.asked or len(raw) > _LONGEST:
            return
        self._known[content_hash] = _Known(context, channel, contributions)
        self._order.append(content_hash)
        while len(self._order) > _MOST:
            self._known.pop(self._order.popleft(), None)

    def take(self, context: Context, channel: str) -> list[Contribution] | None:
        """What the door made of a message; None if it has to be mapped."""
        known = self._known.pop(context.content_hash, None)
        if known is None or known.channel != channel:
            return None
        before = known.context
        # A source that was registered anew meanwhile may be mapped in another way.
        same = before.source == context.source and before.id_key == context.id_key
        return known.contributions if same else None
