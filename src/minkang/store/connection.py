"""Connections to PostgreSQL."""

from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

TROUBLE = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a lost or refusing server makes asyncpg raise; the last when it goes between messages."""

_SESSION = {
    "application_name": "minkang",
    "timezone": "UTC",
    # A forgotten transaction would hold back the change feed of everybody.
    "idle_in_transaction_session_timeout": "60s",
    "statement_timeout": "60s",
    "jit": "off",
    # One plan for each text: they are written so that every plan but the meant one is impossible,
    # and making it anew costs more than most of them take to run.
    "plan_cache_mode": "force_generic_plan",
    # Every query here is meant to follow indexes from a few rows to a few others. Whatever the
    # statistics say, reading a whole table to join it is never what it should do.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # The more so as a plan may be made while a table is empty, and is kept while it fills.
    "enable_seqscan": "off",
    # Nor to have all of a dense set at hand, so as to look for a few in it.
    "enable_material": "off",
}


class _Session(asyncpg.Connection):
    """A connection that is given back as it is.

    Nothing here leaves settings, cursors or session locks behind (what needs one of those opens a
    connection of its own or ends it itself), so the round trip that asyncpg makes to take such
    things away is saved. A transaction that was left open is still rolled back.
    """

    def get_reset_query(self) -> str:
        return ""


async def open_pool(url: str, *, minimum: int = 1, maximum: int = 8) -> Pool:
    """A pool of connections with the session settings that all of Minkang relies on.

    A connection lost with the server is replaced at the next acquire.

    Raises:
        OSError, asyncpg.PostgresError: the server can't be reached or refuses the log-in.
    """
    return await asyncpg.create_pool(
        url,
        min_size=minimum,
        max_size=maximum,
        timeout=10,
        command_timeout=60,
        server_settings=_SESSION,
        connection_class=_Session,
    )
