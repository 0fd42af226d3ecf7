"""Mappings of a source's own, kept in the database with their history."""

from datetime import datetime

import msgspec

from minkang.store import Connection


class StoredMapping(msgspec.Struct, frozen=True):
    """A mapping's text, since when it is in force, and who put it there."""

    name: str
    text: str
    since: datetime
    by: str


async def store_mapping(connection: Connection, source: str, name: str, text: str, by: str) -> bool:
    """Make a mapping the one of a source's tables; whether anything changed.

    The text must have been checked (`load_mapping`). Earlier ones of its name are kept.

    Raises:
        LookupError: there is no such source.
    """
    async with connection.transaction():
        known = await connection.execute(
            "update exchange.source set table_mapping = $2 where id = $1", source, name
        )
        if known == "UPDATE 0":
            raise LookupError(source)
        before = await stored_mapping(connection, source, name)
        if before is not None and before.text == text:
            return False
        await connection.execute(
            "insert into exchange.mapping (source, name, text, by) values ($1, $2, $3, $4)",
            source,
            name,
            text,
            by,
        )
        return True


async def stored_mapping(connection: Connection, source: str, name: str) -> StoredMapping | None:
    """The mapping of a source that is in force under a name."""
    found = await mapping_history(connection, source, name, 1)
    return found[0] if found else None


async def mapping_history(
    connection: Connection, source: str, name: str, limit: int = 100
) -> list[StoredMapping]:
    """All that a source had under a name, the latest first."""
    rows = await connection.fetch(
        """select name, text, since, by from exchange.mapping
           where source = $1 and name = $2 order by id desc limit $3""",
        source,
        name,
        limit,
    )
    return [msgspec.convert(dict(row), StoredMapping) for row in rows]
