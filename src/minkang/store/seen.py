"""Which code systems and units the search parameters have been seen with.

A search without a system has to look for the code in every system there is; one for 5 mg also for
0.005 g. The two tables are small and only grow.
"""

import time

from minkang.store.connection import Connection
from minkang.store.index_rows import IndexRows

_BELIEVED_SECONDS = 60.0


class Seen:
    """What this process has read back from the tables: committed, so it stays true."""

    def __init__(self) -> None:
        self._reindexed_until = 0.0
        self._systems: set[tuple[int, str]] = set()
        self._units: set[tuple[int, str, str, str]] = set()

    @property
    def reindexed(self) -> bool:
        """No version was found by the rules of an older release when this was last set.

        Believed for a minute: an older release may still be running beside this one, and writing.
        """
        return time.monotonic() < self._reindexed_until

    @reindexed.setter
    def reindexed(self, found: bool) -> None:
        self._reindexed_until = time.monotonic() + _BELIEVED_SECONDS if found else 0.0

    async def keep(self, connection: Connection, rows: IndexRows) -> None:
        """Write down what is new, in the transaction of the rows and as late as can be.

        Others who have the same to write down wait for its end. Only what is read back counts as
        known: a transaction that fails leaves nothing wrong.
        """
        if rows.systems <= self._systems and rows.units <= self._units:
            return
        await self._read(connection)
        systems, units = rows.systems - self._systems, rows.units - self._units
        await _add(connection, systems, units)

    async def _read(self, connection: Connection) -> None:
        for row in await connection.fetch("select parameter, system from store.system"):
            self._systems.add((row["parameter"], row["system"]))
        for row in await connection.fetch("select parameter, system, code, unit from store.unit"):
            self._units.add((row["parameter"], row["system"], row["code"], row["unit"]))


async def _add(
    connection: Connection, systems: set[tuple[int, str]], units: set[tuple[int, str, str, str]]
) -> None:
    if listed := sorted(systems):
        await connection.execute(
            """insert into store.system (parameter, system)
               select * from unnest($1::bigint[], $2::text[]) on conflict do nothing""",
            [parameter for parameter, _ in listed],
            [system for _, system in listed],
        )
    if units:
        await connection.execute(
            """insert into store.unit (parameter, system, code, unit)
               select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
               on conflict do nothing""",
            *(list(column) for column in zip(*sorted(units), strict=True)),
        )


async def systems_of(connection: Connection, parameter: int) -> list[str]:
    """The systems that a parameter has been seen with, "" among them for none."""
    rows = await connection.fetch("select system from store.system where parameter = $1", parameter)
    return [row["system"] for row in rows]


async def units_of(connection: Connection, parameter: int) -> list[tuple[str, str, str]]:
    """The units that a parameter has been seen with: system, code, printed text."""
    rows = await connection.fetch(
        "select system, code, unit from store.unit where parameter = $1", parameter
    )
    return [(row["system"], row["code"], row["unit"]) for row in rows]
