"""Indexes that searching needs and writing doesn't: made beside the running system.

A migration would keep all writers out for as long as a long table takes; `concurrently` does not,
but can't stand in a migration's transaction.
"""

import logging

import asyncpg

_log = logging.getLogger(__name__)

_LOCK = 0x6D6B_6175_6469_7403
_INDEXES = {
    "entry_refused": "(at, writer, seq) where not allowed",
    "entry_organisation": "(organisation, at, writer, seq) where organisation is not null",
    "entry_action": "(action, at, writer, seq)",
}


async def build_search_indexes(url: str) -> list[str]:
    """Make those that are not there; which were made. One process does it, others go on.

    Raises:
        asyncpg.PostgresError, OSError: begin again later.
    """
    connection = await asyncpg.connect(url, server_settings={"statement_timeout": "0"})
    made = []
    try:
        if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            return []
        for name, rest in _INDEXES.items():
            valid = await connection.fetchval(
                """select i.indisvalid from pg_index i
                   where i.indexrelid = to_regclass('audit.' || $1::text)""",
                name,
            )
            if valid:
                continue
            if valid is not None:  # a crash left it half made
                await connection.execute(f"drop index audit.{name}")
            await connection.execute(f"create index concurrently {name} on audit.entry {rest}")
            made.append(name)
            _log.info("audit: index %s was made", name)
    finally:
        await connection.close()
    return made
