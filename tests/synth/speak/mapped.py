"""What a receiver makes of what is sent: the mappings of exchange, without a database."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import encode_row
from minkang.exchange.merge import Contribution
from minkang.exchange.sources import Source
from minkang.synth.speak.registry import registered
from minkang.synth.speak.sent import CONTROL, Message, Sent
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.write import columns_of

RECEIVED = datetime(2026, 11, 2, tzinfo=UTC)


@cache
def _source(setting: Setting, source: str) -> Source:
    given: dict[str, Any] = registered(setting)[source]
    return Source(**{**given, "channels": tuple(given["channels"]), "namespace": source})


def contributions(setting: Setting, sent: Sent) -> list[Contribution]:
    """What a message or row contributes; raises `Refused` where it is refused."""
    if isinstance(sent, Message):
        channel, raw = sent.channel, sent.raw.replace(CONTROL, b"C1")
    else:
        row = {column: sent.values.get(column) or None for column in columns_of(sent.table)}
        channel, raw = "table", encode_row(row)
    content = hashlib.sha256(raw).digest()
    context = Context(_source(setting, sent.source), b"k" * 32, RECEIVED, content)
    assert channel in context.source.channels, (sent.source, channel)
    return map_message(context, channel, raw)


def keys(setting: Setting, several: Iterable[Sent]) -> set[tuple[str, str]]:
    """Type and id of all resources that come of what is sent."""
    return {one.key for sent in several for one in contributions(setting, sent)}
