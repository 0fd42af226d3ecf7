"""A line of the message log as pages show it, and the words for channels and states."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from minkang.exchange import Source
from minkang.exchange.log import Logged
from minkang.web.rendering import N_

STATES = {
    "stored": "stored",
    "waiting": "pending",
    "quarantined": "quarantined",
    "trial": "trial",
}
"""States of messages and what pages call them."""

CHANNELS = {
    "mllp": N_("HL7 v2 消息（MLLP）"),
    "table": N_("前置库或数据表"),
    "document": N_("共享文档（WS/T 500）"),
    "fhir": N_("FHIR 资源包"),
    "wst": N_("WS/T 交互服务（SOAP）"),
}

_NEW = timedelta(seconds=4)


def channel_words(channel: str, say: Callable[[str], str]) -> str:
    """What people call a channel."""
    return say(CHANNELS[channel]) if channel in CHANNELS else channel


def shown_line(line: Logged, known: Mapping[str, Source], now: datetime) -> dict[str, Any]:
    """A line for the templates; `delay_ms` is the time until it was processed."""
    delay = line.processed - line.received if line.processed else None
    source = known.get(line.source or "")
    return {
        "id": line.id,
        "received_at": line.received,
        "source_name": source.name if source else "",
        "type": line.kind,
        "control_id": line.control_id,
        "state": STATES[line.state],
        "made": line.made,
        "delay_ms": int(delay.total_seconds() * 1000) if delay is not None else None,
        "href": f"/centre/messages/{line.id}",
        "new": now - line.received < _NEW,
    }
