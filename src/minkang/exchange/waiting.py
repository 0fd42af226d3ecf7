"""How much waits for an engineer of the information centre: one count each."""

from typing import Final

from minkang.exchange.alarms import SILENT
from minkang.store import Connection

MOST_COUNTED: Final = 1000
"""Messages in quarantine are counted no further: the page of the quarantine tells the rest."""


async def aside(connection: Connection) -> int:
    """Messages in quarantine, `MOST_COUNTED` at most."""
    count: int = await connection.fetchval(
        """select count(*) from (
               select from exchange.message where state = 'quarantined' limit $1) as first""",
        MOST_COUNTED,
    )
    return count


async def silent(connection: Connection) -> int:
    """Sources that are silent for longer than they may be, by the alarms that last."""
    count: int = await connection.fetchval(
        """select count(*) from exchange.alarm
           where raised is not null and ended is null and kind = $1""",
        SILENT,
    )
    return count
