"""A source with how it is doing, as pages show it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from minkang.exchange import Source
from minkang.exchange.figures import MOST, SourceFigures


def life(source: Source, alive: datetime | None, now: datetime) -> str:
    """`off`, `trial`, `never`, `silent` or `live`; `alive` is when it was last heard of."""
    if not source.enabled:
        return "off"
    if source.stage == "trial":
        return "trial"
    if alive is None:
        return "never"
    return "silent" if now - alive > timedelta(minutes=source.silent_after) else "live"


def source_card(source: Source, figures: SourceFigures, now: datetime) -> dict[str, Any]:
    """A source for the templates."""
    return {
        "id": source.id,
        "name": source.name,
        "state": life(source, figures.alive, now),
        "last_at": figures.last,
        "heartbeat_at": figures.heartbeat,
        "minute": figures.minute,
        "today": figures.today,
        "hours": figures.hours,
        "waiting": counted(figures.waiting),
        "quarantined": counted(figures.quarantined),
        "trial": counted(figures.trial),
        "href": f"/centre/messages?{urlencode({'source': source.id})}",
        "page": f"/centre/sources/{source.id}",
    }


def counted(count: int, most: int = MOST) -> str:
    """A number that is not counted beyond a limit; empty if it is none."""
    return "" if not count else f"{count}+" if count >= most else str(count)
