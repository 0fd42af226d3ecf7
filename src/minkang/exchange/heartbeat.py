"""When a source last said that it lives, without having anything to send."""

from datetime import datetime

from minkang.store import Connection


async def note_heartbeat(connection: Connection, source: str, now: datetime) -> None:
    """Write down that a source lives; it never goes back."""
    await connection.execute(
        "update exchange.source set heartbeat = greatest(heartbeat, $2) where id = $1", source, now
    )


async def heartbeats(connection: Connection) -> dict[str, datetime | None]:
    """The last heartbeat of each source; None of one that never gave any."""
    rows = await connection.fetch("select id, heartbeat from exchange.source order by id")
    return {row["id"]: row["heartbeat"] for row in rows}
